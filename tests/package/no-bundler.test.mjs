import { cp } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { build } from "esbuild";
import { expectWorking } from "../support/application.mjs";
import { useApplication } from "../support/use-application.mjs";

const importMap = '<script type="importmap">{ "imports": { "valetkey": "/node_modules/valetkey/index.js" } }</script>';
const plain = useApplication({ setting: { head: importMap } });
const mapped = useApplication({ setting: { head: importMap, imports: 'import integrity from "/node_modules/valetkey/integrity.json" with { type: "json" };', more: 'vaultIntegrity: integrity["vault.js"],' } });
const bundled = useApplication({ setting: { script: "/out/main.js", more: 'vaultUrl: "/out/vault.js",' } });

test("without a bundler, with an import map, the package works from where it is installed", async (t) => {
  plain.serve(plain.root);
  // The policy allows no inline script, and an import map is one.
  plain.world.site.headersFor = () => ({});
  await expectWorking(await plain.newContext(t), plain.world);
  await expectWorking(await plain.newContext(t), plain.world, { isolation: "page" });
});

test("H-37: without a bundler, vault.js is as it was packed", async (t) => {
  mapped.serve(mapped.root);
  mapped.world.site.headersFor = () => ({});
  await expectWorking(await mapped.newContext(t), mapped.world);
});

test("with esbuild, which leaves vault.js where it is, the option vaultUrl names the copy", async (t) => {
  const out = join(bundled.root, "out");
  await build({ entryPoints: [join(bundled.root, "src/main.js")], bundle: true, splitting: true, format: "esm", outdir: out, minify: true, logLevel: "error" });
  for (const name of ["vault.js", "vault.wasm"]) await cp(join(bundled.root, "node_modules/valetkey", name), join(out, name));
  bundled.serve(bundled.root);
  await expectWorking(await bundled.newContext(t), bundled.world);
  await expectWorking(await bundled.newContext(t), bundled.world, { isolation: "page" });
});
