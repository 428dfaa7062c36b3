// Every version that a person wrote names one version.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../tools/run.mjs";
import { crates, manifests } from "../support/crates.mjs";

const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/u;
const read = (name) => readFile(join(root, name), "utf8");
const filesIn = async (directory, ending) =>
  (await readdir(join(root, directory), { recursive: true })).filter((name) => name.endsWith(ending) && !/(^|[\\/])(node_modules|target|\.cache|dist)[\\/]/u.test(name)).map((name) => join(directory, name));

test("a version is exact or it is not", () => {
  for (const version of ["1.2.3", "1.0.0-rc.1"]) assert.match(version, EXACT);
  for (const version of ["^1.2.3", "~1.2.3", "1.2", "1.x", "*", "latest", ">=1.0.0", "1.2.3 || 2.0.0", "file:../x", "https://a.example/a.tgz", ""]) assert.doesNotMatch(version, EXACT);
});

test("package.json files ask for exact versions", async () => {
  for (const file of ["package.json", "pkg-template/package.json", ...(await filesIn("www-demo", "package.json")), ...(await filesIn("tests", "package.json"))]) {
    const manifest = JSON.parse(await read(file));
    for (const kind of ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "overrides"]) {
      for (const [name, version] of Object.entries(manifest[kind] ?? {})) assert.match(String(version), EXACT, `${file}: ${name}`);
    }
  }
});

/** What a crate that others use may ask for: from a whole version on, which is tested, as far as semver goes. Two that ask for exactly one version each cannot be in one application. */
const FROM = /^\^\d+\.\d+\.\d+$/u;

for (const manifest of manifests) {
  test(`${manifest} and its members ask for exact versions, for each other by path, or what is published for whole ones`, async () => {
    for (const { name, source, publish, dependencies } of await crates(manifest)) {
      if (source !== null) continue;
      for (const { name: wanted, req, path, kind } of dependencies) {
        const exact = req.startsWith("=") && EXACT.test(req.slice(1));
        const fits = path !== undefined || exact || (publish === null && kind !== "dev" && FROM.test(req));
        assert.ok(fits, `${name}: ${wanted} ${req}`);
      }
    }
  });
}

test("what the published crate asks for at least is what it is tested with", async () => {
  const packages = await crates("Cargo.toml");
  const { dependencies } = packages.find(({ name, source }) => name === "valetkey" && source === null);
  const ranges = dependencies.filter(({ req }) => FROM.test(req));
  assert.ok(ranges.length > 8);
  for (const { name, req } of ranges) {
    const versions = packages.filter((other) => other.name === name).map(({ version }) => version);
    assert.ok(versions.includes(req.slice(1)), `${name} ${req}: ${versions}`);
  }
});

test("the toolchain is one version", async () => {
  assert.match(/^channel = "([^"]+)"$/mu.exec(await read("rust-toolchain.toml"))[1], EXACT);
});

test("wasm-bindgen's command line has the version of the crate", async () => {
  const [ours, tool] = await Promise.all(manifests.map((manifest) => crates(manifest)));
  const version = (packages, wanted) => packages.find(({ name }) => name === wanted).version;
  assert.equal(version(tool, "wasm-bindgen-cli"), version(ours, "wasm-bindgen"));
});

test("what the tools install by name has an exact version and a lock file", async () => {
  for (const file of await filesIn("tools", ".mjs")) {
    const text = await read(file);
    assert.doesNotMatch(text, /"npx"|npm (?:i|install|exec) /u, file);
    for (const [call] of text.matchAll(/"install",[^\]]*\]/gu)) {
      // Debian's packages and the toolchains of rustup: the ones are signed by their release, the others named by rust-toolchain.toml and Cargo.toml.
      if (/--no-install-recommends|--no-self-update/u.test(call)) continue;
      assert.match(call, /--version.*--locked|--locked.*--version/u, `${file}: ${call}`);
    }
  }
});
