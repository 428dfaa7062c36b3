import assert from "node:assert/strict";
import test from "node:test";
import { useDemo } from "../support/demo.mjs";

const demo = useDemo();

test("the demo shows the API's answer and what the steps of the call were", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  for (const visits of [1, 2]) {
    await tab.button("Call the API").click();
    await tab.answer.filter({ hasText: `"visits": ${visits}` }).waitFor();
  }
  assert.equal(JSON.parse(await tab.answer.innerText()).account.subject, "ada.lovelace");
  await tab.step("resource_answered").nth(1).waitFor();
  assert.equal(await tab.step("resource_requested").count(), 2);
});

test("the demo says plainly which scope the admin route would need", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  await tab.button("Call the admin API").click();
  await tab.alert.filter({ hasText: "accounts:admin" }).waitFor();
  assert.equal(await tab.errorCode.innerText(), "insufficient_scope");
  assert.equal(await tab.page.locator("#answer-status").innerText(), "403");
});

test("an opaque access token works as well, by introspection", async (t) => {
  const tab = await demo.open(t);
  await tab.page.getByLabel("Opaque").check();
  await tab.signIn();
  await tab.button("Call the API").click();
  await tab.answer.filter({ hasText: '"introspection"' }).waitFor();
});

test("an API that is down is said to be down, and works again when it is back", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  await demo.api.stop();
  await tab.button("Call the API").click();
  await tab.alert.filter({ hasText: "The API does not answer" }).waitFor();
  assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace");
  await demo.api.start();
  await tab.button("Call the API").click();
  await tab.answer.filter({ hasText: '"visits"' }).waitFor();
  assert.equal(await tab.alert.innerText(), "");
});

test("the demo says that its token is bound to a key, and the API that it came by DPoP", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  assert.match(await tab.fact("Access token is").innerText(), /DPoP-bound/u);
  await tab.button("Call the API").click();
  await tab.answer.filter({ hasText: '"scheme": "DPoP"' }).waitFor();
});

test("for the transfers the demo has the user confirm in a popup, and shows them then", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  const opened = tab.context.waitForEvent("page");
  await tab.button("See the transfers").click();
  const popup = await opened;
  await popup.getByLabel("Code").fill("123456");
  await popup.getByRole("button", { name: "Confirm" }).click();
  await tab.answer.filter({ hasText: "those of ada.lovelace" }).waitFor();
  assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace");
  assert.equal(await tab.alert.innerText(), "");
  // For a while it is enough.
  await tab.button("Call the API").click();
  await tab.answer.filter({ hasText: '"visits"' }).waitFor();
  await tab.button("See the transfers").click();
  await tab.answer.filter({ hasText: "those of ada.lovelace" }).waitFor();
});

test("a popup that is closed without a code: the transfers are not shown, and the page says why", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  const opened = tab.context.waitForEvent("page");
  await tab.button("See the transfers").click();
  const popup = await opened;
  await popup.getByLabel("Code").waitFor();
  await tab.lookAway();
  await popup.close();
  await tab.errorCode.filter({ hasText: "popup_closed" }).waitFor();
  assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace");
});
