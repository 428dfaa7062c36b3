// The page shell and the worker's entry: pkg-template/src to pkg/*.js, and their types to pkg/*.d.ts.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must, root } from "../run.mjs";
import { cache, fingerprint, unlessDone } from "../stamp.mjs";
import { integrityOf } from "./integrity.mjs";
import { bindgenDirectory, optimised, packageDirectory, sizeOf } from "./wasm.mjs";

export const sources = join(root, "pkg-template/src");
const typesDirectory = join(cache, "types");
const project = join(root, "tools/tsconfig.pkg.json");

/** Each becomes one file of the package. The application's bundler sees them as they are, and splits where they `import()`. */
const ENTRIES = ["index", "vault", "page", "messages", "alive", "callback", "explain", "fetch", "integrity", "popup", "sign-in", "silent", "monitor", "initiation", "frontchannel", "step-up", "events"];
/** What the package offers by name, and so has to have types. */
const TYPED = ["index", "explain"];
/** Classic scripts: a worker's script is then one file that imports nothing, which every bundler can copy as it is. */
const CLASSIC = ["vault"];

/**
 * The same as index.js, with the files it loads later within it: webpack loads each of its chunks by a script element, which a page
 * with Trusted Types refuses unless webpack is told of them. Those stay apart that work can go on without, or that few need.
 */
const WHOLE = "index.webpack";
const APART = ["messages", "page"];

/** What index.js loads when it is needed. In a Rust application these files lie beside `vault.js`. */
export const LAZY = ["alive", "events", "fetch", "initiation", "integrity", "monitor", "popup", "sign-in", "silent", "step-up"];

/** Answers whether there was something to do. */
export async function buildScripts(say = console.log) {
  const entries = ENTRIES.filter((entry) => existsSync(join(sources, `${entry}.ts`)));
  const outputs = [...entries, WHOLE].map((entry) => join(packageDirectory, `${entry}.js`)).concat(TYPED.map((entry) => join(packageDirectory, `${entry}.d.ts`)));
  const inputs = [sources, bindgenDirectory, optimised, project, join(root, "package-lock.json"), join(root, "tools/build/scripts.mjs")];
  return unlessDone("scripts", fingerprint(inputs), outputs, async () => {
    say("Bundling and type-checking the page shell…");
    // A file that is no longer made must not stay in the package.
    mkdirSync(packageDirectory, { recursive: true });
    for (const name of readdirSync(packageDirectory)) if (/\.(js|d\.ts)$/.test(name)) rmSync(join(packageDirectory, name));
    await bundle(entries);
    await declare();
    for (const entry of [...entries, WHOLE]) console.log(`      ${`${entry}.js`.padEnd(13)} ${sizeOf(join(packageDirectory, `${entry}.js`))}`);
  });
}

export const forBrowsers = {
  bundle: true,
  target: "es2022",
  platform: "browser",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
};

async function bundle(entries) {
  const { build } = await import("esbuild");
  const common = (names, apart = entries) => ({
    entryPoints: Object.fromEntries(names.map((entry) => [entry, join(sources, `${entry === WHOLE ? "index" : entry}.ts`)])),
    outdir: packageDirectory,
    ...forBrowsers,
    // The vault takes no other module than the one it was built with.
    define: { WASM_INTEGRITY: JSON.stringify(integrityOf(optimised)) },
    // Those of wasm-bindgen; ours has none.
    drop: ["console"],
    plugins: [glue, lazyEntries(apart)],
  });
  await build({ ...common(entries.filter((entry) => !CLASSIC.includes(entry))), format: "esm" });
  await build({ ...common([WHOLE], APART), format: "esm" });
  await build({ ...common(entries.filter((entry) => CLASSIC.includes(entry))), format: "iife" });
}

const glue = {
  name: "the glue that wasm-bindgen wrote",
  setup({ onResolve }) {
    onResolve({ filter: /^#bindgen$/ }, () => ({ path: join(bindgenDirectory, "vault.js") }));
  },
};

const lazyEntries = (entries) => ({
  name: "an entry that another one loads when it needs it stays a file of its own",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\// }, ({ path, kind }) => {
      const entry = path.slice(2).replace(/\.[jt]s$/, "");
      return kind === "dynamic-import" && entries.includes(entry) ? { path: `./${entry}.js`, external: true } : undefined;
    });
  },
});

/** The one compiler run checks every source and writes the declarations, of which the package takes those it leads to. */
async function declare() {
  rmSync(typesDirectory, { recursive: true, force: true });
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "-p", project, "--outDir", typesDirectory];
  await must("The types of pkg-template/src do not hold: see above.", process.execPath, tsc);

  const taken = new Set();
  const take = (name) => {
    if (taken.has(name)) return;
    taken.add(name);
    const text = readFileSync(join(typesDirectory, `${name}.d.ts`), "utf8");
    for (const [, imported] of text.matchAll(/(?:from|import)\s*\(?\s*"\.\/([^"]+?)(?:\.js)?"/g)) take(imported);
    writeFileSync(join(packageDirectory, `${name}.d.ts`), text);
  };
  TYPED.forEach(take);
}
