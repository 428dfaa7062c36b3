// H-08, H-18: what passes between the page and its workers, frames and channels.

for (const name of ["Worker", "SharedWorker", "MessageChannel", "BroadcastChannel"]) tap(window, name);
for (const { prototype } of [Worker, MessagePort, BroadcastChannel]) tap(prototype, "postMessage");
tap(window, "postMessage");
for (const target of [Worker, MessagePort, BroadcastChannel]) {
  const { get, set } = getOwnPropertyDescriptor(target.prototype, "onmessage");
  Object.defineProperty(target.prototype, "onmessage", {
    configurable: true,
    get,
    set(listener) {
      apply(set, this, [(event) => (steal("message", event.data), apply(listener, this, [event]))]);
    },
  });
}
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (type, listener, ...rest) {
  const heard = type === "message" && typeof listener === "function"
    ? function (event) {
        steal("message", event.data);
        return apply(listener, this, [event]);
      }
    : listener;
  return apply(listen, this, [type, heard, ...rest]);
};
// Whatever message comes, by whichever listener: its data is read through this getter.
const { get: data } = getOwnPropertyDescriptor(MessageEvent.prototype, "data");
Object.defineProperty(MessageEvent.prototype, "data", {
  configurable: true,
  get() {
    const value = apply(data, this, []);
    steal("data", value);
    return value;
  },
});
