import assert from "node:assert/strict";
import { serveCallbackPage, withoutOpenerPolicy } from "../../support/callback-page.mjs";
import { atProvider } from "../app.mjs";

export const subject = "Popup and frame";

/** The application, with the callback page beside it. */
async function withCallbackPage(world, options = {}) {
  await serveCallbackPage(world, options);
}

/** Logs in and consents, in a window of its own. */
async function answer(popup) {
  await atProvider(popup).logIn();
  await atProvider(popup).answer("allow");
}

export const scenarios = {
  async "a popup signs in while the page stays, and closes itself"({ open, world, profile, requestsDuring, same }) {
    await withCallbackPage(world, { restore: "memory" });
    withoutOpenerPolicy(world);
    const app = await open("/orders?open=1");
    const { token } = await requestsDuring(async () => {
      const popup = await profile.opened(() => app.clickFor("signIn", { mode: "popup" }));
      await answer(popup);
      await app.status("signed-in");
      same(await app.acted(), {});
      for (let tries = 0; (await profile.has(popup)) && tries < 50; tries += 1) await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(await profile.has(popup), false);
    });
    assert.equal((await app.session()).restoredBy, "popup");
    assert.equal(await app.tab.url(), `${world.site.origin}/orders?open=1`);
    assert.equal(token, 1);
  },

  async "the session after a popup, on a page with a Cross-Origin-Opener-Policy"({ open, world, profile, found }) {
    await withCallbackPage(world, { clientId: world.options.clientId, scope: world.options.scope, resources: [world.api] });
    const app = await open();
    const popup = await profile.opened(() => app.clickFor("signIn", { mode: "popup" }));
    await answer(popup);
    await app.status("signed-in");
    await app.acted();
    for (let tries = 0; (await profile.has(popup)) && tries < 50; tries += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // No call waits for a vault that is gone.
    const codes = [];
    for (let call; (call = await app.fetch(`${world.api}me`)).value?.status !== 200 && codes.length < 100; ) codes.push(call.error.code);
    assert.deepEqual(codes.filter((code) => !["vault_crashed", "not_signed_in"].includes(code)), []);
    const { restoredBy } = await app.session();
    assert.ok(restoredBy === "silent" || (restoredBy === "popup" && codes.length === 0), `${restoredBy} ${codes}`);
    found(restoredBy === "popup" ? "goes on" : "ends with the popup, as the vault does; a frame restores it");
  },

  async "a hidden frame signs in whom the provider knows"({ open, world, requestsDuring }) {
    await withCallbackPage(world, { restore: "memory" });
    const app = await open();
    await app.signIn();
    await app.call("signOut", { local: true, revoke: false });
    const { token } = await requestsDuring(async () => assert.equal((await app.call("signIn", { mode: "silent" })).error ?? undefined, undefined));
    assert.equal((await app.session()).restoredBy, "silent");
    assert.equal(token, 1);
  },

  async "a hidden frame where nobody is logged in"({ open, world, found }) {
    await withCallbackPage(world, { restore: "memory" });
    const app = await open();
    const { error } = await app.call("signIn", { mode: "silent" });
    assert.equal((await app.session()).status, "signed-out");
    found(`\`${error.code}\``);
  },

  async "a reload of the only tab, with `callbackUri`"({ open, world, found }) {
    await withCallbackPage(world);
    const app = await open();
    await app.signIn();
    await app.reload();
    const { status, restoredBy } = await app.made();
    assert.equal(status, "signed-in");
    // Whether an engine keeps the worker over a reload by chance is not written down.
    found((await app.vaultOutlivesPages()) ? `session kept, by ${restoredBy}` : "session kept, by the frame where the vault has ended");
  },
};
