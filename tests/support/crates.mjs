// What cargo knows of the repository's crates, from its lock files.

import { join } from "node:path";
import { answerOf, root } from "../../tools/run.mjs";

export const WASM = "wasm32-unknown-unknown";
/** Each with a lock file of its own. */
export const manifests = ["Cargo.toml", "tools/wasm-bindgen/Cargo.toml"];

/** All packages that are built for this machine or for wasm32, as `cargo metadata` describes them. */
export async function crates(manifest) {
  const host = /^host: (.+)$/mu.exec(await answerOf("rustc", ["-vV"]))[1];
  const filters = [host, WASM].flatMap((target) => ["--filter-platform", target]);
  return JSON.parse(await cargo("metadata", "--locked", "--all-features", "--format-version", "1", "--manifest-path", join(root, manifest), ...filters)).packages;
}

/** The crates whose code can be in vault.wasm: no build script's, no macro's, no test's. `["name version"]`. */
export async function shippedCrates() {
  const lines = await cargo("tree", "--locked", "-p", "valetkey-vault", "--target", WASM, "-e", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}");
  return [...new Set(lines.split("\n").map((line) => /^(\S+) v(\S+)/u.exec(line).slice(1, 3).join(" ")))].sort();
}

async function cargo(...arguments_) {
  const answer = await answerOf("cargo", arguments_);
  if (answer === undefined) throw new Error(`cargo ${arguments_.join(" ")} failed`);
  return answer;
}
