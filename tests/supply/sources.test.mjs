// The lock files: everything from a registry, by its hash, and nothing twice in what is shipped.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "node:test";
import { root } from "../../tools/run.mjs";
import { manifests, shippedCrates } from "../support/crates.mjs";

const OURS = /^valetkey(-|$)/u;

/** What is wrong with a Cargo.lock, one line each. */
function faultsOfCargo(lock) {
  const faults = [];
  for (const block of lock.split("[[package]]\n").slice(1)) {
    const { name, source, checksum } = Object.fromEntries([...block.matchAll(/^(\w+) = "(.*)"$/gmu)].map(([, key, value]) => [key, value]));
    if (OURS.test(name)) {
      if (source !== undefined) faults.push(`${name}: ours, from elsewhere`);
    } else if (!/^registry\+https:\/\/\S+\/crates\.io-index$/u.test(source ?? "")) faults.push(`${name}: source ${source}`);
    else if (!/^[0-9a-f]{64}$/u.test(checksum ?? "")) faults.push(`${name}: no checksum`);
  }
  return faults;
}

/** What is wrong with a package-lock.json. A registry's address may be left out of it; then it is the one npm is set to. */
function faultsOfNpm({ packages }) {
  const faults = [];
  for (const [path, { resolved, integrity, link, version }] of Object.entries(packages)) {
    if (path === "") continue;
    if (link || (resolved !== undefined && !/^https:\/\/[^/]+\/(?:.+\/)?-\/[^/]+\.tgz$/u.test(resolved))) faults.push(`${path}: ${resolved}`);
    if (!/^sha512-[A-Za-z\d+/]{86}==$/u.test(integrity ?? "")) faults.push(`${path}: integrity ${integrity}`);
    if (!/^\d+\.\d+\.\d+/u.test(version ?? "")) faults.push(`${path}: version ${version}`);
  }
  return faults;
}

/** Names that stand there in more than one version. */
const duplicates = (list) => list.map((entry) => entry.split(" ")[0]).filter((name, index, names) => names.indexOf(name) !== index);

for (const manifest of manifests) {
  test(`every crate of ${join(dirname(manifest), "Cargo.lock")} is from the registry, by its hash`, async () => {
    assert.deepEqual(faultsOfCargo(await readFile(join(root, dirname(manifest), "Cargo.lock"), "utf8")), []);
  });
}

test("every npm package is from a registry, by its hash", async () => {
  assert.deepEqual(faultsOfNpm(JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"))), []);
});

test("a crate from git, from a path or without a hash is found", () => {
  const lock = (lines) => `version = 4\n\n[[package]]\nname = "a"\nversion = "1.0.0"\n${lines}\n`;
  const registry = 'source = "registry+https://any.example/crates.io-index"';
  const hash = `checksum = "${"0".repeat(64)}"`;
  assert.deepEqual(faultsOfCargo(lock(`${registry}\n${hash}`)), []);
  for (const bad of [hash, registry, `source = "git+https://any.example/a?rev=1#1"\n${hash}`, `source = "registry+https://any.example/other"\n${hash}`]) {
    assert.equal(faultsOfCargo(lock(bad)).length, 1, bad);
  }
});

test("an npm package from git, from a link or without a hash is found", () => {
  const integrity = `sha512-${"A".repeat(86)}==`;
  const faults = (entry) => faultsOfNpm({ packages: { "": {}, "node_modules/a": entry } }).length;
  assert.equal(faults({ version: "1.0.0", integrity }), 0);
  assert.equal(faults({ version: "1.0.0", integrity, resolved: "https://any.example/@a/b/-/b-1.0.0.tgz" }), 0);
  assert.equal(faults({ version: "1.0.0" }), 1);
  assert.equal(faults({ version: "1.0.0", integrity: "sha1-AAAA" }), 1);
  assert.equal(faults({ version: "1.0.0", integrity, resolved: "git+ssh://git@any.example/a.git#1" }), 1);
  assert.equal(faults({ version: "1.0.0", integrity, resolved: "https://any.example/a.tgz" }), 1);
  assert.equal(faults({ resolved: "../a", link: true }), 3);
});

test("no crate is in vault.wasm in two versions", async () => {
  assert.deepEqual(duplicates(["a 1.0.0", "b 1.0.0", "a 2.0.0"]), ["a"]);
  const shipped = await shippedCrates();
  assert.ok(shipped.some((entry) => entry.startsWith("p256 ")));
  assert.deepEqual(duplicates(shipped), []);
});
