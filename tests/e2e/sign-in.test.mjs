import assert from "node:assert/strict";
import test from "node:test";
import { useDemo } from "../support/demo.mjs";

const demo = useDemo();

test("signing in shows who signed in, and the claims of the ID token", async (t) => {
  const tab = await demo.open(t);
  assert.equal(await tab.status.innerText(), "Nobody is signed in");
  assert.equal(await tab.button("Call the API").isVisible(), false);

  await tab.signIn("ada.lovelace");

  assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace");
  assert.equal(await tab.button("Sign in").isVisible(), false);
  const claim = (name) => tab.page.locator("#claims tr", { has: tab.page.locator("th > code", { hasText: new RegExp(`^${name}$`) }) }).locator("td");
  assert.equal(await claim("iss").innerText(), demo.urls.issuer);
  assert.equal(await claim("sub").innerText(), "ada.lovelace");
  assert.equal(await claim("aud").innerText(), "valetkey-demo");
  assert.equal(await tab.fact("Session from").innerText(), "the redirect this page load has finished");
  assert.equal(await tab.fact("Tokens are in").innerText(), "a SharedWorker, one for all tabs");
  assert.deepEqual((await tab.fact("Granted scopes").locator("code").allInnerTexts()).sort(), ["accounts:read", "email", "openid", "profile"]);
});

test("neither the address nor the tab's history keeps anything of the authorization response", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  assert.equal(tab.page.url(), demo.urls.demo);
  const session = await tab.context.newCDPSession(tab.page);
  const { entries } = await session.send("Page.getNavigationHistory");
  const own = entries.map(({ url }) => url).filter((url) => url.startsWith(demo.urls.demo));
  assert.deepEqual([...new Set(own)], [demo.urls.demo]);
});

test("signing in ends where the user was, with query and fragment", async (t) => {
  const tab = await demo.open(t, "some/place?filter=a%20b&sort=1#part");
  await tab.signIn();
  assert.equal(tab.page.url(), `${demo.urls.demo}some/place?filter=a%20b&sort=1#part`);
});

for (const path of ["?tab=1&code=", "?state=of-the-app", "#/route?x=1", "?error=of-the-app#code", "?q=%E9t%E9"]) {
  test(`a query and fragment of the application's own are left alone: /${path}`, async (t) => {
    const tab = await demo.open(t, path);
    assert.equal(tab.page.url(), demo.urls.demo + path);
    assert.equal(await tab.alert.innerText(), "");
  });
}

test("the steps from before the trip to the provider and after it are listed", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  await tab.step("session_started").waitFor();
  const steps = await tab.page.locator("#steps [data-step]").evaluateAll((items) => items.map((item) => item.dataset.step));
  const expected = ["vault_started", "metadata_requested", "metadata_received", "sign_in_started", "callback_received", "token_requested", "token_received", "id_token_verified", "session_started"];
  assert.deepEqual(steps.filter((step) => expected.includes(step)), expected);
  assert.ok(steps.indexOf("jwk_set_received") < steps.indexOf("callback_received"), "the keys are fetched while the user is at the provider");
});

test("a sign-in takes one token request", async (t) => {
  const tab = await demo.open(t);
  const requests = await demo.requestsDuring(() => tab.signIn());
  assert.equal(requests.token, 1);
  assert.equal(requests.authorization, 1);
});

test("the profile from UserInfo is about the same person", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn("grace.hopper");
  await tab.button("Load profile").click();
  await tab.answer.filter({ hasText: '"sub"' }).waitFor();
  assert.equal(JSON.parse(await tab.answer.innerText()).sub, "grace.hopper");
});

test("signing in with a popup leaves the page where it is", async (t) => {
  const tab = await demo.open(t, "some/place");
  const opened = tab.context.waitForEvent("page");
  await tab.button("Sign in with a popup").click();
  const popup = await opened;
  await popup.getByLabel("Username").fill("ada.lovelace");
  await popup.getByLabel("Password").fill("x");
  await popup.getByRole("button", { name: "Continue" }).click();
  await popup.getByRole("button", { name: "Allow" }).click();
  await tab.waitForStatus("Signed in as Ada Lovelace");
  assert.equal(await tab.fact("Session from").innerText(), "the popup that has just closed");
  assert.equal(tab.page.url(), `${demo.urls.demo}some/place`);
});

test("a session that the vault has lost comes back by a silent sign-in", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  // Another configuration, another vault: this one knows nobody.
  await tab.page.evaluate(() => Object.defineProperty(window, "SharedWorker", { value: undefined }));
  await tab.context.addInitScript(() => Object.defineProperty(window, "SharedWorker", { value: undefined }));
  await tab.reload();
  await tab.waitForStatus("Signed in as Ada Lovelace");
  assert.equal(await tab.fact("Session from").innerText(), "a silent sign-in: the provider still knew who is there");
});
