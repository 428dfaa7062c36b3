import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import webpack from "webpack";
import { comparing, expectWorking } from "../support/application.mjs";
import { filesIn } from "../support/packed.mjs";
import { useApplication } from "../support/use-application.mjs";

const application = useApplication({ setting: { script: "/main.js" } });
const compared = useApplication({ setting: { script: "/main.js", ...comparing } });

function bundle(configuration) {
  return new Promise((resolve, reject) => {
    const compiler = webpack(configuration);
    compiler.run((error, stats) => {
      compiler.close(() => {});
      if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString()));
      else resolve(stats.toJson());
    });
  });
}

test("webpack 5, without any configuration, makes an application that works under a strict policy", async (t) => {
  const dist = join(application.root, "dist");
  await bundle({ mode: "production", context: application.root, entry: "./src/main.js", output: { path: dist }, performance: false });
  await cp(join(application.root, "index.html"), join(dist, "index.html"));
  assert.ok((await filesIn(dist)).length >= 4, (await filesIn(dist)).join(" "));
  application.serve(dist);
  await expectWorking(await application.newContext(t), application.world);
  // What webpack itself loads later, it loads by a script element, which Trusted Types forbid unless it is told of them.
  application.world.site.headersFor = () => ({});
  await expectWorking(await application.newContext(t), application.world, { isolation: "page" });
});

test("H-37: webpack's minifier rewrites vault.js, which is refused where it is compared; a copy beside the application is not rewritten", async (t) => {
  const dist = join(compared.root, "dist");
  const configuration = { mode: "production", context: compared.root, entry: "./src/main.js", output: { path: dist, clean: true }, performance: false };
  await bundle(configuration);
  await cp(join(compared.root, "index.html"), join(dist, "index.html"));
  compared.serve(dist);
  const page = await (await compared.newContext(t)).newPage();
  await page.goto(compared.world.site.origin);
  await page.locator("#status", { hasText: "vault_mismatch" }).waitFor();

  const main = join(compared.root, "src/main.js");
  await writeFile(main, (await readFile(main, "utf8")).replace("vaultIntegrity:", 'vaultUrl: "/vault.js", vaultIntegrity:'));
  await bundle(configuration);
  await cp(join(compared.root, "index.html"), join(dist, "index.html"));
  for (const name of ["vault.js", "vault.wasm"]) await cp(join(compared.root, "node_modules/valetkey", name), join(dist, name));
  await expectWorking(await compared.newContext(t), compared.world);
});
