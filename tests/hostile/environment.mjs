// Hostile surroundings for the vault itself: a script that runs in its worker before vault.js does. Scripts that a test
// adds to a page do not get there.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { HOSTS } from "./network.mjs";

const vault = new URL("../../pkg/vault.js", import.meta.url);
let count = 0;

/** Serves a vault.js that begins with `prelude`; answers the option `vaultUrl` for it. */
export async function vaultAfter(lab, prelude) {
  count += 1;
  const path = `/valetkey/hostile-${count}.js`;
  lab.handlers[HOSTS.app].files.set(path, { body: `{\n${prelude}\n}\n${await readFile(fileURLToPath(vault), "utf8")}` });
  return path;
}

/** A prelude in which the vault's deadline for a whole answer, 30 s, comes after this many milliseconds. No other is moved. */
export const deadlineAfter = (millis) => `
  const timeout = AbortSignal.timeout;
  AbortSignal.timeout = (asked) => timeout.call(AbortSignal, asked === 30_000 ? ${millis} : asked);
`;
