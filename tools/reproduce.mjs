// `npm run reproduce`: builds the package twice, each from a clean clone of HEAD in a directory and with a CARGO_HOME of
// its own, and compares everything that came out, byte for byte.
//
//   --from-scratch   each clone also installs its npm packages and builds its wasm-bindgen, in place of copying them from here
//   --keep           leaves the clones where they are

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { Failure, answerOf, main, must, root } from "./run.mjs";
import { ensureBindgen, ensureNode, ensureNpm, ensureWasmTarget, perform } from "./setup.mjs";
import { filesIn } from "./stamp.mjs";

/** Of different names and lengths: a path that got into the package would show. */
const PLACES = ["a", "another/place/of-a-longer-name"];
/** What a build needs and does not make, as this checkout has it. Each clone checks anew that it is what its sources ask for. */
const TOOLS = ["node_modules", "target/tools/release", ".cache/stamps/wasm-bindgen"];

await main(async () => {
  const { values: options } = parseArgs({ options: { "from-scratch": { type: "boolean" }, keep: { type: "boolean" } } });
  const fromScratch = options["from-scratch"] === true;
  ensureNode();
  await perform([...(fromScratch ? [] : [ensureNpm]), ensureWasmTarget, ...(fromScratch ? [] : [ensureBindgen])]);

  const commit = await answerOf("git", ["rev-parse", "HEAD"]);
  if (commit === undefined) throw new Failure("This is no clone of the repository.");
  if ((await answerOf("git", ["status", "--porcelain"])) !== "") console.log("What is not committed here is not built: the clones have HEAD.");

  const directory = mkdtempSync(join(tmpdir(), "valetkey-reproduce-"));
  try {
    const builds = [];
    for (const place of PLACES) builds.push(await build(join(directory, place), commit, fromScratch));
    compare(commit, builds);
  } finally {
    if (options.keep) console.log(`The clones are in ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  }
});

/** Answers the hash of each file of the package, by name. */
async function build(place, commit, fromScratch) {
  console.log(`\nBuilding in ${place}`);
  const clone = join(place, "valetkey");
  mkdirSync(place, { recursive: true });
  await must("The repository could not be cloned: see above.", "git", ["clone", "--quiet", "--no-checkout", root, clone]);
  await must("HEAD could not be checked out: see above.", "git", ["-C", clone, "checkout", "--quiet", "--detach", commit]);
  if (!fromScratch) {
    for (const name of TOOLS) {
      mkdirSync(dirname(join(clone, name)), { recursive: true });
      // Of target/tools the programs alone, not what they were linked from.
      const wanted = (from) => !/[\\/]release[\\/](?:deps|build|\.fingerprint|incremental|examples)$/.test(from);
      cpSync(join(root, name), join(clone, name), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter: wanted });
    }
  }
  const env = { CARGO_HOME: cargoHome(join(place, "cargo")), CARGO_TARGET_DIR: undefined, CARGO_BUILD_TARGET: undefined };
  await must("The package does not build: see above.", process.execPath, [join(clone, "tools/build.mjs")], { cwd: clone, env });

  const packageDirectory = join(clone, "pkg");
  const hash = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");
  return new Map(filesIn(packageDirectory).map((file) => [relative(packageDirectory, file), hash(file)]));
}

/** A CARGO_HOME of its own: the downloaded archives and the settings of the usual one, nothing that was unpacked. */
function cargoHome(home) {
  const usual = process.env.CARGO_HOME || join(homedir(), ".cargo");
  mkdirSync(home, { recursive: true });
  for (const name of ["config.toml", "registry/index", "registry/cache"]) {
    if (existsSync(join(usual, name))) cpSync(join(usual, name), join(home, name), { recursive: true });
  }
  return home;
}

function compare(commit, [one, other]) {
  console.log(`\nCommit ${commit}`);
  const names = [...new Set([...one.keys(), ...other.keys()])].sort();
  const different = names.filter((name) => one.get(name) !== other.get(name));
  for (const name of names) {
    const same = !different.includes(name);
    console.log(`${same ? "same     " : "DIFFERENT"} ${one.get(name)} ${name}`);
    if (!same) console.log(`          ${other.get(name)}`);
  }
  if (!names.includes("vault.wasm")) throw new Failure("There is no vault.wasm in the package.");
  if (different.length > 0) throw new Failure(`Not reproducible: ${different.join(", ")}.`);
  console.log(`${names.length} files, all the same.`);
}
