import assert from "node:assert/strict";
import test from "node:test";
import { useDemo } from "../support/demo.mjs";

const demo = useDemo();

test("signing in in one tab signs every tab in, with one token request", async (t) => {
  const first = await demo.open(t);
  const second = await demo.openIn(first.context);
  const third = await demo.openIn(first.context);
  const requests = await demo.requestsDuring(async () => {
    await first.signIn();
    await second.waitForStatus("Signed in as Ada Lovelace");
    await third.waitForStatus("Signed in as Ada Lovelace");
  });
  assert.equal(requests.token, 1);
  assert.equal(await second.fact("Session from").innerText(), "the vault’s memory, which outlived the page");
});

test("signing out in one tab signs every tab out", async (t) => {
  const first = await demo.open(t);
  await first.signIn();
  const second = await demo.openIn(first.context);
  await second.waitForStatus("Signed in as Ada Lovelace");

  await second.button("Sign out").click();
  await first.waitForStatus("Nobody is signed in");
  assert.equal(await first.button("Call the API").isVisible(), false);
});

test("a tab that is opened later finds the session and can call the API", async (t) => {
  const first = await demo.open(t);
  await first.signIn();
  const requests = await demo.requestsDuring(async () => {
    const second = await demo.openIn(first.context);
    await second.waitForStatus("Signed in as Ada Lovelace");
    await second.button("Call the API").click();
    await second.answer.filter({ hasText: '"visits"' }).waitFor();
  });
  assert.deepEqual(requests, { token: 0, authorization: 0, api: 1 });
});

test("two tabs at the provider at once both end signed in, each where its user was", async (t) => {
  const first = await demo.open(t, "one");
  const second = await demo.openIn(first.context, "two");
  await first.goToProvider();
  await second.goToProvider();
  await first.logIn();
  await first.button("Allow").click();
  await first.waitForStatus("Signed in as");
  await second.logIn();
  await second.waitForStatus("Signed in as");
  assert.equal(first.page.url(), `${demo.urls.demo}one`);
  assert.equal(second.page.url(), `${demo.urls.demo}two`);
});

test("every tab is shown the steps of the one vault", async (t) => {
  const first = await demo.open(t);
  const second = await demo.openIn(first.context);
  await first.signIn();
  await second.step("session_started").waitFor();
  assert.equal(await second.step("vault_started").count(), 1);
  assert.equal(await first.step("vault_started").count(), 1);
});
