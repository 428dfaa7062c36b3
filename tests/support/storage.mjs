// Everything that a script of the page can read and that outlives it.

/** A dump of all of a page's storage. IndexedDB as `{ database: { store: { key: value } } }`. */
export async function storageOf(page) {
  const inPage = await page.evaluate(async () => {
    const settled = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const databases = {};
    for (const { name } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name));
      databases[name] = {};
      for (const storeName of database.objectStoreNames) {
        const store = database.transaction(storeName).objectStore(storeName);
        const [keys, values] = await Promise.all([settled(store.getAllKeys()), settled(store.getAll())]);
        databases[name][storeName] = Object.fromEntries(keys.map((key, index) => [key, values[index]]));
      }
      database.close();
    }
    const cached = {};
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) cached[request.url] = await (await cache.match(request)).text();
    }
    const files = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) files.push(name);
    return {
      localStorage: { ...localStorage },
      sessionStorage: { ...sessionStorage },
      databases,
      cached,
      files,
      cookie: document.cookie,
      windowName: window.name,
      historyState: history.state,
      referrer: document.referrer,
    };
  });
  // The provider's own cookies at its port of the same host are not the application's.
  const cookies = (await page.context().cookies()).filter(({ name }) => !name.startsWith("op_"));
  return { ...inPage, cookies };
}

/** The library's records of sign-ins in flight. */
export const transactionsIn = (storage) => Object.entries(storage.databases.valetkey?.transactions ?? {});
