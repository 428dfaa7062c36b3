// Tokens that are bound to a key of the vault's (RFC 9449), at a provider and an API that take no proof without a nonce.

import assert from "node:assert/strict";
import { serveCallbackPage, withoutOpenerPolicy } from "../../support/callback-page.mjs";
import { hashOfToken, readProof } from "../../support/proofs.mjs";
import { atProvider } from "../app.mjs";

export const subject = "DPoP";
export const world = "bound";

const me = async (app) => {
  const { value, error } = await app.fetch(`${app.world.api}me`);
  return value ? [value.status, JSON.parse(value.text).scheme] : error.code;
};
const boundTo = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url")).cnf?.jkt;

/** The keys of the calls so far, each of which has to be the one that its token is bound to. */
export async function keysOf({ calls }) {
  const keys = new Set();
  for (const { token, proof } of calls.seen) {
    const { claims, thumbprint } = await readProof(proof);
    assert.deepEqual([thumbprint, claims.ath], [boundTo(token), hashOfToken(token)]);
    keys.add(thumbprint);
  }
  return keys;
}

export const scenarios = {
  async "by redirect: the API verifies a proof with each call, all by the key that the token is bound to"({ open, world }) {
    const app = await open();
    await app.signIn();
    assert.equal((await app.session()).tokenType, "DPoP");
    for (let call = 0; call < 3; call += 1) assert.deepEqual(await me(app), [200, "DPoP"]);
    assert.equal((await keysOf(world)).size, 1);
    assert.equal((await app.call("userInfo")).value.sub, "ada.lovelace");
  },

  async "by popup"({ open, world, profile, same }) {
    const { clientId, scope } = world.options;
    await serveCallbackPage(world, { clientId, scope, resources: [world.api] });
    withoutOpenerPolicy(world);
    const app = await open();
    const popup = await profile.opened(() => app.clickFor("signIn", { mode: "popup" }));
    await atProvider(popup).logIn();
    await atProvider(popup).answer("allow");
    await app.status("signed-in");
    same(await app.acted(), {});
    assert.equal((await app.session()).tokenType, "DPoP");
    assert.deepEqual(await me(app), [200, "DPoP"]);
    assert.equal((await keysOf(world)).size, 1);
  },

  async "the code is bound to the key, too"({ open, world, found }) {
    world.site.clients = { main: { ...world.options, capture: true } };
    const app = await open();
    const asked = new URL(await app.authorizationUrl()).searchParams.get("dpop_jkt");
    const lives = await app.vaultOutlivesPages();
    assert.equal(asked !== null, lives);
    found(lives ? "yes" : "by popup alone: over a redirect the vault may end, and the next one has a key of its own");
  },

  async "a nonce of the provider's and one of the API's: a request more for each at first, then none"({ open, requestsDuring }) {
    const app = await open();
    assert.equal((await requestsDuring(() => app.signIn())).token, 2);
    for (const more of [1, 0, 0]) assert.equal((await requestsDuring(async () => assert.deepEqual(await me(app), [200, "DPoP"]))).api, 1 + more);
    const { token, api } = await requestsDuring(async () => {
      assert.equal((await app.call("renew")).error ?? undefined, undefined);
      assert.deepEqual(await me(app), [200, "DPoP"]);
    });
    assert.deepEqual([token, api], [1, 1]);
  },

  async "a renewed token is bound to the same key"({ open, world }) {
    const app = await open();
    await app.signIn();
    await me(app);
    assert.equal((await app.call("renew")).error ?? undefined, undefined);
    assert.deepEqual(await me(app), [200, "DPoP"]);
    assert.equal(new Set(world.calls.seen.map(({ token }) => token)).size, 2);
    assert.equal((await keysOf(world)).size, 1);
  },

  async "a second tab has the same key"({ open, world }) {
    const app = await open();
    await app.signIn();
    const second = await open();
    for (const tab of [app, second]) assert.deepEqual(await me(tab), [200, "DPoP"]);
    assert.equal((await keysOf(world)).size, 1);
  },

  async "a reload of the only tab"({ open, world, found }) {
    const app = await open();
    const lives = await app.vaultOutlivesPages();
    await app.signIn();
    await me(app);
    await app.reload();
    const kept = (await app.made()).status === "signed-in";
    assert.ok(kept || !lives);
    if (!kept) await app.signInAgain();
    assert.deepEqual(await me(app), [200, "DPoP"]);
    assert.equal((await keysOf(world)).size, kept ? 1 : 2);
    found(lives ? "session kept, with its key" : "session and key lost; signing in again asks for no login, and has a key of its own");
  },
};
