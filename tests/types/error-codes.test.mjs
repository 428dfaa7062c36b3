import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test, { before } from "node:test";
import { packageDirectory } from "../support/app-site.mjs";
import { typeErrors } from "../support/type-check.mjs";

let documented;
let results;

before(async () => {
  const page = await readFile(join(packageDirectory, "../docs/errors.md"), "utf8");
  documented = [...page.matchAll(/^\| `(\w+)` \|/gmu)].map(([, code]) => code);
  const head = 'import type { OidcErrorCode } from "valetkey";\n';
  const table = (codes) => `${head}export const all: Record<OidcErrorCode, true> = {\n${codes.map((code) => `  ${code}: true,`).join("\n")}\n};\n`;
  results = await typeErrors({ all: table(documented), one_less: table(documented.slice(1)), one_more: table([...documented, "made_up"]) }, "bundler");
});

test("docs/errors.md lists each code once", () => {
  assert.ok(documented.length > 80, `only ${documented.length} codes were found`);
  assert.deepEqual(documented, [...new Set(documented)]);
});

test("the codes of docs/errors.md are exactly those of the type OidcErrorCode", () => {
  assert.deepEqual(results.all, []);
});

test("the comparison would notice a code that is missing or too many", () => {
  assert.equal(results.one_less.length, 1);
  assert.equal(results.one_more.length, 1);
});

test("every code has a sentence and a hint in the package", async () => {
  const { texts } = await import(join(packageDirectory, "messages.js"));
  assert.deepEqual(Object.keys(texts).sort(), [...documented].sort());
  for (const [code, [sentence, hint]] of Object.entries(texts)) {
    assert.match(sentence, /\S{2,} \S/u, code);
    assert.match(hint, /[.?]$/u, code);
  }
});
