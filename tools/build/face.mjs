// The client for Rust front ends as the tests drive it (tests/rust), for `wasm-bindgen --target web`.

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { must, root } from "../run.mjs";
import { ensureBindgen } from "../setup.mjs";
import { cache, fingerprint, unlessDone } from "../stamp.mjs";

const TARGET = "wasm32-unknown-unknown";
const compiled = join(root, "target", TARGET, "release/valetkey_face.wasm");

/** What a page loads as `/rust/`; built with a vault of its own, as `/rust/page/`. */
export const faceDirectory = join(cache, "face");

export async function buildFace(say = console.log) {
  say("Building the client for Rust as the tests drive it…");
  await build("face", faceDirectory, []);
  await build("face-page", join(faceDirectory, "page"), ["--features", "page"]);
}

async function build(stamp, directory, features) {
  const arguments_ = ["build", "--locked", "--target", TARGET, "--target-dir", join(root, "target"), "--release", "-p", "valetkey-face", ...features];
  await must("The test application in Rust does not compile: see above.", "cargo", arguments_);
  const { bindgen } = await ensureBindgen(() => {});
  const script = join(root, "tests/rust/face.mjs");
  await unlessDone(stamp, fingerprint([compiled, bindgen, script]), [join(directory, "face.js")], async () => {
    mkdirSync(directory, { recursive: true });
    await must("wasm-bindgen failed: see above.", bindgen, ["--target", "web", "--no-typescript", "--out-dir", directory, compiled]);
    copyFileSync(script, join(directory, "face.js"));
  });
}
