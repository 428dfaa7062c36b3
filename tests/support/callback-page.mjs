// The package's static pages on the server of the application of the tests' own, and a client that signs in through them.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageDirectory } from "./app-site.mjs";
import { publicClient } from "./world.mjs";

const PAGES = ["callback.html", "callback.js", "frontchannel.html", "frontchannel.js"];

/** For {@link useWorld}: a client with both redirect URIs. */
export const windowClients = (origin) => [{ ...publicClient("windows", `${origin}/`), redirect_uris: [`${origin}/`, `${origin}/callback.html`] }];

/** The application may not frame the provider. */
export function forbidFrames({ site, issuer }) {
  const policy = site.policy["content-security-policy"].replace(`frame-src 'self' ${issuer}`, "frame-src 'self'");
  site.headersFor = () => ({ ...site.policy, "content-security-policy": policy });
}

/** The application may share a process with the windows that it opens: WebKit ends the vault with a popup that does not. */
export function withoutOpenerPolicy({ site }) {
  const before = site.headersFor;
  site.headersFor = (path) => {
    const { "cross-origin-opener-policy": _, ...headers } = before(path);
    return headers;
  };
}

/** Serves the pages, lets the application frame the provider, and answers the options of the client. */
export async function serveCallbackPage(world, options = {}) {
  const { site } = world;
  for (const name of PAGES) site.files.set(`/${name}`, { body: await readFile(join(packageDirectory, name)) });
  // With `require-corp` a page can frame only what says `Cross-Origin-Resource-Policy: cross-origin`, and providers do not.
  const embedder = { "cross-origin-embedder-policy": "unsafe-none" };
  site.headersFor = () => ({ ...site.policy, ...embedder });
  const main = { ...world.options, clientId: "windows", callbackUri: `${site.origin}/callback.html`, resources: [], scope: "openid profile", ...options };
  site.clients = { main };
  return main;
}
