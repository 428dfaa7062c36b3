// `npm run semver`: does the crate's public API keep what the last release promised? By cargo-semver-checks, against the last tag `v…`.

import { answerOf, main, must } from "./run.mjs";
import { ensureNode, ensureProgram, ensureWasmTarget, perform } from "./setup.mjs";

/** The last of the versions that the Rust of rust-toolchain.toml can build. */
const SEMVER_CHECKS = { name: "cargo-semver-checks", version: "0.51.0", asks: ["semver-checks", "--version"] };

await main(async () => {
  ensureNode();
  await perform([ensureWasmTarget]);
  const baseline = process.argv[2] ?? (await answerOf("git", ["describe", "--tags", "--abbrev=0", "--match", "v*"]));
  if (!baseline) {
    console.log("Nothing has been released yet (no tag `v…`), so there is nothing to compare with. A commit may be named: `npm run semver -- <commit>`.");
    return;
  }
  const program = await ensureProgram(SEMVER_CHECKS);
  const arguments_ = ["semver-checks", "--package", "valetkey", "--baseline-rev", baseline, "--only-explicit-features", "--features", "client"];
  await must("The public API has changed in a way that its version does not say: see above.", program, arguments_);
});
