// The hashes of what is shipped, as Subresource Integrity writes them: in integrity.json, for whoever uses the package.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageDirectory } from "./wasm.mjs";

const list = join(packageDirectory, "integrity.json");

export function integrityOf(file) {
  return `sha384-${createHash("sha384").update(readFileSync(file)).digest("base64")}`;
}

/** Everything of the package that a browser loads. Answers whether there was something to do. */
export function buildIntegrity() {
  const names = readdirSync(packageDirectory).filter((name) => /\.(js|wasm|html)$/.test(name)).sort();
  const text = `${JSON.stringify(Object.fromEntries(names.map((name) => [name, integrityOf(join(packageDirectory, name))])), null, 2)}\n`;
  if (existsSync(list) && readFileSync(list, "utf8") === text) return false;
  writeFileSync(list, text);
  return true;
}
