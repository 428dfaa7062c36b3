// A provider and an API of the demo's kind, within this process, for an application of the tests' own, and one browser.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach } from "node:test";
import { startApi } from "../../www-demo/api/api.mjs";
import { apiResources, API_CLIENT_ID, CLIENT_ID } from "../../www-demo/provider/registrations.mjs";
import { startProvider } from "../../www-demo/provider/provider.mjs";
import { securityHeaders } from "../../www-demo/site/server.mjs";
import { bindLocalhost } from "../../www-demo/local-server.mjs";
import { startAppSite } from "./app-site.mjs";
import { AppPage } from "./app-page.mjs";
import { freshContext, launchBrowser } from "./browser.mjs";
import { startRequestLog } from "./request-log.mjs";
import { startAll } from "./start-all.mjs";

/** Registers a public client for one redirect URI. */
export const publicClient = (clientId, redirectUri) => ({
  client_id: clientId,
  client_name: clientId,
  redirect_uris: [redirectUri],
  post_logout_redirect_uris: [redirectUri],
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
});

/** Starts the provider, the API and an application's server. */
export async function startWorld({ extraClients = () => [], ...options } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "valetkey-world-"));
  const site = await startAppSite();
  // The API's port has to be known to the provider first, and the other way round.
  const free = await bindLocalhost(0, { name: "API", variable: "none" });
  await free.close();
  const apiSecret = randomBytes(32).toString("base64url");
  const shared = { demoOrigin: site.origin, apiOrigin: free.origin };
  const provider = await startProvider({ ...shared, apiSecret, extraClients: extraClients(site.origin), ...options });
  const { audience } = apiResources(free.origin);
  const dataFile = join(directory, "accounts.sqlite");
  const api = await startApi({ ...shared, port: free.port, issuer: provider.issuer, audience, clientId: API_CLIENT_ID, clientSecret: apiSecret, dataFile });
  site.policy = securityHeaders({ issuer: provider.issuer, apiOrigin: api.origin });
  return {
    site,
    issuer: provider.issuer,
    api: `${api.origin}/`,
    /** The options with which the application signs in. */
    options: { issuer: provider.issuer, clientId: CLIENT_ID, scope: "openid profile email accounts:read", resources: [`${api.origin}/`], postLogoutRedirectUri: `${site.origin}/` },
    async stop() {
      await Promise.all([site.stop(), provider.stop(), api.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The same for the tests of a file. Each test finds the application's server as it was at first. */
export function useWorld(options) {
  const used = { log: startRequestLog() };
  before(async () => {
    await startAll(used, { browser: launchBrowser, world: () => startWorld(options) });
  });
  beforeEach(() => used.world.site.reset());
  after(async () => {
    await used.browser?.close();
    await used.world?.stop();
    used.log.remove();
  });
  return {
    get site() {
      return used.world.site;
    },
    get issuer() {
      return used.world.issuer;
    },
    get api() {
      return used.world.api;
    },
    get options() {
      return used.world.options;
    },
    newContext: (test) => freshContext(used.browser, test),
    async open(test, path) {
      return this.openIn(await freshContext(used.browser, test), path);
    },
    async openIn(context, path) {
      const app = new AppPage(await context.newPage(), used.world);
      await app.load(path);
      return app;
    },
    async requestsDuring(act) {
      const mark = used.log.mark();
      await act();
      const requests = used.log.since(mark);
      return { token: requests.to(used.world.issuer, "/token").length, api: requests.to(used.world.api).length, all: requests };
    },
  };
}
