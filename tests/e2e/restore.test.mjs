import assert from "node:assert/strict";
import test from "node:test";
import { serveCallbackPage, windowClients } from "../support/callback-page.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld({ extraClients: windowClients });

/** A vault of the tab alone does not outlive a page: what a browser without extended lifetime does to the shared one. */
const forgetful = { isolation: "worker" };

/** The mark is made beside the sign-in: no test leaves the page before it is there. */
const marked = (app) => app.page.waitForFunction(() => localStorage.length > 0);
const marks = (app) => app.page.evaluate(() => Object.entries(localStorage));

test("a session that the vault has lost is restored by a hidden frame, with one token request", async (t) => {
  await serveCallbackPage(world, forgetful);
  const app = await world.open(t, "/orders?open=1#last");
  await app.signIn();
  await marked(app);
  const { token } = await world.requestsDuring(() => app.reload());
  assert.equal(token, 1);
  const { value } = await app.made();
  assert.deepEqual([value.status, value.restoredBy, value.claims.sub], ["signed-in", "silent", "ada.lovelace"]);
  assert.equal(app.page.url(), `${world.site.origin}/orders?open=1#last`);
});

test("where the vault still knows, no frame is made", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  await app.signIn();
  await marked(app);
  const { all } = await world.requestsDuring(() => app.reload());
  assert.equal((await app.made()).value.restoredBy, "memory");
  assert.equal(all.to(world.issuer).length, 0);
});

test("nobody was signed in before: the provider is not asked", async (t) => {
  await serveCallbackPage(world, forgetful);
  const app = await world.open(t);
  const { all } = await world.requestsDuring(() => app.reload());
  assert.equal((await app.made()).value.status, "signed-out");
  assert.equal(all.to(world.issuer, "/auth").length, 0);
});

test("who signed out stays signed out, and nothing is left that says otherwise", async (t) => {
  await serveCallbackPage(world, forgetful);
  const app = await world.open(t);
  await app.signIn();
  await marked(app);
  await app.call("signOut", [{ local: true }]);
  await app.page.waitForFunction(() => localStorage.length === 0);
  await app.reload();
  assert.equal((await app.made()).value.status, "signed-out");
});

test("a provider where the session has ended: signed out, with the reason, and asked once", async (t) => {
  await serveCallbackPage(world, forgetful);
  const app = await world.open(t);
  await app.signIn();
  await marked(app);
  await app.context.clearCookies();
  await app.reload();
  const { value } = await app.made();
  assert.deepEqual([value.status, value.restoreFailure], ["signed-out", { by: "silent", code: "login_required" }]);
  const { all } = await world.requestsDuring(() => app.reload());
  assert.equal(all.to(world.issuer, "/auth").length, 0);
});

test("a frame that fails three times is not made again until the next sign-in: restore_suspended", async (t) => {
  await serveCallbackPage(world, forgetful);
  const app = await world.open(t);
  await app.signIn();
  await marked(app);
  await app.context.route(`${world.issuer}/auth?*prompt=none*`, (route) => route.fulfill({ contentType: "text/html", headers: { "cross-origin-embedder-policy": "require-corp" }, body: "no" }));
  for (const code of ["silent_blocked", "silent_blocked", "silent_blocked", "restore_suspended"]) {
    await app.reload();
    const { restoreFailure } = (await app.made()).value;
    assert.equal(restoreFailure.code, code);
    if (code === "restore_suspended") assert.equal(restoreFailure.detail, "silent_blocked", "why it failed last");
  }
  await app.context.unroute(`${world.issuer}/auth?*prompt=none*`);
  await app.signInAgain();
  await app.reload();
  assert.equal((await app.made()).value.restoredBy, "silent");
});

test("restore: \"memory\" asks nobody and marks nothing", async (t) => {
  await serveCallbackPage(world, { ...forgetful, restore: "memory" });
  const app = await world.open(t);
  await app.signIn();
  assert.deepEqual(await marks(app), []);
  await app.reload();
  assert.equal((await app.made()).value.status, "signed-out");
});

test("the mark says neither who nor anything secret, and a storage that is blocked does no harm", async (t) => {
  const options = await serveCallbackPage(world, forgetful);
  const app = await world.open(t);
  await app.signIn();
  await marked(app);
  assert.deepEqual(await marks(app), [[`valetkey ${options.clientId} ${world.issuer}`, "0"]]);
  await app.page.addInitScript(() => Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("denied", "SecurityError"); } }));
  await app.reload();
  assert.equal((await app.made()).value.status, "signed-out");
});

test("two tabs that restore at once both end signed in", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  await app.signIn();
  await marked(app);
  // The vault is gone, the mark is not.
  const other = await world.openIn(app.context, "/other");
  await other.page.evaluate(() => window.make("again", { ...window.options }));
  await Promise.all([app.reload(), other.reload()]);
  for (const tab of [app, other]) assert.equal((await tab.made()).value.status, "signed-in");
});
