import assert from "node:assert/strict";

export const subject = "Sign-out";

export const scenarios = {
  async "at the provider, and back: the next sign-in asks for the login"({ open, requestsDuring }) {
    const app = await open();
    await app.signIn();
    await app.signOut();
    assert.equal((await app.made()).status, "signed-out");
    assert.equal(await app.tab.url(), `${app.world.site.origin}/`);
    const requests = await requestsDuring(async () => assert.equal((await app.fetch(`${app.world.api}me`)).error.code, "not_signed_in"));
    assert.deepEqual([requests.api, requests.token], [0, 0]);
    await app.begin("signIn");
    await app.tab.see("#username");
  },

  async "here alone: the next sign-in asks for nothing"({ open }) {
    const app = await open();
    await app.signIn();
    assert.equal((await app.call("signOut", { local: true, revoke: false })).error ?? undefined, undefined);
    assert.equal((await app.session()).status, "signed-out");
    assert.equal((await app.fetch(`${app.world.api}me`)).error.code, "not_signed_in");
    await app.signInAgain();
  },
};
