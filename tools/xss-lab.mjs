// `npm run xss-lab`: every hostile script against every library, early and late, and what each stole.
//
//   --library valetkey,oidc-client-ts    only these        --payload storage,graph    only these
//   --json                               as JSON           --write                    into docs/xss-lab.md

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeLab } from "../tests/hostile/lab.mjs";
import { EARLY, LATE, payloads } from "../tests/hostile/payloads/index.mjs";
import { TARGETS, versionOf } from "../tests/hostile/targets.mjs";
import { hostilePage, KINDS } from "../tests/hostile/xss.mjs";
import { Failure, main, root } from "./run.mjs";

/** Pages at a time. */
const AT_ONCE = 6;

const today = () => new Date().toISOString().slice(0, 10);
const versions = (libraries) => Object.fromEntries(libraries.map((library) => [library, versionOf(TARGETS[library])]));
const markdown = (lines) => lines.map((line) => `| ${line.join(" | ")} |`).join("\n");

await main(async () => {
  const { values } = parseArgs({
    options: { library: { type: "string" }, payload: { type: "string" }, json: { type: "boolean" }, write: { type: "boolean" } },
  });
  const libraries = chosen(Object.keys(TARGETS), values.library);
  const scripts = chosen(payloads.map(({ name }) => name), values.payload);
  const start = Date.now();
  const results = await runAll(libraries, payloads.filter(({ name }) => scripts.includes(name)));
  const seconds = Math.round((Date.now() - start) / 1000);
  if (values.json) console.log(JSON.stringify({ date: today(), browser: results.browser, versions: versions(libraries), results: results.rows }, undefined, 2));
  else console.log(table(results.rows, libraries));
  if (values.write) {
    if (values.library || values.payload) throw new Failure("What is written down is the whole of it: leave out --library and --payload.");
    writeFileSync(join(root, "docs/xss-lab.md"), page(results, libraries, seconds));
  }
  console.error(`${results.rows.length} attacks in ${seconds} s`);
});

function chosen(all, list) {
  const names = list?.split(/[,;](?! )/u) ?? all;
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Failure(`There is no ${unknown}. There are: ${all.join("; ")}`);
  return names;
}

/** One library after the other, each with a browser of its own: what one does to it is not the next one's affair. */
async function runAll(libraries, scripts) {
  const rows = [];
  let browser;
  for (const library of libraries) {
    const once = () => runLibrary(library, scripts).catch((error) => ({ error }));
    const first = await once();
    // A browser that crashed says nothing of the library.
    const result = first.error ? await once() : first;
    if (result.error) throw result.error;
    rows.push(...result.rows);
    browser = result.browser;
    console.error(`${library}: ${result.rows.length} attacks`);
  }
  return { rows, browser };
}

async function runLibrary(library, scripts) {
  const lab = makeLab();
  await lab.start();
  const rows = [];
  const waiting = scripts.flatMap((payload) => [EARLY, LATE].map((position) => ({ library, payload, position })));
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const name = `${next.payload.name}-${next.position}`;
      const first = await attack(lab, next, name);
      // Once more, where nobody was signed in: it may have been the machine's fault.
      rows.push(first.signedIn ? first : await attack(lab, next, `${name}-again`));
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return { rows, browser: lab.browser.version() };
  } finally {
    await lab.stop();
  }
}

/** One visit, in a context of its own. A page that the payload kept from working is told apart: it lost nothing that way. */
async function attack(lab, { library, payload, position }, name) {
  const closing = [];
  const context = await lab.context({ after: (close) => closing.push(close) });
  const row = { library, payload: payload.name, position };
  try {
    const { kinds, report, work } = await hostilePage(lab, { context, target: TARGETS[library], payload, position, name });
    return { ...row, kinds, signedIn: report.status === "signed-in", working: work === 200, ...(report.error && { error: report.error.split("\n")[0] }) };
  } catch (error) {
    return { ...row, kinds: [], signedIn: false, working: false, error: error.message.split("\n")[0] };
  } finally {
    for (const close of closing) await close();
  }
}

/** A cell: what was stolen, and a `†` where the script kept the application from signing in. */
function cell({ kinds, signedIn }) {
  return `${kinds.length === 0 ? "-" : kinds.join(", ")}${signedIn ? "" : " †"}`;
}

function linesOf(rows, libraries) {
  const find = (library, payload, position) => rows.find((row) => row.library === library && row.payload === payload && row.position === position);
  const names = payloads.map(({ name }) => name).filter((name) => rows.some(({ payload }) => payload === name));
  return names.flatMap((name) => [EARLY, LATE].map((position) => [`${name}, ${position}`, ...libraries.map((library) => cell(find(library, name, position)))]));
}

function table(rows, libraries) {
  const all = [["payload", ...libraries], ...linesOf(rows, libraries)];
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)));
  return all.map((line) => line.map((text, column) => text.padEnd(widths[column])).join("  ").trimEnd()).join("\n");
}

/** How many of the scripts got at least one token, by position. */
function summary(rows, libraries) {
  const tokens = ["access", "refresh", "id-token"];
  const count = (library, position, kinds) => rows.filter((row) => row.library === library && row.position === position && row.kinds.some((kind) => kinds.includes(kind))).length;
  return markdown([
    ["library", "version", "configuration", "early: a token", "late: a token", "late: the refresh token"],
    ["---", "---", "---", "---", "---", "---"],
    ...libraries.map((library) => [
      library,
      versionOf(TARGETS[library]),
      TARGETS[library].configuration,
      ...[[EARLY, tokens], [LATE, tokens], [LATE, ["refresh"]]].map(([position, kinds]) => String(count(library, position, kinds))),
    ]),
  ]);
}

function page({ rows, browser }, libraries, seconds) {
  const machine = spawnSync("uname", ["-sm"]).stdout.toString().trim();
  return `<!-- Generated by \`npm run xss-lab -- --write\`. -->

# What a hostile script gets

Every library here runs in the same small application: it signs in, calls an API, goes on working, and has its token renewed. A script is injected, either *early*
(before any script of the page) or *late* (into the page that is signed in), with nothing in its way: no Content-Security-Policy, the client within reach in a global variable,
and knowledge of the library. What then arrives at the attacker's host is counted; every secret of a run is marked, so nothing is guessed. The scripts are in
\`tests/hostile/payloads\`, the same for all, the programs in \`tests/hostile/programs\`.

${today()}, Chromium ${browser}, ${machine}, ${rows.length} visits in ${seconds} s.

${summary(rows, libraries)}

The three right columns count scripts, of ${payloads.length}. No library in a browser comes to zero: a script that signs in by itself (\`silent\`), one that runs before
everything and starts its own program in place of the library's worker (\`worker-swap\`), and one that the origin itself serves as a service worker are beyond what any of them
can prevent. A policy and the provider can: see [SECURITY.md](../SECURITY.md). Where tokens cannot be had, a script can still act in the user's name while the page is open (\`proxy\`).

## By script

Kinds: ${KINDS.map((kind) => `\`${kind}\``).join(", ")}. \`acts\`: the API was called in the user's name. A spent code buys nothing. \`nonce\` is a claim of the ID token. In \`silent\` and
\`redeem\` the tokens are those of the attacker's own exchange; \`service-worker\` is a race, and may end otherwise in another run. †: the script kept the application from signing in.

${markdown([["script", "does"], ["---", "---"], ...payloads.map(({ name, does }) => [`\`${name}\``, does])])}

${markdown([["script", ...libraries], ["---", ...libraries.map(() => "---")], ...linesOf(rows, libraries)])}
`;
}
