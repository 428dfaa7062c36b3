// One HTTP server that answers on `localhost`, whichever of its two addresses the browser takes.

import { createServer } from "node:http";

const LOOPBACK = ["127.0.0.1", "::1"];
const NO_SUCH_ADDRESS = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/** An error whose message is written for the person who started the demo: shown without a stack. */
export class StartError extends Error {}

/**
 * Binds `port` on the loopback addresses and answers 503 until `serve` is called. Binding comes first because the three
 * services have to know each other's origins before any of them can be set up, and a port may be 0 (any free one).
 * `name` and `variable` are for the message when the port is taken.
 */
export async function bindLocalhost(port, { name, variable }) {
  let handler = (request, response) => response.writeHead(503, { "retry-after": "1" }).end();
  const answer = (request, response) => handler(request, response);

  const servers = await bindAll(port, answer, { name, variable });
  const bound = servers[0].address().port;

  return {
    port: bound,
    origin: `http://localhost:${bound}`,
    serve(next) {
      handler = next;
    },
    async close() {
      await Promise.all(servers.map(closeServer));
    },
  };
}

async function bindAll(port, answer, { name, variable }) {
  // With port 0 the port that is free on one address may be taken on the other: then try again with another.
  for (let attempt = 0; ; attempt += 1) {
    const servers = [];
    try {
      for (const address of LOOPBACK) {
        const wanted = servers.length === 0 ? port : servers[0].address().port;
        const server = await bindOne(wanted, address, answer);
        if (server) servers.push(server);
      }
      return servers;
    } catch (error) {
      await Promise.all(servers.map(closeServer));
      if (port === 0 && error.code === "EADDRINUSE" && attempt < 10) continue;
      throw explain(error, port, name, variable);
    }
  }
}

function bindOne(port, address, answer) {
  return new Promise((resolve, reject) => {
    const server = createServer(answer);
    server.once("error", (error) => {
      // A machine without IPv6 has no ::1; 127.0.0.1 is enough there.
      if (address !== LOOPBACK[0] && NO_SUCH_ADDRESS.has(error.code)) resolve(undefined);
      else reject(error);
    });
    server.listen(port, address, () => resolve(server));
  });
}

function closeServer(server) {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function explain(error, port, name, variable) {
  if (error.code === "EADDRINUSE") {
    return new StartError(`Port ${port} is taken, so the ${name} cannot start. Choose another one with ${variable}.`);
  }
  if (error.code === "EACCES") {
    return new StartError(`Port ${port} may not be used, so the ${name} cannot start. Choose another one with ${variable}.`);
  }
  return error;
}
