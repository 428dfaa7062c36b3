// The demo's own web server: the built app as static files, under the policy a production site could have.

import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * On every response, since a worker's policy is the one its own script came with. `wasm-unsafe-eval` is what compiling
 * WebAssembly takes; it lets no JavaScript be made from strings.
 */
export function securityHeaders({ issuer, apiOrigin }) {
  return {
    "content-security-policy": [
      "default-src 'self'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "worker-src 'self'",
      `connect-src 'self' ${issuer} ${apiOrigin}`,
      "style-src 'self'",
      "img-src 'self' data:",
      // The silent sign-in: the provider, and the callback page it leads to.
      `frame-src 'self' ${issuer}`,
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'self'",
      "require-trusted-types-for 'script'",
    ].join("; "),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  };
}

/** `config` is what `/config.json` says: one build of the app serves any ports. */
export function createSite({ dist, config, headers }) {
  return async function handler(request, response) {
    const { status, extra, body } = await answer(request).catch((error) => {
      console.error(error);
      return text(500, "The demo's server has met an error of its own.");
    });
    response.writeHead(status, { ...headers, ...extra });
    response.end(request.method === "HEAD" ? undefined : body);
  };

  async function answer(request) {
    if (request.method !== "GET" && request.method !== "HEAD") return text(405, "Method not allowed");
    const path = decodedPath(request.url);
    if (path === undefined) return text(400, "Bad request");
    if (path === "/config.json") {
      return { status: 200, extra: { "content-type": TYPES[".json"], "cache-control": "no-store" }, body: JSON.stringify(config) };
    }

    const type = TYPES[extname(path)];
    const file = type && (await readInside(dist, path));
    if (file) {
      // Vite puts a hash of the content in the names below /assets/.
      const cache = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
      return { status: 200, extra: { "content-type": type, "cache-control": cache }, body: file };
    }
    if (extname(path)) return text(404, "Not found");
    // A path of the app's own: its router, if it had one, would take it from here.
    const index = await readFile(join(dist, "index.html"));
    return { status: 200, extra: { "content-type": TYPES[".html"], "cache-control": "no-cache" }, body: index };
  }
}

function decodedPath(url) {
  try {
    return decodeURIComponent(new URL(url, "http://demo.invalid").pathname);
  } catch {
    return undefined;
  }
}

async function readInside(directory, path) {
  const file = normalize(join(directory, path));
  if (!file.startsWith(directory + sep)) return undefined;
  return readFile(file).catch(() => undefined);
}

function text(status, body) {
  return { status, extra: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }, body };
}
