// `npm test`: sets up what is missing and runs every suite, or those of `--only lint,native`. The last line counts all.

import { buildSteps } from "./build.mjs";
import { buildExamples } from "./build/examples.mjs";
import { buildFace } from "./build/face.mjs";
import { none, sum } from "./count.mjs";
import { Failure, main } from "./run.mjs";
import { passedAgain } from "./second-attempt.mjs";
import { ensureBindgen, ensureBrowser, ensureEngines, ensureNode, ensureNpm, ensureWasmTarget, perform } from "./setup.mjs";
import { suites } from "./suites.mjs";

await main(async () => {
  ensureNode();
  const chosen = suitesOf(process.argv.slice(2));
  const { found, broken } = await setUp(chosen);

  const results = [];
  for (const suite of chosen) results.push(await runSuite(suite, found, broken));
  report(results);
  if (results.some(({ good }) => !good)) process.exitCode = 1;
});

function suitesOf(arguments_) {
  if (arguments_.length === 0) return suites;
  const [option, list] = arguments_[0].split("=").concat(arguments_.slice(1));
  const names = (list || "").split(",");
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (option === "--only" && unknown === undefined) return suites.filter(({ name }) => names.includes(name));
  throw new Failure(`Say \`--only\` and one or more of ${suites.map(({ name }) => name).join(",")}.`);
}

/**
 * Sets up what the chosen suites need, and answers where it was found. Without npm packages or Rust nothing can run; a browser that is missing or a package that
 * does not build fails the suites that need it, and only them.
 */
async function setUp(chosen) {
  const needed = (name) => chosen.some(({ needs }) => needs.includes(name));
  const found = {};
  const broken = {};
  const unless = (need, step) => async (say) => {
    try {
      if (broken[need] === undefined) return await step(say);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.error(error.message);
      broken[need] = error.message;
    }
  };

  const steps = [ensureNpm, ensureWasmTarget];
  if (needed("bindgen") || needed("package")) steps.push(async (say) => Object.assign(found, await ensureBindgen(say)));
  if (needed("browser")) steps.push(unless("browser", async (say) => Object.assign(found, await ensureBrowser(say))));
  if (needed("engines")) steps.push(async (say) => Object.assign(found, await ensureEngines(say)));
  if (needed("package")) steps.push(...buildSteps.map((step) => unless("package", step)));
  if (needed("face")) steps.push(unless("face", buildFace));
  if (needed("examples")) steps.push(unless("examples", buildExamples));
  await perform(steps);
  return { found, broken };
}

async function runSuite({ name, needs, run }, found, broken) {
  console.log(`\n=== ${name} ===`);
  const start = Date.now();
  const result = { name, counts: none, good: false, note: "" };
  try {
    const missing = needs.find((need) => broken[need] !== undefined);
    if (missing !== undefined) throw new Failure(`not run: ${broken[missing]}`);
    result.counts = await run(found);
    if (result.counts.passed + result.counts.failed === 0) throw new Failure("no test was counted");
    result.good = result.counts.failed === 0;
  } catch (error) {
    console.error(error instanceof Failure ? error.message : error);
    // Whatever it counted before, something failed.
    result.counts = sum([error.counts || result.counts, { ...none, failed: 1 }]);
    result.note = ` (crashed: ${error.message.split("\n")[0]})`;
  }
  result.seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.log(`=== ${lineOf(result)}`);
  return result;
}

function lineOf({ name, counts, seconds, note }) {
  const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
  return `${name}: ${counts.passed} passed, ${counts.failed} failed${skipped}, ${seconds} s${note}`;
}

function report(results) {
  console.log("");
  passedAgain.forEach((name) => console.log(`passed only when tried once more: ${name}`));
  results.forEach((result) => console.log(lineOf(result)));
  const { passed, failed } = sum(results.map(({ counts }) => counts));
  console.log(`${passed} passed, ${failed} failed`);
}
