import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { build, createServer } from "vite";
import { comparing, expectWorking } from "../support/application.mjs";
import { filesIn } from "../support/packed.mjs";
import { useApplication } from "../support/use-application.mjs";

const application = useApplication();
const compared = useApplication({ setting: comparing });

test("vite build, without any configuration, makes an application that works under a strict policy", async (t) => {
  await build({ root: application.root, configFile: false, logLevel: "error" });
  const dist = join(application.root, "dist");
  for (const kind of [/vault[^/]*\.js$/u, /vault[^/]*\.wasm$/u]) {
    assert.equal((await filesIn(dist)).filter((file) => kind.test(file)).length, 1, String(kind));
  }
  application.serve(dist);
  await expectWorking(await application.newContext(t), application.world);
  await expectWorking(await application.newContext(t), application.world, { isolation: "worker" });
  await expectWorking(await application.newContext(t), application.world, { isolation: "page" });
});

test("H-37: what vite builds has the vault.js of the package, byte for byte, and signs in where it is compared", async (t) => {
  await build({ root: compared.root, configFile: false, logLevel: "error" });
  compared.serve(join(compared.root, "dist"));
  await expectWorking(await compared.newContext(t), compared.world);
  await expectWorking(await compared.newContext(t), compared.world, { isolation: "worker" });
});

test("vite's development server, without any configuration, serves an application that works", async (t) => {
  const vite = await createServer({ root: application.root, configFile: false, logLevel: "error", appType: "spa", server: { middlewareMode: true, hmr: false, ws: false } });
  t.after(() => vite.close());
  application.world.site.reset();
  application.world.site.handler = vite.middlewares;
  // Its own socket, by which it tells the page of changed files, is not there.
  const ignore = /WebSocket|net::ERR_ABORTED$/u;
  await expectWorking(await application.newContext(t), application.world, { ignore });
  await expectWorking(await application.newContext(t), application.world, { ignore, isolation: "page" });
});
