import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import webpack from "webpack";
import { expectWorking } from "../support/application.mjs";
import { filesIn } from "../support/packed.mjs";
import { useApplication } from "../support/use-application.mjs";

const application = useApplication({ setting: { script: "/main.js" } });

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
