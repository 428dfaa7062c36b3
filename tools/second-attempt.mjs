// What fails in a browser is tried once more, alone, and said: drivers lose a window or an answer now and then, and a busy
// machine makes any deadline late. What fails twice has failed.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { countOfNode, plain } from "./count.mjs";
import { root } from "./run.mjs";
import { cache } from "./stamp.mjs";

const REPORTER = join(root, "tools/test-results.mjs");
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
  const again = first.results.filter(({ passed, file }) => !passed && file !== undefined);
  // What fails without a failed test has crashed.
  if (first.code === 0 || again.length === 0 || again.length > MOST) return first;

  console.log(`Once more, alone: ${again.map(({ name }) => name).join("; ")}`);
  // A test belongs to the file that declares it, which need not be one that node was started with: then any of them may run it.
  const placeOf = ({ file }) => (files.includes(file) ? [file] : files);
  const outputs = [];
  const passed = new Set();
  for (const place of new Set(again.map((test) => String(placeOf(test))))) {
    const tests = again.filter((test) => String(placeOf(test)) === place);
    // A file that fails as a whole has its path for a name.
    const whole = tests.some(({ name, file }) => name === file);
    const patterns = whole ? [] : tests.map(({ name }) => `--test-name-pattern=^${name.replace(/[\\^$.*+?()[\]{}|]/gu, "\\$&")}$`);
    const second = await attempt(start, ["--test-concurrency=1", ...patterns], placeOf(tests[0]));
    outputs.push(plain(second.output).split("\n").filter((line) => !line.endsWith("# test name does not match pattern")).join("\n"));
    const named = (wanted) => second.results.filter((test) => test.passed === wanted).map(({ name }) => name);
    for (const name of [...named(true), ...(whole && second.code === 0 ? tests.map(({ name }) => name) : [])]) passed.add(name);
    for (const name of named(false)) passed.delete(name);
  }
  const recovered = again.filter(({ name }) => passed.has(name)).map(({ name }) => name);
  passedAgain.push(...recovered);
  return { code: recovered.length === again.length ? 0 : 1, output: held(first.output, outputs, recovered) };
}

async function attempt(start, options, files) {
  mkdirSync(cache, { recursive: true });
  const report = join(cache, `test-results-${process.pid}.jsonl`);
  const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", `--test-reporter=${REPORTER}`, `--test-reporter-destination=${report}`];
  const result = await start([...reporters, ...options], files);
  return { ...result, results: readFileSync(report, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line)) };
}

/** The first output without what it says of tests that passed afterwards, what was printed then, and the counts of all. */
function held(output, more, recovered) {
  const counts = countOfNode(output);
  const of = (line) => /^\s*✖ (.+?)(?: \([\d.]+ms\))?$/u.exec(line)?.[1];
  const lines = plain(output).split("\n").filter((line) => !recovered.includes(of(line)));
  const closing = [`ℹ pass ${counts.passed + recovered.length}`, `ℹ fail ${counts.failed - recovered.length}`, "ℹ cancelled 0", `ℹ skipped ${counts.skipped}`, "ℹ todo 0"];
  return [...lines, ...more, ...closing, ""].join("\n");
}
