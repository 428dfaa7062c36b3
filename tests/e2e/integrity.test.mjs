import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test, { before } from "node:test";
import { record } from "../hostile/record.mjs";
import { packageDirectory } from "../support/app-site.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld();
const integrityOf = (bytes) => `sha384-${createHash("sha384").update(bytes).digest("base64")}`;

let wasm;
let script;
let integrity;
before(async () => {
  [wasm, script] = await Promise.all(["vault.wasm", "vault.js"].map((name) => readFile(join(packageDirectory, name))));
  integrity = JSON.parse(await readFile(join(packageDirectory, "integrity.json"), "utf8"));
});

/** Each is a module that WebAssembly itself finds nothing wrong with. */
const altered = {
  "one bit flipped": () => {
    const bytes = Buffer.from(wasm);
    bytes[bytes.length - 1] ^= 1;
    return bytes;
  },
  "an empty section appended": () => Buffer.concat([wasm, Buffer.from([0, 1, 0])]),
  "another module in its place": () => Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
};

for (const isolation of ["shared", "worker", "page"]) {
  for (const [how, bytes] of Object.entries(altered)) {
    test(`H-37: a vault.wasm with ${how} is refused (${isolation}), and the right one is taken after it`, async (t) => {
      const body = bytes();
      assert.equal(WebAssembly.validate(body), true);
      world.site.files.set("/valetkey/vault.wasm", { body });
      const app = await world.open(t);
      const { error } = await app.make({ ...world.options, isolation });
      assert.equal(error?.code, "vault_mismatch");
      assert.equal(error.detail, "vault.wasm");
      assert.match(error.hint, /one version/u);
      world.site.files.clear();
      assert.equal((await app.call("ready")).value?.status, "signed-out");
    });
  }

  test(`H-37: a right vault.wasm signs in (${isolation})`, async (t) => {
    world.site.clients = { main: { ...world.options, isolation } };
    const app = await world.open(t);
    await app.signIn();
    assert.equal((await app.session()).status, "signed-in");
    assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
  });
}

test("H-37: an altered vault.wasm that a browser has cached is not what the next attempt gets", async (t) => {
  world.site.headersFor = (path) => (path.endsWith(".wasm") ? { "cache-control": "max-age=600" } : {});
  world.site.files.set("/valetkey/vault.wasm", { body: altered["one bit flipped"]() });
  const app = await world.open(t);
  await app.page.evaluate(() => fetch("/valetkey/vault.wasm").then((response) => response.arrayBuffer()));
  world.site.files.clear();
  assert.equal((await app.make(world.options)).error?.code, "vault_mismatch");
  assert.equal((await app.call("ready")).value?.status, "signed-out");
  record(t, "H-37", "an altered module is refused, and altered bytes in the browser's cache are replaced; who can change the page or vault.js, where that is not compared, can take the comparison out");
});

test("the preload line of the README spares the vault its request", async (t) => {
  let requests = 0;
  world.site.headersFor = (path) => {
    if (!path.endsWith(".wasm")) return {};
    requests += 1;
    return { "cache-control": "max-age=600" };
  };
  const head = '<link rel="preload" as="fetch" crossorigin href="/valetkey/vault.wasm">';
  world.site.files.set("/", { body: `<!doctype html><meta charset="utf-8">${head}<title>Test</title><script type="module" src="/app.js"></script>` });
  for (const isolation of ["shared", "worker", "page"]) {
    requests = 0;
    world.site.clients = { main: { ...world.options, isolation } };
    const app = await world.open(t);
    assert.equal((await app.made()).value?.status, "signed-out");
    assert.equal(requests, 1, isolation);
  }
});

for (const isolation of ["shared", "worker"]) {
  test(`H-37: an altered vault.js is refused before it runs where its hash is given (${isolation})`, async (t) => {
    let ran = 0;
    world.site.headersFor = (path) => {
      if (path === "/ran") ran += 1;
      return {};
    };
    world.site.files.set("/valetkey/vault.js", { body: `fetch("/ran");${script}` });
    const app = await world.open(t);
    const options = { ...world.options, isolation, vaultIntegrity: integrity["vault.js"] };
    const { error } = await app.make(options);
    assert.equal(error?.code, "vault_mismatch");
    assert.equal(error.detail, "vault.js");
    assert.equal((await app.call("signIn")).error?.code, "vault_mismatch");
    await app.page.waitForTimeout(300);
    assert.equal(ran, 0);

    // The test sees it where it does run.
    await app.make({ ...options, vaultIntegrity: undefined }, "unchecked");
    await app.page.waitForTimeout(300);
    assert.equal(ran, 1);

    world.site.files.clear();
    assert.equal((await app.call("ready")).value?.status, "signed-out");
  });

  test(`H-37: a right vault.js signs in where its hash is given (${isolation})`, async (t) => {
    world.site.clients = { main: { ...world.options, isolation, vaultIntegrity: integrity["vault.js"] } };
    const app = await world.open(t);
    await app.signIn();
    assert.equal((await app.session()).status, "signed-in");
    assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
  });
}

test("a vault.js whose hash is given and that is not there is unreachable", async (t) => {
  world.site.files.set("/valetkey/vault.js", { status: 404, body: "" });
  const app = await world.open(t);
  const { error } = await app.make({ ...world.options, vaultIntegrity: integrity["vault.js"] });
  assert.equal(error?.code, "vault_unreachable");
  assert.equal(error.detail, "vault.js");
});

test("H-37: a hash that browsers would pass over is refused", async (t) => {
  const app = await world.open(t);
  const right = integrity["vault.js"];
  for (const vaultIntegrity of ["", "sha384-", `${right}=`, right.slice(0, -1), right.slice(7), right.replace("sha384", "md5"), ` ${right}`, `${right} ${right}`, `${right}?x`, 1, null]) {
    const { error } = await app.make({ ...world.options, vaultIntegrity });
    assert.equal(error?.code, "option_invalid", String(vaultIntegrity));
    assert.equal(error.detail, "vaultIntegrity");
  }
});

test("a hash of vault.js is refused where there is no vault.js to compare", async (t) => {
  const app = await world.open(t);
  const { error } = await app.make({ ...world.options, isolation: "page", vaultIntegrity: integrity["vault.js"] });
  assert.equal(error?.code, "option_invalid");
  assert.equal(error.detail, "vaultIntegrity");
});

test("H-37: an altered callback.js is not run by callback.html", async (t) => {
  const app = await world.open(t);
  const code = await readFile(join(packageDirectory, "callback.js"), "utf8");
  const show = async (body) => {
    world.site.files.set("/valetkey/callback.js", { body });
    await app.page.goto(`${world.site.origin}/valetkey/callback.html`);
    await app.page.waitForTimeout(300);
    return app.page.locator("#status").innerText();
  };
  assert.match(await show(code), /Go back to the application/u);
  assert.match(await show(`${code};`), /Signing in/u);
  assert.notEqual(integrityOf(`${code};`), integrity["callback.js"]);
});
