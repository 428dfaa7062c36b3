// The hosts of the attacks: every name of `.test` is this one HTTPS server on loopback, which answers by host name and
// writes down everything it is sent.

import { createHash, X509Certificate } from "node:crypto";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import { generate } from "selfsigned";

/** What each host is for. A lookalike is a name that a careless comparison takes for another. */
export const HOSTS = {
  app: "app.test",
  otherApp: "app2.test",
  provider: "op.test",
  otherProvider: "op2.test",
  api: "api.test",
  otherApi: "files.test",
  evil: "evil.test",
  lookalikes: ["api.test.evil.test", "op.test.evil.test", "xapi.test"],
};

export const originOf = (host) => `https://${host}`;

/** Starts the server. `handlers` answer by host: `(request) => answer`; a host without one answers 404. */
export async function startNetwork(handlers) {
  const { private: key, cert } = await certificate();
  const log = [];
  // A URL may be as long as the browser lets it be.
  const server = createServer({ key, cert, maxHeaderSize: 4 * 1024 * 1024 }, async (incoming, outgoing) => {
    // A page that is left takes back what it was sending.
    const request = await read(incoming).catch(() => undefined);
    if (!request) return void outgoing.destroy();
    log.push(request);
    const handler = handlers[request.host] ?? (() => ({ status: 404 }));
    try {
      await send(await handler(request), outgoing);
    } catch (error) {
      console.error(`${request.host}${request.path}`, error);
      outgoing.destroy();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  // Plain http has nothing to answer; what is sent there is written down.
  const plain = [];
  const plainServer = createPlainServer((incoming, outgoing) => {
    plain.push(`http://${incoming.headers.host}${incoming.url}`);
    outgoing.writeHead(404, { "content-type": "text/html" }).end("<!doctype html><title>plain</title>");
  });
  await new Promise((resolve) => plainServer.listen(0, "127.0.0.1", resolve));
  return {
    log,
    /** The URLs that were asked for over plain http. */
    plain,
    /** Flags with which Chromium takes every host of `.test` for this server, and its certificate for a good one. */
    flags: [`--host-resolver-rules=MAP *.test:443 127.0.0.1:${port},MAP *.test:80 127.0.0.1:${plainServer.address().port}`, "--ignore-certificate-errors"],
    /** The same, with the certificate taken for a good one: a browser caches nothing that came with a bad one. */
    get trustingFlags() {
      const spki = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
      return [this.flags[0], `--ignore-certificate-errors-spki-list=${createHash("sha256").update(spki).digest("base64")}`];
    },
    port,
    async stop() {
      for (const each of [server, plainServer]) {
        each.closeAllConnections();
        await new Promise((resolve) => each.close(resolve));
      }
    },
  };
}

/** Made anew for each run: a key in the repository would be mistaken for a secret. */
function certificate() {
  const names = [...Object.values(HOSTS).flat(), "*.evil.test"];
  const extensions = [{ name: "subjectAltName", altNames: names.map((value) => ({ type: 2, value })) }];
  return generate([{ name: "commonName", value: "attacks.test" }], { keyType: "ec", algorithm: "sha256", extensions });
}

async function read(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const host = (incoming.headers.host ?? "").replace(/:\d+$/u, "");
  const url = new URL(incoming.url, `https://${host || "unnamed.test"}`);
  return {
    at: Date.now(),
    host,
    method: incoming.method,
    path: url.pathname,
    query: url.searchParams,
    url: url.href,
    // As it came, and nobody has normalised it.
    wire: `https://${host}${incoming.url}`,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

/**
 * An answer: `{ status, headers, body }`; `stream(outgoing)` in place of a body for one that arrives oddly; `hang: true`
 * for none at all.
 */
async function send({ status = 200, headers = {}, body = "", stream, hang }, outgoing) {
  if (hang) return;
  if (stream) return stream(outgoing);
  outgoing.writeHead(status, headers);
  outgoing.end(body);
}
