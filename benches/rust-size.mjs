// What a sign-in library adds to an application in Rust, in bytes: the same small application (benches/rust) with each, and with
// none. As a server sends it: the module after wasm-opt, wasm-bindgen's glue and snippets.

import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { FEATURES } from "../tools/build/wasm.mjs";
import { must, root } from "../tools/run.mjs";
import { ensureBindgen } from "../tools/setup.mjs";
import { cache } from "../tools/stamp.mjs";

const TARGET = "wasm32-unknown-unknown";
const workspace = join(root, "benches/rust");
const APPLICATIONS = {
  yew: { none: "", "valetkey, SharedWorker": "valetkey", "valetkey, in the page": "valetkey-page", "yew-oauth2 0.14.0": "yew-oauth2" },
  leptos: { none: "", "valetkey, SharedWorker": "valetkey", "valetkey, in the page": "valetkey-page", "leptos_oidc2 0.11.0": "leptos_oidc2" },
};

const { bindgen } = await ensureBindgen(() => {});
for (const [framework, variants] of Object.entries(APPLICATIONS)) {
  console.log(`\n| ${framework} | raw | gzip | brotli | adds, brotli |\n| --- | ---: | ---: | ---: | ---: |`);
  let bare;
  for (const [label, feature] of Object.entries(variants)) {
    const sizes = await build(framework, feature).catch((error) => void console.log(`| ${label} | does not build: ${error.message} | | | |`));
    if (!sizes) continue;
    bare ??= sizes.brotli;
    console.log(`| ${label} | ${sizes.raw} | ${sizes.gzip} | ${sizes.brotli} | ${sizes.brotli - bare} |`);
  }
}
const beside = ["vault.js", "vault.wasm"].map((name) => join(root, "pkg", name));
console.log(`\nBeside it, for a SharedWorker, once for all applications of the origin: ${JSON.stringify(sum(beside))}`);

async function build(framework, feature) {
  const name = `size-${framework}`;
  const features = feature === "" ? [] : ["--features", `${name}/${feature}`];
  await must(`${name} (${feature})`, "cargo", ["build", "--quiet", "--release", "--locked", "--target", TARGET, "--manifest-path", join(workspace, "Cargo.toml"), "-p", name, ...features]);
  const out = join(cache, "rust-size", `${framework}-${feature || "none"}`);
  rmSync(out, { recursive: true, force: true });
  await must("wasm-bindgen failed", bindgen, ["--target", "web", "--no-typescript", "--out-dir", out, join(workspace, "target", TARGET, "release", `${name}.wasm`)]);
  const module = join(out, `${name}_bg.wasm`);
  await must("wasm-opt failed", process.execPath, [join(root, "node_modules/binaryen/bin/wasm-opt"), module, "-o", module, "-Oz", ...FEATURES.map((one) => `--enable-${one}`)]);
  return sum(filesIn(out));
}

function sum(files) {
  const contents = files.map((file) => readFileSync(file));
  const total = (size) => contents.reduce((bytes, content) => bytes + size(content), 0);
  return { raw: total((content) => content.length), gzip: total((content) => gzipSync(content, { level: 9 }).length), brotli: total((content) => brotliCompressSync(content).length) };
}

function filesIn(directory) {
  return readdirSync(directory).map((name) => join(directory, name)).flatMap((path) => (statSync(path).isDirectory() ? filesIn(path) : [path]));
}
