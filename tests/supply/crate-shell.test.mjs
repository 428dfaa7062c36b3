// What is generated and committed all the same, since cargo alone has to build the crate.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { bundleForCrate, crateShell } from "../../tools/build/scripts.mjs";

test("the page shell of the crate is what its sources make", async () => {
  assert.equal(await readFile(crateShell, "utf8"), await bundleForCrate());
});
