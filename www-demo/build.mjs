// Builds the app against the packed package, as somebody would who has installed it: no path into the sources.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { StartError } from "./local-server.mjs";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const app = join(here, "app");
const cache = join(here, ".cache");
const installed = join(here, "node_modules", "valetkey");
const packageDirectory = fileURLToPath(new URL("../pkg", import.meta.url));

/**
 * Answers the directory with the built app. `tarball` is the package to build against; without it `../pkg` is packed.
 * Does nothing when neither the package nor the app has changed since the last build.
 */
export async function buildApp({ tarball, log = () => {} } = {}) {
  const archive = tarball ?? (await pack());
  const dist = join(here, "dist");
  const stampFile = join(cache, "build-stamp");
  const stamp = await fingerprint(archive);
  const built = await readFile(stampFile, "utf8").catch(() => "");
  if (built === stamp && (await isThere(join(dist, "index.html")))) return dist;

  log("Building the app …");
  await rm(stampFile, { force: true });
  await unpack(archive);
  const { build } = await import("vite");
  await build({ configFile: join(here, "vite.config.mjs"), logLevel: "warn" });
  // At a fixed place, since the provider knows it: popups and hidden frames end there.
  for (const page of ["callback.html", "callback.js"]) await copyFile(join(installed, page), join(dist, page));
  await mkdir(cache, { recursive: true });
  await writeFile(stampFile, stamp);
  return dist;
}

async function pack() {
  if (!(await isThere(join(packageDirectory, "package.json")))) {
    throw new StartError("The package is not built yet: run `npm run build` first.");
  }
  await mkdir(cache, { recursive: true });
  const options = ["pack", "--json", "--ignore-scripts", "--pack-destination", cache];
  const { stdout } = await run("npm", options, { cwd: packageDirectory, shell: process.platform === "win32" });
  return join(cache, JSON.parse(stdout)[0].filename);
}

function isThere(file) {
  return access(file).then(() => true, () => false);
}

async function unpack(archive) {
  await rm(installed, { recursive: true, force: true });
  await mkdir(installed, { recursive: true });
  await run("tar", ["-xzf", archive, "-C", installed, "--strip-components=1"]);
}

async function fingerprint(archive) {
  const hash = createHash("sha256");
  const entries = await readdir(app, { recursive: true, withFileTypes: true });
  const sources = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  for (const file of [archive, join(here, "vite.config.mjs"), join(here, "theme.css"), ...sources.sort()]) {
    hash.update(file).update("\0").update(await readFile(file)).update("\0");
  }
  return hash.digest("hex");
}
