import { Keys } from "./crypto.js";

// The store of transactions, see src/browser/indexed_db.rs: each function is one transaction of the database.
// No object is the value of a promise: it would be asked for `then`, which in a page a script may have put on all objects.

const DATABASE = "valetkey";
const STORE = "transactions";

/** A database that does not answer in this time, in milliseconds, is blocked. */
const TIMEOUT = 10_000;

/**
 * Waits for one step. Another page may hold the database for as long as it likes, and engines have been seen to forget a
 * request.
 */
const inTime = (step) =>
  new Promise((resolve, reject) => {
    setTimeout(reject, TIMEOUT);
    step(() => resolve(), () => reject());
  });

const done = (request) =>
  inTime((resolve, reject) => {
    request.onsuccess = resolve;
    request.onerror = reject;
  });

/**
 * Resolves when the work is done and everything is written. Without `make` nothing is done, and nothing made, where there is
 * no database.
 */
async function within(work, make = false, remake = true) {
  // In whatever version it is: a later one of this library may have been here.
  const request = indexedDB.open(DATABASE);
  let absent = false;
  request.onupgradeneeded = () => {
    absent = !make;
    try {
      if (absent) request.transaction.abort();
      else request.result.createObjectStore(STORE);
    } catch {
      // Then the transaction will fail, too.
    }
  };
  try {
    await done(request);
  } catch (error) {
    if (absent) return undefined;
    throw error;
  }
  const database = request.result;
  let transaction;
  try {
    transaction = database.transaction(STORE, "readwrite");
    const value = await work(transaction.objectStore(STORE));
    await inTime((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = reject;
    });
    return value;
  } catch (error) {
    if (transaction || !remake) throw error;
  } finally {
    // An open connection would block a page that deletes the database.
    database.close();
  }
  // A database of this name without the store: somebody else's, or made when nothing could be written. Nothing of ours is
  // in it.
  await done(indexedDB.deleteDatabase(DATABASE));
  return within(work, make, false);
}

/** Twelve digits sort as the numbers do, until the year 33658. */
const prefix = (seconds) => `${String(seconds).padStart(12, "0")} `;

const name = (key) => key.slice(key.indexOf(" ") + 1 || key.length);

/** Has the keys that are ours, in the order of their expiry. */
async function withKeys(store, use) {
  const request = store.getAllKeys();
  await done(request);
  return use(request.result.filter((key) => typeof key === "string"));
}

export function put(key, value, expires, now, limit) {
  return within(async (store) => {
    store.delete(IDBKeyRange.upperBound(prefix(now)));
    // Before the new one is put, so that it is never among those that go.
    await withKeys(store, (keys) => {
      for (const old of keys.slice(0, Math.max(0, keys.length + 1 - limit))) store.delete(old);
    });
    store.put(value, prefix(expires) + key);
  }, true);
}

export function take(wanted) {
  return within(async (store) => {
    const key = await withKeys(store, (keys) => keys.find((key) => name(key) === wanted));
    if (key === undefined) return undefined;
    const request = store.get(key);
    await done(request);
    store.delete(key);
    return request.result;
  });
}

/** A record of a session that is kept beside the transactions: it has no time of expiry, which all of those begin with. */
const session = (name) => `session ${name}`;

/**
 * Whether the kept session is this vault's. Two that each renewed it would end it, since its refresh token is used up by either:
 * only a vault that all tabs share has one, and of several (with other options, of another version) the first, for as long
 * as it lives.
 */
async function isOurs(name) {
  if (typeof SharedWorkerGlobalScope !== "function" || !(globalThis instanceof SharedWorkerGlobalScope) || !navigator.locks) return false;
  owned ??= new Promise((resolve) => {
    const hold = (lock) => {
      resolve(lock ? "yes" : undefined);
      return lock && new Promise(() => {});
    };
    navigator.locks.request(`valetkey ${session(name)}`, { __proto__: null, ifAvailable: true }, hold).catch(() => resolve());
  });
  if (await owned) return true;
  owned = undefined;
  return false;
}

let owned;

export async function keep(name, value, keys) {
  if (!(await isOurs(name))) throw "storage_unavailable";
  return within(async (store) => {
    store.put({ value, ...keys.handles }, session(name));
  }, true);
}

export async function kept(name) {
  if (!(await isOurs(name))) return undefined;
  const found = await within(async (store) => {
    const request = store.get(session(name));
    await done(request);
    return request.result ? [request.result] : undefined;
  });
  if (!found) return undefined;
  const { value, name: algorithm, key, known } = found[0];
  if (typeof value !== "string" || !(key instanceof CryptoKey) || key.extractable || typeof algorithm !== "string") return undefined;
  return { __proto__: null, value, algorithm, keys: new Keys(algorithm, key, known) };
}

export function forget(name) {
  return within(async (store) => {
    store.delete(session(name));
  });
}

/** Whether there is a database: nobody has cleared it away since something was put into it. */
export function exists() {
  return within(() => "yes");
}

/** The names, separated by line feeds. */
export function names() {
  return within((store) => withKeys(store, (keys) => keys.map(name).join("\n")));
}
