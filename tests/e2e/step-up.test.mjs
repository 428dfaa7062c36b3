import assert from "node:assert/strict";
import test, { describe } from "node:test";
import { serveCallbackPage } from "../support/callback-page.mjs";
import { useWorld } from "../support/world.mjs";
import { ACR } from "../../www-demo/provider/acr.mjs";

const world = useWorld({ dpop: true, stepUp: { acrValues: ACR.confirmed, maxAge: 300 } });

async function signedIn(t, options = {}) {
  const { clientId, scope } = world.options;
  await serveCallbackPage(world, { clientId, scope, resources: [world.api], ...options });
  const app = await world.open(t, "/orders?open=1");
  await app.signIn();
  return app;
}

const BODY = JSON.stringify({ to: "Grace", amount: "1.00" });
const transfer = { method: "POST", body: BODY, headers: { "content-type": "application/json" } };
const demands = (app) => app.page.evaluate(() => window.demands);
const url = () => `${world.api}transfers`;
/** A call whose answer is waited for while somebody does something at the provider. */
const calling = (app, init = transfer) => app.fetch(url(), init);

/** Types the code in the window that the call opens. */
async function confirmIn(popup) {
  await popup.getByLabel("Code").fill("123456");
  await popup.getByRole("button", { name: "Confirm" }).click();
}

describe("by popup", () => {
  for (const isolation of ["shared", "worker", "page"]) {
    test(`the user confirms, and the call is sent once more, whole; the page stays (${isolation})`, async (t) => {
      const app = await signedIn(t, { stepUp: "popup", isolation });
      const before = await app.session();
      const opened = app.context.waitForEvent("page");
      const call = calling(app);
      await confirmIn(await opened);
      const { value } = await call;
      assert.equal(value.status, 200);
      const answer = JSON.parse(value.text);
      assert.deepEqual([answer.acr, answer.scheme, answer.transfers], [ACR.confirmed, "DPoP", "those of ada.lovelace"]);
      assert.deepEqual(world.calls.seen.map(({ method }) => method), ["POST", "POST"]);
      assert.deepEqual(await demands(app), [{ url: url(), error: "insufficient_user_authentication", acrValues: ACR.confirmed, maxAge: 300 }]);
      const after = await app.session();
      assert.equal(after.claims.sub, before.claims.sub);
      assert.equal(after.claims.acr, ACR.confirmed);
      assert.equal(app.page.url(), `${world.site.origin}/orders?open=1`);
      // From now on it is enough.
      assert.equal((await calling(app)).value.status, 200);
      assert.equal((await demands(app)).length, 1);
    });
  }

  test("somebody else confirms: user_changed, and the session stays the user's", async (t) => {
    const app = await signedIn(t, { stepUp: "popup" });
    // The provider has forgotten who was signed in there.
    await app.context.clearCookies();
    const opened = app.context.waitForEvent("page");
    const call = calling(app);
    const popup = await opened;
    await popup.getByLabel("Username").fill("grace.hopper");
    await popup.getByLabel("Password").fill("x");
    await popup.getByRole("button", { name: "Continue" }).click();
    await app.confirmed(popup);
    await popup.getByRole("button", { name: "Allow" }).click();
    assert.equal((await call).error?.code, "user_changed");
    const session = await app.session();
    assert.deepEqual([session.status, session.claims.sub], ["signed-in", "ada.lovelace"]);
    assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
    assert.equal(world.calls.seen.filter(({ path }) => path === "/transfers").length, 1, "and the call is not sent again");
  });

  test("a popup that the browser blocks: popup_blocked, and nothing is kept", async (t) => {
    const app = await signedIn(t, { stepUp: "popup" });
    await app.page.evaluate(() => void (window.open = () => null));
    assert.equal((await calling(app)).error?.code, "popup_blocked");
    assert.equal((await app.session()).status, "signed-in");
    assert.deepEqual(await app.page.evaluate(() => ({ ...sessionStorage })), {});
  });

  test("an API that is never content: one sign-in for a call, and then its answer", async (t) => {
    const app = await signedIn(t, { stepUp: "popup" });
    world.calls.refuseNext(Infinity, (scheme) => `${scheme} error="insufficient_user_authentication", max_age="300"`);
    const opened = app.context.waitForEvent("page");
    const call = calling(app);
    await opened;
    const { value } = await call;
    assert.equal(value.status, 401);
    assert.deepEqual([(await demands(app)).length, world.calls.seen.length], [1, 2]);
  });
});

