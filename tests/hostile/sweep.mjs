// The sweep after every test: has any secret of the run gone where it must not be?

import { storageOf } from "../support/storage.mjs";
import { HOSTS } from "./network.mjs";

/** Places that a script of the page can read, as one text each. */
async function placesIn(page) {
  const storage = await storageOf(page);
  const inPage = await page.evaluate(() => ({
    document: document.documentElement.outerHTML,
    address: location.href,
    history: JSON.stringify(history.state),
    entries: JSON.stringify((window.navigation?.entries() ?? []).map(({ url, key }) => ({ url, key }))),
    // The browser's own record of how this document was reached keeps the address it was reached by.
    performance: JSON.stringify(performance.getEntries().filter(({ entryType }) => entryType !== "navigation")),
    navigationTiming: JSON.stringify(performance.getEntriesByType("navigation")),
    globals: Object.values(Object.getOwnPropertyDescriptors(window))
      .map(({ value }) => value)
      .filter((value) => ["string", "object"].includes(typeof value) && value !== window && value !== document)
      .map((value) => {
        try {
          return JSON.stringify(value);
        } catch {
          return "";
        }
      })
      .join("\n"),
  }));
  return { ...inPage, storage: JSON.stringify(storage) };
}

/**
 * What may be seen where, by kind of secret: `nonce` is a claim of the verified ID token, which the page is given; the
 * browser's own navigation timing keeps the callback's address, with a code that is spent.
 */
const ALLOWED = {
  globals: ["nonce"],
  navigationTiming: ["code", "state"],
};

/** Collects what a page says while it is open: console, errors, the addresses it requests. */
export function listenTo(page) {
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(`${error.message}\n${error.stack}`));
  return said;
}

/** Every secret that is where it must not be: `kind in place`. */
export async function leaks({ canary, page, said = [], network, heap = false, allow = {} }) {
  const places = page && !page.isClosed() ? await placesIn(page) : {};
  places.console = said.join("\n");
  const evil = network.log.filter(({ host }) => host.endsWith(HOSTS.evil));
  places["evil.test"] = evil.map(({ url, headers, body }) => `${url}\n${JSON.stringify(headers)}\n${body}`).join("\n");
  // The application's own server was sent the callback's address anyway.
  const foreign = network.log.filter(({ host, headers }) => headers.referer !== undefined && new URL(headers.referer).host !== host);
  places.referer = foreign.map(({ headers }) => headers.referer).join("\n");
  if (heap) places.heap = await heapOf(page);
  const found = [];
  for (const [place, text] of Object.entries(places)) {
    for (const [secret, kind] of canary.all) {
      const allowed = [...(ALLOWED[place] ?? []), ...(allow[place] ?? [])];
      if (!allowed.includes(kind) && text.includes(secret)) found.push(`${kind} in ${place}`);
    }
  }
  return [...new Set(found)];
}

/** A snapshot of the main thread's heap, as text. */
export async function heapOf(page) {
  const session = await page.context().newCDPSession(page);
  const chunks = [];
  session.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => chunks.push(chunk));
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  await session.detach();
  return chunks.join("");
}
