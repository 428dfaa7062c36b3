// How long the vault lives. Where it ends with its last page, this is how the application gets on without it.

import assert from "node:assert/strict";
import { atProvider } from "../app.mjs";

export const subject = "The vault's lifetime";

/** Whether the vault ends when the tab that started it is at another site, although a second tab is open. */
async function endsWithItsStarter(open) {
  const app = await open();
  const other = await open();
  await app.begin("signIn");
  await atProvider(app.tab).logIn();
  await app.tab.see("button[form=allow]");
  const ends = !(await other.call("trace")).value?.some(({ step }) => step === "sign_in_started");
  await app.tab.close();
  await other.tab.close();
  return ends;
}

/** What is left of a session when the last page has gone and another has come: all of it, or nobody is signed in and nothing is broken. */
async function kept(app) {
  const { status, error, restoredBy } = await app.made();
  assert.equal(error ?? undefined, undefined, JSON.stringify(error));
  if (status === "signed-in") return restoredBy === "memory";
  await app.signInAgain();
  return false;
}

/** Without the headers that give a page a process of its own: over that, WebKit's driver cannot go back. */
function sharingProcesses({ site }) {
  const { "cross-origin-opener-policy": _, "cross-origin-embedder-policy": __, ...headers } = site.policy;
  site.headersFor = () => headers;
}

const LOST = "session lost; signing in again asks for no login";

export const scenarios = {
  async "a second tab, while the one that started the vault is at the provider"({ open, found }) {
    const app = await open();
    const other = await open();
    await app.begin("signIn");
    await atProvider(app.tab).logIn();
    await app.tab.see("button[form=allow]");
    const { value } = await other.call("trace");
    found(value?.some(({ step }) => step === "sign_in_started") ? "keeps the vault" : "notices that the vault has ended, and has a new one");
    await other.signIn();
    assert.equal((await other.fetch(`${other.world.api}me`)).value.status, 200);
  },

  async "a reload with another tab open"({ open, found }) {
    const ends = await endsWithItsStarter(open);
    const other = await open();
    const app = await open();
    await app.signIn();
    for (let round = 0; round < 3; round += 1) {
      await app.reload();
      assert.ok((await kept(app)) || ends);
    }
    await other.status("signed-in");
    assert.equal((await app.fetch(`${app.world.api}me`)).value.status, 200);
    found(ends ? "session kept, or lost with the process that the vault was in" : "session kept");
  },

  async "a reload of the only tab"({ open, found }) {
    const app = await open();
    const lives = await app.vaultOutlivesPages();
    await app.signIn();
    await app.reload();
    // Where the vault ends with its last page, it may live until the next one by chance.
    assert.ok((await kept(app)) || !lives);
    found(lives ? "session kept" : LOST);
    assert.equal((await app.fetch(`${app.world.api}me`)).value.status, 200);
  },

  async "the closing of the last tab"({ open, found }) {
    const app = await open();
    const lives = await app.vaultOutlivesPages();
    await app.signIn();
    await app.tab.close();
    const again = await open();
    assert.ok((await kept(again)) || !lives);
    found(lives ? "session kept" : LOST);
    assert.equal((await again.fetch(`${again.world.api}me`)).value.status, 200);
  },

  async "the trip to the provider, in the only tab"({ open, found, requestsDuring }) {
    const app = await open();
    await app.begin("signIn");
    await atProvider(app.tab).logIn();
    const requests = await requestsDuring(async () => {
      await atProvider(app.tab).answer("allow");
      await app.status("signed-in");
    });
    const steps = (await app.call("trace")).value.map(({ step }) => step);
    const outlived = steps.includes("sign_in_started");
    assert.deepEqual(requests, { token: 1, keys: outlived ? 0 : 1, metadata: outlived ? 0 : 1, api: 0 });
    const lives = await app.vaultOutlivesPages();
    assert.ok(outlived || !lives);
    found(lives ? "the vault outlives it; 1 request afterwards" : "a new vault finds the stored sign-in; 3 requests afterwards");
  },

  async "the trip to the provider, with `transactions: \"memory\"`"({ open, world, requestsDuring, found }) {
    world.site.clients = { main: { ...world.options, transactions: "memory" } };
    const app = await open();
    const { token } = await requestsDuring(() => app.signIn());
    const { status, error } = await app.made();
    const lives = await app.vaultOutlivesPages();
    if (status !== "signed-in") assert.deepEqual([error.code, token, lives], ["state_unknown", 0, false]);
    found(lives ? "signed in" : "refused as `state_unknown`");
  },

  async "the same with another tab open"({ open, world, found }) {
    const ends = await endsWithItsStarter(open);
    world.site.clients = { main: { ...world.options, transactions: "memory" } };
    const app = await open();
    await open();
    await app.signIn();
    const { status, error } = await app.made();
    assert.ok(status === "signed-in" || (ends && error.code === "state_unknown"));
    found(ends ? "signed in, or refused as `state_unknown`" : "signed in");
  },

  async "the back button at the provider leaves a page that can sign in"({ open, world }) {
    sharingProcesses(world);
    const app = await open();
    await app.begin("signIn");
    await app.tab.see("#username");
    await app.tab.back();
    await app.status("signed-out");
    await app.signIn();
    assert.equal((await app.made()).status, "signed-in");
  },

  async "another site and the back button"({ open, world, found }) {
    sharingProcesses(world);
    const app = await open();
    await app.signIn();
    await app.tab.go(app.world.issuer);
    await app.tab.back();
    await app.loaded();
    // A page that was kept as it was left finds its vault again, or another.
    const { status } = (await app.call("ready")).value;
    if (status === "signed-out") await app.signInAgain();
    assert.equal((await app.fetch(`${app.world.api}me`)).value.status, 200);
    const lives = await app.vaultOutlivesPages();
    assert.ok(status === "signed-in" || !lives);
    found(lives ? "session kept" : LOST);
  },
};
