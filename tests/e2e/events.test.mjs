import assert from "node:assert/strict";
import test from "node:test";
import { serveCallbackPage, windowClients } from "../support/callback-page.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld({ extraClients: windowClients });

const listen = (app) =>
  app.page.evaluate(() => {
    window.events = [];
    window.stop = window.clients.main.onEvent((event) => window.events.push(event));
  });
const heard = (app) => app.page.evaluate(() => window.events.map(({ type, reason, code, by, at }) => ({ type, ...(reason && { reason }), ...(code && { code }), ...(by && { by }), timed: typeof at === "number" })));

test("what happens to a session is told in every tab, in order and with its reason", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  await app.signIn();
  const other = await world.openIn(app.context, "/other");
  await Promise.all([app, other].map(listen));
  await app.call("renew");
  await app.call("signOut", [{ local: true }]);
  await other.page.waitForFunction(() => window.events.some(({ type }) => type === "signed_out"));
  for (const tab of [app, other]) {
    assert.deepEqual(await heard(tab), [
      { type: "renewing", timed: true },
      { type: "renewed", timed: true },
      { type: "signed_out", reason: "signed_out", timed: true },
    ]);
    const { status, reason } = await tab.session();
    assert.deepEqual([status, reason], ["signed-out", "signed_out"]);
  }
});

test("a sign-in by popup is told in the other tab, too", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  const other = await world.openIn(app.context, "/other");
  await listen(other);
  const opened = app.context.waitForEvent("page");
  const outcome = app.call("signIn", [{ mode: "popup" }]);
  const popup = await opened;
  await popup.getByLabel("Username").fill("ada.lovelace");
  await popup.getByLabel("Password").fill("x");
  await popup.getByRole("button", { name: "Continue" }).click();
  await popup.getByRole("button", { name: "Allow" }).click();
  await outcome;
  await other.page.waitForFunction(() => window.clients.main.session.status === "signed-in");
  assert.deepEqual((await heard(other)).map(({ type }) => type), ["signed_in"]);
});

test("with vaults of their own, a sign-out in one tab is one in all", async (t) => {
  await serveCallbackPage(world, { isolation: "worker" });
  const app = await world.open(t);
  await app.signIn();
  const other = await world.openIn(app.context, "/other");
  assert.equal((await other.session()).restoredBy, "silent");
  await app.call("signOut", [{ local: true }]);
  await other.page.waitForFunction(() => window.clients.main.session.status === "signed-out");
  assert.equal((await other.session()).reason, "signed_out");
});

test("who stopped listening hears nothing more", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  await app.signIn();
  await listen(app);
  await app.page.evaluate(() => window.stop());
  await app.call("renew");
  assert.deepEqual(await heard(app), []);
});

test("an error of a page load and how the session was restored are told by ready()", async (t) => {
  const options = await serveCallbackPage(world);
  const app = await world.open(t);
  await app.signIn();
  const told = await app.page.evaluate(async ({ options }) => {
    const { createOidcClient } = await import("/valetkey/index.js");
    const client = createOidcClient(options);
    const events = [];
    client.onEvent(({ type, by }) => events.push({ type, by }));
    await client.ready();
    return events;
  }, { options });
  assert.deepEqual(told, [{ type: "restored", by: "memory" }]);
});
