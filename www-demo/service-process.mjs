// The child's side of a service: bind, report the port, wait to be configured, serve, end with the parent.

import { bindLocalhost, StartError } from "./local-server.mjs";

/**
 * `create(server, configuration)` answers `{ handler, close }`: the request handler, and what to release at the end.
 */
export async function runService({ name, variable, create }) {
  let server;
  let service;

  async function end() {
    await server?.close();
    await service?.close?.();
    process.exit(0);
  }

  process.once("disconnect", end);
  process.once("SIGTERM", end);
  // Ctrl+C reaches the whole process group; the parent decides, and closes the channel.
  process.on("SIGINT", () => {});

  process.once("message", async ({ configure }) => {
    try {
      service = await create(server, configure);
      server.serve(service.handler);
      process.send({ kind: "ready" });
    } catch (error) {
      fail(error);
    }
  });

  try {
    server = await bindLocalhost(Number(process.env.SERVICE_PORT), { name, variable });
    process.send({ kind: "bound", port: server.port });
  } catch (error) {
    fail(error);
  }

  function fail(error) {
    if (!(error instanceof StartError)) console.error(error);
    process.send({ kind: "failed", reason: error.message }, () => process.exit(1));
  }
}
