// The application under attack: the package as it is, on a page of its own for each realm, under a strict policy. The
// page does what a relying party under test does: signs in when asked to, and asks UserInfo after every sign-in.
// `stepUp`: what it answers whenever an API demands a stronger sign-in.
// `automatic`: it signs in whenever nobody is signed in, or (`"always"`) without looking.

import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { HOSTS, originOf } from "./network.mjs";

const packageDirectory = fileURLToPath(new URL("../../pkg", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css", ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml" };

/** The policy of the pages. The attacker's host may be reached: what does not get there was not stopped by the policy. */
export const policy = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    `connect-src 'self' ${[HOSTS.provider, HOSTS.otherProvider, HOSTS.api, HOSTS.otherApi, HOSTS.evil].map(originOf).join(" ")}`,
    "style-src 'self'",
    "img-src 'self' data: https://evil.test",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    "frame-src 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types valetkey",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Under attack</title><link rel="icon" href="data:,">
<main id="main">The application</main><script type="module" src="/app.js"></script></html>`;

const SCRIPT = `
import { createOidcClient, OidcError } from "/valetkey/index.js";

const realm = location.pathname.split("/")[1];
const plainError = (error) =>
  error instanceof OidcError
    ? { code: error.code, message: error.message, hint: error.hint, detail: error.detail, error: error.error, errorDescription: error.errorDescription }
    : { name: error?.name, message: String(error?.message ?? error) };
const outcome = async (act) => {
  try {
    return { value: await act() };
  } catch (error) {
    return { error: plainError(error) };
  }
};
const plainSession = ({ error, ...session }) => ({ ...session, ...(error && { error: plainError(error) }) });
const troubles = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => troubles.push("policy: " + violatedDirective + " " + blockedURI));
addEventListener("unhandledrejection", ({ reason }) => troubles.push("unhandled: " + reason));
addEventListener("error", ({ message }) => troubles.push("error: " + message));

const report = (what) => {
  window.report = what;
  return fetch(location.origin + "/report/" + realm, { method: "POST", body: JSON.stringify({ ...what, troubles }) });
};
const navigated = [];
const demands = [];
Object.assign(window, { demands, createOidcClient, OidcError, outcome, plainSession, plainError, troubles, navigated });

const { options, signIn, capture, automatic, stepUp } = await (await fetch(location.origin + "/options/" + realm)).json();
// A test that starts a sign-in stands for a person who clicks; one of an application that does so by itself says it.
if (!automatic) Object.defineProperty(navigator, "userActivation", { value: { isActive: true } });
if (stepUp) options.stepUp = (demand) => (demands.push(demand), stepUp);
if (capture) options.navigate = (url) => navigated.push(url);
const starting = location.search === "?start" || automatic === "always";
const made = await outcome(() => (window.client = createOidcClient(options)));
const ready = made.error ? made : await outcome(async () => plainSession(await window.client.ready()));
if (ready.error) {
  await report({ phase: "ready", error: ready.error });
} else if (starting || (automatic && ready.value.status === "signed-out")) {
  const { error } = await outcome(() => window.client.signIn(signIn));
  if (error) await report({ phase: "signIn", error });
} else {
  const { error, ...session } = ready.value;
  const userInfo = session.status === "signed-in" && !error ? await outcome(() => window.client.userInfo()) : undefined;
  await report({ phase: "callback", ...session, error, userInfo });
}
window.loaded = true;
`;

/** Answers for an application's host. `applications` by realm: `{ options, signIn, reports, headers }`. */
export function appHandler(applications) {
  const files = new Map();
  const handler = async (request) => {
    const [, first, second] = request.path.split("/");
    // A script that looks for workers by their names takes this for one, and asks for it.
    if (first === "report" && request.method === "POST") {
      applications.get(second)?.tell(JSON.parse(request.body));
      return { status: 204 };
    }
    if (first === "options") {
      const { options, signIn, capture, automatic, stepUp } = applications.get(second) ?? { options: {} };
      return { headers: { "content-type": "application/json" }, body: JSON.stringify({ options, signIn, capture, automatic, stepUp }) };
    }
    const found = files.get(request.path) ?? (await fileFor(request.path));
    const headers = { "content-type": TYPES[extname(request.path)] ?? TYPES[".html"], "cache-control": "no-store", ...policy, ...applications.get(first)?.headers, ...found.headers };
    return { status: 200, ...found, headers };
  };
  /** Files in place of the usual ones: `{ status, headers, body }` by path. */
  handler.files = files;
  return handler;
}

async function fileFor(path) {
  if (path === "/app.js") return { body: SCRIPT };
  if (path.startsWith("/valetkey/")) {
    const file = normalize(join(packageDirectory, path.slice("/valetkey".length)));
    const body = file.startsWith(packageDirectory + sep) ? await readFile(file).catch(() => undefined) : undefined;
    return body === undefined ? { status: 404, body: "" } : { body };
  }
  return extname(path) ? { status: 404, body: "" } : { body: PAGE };
}
