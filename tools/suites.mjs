// The suites of `npm test`. Each answers the counts of its tests; one that throws has crashed.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkPage } from "./attack-page.mjs";
import { checkPage as checkEngines } from "./engine-page.mjs";
import { runInPage } from "./browser-tests.mjs";
import { countOfCargo, countOfNode, none, sum } from "./count.mjs";
import { buildTargets, fuzz, targets } from "./fuzz.mjs";
import { Failure, root, run } from "./run.mjs";
import { withSecondAttempt } from "./second-attempt.mjs";
import { ensureLintTools, ensureOldestRust } from "./setup.mjs";

const WASM = "wasm32-unknown-unknown";
/** A crate of its own, outside the workspace. */
const FUZZ = "fuzz/Cargo.toml";
/** No suite takes a tenth of this; one that hangs must not hold up whoever waits for it. */
const LIMIT = 20 * 60 * 1000;
/** Nor does one test file of Node's, setting up included: node:test counts a file as a test too. */
const TEST_LIMIT = 10 * 60 * 1000;
/** Seconds for each fuzz target: enough for what is committed and what lies near it. `npm run fuzz` takes longer. */
const FUZZ_SECONDS = 10;

/**
 * In the order they run in: the ones that answer first come first. `needs` names what has to be set up: `bindgen` (the
 * tool), `browser`, `package` (pkg/), `engines` (Firefox and WebKit, which may be missing), `face` and `examples` (the client for
 * Rust as the tests drive it, and the applications in Rust).
 */
export const suites = [
  { name: "lint", needs: [], run: lint },
  { name: "supply", needs: [], run: () => nodeTests("tests/supply") },
  { name: "native", needs: [], run: native },
  { name: "fuzz", needs: [], run: fuzzAll },
  { name: "browser", needs: ["bindgen", "browser"], run: browser },
  { name: "package", needs: ["package", "browser"], run: ({ chromium }) => nodeTests("tests/package", { CHROMIUM: chromium }, { again: true }) },
  { name: "frameworks", needs: ["package"], run: frameworks },
  { name: "types", needs: ["package"], run: () => nodeTests("tests/types") },
  { name: "e2e", needs: ["package", "browser", "face", "examples"], run: ({ chromium }) => nodeTests("tests/e2e", { CHROMIUM: chromium }, { again: true, atOnce: 2 }) },
  { name: "engines", needs: ["package", "browser", "engines", "face"], run: engines },
  { name: "attacks", needs: ["package", "browser"], run: ({ chromium }) => nodeTests("tests/attacks", { CHROMIUM: chromium }, { again: true, atOnce: 2, limit: 45 * 60 * 1000 }) },
  { name: "catalogue", needs: [], run: catalogue },
].map((suite) => ({ ...suite, run: (found) => (ran.add(suite.name), suite.run(found)) }));

/** What the runners of this process have printed so far, and for which suites. */
const printed = [];
const ran = new Set();
/** Those among whose tests are attacks of the catalogue. */
const ATTACKED_IN = ["native", "browser", "e2e", "attacks"];

