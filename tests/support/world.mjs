// A provider and an API of the demo's kind, within this process, for an application of the tests' own, and one browser.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach } from "node:test";
import { createApi } from "../../www-demo/api/api.mjs";
import { apiResources, API_CLIENT_ID, CLIENT_ID } from "../../www-demo/provider/registrations.mjs";
import { startProvider } from "../../www-demo/provider/provider.mjs";
import { securityHeaders } from "../../www-demo/site/server.mjs";
import { bindLocalhost } from "../../www-demo/local-server.mjs";
import { startAppSite } from "./app-site.mjs";
import { AppPage } from "./app-page.mjs";
import { freshContext, launchBrowser } from "./browser.mjs";
import { FILES_SCOPE, startFilesApi } from "./files-api.mjs";
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

/**
 * Starts the provider, the API and an application's server. Options are those of the provider (provider/provider.mjs): by
 * default it offers no DPoP, since most tests are about other things. Besides:
 * - `extraClients`: a function of the application's origin
 * - `apiNonce`: whether the API wants nonces in proofs: `off`, `offered` or `required`
 * - `stepUp`: how strong a sign-in the API's `/transfers` needs: `{ acrValues, maxAge }`
 * - `files`: whether there is a second API, which needs tokens of its own
 */
export async function startWorld({ extraClients = () => [], apiNonce, stepUp, files: withFiles = false, ...options } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "valetkey-world-"));
  const site = await startAppSite();
  // The APIs' origins have to be known to the provider first, and the other way round.
  const server = await bindLocalhost(0, { name: "API", variable: "none" });
  const filesPort = withFiles ? await freePort() : undefined;
  const apiSecret = randomBytes(32).toString("base64url");
  const shared = { demoOrigin: site.origin, apiOrigin: server.origin };
  const filesOrigin = `http://localhost:${filesPort}`;
  const moreResources = withFiles ? { [`${filesOrigin}/`]: { audience: `${filesOrigin}/`, scope: FILES_SCOPE } } : {};
  const provider = await startProvider({ ...shared, apiSecret, extraClients: extraClients(site.origin), moreResources, ...options });
  const { audience } = apiResources(server.origin);
  const dataFile = join(directory, "accounts.sqlite");
  const { issuer } = provider;
  const api = createApi({ ...shared, issuer, audience, clientId: API_CLIENT_ID, clientSecret: apiSecret, dataFile, dpopNonce: apiNonce, stepUp });
  const files = withFiles ? await startFilesApi({ port: filesPort, issuer, demoOrigin: site.origin }) : undefined;
  const calls = interceptable(server, api.handler);
  site.policy = securityHeaders({ issuer, apiOrigin: [server.origin, files?.origin].filter(Boolean).join(" ") });
  return {
    site,
    issuer,
    api: `${server.origin}/`,
    /** The second API, with a slash at its end. */
    files: files && `${files.origin}/`,
    /** What the second API has let in. */
    filesCalls: files?.calls,
    calls,
    /** The options with which the application signs in. */
    options: { issuer, clientId: CLIENT_ID, scope: "openid profile email accounts:read", resources: [`${server.origin}/`], postLogoutRedirectUri: `${site.origin}/` },
    async stop() {
      await Promise.all([site.stop(), provider.stop(), server.close(), files?.stop()]);
      api.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort() {
  const server = await bindLocalhost(0, { name: "none", variable: "none" });
  await server.close();
  return server.port;
}

/**
 * Serves the API's handler, and notes each call: `{ method, path, scheme, token, proof }`. `refuseNext(count, challenge)`:
 * so many calls are answered 401 with this challenge, whatever token they bring: one that the provider has revoked, say.
 */
function interceptable(server, handler) {
  const seen = [];
  let refusing = { count: 0 };
  server.serve((request, response) => {
    if (request.method === "OPTIONS") return handler(request, response);
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    seen.push({ method: request.method, path: request.url, scheme, token, proof: request.headers.dpop });
    if (refusing.count === 0) return handler(request, response);
    refusing.count -= 1;
    request.resume();
    const headers = { "access-control-allow-origin": request.headers.origin ?? "*", "access-control-expose-headers": "WWW-Authenticate, DPoP-Nonce", "cache-control": "no-store" };
    return response.writeHead(401, { ...headers, "www-authenticate": refusing.challenge(scheme) }).end("{}");
  });
  return {
    seen,
    refuseNext(count, challenge = (scheme) => `${scheme} error="invalid_token"`) {
      refusing = { count, challenge };
    },
    reset() {
      seen.length = 0;
      refusing = { count: 0 };
    },
  };
}

/** The same for the tests of a file. Each test finds the application's server as it was at first. */
export function useWorld(options) {
  const used = { log: startRequestLog() };
  before(async () => {
    await startAll(used, { browser: launchBrowser, world: () => startWorld(options) });
  });
  beforeEach(() => {
    used.world.site.reset();
    used.world.calls.reset();
  });
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
    get files() {
      return used.world.files;
    },
    get filesCalls() {
      return used.world.filesCalls;
    },
    get calls() {
      return used.world.calls;
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
