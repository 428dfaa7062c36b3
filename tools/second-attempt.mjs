// What fails in a browser is tried once more, alone, and said: drivers lose a window or an answer now and then, and a busy
// machine makes any deadline late. What fails twice has failed.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { countOfNode, plain } from "./count.mjs";
import { root } from "./run.mjs";
import { cache } from "./stamp.mjs";

const REPORTER = join(root, "tools/failed-tests.mjs");
/** Where so many fail, it is no chance. */
const MOST = 20;

/** The names of the tests of this process that passed only when they were tried once more. */
export const passedAgain = [];

/**
 * Runs `start(options, files)`, which runs node:test and answers `{ code, output }`, and once more the tests that failed.
 * Answers as it does, with the output that holds in the end.
 */
export async function withSecondAttempt(start, files) {
  const first = await attempt(start, [], files);
  const again = first.failed.filter(({ file }) => file !== undefined);
  // What fails without a failed test has crashed.
  if (first.code === 0 || again.length === 0 || again.length > MOST) return first;

  console.log(`Once more, alone: ${again.map(({ name }) => name).join("; ")}`);
  const outputs = [];
  const failedTwice = [];
  for (const file of new Set(again.map((test) => test.file))) {
    const names = again.filter((test) => test.file === file).map(({ name }) => name);
    // A file that fails as a whole has its path for a name.
    const patterns = names.includes(file) ? [] : names.map((name) => `--test-name-pattern=^${name.replace(/[\\^$.*+?()[\]{}|]/gu, "\\$&")}$`);
    const second = await attempt(start, ["--test-concurrency=1", ...patterns], [file]);
    outputs.push(second.output);
    const still = new Set(second.failed.map(({ name }) => name));
    const unclear = second.code !== 0 && still.size === 0 || countOfNode(second.output).passed + still.size === 0;
    failedTwice.push(...names.filter((name) => unclear || still.has(name)));
  }
  const recovered = again.filter(({ name }) => !failedTwice.includes(name)).map(({ name }) => name);
  passedAgain.push(...recovered);
  return { code: failedTwice.length === 0 ? 0 : 1, output: held(first.output, outputs, recovered) };
}

async function attempt(start, options, files) {
  mkdirSync(cache, { recursive: true });
  const report = join(cache, `failed-tests-${process.pid}.jsonl`);
  const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", `--test-reporter=${REPORTER}`, `--test-reporter-destination=${report}`];
  const result = await start([...reporters, ...options], files);
  return { ...result, failed: readFileSync(report, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line)) };
}

/** The first output without what it says of tests that passed afterwards, what was printed then, and the counts of all. */
function held(output, more, recovered) {
  const counts = countOfNode(output);
  const of = (line) => /^\s*✖ (.+?)(?: \([\d.]+ms\))?$/u.exec(line)?.[1];
  const lines = plain(output).split("\n").filter((line) => !recovered.includes(of(line)));
  const closing = [`ℹ pass ${counts.passed + recovered.length}`, `ℹ fail ${counts.failed - recovered.length}`, "ℹ cancelled 0", `ℹ skipped ${counts.skipped}`, "ℹ todo 0"];
  return [...lines, ...more, ...closing, ""].join("\n");
}
