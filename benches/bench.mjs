// `npm run bench`: Valetkey beside other libraries in one Chromium, against one real provider, the cases taking turns.
//
//   --runs N     runs of each case (default 15)
//   --only TEXT  the cases in whose name TEXT begins a word, may be given again; a name is "scenario / subject / flavour", as in
//                "slow / oidc-client-ts / static", or for what an application does that stays open "study / subject", as
//                in "storm / valetkey"
//   --json       the numbers alone
//   --pkg DIR    another build of the package than pkg/

import { spawnSync } from "node:child_process";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prepareApplications } from "./applications.mjs";
import { launchBrowser } from "./browser.mjs";
import { defaultPackage, isPackage, root, version } from "./bundle.mjs";
import { calls } from "./calls.mjs";
import { idle } from "./idle.mjs";
import { reloads } from "./reload.mjs";
import { proofs } from "./proofs.mjs";
import { printReport, summarize } from "./report.mjs";
import { journeys, networks, scenarios } from "./scenarios.mjs";
import { weighValetkey } from "./size.mjs";
import { storm } from "./storm.mjs";
import { flavours, prepare, startWorld, subjects } from "./world.mjs";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "15" },
    only: { type: "string", multiple: true, default: [""] },
    json: { type: "boolean" },
    pkg: { type: "string", default: defaultPackage },
  },
});
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) fail(`--runs takes a whole number, not ${options.runs}`);

/** "reload" does not mean "valetkey, preloaded". */
const wanted = options.only.map((text) => new RegExp((/^\w/.test(text) ? "\\b" : "") + text.replace(/[^\w\s]/g, "\\$&")));
const isWanted = ({ name }) => wanted.some((pattern) => pattern.test(name));

const cases = Object.entries(scenarios).flatMap(([scenario, { only, plain = flavours, hints = flavours }]) =>
  flavours.flatMap((flavour) =>
    Object.entries(subjects)
      .filter(([, subject]) => (!only || subject.library === only) && (subject.hints ? hints : plain).includes(flavour))
      .map(([subject]) => ({ scenario, subject, flavour, name: `${scenario} / ${subject} / ${flavour}` })),
  ),
)
  .map((each) => ({ ...each, results: [], failures: [] }))
  .filter(isWanted);
/** What an application does that stays open. */
const studies = [storm, ...calls, proofs, ...reloads, idle]
  .map((study) => ({
    ...study,
    cases: Object.entries(study.subjects)
      .map(([subject, definition]) => ({ subject, definition, name: `${study.name} / ${subject}`, results: [], failures: [] }))
      .filter(isWanted),
  }))
  .filter((study) => study.cases.length > 0);
if (cases.length === 0 && studies.length === 0) fail(`no case has ${options.only.map((text) => `"${text}"`).join(" or ")} in its name`);

const libraries = [...new Set(cases.map(({ subject }) => subjects[subject].library))];
const staying = [...new Set(studies.flatMap(({ cases }) => cases.map(({ definition }) => definition.library)))];
const all = [...new Set([...libraries, ...staying])];
const withValetkey = all.includes("valetkey");
if (withValetkey && !isPackage(options.pkg)) buildPackage();

const started = Date.now();
/** What else the machine was doing, for whoever reads the numbers. */
const load = loadavg()[0];
const prepared = await prepare(libraries, options.pkg);
const applications = await prepareApplications(staying, options.pkg);
const sizes = withValetkey ? (await weighValetkey(options.pkg)).sizes : null;
const browser = await launchBrowser();
try {
  for (const [name, network] of Object.entries(networks)) await measure(name, network);
  for (const study of studies.filter(({ name }) => name !== idle.name)) await undertake(study, browser);
} finally {
  await browser.close();
}
// The idle tabs have a browser of their own.
for (const study of studies.filter(({ name }) => name === idle.name)) await undertake(study);

