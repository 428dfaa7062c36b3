// Two APIs with an access token each, out of one sign-in (RFC 8707).

import assert from "node:assert/strict";

export const subject = "Several APIs";
export const world = "bound";

async function signedIn({ open, world }) {
  const resources = [
    { url: world.api, scope: "accounts:read", resource: world.api },
    { url: world.files, scope: "files:read", resource: world.files },
  ];
  world.site.clients = { main: { ...world.options, resources } };
  const app = await open();
  await app.signIn();
  return app;
}

export const scenarios = {
  async "each gets a token of its own, the second one when it is first called"(scene) {
    const { world, requestsDuring } = scene;
    const app = await signedIn(scene);
    const first = await requestsDuring(async () => assert.equal((await app.fetch(`${world.api}me`)).value.status, 200));
    assert.equal(first.token, 0);
    for (const token of [1, 0]) {
      const requests = await requestsDuring(async () => assert.equal((await app.fetch(`${world.files}list`)).value.status, 200));
      assert.equal(requests.token, token);
    }
    assert.deepEqual(world.filesCalls.at(-1), { scheme: "DPoP", scopes: ["files:read"] });
    assert.equal((await app.call("userInfo")).value.sub, "ada.lovelace");
  },

  async "calls of both at once, in two tabs: one request for the token that is missing"(scene) {
    const { open, world, requestsDuring } = scene;
    const app = await signedIn(scene);
    const second = await open();
    const { token } = await requestsDuring(async () => {
      const begin = (tab) => tab.tab.evaluate((urls) => void (window.calls = Promise.all(Array.from({ length: 10 }, (_, index) => window.fetchAs("main", urls[index % 2])))), [`${world.api}me`, `${world.files}list`]);
      for (const tab of [app, second]) await begin(tab);
      for (const tab of [app, second]) assert.deepEqual(await tab.tab.evaluate(async () => (await window.calls).map(({ value, error }) => value?.status ?? error.code)), Array(10).fill(200));
    });
    assert.equal(token, 1);
  },
};
