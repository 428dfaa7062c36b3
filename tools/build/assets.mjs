// The files of the package that an application in Rust needs beside it, for the crate `valetkey-assets`.

import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../run.mjs";
import { fingerprint, unlessDone } from "../stamp.mjs";
import { LAZY } from "./scripts.mjs";
import { packageDirectory } from "./wasm.mjs";

const directory = join(root, "integrations/assets/files");
const FILES = ["vault.js", "vault.wasm", "callback.html", "callback.js", "frontchannel.html", "frontchannel.js", ...LAZY.map((name) => `${name}.js`)];

/** Answers whether there was something to do. */
export function buildAssets() {
  const sources = FILES.map((name) => join(packageDirectory, name));
  return unlessDone("assets", fingerprint(sources), FILES.map((name) => join(directory, name)), () => {
    // What is no longer among them must not be published.
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const name of FILES) copyFileSync(join(packageDirectory, name), join(directory, name));
  });
}
