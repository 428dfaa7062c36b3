// What is generated and committed all the same, since cargo alone has to build the crate.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import test from "node:test";
import { bundleForCrate, crateShells } from "../../tools/build/crate.mjs";

for (const file of crateShells.keys()) {
  test(`the crate's ${basename(file)} is what its sources make`, async () => {
    assert.equal(await readFile(file, "utf8"), await bundleForCrate(file));
  });
}
