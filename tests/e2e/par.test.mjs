import assert from "node:assert/strict";
import test, { describe } from "node:test";
import { serveCallbackPage, windowClients } from "../support/callback-page.mjs";
import { useWorld } from "../support/world.mjs";

/** The names of the parameters that the browser takes to the provider. */
const namesIn = (url) => [...new URL(url).searchParams.keys()].sort();
const pushes = (world, { all }) => all.to(world.issuer, "/request").length;

async function authorizationOf(world, t, options = {}, signIn = {}) {
  world.site.clients = { main: { ...world.options, capture: true, ...options } };
  const app = await world.open(t);
  let url;
  const requests = await world.requestsDuring(async () => (url = await app.authorizationUrl(signIn)));
  return { app, url, pushed: pushes(world, requests) };
}

describe("a provider that requires pushed requests", () => {
  const world = useWorld({ par: "required", dpop: true, extraClients: windowClients });

  test("the request is pushed, and the browser takes the handle along and nothing else", async (t) => {
    const { url, pushed } = await authorizationOf(world, t, {}, { loginHint: "ada.lovelace", claims: { id_token: { acr: null } }, extraParams: { more: "x" } });
    assert.deepEqual([pushed, namesIn(url)], [1, ["client_id", "request_uri"]]);
    assert.match(new URL(url).searchParams.get("request_uri"), /^urn:/u);
  });

  test("signed in, with the tokens bound to the key that was named in the push", async (t) => {
    world.site.clients = { main: world.options };
    const app = await world.open(t);
    assert.equal(pushes(world, await world.requestsDuring(() => app.signIn())), 1);
    assert.equal((await app.session()).tokenType, "DPoP");
    assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
  });

  test("each attempt is pushed anew: a handle works once", async (t) => {
    const { app, url } = await authorizationOf(world, t);
    const again = await app.authorizationUrl();
    assert.notEqual(new URL(again).searchParams.get("request_uri"), new URL(url).searchParams.get("request_uri"));
  });

  test("by popup and silently, too", async (t) => {
    await serveCallbackPage(world);
    const app = await world.open(t);
    await app.signIn();
    assert.equal(pushes(world, await world.requestsDuring(async () => assert.deepEqual(await app.call("signIn", [{ mode: "silent" }]), { value: undefined }))), 1);
    const opened = app.context.waitForEvent("page");
    const outcome = app.call("signIn", [{ mode: "popup" }]);
    await opened;
    assert.deepEqual(await outcome, { value: undefined });
    assert.equal((await app.session()).status, "signed-in");
  });

  test("an ID token as a hint stays out of the address bar", async (t) => {
    world.site.clients = { main: world.options };
    const app = await world.open(t);
    await app.signIn();
    await app.make({ ...world.options, capture: true });
    const url = await app.authorizationUrl({ idTokenHint: true });
    assert.deepEqual(namesIn(url), ["client_id", "request_uri"]);
  });

  test("a request that the provider refuses is not taken there all the same", async (t) => {
    world.site.clients = { main: { ...world.options, clientId: "nobody", capture: true } };
    const app = await world.open(t);
    const { error } = await app.call("signIn");
    assert.ok(["invalid_client", "cors_blocked", "unauthorized_client"].includes(error.code), JSON.stringify(error));
    assert.equal(await app.page.evaluate(() => window.navigated), undefined);
  });
});

describe("a provider that leaves it open", () => {
  const world = useWorld({ par: "offered" });

  test("`auto`: not pushed", async (t) => {
    const { url, pushed } = await authorizationOf(world, t);
    assert.equal(pushed, 0);
    assert.ok(namesIn(url).includes("code_challenge"));
  });

  test("`required`: pushed", async (t) => {
    const { url, pushed } = await authorizationOf(world, t, { par: "required" });
    assert.deepEqual([pushed, namesIn(url)], [1, ["client_id", "request_uri"]]);
  });
});

describe("a provider without the endpoint", () => {
  const world = useWorld({ par: "off" });

  test("`required`: nobody is sent there", async (t) => {
    world.site.clients = { main: { ...world.options, par: "required", capture: true } };
    const app = await world.open(t);
    assert.equal((await app.call("signIn")).error.code, "par_unsupported");
    assert.equal(await app.page.evaluate(() => window.navigated), undefined);
  });

  test("`auto`: signed in as ever", async (t) => {
    world.site.clients = { main: world.options };
    const app = await world.open(t);
    await app.signIn();
    assert.equal((await app.session()).status, "signed-in");
  });
});
