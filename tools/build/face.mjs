// The client for Rust front ends as the tests drive it (tests/rust), for `wasm-bindgen --target web`.

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { must, root } from "../run.mjs";
import { ensureBindgen } from "../setup.mjs";
import { cache, fingerprint, unlessDone } from "../stamp.mjs";

const TARGET = "wasm32-unknown-unknown";
const compiled = join(root, "target", TARGET, "release/valetkey_face.wasm");

/** What a page loads as `/rust/`. */
export const faceDirectory = join(cache, "face");

export async function buildFace(say = console.log) {
  say("Building the client for Rust as the tests drive it…");
  const arguments_ = ["build", "--locked", "--target", TARGET, "--target-dir", join(root, "target"), "--release", "-p", "valetkey-face"];
  await must("The test application in Rust does not compile: see above.", "cargo", arguments_);
  const { bindgen } = await ensureBindgen(() => {});
  const script = join(root, "tests/rust/face.mjs");
  await unlessDone("face", fingerprint([compiled, bindgen, script]), [join(faceDirectory, "face.js")], async () => {
    mkdirSync(faceDirectory, { recursive: true });
    await must("wasm-bindgen failed: see above.", bindgen, ["--target", "web", "--no-typescript", "--out-dir", faceDirectory, compiled]);
    copyFileSync(script, join(faceDirectory, "face.js"));
  });
}
