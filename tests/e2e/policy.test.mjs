import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { securityHeaders } from "../../www-demo/site/server.mjs";
import { packageDirectory } from "../support/app-site.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld();

const policy = (text) => ({ "content-security-policy": text });
const connect = () => `connect-src 'self' ${world.issuer} ${new URL(world.api).origin}`;

/** Signs in and calls the API. */
async function works(t) {
  world.site.clients = { main: world.options };
  const app = await world.open(t);
  await app.signIn();
  assert.equal((await app.session()).status, "signed-in");
  assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
  return app;
}

async function startError(t, options = {}) {
  const app = await world.open(t);
  const { error, value } = await app.make({ ...world.options, ...options });
  assert.ok(error, `the client is ready although it should not: ${JSON.stringify(value)}`);
  assert.notEqual(error.hint, "");
  return { app, error };
}

test("everything works under the strict policy of the demo, Trusted Types among it", async (t) => {
  const headers = securityHeaders({ issuer: world.issuer, apiOrigin: new URL(world.api).origin });
  world.site.headersFor = () => headers;
  await works(t);
});

test("Trusted Types with a list of policies work when `valetkey` is on it", async (t) => {
  const headers = policy(`default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; ${connect()}; require-trusted-types-for 'script'; trusted-types valetkey`);
  world.site.headersFor = () => headers;
  await works(t);
});

test("Trusted Types with a list of policies without `valetkey` are said to prevent the vault", async (t) => {
  const headers = policy(`default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types other`);
  world.site.headersFor = () => headers;
  const { error } = await startError(t);
  assert.equal(error.code, "vault_unreachable");
});

test("several clients share the one Trusted Types policy", async (t) => {
  const headers = policy(`default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; ${connect()}; require-trusted-types-for 'script'; trusted-types valetkey`);
  world.site.headersFor = () => headers;
  const app = await world.open(t);
  assert.equal((await app.make(world.options, "one")).value.status, "signed-out");
  assert.equal((await app.make({ ...world.options, clientId: "other" }, "two")).value.status, "signed-out");
});

for (const isolation of ["shared", "worker"]) {
  test(`a policy of the ${isolation} vault's script without 'wasm-unsafe-eval' is named as wasm_blocked`, async (t) => {
    world.site.headersFor = (path) => (path.endsWith("/vault.js") ? policy("default-src 'self'; script-src 'self'") : {});
    const { error } = await startError(t, { isolation });
    assert.equal(error.code, "wasm_blocked");
    assert.match(error.hint, /wasm-unsafe-eval/u);
  });

  test(`a page whose policy allows no worker cannot reach a ${isolation} vault, and is told why`, async (t) => {
    world.site.headersFor = (path) => (path === "/" ? policy("default-src 'self'; worker-src 'none'") : {});
    const { error } = await startError(t, { isolation });
    assert.equal(error.code, "vault_unreachable");
    assert.match(error.hint, /worker-src/u);
  });

  test(`a ${isolation} vault whose script is missing is unreachable, and reachable once it is there`, async (t) => {
    world.site.files.set("/valetkey/vault.js", { status: 404, body: "" });
    const { app, error } = await startError(t, { isolation });
    assert.equal(error.code, "vault_unreachable");
    world.site.files.clear();
    assert.equal((await app.call("ready")).value.status, "signed-out");
  });

  test(`a ${isolation} vault whose wasm is missing is unreachable, and reachable once it is there`, async (t) => {
    world.site.files.set("/valetkey/vault.wasm", { status: 404, body: "" });
    const { app, error } = await startError(t, { isolation });
    assert.equal(error.code, "vault_unreachable");
    assert.equal(error.detail, "vault.wasm");
    world.site.files.clear();
    assert.equal((await app.call("ready")).value.status, "signed-out");
  });

  test(`a policy of the ${isolation} vault's script that lets it load no wasm is named`, async (t) => {
    world.site.headersFor = (path) => (path.endsWith("/vault.js") ? policy("default-src 'self' 'wasm-unsafe-eval'; connect-src 'none'") : {});
    const { error } = await startError(t, { isolation });
    assert.equal(error.code, "vault_unreachable");
    assert.match(error.hint, /connect-src/u);
  });

  test(`a browser without WebAssembly is told from a ${isolation} vault`, async (t) => {
    const vault = await readFile(join(packageDirectory, "vault.js"), "utf8");
    world.site.files.set("/without-wasm.js", { body: `delete self.WebAssembly;\n${vault}` });
    world.site.files.set("/vault.wasm", { body: await readFile(join(packageDirectory, "vault.wasm")) });
    const { error } = await startError(t, { isolation, vaultUrl: "/without-wasm.js" });
    assert.equal(error.code, "wasm_unavailable");
  });
}

test("a server that does not know the content type of wasm does no harm", async (t) => {
  world.site.headersFor = (path) => (path.endsWith(".wasm") ? { "content-type": "application/octet-stream" } : {});
  await works(t);
});

test("in the page, a policy without 'wasm-unsafe-eval' is named as well", async (t) => {
  world.site.headersFor = () => policy("default-src 'self'; script-src 'self'");
  const { error } = await startError(t, { isolation: "page" });
  assert.equal(error.code, "wasm_blocked");
});

test("a policy whose connect-src leaves the provider out makes it unreachable", async (t) => {
  world.site.headersFor = () => policy("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'");
  const app = await world.open(t);
  assert.equal((await app.make({ ...world.options, capture: true })).value.status, "signed-out");
  const { error } = await app.call("signIn");
  assert.equal(error.code, "provider_unreachable");
  assert.match(error.hint, /connect-src/u);
});

test("a vault script of another origin is refused before the browser does", async (t) => {
  const { error } = await startError(t, { vaultUrl: "https://cdn.example/vault.js" });
  assert.equal(error.code, "vault_url_foreign");
});
