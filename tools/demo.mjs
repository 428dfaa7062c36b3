// `npm run demo`: sets up what is missing, builds the package, and starts the demo; with `-- --app yew` or `leptos` that application in
// Rust takes the place of the demo's own.

import { buildSteps } from "./build.mjs";
import { buildExample, NAMES } from "./build/examples.mjs";
import { Failure, main } from "./run.mjs";
import { ensureBindgen, ensureNode, ensureNpm, ensureWasmTarget, perform } from "./setup.mjs";

await main(async () => {
  ensureNode();
  const app = chosen(process.argv.slice(2));
  await perform([ensureNpm, ensureWasmTarget, ensureBindgen, ...buildSteps]);
  const options = app === undefined ? {} : { dist: await buildExample(app) };
  const { runDemo } = await import("../www-demo/start.mjs");
  await runDemo(options);
});

function chosen(arguments_) {
  if (arguments_.length === 0) return undefined;
  const [option, name] = arguments_[0].split("=").concat(arguments_.slice(1));
  if (option === "--app" && NAMES.includes(name)) return name;
  throw new Failure(`Say \`--app\` and one of ${NAMES.join(", ")}.`);
}
