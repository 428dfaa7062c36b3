// The application's server: one page per case, and the files these load, compressed with brotli beforehand. The page is
// revalidated each time; every other file may be kept for ever, as hashed file names are.

import { createServer } from "node:http";
import { brotli } from "./bundle.mjs";

const types = { js: "text/javascript", wasm: "application/wasm", map: "application/json" };

/** Files by path, ready to be sent. */
export class Assets {
  #files = new Map();

  add(path, content) {
    this.#files.set(path, { body: brotli(content), type: types[path.split(".").pop()] ?? "application/octet-stream" });
    return path;
  }

  get(path) {
    return this.#files.get(path);
  }
}

/** @returns origin, `page` to add an html page at a path, `answer` to have a function answer there, and `close` */
export async function startSite({ link, assets }) {
  const pages = new Map();
  const answers = new Map();
  const server = createServer(
    link.carry((request, response) => {
      const path = request.url.split("?")[0];
      const asset = assets.get(path);
      if (answers.has(path)) answers.get(path)(request, response);
      else if (asset) send(response, asset.body, asset.type, "public, max-age=31536000, immutable");
      else if (pages.has(path)) send(response, pages.get(path), "text/html; charset=utf-8", "no-cache");
      else send(response, Buffer.alloc(0), "text/plain", "no-store", 404);
    }),
  );
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    page: (path, html) => pages.set(path, brotli(Buffer.from(html))),
    answer: (path, handler) => answers.set(path, handler),
    close: () => new Promise((closed) => {
      server.close(closed);
      server.closeAllConnections();
    }),
  };
}

function send(response, body, type, caching, status = 200) {
  response.statusCode = status;
  response.setHeader("content-type", type);
  if (body.length) response.setHeader("content-encoding", "br");
  response.setHeader("content-length", body.length);
  response.setHeader("cache-control", caching);
  response.end(body);
}
