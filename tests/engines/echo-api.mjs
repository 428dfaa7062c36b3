// An API that asks for no token, for what becomes of bodies: `/echo` answers what it is sent, `/large` much, `/pieces` one
// piece now and the last one when it is told to, `/endless` one piece and the rest never; `/typed` answers type and body.

import { createHash, randomBytes } from "node:crypto";
import { bindLocalhost } from "../../www-demo/local-server.mjs";

const large = randomBytes(3_000_000);

export async function startEchoApi() {
  const server = await bindLocalhost(0, { name: "echo", variable: "none" });
  const api = {
    origin: server.origin,
    digest: createHash("sha256").update(large).digest("hex"),
    /** Requests for `/endless` that were begun, and those that the browser has ended. */
    begun: 0,
    abandoned: 0,
    /** Sends the last piece. */
    finish: () => {},
    stop: () => server.close(),
  };
  server.serve(async (request, response) => {
    response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
    response.setHeader("access-control-allow-headers", "authorization, content-type");
    response.setHeader("access-control-allow-methods", "GET, POST");
    // Else a page that demands it of what it embeds is refused the answer.
    response.setHeader("cross-origin-resource-policy", "cross-origin");
    response.setHeader("cache-control", "no-store");
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === "/large") return response.end(large);
    if (request.url === "/pieces") {
      api.finish = () => response.end("last");
      return response.write("first ");
    }
    if (request.url.startsWith("/endless")) {
      api.begun += 1;
      response.on("close", () => (api.abandoned += response.writableFinished ? 0 : 1));
      return request.url.endsWith("?silent") || response.write("first");
    }
    if (request.url === "/typed") return response.end(`${request.headers["content-type"]}\n${Buffer.concat(chunks)}`);
    return response.end(Buffer.concat(chunks));
  });
  return api;
}
