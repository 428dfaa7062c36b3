// H-06, H-07: the functions by which a page sends.

for (const name of ["fetch", "Request", "Headers", "WebSocket", "EventSource"]) tap(window, name);
for (const name of ["open", "send", "setRequestHeader"]) tap(XMLHttpRequest.prototype, name, { receiver: true });
for (const name of ["set", "append", "get"]) tap(Headers.prototype, name);
for (const name of ["json", "text", "arrayBuffer"]) tap(Response.prototype, name);
tap(navigator, "sendBeacon");
