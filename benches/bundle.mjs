// Bundles the programs and finds what the npm package directory makes a browser download.

import { readFile } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, version as esbuildVersion } from "esbuild";

export { esbuildVersion };

const here = dirname(fileURLToPath(import.meta.url));
export const root = dirname(here);
export const defaultPackage = join(root, "pkg");

/** The libraries, and the npm package each program is written with. */
export const libraries = {
  "valetkey": "valetkey",
  "hand-written": null,
  "oauth4webapi": "oauth4webapi",
  "keycloak-js": "keycloak-js",
  "oidc-client-ts": "oidc-client-ts",
  "auth0-spa-js": "@auth0/auth0-spa-js",
  "msal-browser": "@azure/msal-browser",
};

export const programFile = (library) => join(here, "programs", `${library}.mjs`);
export const pageFile = join(here, "page.mjs");

/** Whether the package has been built, so that it can be weighed and run. */
export const isPackage = (directory) => existsSync(join(directory, "package.json"));

export function version(library, packageDirectory = defaultPackage) {
  if (!libraries[library]) return null;
  const directory =
    library === "valetkey" ? packageDirectory : join(root, "node_modules", libraries[library]);
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).version;
}

/**
 * One ES module for today's browsers, code-split: `shell` is what the page loads before any of it runs, `lazy` what it may
 * import later. Contents by file name. `program` is the file that an import of "program" means.
 */
export async function bundle(entry, { packageDirectory = defaultPackage, program } = {}) {
  const outdir = join(root, "bundle");
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    outdir,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    write: false,
    metafile: true,
    absWorkingDir: root,
    logLevel: "error",
    alias: program ? { program } : {},
    plugins: [packageAt(packageDirectory)],
  });
  const outputs = new Map(Object.entries(result.metafile.outputs).map(([path, output]) => [basename(path), output]));
  const contents = new Map(result.outputFiles.map((file) => [basename(file.path), Buffer.from(file.contents)]));
  const entryName = [...outputs].find(([, output]) => output.entryPoint && !isDynamic(outputs, output))[0];

  const shell = new Map();
  const visit = (name) => {
    if (shell.has(name)) return;
    shell.set(name, contents.get(name));
    for (const { path, kind } of outputs.get(name).imports) if (kind === "import-statement") visit(basename(path));
  };
  visit(entryName);
  const lazy = new Map([...contents].filter(([name]) => !shell.has(name)));
  return { entryName, shell, lazy };
}

/** Every entry of a code-split build but the first is one because something imports it dynamically. */
const isDynamic = (outputs, output) =>
  [...outputs.values()].some(({ imports }) =>
    imports.some(({ path, kind }) => kind === "dynamic-import" && outputs.get(basename(path)) === output),
  );

/** Resolves `valetkey` to the directory to be measured, by the package's own `exports`. */
const packageAt = (directory) => ({
  name: "valetkey",
  setup({ onResolve }) {
    onResolve({ filter: /^valetkey$/ }, () => {
      const { exports } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
      let target = exports["."] ?? exports;
      while (typeof target === "object") target = target.browser ?? target.import ?? target.default;
      return { path: resolve(directory, target) };
    });
  },
});

/**
 * The files of the vault as the package ships them: the worker's script, what it imports, and the wasm that any of these
 * names. Contents by path below the package directory.
 */
export async function vaultFiles(packageDirectory = defaultPackage) {
  const { metafile } = await build({
    entryPoints: [join(packageDirectory, "vault.js")],
    bundle: true,
    format: "esm",
    write: false,
    metafile: true,
    absWorkingDir: packageDirectory,
    external: ["*.wasm"],
    logLevel: "error",
  });
  const files = new Map();
  for (const input of Object.keys(metafile.inputs)) {
    const path = resolve(packageDirectory, input);
    const content = await readFile(path);
    files.set(relative(packageDirectory, path), content);
    for (const [, wasm] of content.toString("utf8").matchAll(/["'`]([^"'`\s]+\.wasm)["'`]/g)) {
      const wasmPath = resolve(dirname(path), wasm);
      if (existsSync(wasmPath)) files.set(relative(packageDirectory, wasmPath), await readFile(wasmPath));
    }
  }
  return files;
}

export const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });

/** Bytes of these files, each compressed on its own, as a server sends them. */
export function weigh(files) {
  const sum = { raw: 0, gzip: 0, brotli: 0 };
  for (const content of files.values()) {
    sum.raw += content.length;
    sum.gzip += gzipSync(content, { level: 9 }).length;
    sum.brotli += brotli(content).length;
  }
  return sum;
}

export const add = (a, b) => ({ raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli });
