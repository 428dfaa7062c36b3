// Runs the TypeScript compiler over small programs that use the package's types.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageDirectory } from "./app-site.mjs";

const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));

const RESOLUTIONS = {
  bundler: { module: "esnext", moduleResolution: "bundler" },
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
};

/**
 * Compiles all programs at once (one compiler run takes seconds) and answers the errors of each: `{ name: ["TS2322"] }`.
 * `programs`: sources by name.
 */
export async function typeErrors(programs, resolution, options = {}) {
  const directory = await mkdtemp(join(tmpdir(), "valetkey-types-"));
  try {
    await mkdir(join(directory, "node_modules"));
    await cp(packageDirectory, join(directory, "node_modules/valetkey"), { recursive: true, filter: (path) => !/vault\.js$|page\.js$/u.test(path) });
    const compilerOptions = { target: "es2022", lib: ["es2022", "dom"], types: [], strict: true, noEmit: true, ...RESOLUTIONS[resolution], ...options };
    await writeFile(join(directory, "package.json"), '{ "type": "module" }');
    await writeFile(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    for (const [name, source] of Object.entries(programs)) await writeFile(join(directory, `${name}.ts`), source);
    return sorted(Object.keys(programs), await compile(directory));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function compile(directory) {
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, "-p", directory, "--pretty", "false"], { cwd: directory }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

function sorted(names, output) {
  const errors = Object.fromEntries(names.map((name) => [name, []]));
  for (const line of output.split("\n").filter((text) => /error TS\d+/u.test(text))) {
    const [, file, code] = /^(?:(.*?)\.ts\(\d+,\d+\): )?error (TS\d+)/u.exec(line) ?? [];
    if (file === undefined || errors[file] === undefined) throw new Error(`The compiler complains of something else: ${line}`);
    errors[file].push(`${code} ${line}`);
  }
  return errors;
}
