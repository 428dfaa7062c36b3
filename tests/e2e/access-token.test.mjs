import assert from "node:assert/strict";
import test from "node:test";
import { useWorld } from "../support/world.mjs";

const TTL = 6;
const world = useWorld({ dpop: true, accessTokenTtl: TTL });

async function signedIn(t, options = {}) {
  world.site.clients = { main: { ...world.options, ...options } };
  const app = await world.open(t);
  await app.signIn();
  return app;
}

const tokenOf = (app, options) => app.call("getAccessToken", options === undefined ? [] : [options]);
const exposed = { exposeAccessToken: true };

test("by default the page is given no token: access_token_not_exposed", async (t) => {
  const app = await signedIn(t);
  assert.equal((await tokenOf(app)).error.code, "access_token_not_exposed");
  assert.equal((await app.session()).accessTokenExposed, undefined);
});

test("a client with other options has another vault, and has nobody's token", async (t) => {
  const app = await signedIn(t);
  const made = await app.make({ ...world.options, ...exposed }, "curious");
  assert.equal(made.value.status, "signed-out");
  assert.equal((await app.call("getAccessToken", [], "curious")).error.code, "not_signed_in");
  assert.equal((await tokenOf(app)).error.code, "access_token_not_exposed");
});

for (const isolation of ["shared", "worker", "page"]) {
  test(`exposed: a token that the API takes, and the session says so (${isolation})`, async (t) => {
    const app = await signedIn(t, { ...exposed, dpop: "off", isolation });
    assert.equal((await app.session()).accessTokenExposed, true);
    const { value } = await tokenOf(app);
    assert.equal(value.tokenType, "Bearer");
    const answer = await fetch(`${world.api}me`, { headers: { authorization: `${value.tokenType} ${value.accessToken}` } });
    assert.equal(answer.status, 200);
  });
}

test("a token that is bound to the vault's key is of no use to the page itself", async (t) => {
  const app = await signedIn(t, exposed);
  const { value } = await tokenOf(app);
  assert.equal(value.tokenType, "DPoP");
  for (const scheme of ["DPoP", "Bearer"]) {
    const answer = await fetch(`${world.api}me`, { headers: { authorization: `${scheme} ${value.accessToken}` } });
    assert.equal(answer.status, 401, scheme);
  }
});

test("it is renewed before it is given, once for all who ask", async (t) => {
  const app = await signedIn(t, exposed);
  const before = (await tokenOf(app)).value.accessToken;
  assert.equal((await tokenOf(app)).value.accessToken, before);
  await app.page.waitForTimeout((TTL + 0.3) * 1000);
  let all;
  const { token } = await world.requestsDuring(async () => (all = await Promise.all(Array.from({ length: 10 }, () => tokenOf(app)))));
  assert.equal(token, 1);
  assert.equal(new Set(all.map(({ value }) => value.accessToken)).size, 1);
  assert.notEqual(all[0].value.accessToken, before);
});

test("for a URL that is listed, and for no other", async (t) => {
  const app = await signedIn(t, exposed);
  assert.equal((await tokenOf(app, { resource: `${world.api}me` })).error, undefined);
  assert.equal((await tokenOf(app, { resource: "https://elsewhere.example/" })).error.code, "resource_not_listed");
  assert.equal((await tokenOf(app, { resource: "me" })).error.code, "request_invalid");
  assert.equal((await tokenOf(app, { resorce: world.api })).error.code, "option_unknown");
});

test("after sign-out there is none", async (t) => {
  const app = await signedIn(t, exposed);
  await app.call("signOut", [{ local: true }]);
  assert.equal((await tokenOf(app)).error.code, "not_signed_in");
});

test("a reload finds it again where the vault is shared", async (t) => {
  const app = await signedIn(t, exposed);
  const before = (await tokenOf(app)).value.accessToken;
  await app.reload();
  assert.equal((await tokenOf(app)).value.accessToken, before);
});
