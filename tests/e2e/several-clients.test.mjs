import assert from "node:assert/strict";
import test from "node:test";
import { callbackUrlFor } from "../support/provider-trip.mjs";
import { publicClient, useWorld } from "../support/world.mjs";

const world = useWorld({ extraClients: (origin) => [publicClient("second", `${origin}/`)] });

const second = () => ({ ...world.options, clientId: "second", scope: "openid profile", resources: [] });

test("two clients on one page do not disturb each other", async (t) => {
  world.site.clients = { one: world.options, two: second() };
  const app = await world.open(t);
  await app.signIn({ name: "one", username: "ada.lovelace" });
  assert.equal((await app.session("one")).claims.sub, "ada.lovelace");
  assert.deepEqual(await app.session("two"), { status: "signed-out", isolation: "shared" });

  await app.signIn({ name: "two", options: { prompt: "login" }, username: "grace.hopper" });
  assert.equal((await app.session("two")).claims.sub, "grace.hopper");
  assert.deepEqual((await app.session("two")).claims.aud, "second");
  assert.equal((await app.session("one")).claims.sub, "ada.lovelace");
  assert.deepEqual([(await app.session("one")).error, (await app.session("two")).error], [undefined, undefined]);

  assert.equal((await app.call("signOut", [{ local: true }], "one")).error, undefined);
  assert.equal((await app.session("one")).status, "signed-out");
  assert.equal((await app.session("two")).status, "signed-in");
  await app.reload();
  assert.equal((await app.made("two")).value.status, "signed-in");
});

test("one client leaves the other's callback alone", async (t) => {
  const app = await world.open(t);
  await app.make({ ...world.options, capture: true }, "one");
  const callback = await callbackUrlFor(await app.authorizationUrl({}, "one"));
  world.site.clients = { two: second() };
  const requests = await world.requestsDuring(() => app.load(callback));
  assert.deepEqual((await app.made("two")).value, { status: "signed-out", isolation: "shared" });
  assert.equal(app.page.url(), callback);
  assert.equal(requests.token, 0);
});

test("a page that asks for other options gets another, empty vault", async (t) => {
  world.site.clients = { main: world.options };
  const app = await world.open(t);
  await app.signIn();
  const { issuer, resources } = world.options;
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: "https://evil.example/token",
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
  for (const [what, change] of Object.entries({
    "a wider list of resources": { resources: [...resources, "https://evil.example/"] },
    "another client ID": { clientId: "second" },
    "another clock tolerance": { clockTolerance: 10 },
    danger: { dangerAllowInsecureHttp: true },
  })) {
    const { value } = await app.make({ ...world.options, ...change }, what);
    assert.deepEqual(value, { status: "signed-out", isolation: "shared" }, what);
    assert.equal((await app.fetch(`${world.api}me`, undefined, what)).error.code, "not_signed_in", what);
  }
  // With another token endpoint it would be another provider of the same name: that is refused before there is a vault.
  assert.equal((await app.make({ ...world.options, metadata }, "metadata of its own")).error.code, "metadata_ambiguous");
  assert.equal((await app.session()).status, "signed-in");
});

test("two providers cannot have one redirect URI, with a query or without", async (t) => {
  world.site.clients = { main: world.options };
  const app = await world.open(t);
  const other = { ...world.options, issuer: "https://other.example/", resources: [] };
  for (const [at, redirectUri] of Object.entries({ default: undefined, same: `${world.site.origin}/`, query: `${world.site.origin}/?provider=other` })) {
    assert.equal((await app.make({ ...other, redirectUri }, at)).error.code, "redirect_uri_shared", at);
  }
  assert.equal((await app.make({ ...other, redirectUri: `${world.site.origin}/other` }, "its own")).value.status, "signed-out");
});

test("the same options in another order, and another `navigate`, find the same vault", async (t) => {
  world.site.clients = { main: world.options };
  const app = await world.open(t);
  await app.signIn();
  const reversed = Object.fromEntries(Object.entries(world.options).reverse());
  assert.equal((await app.make({ ...reversed, capture: true }, "same")).value.status, "signed-in");
});
