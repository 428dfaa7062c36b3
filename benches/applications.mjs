// Applications that stay open: how they are built, and the servers of one world of them, an application's site with its
// API and a provider.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { bundle, vaultFiles } from "./bundle.mjs";
import { jwtClientId } from "./lasting.mjs";
import { Link } from "./link.mjs";
import { clientId, startProvider } from "./provider.mjs";
import { Assets, startSite } from "./site.mjs";

const directory = join(dirname(fileURLToPath(import.meta.url)), "applications");
const file = (name) => join(directory, `${name}.mjs`);

/** Where the pages are that a hidden frame comes back to. */
const callbacks = {
  callbackUri: "/valetkey/callback.html",
  silentRedirectUri: "/oidc-client-ts-callback.html",
  silentCheckSsoRedirectUri: "/silent-check-sso.html",
};

/** Bundles the application of every library once; the worlds share the result. */
export async function prepareApplications(libraries, packageDirectory) {
  const assets = new Assets();
  const scripts = {};
  const pages = new Map();
  const add = async (name, entry, options) => {
    const built = await bundle(entry, { packageDirectory, ...options });
    for (const [path, content] of [...built.shell, ...built.lazy]) assets.add(`/${name}/${path}`, content);
    return [...built.shell.keys()].map((path) => `/${name}/${path}`);
  };
  for (const library of libraries) scripts[library] = await add(library, file("page"), { program: file(library) });
  if (libraries.includes("valetkey")) {
    for (const [path, content] of await vaultFiles(packageDirectory)) assets.add(`/valetkey/${path}`, content);
    assets.add("/valetkey/callback.js", await readFile(join(packageDirectory, "callback.js")));
    pages.set(callbacks.callbackUri, await readFile(join(packageDirectory, "callback.html"), "utf8"));
  }
  if (libraries.includes("oidc-client-ts")) {
    const [entry] = await add("oidc-client-ts-callback", file("oidc-client-ts-callback"));
    pages.set(callbacks.silentRedirectUri, html(`<script type="module" src="${entry}"></script>`));
  }
  if (libraries.includes("keycloak-js")) {
    pages.set(callbacks.silentCheckSsoRedirectUri, html("<script>parent.postMessage(location.href, location.origin)</script>"));
  }
  return { assets, scripts, pages };
}

/**
 * @param prepared what `prepareApplications` made; @param network the arguments of `Link`
 * @param subjects by name: the `library`, and the `way` in which its application uses it
 */
export async function startApplications({ prepared, network = {}, subjects }) {
  const link = new Link(network);
  const site = await startSite({ link, assets: prepared.assets });
  const path = (subject) => `/${subject.replace(/\W+/g, "-")}/`;
  const names = Object.keys(subjects);
  const absolute = Object.fromEntries(Object.entries(callbacks).map(([name, at]) => [name, site.origin + at]));
  const provider = await startProvider({
    link,
    redirectUris: [...names.map((name) => site.origin + path(name)), ...Object.values(absolute)],
    lasting: true,
  });
  const { issuer, log, lifetime } = provider;
  const api = `${site.origin}/api/`;
  const guarded = (path, answer) =>
    site.answer(path, async (request, response) => {
      const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? "") ?? [];
      response.statusCode = token && (await provider.isAccessToken(token)) ? 200 : 401;
      response.setHeader("cache-control", "no-store");
      answer(request, response);
    });
  guarded("/api/", (_, response) => response.end("{}"));
  guarded("/api/bytes", async (request, response) => {
    if (request.method === "GET") return send(response, Number(request.url.split("?")[1]));
    let length = 0;
    for await (const chunk of request) length += chunk.length;
    response.end(`${length}`);
  });
  for (const [at, content] of prepared.pages) site.page(at, content);
  for (const name of names) {
    const { library, way = {} } = subjects[name];
    const settings = { issuer, clientId: library === "keycloak-js" ? jwtClientId : clientId, api, vaultUrl: `${site.origin}/valetkey/vault.js`, ...absolute, way };
    const [entry, ...imported] = prepared.scripts[library];
    site.page(
      path(name),
      html(
        ...imported.map((url) => `<link rel="modulepreload" href="${url}">`),
        `<script>bench = ${JSON.stringify(settings)}</script>`,
        `<body><script type="module" src="${entry}"></script>`,
      ),
    );
  }
  return {
    log,
    lifetime,
    url: (subject, query) => `${site.origin}${path(subject)}${query ? `?${new URLSearchParams(query)}` : ""}`,
    close: () => Promise.all([site.close(), provider.close()]),
  };
}

/** So many bytes, as fast as they are taken. */
function send(response, length) {
  response.setHeader("content-length", length);
  Readable.from(
    (function* () {
      for (let left = length; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece;
    })(),
  ).pipe(response);
}

const piece = Buffer.alloc(256 * 1024, "bench");

/** Signs in by redirect in a tab of the context. */
export async function signIn(context, world, subject) {
  return someone(await context.visit(world.url(subject, { act: "go" })));
}

export function someone(report) {
  if (report.sub !== "ada") throw new Error(`nobody signed in: ${JSON.stringify(report)}`);
  return report;
}

const html = (...lines) => `<!doctype html>
<meta charset="utf-8">
<title>application</title>
<link rel="icon" href="data:,">
${lines.join("\n")}
`;
