import assert from "node:assert/strict";

export const subject = "Renewal";
export const world = "brief";

const begin = (app) => app.tab.evaluate((url) => void (window.calls = Promise.all(Array.from({ length: 10 }, () => window.fetchAs("main", url)))), `${app.world.api}me`);
const statuses = (app) => app.tab.evaluate(async () => (await window.calls).map(({ value, error }) => value?.status ?? error.code));

export const scenarios = {
  async "ten calls after expiry in each of two tabs renew once, twice in a row"({ open, requestsDuring, expiry }) {
    const app = await open();
    await app.signIn();
    const second = await open();
    const before = await app.session();
    assert.equal(before.renewable, true);
    for (const round of [1, 2]) {
      // An expired token alone causes no request.
      assert.equal((await requestsDuring(expiry)).token, 0);
      const requests = await requestsDuring(async () => {
        await begin(app);
        await begin(second);
        for (const tab of [app, second]) assert.deepEqual(await statuses(tab), Array(10).fill(200), `round ${round}`);
      });
      assert.deepEqual([requests.token, requests.api], [1, 20], `round ${round}`);
    }
    assert.ok((await second.session()).accessTokenExpiresAt > before.accessTokenExpiresAt);
  },
};