/** Formatting, lints and documentation. One command is one test. */
async function lint() {
  await ensureLintTools();
  const commands = [
    [["fmt", "--all", "--check"]],
    [["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]],
    [["clippy", "--locked", "--target", WASM, "-p", "valetkey", "--features", "js,page,serde", "--", "-D", "warnings"]],
    [["clippy", "--locked", "--target", WASM, "-p", "valetkey", "--", "-D", "warnings"]],
    [["clippy", "--locked", "--target", WASM, "-p", "valetkey-vault", "--", "-D", "warnings"]],
    [["clippy", "--locked", "--target", WASM, "-p", "valetkey-face", "--", "-D", "warnings"]],
    [["fmt", "--manifest-path", FUZZ, "--check"]],
    [["clippy", "--locked", "--manifest-path", FUZZ, "--target-dir", "target/fuzz", "--all-targets", "--", "-D", "warnings"]],
    [["doc", "--locked", "--workspace", "--no-deps"], { RUSTDOCFLAGS: "-Dwarnings" }],
    [["doc", "--locked", "--target", WASM, "-p", "valetkey", "--features", "page,serde", "--no-deps"], { RUSTDOCFLAGS: "-Dwarnings" }],
  ];
  return checks(commands);
}

/** The crates for the frameworks, the applications that use them, and what is to be published. */
async function frameworks() {
  const within = ["--locked", "--manifest-path", "integrations/Cargo.toml"];
  const crates = ["-p", "valetkey-assets", "-p", "valetkey-leptos", "-p", "valetkey-yew"];
  const features = ["--features", "valetkey-leptos/serde,valetkey-yew/serde"];
  const counts = await checks([
    [["fmt", "--manifest-path", "integrations/Cargo.toml", "--all", "--check"]],
    [["clippy", ...within, "--target", WASM, "-p", "valetkey-leptos", "-p", "valetkey-yew", "-p", "valetkey-example-leptos", "-p", "valetkey-example-yew", ...features, "--", "-D", "warnings"]],
    [["clippy", ...within, ...crates, "--all-targets", "--", "-D", "warnings"]],
    [["doc", ...within, ...crates, ...features, "--no-deps"], { RUSTDOCFLAGS: "-Dwarnings" }],
    // What would be published, built from what the archives hold. Until `valetkey` is in the registry the others find it here.
    [["package", "--locked", "--allow-dirty", "-p", "valetkey", "--target", WASM]],
    [["package", ...within, "--allow-dirty", "-p", "valetkey-assets"]],
    [["package", ...within.slice(1), "--allow-dirty", "-p", "valetkey-leptos", "-p", "valetkey-yew", "--target", WASM, "--config", `patch.crates-io.valetkey.path=${JSON.stringify(root)}`]],
    // With the oldest Rust that its manifest names, in a place of its own: one compiler cannot use what another has built.
    [[`+${await ensureOldestRust()}`, "check", "--locked", "--target", WASM, "-p", "valetkey", "--features", "page,serde", "--target-dir", "target/oldest"]],
  ]);
  return sum([counts, judge(await cargoTest([...within.slice(1), ...crates, "--no-fail-fast"]), countOfCargo)]);
}

/** One command of cargo's is one test. */
async function checks(commands) {
  const counts = [];
  for (const [arguments_, env] of commands) {
    const { code } = await run("cargo", arguments_, { env, limit: LIMIT });
    console.log(`${code === 0 ? "ok" : "FAILED"}: cargo ${arguments_.join(" ")}`);
    counts.push({ ...none, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 });
  }
  return sum(counts);
}

/** The Rust tests on this machine, those in the documentation among them. */
async function native() {
  return judge(await cargoTest(["--workspace", "--no-fail-fast"]), countOfCargo);
}

/** Every fuzz target for a few seconds, from the committed corpus on. One target is one test. */
async function fuzzAll() {
  const directory = await buildTargets();
  const counts = [];
  for (const target of targets) {
    // A change is judged by what it changed, not by what was found elsewhere.
    const { good, line } = await fuzz(directory, target, FUZZ_SECONDS, { afresh: true });
    console.log(line);
    counts.push({ ...none, passed: good ? 1 : 0, failed: good ? 0 : 1 });
  }
  return sum(counts);
}

/** The adapters of the browser's APIs, in a browser. */
async function browser({ chromium, runner }) {
  const selection = ["-p", "valetkey", "--target", WASM, "--features", "js,page", "--test", "browser"];
  return judge(await runInPage({ chromium, runner, selection, limit: LIMIT }), countOfCargo);
}

function cargoTest(arguments_, env) {
  return run("cargo", ["test", "--locked", ...arguments_], { output: "tee", env: { ...colours(), ...env }, limit: LIMIT });
}

/** The tests of a directory. `again`: what fails is tried once more, where a browser may lose a window or the machine be slow. */
async function nodeTests(directory, env, { again = false, atOnce, limit = LIMIT } = {}) {
  const place = join(root, directory);
  const files = existsSync(place) ? readdirSync(place).filter((name) => name.endsWith(".test.mjs")).sort() : [];
  if (files.length === 0) throw new Failure(`There is no test in ${directory}/.`);
  const options = [`--test-timeout=${TEST_LIMIT}`, ...(atOnce === undefined ? [] : [`--test-concurrency=${atOnce}`])];
  const start = (more, chosen) => run(process.execPath, ["--test", ...options, ...more, ...chosen], { output: "tee", env: { ...colours(), ...env }, limit });
  const paths = files.map((name) => join(place, name));
  return judge(await (again ? withSecondAttempt(start, paths) : start(["--test-reporter=spec"], paths)), countOfNode);
}

/** The same tests in Chromium, Firefox and WebKit, one engine after the other, and the page of what each does. `--write` writes it. */
async function engines({ chromium, engines: environment }) {
  const counts = await nodeTests("tests/engines", { CHROMIUM: chromium, ...environment }, { again: true, atOnce: 2 });
  const gaps = counts.failed === 0 ? checkEngines(printed.at(-1), { write: process.argv.includes("--write") }) : [];
  for (const gap of gaps) console.log(`FAILED: ${gap}`);
  return sum([counts, { ...none, passed: gaps.length === 0 ? 1 : 0, failed: gaps.length }]);
}

/** Every attack of the catalogue has a test, and the page of results says what this run said. `--write` writes it. */
function catalogue() {
  if (!ATTACKED_IN.every((name) => ran.has(name))) throw new Failure(`The catalogue is compared with a run of ${ATTACKED_IN.join(",")}.`);
  const gaps = checkPage(printed.join("\n"), { write: process.argv.includes("--write") });
  for (const gap of gaps) console.log(`FAILED: ${gap}`);
  return { ...none, passed: gaps.length === 0 ? 1 : 0, failed: gaps.length };
}

/** A runner that fails without a failed test has crashed, whatever it counted until then. */
function judge({ code, output }, count) {
  printed.push(output);
  const counts = count(output);
  if (code !== 0 && counts.failed === 0) throw Object.assign(new Failure(`The test runner ended with code ${code}.`), { counts });
  return counts;
}

/** The runners write to a pipe, so they are told when a terminal is at its other end. */
function colours() {
  return process.stdout.isTTY ? { CARGO_TERM_COLOR: "always", FORCE_COLOR: "1" } : {};
}
