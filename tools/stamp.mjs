// Knowing when a step can be left out: its inputs are the ones it was last done with, and its outputs are there.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./run.mjs";

/** Where the tools keep what can be thrown away. */
export const cache = join(root, ".cache");

/** A hash over the names and contents of files and directories; a missing one counts as such. */
export function fingerprint(paths, ...more) {
  const hash = createHash("sha256");
  for (const path of paths.slice().sort()) {
    for (const file of filesIn(path)) {
      hash.update(relative(root, file)).update("\0");
      hash.update(existsSync(file) ? readFileSync(file) : "missing").update("\0");
    }
  }
  for (const text of more) hash.update(String(text)).update("\0");
  return hash.digest("hex");
}

/** Every file at or below a path, in a fixed order. */
export function filesIn(path) {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name !== "node_modules" && name !== "target")
    .sort()
    .reduce((files, name) => files.concat(filesIn(join(path, name))), []);
}

/** Does `work` unless it was done before with this `key` and all `outputs` are still there. Answers whether it worked. */
export async function unlessDone(name, key, outputs, work) {
  const file = join(cache, "stamps", name);
  const done = existsSync(file) && readFileSync(file, "utf8") === key;
  if (done && outputs.every((output) => existsSync(output))) return false;

  // Taken away first: a step that breaks off half-way has to be done again.
  rmSync(file, { force: true });
  await work();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, key);
  return true;
}
