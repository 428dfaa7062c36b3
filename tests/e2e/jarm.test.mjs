import assert from "node:assert/strict";
import test from "node:test";
import { serveCallbackPage, windowClients } from "../support/callback-page.mjs";
import { callbackUrlFor } from "../support/provider-trip.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld({ extraClients: windowClients });

const MODES = ["query", "fragment", "query.jwt", "fragment.jwt"];

/** What a callback URL carries, wherever it does. */
const carried = (url) => {
  const { search, hash } = new URL(url);
  return [search ? "query" : "", hash ? "fragment" : ""].filter(Boolean).concat([...new URLSearchParams(search || hash.slice(1)).keys()].includes("response") ? "jwt" : []).join(".");
};

/** A sign-in that is at the provider, and the address it would come back to. */
async function inFlight(t, responseMode) {
  world.site.clients = { main: { ...world.options, responseMode } };
  const app = await world.open(t);
  // The same vault: whether a page navigates is the page's own affair.
  await app.make({ ...world.options, responseMode, capture: true }, "captured");
  return { app, callback: await callbackUrlFor(await app.authorizationUrl({ returnTo: "/orders?open=1#last" }, "captured")) };
}

for (const responseMode of MODES) {
  test(`${responseMode}: signed in, back where it began, and nothing is left in the address bar`, async (t) => {
    world.site.clients = { main: { ...world.options, responseMode } };
    const app = await world.open(t, "/orders?open=1#last");
    await app.signIn();
    assert.equal((await app.session()).status, "signed-in");
    assert.equal(app.page.url(), `${world.site.origin}/orders?open=1#last`);
    assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
  });

  test(`${responseMode}: it is in that form that the answer comes, and it works once`, async (t) => {
    const { app, callback } = await inFlight(t, responseMode);
    assert.equal(carried(callback), responseMode);
    await app.load(callback);
    assert.equal((await app.made()).value.status, "signed-in");
    assert.equal(app.page.url(), `${world.site.origin}/orders?open=1#last`);
    await app.load(callback);
    assert.equal((await app.made()).value.error?.code, "callback_replayed");
  });

  for (const mode of ["popup", "silent"]) {
    test(`${responseMode}: by way of the static callback page (${mode})`, async (t) => {
      await serveCallbackPage(world, { responseMode });
      const app = await world.open(t, "/orders");
      await app.signIn();
      // With the refresh token this provider would forget the consent, too.
      await app.call("signOut", [{ local: true, revoke: false }]);
      const outcome = await app.call("signIn", [{ mode }]);
      assert.deepEqual(outcome, { value: undefined });
      assert.deepEqual([(await app.session()).status, (await app.session()).restoredBy], ["signed-in", mode]);
      assert.equal(app.page.url(), `${world.site.origin}/orders`);
    });
  }
}

for (const [asked, code] of Object.entries({ "query": "response_mode_mismatch", "fragment": "response_mode_mismatch" })) {
  test(`a plain answer (${asked}) where a signed one was asked for: ${code}`, async (t) => {
    const { app, callback } = await inFlight(t, `${asked}.jwt`);
    const token = new URLSearchParams(new URL(callback).search || new URL(callback).hash.slice(1)).get("response");
    const { code: authorizationCode, state, iss } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
    const plain = new URLSearchParams({ code: authorizationCode, state, iss });
    await app.load(`/${asked === "query" ? "?" : "#"}${plain}`);
    const { value } = await app.made();
    assert.deepEqual([value.status, value.error?.code], ["signed-out", code]);
  });
}

test("a denial comes signed, too", async (t) => {
  world.site.clients = { main: { ...world.options, responseMode: "query.jwt" } };
  const app = await world.open(t);
  await app.make({ ...world.options, responseMode: "query.jwt", capture: true }, "captured");
  await app.load(await callbackUrlFor(await app.authorizationUrl({}, "captured"), { consent: false }));
  const { value } = await app.made();
  assert.deepEqual([value.status, value.error?.code], ["signed-out", "access_denied"]);
});
