import { runService } from "../service-process.mjs";
import { createApi } from "./api.mjs";

await runService({
  name: "API",
  variable: "API_PORT",
  create: (server, configuration) => createApi(configuration),
});
