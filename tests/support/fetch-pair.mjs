// `client.fetch` beside the browser's own `fetch`, on one page that is signed in, and one API that answers both.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { AppPage } from "./app-page.mjs";
import { freshContext, launchBrowser } from "./browser.mjs";
import { startFetchApi } from "./fetch-api.mjs";
import { startAll } from "./start-all.mjs";
import { startWorld } from "./world.mjs";

/** Milliseconds: an answer that never ends would keep the tests from ever ending. */
export const LIMIT = 30_000;

/** For the tests of a file: `app`, `api`, and `act` and `alike` below. */
export function useFetchPair({ options = {} } = {}) {
  const used = {};
  const closing = [];
  before(async () => {
    await startAll(used, { browser: launchBrowser, world: startWorld, api: startFetchApi });
    const { site } = used.world;
    site.allow(used.api.origin);
    site.clients = { main: { ...used.world.options, resources: [`${used.api.origin}/`], ...options } };
    const context = await freshContext(used.browser, { after: (close) => closing.push(close) });
    used.app = new AppPage(await context.newPage(), used.world);
    await used.app.load();
    await used.app.signIn();
    await used.app.page.evaluate(() => {
      window.ways = { vault: window.clients.main.fetch, browser: window.fetch.bind(window) };
      /** What came of it, in words. */
      window.outcome = async (act) => {
        try {
          return { value: await act() };
        } catch (error) {
          return { error: error?.name ?? String(error), ...(error?.name === "Error" && { message: error.message }) };
        }
      };
    });
  });
  beforeEach(() => {
    used.api.reset();
  });
  after(async () => {
    for (const close of closing) await close();
    await used.browser?.close();
    await Promise.all([used.world?.stop(), used.api?.stop()]);
  });
  /** Has `fetch` of one of the two ways act in the page. */
  used.act = (way, act, given) =>
    used.app.page.evaluate(([way, source, origin, given]) => window.outcome(() => (0, eval)(`(${source})`)(window.ways[way], origin, given)), [way, String(act), used.api.origin, given]);
  /** A test that both do the same, which is `expected` where it is given. */
  used.alike = (name, act, expected) =>
    test(name, { timeout: LIMIT }, async () => {
      const own = await used.act("browser", act);
      used.api.reset();
      const found = await used.act("vault", act);
      assert.deepEqual(found, own);
      if (expected !== undefined) assert.deepEqual(found, expected);
    });
  return used;
}
