// `npm run fuzz -- [target…] [--seconds 60]`: builds the fuzz targets and runs them one after the other. What they find
// stays in .cache/fuzz; `--keep` reduces it to the least that reaches as much, as the corpus that is committed.
// `npm run fuzz -- target --replay file` runs one input.
//
// The targets are those of cargo-fuzz, built with its flags but without it: it would add a nightly compiler's address
// sanitizer, which looks for what cannot be in code without `unsafe`.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { Failure, answerOf, main, must, root, run } from "./run.mjs";
import { ensureWasmTarget } from "./setup.mjs";
import { cache } from "./stamp.mjs";
import { aptInstall, onPath } from "./system.mjs";

const crate = join(root, "fuzz");
const found = join(cache, "fuzz");
/** Bytes of the committed corpus of one target, and how many files of it were found. */
const CORPUS_LIMIT = 60_000;
const FOUND_LIMIT = 200;

const FLAGS = [
  "-Cpasses=sancov-module",
  "-Cllvm-args=-sanitizer-coverage-level=4",
  "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
  "-Cllvm-args=-sanitizer-coverage-pc-table",
  "-Cllvm-args=-sanitizer-coverage-trace-compares",
  "--cfg=fuzzing",
];

/** The names of the targets. */
export const targets = readdirSync(join(crate, "fuzz_targets"))
  .filter((name) => name.endsWith(".rs"))
  .map((name) => name.slice(0, -".rs".length))
  .sort();

/** Builds the targets. Answers the directory they are in. */
export async function buildTargets() {
  if (process.platform === "win32") throw new Failure("The fuzz targets are built on Linux and macOS only.");
  // libFuzzer itself is C++.
  if (onPath("c++") === undefined && !(await aptInstall(["g++"]))) {
    throw new Failure("A C++ compiler is missing (`c++`, for libFuzzer): install g++ or clang, then run this again.");
  }
  const version = await answerOf("rustc", ["-vV"]);
  const host = /^host: (\S+)$/m.exec(version || "")?.[1];
  if (host === undefined) throw new Failure("`rustc -vV` does not say what machine this is.");
  const directory = join(root, "target/fuzz");
  // With `--target` the flags are for the targets alone, not for build scripts and macros.
  const arguments_ = ["build", "--locked", "--release", "--bins", "--manifest-path", join(crate, "Cargo.toml"), "--target", host, "--target-dir", directory];
  const env = { RUSTFLAGS: undefined, CARGO_ENCODED_RUSTFLAGS: FLAGS.join("\u001f") };
  await must("The fuzz targets could not be built: see what cargo says above.", "cargo", arguments_, { env });
  return join(directory, host, "release");
}

/**
 * Runs a target for so many seconds, from the corpora on, or `afresh`: from the committed one, with the same random numbers
 * each time. Answers `{ good, line }`, where `line` says what was done.
 */
export async function fuzz(directory, target, seconds, { afresh = false } = {}) {
  const [corpus, crashes] = [afresh ? "afresh" : "corpus", "crashes"].map((name) => join(found, name, target));
  if (afresh) rmSync(corpus, { recursive: true, force: true });
  for (const place of [corpus, crashes]) mkdirSync(place, { recursive: true });
  const arguments_ = [
    `-max_total_time=${seconds}`,
    // Of one input: nothing that is as short as these takes long or much.
    "-timeout=5",
    "-rss_limit_mb=1024",
    "-max_len=8192",
    `-dict=${join(crate, "words.dict")}`,
    `-artifact_prefix=${crashes}/`,
    "-print_final_stats=1",
    ...(afresh ? ["-seed=1"] : []),
    corpus,
    join(crate, "corpus", target),
  ];
  const start = Date.now();
  const { code, output } = await run(join(directory, target), arguments_, { output: "keep", limit: (seconds + 300) * 1000 });
  const number = (pattern) => [...output.matchAll(pattern)].pop()?.[1] || "0";
  const inputs = number(/number_of_executed_units: (\d+)/g);
  const numbers = `${inputs} inputs, ${number(/\bcov: (\d+)/g)} edges, ${number(/\bft: (\d+)/g)} features, ${Math.round((Date.now() - start) / 1000)} s`;
  const good = code === 0 && inputs !== "0";
  if (!good) console.log(output.split("\n").slice(-60).join("\n"));
  return { good, line: `${good ? "ok" : "FAILED"}: ${target}: ${numbers}` };
}

/** Reduces what was found to the inputs that are needed to reach as much, up to the limits. */
async function keep(directory, target) {
  const place = mkdtempSync(join(tmpdir(), "corpus-"));
  try {
    const sources = [join(crate, "corpus", target), join(found, "corpus", target)].filter((source) => existsSync(source));
    const arguments_ = ["-set_cover_merge=1", "-max_len=8192", place, ...sources];
    const { code, output } = await run(join(directory, target), arguments_, { output: "keep" });
    if (code !== 0) throw new Failure(output.split("\n").slice(-20).join("\n"));
    // Seeds have names and stay; what was found is named by its content.
    const corpus = join(crate, "corpus", target);
    for (const name of readdirSync(corpus).filter((name) => /^[0-9a-f]{40}$/.test(name))) rmSync(join(corpus, name));
    const seeds = readdirSync(corpus).map((name) => readFileSync(join(corpus, name)));
    let size = seeds.reduce((sum, seed) => sum + seed.length, 0);
    const inputs = readdirSync(place).map((name) => ({ name, bytes: readFileSync(join(place, name)) }));
    let kept = 0;
    inputs.sort((one, other) => one.bytes.length - other.bytes.length);
    // Where there are too many: some of every length.
    const step = Math.max(1, inputs.length / FOUND_LIMIT);
    for (let at = 0; at < inputs.length; at += step) {
      const { name, bytes } = inputs[Math.floor(at)];
      if (size + bytes.length > CORPUS_LIMIT || seeds.some((seed) => seed.equals(bytes))) continue;
      size += bytes.length;
      kept += 1;
      writeFileSync(join(corpus, name), bytes);
    }
    console.log(`${target}: ${kept} of ${inputs.length} inputs beside ${seeds.length} seeds, ${size} bytes`);
  } finally {
    rmSync(place, { recursive: true });
  }
}

function optionsOf(arguments_) {
  const options = { chosen: [], seconds: 60, keep: false, replay: undefined };
  const rest = arguments_.slice();
  while (rest.length > 0) {
    const word = rest.shift();
    if (word === "--seconds") options.seconds = Number(rest.shift());
    else if (word === "--replay") options.replay = rest.shift();
    else if (word === "--keep") options.keep = true;
    else if (targets.includes(word)) options.chosen.push(word);
    else throw new Failure(`Say one or more of ${targets.join(", ")}, and \`--seconds N\`, \`--keep\` or \`--replay file\`.`);
  }
  if (!(options.seconds > 0)) throw new Failure("`--seconds` takes a number.");
  if (options.chosen.length === 0) options.chosen = targets;
  return options;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    const { chosen, seconds, keep: keeping, replay } = optionsOf(argv.slice(2));
    await ensureWasmTarget();
    const directory = await buildTargets();
    for (const target of chosen) {
      if (replay !== undefined) {
        process.exitCode = (await run(join(directory, target), [replay])).code;
      } else if (keeping) {
        await keep(directory, target);
      } else {
        const { good, line } = await fuzz(directory, target, seconds);
        console.log(line);
        if (!good) process.exitCode = 1;
      }
    }
  });
}
