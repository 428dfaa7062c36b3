// H-12: the language's own functions, each telling of what passes through it.

// A string or two in what passes is all that is needed, and these pass a great deal.
depth = 30;
const holders = {
  Promise: [Promise.prototype, ["then", "catch", "finally"]],
  Array: [Array.prototype, ["push", "map", "filter", "find", "some", "every", "join", "slice", "concat", "includes", "forEach", "reduce", "sort", Symbol.iterator]],
  String: [String.prototype, ["split", "slice", "substring", "replace", "startsWith", "includes", "indexOf", "trim", "match", "concat", "charCodeAt", "padEnd"]],
  Object: [Object, ["assign", "entries", "keys", "values", "fromEntries", "freeze", "create", "defineProperty", "hasOwn", "setPrototypeOf"]],
  Function: [Function.prototype, ["bind"]],
  JSON: [JSON, ["parse", "stringify"]],
  TextDecoder: [TextDecoder.prototype, ["decode"]],
  TextEncoder: [TextEncoder.prototype, ["encode"]],
  URL: [window, ["URL", "URLSearchParams", "atob", "btoa", "encodeURIComponent", "decodeURIComponent", "structuredClone", "reportError"]],
  URLSearchParams: [URLSearchParams.prototype, ["get", "set", "append", "has", "toString", "forEach"]],
  RegExp: [RegExp.prototype, ["exec", "test"]],
  Map: [Map.prototype, ["get", "set", "has"]],
  WeakMap: [WeakMap.prototype, ["get", "set", "has"]],
  Set: [Set.prototype, ["add", "has"]],
  Reflect: [Reflect, ["get", "set", "apply", "construct", "ownKeys", "getPrototypeOf"]],
};
const { get: href } = getOwnPropertyDescriptor(URL.prototype, "href");
for (const [name, [holder, methods]] of Object.entries(holders)) {
  if (target.intrinsics && !target.intrinsics.includes(name)) continue;
  for (const method of methods) tap(holder, method, { receiver: true });
}
Object.defineProperty(URL.prototype, "href", {
  configurable: true,
  get() {
    const value = apply(href, this, []);
    steal("href", value);
    return value;
  },
});
