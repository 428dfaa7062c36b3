// What a network, a browser and a machine do to a session: none of it ends one, and all of it is told.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { expectSignedIn } from "../hostile/attack.mjs";
import { useLab } from "../hostile/lab.mjs";

const lab = useLab();

/** The first token lives for six seconds: what is signed in is soon to be renewed. */
const LIFE = 6;
const shortLived = { tokens: (tokens, { renewal }) => ({ ...tokens, expires_in: renewal ? 300 : LIFE }) };
const json = { "content-type": "application/json", "access-control-allow-origin": "*" };
const expiry = () => sleep((LIFE + 0.3) * 1000);

async function signedIn(t, name, { base = [], ...settings } = {}) {
  const made = lab.realm(name, { base: [shortLived, ...base], ...settings });
  const context = await lab.context(t);
  const page = await lab.page(context);
  await expectSignedIn(lab, page, made);
  const before = made.realm.requests("token").length;
  await page.evaluate(() => {
    window.events = [];
    window.client.onEvent((event) => window.events.push(event));
  });
  return {
    ...made,
    context,
    page,
    call: (of = page) => of.evaluate(() => window.outcome(async () => (await window.client.fetch("https://api.test/orders")).status)),
    session: (of = page) => of.evaluate(() => window.plainSession(window.client.session)),
    events: () => page.evaluate(() => window.events.map(({ type, code, reason }) => [type, code ?? reason].filter(Boolean).join(" "))),
    renewals: () => made.realm.requests("token").length - before,
  };
}

/** Each breaks the answers of the token endpoint. The code is what the page is told meanwhile. */
const FAULTS = {
  "answers 503": [{ tokenAnswer: () => ({ status: 503, headers: json }) }, "server_unavailable"],
  "answers 429": [{ tokenAnswer: () => ({ status: 429, headers: json, body: "{}" }) }, "server_unavailable"],
  "answers with a proxy's page": [{ tokenAnswer: () => ({ status: 200, headers: { ...json, "content-type": "text/html" }, body: "<html>Sign in to the Wi-Fi" }) }, "content_type_mismatch"],
  "lets its CORS headers be forgotten": [{ tokenAnswer: () => ({ status: 502 }), preflightAnswer: () => ({ status: 204 }) }, undefined],
  "closes the connection": [{ tokenAnswer: () => ({ stream: (outgoing) => outgoing.destroy() }) }, undefined],
  "cuts the answer in the middle": [
    { tokenAnswer: () => ({ stream: (outgoing) => (outgoing.writeHead(200, { ...json, "content-length": 1000 }), outgoing.write('{"access_token":"x'), setTimeout(() => outgoing.destroy(), 100)) }) },
    "provider_unreachable",
  ],
};

