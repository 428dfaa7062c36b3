// A world whose application is built from the packed package.

import { after, before } from "node:test";
import { securityHeaders } from "../../www-demo/site/server.mjs";
import { applicationFiles } from "./application.mjs";
import { freshContext, launchBrowser } from "./browser.mjs";
import { createApplication, temporaryDirectory } from "./packed.mjs";
import { startAll } from "./start-all.mjs";
import { startWorld } from "./world.mjs";

/** Starts all of it before the tests of a file. `setting` as for {@link applicationFiles}, `files` are further ones. */
export function useApplication({ setting, files = {} } = {}) {
  const used = {};
  before(async () => {
    used.directory = await temporaryDirectory();
    await startAll(used, { browser: launchBrowser, world: startWorld });
    used.root = await createApplication(used.directory.path, { ...applicationFiles(used.world, setting), ...files });
  });
  after(async () => {
    await used.browser?.close();
    await used.world?.stop();
    await used.directory?.remove();
  });
  return {
    get world() {
      return used.world;
    },
    /** Where the application is. */
    get root() {
      return used.root;
    },
    newContext: (test) => freshContext(used.browser, test),
    /** Serves a built application, under the policy that the demo is served with. */
    serve(directory) {
      used.world.site.reset();
      used.world.site.directory = directory;
      const headers = securityHeaders({ issuer: used.world.issuer, apiOrigin: new URL(used.world.api).origin });
      used.world.site.headersFor = () => headers;
    },
  };
}
