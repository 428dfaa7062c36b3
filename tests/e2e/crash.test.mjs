import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { packageDirectory } from "../support/app-site.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld();

/** What makes the vault fail when it gets the command `trace`: each way in which a vault can come to its end. */
const ends = {
  "throws an error": `throw new Error("broken")`,
  "traps": `new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,8,1,0,10,5,1,3,0,0,11]))).exports`,
  "leaves a rejection unhandled": `Promise.reject(new Error("broken"))`,
};

/** Serves a vault.js that fails as told. The page's message is seen before the vault sees it. */
async function serveBreakingVault(failure) {
  const [vault, wasm] = await Promise.all(["vault.js", "vault.wasm"].map((name) => readFile(join(packageDirectory, name))));
  world.site.files.set("/vault.wasm", { body: wasm });
  world.site.files.set("/breaking.js", {
    body: `
const addListener = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage").set;
Object.defineProperty(MessagePort.prototype, "onmessage", {
  set(listener) {
    addListener.call(this, (event) => {
      if (event.data?.kind === "trace") { ${failure}; return; }
      return listener.call(this, event);
    });
  },
});
${vault}`,
  });
}

for (const isolation of ["shared", "worker"]) {
  for (const [how, failure] of Object.entries(ends)) {
    test(`when a ${isolation} vault ${how}, the call rejects with vault_crashed and the next one finds a fresh vault`, async (t) => {
      await serveBreakingVault(failure);
      world.site.clients = { main: { ...world.options, isolation, vaultUrl: "/breaking.js" } };
      const app = await world.open(t);
      await app.signIn();
      assert.equal((await app.session()).status, "signed-in");

      const { error } = await app.call("trace");
      assert.equal(error?.code, "vault_crashed");
      await app.page.waitForFunction(() => window.sessionOf("main").status === "signed-out");
      assert.equal((await app.session()).error.code, "vault_crashed");

      assert.equal((await app.fetch(`${world.api}me`)).error.code, "not_signed_in");
      await app.reload();
      await app.signInAgain();
      assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
    });
  }
}

test("when the vault crashes, every tab hears of it and every tab works again", async (t) => {
  await serveBreakingVault(ends["throws an error"]);
  world.site.clients = { main: { ...world.options, vaultUrl: "/breaking.js" } };
  const first = await world.open(t);
  await first.signIn();
  const second = await world.openIn(first.context);
  assert.equal((await second.session()).status, "signed-in");

  assert.equal((await first.call("trace")).error.code, "vault_crashed");
  await second.page.waitForFunction(() => window.sessionOf("main").status === "signed-out");
  assert.equal((await second.session()).error.code, "vault_crashed");
  assert.equal((await second.fetch(`${world.api}me`)).error.code, "not_signed_in");

  await first.signInAgain();
  await second.page.waitForFunction(() => window.sessionOf("main").status === "signed-in");
});

test("an error of the application's own page does not crash a vault in that page", async (t) => {
  world.site.clients = { main: { ...world.options, isolation: "page" } };
  const app = await world.open(t);
  await app.signIn();
  await app.page.evaluate(() => {
    setTimeout(() => {
      throw new Error("of the application");
    });
    void Promise.reject(new Error("of the application"));
  });
  await app.page.waitForTimeout(100);
  assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
});
