// An API for all that `fetch` can do, asked by `client.fetch` and by `fetch` alike. It looks at no token.

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { bindLocalhost } from "../../www-demo/local-server.mjs";

/** Bytes of one kind, as many as are asked for. */
export const bytes = (length) => Buffer.alloc(length, "0123456789abcdef");
export const digest = (content) => createHash("sha256").update(content).digest("hex");

/** Starts it. It counts what it was asked for and what was given up, by path. */
export async function startFetchApi() {
  const server = await bindLocalhost(0, { name: "fetch API", variable: "none" });
  const api = {
    origin: server.origin,
    asked: new Map(),
    abandoned: new Map(),
    /** Sends something more on the answers that were left open, by path: `false` breaks them off, `undefined` ends them. */
    more: new Map(),
    /** Bytes of what has no end. */
    sent: 0,
    reset() {
      api.sent = 0;
      for (const counts of [api.asked, api.abandoned, api.more]) counts.clear();
    },
    stop: () => server.close(),
  };
  const count = (counts, path) => counts.set(path, (counts.get(path) ?? 0) + 1);
  server.serve(async (request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url, server.origin);
    for (const [name, value] of Object.entries(readable(request))) response.setHeader(name, value);
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    count(api.asked, path);
    response.on("close", () => response.writableFinished || count(api.abandoned, path));
    // Whoever takes a request back while it is sent is not answered.
    const body = await whole(request).catch(() => undefined);
    if (body === undefined) return response.destroy();
    return answers[path]?.({ api, path, query, request, response, body }) ?? response.writeHead(404).end();
  });
  return api;
}

const readable = ({ headers: { origin = "*" } }) => ({
  "access-control-allow-origin": origin,
  "access-control-allow-credentials": "true",
  "access-control-allow-headers": "authorization, content-type, x-mine, if-none-match",
  "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
  "access-control-expose-headers": "x-seen, x-twice, content-encoding, content-length",
  // Else a page that demands it of what it embeds is refused the answer.
  "cross-origin-resource-policy": "cross-origin",
  "cache-control": "no-store",
  vary: "origin",
});

async function whole(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Leaves an answer open, to be gone on with. */
function open({ api, path, response }, ...pieces) {
  for (const piece of pieces) response.write(piece);
  api.more.set(path, (piece) => (piece === undefined ? response.end() : piece === false ? response.destroy() : response.write(piece)));
  return response;
}

const json = (response, value) => response.setHeader("content-type", "application/json").end(JSON.stringify(value));

const answers = {
  /** What it was sent. */
  "/echo"({ request, response, body }) {
    const { headers, method, url } = request;
    const { "content-type": type, "content-length": length, "x-mine": mine, cookie, referer, accept } = headers;
    // A form's boundary is another one each time.
    const form = /boundary/u.test(type);
    const plain = (value) => value?.replaceAll(/WebKitFormBoundary\w+/gu, "boundary");
    const text = plain(body.toString("latin1"));
    return json(response, { method, url, type: plain(type), length: form ? "of a form" : length, mine, cookie, referer, accept, body: body.length > 10_000 ? digest(body) : text });
  },
  /** As it was sent, with its type. */
  "/mirror": ({ request, response, body }) => response.setHeader("content-type", request.headers["content-type"] ?? "").end(body),
  /** Bytes: with a length, or without. */
  "/bytes"({ query, response }) {
    const content = bytes(Number(query.get("length")));
    response.setHeader("content-type", "application/octet-stream");
    if (query.has("sized")) response.setHeader("content-length", content.length);
    else response.write(content.subarray(0, 1));
    return response.end(content.subarray(query.has("sized") ? 0 : 1));
  },
  "/gzip": ({ response }) => response.setHeader("content-encoding", "gzip").setHeader("content-type", "text/plain").end(gzipSync(bytes(200_000))),
  "/status"({ query, response }) {
    response.writeHead(Number(query.get("status")), query.get("text") ?? undefined, { "content-type": "text/plain" });
    return response.end(query.get("body") ?? undefined);
  },
  "/headers": ({ response }) => response.writeHead(200, [...Object.entries(response.getHeaders()), ["x-seen", "seen"], ["x-twice", "one"], ["x-twice", "two"], ["x-hidden", "hidden"], ["set-cookie", "answer=yes"], ["content-type", "text/x-mine; charset=utf-8"]].flat().map(String)).end("headers"),
  "/moved": ({ response }) => response.writeHead(302, { location: "/echo" }).end(),
  "/unreadable"({ response }) {
    response.removeHeader("access-control-allow-origin");
    return response.end("unreadable");
  },
  /** One piece, and what a test sends more. */
  "/pieces": (asked) => open(asked, "first "),
  "/silent": (asked) => open(asked),
  "/events"(asked) {
    asked.response.setHeader("content-type", "text/event-stream");
    return open(asked, "data: first\n\n");
  },
  /** Small, and said to be so, yet its end comes when a test sends it. */
  "/slow-small"(asked) {
    asked.response.setHeader("content-length", 10);
    return open(asked, "12345");
  },
  /** Promises more than it sends. */
  "/broken"({ query, response }) {
    response.setHeader("content-length", 1_000_000);
    response.write(bytes(Number(query.get("length"))));
    return setTimeout(() => response.destroy(), 50);
  },
  /** No headers at all. */
  "/never": () => true,
  /** Pieces without end, as fast as they are taken. */
  "/endless"({ api, response }) {
    const piece = bytes(64 * 1024);
    const write = () => {
      do api.sent += piece.length;
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", write);
    write();
    return true;
  },
  "/cached"({ api, response }) {
    response.setHeader("cache-control", "max-age=600");
    return response.end(`answer ${api.asked.get("/cached")}`);
  },
  "/form"({ response }) {
    response.setHeader("content-type", "application/x-www-form-urlencoded");
    return response.end("a=1&b=two+words");
  },
  "/json": ({ response }) => response.setHeader("content-type", "application/json").end('{"a":[1,2]}'),
  "/not-json": ({ response }) => response.end("{"),
  "/cookie": ({ response }) => response.setHeader("set-cookie", "kept=yes; Path=/").end("set"),
};
