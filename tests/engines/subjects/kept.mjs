// A session that is kept beside its key (`persist: "dpop"`): what becomes of it where the vault ends with its last page.

import assert from "node:assert/strict";
import { keysOf } from "./dpop.mjs";

export const subject = "Kept session";
export const world = "bound";

/** Whether a record of a session is in the origin's storage. */
const isKept = async () => {
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await settled(indexedDB.open("valetkey"));
  try {
    const keys = await settled(database.transaction("transactions").objectStore("transactions").getAllKeys());
    return keys.some((key) => key.startsWith("session ")) ? "yes" : "no";
  } finally {
    database.close();
  }
};

const KEYS_SCRIPT = `
onconnect = async ({ ports: [port] }) => {
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  try {
    structuredClone(privateKey);
    port.postMessage("yes");
  } catch {
    port.postMessage("no");
  }
};`;

/** Whether what a SharedWorker stores may hold keys: WebKit's cannot clone them. Asked on a page without a policy. */
async function canStoreKeys({ profile, world: { site } }) {
  const headers = Object.fromEntries(Object.keys(site.policy).map((name) => [name, ""]));
  site.files.set("/keys.js", { body: KEYS_SCRIPT, headers });
  site.files.set("/keys", { body: '<!doctype html><html lang="en"><meta charset="utf-8"><title>Keys</title></html>', headers });
  const tab = await profile.open(`${site.origin}/keys`);
  const answer = await tab.evaluate(() => new Promise((resolve) => (new SharedWorker("/keys.js").port.onmessage = ({ data }) => resolve(data))));
  await tab.close();
  return answer === "yes";
}

/** A scenario of a session that is kept; where none can be, of what there is in its place. */
const where = (kept) => async (scene) => {
  if (await canStoreKeys(scene)) return kept(scene);
  const { open, world, found } = scene;
  world.site.clients = { main: { ...world.options, persist: "dpop" } };
  const app = await open();
  await app.signIn();
  assert.equal(await status(app), 200);
  await app.tab.close();
  const again = await open();
  const { status: now, error, restoreFailure } = await again.made();
  assert.deepEqual([error ?? undefined, restoreFailure ?? undefined], [undefined, undefined]);
  // By chance the vault may live until this page.
  if (now === "signed-out") await again.signInAgain();
  assert.equal(await status(again), 200);
  found("nothing is kept: no SharedWorker of this engine can store a key");
};

async function signedIn({ open, world }) {
  world.site.clients = { main: { ...world.options, persist: "dpop" } };
  const app = await open();
  await app.signIn();
  assert.equal((await app.made()).status, "signed-in");
  await untilKept(app, "yes");
  return app;
}

async function untilKept(app, wanted) {
  for (let round = 0; round < 100; round += 1) {
    if ((await app.tab.evaluate(isKept).catch(() => "none")) === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`A record: not ${wanted}.`);
}

const status = async (app) => (await app.fetch(`${app.world.api}me`)).value?.status;
/** Where a vault ends with its last page, it may live until the next one by chance. */
const ways = (lives) => (lives ? ["memory"] : ["memory", "persisted"]);
const words = (lives) => (lives ? "session kept, by memory" : "session kept: a new vault takes it up, with one token request");

const kept = {
  async "a reload of the only tab"(scene) {
    const { world, found, requestsDuring } = scene;
    const app = await signedIn(scene);
    const lives = await app.vaultOutlivesPages();
    assert.equal(await status(app), 200);
    for (let round = 0; round < 2; round += 1) {
      const { token } = await requestsDuring(() => app.reload());
      const { status: now, restoredBy } = await app.made();
      assert.equal(now, "signed-in");
      assert.ok(ways(lives).includes(restoredBy), restoredBy);
      // The provider wants a nonce of every vault that is new to it.
      assert.ok(token <= (restoredBy === "persisted" ? 2 : 0), `${token} token requests`);
      await untilKept(app, "yes");
    }
    assert.equal(await status(app), 200);
    assert.equal((await keysOf(world)).size, 1);
    found(words(lives));
  },

  async "the closing of the last tab"(scene) {
    const { open, world, found } = scene;
    const app = await signedIn(scene);
    const lives = await app.vaultOutlivesPages();
    assert.equal(await status(app), 200);
    await app.tab.close();
    const again = await open();
    const { status: now, restoredBy, claims } = await again.made();
    assert.deepEqual([now, claims?.sub], ["signed-in", "ada.lovelace"]);
    assert.ok(ways(lives).includes(restoredBy), restoredBy);
    assert.equal(await status(again), 200);
    assert.equal((await keysOf(world)).size, 1);
    found(words(lives));
  },

  async "two tabs that open at once afterwards: both are signed in, and the refresh token is sent once"(scene) {
    const { open, requestsDuring } = scene;
    const app = await signedIn(scene);
    await app.tab.close();
    let tabs;
    const { token } = await requestsDuring(async () => (tabs = await Promise.all([open(), open()])));
    for (const tab of tabs) {
      assert.equal((await tab.made()).status, "signed-in");
      assert.equal(await status(tab), 200);
    }
    assert.ok(token <= 2, `${token} token requests, one of them for the nonce`);
  },

  async "who signs out is forgotten"(scene) {
    const { open } = scene;
    const app = await signedIn(scene);
    assert.equal((await app.call("signOut", { local: true })).error ?? undefined, undefined);
    await untilKept(app, "no");
    await app.tab.close();
    assert.equal((await (await open()).made()).status, "signed-out");
  },

  async "the key cannot be taken out of the storage"(scene) {
    const app = await signedIn(scene);
    const found = await app.tab.evaluate(async () => {
      const settled = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
      const database = await settled(indexedDB.open("valetkey"));
      const rows = await settled(database.transaction("transactions").objectStore("transactions").getAll());
      database.close();
      const { key } = rows.find(({ key }) => key instanceof CryptoKey);
      const exported = await Promise.allSettled(["jwk", "pkcs8", "raw", "spki"].map((format) => crypto.subtle.exportKey(format, key)));
      return [key.extractable, ...exported.map(({ status }) => status)];
    });
    assert.deepEqual(found, [false, ...Array(4).fill("rejected")]);
  },
};

export const scenarios = Object.fromEntries(Object.entries(kept).map(([name, act]) => [name, where(act)]));
