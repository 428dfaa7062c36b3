// A web server with an application of the tests' own: the package as it is, without a bundler, and a page on which a test
// makes any clients it likes. Unlike the demo's, its headers and files can be changed by a test.

import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { faceDirectory } from "../../tools/build/face.mjs";
import { bindLocalhost } from "../../www-demo/local-server.mjs";

export const packageDirectory = fileURLToPath(new URL("../../pkg", import.meta.url));

const TYPES = { ".html": "text/html", ".js": "text/javascript; charset=utf-8", ".css": "text/css", ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml" };
const HTML = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><script type="module" src="/app.js"></script>';

/** Where the client comes from: the package, or the crate (tests/rust), without and with a vault of its own. */
const FACES = { js: "/valetkey/index.js", rust: "/rust/face.js", "rust-page": "/rust/page/face.js" };

/** The page's script. `clients` are made, by name, when the page loads; `window.make` makes more. */
const appScript = ({ clients, face }) => `
import { createOidcClient, OidcError } from "${FACES[face]}";

const clients = (window.clients = {});
const plainError = (error) =>
  error instanceof OidcError
    ? { code: error.code, message: error.message, hint: error.hint, detail: error.detail, error: error.error, errorDescription: error.errorDescription }
    : { name: error?.name, message: String(error?.message ?? error), causeCode: error?.cause?.code };
const plainSession = ({ error, ...session }) => ({ ...session, ...(error && { error: plainError(error) }) });
const outcome = async (act) => {
  try {
    return { value: await act() };
  } catch (error) {
    return { error: plainError(error) };
  }
};

window.demands = [];
/** Asks the user, by a button. */
const agreed = () => new Promise((resolve) => {
  const button = document.createElement("button");
  button.id = "agree";
  button.addEventListener("click", () => {
    button.remove();
    resolve("popup");
  });
  document.body.append(button);
});
/** Makes a client and waits until it is ready. \`stepUp\`: the answer to whatever an API demands; \`ask\`: a popup, once the user has agreed. */
window.make = (name, { capture, stepUp, ...options }) => outcome(async () => {
  if (capture) options.navigate = (url) => (window.navigated = url);
  if (stepUp) options.stepUp = (demand) => (window.demands.push(demand), stepUp === "ask" ? agreed() : stepUp);
  clients[name] = createOidcClient(options);
  return plainSession(await clients[name].ready());
});
window.sessionOf = (name) => plainSession(clients[name].session);
window.call = (name, method, ...given) => outcome(async () => {
  const value = await clients[name][method](...given);
  return value?.status && method === "ready" ? plainSession(value) : value;
});
window.fetchAs = (name, url, init) => outcome(async () => {
  const response = await clients[name].fetch(url, init);
  return { status: response.status, url: response.url, type: response.headers.get("content-type"), text: await response.text() };
});

window.made = {};
for (const [name, options] of Object.entries(${JSON.stringify(clients)})) window.made[name] = await window.make(name, options);
window.loaded = true;
`;

/**
 * Starts the server. What it answers may be changed at any time:
 * - `clients`: the options of the clients that the page makes when it loads, by name
 * - `face`: whether they are those of the package, `js`, or of the crate, `rust` or `rust-page`
 * - `headersFor(path)`: headers of the answer for a path; at first those of `policy`, the strictest that an application may have
 * - `files`: by path, what is served in place of anything else: `{ status, headers, body }`
 * - `directory`: a built application, in place of the tests' own page
 * - `handler`: answers every request, in place of all this
 */
export async function startAppSite() {
  const server = await bindLocalhost(0, { name: "test site", variable: "none" });
  const site = {
    origin: server.origin,
    policy: {},
    clients: {},
    face: "js",
    headersFor: () => site.policy,
    files: new Map(),
    directory: undefined,
    handler: undefined,
    /** Lets the pages connect to one more origin, which their policy did not foresee; `embeds`: answers of any origin, too. */
    allow(origin, { embeds = false } = {}) {
      const policy = site.policy["content-security-policy"].replace("connect-src 'self'", `connect-src 'self' ${origin}`);
      const embedder = embeds ? { "cross-origin-embedder-policy": "unsafe-none" } : {};
      site.headersFor = () => ({ ...site.policy, ...embedder, "content-security-policy": policy });
    },
    reset() {
      Object.assign(site, { clients: {}, face: "js", headersFor: () => site.policy, directory: undefined, handler: undefined });
      site.files.clear();
    },
    stop: () => server.close(),
  };
  server.serve(async (request, response) => {
    if (site.handler !== undefined) return site.handler(request, response);
    const { pathname } = new URL(request.url, "http://any.invalid");
    const { status = 200, headers, body } = site.files.get(pathname) ?? (await fileFor(site, pathname));
    const type = TYPES[extname(pathname)] ?? TYPES[".html"];
    response.writeHead(status, { "content-type": type, "cache-control": "no-store", ...site.headersFor(pathname), ...headers });
    response.end(body);
  });
  return site;
}

async function fileFor(site, pathname) {
  if (site.directory !== undefined) return fileIn(site.directory, extname(pathname) ? pathname : "/index.html");
  if (pathname.startsWith("/valetkey/")) return fileIn(packageDirectory, pathname.slice("/valetkey".length));
  if (pathname.startsWith("/rust/")) return fileIn(faceDirectory, pathname.slice("/rust".length));
  if (pathname === "/app.js") return { body: appScript(site) };
  return extname(pathname) ? { status: 404, body: "" } : { body: HTML };
}

async function fileIn(directory, pathname) {
  const file = normalize(join(directory, pathname));
  const body = file.startsWith(directory + sep) ? await readFile(file).catch(() => undefined) : undefined;
  return body === undefined ? { status: 404, body: "" } : { body };
}
