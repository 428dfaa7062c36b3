// `docs/engines.md`: what each engine does, read from the output of the tests that run in all of them. Their names are
// `Firefox: Renewal: …`; where engines differ, a test says in words what it found.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";

const PAGE = join(root, "docs/engines.md");
const ENGINES = ["Chromium", "Firefox", "WebKit"];
const TEST = /^\s*(✔|✖|﹣) (Chromium|Firefox|WebKit): ([^:]+): (.+?) \([\d.]+ms\)(?: # .*)?$/u;

/** Reads what the runner prints: `{ rows: [{ subject, name, cells: { Firefox: "yes" } }], versions }`. */
export function resultsIn(output) {
  const lines = output.replace(/\u001b\[[0-9;]*m/gu, "").split(/\r?\n/u);
  const rows = new Map();
  const versions = {};
  for (const line of lines) {
    const version = /^\s*ℹ (\w+): Version: (.+)$/u.exec(line);
    if (version) versions[version[1]] = version[2];
    const [, sign, engine, subject, name] = TEST.exec(line) ?? [];
    if (sign === undefined) continue;
    const key = `${engine}: ${subject}: ${name}`;
    const row = rows.get(`${subject}: ${name}`) ?? { subject, name, cells: {} };
    rows.set(`${subject}: ${name}`, row);
    if (sign === "✖") row.cells[engine] = "**failed**";
    // What failed is listed twice.
    else if (sign === "✔") row.cells[engine] ??= foundBy(lines, key) ?? "yes";
  }
  return { rows: [...rows.values()], versions };
}

function foundBy(lines, key) {
  return lines.map((line) => line.trim()).find((line) => line.startsWith(`ℹ ${key}: `))?.slice(`ℹ ${key}: `.length);
}

export function pageOf({ rows, versions }) {
  const subjects = [...new Set(rows.map(({ subject }) => subject))];
  const table = (subject) => [
    `## ${subject}`,
    "",
    `| | ${ENGINES.join(" | ")} |`,
    "|---|---|---|---|",
    ...rows.filter((row) => row.subject === subject).map(({ name, cells }) => `| ${[name, ...ENGINES.map((engine) => cells[engine] ?? "not run")].map(cell).join(" | ")} |`),
    "",
  ].join("\n");
  return `# Engines

What the tests of \`tests/engines\` found, which are the same for every engine. \`yes\`: it is so. Written by \`npm run engines\`; a run of \`npm test\` that finds something else fails.
Where a vault that ends with its last page lives on until the next one by chance, it is said to have ended.
WebKit is WebKitGTK; Safari has the same engine in another coat.

Versions: ${ENGINES.map((engine) => `${engine} ${versions[engine] ?? "not run"}`).join(", ")}.

${subjects.map(table).join("\n")}`;
}

/** Compares the page with what a run says, or writes it. Answers what is wrong, line by line. */
export function checkPage(output, { write = false } = {}) {
  const results = resultsIn(output);
  const absent = ENGINES.filter((engine) => results.versions[engine] === undefined);
  if (write) {
    if (absent.length > 0) return [`docs/engines.md is not written: ${absent.join(" and ")} did not run`];
    writeFileSync(PAGE, pageOf(results));
    return [];
  }
  const linesOf = (page) => page.split("\n").filter((line) => !line.startsWith("Versions:")).map((line) => without(absent, line));
  const [said, found] = [existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "", pageOf(results)].map(linesOf);
  const changes = [...said.filter((line) => !found.includes(line)).map((line) => `- ${line}`), ...found.filter((line) => !said.includes(line)).map((line) => `+ ${line}`)];
  return changes.length === 0 ? [] : [`docs/engines.md is not what this run says: npm run engines\n${changes.join("\n")}`];
}

/** A line of a table without what engines that did not run have in it. */
function without(absent, line) {
  if (!line.startsWith("| ")) return line;
  const cells = line.split(" | ");
  return cells.filter((_, index) => !absent.includes(ENGINES[index - 1])).join(" | ").replace(/( \|)?$/u, " |");
}

const cell = (text) => text.replaceAll("|", "\\|");
