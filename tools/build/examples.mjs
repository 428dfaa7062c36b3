// The applications of examples/, by Trunk, which is built from the Rust registry where it is not installed.

import { delimiter, dirname, join } from "node:path";
import { must, root } from "../run.mjs";
import { ensureBindgen, ensureProgram } from "../setup.mjs";

/** The last of the versions that the Rust of rust-toolchain.toml can build; for a build alone, so without its update check and the least optimised. */
const TRUNK = { name: "trunk", version: "0.21.14", asks: ["--version"], options: ["--no-default-features", "--features", "rustls", "--debug"] };

export const NAMES = ["leptos", "yew"];

/** Set-up for tests: builds all of them, for which how fast they run and how much they weigh does not count. */
export async function buildExamples(say = console.log) {
  say("Building the applications in Rust (the first time some minutes)…");
  const quick = { CARGO_PROFILE_RELEASE_LTO: "off", CARGO_PROFILE_RELEASE_OPT_LEVEL: "1", CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16" };
  for (const name of NAMES) await buildExample(name, quick);
}

/** Where a built one is, for a web server. */
export const exampleDirectory = (name) => join(root, "examples", name, "dist");

/** Builds one as its users do. Answers {@link exampleDirectory}. */
export async function buildExample(name, profile = {}) {
  const trunk = await ensureProgram(TRUNK);
  const { bindgen } = await ensureBindgen(() => {});
  const directory = join(root, "examples", name);
  const dist = exampleDirectory(name);
  // Trunk takes the wasm-bindgen that it finds if it is of the right version, and asks the network for none.
  const env = { PATH: [dirname(bindgen), process.env.PATH].join(delimiter), NO_COLOR: "true", ...profile };
  await must(`The ${name} application could not be built: see above.`, trunk, ["build", "--release", "--config", join(directory, "Trunk.toml"), "--dist", dist, "--skip-version-check"], { env });
  return dist;
}