const summary = {
  date: new Date().toISOString(),
  browser: browser.version,
  node: process.versions.node,
  load,
  loadAtEnd: loadavg()[0],
  runs,
  seconds: Math.round((Date.now() - started) / 1000),
  versions: Object.fromEntries(all.filter((library) => library !== "empty").map((library) => [library, version(library, options.pkg)])),
  ...summarize(cases, sizes, studies),
};
if (options.json) console.log(JSON.stringify(summary, null, 2));
else printReport(summary, studies);
if ([...cases, ...studies.flatMap((study) => study.cases)].some(({ results }) => results.length === 0)) process.exitCode = 1;

/** Makes every journey of a network in turn, for each subject and flavour, `runs` times round. */
async function measure(name, { link, lanes }) {
  const tours = journeys
    .filter(({ network }) => network === name)
    .flatMap((journey) =>
      flavours.flatMap((flavour) =>
        Object.keys(subjects).map((subject) => ({
          journey,
          subject,
          flavour,
          wanted: cases.filter(
            (each) => journey.scenarios.includes(each.scenario) && each.subject === subject && each.flavour === flavour,
          ),
        })),
      ),
    )
    .filter(({ wanted }) => wanted.length > 0);
  if (tours.length === 0) return;
  console.error(`${name} network: ${tours.length} journeys, ${runs} times each`);

  const worlds = await Promise.all(Array.from({ length: lanes }, () => startWorld({ prepared, network: link })));
  // Each round starts with another one, so that none always follows the same neighbour.
  const rounds = Array.from({ length: runs }, (_, round) => tours.map((_, i) => tours[(i + round) % tours.length]));
  const turns = rounds.flat();
  const lane = async (world, index) => {
    let closed;
    for (let tour; (tour = turns.shift()); ) {
      const context = await browser.newContext();
      await closed;
      await slot(index);
      await make(tour, world, context);
      closed = context.close();
    }
    await closed;
  };
  // What a run computes, it computes when a response arrives, so a whole number of latencies after its start. Lanes that
  // start a fraction of a latency apart stay out of each other's way.
  const slot = async (index) => {
    if (lanes === 1) return;
    const late = performance.now() % link.latency;
    await new Promise((resolve) => setTimeout(resolve, (link.latency * (1 + index / lanes) - late) % link.latency));
  };
  await Promise.all(worlds.map(lane));
  await Promise.all(worlds.map((world) => world.close()));
  console.error(`  done after ${Math.round((Date.now() - started) / 1000)} s`);
}

/** One journey. What fails on the way is a failure of each of its scenarios that has no result yet. */
async function make({ journey, subject, flavour, wanted }, world, context) {
  const open = new Set(wanted);
  const find = (scenario) => wanted.find((each) => each.scenario === scenario);
  const found = (scenario, result) => {
    open.delete(find(scenario));
    find(scenario)?.results.push(result);
  };
  const { newContext } = browser;
  const isWanted = (scenario) => Boolean(find(scenario));
  try {
    await journey.run({ context, newContext, world, subject, flavour, wanted: isWanted }, found);
  } catch (error) {
    for (const each of open) {
      console.error(`  failed: ${each.name}: ${error.message}`);
      each.failures.push(error.message);
    }
  }
}

async function undertake(study, browser) {
  console.error(`${study.name}: ${study.cases.length} cases`);
  for (const each of study.cases) {
    each.fail = (error) => {
      console.error(`  failed: ${each.name}: ${error.message}`);
      each.failures.push(error.message);
    };
  }
  await study.run({ cases: study.cases, browser, prepared: applications, runs });
  console.error(`  done after ${Math.round((Date.now() - started) / 1000)} s`);
}

function buildPackage() {
  if (options.pkg !== defaultPackage) fail(`there is no built package at ${options.pkg}`);
  console.error("pkg/ is missing: building it");
  const { status } = spawnSync(process.execPath, [join(root, "tools", "build.mjs")], { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0 || !isPackage(options.pkg)) fail("the package could not be built; `npm run build` says why");
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
