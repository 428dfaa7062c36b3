import assert from "node:assert/strict";
import test from "node:test";
import { useWorld } from "../support/world.mjs";

const world = useWorld();

for (const isolation of ["worker", "page"]) {
  test(`with isolation "${isolation}" one signs in, calls the API and signs out`, async (t) => {
    world.site.clients = { main: { ...world.options, isolation } };
    const app = await world.open(t);
    assert.deepEqual((await app.made()).value, { status: "signed-out", isolation });
    const requests = await world.requestsDuring(() => app.signIn());
    assert.equal(requests.token, 1);
    const session = await app.session();
    assert.deepEqual([session.status, session.isolation, session.restoredBy], ["signed-in", isolation, "redirect"]);
    assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
    assert.equal((await app.call("userInfo")).value.sub, "ada.lovelace");
    await app.signOut();
    assert.equal((await app.made()).value.status, "signed-out");
  });

  test(`with isolation "${isolation}" a reload loses the session, and says nothing is wrong`, async (t) => {
    world.site.clients = { main: { ...world.options, isolation } };
    const app = await world.open(t);
    await app.signIn();
    await app.reload();
    assert.deepEqual((await app.made()).value, { status: "signed-out", isolation });
  });

  test(`with isolation "${isolation}" and transactions in memory alone, the way back finds no sign-in`, async (t) => {
    world.site.clients = { main: { ...world.options, isolation, transactions: "memory" } };
    const app = await world.open(t);
    const requests = await world.requestsDuring(() => app.signIn());
    assert.equal((await app.session()).error.code, "state_unknown");
    assert.equal(requests.token, 0);
  });
}

test("in a shared vault, transactions in memory alone survive the trip", async (t) => {
  world.site.clients = { main: { ...world.options, transactions: "memory" } };
  const app = await world.open(t);
  await app.signIn();
  assert.equal((await app.session()).status, "signed-in");
  assert.equal((await app.page.evaluate(() => indexedDB.databases())).length, 0);
});

test("without SharedWorker, auto falls back to a dedicated worker and says so", async (t) => {
  world.site.clients = { main: world.options };
  const context = await world.newContext(t);
  await context.addInitScript(() => delete window.SharedWorker);
  const app = await world.openIn(context);
  assert.equal((await app.made()).value.isolation, "worker");
  await app.signIn();
  assert.equal((await app.session()).isolation, "worker");
  assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
});

test("without SharedWorker, isolation shared is refused", async (t) => {
  const context = await world.newContext(t);
  await context.addInitScript(() => delete window.SharedWorker);
  const app = await world.openIn(context);
  const { error } = await app.make({ ...world.options, isolation: "shared" });
  assert.equal(error.code, "isolation_unavailable");
  assert.notEqual(error.hint, "");
});

test("without any worker, auto is refused rather than fall back to the page", async (t) => {
  const context = await world.newContext(t);
  await context.addInitScript(() => {
    delete window.SharedWorker;
    delete window.Worker;
  });
  const app = await world.openIn(context);
  assert.equal((await app.make(world.options)).error.code, "isolation_unavailable");
  assert.equal((await app.make({ ...world.options, isolation: "page" }, "in-page")).value.isolation, "page");
});

test("two tabs with dedicated workers have sessions of their own", async (t) => {
  world.site.clients = { main: { ...world.options, isolation: "worker" } };
  const first = await world.open(t);
  await first.signIn();
  const second = await world.openIn(first.context);
  assert.equal((await second.made()).value.status, "signed-out");
  await second.signInAgain();
  assert.equal((await first.fetch(`${world.api}me`)).value.status, 200);
  assert.equal((await second.fetch(`${world.api}me`)).value.status, 200);
});
