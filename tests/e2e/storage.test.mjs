import assert from "node:assert/strict";
import test from "node:test";
import { useDemo } from "../support/demo.mjs";
import { storageOf, transactionsIn } from "../support/storage.mjs";

const demo = useDemo();

/** What all of them look like: a JWT; 43 random characters of base64url, as the provider's tokens and codes are; ours. */
const SECRET = /eyJ[\w-]+\.[\w-]+\.|[\w-]{43,}|vk_/u;

test("once signed in, no storage holds a token, a code, a state or a verifier", async (t) => {
  const tab = await demo.open(t);
  const responses = [];
  tab.page.on("request", (request) => responses.push(request.url()));
  await tab.signIn();
  await tab.button("Call the API").click();
  await tab.answer.filter({ hasText: '"visits"' }).waitFor();

  const storage = await storageOf(tab.page);
  const callback = new URL(responses.find((url) => url.startsWith(`${demo.urls.demo}?code=`)));
  const dump = JSON.stringify(storage);
  for (const [name, value] of callback.searchParams) assert.equal(name !== "iss" && dump.includes(value), false, `storage holds ${value}`);
  assert.doesNotMatch(dump, SECRET);
  assert.deepEqual(transactionsIn(storage), []);
  // That somebody is signed in, for a silent sign-in after the vault was lost. Not who.
  const mark = { [`valetkey valetkey-demo ${demo.urls.issuer}`]: "0" };
  assert.deepEqual([storage.localStorage, storage.sessionStorage, storage.cached, storage.files], [mark, {}, {}, []]);
  assert.deepEqual([storage.cookie, storage.cookies, storage.windowName, storage.historyState], ["", [], "", null]);
});

test("the page sees no token go by: neither in what it requests nor in what it is answered", async (t) => {
  const tab = await demo.open(t);
  const seen = [];
  tab.page.on("request", (request) => seen.push(request.url(), request.postData(), JSON.stringify(request.headers())));
  await tab.signIn();
  seen.length = 0;
  await tab.button("Call the API").click();
  await tab.answer.filter({ hasText: '"visits"' }).waitFor();
  await tab.button("Load profile").click();
  await tab.answer.filter({ hasText: '"sub"' }).waitFor();
  assert.doesNotMatch(seen.join("\n"), /Bearer|eyJ/iu);
  assert.doesNotMatch(await tab.page.content(), /eyJ[\w-]+\.|Bearer [\w-]{20}/u);
});

test("during the trip to the provider there is exactly one record, and it is gone afterwards", async (t) => {
  const tab = await demo.open(t);
  const watcher = await demo.openIn(tab.context);
  assert.deepEqual(transactionsIn(await storageOf(watcher.page)), []);

  await tab.goToProvider();
  const { searchParams } = new URL(tab.page.url());
  assert.equal(searchParams.get("state"), null);
  const waiting = transactionsIn(await storageOf(watcher.page));
  assert.equal(waiting.length, 1);
  const [[key, record]] = waiting;
  assert.match(key, /^\d{12} vk_[\w-]{51}$/u);
  const expires = Number(key.slice(0, 12)) - Date.now() / 1000;
  assert.ok(expires > 3500 && expires <= 3600, `expires in ${expires} s`);
  assert.equal(new URLSearchParams(record).get("client_id"), "valetkey-demo");

  await tab.logIn();
  await tab.button("Allow").click();
  await tab.waitForStatus("Signed in as");
  assert.deepEqual(transactionsIn(await storageOf(watcher.page)), []);
});

test("a denied sign-in leaves no record", async (t) => {
  const tab = await demo.open(t);
  await tab.goToProvider();
  await tab.logIn();
  await tab.button("Deny").click();
  await tab.errorCode.waitFor();
  assert.deepEqual(transactionsIn(await storageOf(tab.page)), []);
});

test("signing out forgets every sign-in in flight", async (t) => {
  const tab = await demo.open(t);
  const other = await demo.openIn(tab.context);
  await other.startSignIn();
  await tab.signIn();
  assert.equal(transactionsIn(await storageOf(tab.page)).length, 1);
  await tab.button("Sign out").click();
  await tab.button("Yes, sign me out").click();
  await tab.waitForStatus("Nobody is signed in");
  assert.deepEqual(transactionsIn(await storageOf(tab.page)), []);
});
