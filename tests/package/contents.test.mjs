import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packageDirectory } from "../support/app-site.mjs";
import { pack, temporaryDirectory } from "../support/packed.mjs";

let directory;
let packed;
let manifest;

before(async () => {
  directory = await temporaryDirectory();
  packed = await pack(directory.path);
  manifest = JSON.parse(await readFile(join(packageDirectory, "package.json"), "utf8"));
});
after(() => directory?.remove());

const integrityOf = async (name) => `sha384-${createHash("sha384").update(await readFile(join(packageDirectory, name))).digest("base64")}`;
const read = (name) => readFile(join(packageDirectory, name), "utf8");

test("the package holds these files and no others", () => {
  assert.deepEqual(packed.files, [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "alive.js",
    "callback.html",
    "callback.js",
    "catalogue.d.ts",
    "client.d.ts",
    "error.d.ts",
    "events.js",
    "explain.d.ts",
    "explain.js",
    "fetch.js",
    "frontchannel.html",
    "frontchannel.js",
    "index.d.ts",
    "index.js",
    "index.webpack.js",
    "initiation.js",
    "integrity.js",
    "integrity.json",
    "messages.js",
    "monitor.js",
    "package.json",
    "page.js",
    "popup.js",
    "sign-in.js",
    "silent.js",
    "step-up.js",
    "types.d.ts",
    "vault.js",
    "vault.wasm",
  ]);
});

test("publint finds nothing to object to", async () => {
  const tarball = await readFile(packed.tarball);
  const bytes = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true });
  assert.deepEqual(messages.filter(({ type }) => type !== "suggestion").map((message) => formatMessage(message, pkg)), []);
});

test("whatever the manifest leads to is there", () => {
  const targets = [manifest.main, manifest.types, ...Object.values(manifest.exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)))];
  for (const target of targets) assert.ok(packed.files.includes(target.replace("./", "")), target);
});

test("the package needs nothing else at run time", () => {
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies", "scripts"]) assert.equal(manifest[kind], undefined, kind);
});

test("the package has the version of the crate", async () => {
  const cargo = await readFile(join(packageDirectory, "../Cargo.toml"), "utf8");
  assert.equal(manifest.version, /^\[package\][^[]*?^version = "([^"]+)"/ms.exec(cargo)[1]);
});

test("vault.js is one classic script that imports nothing, and no script makes code from text", async () => {
  assert.doesNotMatch(await read("vault.js"), /\bimport\s*[({"'*]|\bimport\.meta|\bexport\s*[{*]|importScripts/u);
  for (const name of ["vault.js", "page.js", "index.js", "callback.js", "messages.js"]) {
    assert.doesNotMatch(await read(name), /\beval\(|new Function|\.innerHTML|document\.write/u, name);
  }
});

test("vault.wasm is a module that names nothing of the machine that built it", async () => {
  const bytes = await readFile(join(packageDirectory, "vault.wasm"));
  assert.equal(WebAssembly.validate(bytes), true);
  assert.doesNotMatch(bytes.toString("latin1"), /\/(work|root|home|Users|usr)\/[\w.-]+/u);
});

test("H-37: integrity.json has the hash of everything a browser loads", async () => {
  const integrity = JSON.parse(await read("integrity.json"));
  assert.deepEqual(Object.keys(integrity).sort(), packed.files.filter((name) => /\.(js|wasm|html)$/u.test(name)));
  for (const [name, given] of Object.entries(integrity)) assert.equal(given, await integrityOf(name), name);
  assert.equal(manifest.exports["./integrity.json"], "./integrity.json");
});

test("H-37: whatever loads vault.wasm has its hash in its own text, and callback.html that of its script", async () => {
  for (const name of ["vault.js", "page.js"]) assert.ok((await read(name)).includes(`"${await integrityOf("vault.wasm")}"`), name);
  for (const page of ["callback", "frontchannel"]) {
    assert.ok((await read(`${page}.html`)).includes(`src="./${page}.js" integrity="${await integrityOf(`${page}.js`)}"`), page);
  }
});

test("no script names a file of the machine that built it", async () => {
  for (const name of packed.files.filter((file) => /\.(js|d\.ts|html)$/u.test(file))) {
    assert.doesNotMatch(await read(name), /\/(work|root|home|Users|usr)\/[\w./-]+|sourceMappingURL/u, name);
  }
});

test("the page's first bytes stay few: no sentence and no wasm in index.js", async () => {
  const code = await read("index.js");
  assert.ok(code.length < 12_000, `${code.length} bytes`);
  assert.doesNotMatch(code, /well-known|Nobody was signed in/u);
});
