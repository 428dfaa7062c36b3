// `npm run mutants`: changes the rules of src/protocol and src/vault one by one, and expects a test to fail each time.
// What it changes, and which changes are harmless and why, is in .cargo/mutants.toml. Words after `--` are passed on to
// cargo-mutants: `npm run mutants -- --re src/protocol/url`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, main, root, run } from "./run.mjs";
import { ensureNode, ensureProgram, ensureWasmTarget, perform } from "./setup.mjs";

const MUTANTS = { name: "cargo-mutants", version: "27.1.0", asks: ["mutants", "--version"] };
/** What cargo-mutants ends with: all caught, some survived, some caught by running into the time limit. */
const [CAUGHT, SURVIVED, TIMED_OUT] = [0, 2, 3];
/** The tests fail as it is. */
const BASELINE_FAILED = 4;

await main(async () => {
  ensureNode();
  const [, mutants] = await perform([ensureWasmTarget, (say) => ensureProgram(MUTANTS, say)]);

  const output = join(root, "target");
  const env = {
    // In a place of their own and kept, so that the next run builds the dependencies no more.
    CARGO_TARGET_DIR: join(output, "mutants"),
    // What is found must not depend on luck: each rule has examples of its own.
    PROPTEST_CASES: "0",
  };
  const arguments_ = ["mutants", "--output", output, ...process.argv.slice(2)];
  const { code } = await run(mutants, arguments_, { env });
  if (code === BASELINE_FAILED) throw new Failure("The tests fail as it is, without any mutant: run `npm test`.");
  if (![CAUGHT, SURVIVED, TIMED_OUT].includes(code)) throw new Failure(`cargo-mutants ended with code ${code}: see above.`);

  const { total_mutants: total, caught, timeout, unviable, missed } = outcomes(output);
  console.log(`${total} mutants: ${caught + timeout} caught, ${unviable} do not compile, ${missed} survived`);
  if (missed > 0) throw new Failure("Write a test that fails with the survivor, or list it in .cargo/mutants.toml with the reason why it is harmless.");
});

function outcomes(output) {
  return JSON.parse(readFileSync(join(output, "mutants.out/outcomes.json"), "utf8"));
}
