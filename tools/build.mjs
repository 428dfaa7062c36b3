// `npm run build`: makes the npm package, pkg/, from src/ and pkg-template/. Each step is left out when nothing it reads
// has changed.

import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { buildAssets } from "./build/assets.mjs";
import { buildCrateShells } from "./build/crate.mjs";
import { buildIntegrity } from "./build/integrity.mjs";
import { buildManifest } from "./build/manifest.mjs";
import { buildScripts } from "./build/scripts.mjs";
import { buildWasm } from "./build/wasm.mjs";
import { main } from "./run.mjs";
import { ensureBindgen, ensureNode, ensureNpm, ensureWasmTarget, perform } from "./setup.mjs";

/** The steps of the build itself, for {@link perform}; they want npm packages, the wasm target and wasm-bindgen in place. */
export const buildSteps = [buildWasm, buildPackage];

async function buildPackage(say) {
  const typed = await buildScripts(say);
  const changed = await buildManifest();
  const hashed = buildIntegrity();
  const placed = await buildAssets();
  const bundled = await buildCrateShells();
  if (!typed && !changed && !hashed && !placed && !bundled) say("Package: up to date.");
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    ensureNode();
    await perform([ensureNpm, ensureWasmTarget, ensureBindgen, ...buildSteps]);
  });
}
