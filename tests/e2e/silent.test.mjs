import assert from "node:assert/strict";
import { createServer } from "node:http";
import test from "node:test";
import { forbidFrames, serveCallbackPage, windowClients } from "../support/callback-page.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld({ extraClients: windowClients });

const silently = (app) => app.call("signIn", [{ mode: "silent" }]);

for (const isolation of ["shared", "worker", "page"]) {
  test(`a hidden frame signs in whom the provider knows, and leaves nothing behind (${isolation})`, async (t) => {
    await serveCallbackPage(world, { isolation, restore: "memory" });
    const app = await world.open(t, "/orders");
    await app.signIn();
    // With the refresh token this provider would forget the consent, too.
    await app.call("signOut", [{ local: true, revoke: false }]);
    assert.equal((await app.session()).status, "signed-out");
    const { token } = await world.requestsDuring(async () => assert.deepEqual(await silently(app), { value: undefined }));
    assert.equal(token, 1);
    const session = await app.session();
    assert.deepEqual([session.status, session.restoredBy], ["signed-in", "silent"]);
    assert.equal(await app.page.evaluate(() => document.querySelectorAll("iframe").length), 0);
    assert.equal(app.page.url(), `${world.site.origin}/orders`);
  });
}

test("where nobody is logged in: login_required, in the provider's own words", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  const { error } = await silently(app);
  assert.deepEqual([error.code, error.error], ["login_required", "login_required"]);
  assert.equal((await app.session()).status, "signed-out");
});

test("a failed silent sign-in changes no session", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  await app.signIn();
  await app.context.clearCookies();
  assert.equal((await silently(app)).error.code, "login_required");
  assert.equal((await app.session()).status, "signed-in");
});

test("a page that does not let the provider be framed: silent_blocked, frame-src", async (t) => {
  await serveCallbackPage(world);
  forbidFrames(world);
  const app = await world.open(t);
  const { error } = await silently(app);
  assert.deepEqual([error.code, error.detail], ["silent_blocked", "frame-src"]);
});

test("a provider that refuses to be framed, or shows a page: silent_blocked", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  for (const headers of [{ "x-frame-options": "DENY" }, { "content-security-policy": "frame-ancestors 'none'" }, {}]) {
    await app.context.route(`${world.issuer}/auth?*`, (route) => route.fulfill({ contentType: "text/html", headers: { "cross-origin-embedder-policy": "require-corp", ...headers }, body: "<h1>Log in</h1>" }));
    const { error } = await silently(app);
    assert.deepEqual([error.code, error.detail], ["silent_blocked", world.issuer]);
    await app.context.unroute(`${world.issuer}/auth?*`);
  }
});

test("a provider that does not answer: silent_timed_out, after ten seconds", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  await app.context.route(`${world.issuer}/auth?*`, () => {});
  const before = Date.now();
  const { error } = await silently(app);
  assert.equal(error.code, "silent_timed_out");
  assert.ok(Date.now() - before < 14_000);
});

test("the application may give up a silent sign-in", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  await app.context.route(`${world.issuer}/auth?*`, () => {});
  const { error } = await app.page.evaluate(() => window.call("main", "signIn", { mode: "silent", signal: AbortSignal.timeout(300) }));
  assert.equal(error.name, "TimeoutError");
  assert.equal(await app.page.evaluate(() => document.querySelectorAll("iframe").length), 0);
});

test("the callback page does nothing in a frame of another origin", async (t) => {
  const options = await serveCallbackPage(world);
  world.site.headersFor = () => ({});
  const app = await world.open(t);
  await app.make({ ...options, capture: true, restore: "memory" }, "waiting");
  const url = await app.authorizationUrl({}, "waiting");
  const state = new URL(url).searchParams.get("state");
  const stranger = createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<iframe src="${world.site.origin}/callback.html?code=x&state=${state}"></iframe>`);
  });
  await new Promise((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  t.after(() => stranger.close());
  const { token } = await world.requestsDuring(async () => {
    const page = await app.context.newPage();
    await page.goto(`http://127.0.0.1:${stranger.address().port}/`);
    await page.frameLocator("iframe").getByText("could not be finished").waitFor();
  });
  assert.equal(token, 0);
});
