import assert from "node:assert/strict";
import test from "node:test";
import { serveCallbackPage, windowClients } from "../support/callback-page.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld({ extraClients: windowClients });

/** Starts a sign-in by popup as a click does; answers the popup, and what comes of it. */
async function clickSignIn(app, options = {}) {
  const opened = app.context.waitForEvent("page");
  const outcome = app.page.evaluate((options) => window.call("main", "signIn", { mode: "popup", ...options }), options);
  outcome.catch(() => {});
  return { popup: await opened, outcome };
}

async function answer(popup, { username = "ada.lovelace" } = {}) {
  await popup.getByLabel("Username").fill(username);
  await popup.getByLabel("Password").fill("x");
  await popup.getByRole("button", { name: "Continue" }).click();
  await popup.getByRole("button", { name: "Allow" }).click();
}

for (const isolation of ["shared", "worker", "page"]) {
  test(`a popup signs in while the page stays, and closes itself (${isolation})`, async (t) => {
    await serveCallbackPage(world, { isolation });
    const app = await world.open(t, "/orders?open=1");
    const { popup, outcome } = await clickSignIn(app);
    const closed = popup.waitForEvent("close");
    await answer(popup);
    assert.deepEqual(await outcome, { value: undefined });
    const session = await app.session();
    assert.deepEqual([session.status, session.restoredBy, session.claims.sub], ["signed-in", "popup", "ada.lovelace"]);
    await closed;
    assert.equal(app.page.url(), `${world.site.origin}/orders?open=1`);
  });
}

test("a popup signs in where the provider has a Cross-Origin-Opener-Policy and the page has none", async (t) => {
  await serveCallbackPage(world);
  const before = world.site.headersFor;
  world.site.headersFor = () => ({ ...before(), "cross-origin-opener-policy": "unsafe-none", "cross-origin-embedder-policy": "unsafe-none" });
  const app = await world.open(t);
  await app.context.route(`${world.issuer}/**`, async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    await route.fulfill({ response, headers: { ...response.headers(), "cross-origin-opener-policy": "same-origin" } });
  });
  const { popup, outcome } = await clickSignIn(app);
  await answer(popup);
  assert.deepEqual(await outcome, { value: undefined });
  assert.equal((await app.session()).status, "signed-in");
});

/** Without a Cross-Origin-Opener-Policy. */
function withoutIsolation() {
  const before = world.site.headersFor;
  world.site.headersFor = () => ({ ...before(), "cross-origin-opener-policy": "unsafe-none", "cross-origin-embedder-policy": "unsafe-none" });
}

test("a popup that is closed is no longer waited for: popup_closed, and the next one signs in", async (t) => {
  await serveCallbackPage(world);
  withoutIsolation();
  const app = await world.open(t);
  const { popup, outcome } = await clickSignIn(app);
  await popup.getByLabel("Username").waitFor();
  await app.page.waitForTimeout(600);
  await popup.close();
  await app.page.bringToFront();
  assert.equal((await outcome).error.code, "popup_closed");
  assert.equal((await app.session()).status, "signed-out");
  const again = await clickSignIn(app);
  await answer(again.popup);
  assert.deepEqual(await again.outcome, { value: undefined });
});

test("a popup that is out of sight counts as closed when its user is back, and still signs in when it comes back after all", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  // The browser is driven as if every page had the focus.
  await app.page.evaluate(() => (document.hasFocus = () => window.focused ?? true));
  const { popup, outcome } = await clickSignIn(app);
  await popup.getByLabel("Username").waitFor();
  await app.page.waitForTimeout(3000);
  assert.equal(await Promise.race([outcome, "waiting"]), "waiting", "with the focus here throughout nothing is known");
  await app.page.evaluate(() => (window.focused = false));
  await app.page.waitForTimeout(3000);
  assert.equal(await Promise.race([outcome, "waiting"]), "waiting", "the user is in the popup");
  await app.page.evaluate(() => (window.focused = true));
  assert.equal((await outcome).error.code, "popup_closed");
  await answer(popup);
  await app.page.waitForFunction(() => window.clients.main.session.status === "signed-in");
});

