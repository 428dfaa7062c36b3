// What the package holds as it was written: the manifest with the version of the crate, the README, the callback page
// with the hash of its script, the licences.

import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Failure, root } from "../run.mjs";
import { fingerprint, unlessDone } from "../stamp.mjs";
import { integrityOf } from "./integrity.mjs";
import { packageDirectory } from "./wasm.mjs";

const template = join(root, "pkg-template");
const manifest = join(root, "Cargo.toml");
/** The pages, each with its one script beside it. */
const PAGES = ["callback", "frontchannel"];

/** Answers whether there was something to do. */
export async function buildManifest() {
  const filesOf = (directory) => readdirSync(directory).filter((name) => statSync(join(directory, name)).isFile());
  const files = filesOf(template).map((name) => join(template, name));
  const licences = filesOf(root).filter((name) => name.startsWith("LICENSE-")).map((name) => join(root, name));
  const copies = new Map([...files, ...licences].map((file) => [file, join(packageDirectory, file.split(/[\\/]/).pop())]));

  const written = { "package.json": withVersion, ...Object.fromEntries(PAGES.map((page) => [`${page}.html`, (file) => withIntegrity(file, page)])) };
  const scripts = PAGES.map((page) => join(packageDirectory, `${page}.js`));
  return unlessDone("manifest", fingerprint([...copies.keys(), manifest, ...scripts]), [...copies.values()], () => {
    mkdirSync(packageDirectory, { recursive: true });
    for (const [from, to] of copies) writeFileSync(to, (written[relative(template, from)] ?? readFileSync)(from));
  });
}

/** A page runs the one script it was published with. */
function withIntegrity(file, page) {
  const html = readFileSync(file, "utf8");
  const whole = html.replace(`src="./${page}.js"`, `$& integrity="${integrityOf(join(packageDirectory, `${page}.js`))}"`);
  if (whole === html) throw new Failure(`${page}.html does not load ./${page}.js.`);
  return whole;
}

/** One version for the crate and the npm package: the crate's. */
function withVersion(file) {
  const version = /^\[package\][^[]*?^version = "([^"]+)"/ms.exec(readFileSync(manifest, "utf8"));
  if (version === null) throw new Failure("Cargo.toml has no version.");
  const { name, ...others } = JSON.parse(readFileSync(file, "utf8"));
  return `${JSON.stringify({ name, ...others, version: version[1] }, null, 2)}\n`;
}
