import assert from "node:assert/strict";
import test from "node:test";
import { useDemo } from "../support/demo.mjs";
import { useWorld } from "../support/world.mjs";

const demo = useDemo();
const world = useWorld();

test("signing out goes by the provider's page and ends back at the application, signed out", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  await tab.button("Sign out").click();
  await tab.button("Yes, sign me out").click();
  await tab.waitForStatus("Nobody is signed in");
  assert.equal(tab.page.url(), demo.urls.demo);
  assert.equal(await tab.alert.innerText(), "");

  await tab.reload();
  assert.equal(await tab.status.innerText(), "Nobody is signed in");
  await tab.goToProvider();
});

test("the session is over here as soon as the provider's page is shown, whatever is answered there", async (t) => {
  const tab = await demo.open(t);
  const other = await demo.openIn(tab.context);
  await tab.signIn();
  await tab.button("Sign out").click();
  await tab.button("No, stay signed in").waitFor();
  await other.waitForStatus("Nobody is signed in");
});

test("after signing out, calls reject with not_signed_in and send nothing", async (t) => {
  world.site.clients = { main: world.options };
  const app = await world.open(t);
  await app.signIn();
  await app.signOut();
  assert.equal(app.page.url(), `${world.site.origin}/`);
  assert.equal((await app.made()).value.status, "signed-out");
  const requests = await world.requestsDuring(async () => {
    assert.equal((await app.fetch(`${world.api}me`)).error.code, "not_signed_in");
    assert.equal((await app.call("userInfo")).error.code, "not_signed_in");
    await app.reload();
    assert.equal((await app.made()).value.status, "signed-out");
  });
  assert.deepEqual([requests.api, requests.token], [0, 0]);
});

test("returnTo of the sign-out is where one ends", async (t) => {
  world.site.clients = { main: world.options };
  const app = await world.open(t);
  await app.signIn();
  await app.begin("signOut", [{ returnTo: "/goodbye?x=1" }]);
  await app.page.getByRole("button", { name: "Yes, sign me out" }).click();
  await app.page.waitForURL(`${world.site.origin}/goodbye?x=1`);
});

test("a local sign-out ends the session here alone: the next sign-in needs no login", async (t) => {
  world.site.clients = { main: world.options };
  const app = await world.open(t);
  await app.signIn();
  // With the refresh token this provider would forget the consent, too, and ask for it.
  assert.deepEqual((await app.call("signOut", [{ local: true, revoke: false }])).value, { revoked: false });
  assert.equal((await app.session()).status, "signed-out");
  assert.equal(app.page.url(), `${world.site.origin}/`);
  await app.signInAgain();
});

test("a sign-out while the provider is down ends the session here and leaves the page where it is", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  await demo.provider.stop();
  t.after(() => demo.provider.start());
  await tab.button("Sign out").click();
  await tab.waitForStatus("Nobody is signed in");
  await tab.alert.filter({ hasText: "your session at the provider could not be ended" }).waitFor();
  assert.equal(tab.page.url(), demo.urls.demo);
});
