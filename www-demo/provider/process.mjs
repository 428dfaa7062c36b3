import { runService } from "../service-process.mjs";
import { createProvider } from "./provider.mjs";

await runService({
  name: "provider",
  variable: "OP_PORT",
  create: (server, configuration) => createProvider({ ...configuration, issuer: server.origin }),
});
