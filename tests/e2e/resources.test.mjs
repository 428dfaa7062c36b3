import assert from "node:assert/strict";
import test from "node:test";
import { serveCallbackPage } from "../support/callback-page.mjs";
import { useWorld } from "../support/world.mjs";

/** Seconds: soon over, but longer than what a test does meanwhile. */
const TTL = 6;
const world = useWorld({ dpop: true, files: true, accessTokenTtl: TTL });

/** The API with the sign-in's own token, the second one with a token of its own. */
const options = () => ({
  ...world.options,
  resources: [
    { url: world.api, scope: "accounts:read", resource: world.api },
    { url: world.files, scope: "files:read", resource: world.files },
  ],
});

async function signedIn(t, more = {}) {
  world.site.clients = { main: { ...options(), ...more } };
  const app = await world.open(t);
  await app.signIn();
  return app;
}

const status = async (app, url) => (await app.fetch(url)).value?.status;
const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
const lastToken = () => world.calls.seen.at(-1).token;
const tokenOf = async (app, resource) => claimsOf((await app.call("getAccessToken", [{ resource }])).value.accessToken);
/** Each token of this provider's is for UserInfo as well. */
const audiences = ({ aud }) => [aud].flat().filter((each) => !each.endsWith("/me"));

test("each API gets a token of its own, for it alone, with the scopes it needs; it is fetched when it is first called", async (t) => {
  const app = await signedIn(t, { exposeAccessToken: true });
  const first = await world.requestsDuring(async () => assert.equal(await status(app, `${world.api}me`), 200));
  assert.equal(first.token, 0, "the sign-in's own");
  const second = await world.requestsDuring(async () => assert.equal(await status(app, `${world.files}list`), 200));
  assert.equal(second.token, 1);
  const third = await world.requestsDuring(async () => {
    for (const url of [`${world.files}list`, `${world.api}me`]) assert.equal(await status(app, url), 200);
  });
  assert.equal(third.token, 0);
  assert.deepEqual(world.filesCalls.at(-1), { scheme: "DPoP", scopes: ["files:read"] });
  const [accounts, files] = [await tokenOf(app, `${world.api}me`), await tokenOf(app, `${world.files}list`)];
  assert.deepEqual([audiences(accounts), audiences(files)], [[world.api], [world.files]]);
  assert.ok(!accounts.scope.includes("files:read"), accounts.scope);
  assert.equal(files.scope, "files:read");
  assert.equal(accounts.cnf.jkt, files.cnf.jkt, "of one sign-in, one key");
  assert.deepEqual(claimsOf(lastToken()), accounts);
});

test("calls of both at once, in several tabs: one request for each token", async (t) => {
  const app = await signedIn(t);
  const tabs = [app, await world.openIn(app.context)];
  await app.page.waitForTimeout((TTL + 0.3) * 1000);
  const { token } = await world.requestsDuring(async () => {
    const calls = tabs.flatMap((tab) => Array.from({ length: 5 }, () => [status(tab, `${world.api}me`), status(tab, `${world.files}list`)]).flat());
    assert.deepEqual([...new Set(await Promise.all(calls))], [200]);
  });
  assert.equal(token, 2);
});

test("each token is renewed when it is over, with the refresh token that was given last", async (t) => {
  const app = await signedIn(t);
  for (let round = 0; round < 3; round += 1) {
    for (const url of [`${world.files}list`, `${world.api}me`]) assert.equal(await status(app, url), 200, `round ${round}`);
    if (round < 2) await app.page.waitForTimeout((TTL + 0.3) * 1000);
  }
  assert.equal((await app.session()).status, "signed-in");
});

test("UserInfo is asked with a token for neither of them", async (t) => {
  const app = await signedIn(t);
  assert.equal((await app.call("userInfo")).value.sub, "ada.lovelace");
  assert.equal(await status(app, `${world.files}list`), 200);
  assert.equal(await status(app, `${world.api}me`), 200);
});

test("a token that an API refuses is replaced once, and the other API's is left alone", async (t) => {
  const app = await signedIn(t);
  await status(app, `${world.files}list`);
  world.calls.refuseNext(1);
  const { token } = await world.requestsDuring(async () => assert.equal(await status(app, `${world.api}me`), 200));
  assert.equal(token, 1);
  const { token: again } = await world.requestsDuring(async () => assert.equal(await status(app, `${world.files}list`), 200));
  assert.equal(again, 0);
});

test("signed out: neither API is called any more", async (t) => {
  const app = await signedIn(t);
  const urls = [`${world.api}me`, `${world.files}list`];
  for (const url of urls) assert.equal(await status(app, url), 200);
  await app.call("signOut", [{ local: true }]);
  for (const url of urls) assert.equal((await app.fetch(url)).error.code, "not_signed_in");
});

test("a URL that lies under neither gets no token", async (t) => {
  const app = await signedIn(t);
  assert.equal((await app.fetch(`${world.issuer}/me`)).error.code, "resource_not_listed");
});

test("a consent that the provider misses is asked for, where the application lets it, and the call is sent once more", async (t) => {
  const { clientId, scope } = world.options;
  // In the page, where the test can put another answer in the place of the provider's.
  await serveCallbackPage(world, { ...options(), clientId, scope, stepUp: "popup", isolation: "page" });
  const app = await world.open(t);
  await app.signIn();
  let refused = 0;
  await app.context.route(`${world.issuer}/token`, async (route) => {
    const form = new URLSearchParams(route.request().postData() ?? "");
    if (refused > 0 || form.get("resource") !== world.files) return route.continue();
    refused += 1;
    const headers = { "access-control-allow-origin": "*", "content-type": "application/json" };
    return route.fulfill({ status: 400, headers, body: JSON.stringify({ error: "consent_required" }) });
  });
  const opened = app.context.waitForEvent("page");
  const call = app.fetch(`${world.files}list`);
  const popup = await opened;
  await popup.getByRole("button", { name: "Allow" }).click();
  assert.equal((await call).value?.status, 200);
  assert.equal(refused, 1);
  assert.deepEqual(await app.page.evaluate(() => window.demands), [{ url: `${world.files}list`, error: "consent_required" }]);
});