describe("by redirect", () => {
  test("the page leaves, comes back where it was, and resume() sends the call, once", async (t) => {
    const app = await signedIn(t, { stepUp: "redirect" });
    await app.page.evaluate(([target, init]) => void window.fetchAs("main", target, init), [url(), transfer]);
    await app.page.getByLabel("Code").fill("123456");
    await app.page.getByRole("button", { name: "Confirm" }).click();
    await app.page.waitForURL(`${world.site.origin}/orders?open=1`);
    await app.loaded();
    assert.equal((await app.session()).claims.acr, ACR.confirmed);
    const [first, second] = await app.page.evaluate(async () => {
      const responses = [await window.clients.main.resume(), await window.clients.main.resume()];
      return Promise.all(responses.map((response) => response && response.text().then((text) => ({ status: response.status, text }))));
    });
    assert.equal(first.status, 200, first.text);
    assert.equal(second, undefined, "only once");
    assert.deepEqual(world.calls.seen.map(({ method, path }) => `${method} ${path}`), ["POST /transfers", "POST /transfers"]);
    assert.deepEqual(await app.page.evaluate(() => ({ ...sessionStorage })), {});
  });

  test("an API that is never content: resume() passes its answer on, and the page stays", async (t) => {
    const app = await signedIn(t, { stepUp: "redirect" });
    world.calls.refuseNext(Infinity, (scheme) => `${scheme} error="insufficient_user_authentication", max_age="300"`);
    await app.page.evaluate((target) => {
      window.before = true;
      void window.fetchAs("main", target);
    }, url());
    await app.page.waitForFunction(() => window.before === undefined && window.loaded);
    const status = await app.page.evaluate(async () => (await window.clients.main.resume())?.status);
    assert.equal(status, 401);
    assert.equal(world.calls.seen.length, 2);
    assert.deepEqual(await demands(app), []);
  });

  test("nothing waits: resume() answers nothing", async (t) => {
    const app = await signedIn(t, { stepUp: "redirect" });
    assert.deepEqual(await app.call("resume"), { value: undefined });
  });

  test("a demand that no sign-in can be asked for with: the call rejects, and nothing is kept", async (t) => {
    const app = await signedIn(t, { stepUp: "redirect" });
    world.calls.refuseNext(1, (scheme) => `${scheme} error="insufficient_scope", scope="\\""`);
    assert.equal((await calling(app)).error?.code, "scope_invalid");
    assert.deepEqual(await app.page.evaluate(() => ({ ...sessionStorage })), {});
  });
});

describe("left to the application", () => {
  for (const stepUp of ["refuse", undefined]) {
    test(`${stepUp ?? "without the option"}: the API's answer is passed on, and nobody is asked`, async (t) => {
      const app = await signedIn(t, { stepUp });
      const { value } = await calling(app);
      assert.equal(value.status, 401);
      assert.match(value.text, /insufficient_user_authentication/u);
      assert.equal(world.calls.seen.length, 1);
      assert.equal((await app.session()).status, "signed-in");
    });
  }

  test("a scope that is missing is asked for like a stronger sign-in: what is granted already, and that one", async (t) => {
    const app = await signedIn(t);
    await app.make({ ...world.site.clients.main, stepUp: "redirect", capture: true }, "captured");
    assert.equal((await app.fetch(`${world.api}admin`, {}, "captured")).value.status, 403);
    const [demand] = await demands(app);
    assert.deepEqual([demand.error, demand.scope], ["insufficient_scope", "accounts:admin"]);
    const asked = new URL(await app.page.evaluate(() => window.navigated)).searchParams;
    assert.deepEqual(asked.get("scope").split(" ").sort(), ["accounts:admin", "accounts:read", "email", "openid", "profile"]);
  });
});
