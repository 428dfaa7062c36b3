import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { chromium } from "playwright-core";
import { packageDirectory } from "../support/app-site.mjs";
import { FLAGS } from "../support/browser.mjs";
import { readProof } from "../support/proofs.mjs";
import { storageOf } from "../support/storage.mjs";
import { useWorld } from "../support/world.mjs";

const TTL = 6;
const world = useWorld({ dpop: true, accessTokenTtl: TTL });
const persistent = () => ({ ...world.options, persist: "dpop" });

/** A browser that can be closed and started again with what it has kept. */
function profile(t) {
  const directory = mkdtempSync(join(tmpdir(), "valetkey-profile-"));
  let context;
  t.after(async () => {
    await context?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    async start() {
      await context?.close();
      context = await chromium.launchPersistentContext(directory, { executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS, reducedMotion: "reduce" });
      context.setDefaultTimeout(10_000);
      return context;
    },
  };
}

/** Signed in, in a browser with a profile. */
async function signedIn(t, options = persistent()) {
  world.site.clients = { main: options };
  const browser = profile(t);
  const app = await world.openIn(await browser.start());
  await app.signIn();
  return { app, browser };
}

const records = async (app) => Object.entries((await storageOf(app.page)).databases.valetkey?.transactions ?? {});
const me = async (app) => (await app.fetch(`${world.api}me`)).value?.status;
const thumbprints = async () => [...new Set(await Promise.all(world.calls.seen.map(async ({ proof }) => (await readProof(proof)).thumbprint)))];

/** Waits until a record of the session is there, or none is. */
async function untilKept(app, count = 1) {
  for (let round = 0; round < 50; round += 1) {
    const found = (await records(app)).filter(([key]) => key.startsWith("session "));
    if (found.length === count) return found;
    await app.page.waitForTimeout(100);
  }
  throw new Error(`There are not ${count} records.`);
}

test("a browser that is started again finds the session: persisted, with one token request and the same key", async (t) => {
  const { app, browser } = await signedIn(t);
  assert.equal(await me(app), 200);
  await untilKept(app);
  const context = await browser.start();
  let again;
  const { token, all } = await world.requestsDuring(async () => (again = await world.openIn(context)));
  const { value } = await again.made();
  assert.deepEqual([value.status, value.restoredBy, value.claims.sub, value.tokenType], ["signed-in", "persisted", "ada.lovelace", "DPoP"]);
  assert.equal(token, 1);
  assert.equal(all.to(world.issuer, "/auth").length, 0);
  assert.equal(await me(again), 200);
  assert.equal((await thumbprints()).length, 1);
});

test("the refresh token that was given last is the one that is kept: a third start finds the session, too", async (t) => {
  const { app, browser } = await signedIn(t);
  await untilKept(app);
  for (let start = 0; start < 3; start += 1) {
    const again = await world.openIn(await browser.start());
    assert.equal((await again.made()).value.restoredBy, "persisted", `start ${start}`);
    await again.page.waitForTimeout((TTL + 0.3) * 1000);
    assert.equal(await me(again), 200);
    await again.page.waitForTimeout(300);
  }
});

test("a vault that is killed is followed by one that takes the session up", async (t) => {
  const [vault, wasm] = await Promise.all(["vault.js", "vault.wasm"].map((name) => readFile(join(packageDirectory, name))));
  world.site.files.set("/vault.wasm", { body: wasm });
  world.site.files.set("/mortal.js", { body: `new BroadcastChannel("mortal").onmessage = () => close();\n${vault}` });
  world.site.clients = { main: { ...persistent(), vaultUrl: "/mortal.js" } };
  const app = await world.open(t);
  await app.signIn();
  await untilKept(app);
  await app.page.evaluate(() => void new BroadcastChannel("mortal").postMessage("now"));
  await app.page.waitForTimeout(300);
  await app.reload();
  assert.equal((await app.made()).value.restoredBy, "persisted");
  assert.equal(await me(app), 200);
});

test("tabs that open at once: one token request, and all are signed in", async (t) => {
  const { app, browser } = await signedIn(t);
  await untilKept(app);
  const context = await browser.start();
  let tabs;
  const { token } = await world.requestsDuring(async () => (tabs = await Promise.all([1, 2, 3].map(() => world.openIn(context)))));
  assert.equal(token, 1);
  for (const tab of tabs) assert.equal((await tab.made()).value.status, "signed-in");
});

test("a client with other options, while the first one's vault lives: it finds nothing, and both go on", async (t) => {
  const { app } = await signedIn(t);
  await untilKept(app);
  const other = { ...persistent(), exposeAccessToken: true };
  assert.equal((await app.make(other, "other")).value.status, "signed-out");
  assert.equal((await app.call("getAccessToken", [], "other")).error.code, "not_signed_in");
  for (let round = 0; round < 2; round += 1) {
    assert.equal(await me(app), 200);
    await app.page.waitForTimeout((TTL + 0.3) * 1000);
  }
  assert.equal((await app.session()).status, "signed-in");
  await untilKept(app);
});

test("what is kept: no access token, and a key that cannot be taken out", async (t) => {
  const { app } = await signedIn(t, { ...persistent(), exposeAccessToken: true });
  const { accessToken } = (await app.call("getAccessToken")).value;
  const [[, { value }]] = await untilKept(app);
  assert.ok(!value.includes(accessToken));
  assert.deepEqual([...new URLSearchParams(value).keys()], ["version", "issuer", "client_id", "refresh_token", "id_token", "nonce", "scope"]);
  const key = await app.page.evaluate(async () => {
    const open = indexedDB.open("valetkey");
    const database = await new Promise((resolve) => (open.onsuccess = () => resolve(open.result)));
    const all = database.transaction("transactions").objectStore("transactions").getAll();
    const [{ key }] = await new Promise((resolve) => (all.onsuccess = () => resolve(all.result)));
    const exported = await Promise.allSettled(["jwk", "pkcs8", "raw", "spki"].map((format) => crypto.subtle.exportKey(format, key)));
    return { extractable: key.extractable, usages: key.usages, exported: exported.map(({ status }) => status) };
  });
  assert.deepEqual(key, { extractable: false, usages: ["sign"], exported: Array(4).fill("rejected") });
});

test("who signs out is forgotten", async (t) => {
  const { app, browser } = await signedIn(t);
  await untilKept(app);
  await app.call("signOut", [{ local: true }]);
  await untilKept(app, 0);
  const again = await world.openIn(await browser.start());
  assert.deepEqual([(await again.made()).value.status, (await again.made()).value.restoreFailure], ["signed-out", undefined]);
});

test("a session that the provider has ended meanwhile: signed out, with the reason, and forgotten", async (t) => {
  const { app, browser } = await signedIn(t);
  const [[, { value }]] = await untilKept(app);
  const body = new URLSearchParams({ token: new URLSearchParams(value).get("refresh_token"), client_id: world.options.clientId });
  assert.equal((await fetch(`${world.issuer}/token/revocation`, { method: "POST", body, headers: { origin: world.site.origin } })).status, 200);
  const again = await world.openIn(await browser.start());
  const { value: session } = await again.made();
  assert.deepEqual([session.status, session.restoreFailure], ["signed-out", { by: "persisted", code: "invalid_grant" }]);
  await untilKept(again, 0);
});

test("a provider that does not answer: said so, and the next page load finds the session", async (t) => {
  const { app, browser } = await signedIn(t);
  await untilKept(app);
  const context = await browser.start();
  const before = world.site.headersFor;
  // The vault may not connect to the provider.
  world.site.headersFor = (path) => ({ ...before(path), "content-security-policy": before(path)["content-security-policy"].replace(`connect-src 'self' ${world.issuer}`, "connect-src 'self'") });
  const offline = await world.openIn(context);
  const { value } = await offline.made();
  assert.deepEqual([value.status, value.restoreFailure?.by], ["signed-out", "persisted"]);
  world.site.headersFor = before;
  const again = await world.openIn(await browser.start());
  assert.equal((await again.made()).value.restoredBy, "persisted");
});

for (const [what, options] of Object.entries({
  "by default": { persist: undefined },
  "with `memory`": { persist: "memory" },
  "with bearer tokens": { dpop: "off" },
  "where the vault is a page's own": { isolation: "worker" },
  "in the page": { isolation: "page" },
})) {
  test(`${what} nothing is kept`, async (t) => {
    const { app, browser } = await signedIn(t, { ...persistent(), ...options });
    await app.page.waitForTimeout(500);
    assert.deepEqual(await records(app), []);
    const again = await world.openIn(await browser.start());
    assert.equal((await again.made()).value.status, "signed-out");
  });
}

test("another client of the same origin finds nothing of it", async (t) => {
  const { app, browser } = await signedIn(t);
  await untilKept(app);
  world.site.clients = { main: { ...persistent(), clientId: "another" } };
  const again = await world.openIn(await browser.start());
  assert.equal((await again.made()).value.status, "signed-out");
});
