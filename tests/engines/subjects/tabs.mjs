import assert from "node:assert/strict";

export const subject = "Tabs";

export const scenarios = {
  async "a sign-in in one is seen in the others, with one token request"({ open, requestsDuring }) {
    const [app, second, third] = [await open(), await open(), await open()];
    const { token } = await requestsDuring(async () => {
      await app.signIn();
      await second.status("signed-in");
      await third.status("signed-in");
    });
    assert.equal(token, 1);
    assert.equal((await second.session()).claims.sub, "ada.lovelace");
  },

  async "one that is opened later finds the session and can call the API"({ open, requestsDuring }) {
    const app = await open();
    await app.signIn();
    const requests = await requestsDuring(async () => {
      const second = await open();
      assert.equal((await second.made()).restoredBy, "memory");
      assert.equal((await second.fetch(`${second.world.api}me`)).value.status, 200);
    });
    assert.deepEqual([requests.token, requests.api], [0, 1]);
  },

  async "a sign-out in one is seen in the others"({ open }) {
    const app = await open();
    const second = await open();
    await app.signIn();
    await second.status("signed-in");
    await second.begin("signOut");
    await app.status("signed-out");
    assert.equal((await app.fetch(`${app.world.api}me`)).error.code, "not_signed_in");
  },

  async "the one that signed in may be closed: the others go on"({ open }) {
    const app = await open();
    const second = await open();
    await app.signIn();
    await second.status("signed-in");
    await app.tab.close();
    assert.equal((await second.fetch(`${second.world.api}me`)).value.status, 200);
    await second.reload();
    // Alone now, it may have a vault of its own; then nobody is signed in, and nothing is broken.
    assert.equal((await second.made()).error ?? undefined, undefined);
  },

  async "two at the provider at once both end signed in"({ open }) {
    const [app, second] = [await open("/one"), await open("/two")];
    await app.begin("signIn");
    await app.tab.see("#username");
    await second.begin("signIn");
    await second.tab.see("#username");
    await app.finishSignIn();
    await second.finishSignIn();
    assert.deepEqual([(await app.made()).status, (await second.made()).status], ["signed-in", "signed-in"]);
    assert.deepEqual([await app.tab.url(), await second.tab.url()].map((url) => new URL(url).pathname), ["/one", "/two"]);
  },
};
