import assert from "node:assert/strict";
import test from "node:test";
import { useDemo } from "../support/demo.mjs";

const demo = useDemo();

test("a session survives a reload from the vault's memory, without a request to the provider", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  const requests = await demo.requestsDuring(async () => {
    for (let round = 0; round < 3; round += 1) await tab.reload();
  });
  assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace");
  assert.equal(await tab.fact("Session from").innerText(), "the vault’s memory, which outlived the page");
  assert.deepEqual(requests, { token: 0, authorization: 0, api: 0 });
});

test("a session survives the closing of its last tab", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  await tab.page.close();
  const again = await demo.openIn(tab.context);
  assert.equal(await again.status.innerText(), "Signed in as Ada Lovelace");
});

test("a session survives a stay on another site", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  await tab.page.goto(demo.urls.issuer);
  await tab.page.waitForTimeout(500);
  await tab.load();
  assert.equal(await tab.fact("Session from").innerText(), "the vault’s memory, which outlived the page");
});

test("the browser's own back and forward buttons keep the session", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  await tab.page.goto(demo.urls.issuer);
  await tab.page.goBack();
  await tab.settled();
  assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace");
  await tab.button("Call the API").click();
  await tab.answer.filter({ hasText: '"visits"' }).waitFor();
});

test("coming back from the provider with the back button leaves a page that can sign in", async (t) => {
  const tab = await demo.open(t);
  await tab.goToProvider();
  await tab.page.goBack();
  await tab.settled();
  assert.equal(await tab.status.innerText(), "Nobody is signed in");
  await tab.signIn();
  assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace");
});

test("another browser profile knows nothing of the session", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  const stranger = await demo.open(t);
  assert.equal(await stranger.status.innerText(), "Nobody is signed in");
});
