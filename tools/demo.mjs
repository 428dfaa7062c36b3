// `npm run demo`: sets up what is missing, builds the package, and starts the demo.

import { buildSteps } from "./build.mjs";
import { main } from "./run.mjs";
import { ensureBindgen, ensureNode, ensureNpm, ensureWasmTarget, perform } from "./setup.mjs";

await main(async () => {
  ensureNode();
  await perform([ensureNpm, ensureWasmTarget, ensureBindgen, ...buildSteps]);
  const { runDemo } = await import("../www-demo/start.mjs");
  await runDemo();
});
