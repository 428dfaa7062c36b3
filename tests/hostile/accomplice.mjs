// A page of the application's own origin that does to its storage what a test says.

import { HOSTS, originOf } from "./network.mjs";

/** A page of the application's origin in which a test may do what the pages under attack do not allow. */
export async function accomplice(lab, context) {
  lab.handlers[HOSTS.app].files.set("/accomplice.html", { body: "<!doctype html><title>accomplice</title>", headers: { "content-security-policy": "" } });
  const page = await context.newPage();
  await page.goto(`${originOf(HOSTS.app)}/accomplice.html`);
  return page;
}

/** Changes the stored copies with `act(store, key, value)`, a source text, from a page of the same origin. */
export const editRecords = (page, act) =>
  page.evaluate(async (source) => {
    const settled = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }));
    const database = await settled(indexedDB.open("valetkey"));
    const store = database.transaction("transactions", "readwrite").objectStore("transactions");
    const keys = await settled(store.getAllKeys());
    for (const key of keys) {
      const value = await settled(store.get(key));
      // The test's own source, in a page without a policy.
      new Function("store", "key", "value", source)(store, key, value);
    }
    database.close();
    return keys.length;
  }, act);

/** The provider answers only after this was done. */
export const whileAway = (act) => ({ authorizeAnswer: (honest) => ({ stream: async (outgoing) => { await act(); outgoing.writeHead(honest.status, honest.headers).end(); } }) });
