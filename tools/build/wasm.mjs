// The core: Rust to pkg/vault.wasm, and the JavaScript glue that the worker's entry is bundled with.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { Failure, answerOf, must, root, run } from "../run.mjs";
import { ensureBindgen } from "../setup.mjs";
import { cache, fingerprint, unlessDone } from "../stamp.mjs";

const TARGET = "wasm32-unknown-unknown";
const target = join(root, "target");
const compiled = join(target, TARGET, "npm/valetkey_vault.wasm");

/** What wasm-bindgen writes: `vault.js`, and `vault_bg.wasm` before optimisation. */
export const bindgenDirectory = join(cache, "bindgen");
export const packageDirectory = join(root, "pkg");
/** The module as it is shipped. */
export const optimised = join(packageDirectory, "vault.wasm");

const BINDGEN = ["--target", "web", "--out-name", "vault", "--no-typescript", "--omit-default-module-path", "--remove-name-section", "--remove-producers-section"];

/** The proposals that rustc has switched on for wasm32 since 1.87; every browser we support has them (since 2022). */
export const FEATURES = ["bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];
const OPTIMISE = [
  ...FEATURES.map((feature) => `--enable-${feature}`),
  // Memory begins zeroed, and its first page is the far end of the stack. Functions used once stay apart: smaller once compressed.
  // Flattened first, the code of branches and of loops is put together anew from simpler pieces.
  "--low-memory-unused", "--zero-filled-memory", "--flatten", "--rereloop", "-Oz", "-Oz", "--converge", "--one-caller-inline-max-function-size=20",
  // Nothing in the browser reads these sections.
  "--strip-debug", "--strip-producers", "--strip-target-features",
];
/** wasm-bindgen's names end in hashes, which no compression makes shorter. The new ones are written to standard output. */
const RENAME = [...FEATURES.map((feature) => `--enable-${feature}`), "-Oz", "--low-memory-unused", "--minify-imports-and-exports-and-modules"];

/** A way in for bytes that were checked. What wasm-bindgen offers takes URLs and responses too, and is left out of the bundle. */
const INSTANTIATE = `
export async function instantiate(bytes) {
  const { instance, module } = await WebAssembly.instantiate(bytes, __wbg_get_imports());
  __wbg_finalize_init(instance, module);
}
`;

export async function buildWasm(say = console.log) {
  say("Compiling the core to WebAssembly…");
  await must("The core does not compile: see above.", "cargo", ["build", ...(await flags())], {
    // These replace or extend the flags of .cargo/config.toml, and the artifact must not depend on who builds it.
    env: { RUSTFLAGS: undefined, CARGO_ENCODED_RUSTFLAGS: undefined, CARGO_BUILD_RUSTFLAGS: undefined, CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: undefined },
  });

  const { bindgen } = await ensureBindgen(() => {});
  const glue = join(bindgenDirectory, "vault.js");
  const key = fingerprint([compiled, bindgen, join(root, "package-lock.json")], BINDGEN, OPTIMISE, RENAME, INSTANTIATE);
  await unlessDone("wasm", key, [optimised, glue], async () => {
    rmSync(bindgenDirectory, { recursive: true, force: true });
    mkdirSync(packageDirectory, { recursive: true });
    const written = join(bindgenDirectory, "vault_bg.wasm");
    await must("wasm-bindgen failed: see above.", bindgen, [...BINDGEN, "--out-dir", bindgenDirectory, compiled]);
    const wasmOpt = join(root, "node_modules/binaryen/bin/wasm-opt");
    await must("wasm-opt failed: see above.", process.execPath, [wasmOpt, written, "-o", optimised, ...OPTIMISE]);
    const { code, answer } = await run(process.execPath, [wasmOpt, optimised, "-o", optimised, ...RENAME], { output: "answer" });
    if (code !== 0) throw new Failure("wasm-opt failed: see above.");
    writeFileSync(glue, renamed(readFileSync(glue, "utf8"), JSON.parse(answer)) + INSTANTIATE);
  });
  console.log(`      vault.wasm    ${sizeOf(optimised)}`);
}

/** The glue with the names that wasm-opt gave to the module's imports and exports. */
function renamed(glue, { imports, exports }) {
  let text = glue;
  // What needs no conversion the module imports straight from the snippets.
  const direct = [];
  for (const [module, name, short] of imports) {
    const before = text;
    text = text.replace(new RegExp(`\\b${name}: function`), `${short}: function`);
    const snippet = glue.split(`"${module}": `)[1]?.match(/^\w+/);
    if (text === before && snippet && module !== "./vault_bg.js") direct.push(`${short}: ${snippet}.${name}`);
    else if (text === before) throw new Failure(`The glue of wasm-bindgen has no import ${name}.`);
  }
  text = text.replace(/"\.\/vault_bg\.js": import0,[^}]*/, `"a": Object.assign(import0, { ${direct.join(", ")} })`);
  // Not every export is read by the glue.
  for (const [name, short] of exports) text = text.replaceAll(new RegExp(`\\bwasm\\.${name}\\b`, "g"), `wasm.${short}`);
  return text;
}

/** A file's size as it lies there and as a server would send it. */
export function sizeOf(file) {
  const bytes = readFileSync(file);
  return `${bytes.length} bytes, ${brotliCompressSync(bytes).length} with brotli`;
}

async function flags() {
  const chosen = ["--locked", "--target", TARGET, "--target-dir", target, "--profile", "npm", "-p", "valetkey-vault"];
  // An array given by --config is added to the one of .cargo/config.toml; an environment variable would replace it.
  const list = (await remappings()).map((remapping) => JSON.stringify(`--remap-path-prefix=${remapping}`));
  return [...chosen, "--config", `target.${TARGET}.rustflags=[${list.join(",")}]`];
}

/**
 * `from=to` for each directory of this machine that a panic location could name: the sources of the SDK, of the crates
 * it uses, and of Rust's library. With them the same sources give the same bytes on every machine.
 */
async function remappings() {
  const query = ["metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET];
  const { code, answer } = await run("cargo", query, { output: "answer" });
  if (code !== 0) throw new Failure("`cargo metadata` failed: see above.");
  const directories = new Map();
  for (const { source, manifest_path: manifest } of JSON.parse(answer).packages) {
    if (source !== null) directories.set(dirname(dirname(manifest)), "/crates");
  }
  directories.set(root.replace(/[\\/]$/, ""), "/valetkey");
  const sysroot = await answerOf("rustc", ["--print", "sysroot"]);
  if (sysroot !== undefined) directories.set(sysroot, "/rust");
  return [...directories].map(([from, to]) => `${from}=${to}`);
}
