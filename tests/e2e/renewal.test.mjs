import assert from "node:assert/strict";
import test from "node:test";
import { useWorld } from "../support/world.mjs";

/** Seconds: soon over, but longer than twenty calls take on a busy machine. */
const TTL = 6;
const world = useWorld({ accessTokenTtl: TTL });

async function signedIn(t) {
  world.site.clients = { main: world.options };
  const app = await world.open(t);
  await app.signIn();
  return app;
}

const expiry = (app) => app.page.waitForTimeout((TTL + 0.3) * 1000);
const twentyCalls = (app) =>
  app.page.evaluate((url) => Promise.all(Array.from({ length: 20 }, () => window.fetchAs("main", url))), `${world.api}me`);

test("twenty calls after expiry renew the token once, and all succeed; the rotated refresh token works the next time", async (t) => {
  const app = await signedIn(t);
  const before = await app.session();
  assert.equal(before.renewable, true);
  for (const round of [1, 2]) {
    await expiry(app);
    let answers;
    const requests = await world.requestsDuring(async () => (answers = await twentyCalls(app)));
    assert.deepEqual(answers.map(({ value }) => value?.status), Array(20).fill(200), `round ${round}`);
    assert.equal(requests.token, 1, `round ${round}`);
    assert.equal(requests.api, 20);
  }
  const session = await app.session();
  assert.equal(session.status, "signed-in");
  assert.ok(session.accessTokenExpiresAt > before.accessTokenExpiresAt);
});

test("three tabs that call at once after expiry renew the token once", async (t) => {
  const app = await signedIn(t);
  const tabs = [app, await world.openIn(app.context), await world.openIn(app.context)];
  for (const tab of tabs) assert.equal((await tab.session()).status, "signed-in");
  await expiry(app);
  const requests = await world.requestsDuring(async () => {
    for (const answers of await Promise.all(tabs.map(twentyCalls))) assert.ok(answers.every(({ value }) => value?.status === 200));
  });
  assert.equal(requests.token, 1);
});

test("an expired token alone causes no request, and the session stays", async (t) => {
  const app = await signedIn(t);
  const requests = await world.requestsDuring(() => expiry(app));
  assert.equal(requests.token, 0);
  await app.reload();
  assert.equal((await app.made()).value.status, "signed-in");
});

test("after signing out while a renewal is under way nobody is signed in", async (t) => {
  const app = await signedIn(t);
  await expiry(app);
  const [call] = await app.page.evaluate(
    (url) => Promise.all([window.fetchAs("main", url), window.call("main", "signOut", { local: true })]),
    `${world.api}me`,
  );
  assert.ok(["superseded", "not_signed_in"].includes(call.error?.code), JSON.stringify(call));
  assert.equal((await app.session()).status, "signed-out");
});
