// The demo as a test file uses it: on free ports, with the requests that its servers get counted, and one browser.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { startDemo } from "../../www-demo/start.mjs";
import { freshContext, launchBrowser } from "./browser.mjs";
import { DemoPage } from "./demo-page.mjs";
import { startRequestLog } from "./request-log.mjs";
import { startAll } from "./start-all.mjs";

/** Starts the demo and a browser before the tests of a file, and ends both after them. `options` as for startDemo. */
export function useDemo(options = {}) {
  const used = {};
  let directory;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "valetkey-demo-"));
    used.log = startRequestLog();
    const files = { dataFile: join(directory, "accounts.sqlite") };
    await startAll(used, {
      browser: launchBrowser,
      demo: () => startDemo({ demoPort: 0, opPort: 0, apiPort: 0, ...files, ...options }),
    });
  });

  after(async () => {
    await used.browser?.close();
    await used.demo?.stop();
    used.log?.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  return {
    get urls() {
      return used.demo.urls;
    },
    get provider() {
      return used.demo.provider;
    },
    get api() {
      return used.demo.api;
    },
    /** A page of the demo in a context of its own. */
    async open(test, path = "") {
      const context = await freshContext(used.browser, test);
      return this.openIn(context, path);
    },
    /** One more page of the demo in a context. */
    async openIn(context, path = "") {
      const page = new DemoPage(await context.newPage(), used.demo.urls);
      await page.load(path);
      return page;
    },
    /** What the provider and the API were asked for while `act` ran. */
    async requestsDuring(act) {
      const mark = used.log.mark();
      await act();
      return this.requestsSince(mark);
    },
    mark: () => used.log.mark(),
    requestsSince(mark) {
      const requests = used.log.since(mark);
      const { issuer, api } = used.demo.urls;
      return {
        token: requests.to(issuer, "/token").length,
        authorization: requests.to(issuer, "/auth").length,
        api: requests.to(api).length,
      };
    },
  };
}
