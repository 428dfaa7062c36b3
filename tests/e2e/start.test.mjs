import assert from "node:assert/strict";
import test from "node:test";
import { useWorld } from "../support/world.mjs";

const world = useWorld();

const METADATA = "/.well-known/openid-configuration";

test("a first page load asks for the metadata once, and a second tab and a reload not again", async (t) => {
  world.site.clients = { main: world.options };
  let app;
  const first = await world.requestsDuring(async () => {
    app = await world.open(t);
    await app.page.waitForTimeout(300);
  });
  assert.equal(first.all.to(world.issuer, METADATA).length, 1);
  const later = await world.requestsDuring(async () => {
    await world.openIn(app.context);
    await app.reload();
  });
  assert.equal(later.all.to(world.issuer).length, 0);
});

test("with metadata among the options none are asked for", async (t) => {
  const metadata = await (await fetch(world.issuer + METADATA)).json();
  const requests = await world.requestsDuring(async () => {
    const app = await world.open(t);
    await app.make({ ...world.options, metadata, capture: true });
    assert.ok((await app.authorizationUrl()).startsWith(`${world.issuer}/auth?`));
  });
  assert.equal(requests.all.to(world.issuer, METADATA).length, 0);
});

/** Each with the code and what the error names. */
const refusals = [
  ["an unknown option", { audience: "x" }, "option_unknown", /audience/u],
  ["a mistyped option", { resources: "https://api.example" }, "option_invalid", /resources/u],
  ["an option of an unknown value", { isolation: "iframe" }, "option_invalid", /isolation/u],
  ["an issuer that is no URL", { issuer: "id.example.com" }, "issuer_invalid"],
  ["an empty client ID", { clientId: "" }, "client_id_invalid"],
  ["a redirect URI of another origin", { redirectUri: "https://other.example/" }, "redirect_uri_foreign"],
  ["a relative redirect URI", { redirectUri: "/callback" }, "redirect_uri_invalid"],
  ["a relative post-logout redirect URI", { postLogoutRedirectUri: "/" }, "post_logout_redirect_uri_invalid"],
  ["a resource with a query", { resources: ["https://api.example/?x"] }, "resource_invalid"],
  ["a resource by plain http", { resources: ["http://api.example/"] }, /^(insecure_http|resource_invalid)$/u],
  ["a scope without openid", { scope: "profile" }, "scope_invalid"],
  ["a clock tolerance in milliseconds", { clockTolerance: 60_000 }, "clock_tolerance_invalid"],
];

for (const [what, change, code, detail = /./u] of refusals) {
  test(`${what} is refused by name, with a hint`, async (t) => {
    const app = await world.open(t);
    const { error } = await app.make({ ...world.options, ...change });
    const made = error ?? (await app.call("signIn")).error;
    assert.match(String(made?.code), code instanceof RegExp ? code : new RegExp(`^${code}$`, "u"));
    assert.match(`${made.message} ${made.detail}`, detail);
    assert.notEqual(made.hint, "");
  });
}

for (const [what, options, code] of [
  ["an unknown one", { state: "mine" }, "option_unknown"],
  ["a mode that there is not", { mode: "window" }, "option_invalid"],
  ["a signal that is none", { signal: {} }, "option_invalid"],
  ["a popup without the option it needs", { mode: "popup" }, "callback_uri_missing"],
  ["a reserved parameter", { extraParams: { state: "mine" } }, "parameter_reserved"],
  ["a reserved parameter in capitals", { extraParams: { Code_Challenge: "x" } }, "parameter_reserved"],
  ["prompt none with another", { prompt: "none login" }, "prompt_invalid"],
]) {
  test(`of the options of a sign-in, ${what} is refused`, async (t) => {
    const app = await world.open(t);
    await app.make({ ...world.options, capture: true });
    assert.equal((await app.call("signIn", [options])).error.code, code);
  });
}

test("the options of a sign-in reach the provider, each as its parameter", async (t) => {
  const app = await world.open(t);
  await app.make({ ...world.options, capture: true });
  const given = { prompt: "login", maxAge: 0, acrValues: "high", loginHint: "a b@c", uiLocales: "de en", scope: "openid email", extraParams: { audience: "https://api.example/?a=1&b=2" } };
  const { searchParams } = new URL(await app.authorizationUrl(given));
  const { state, nonce, code_challenge: challenge, ...others } = Object.fromEntries(searchParams);
  assert.deepEqual(others, {
    response_type: "code",
    client_id: "valetkey-demo",
    redirect_uri: `${world.site.origin}/`,
    scope: "openid email",
    code_challenge_method: "S256",
    prompt: "login",
    max_age: "0",
    acr_values: "high",
    login_hint: "a b@c",
    ui_locales: "de en",
    audience: "https://api.example/?a=1&b=2",
  });
  for (const value of [state, nonce, challenge]) assert.match(value, /^[\w-]{43,}$/u);
  const again = new URL(await app.authorizationUrl(given)).searchParams;
  for (const name of ["state", "nonce", "code_challenge"]) assert.notEqual(again.get(name), searchParams.get(name));
});

test("a returnTo of another origin is not followed", async (t) => {
  world.site.clients = { main: world.options };
  for (const returnTo of ["https://evil.example/", "//evil.example/", "/\\evil.example"]) {
    const app = await world.open(t);
    await app.signIn({ options: { returnTo } });
    assert.equal(app.page.url(), `${world.site.origin}/`, returnTo);
  }
});

test("a browser that lets the page store nothing is told so when a sign-in starts, and needs no storage with transactions in memory", async (t) => {
  const context = await world.newContext(t);
  // What a browser with blocked site data does.
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("blocked", "SecurityError");
    };
  });
  const app = await world.openIn(context);
  const options = { ...world.options, isolation: "page", capture: true };
  await app.make(options);
  assert.equal((await app.call("signIn")).error.code, "storage_unavailable");
  await app.make({ ...options, transactions: "memory" }, "other");
  assert.ok((await app.authorizationUrl({}, "other")).startsWith(`${world.issuer}/auth?`));
});
