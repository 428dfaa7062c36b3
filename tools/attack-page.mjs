// `docs/attacks.md`: every attack of the catalogue with its result, read from the output of the test run. The names of
// the tests carry the IDs: `E-01 …` in JavaScript, `e_01_…` in Rust.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { entries, groups, pending, pendingModules } from "../tests/attacks/catalogue.mjs";
import { root } from "./run.mjs";

const PAGE = join(root, "docs/attacks.md");
const CONFORMANCE = "CONFORMANCE";

/** Reads what the runners print: `{ tests: [{ id, name, passed }], findings: [{ id, finding }] }`. */
export function resultsIn(output) {
  const tests = new Map();
  const findings = new Map();
  for (const line of output.replace(/\u001b\[[0-9;]*m/gu, "").split(/\r?\n/u)) {
    const node = /^\s*(✔|✖|▶) ((?:[A-Z]-\d\d)|CONFORMANCE):? (.+?)(?: \([\d.]+ms\))?$/u.exec(line);
    // A test with subtests is first opened by its name, and its verdict comes when it ends.
    if (node && node[1] !== "▶") note(node[2], node[3], node[1] === "✔");
    const cargo = /^test (?:\w+::)*([a-z])_(\d\d)_(\w+) \.\.\. (ok|FAILED)/u.exec(line);
    if (cargo) note(`${cargo[1].toUpperCase()}-${cargo[2]}`, cargo[3].replaceAll("_", " "), cargo[4] === "ok");
    const finding = /^\s*ℹ ([A-Z]-\d\d): (.+)$/u.exec(line);
    if (finding) findings.set(`${finding[1]} ${finding[2]}`, { id: finding[1], finding: finding[2] });
  }
  return { tests: [...tests.values()], findings: [...findings.values()] };

  function note(id, name, passed) {
    const key = `${id} ${name}`;
    tests.set(key, { id, name, passed: passed && tests.get(key)?.passed !== false });
  }
}

/** What is wrong with the results as a whole: entries without a test, tests without an entry. */
export function gapsIn({ tests, findings }) {
  const known = new Set(entries.map(({ id }) => id));
  const tested = new Set(tests.map(({ id }) => id));
  const found = new Set(findings.map(({ id }) => id));
  return [
    ...entries.filter(({ id }) => !tested.has(id) && !(id in pending)).map(({ id }) => `${id} has no test`),
    ...entries.filter(({ id, kind }) => kind !== "M" && tested.has(id) && !found.has(id)).map(({ id }) => `${id} records no finding`),
    ...[...tested].filter((id) => id !== CONFORMANCE && !known.has(id) && !/-00$/u.test(id)).map((id) => `${id} is not in the catalogue`),
    ...Object.keys(pending).filter((id) => !known.has(id)).map((id) => `${id} waits, but is not in the catalogue`),
  ];
}

/** What it means that all tests of an entry of this kind passed. */
const PASSED = { M: "withstood", B: "recorded", R: "shown" };

/** The page. It holds no time and no number that changes from run to run, nor one that every new test would change. */
export function pageOf({ tests, findings }) {
  const of = (id) => tests.filter((test) => test.id === id);
  const result = ({ id, kind }) => {
    const those = of(id);
    if (those.length === 0) return pending[id] ? `waits for ${pending[id]}` : "**no test**";
    const failed = those.filter(({ passed }) => !passed);
    return failed.length === 0 ? PASSED[kind] : `**failed**: ${cell(failed.map(({ name }) => name).join("; "))}`;
  };
  const notes = (id) => findings.filter((finding) => finding.id === id).map(({ finding }) => finding).sort();
  const rows = (letter) =>
    entries
      .filter(({ id }) => id.startsWith(letter))
      .map((entry) => `| ${entry.id} | ${entry.kind} | ${cell([entry.title, ...notes(entry.id).map((note) => `*${note}*`)].join(" "))} | ${result(entry)} |`);
  const modules = of(CONFORMANCE).map(({ name, passed }) => [...name.split(": "), passed]);
  return `# Attacks

Written by \`npm run attacks\` from the results of the tests, whose names carry these IDs. \`M\`: must be withstood. \`B\`: best effort, with what was found. \`R\`: no library in a
page can prevent it; the test shows it. The hostile provider, the other origins and the sweep for secrets are in \`tests/hostile\`, the attacks in \`tests/attacks\`; parsers and
flows are also attacked natively in \`tests/protocol\` and \`tests/flows\`.

${Object.entries(groups)
  .map(([letter, title]) => [`## ${letter}. ${title}`, "", "| | | | result |", "|---|---|---|---|", ...rows(letter), ""].join("\n"))
  .join("\n")}
## Modules of the OpenID Foundation's conformance suite

Carried out by the hostile provider under the suite's names and judged by its rule: after bad input nothing is sent to UserInfo, or anywhere else, within five seconds. \`own-\`: what
the suite does not test with the code flow.

| module | expected | result |
|---|---|---|
${modules.map(([name, expected, passed]) => `| \`${name}\` | ${cell(expected)} | ${passed ? "passed" : "**failed**"} |`).concat(Object.entries(pendingModules).map(([name, what]) => `| \`${name}\` | | waits for ${what} |`)).join("\n")}
`;
}

/** Without the findings: some of them say what happened to happen. */
const lasting = (page) => page.replace(/ \*[^|]*\*(?= \|)/gu, "");

/** Line by line, what the page does not say and what it should not. */
function differences(stands, said) {
  const [ours, theirs] = [stands, said].map((page) => page.split("\n"));
  const changed = [
    ...ours.filter((line) => !theirs.includes(line)).map((line) => `docs/attacks.md says, and this run does not: ${line}`),
    ...theirs.filter((line) => !ours.includes(line)).map((line) => `this run says, and docs/attacks.md does not: ${line}`),
  ];
  if (changed.length === 0 && stands !== said) changed.push("docs/attacks.md has another order than this run");
  return changed.length === 0 ? [] : [...changed, "docs/attacks.md is written anew by: npm run attacks"];
}

const cell = (text) => text.replaceAll("|", "\\|");

/** Compares the page with what a run says, or writes it. Answers what is wrong. */
export function checkPage(output, { write = false } = {}) {
  const results = resultsIn(output);
  const gaps = gapsIn(results);
  const page = pageOf(results);
  if (write) writeFileSync(PAGE, page);
  else gaps.push(...differences(lasting(readFileSync(PAGE, "utf8")), lasting(page)));
  return gaps;
}
