// What the other tools need before they start, fetched or built when it is not there. This file and the ones it imports
// run before `npm ci`, and on any Node: built-in modules only, and no syntax newer than 2020.

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { aptInstall, onPath } from "./system.mjs";
import { Failure, answerOf, must, root, run } from "./run.mjs";
import { fingerprint, unlessDone } from "./stamp.mjs";

export { ensureBrowser } from "./browser.mjs";
export { ensureEngines } from "./engines.mjs";

const WASM = "wasm32-unknown-unknown";
const RUST_MISSING = "Rust is missing: install it with rustup (https://rustup.rs), then run this again.";

/** Performs steps in order, each announced as `[2/5] …`; a step is given the function that announces it. */
export async function perform(steps) {
  const answers = [];
  for (const [index, step] of steps.entries()) {
    answers.push(await step((text) => console.log(`[${index + 1}/${steps.length}] ${text}`)));
  }
  return answers;
}

/** Node itself. */
export function ensureNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new Failure(`Node 20 or newer is needed; this is Node ${process.versions.node}.`);
}

/** The npm packages of package-lock.json. */
export async function ensureNpm(say = console.log) {
  if (npmIsUpToDate()) return say("npm packages: up to date.");
  say("Installing the npm packages…");
  const arguments_ = ["ci", "--no-audit", "--no-fund"];
  const complaint = "The npm packages could not be installed: see what npm says above, then run this again.";
  // The npm that runs this script, where there is one: on Windows the bare name cannot be started.
  const own = process.env.npm_execpath;
  if (own !== undefined && /npm-cli\.[cm]?js$/.test(own)) await must(complaint, process.execPath, [own, ...arguments_]);
  else await must(complaint, "npm", arguments_);
}

/**
 * npm writes what it has installed to a lock file of its own, last of all. It leaves out what is optional and meant for
 * another system, so a package may be absent there only if it is optional.
 */
function npmIsUpToDate() {
  const read = (file) => JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return false;
  const wanted = read("package-lock.json");
  const installed = read("node_modules/.package-lock.json");
  return Object.keys(wanted).every((path) => {
    if (path === "") return true;
    if (installed[path] === undefined) return wanted[path].optional === true;
    return installed[path].integrity === wanted[path].integrity && existsSync(join(root, path));
  });
}

/** cargo at the version of rust-toolchain.toml, a linker, and the standard library for wasm32. */
export async function ensureWasmTarget(say = console.log) {
  addCargoToPath();
  const done = await ensureToolchain(say);
  await ensureLinker(say);

  const directory = await answerOf("rustc", ["--print", "target-libdir", "--target", WASM]);
  if (directory !== undefined && existsSync(directory)) return done ? undefined : say("Rust for wasm32: up to date.");
  if (onPath("rustup") === undefined) throw new Failure(RUST_MISSING);
  say("Adding Rust's standard library for wasm32…");
  await must(`\`rustup target add ${WASM}\` failed: see above.`, "rustup", ["target", "add", WASM]);
}

/** rustup's own directory is on PATH only in shells that were opened after it was installed. */
function addCargoToPath() {
  if (onPath("cargo") !== undefined) return;
  const directory = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "bin");
  if (existsSync(directory)) process.env.PATH = `${directory}${delimiter}${process.env.PATH}`;
}

/** Answers whether there was something to do. */
async function ensureToolchain(say) {
  if (onPath("cargo") === undefined) throw new Failure(RUST_MISSING);
  // Left to itself rustup installs what rust-toolchain.toml names at the first call of cargo, here without a word.
  const options = { env: { RUSTUP_AUTO_INSTALL: "0" } };
  if ((await answerOf("cargo", ["--version"], options)) !== undefined) return false;
  if (onPath("rustup") === undefined) throw new Failure(RUST_MISSING);
  say("Installing the Rust toolchain of rust-toolchain.toml…");
  await must("The Rust toolchain could not be installed: see what rustup says above.", "rustup", ["toolchain", "install"]);
  return true;
}

