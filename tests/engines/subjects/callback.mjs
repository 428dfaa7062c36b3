import assert from "node:assert/strict";
import { callbackUrlFor } from "../../support/provider-trip.mjs";
import { atProvider } from "../app.mjs";

export const subject = "Callback";

/** A state of the right form, for this client, that was never used. */
const altered = (state) => state.slice(0, -10) + (state.at(-10) === "A" ? "B" : "A") + state.slice(-9);

/** Starts a sign-in that is kept from leaving, and answers its authorization URL. The page then has the client that signs in. */
async function started(app) {
  app.world.site.clients = {};
  await app.load();
  await app.make({ ...app.world.options, capture: true });
  const url = new URL(await app.authorizationUrl());
  app.world.site.clients = { main: app.world.options };
  return url;
}

export const scenarios = {
  async "consent that is denied is told, and one can try again"({ open, requestsDuring }) {
    const app = await open();
    await app.begin("signIn");
    const { token } = await requestsDuring(async () => {
      await atProvider(app.tab).logIn();
      await atProvider(app.tab).answer("deny");
      await app.loaded();
    });
    const { status, error } = await app.made();
    assert.deepEqual([status, error?.code, token], ["signed-out", "access_denied", 0]);
    assert.equal(await app.tab.url(), `${app.world.site.origin}/`);

    await app.begin("signIn");
    await atProvider(app.tab).answer("allow");
    await app.status("signed-in");
  },

  async "a forged one changes nothing, whoever is signed in"({ open, requestsDuring }) {
    const app = await open();
    // Another tab, so that the vault is the same throughout.
    const other = await open();
    const forged = `/?code=forged&state=${altered((await started(app)).searchParams.get("state"))}`;
    for (const status of ["signed-out", "signed-in"]) {
      if (status === "signed-in") await app.signIn();
      await other.status(status);
      const requests = await requestsDuring(async () => {
        await app.load(forged);
        const session = await app.made();
        assert.deepEqual([session.status, session.error?.code], [status, "state_unknown"]);
        assert.equal(await app.tab.url(), `${app.world.site.origin}/`);
      });
      assert.equal(requests.token, 0);
      assert.equal((await other.session()).status, status);
    }
    assert.equal((await app.fetch(`${app.world.api}me`)).value.status, 200);
  },

  async "one that was used is refused the second time"({ open, requestsDuring }) {
    const app = await open();
    const callback = await callbackUrlFor((await started(app)).href);
    await app.load(callback);
    assert.equal((await app.made()).status, "signed-in");
    const { token } = await requestsDuring(async () => {
      const second = await open(callback);
      const { status, error } = await second.made();
      assert.deepEqual([status, error?.code], ["signed-in", "callback_replayed"]);
    });
    assert.equal(token, 0);
  },

  async "one that was used is refused after the last tab was closed"({ open, profile, requestsDuring, found }) {
    const app = await open();
    const callback = await callbackUrlFor((await started(app)).href);
    await app.load(callback);
    assert.equal((await app.made()).status, "signed-in");
    await app.tab.close();
    const { token } = await requestsDuring(async () => {
      const second = await open(callback);
      const lives = await second.vaultOutlivesPages();
      const { code } = (await second.made()).error;
      assert.ok(code === "callback_replayed" || (code === "state_unknown" && !lives));
      found(lives ? "`callback_replayed`" : "`state_unknown`");
    });
    assert.equal(token, 0);
  },
};
