// `npm run semver`: does the crate's public API keep what the last release promised? By cargo-semver-checks, against the last tag `v…`.

import { join } from "node:path";
import { Failure, answerOf, main, must, root } from "./run.mjs";
import { ensureNode, ensureWasmTarget, perform } from "./setup.mjs";

/** The last of the versions that the Rust of rust-toolchain.toml can build. */
const VERSION = "0.51.0";

await main(async () => {
  ensureNode();
  await perform([ensureWasmTarget]);
  const baseline = process.argv[2] ?? (await answerOf("git", ["describe", "--tags", "--abbrev=0", "--match", "v*"]));
  if (!baseline) {
    console.log("Nothing has been released yet (no tag `v…`), so there is nothing to compare with. A commit may be named: `npm run semver -- <commit>`.");
    return;
  }
  const program = await ensureSemverChecks();
  const arguments_ = ["semver-checks", "--package", "valetkey", "--baseline-rev", baseline, "--only-explicit-features", "--features", "client"];
  await must("The public API has changed in a way that its version does not say: see above.", program, arguments_);
});

async function ensureSemverChecks() {
  const place = join(root, "target/tools");
  const program = join(place, "bin", process.platform === "win32" ? "cargo-semver-checks.exe" : "cargo-semver-checks");
  if ((await answerOf(program, ["semver-checks", "--version"]))?.endsWith(` ${VERSION}`)) return program;
  console.log("Installing cargo-semver-checks (first time only, some minutes)…");
  const arguments_ = ["install", "--locked", "cargo-semver-checks", "--version", VERSION, "--root", place];
  await must("cargo-semver-checks could not be installed: see what cargo says above.", "cargo", arguments_, { env: { CARGO_BUILD_TARGET: undefined } });
  if (!(await answerOf(program, ["semver-checks", "--version"]))) throw new Failure("cargo-semver-checks does not start.");
  return program;
}
