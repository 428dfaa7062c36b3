// Licences: those of deny.toml for everything that is linked; for npm's tools, which are not shipped, a few more.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../tools/run.mjs";
import { crates, manifests } from "../support/crates.mjs";

const text = /^allow = (\[.*?\])$/msu.exec(await readFile(join(root, "deny.toml"), "utf8"))[1];
const LINKED = new Set(JSON.parse(text));
/** MPL-2.0: lightningcss, within Vite. CC-BY-4.0: data of browsers' features. BlueOak: permissive. */
const TOOLS = new Set([...LINKED, "MPL-2.0", "CC-BY-4.0", "BlueOak-1.0.0"]);

/** Whether an SPDX expression can be met with the licences of `allowed`. Old manifests write `/` for OR. */
function permitted(expression, allowed) {
  const tokens = (expression ?? "").replaceAll("/", " OR ").match(/[()]|[^\s()]+/gu) ?? [];
  const either = () => {
    let met = both();
    while (tokens[0] === "OR") met = (tokens.shift(), both()) || met;
    return met;
  };
  const both = () => {
    let met = one();
    while (tokens[0] === "AND") met = (tokens.shift(), one()) && met;
    return met;
  };
  const one = () => {
    const token = tokens.shift();
    if (token === "(") {
      const met = either();
      return tokens.shift() === ")" && met;
    }
    if (tokens[0] === "WITH") return allowed.has(`${token} WITH ${tokens.splice(0, 2)[1]}`);
    return allowed.has(token);
  };
  return either() && tokens.length === 0;
}

test("an expression is met or it is not", () => {
  for (const good of ["MIT", "MIT OR GPL-3.0", "GPL-3.0 OR MIT", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0", "Apache-2.0 WITH LLVM-exception OR MIT"]) {
    assert.equal(permitted(good, LINKED), true, good);
  }
  for (const bad of [undefined, "", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-3.0", "Apache-2.0 WITH LLVM-exception", "MIT GPL-3.0", "SEE LICENSE IN x", "(MIT", "UNLICENSED"]) {
    assert.equal(permitted(bad, LINKED), false, String(bad));
  }
});

for (const manifest of manifests) {
  test(`every crate that ${manifest} leads to has an allowed licence`, async () => {
    const packages = await crates(manifest);
    assert.ok(packages.length > 50);
    assert.deepEqual(packages.filter(({ license }) => !permitted(license, LINKED)).map(({ name, license }) => `${name}: ${license}`), []);
  });
}

test("every npm package that builds or tests has an allowed licence", async () => {
  const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
  const faults = Object.entries(packages).filter(([, { license }]) => !permitted(license, TOOLS));
  assert.deepEqual(faults.map(([path, { license }]) => `${path}: ${license}`), []);
});
