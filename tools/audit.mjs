// `npm run audit`: what is known of the dependencies, by cargo-deny (deny.toml) and by npm. It needs the network, and some
// minutes to build cargo-deny at first; what can be checked without either is in tests/supply, which `npm test` runs.
//
// A check that could not be made is said so, and counts as failed: nothing passes because nobody answered.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { main, must, root, run } from "./run.mjs";
import { ensureNode, ensureWasmTarget, perform } from "./setup.mjs";

const CARGO_DENY = "0.20.2";
/** Milliseconds after which a server that does not answer is taken not to be there. */
const LIMIT = 5 * 60 * 1000;
/** Duplicates are about what is shipped, and the second one is a tool. */
const LOCKED = { "Cargo.toml": [], "tools/wasm-bindgen/Cargo.toml": ["--allow", "duplicate"] };

await main(async () => {
  ensureNode();
  const [, deny] = await perform([ensureWasmTarget, ensureCargoDeny]);
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

async function ensureCargoDeny(say) {
  const place = join(root, `target/tools/cargo-deny-${CARGO_DENY}`);
  const program = join(place, "bin", process.platform === "win32" ? "cargo-deny.exe" : "cargo-deny");
  if (existsSync(program)) {
    say(`cargo-deny ${CARGO_DENY}: up to date.`);
    return program;
  }
  say(`Building cargo-deny ${CARGO_DENY} (first time only, about 2 minutes of two cores)…`);
  const arguments_ = ["install", "cargo-deny", "--version", `=${CARGO_DENY}`, "--locked", "--root", place, "--target-dir", join(root, "target/tools/cargo-deny-build")];
  // Runs for seconds: what counts is how soon it is there.
  const env = { CARGO_BUILD_TARGET: undefined, CARGO_PROFILE_RELEASE_OPT_LEVEL: "0", CARGO_PROFILE_RELEASE_LTO: "off", CARGO_PROFILE_RELEASE_STRIP: "true" };
  await must("cargo-deny could not be built: see what cargo says above.", "cargo", arguments_, { env });
  return program;
}