// Most of the time they wait.
describe("faults", { concurrency: 6 }, () => {
  for (const [index, [fault, [defect, code]]] of Object.entries(FAULTS).entries()) {
    test(`a provider that ${fault}: the session stays, says that its renewal is postponed, and goes on afterwards`, async (t) => {
      const { realm, page, call, session, events, renewals } = await signedIn(t, `fault-${index}`);
      // The refresh token stays good: nothing of the answer was meant.
      realm.set(defect, { refreshToken: (token) => token });
      const taken = realm.tokenAnswer;
      realm.tokenAnswer = () => ({});
      await expiry();
      const { error } = await call();
      assert.ok(error.code ?? error.name === "TypeError", JSON.stringify(error));
      const during = await session();
      assert.equal(during.status, "signed-in");
      if (code) assert.equal(during.renewalPostponed.code, code);
      assert.ok(during.renewalPostponed.retryAt > Date.now());
      const before = renewals();
      realm.tokenAnswer = taken;
      realm.set();
      await sleep(1100);
      assert.deepEqual(await call(), { value: 200 });
      assert.ok(renewals() <= before + 1);
      assert.equal((await session()).renewalPostponed, undefined);
      const told = await events();
      assert.ok(told.includes(`renewal_postponed ${during.renewalPostponed.code}`) && told.at(-1) === "renewed", told.join());
      assert.ok(!told.some((event) => event.startsWith("signed_out")));
    });
  }

  test("a provider that takes 30 s: the call waits for its deadline, the session stays, and one request was sent", { timeout: 90_000 }, async (t) => {
    const { realm, call, session, renewals } = await signedIn(t, "slow-token");
    const taken = realm.tokenAnswer;
    realm.tokenAnswer = () => ({ hang: true });
    await expiry();
    const calls = await Promise.all(Array.from({ length: 20 }, () => call()));
    assert.deepEqual([...new Set(calls.map(({ error }) => error?.code))], ["timed_out"]);
    assert.equal(renewals(), 1);
    assert.equal((await session()).renewalPostponed.code, "timed_out");
    realm.tokenAnswer = taken;
    await sleep(1100);
    assert.deepEqual(await call(), { value: 200 });
  });

  test("offline and back: renewed as soon as the page hears of it, not when the timer says", async (t) => {
    const { realm, context, page, call, session, renewals } = await signedIn(t, "offline");
    const taken = realm.tokenAnswer;
    // Playwright's offline does not reach workers: the page alone is told.
    await context.setOffline(true);
    realm.tokenAnswer = () => ({ stream: (outgoing) => outgoing.destroy() });
    await expiry();
    for (let failures = 0; failures < 4; failures += 1) {
      assert.equal((await call()).error.code ?? "provider_unreachable", "provider_unreachable");
      await sleep(1100);
    }
    const { status, renewalPostponed } = await session();
    assert.deepEqual([status, renewalPostponed.code], ["signed-in", "provider_unreachable"]);
    assert.ok(renewalPostponed.retryAt > Date.now() + 2000, "the next try of its own is some time away");
    realm.tokenAnswer = taken;
    const before = renewals();
    await context.setOffline(false);
    await page.waitForFunction(() => window.client.session.renewalPostponed === undefined, undefined, { timeout: 2000 });
    assert.equal(renewals(), before + 1);
    assert.deepEqual(await call(), { value: 200 });
  });

  test("a tab that is killed while it renews: the other one has the renewed token, from the same request", async (t) => {
    const { realm, context, page, application, call, renewals } = await signedIn(t, "killed-tab");
    const other = await lab.page(context);
    await lab.open(other, application);
    const taken = realm.tokenAnswer.bind(realm);
    realm.tokenAnswer = async (request) => (await sleep(1500), taken(request));
    await expiry();
    const killed = call().catch(() => {});
    await sleep(300);
    await page.close();
    await killed;
    assert.deepEqual(await call(other), { value: 200 });
    assert.equal(renewals(), 1);
  });

  test("a vault that the browser ends: the page is told at once, no call hangs, and the next sign-in finds a fresh one", async (t) => {
    const { realm, context, page, application, call } = await signedIn(t, "killed-vault");
    const taken = realm.tokenAnswer;
    realm.tokenAnswer = () => ({ hang: true });
    await expiry();
    const waiting = call();
    const session = await context.browser().newBrowserCDPSession();
    const { targetInfos } = await session.send("Target.getTargets", { filter: [{ type: "shared_worker" }] });
    const worker = targetInfos.find(({ title }) => title.includes("killed-vault"));
    assert.ok(worker, JSON.stringify(targetInfos));
    await session.send("Target.closeTarget", { targetId: worker.targetId });
    assert.equal((await waiting).error.code, "vault_crashed");
    await page.waitForFunction(() => window.client.session.status === "signed-out");
    assert.equal(await page.evaluate(() => window.client.session.error.code), "vault_crashed");
    realm.tokenAnswer = taken;
    assert.equal((await call()).error.code, "not_signed_in");
    assert.equal((await lab.attempt(page, application)).status, "signed-in");
  });

  test("Retry-After is kept where the page may read it", async (t) => {
    const { realm, call, session, renewals } = await signedIn(t, "retry-after");
    const taken = realm.tokenAnswer;
    realm.tokenAnswer = () => ({ status: 429, headers: { ...json, "retry-after": "4", "access-control-expose-headers": "retry-after" } });
    await expiry();
    await call();
    const asked = Date.now();
    const { retryAt } = (await session()).renewalPostponed;
    assert.ok(retryAt - asked > 3000 && retryAt - asked <= 4100, String(retryAt - asked));
    realm.tokenAnswer = taken;
    await sleep(1500);
    await call();
    assert.equal(renewals(), 1, "not before its time");
    await sleep(3000);
    assert.deepEqual(await call(), { value: 200 });
  });

  test("a token is renewed ahead of its end, without anybody asking, and idle tabs make no other request", { timeout: 90_000 }, async (t) => {
    const { realm, page, renewals } = await signedIn(t, "ahead", { base: [{ tokens: (tokens, { renewal }) => ({ ...tokens, expires_in: renewal ? 300 : 40 }) }] });
    const since = Date.now();
    await page.waitForFunction(() => window.events.some(({ type }) => type === "renewed"), undefined, { timeout: 60_000 });
    assert.ok(Date.now() - since > 20_000 && Date.now() - since < 40_000);
    assert.equal(renewals(), 1);
    assert.deepEqual(realm.log.filter(({ at }) => at > since).map(({ endpoint }) => endpoint), ["token"]);
  });
});
