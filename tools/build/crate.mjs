// The page shell of the crate: what wasm-bindgen places beside an application in Rust. Committed, so that cargo alone builds the crate.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, root } from "../run.mjs";
import { fingerprint, unlessDone } from "../stamp.mjs";
import { LAZY, forBrowsers, sources } from "./scripts.mjs";

/**
 * Each file, and how it is made. With the vault in the page there may be no other file beside the application, so that one has everything
 * within it; the other loads what it needs from where `vault.js` is.
 */
export const crateShells = new Map([
  [join(root, "src/client/shell.js"), (build) => loadingFromAssets(build)],
  [join(root, "src/client/shell-with-page.js"), () => {}],
]);

/** Answers whether there was something to do. */
export function buildCrateShells() {
  const files = [...crateShells.keys()];
  const inputs = [sources, join(root, "package-lock.json"), ...["crate", "scripts"].map((name) => join(root, `tools/build/${name}.mjs`))];
  return unlessDone("crate-shells", fingerprint(inputs), files, async () => {
    for (const file of files) writeFileSync(file, await bundleForCrate(file));
  });
}

/** The text of one of {@link crateShells}. */
export async function bundleForCrate(file) {
  const { build } = await import("esbuild");
  const banner = { js: "// Generated from pkg-template/src/rust.ts by `npm run build`; do not edit." };
  const plugins = [withinCrate, { name: "what is not within the file", setup: crateShells.get(file) }];
  const { outputFiles } = await build({ ...forBrowsers, write: false, entryPoints: [join(sources, "rust.ts")], outfile: file, format: "esm", banner, plugins });
  // esbuild leaves such comments out where it makes text shorter. They tell bundlers that the file is none of theirs.
  const text = outputFiles[0].text.replace("import(new URL(", "import(/* webpackIgnore: true */ /* @vite-ignore */ new URL(");
  if (/\bimport\((?!\/\*)/.test(text)) throw new Failure(`${file} imports what a bundler would look for.`);
  return text;
}

const withinCrate = {
  name: "in a Rust application the vault of a page is the application's, and the sentences of errors are the crate's",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/page\.js$/ }, () => ({ path: join(sources, "rust-page.ts") }));
    onResolve({ filter: /^\.\/messages\.js$/ }, ({ path }) => ({ path, namespace: "empty" }));
    onLoad({ filter: /./, namespace: "empty" }, () => ({ contents: "export const texts = {};" }));
  },
};

/** No vault in the page, and `import("./file.js")` of a file of the package's becomes `load("./file.js")`. */
function loadingFromAssets({ onResolve, onLoad }) {
  onResolve({ filter: /^\.\/rust-page\.js$|^\.\/page\.js$/ }, ({ path }) => ({ path, namespace: "absent" }));
  onLoad({ filter: /./, namespace: "absent" }, () => ({ contents: "export const hostedBy = () => {}; export const serve = () => {};" }));
  const imports = new RegExp(`(?<!typeof )\\bimport\\("(\\./(?:${LAZY.join("|")})\\.js)"\\)`, "g");
  onLoad({ filter: /pkg-template[\\/]src[\\/][\w-]+\.ts$/ }, ({ path }) => {
    const text = readFileSync(path, "utf8");
    const loading = text.replace(imports, 'load("$1")');
    return { loader: "ts", contents: loading === text ? text : `${loading}\nimport { load } from "./rust-assets.js";` };
  });
}
