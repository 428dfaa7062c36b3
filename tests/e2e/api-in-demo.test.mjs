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
