// The package as npm would publish it, and as an application has it in node_modules.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { packageDirectory } from "./app-site.mjs";

const run = promisify(execFile);

/** A directory of a test file's own; call `remove` after the tests. */
export async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), "valetkey-package-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Packs pkg/ into a directory. Answers the tarball and the files npm put into it. */
export async function pack(directory) {
  const options = ["pack", "--json", "--ignore-scripts", "--pack-destination", directory];
  const { stdout } = await run("npm", options, { cwd: packageDirectory, shell: process.platform === "win32" });
  const [{ filename, files }] = JSON.parse(stdout);
  return { tarball: join(directory, filename), files: files.map(({ path }) => path).sort() };
}

/** Makes an application in a directory, with the packed package installed. `files` by path. */
export async function createApplication(directory, files) {
  const { tarball } = await pack(directory);
  const application = join(directory, "application");
  const installed = join(application, "node_modules/valetkey");
  await mkdir(installed, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  const manifest = { name: "an-application", private: true, type: "module", dependencies: { valetkey: "*" } };
  for (const [path, text] of Object.entries({ "package.json": JSON.stringify(manifest), ...files })) {
    await mkdir(dirname(join(application, path)), { recursive: true });
    await writeFile(join(application, path), text);
  }
  return application;
}

/** The files below a directory, as paths in it. */
export async function filesIn(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(directory.length + 1)).sort();
}
