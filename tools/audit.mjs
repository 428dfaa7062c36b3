// `npm run audit`: what is known of the dependencies, by cargo-deny (deny.toml) and by npm. It needs the network, and some
// minutes to build cargo-deny at first; what can be checked without either is in tests/supply, which `npm test` runs.
//
// A check that could not be made is said so, and counts as failed: nothing passes because nobody answered.

import { join } from "node:path";
import { main, root, run } from "./run.mjs";
import { ensureNode, ensureProgram, ensureWasmTarget, perform } from "./setup.mjs";

/** Runs for seconds: what counts is how soon it is there. */
const CARGO_DENY = { name: "cargo-deny", version: "0.20.2", asks: ["--version"], options: ["--debug"] };
/** Milliseconds after which a server that does not answer is taken not to be there. */
const LIMIT = 5 * 60 * 1000;
/** Duplicates are about what is shipped: the second one is a tool, and what the frameworks bring along is theirs. */
const LOCKED = { "Cargo.toml": [], "tools/wasm-bindgen/Cargo.toml": ["--allow", "duplicate"], "integrations/Cargo.toml": ["--allow", "duplicate"] };

await main(async () => {
  ensureNode();
  const [, deny] = await perform([ensureWasmTarget, (say) => ensureProgram(CARGO_DENY, say)]);
  const verdicts = [];
  for (const [manifest, allowed] of Object.entries(LOCKED)) {
    const of = ["--manifest-path", join(root, manifest), "--config", join(root, "deny.toml"), "--locked"];
    verdicts.push(await check(`licences, sources, duplicates of ${manifest}`, deny, [...of, "check", ...allowed, "licenses", "sources", "bans"]));
    const fetched = await check(`advisory database for ${manifest}`, deny, [...of, "fetch", "db"], () => true);
    if (fetched.good) verdicts.push(await check(`advisories of ${manifest}`, deny, [...of, "check", "--disable-fetch", "advisories"]));
    else verdicts.push({ ...fetched, name: `advisories of ${manifest}: the database could not be fetched` });
  }
  // npm ends with code 1 whether it found something or reached nobody; it has words for the one alone.
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  verdicts.push(await check("advisories of the npm packages", npm, ["audit"], (output) => !/\bvulnerabilit/.test(output)));
  verdicts.push(await check("signatures of the npm packages", npm, ["audit", "signatures"], (output) => !/\b(?:invalid|missing) (?:registry )?(?:signature|attestation)/.test(output)));

  console.log("");
  for (const { name, verdict } of verdicts) console.log(`${verdict.padEnd(11)} ${name}`);
  if (verdicts.some(({ good }) => !good)) process.exitCode = 1;
});

/** Runs a check. `unanswered` tells from its output whether it failed for want of an answer. */
async function check(name, command, arguments_, unanswered = () => false) {
  console.log(`\n--- ${name}`);
  const { code, output } = await run(command, arguments_, { output: "tee", limit: LIMIT });
  const good = code === 0;
  return { name, good, verdict: good ? "ok" : unanswered(output) ? "NOT CHECKED" : "FAILED" };
}