/** rustc links build scripts and tests with the system's C compiler, which a bare Debian does not have. */
async function ensureLinker(say) {
  if (process.platform === "win32" || onPath("cc") !== undefined) return;
  say("Installing a C compiler, which rustc links with…");
  if (await aptInstall(["gcc", "libc6-dev"])) return;
  throw new Failure("A C compiler is missing (`cc`, which rustc links with): install gcc or clang, then run this again.");
}

/** clippy and rustfmt, for the `lint` suite. */
export async function ensureLintTools() {
  for (const tool of ["clippy", "fmt"]) {
    if ((await answerOf("cargo", [tool, "--version"])) !== undefined) continue;
    const component = tool === "fmt" ? "rustfmt" : tool;
    await must(`\`rustup component add ${component}\` failed: see above.`, "rustup", ["component", "add", component]);
  }
}

/** The version of Rust that the crate's manifest promises to do with. Answers it. */
export async function ensureOldestRust() {
  const [, version] = /^rust-version = "([^"]+)"$/mu.exec(readFileSync(join(root, "Cargo.toml"), "utf8"));
  const installed = await answerOf("rustup", ["run", version, "rustc", "--print", "target-libdir", "--target", "wasm32-unknown-unknown"]);
  if (installed === undefined || !existsSync(installed)) {
    await must(`Rust ${version} could not be installed: see above.`, "rustup", ["toolchain", "install", version, "--profile", "minimal", "--target", "wasm32-unknown-unknown", "--no-self-update"]);
  }
  return version;
}

/** `wasm-bindgen` and `wasm-bindgen-test-runner`, built from tools/wasm-bindgen. Answers `{ bindgen, runner }`. */
export async function ensureBindgen(say = console.log) {
  const crate = join(root, "tools/wasm-bindgen");
  // Its place is written in .cargo/config.toml too, so it does not follow CARGO_TARGET_DIR.
  const target = join(root, "target/tools");
  const suffix = process.platform === "win32" ? ".exe" : "";
  const [bindgen, runner] = ["wasm-bindgen", "wasm-bindgen-test-runner"].map((name) => join(target, "release", name + suffix));

  const key = fingerprint(["Cargo.toml", "Cargo.lock", "src"].map((name) => join(crate, name)));
  const worked = await unlessDone("wasm-bindgen", key, [bindgen, runner], async () => {
    say("Building the wasm-bindgen tool (first time only, about 3 minutes)…");
    const options = { cwd: crate, env: { CARGO_BUILD_TARGET: undefined } };
    const arguments_ = ["build", "--locked", "--release", "--target-dir", target];
    await must("The wasm-bindgen tool could not be built: see what cargo says above.", "cargo", arguments_, options);
  });
  if (!worked) say("wasm-bindgen tool: up to date.");
  return { bindgen, runner };
}

/**
 * A program of cargo's registry, built where it is not there yet. `version`: the one it must have; `asks`: with what it tells its own.
 * Answers its path.
 */
export async function ensureProgram({ name, version, asks, options = [] }, say = console.log) {
  const place = join(root, "target/tools");
  const program = join(place, "bin", process.platform === "win32" ? `${name}.exe` : name);
  const installed = async () => (await answerOf(program, asks))?.split(/\s+/).includes(version);
  if (await installed()) {
    say(`${name}: up to date.`);
    return program;
  }
  say(`Installing ${name} (first time only, some minutes)…`);
  const arguments_ = ["install", "--locked", name, "--version", version, "--root", place, ...options];
  await must(`${name} could not be installed: see what cargo says above.`, "cargo", arguments_, { env: { CARGO_BUILD_TARGET: undefined } });
  if (!(await installed())) throw new Failure(`${name} does not say that it is ${version}.`);
  return program;
}