test("a window that cannot be opened: popup_blocked, in the page's own words", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  // What a popup blocker does; this browser is started without one.
  await app.page.evaluate(() => (window.open = () => null));
  const { error } = await app.call("signIn", [{ mode: "popup" }]);
  assert.equal(error.code, "popup_blocked");
  assert.match(error.hint, /click/u);
});

test("without callbackUri the popup is not left behind: callback_uri_missing", async (t) => {
  await serveCallbackPage(world, { callbackUri: undefined });
  const app = await world.open(t);
  const { popup, outcome } = await clickSignIn(app);
  assert.equal((await outcome).error.code, "callback_uri_missing");
  if (!popup.isClosed()) await popup.waitForEvent("close");
});

test("a denied consent is told to the page that asked", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  const { popup, outcome } = await clickSignIn(app);
  await popup.getByLabel("Username").fill("ada.lovelace");
  await popup.getByLabel("Password").fill("x");
  await popup.getByRole("button", { name: "Continue" }).click();
  await popup.getByRole("button", { name: /deny|cancel/iu }).click();
  assert.equal((await outcome).error.code, "access_denied");
});

test("the application may give up: its own reason, the window closes, and a late callback is refused", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  const opened = app.context.waitForEvent("page");
  await app.page.evaluate(() => {
    window.controller = new AbortController();
    window.outcome = window.call("main", "signIn", { mode: "popup", signal: window.controller.signal });
  });
  const popup = await opened;
  await popup.getByLabel("Username").waitFor();
  const { error } = await app.page.evaluate(() => (window.controller.abort(new Error("changed my mind")), window.outcome));
  assert.equal(error.message, "changed my mind");
  const steps = await app.call("trace");
  assert.ok(steps.value.some(({ step, detail }) => step === "sign_in_cancelled" && detail === "popup"));
});

for (const mode of ["popup", "silent"]) {
  test(`the application gives up while the vault prepares a sign-in (${mode}): its own reason, and the sign-in is cancelled`, async (t) => {
    await serveCallbackPage(world);
    const app = await world.open(t);
    const { error } = await app.page.evaluate((mode) => {
      const controller = new AbortController();
      const { postMessage } = MessagePort.prototype;
      // As soon as the vault has been asked, and before it answers.
      MessagePort.prototype.postMessage = function (message, ...transfer) {
        postMessage.call(this, message, ...transfer);
        if (message?.kind === "signIn") controller.abort(new Error("changed my mind"));
      };
      return window.call("main", "signIn", { mode, signal: controller.signal });
    }, mode);
    assert.equal(error.message, "changed my mind");
    const steps = await app.call("trace");
    assert.ok(steps.value.some(({ step, detail }) => step === "sign_in_cancelled" && detail === mode));
    assert.equal(app.context.pages().length, 1);
    assert.equal(await app.page.evaluate(() => document.querySelectorAll("iframe").length), 0);
  });
}

test("no sign-in by popup within an hour: popup_timed_out", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  await app.page.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + (window.later ?? 0);
    // The person is in the popup: the driver has every page believe that it has the focus.
    document.hasFocus = () => false;
  });
  const { popup, outcome } = await clickSignIn(app);
  await popup.getByLabel("Username").waitFor();
  await app.page.evaluate(() => (window.later = 3_600_000));
  assert.equal((await outcome).error.code, "popup_timed_out");
});

test("the provider's page cannot reach the page that opened it", async (t) => {
  await serveCallbackPage(world);
  const before = world.site.headersFor;
  world.site.headersFor = () => ({ ...before(), "cross-origin-opener-policy": "unsafe-none", "cross-origin-embedder-policy": "unsafe-none" });
  const app = await world.open(t);
  const { popup } = await clickSignIn(app);
  await popup.getByLabel("Username").waitFor();
  assert.equal(await popup.evaluate(() => window.opener), null);
});

test("two clicks: the second popup signs in, and the first is not in its way", async (t) => {
  await serveCallbackPage(world);
  const app = await world.open(t);
  const first = await clickSignIn(app);
  await first.popup.getByLabel("Username").waitFor();
  const second = await clickSignIn(app);
  await answer(second.popup);
  assert.deepEqual(await second.outcome, { value: undefined });
  assert.equal((await app.session()).status, "signed-in");
});
