// ATTACKS group L, time: a device's clock that is wrong, that jumps, that stands still, and one that was tampered with.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { accepted, attacks, expectSignedIn, realmName, refused } from "../hostile/attack.mjs";
import { vaultAfter } from "../hostile/environment.mjs";
import { HOSTS, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { apiUrl, boundSession, call as callApi, callsOf } from "../hostile/resource.mjs";
import { claims, tokens } from "../hostile/switches/tokens.mjs";
import { FLAGS } from "../support/browser.mjs";

const lab = useLab();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const YEAR = 365 * DAY;

/** The vault's clocks, wrong by this much from the start, and moved by messages of a test. */
const clocks = (wrong = 0) => `
  let wall = ${wrong};
  let monotonic = 0;
  const date = Date.now;
  const since = performance.now.bind(performance);
  Date.now = () => date() + wall;
  performance.now = () => since() + monotonic;
  new BroadcastChannel("clocks").onmessage = ({ data }) => { wall += data.wall ?? 0; monotonic += data.monotonic ?? 0; };
`;
const move = (page, by) => page.evaluate((message) => { new BroadcastChannel("clocks").postMessage(message); }, by);

/** Signs in with a vault whose clocks can be moved. A renewal brings no ID token, which would be judged by the clock. */
async function signedInWithClocks(t, id, base = []) {
  const vaultUrl = await vaultAfter(lab, clocks());
  const withoutIdToken = tokens((all, { renewal }) => { if (renewal) delete all.id_token; });
  const made = lab.realm(realmName(id), { options: { vaultUrl }, base: [withoutIdToken, ...base] });
  const page = await lab.page(await lab.context(t));
  await expectSignedIn(lab, page, made);
  const before = made.realm.requests("token").length;
  return {
    ...made,
    page,
    call: () => page.evaluate(() => window.outcome(() => window.client.userInfo())),
    renewals: () => made.realm.requests("token").length - before,
  };
}

attacks("time", () => {
  /** Judged on this device's clock, moved towards the token's own time by five minutes at most (OpenID Connect Core §3.1.3.7). */
  const WRONG = {
    "3 minutes ahead": [3 * MINUTE],
    "3 minutes behind": [-3 * MINUTE],
    "4 minutes and 50 seconds ahead": [290_000],
    "4 minutes and 50 seconds behind": [-290_000],
    "20 minutes ahead": [20 * MINUTE, "issued_too_long_ago"],
    "10 minutes behind": [-10 * MINUTE, "issued_in_future"],
    "a day ahead": [DAY, "issued_too_long_ago"],
    "a day behind": [-DAY, "issued_in_future"],
    "10 years ahead": [10 * YEAR, "issued_too_long_ago"],
    "10 years behind": [-10 * YEAR, "issued_in_future"],
    "before 1970": [-100 * YEAR, "issued_in_future"],
  };
  for (const [how, [wrong, code]] of Object.entries(WRONG)) {
    test(`L-01 a device's clock that is ${how}: ${code ?? "signed in"}`, async (t) => {
      const made = lab.realm(realmName("L-01"), { options: { vaultUrl: await vaultAfter(lab, clocks(wrong)) } });
      const page = await lab.page(await lab.context(t));
      if (!code) return void (await expectSignedIn(lab, page, made));
      const report = await lab.attempt(page, made.application);
      assert.equal(report.error?.code, code, JSON.stringify(report));
      await sleep(QUIET);
      assert.deepEqual(["authorize", "token", "userInfo"].map((endpoint) => made.realm.requests(endpoint).length), [1, 1, 0], "and no second round");
      await lab.sweep(page, made.canary);
      await move(page, { wall: -wrong });
      await expectSignedIn(lab, page, made);
    });
  }

  test("L-02 the clock is set back by ten years: the access token ends when it should, and is renewed once", async (t) => {
    const { page, call, renewals } = await signedInWithClocks(t, "L-02");
    await move(page, { wall: -10 * YEAR });
    assert.equal((await call()).error, undefined);
    assert.equal(renewals(), 0);
    await move(page, { monotonic: 5 * MINUTE });
    for (let count = 0; count < 3; count += 1) assert.equal((await call()).error, undefined);
    assert.equal(renewals(), 1);
  });
  test("L-02 the clock is set forward by ten years, and back again: one renewal", async (t) => {
    const { page, call, renewals } = await signedInWithClocks(t, "L-02");
    await move(page, { wall: 10 * YEAR });
    for (let count = 0; count < 3; count += 1) assert.equal((await call()).error, undefined);
    assert.equal(renewals(), 1);
    await move(page, { wall: -10 * YEAR });
    assert.equal((await call()).error, undefined);
    assert.equal(renewals(), 1);
    assert.equal(await page.evaluate(() => window.client.session.status), "signed-in");
  });

  for (const [how, by] of Object.entries({ "the monotonic clock stood still": { wall: 8 * 60 * MINUTE }, "both clocks went on": { wall: 8 * 60 * MINUTE, monotonic: 8 * 60 * MINUTE } })) {
    test(`L-03 the device slept for eight hours, ${how}: one renewal for all calls, and none without a call`, async (t) => {
      const { page, renewals, realm } = await signedInWithClocks(t, "L-03");
      const sent = realm.log.length;
      await move(page, by);
      await sleep(QUIET);
      assert.equal(realm.log.length, sent, "nothing wakes up by itself");
      const outcomes = await page.evaluate(() => Promise.all(Array.from({ length: 20 }, () => window.outcome(() => window.client.userInfo()))));
      assert.deepEqual(outcomes.filter(({ error }) => error), []);
      assert.equal(renewals(), 1);
    });
  }
  test("L-03 the device slept, and there is no refresh token: access_token_expired, and the dead token is not sent", async (t) => {
    const { page, call, realm } = await signedInWithClocks(t, "L-03", [tokens((all) => { delete all.refresh_token; })]);
    const sent = realm.requests("userInfo").length;
    await move(page, { wall: 8 * 60 * MINUTE });
    assert.equal((await call()).error?.code, "access_token_expired");
    assert.equal(realm.requests("userInfo").length, sent);
  });

  for (const timezone of ["Pacific/Kiritimati", "Pacific/Pago_Pago"]) {
    test(`L-04 the time zone ${timezone}, changed while signed in, in a locale with other digits: no effect`, async (t) => {
      // Of the whole browser: what is set for a page does not reach its workers.
      const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: [...FLAGS, ...lab.network.flags], env: { ...process.env, TZ: timezone, LANGUAGE: "ar-EG", LC_ALL: "C.UTF-8" } });
      t.after(() => browser.close());
      const made = lab.realm(realmName("L-04"));
      const page = await lab.page(await lab.context(t, { browser }));
      await expectSignedIn(lab, page, made);
      const session = await page.context().newCDPSession(page);
      await session.send("Emulation.setTimezoneOverride", { timezoneId: "Africa/Cairo" });
      await session.send("Emulation.setLocaleOverride", { locale: "ar-EG" });
      assert.equal((await page.evaluate(() => window.outcome(() => window.client.userInfo()))).error, undefined);
      const expires = await page.evaluate(() => window.client.session.accessTokenExpiresAt);
      assert.ok(Math.abs(expires - Date.now() - 300_000) < MINUTE, `${expires}`);
      await expectSignedIn(lab, page, made);
    });
  }

  const ahead = (seconds) => claims((all) => { for (const name of ["iat", "exp", "auth_time"]) all[name] += seconds; });
  accepted(lab, "L-05", "a provider whose clock is 2 minutes ahead", { peculiarities: [ahead(120)] });
  accepted(lab, "L-05", "a provider whose clock is 2 minutes behind", { peculiarities: [ahead(-120)] });
  refused(lab, "L-05", "a provider whose clock is 10 minutes ahead", { defects: [ahead(600)], code: "issued_in_future" });
  refused(lab, "L-05", "a provider whose clock is 20 minutes behind", { defects: [ahead(-1200)], code: "issued_too_long_ago" });

  /** What the vault's own clocks may be made to show. A comparison with no number must not pass (RFC 8725 §3.1 in spirit). */
  const POISONED = {
    "Date.now shows NaN": ["Date.now = () => NaN;", "issued_in_future"],
    "Date.now shows a text": ['Date.now = () => "soon";', "issued_in_future"],
    "Date.now shows 0": ["Date.now = () => 0;", "issued_in_future"],
    "Date.now shows a negative number": ["Date.now = () => -1e15;", "issued_in_future"],
    "Date.now shows infinity": ["Date.now = () => Infinity;", "issued_too_long_ago"],
    "performance.now shows NaN": ["performance.now = () => NaN;"],
    "performance.now shows a constant": ["performance.now = () => 5;"],
    "performance.now shows infinity": ["performance.now = () => Infinity;"],
  };
  for (const [how, [prelude, code]] of Object.entries(POISONED)) {
    test(`L-06 in the vault ${how}: ${code ?? "the other clock counts"}`, async (t) => {
      const made = lab.realm(realmName("L-06"), { options: { vaultUrl: await vaultAfter(lab, prelude) } });
      const page = await lab.page(await lab.context(t));
      const report = await lab.attempt(page, made.application);
      assert.equal(report.error?.code, code, JSON.stringify(report));
      assert.equal(report.status, code ? "signed-out" : "signed-in");
      if (code) {
        await sleep(QUIET);
        assert.equal(made.realm.requests("userInfo").length, 0);
      }
      await lab.sweep(page, made.canary);
    });
  }
  test("L-06 the page's clocks are poisoned after the start: the vault has its own", async (t) => {
    const { page, call, realm, renewals } = await signedInWithClocks(t, "L-06", [tokens((all) => void (all.expires_in = 60))]);
    for (const value of ["NaN", '"soon"', "0", "5", "Infinity"]) {
      await page.evaluate((text) => {
        const shown = JSON.parse(text === "NaN" || text === "Infinity" ? "null" : text) ?? (text === "NaN" ? NaN : Infinity);
        Date.now = () => shown;
        performance.now = () => shown;
      }, value);
      assert.equal((await call()).error, undefined, value);
    }
    assert.equal(renewals(), 0);
    await move(page, { monotonic: 61_000 });
    assert.equal((await call()).error, undefined);
    assert.equal(renewals(), 1);
    assert.equal(realm.requests("userInfo").length, 7);
  });

  for (const seconds of [1e10, Math.ceil(2 ** 31 / 1000)]) {
    accepted(lab, "L-07", `a lifetime of ${seconds} s, longer than a timer can be set for`, {
      peculiarities: [tokens((all) => void (all.expires_in = seconds))],
      async check({ realm, page, t }) {
        await sleep(QUIET);
        assert.equal(realm.requests("token").length, 1, "nothing fired");
        assert.equal((await page.evaluate(() => window.outcome(() => window.client.userInfo()))).error, undefined);
        assert.equal(realm.requests("token").length, 1);
        record(t, "L-07", "a renewal ahead that is further off than a timer can count waits in stretches: nothing fires at once");
      },
    });
  }

  /** A session with proofs, and a vault whose clock is then wrong. Renewals bring no ID token, which would be judged by it. */
  async function boundWithClock(t, { by, nonces, base = [] }) {
    const withoutIdToken = tokens((all, { renewal }) => { if (renewal) delete all.id_token; });
    const made = await boundSession(lab, t, "L-08", { nonces, options: { vaultUrl: await vaultAfter(lab, clocks()) }, base: [withoutIdToken, ...base] });
    await move(made.page, { wall: by });
    await sleep(300);
    return { ...made, renew: () => made.page.evaluate(() => window.outcome(() => window.client.renew())) };
  }
  const dated = (answer) => ({ ...answer, headers: { ...answer.headers, "access-control-expose-headers": "WWW-Authenticate, DPoP-Nonce, Date" } });
  const DATED = { tokenAnswer: dated, userInfoAnswer: dated, apiAnswer: dated };
  for (const [how, by] of [["a day ahead", DAY], ["a day behind", -DAY], ["ten years behind", -10 * YEAR]]) {
    test(`L-08 ${how}, and servers that want nonces: proofs are taken, whatever their time`, async (t) => {
      const { realm, page, renew } = await boundWithClock(t, { by, nonces: "required" });
      for (let round = 0; round < 2; round += 1) {
        assert.deepEqual(await callApi(page, apiUrl(realm)), { value: 200 });
        assert.equal((await renew()).error, undefined);
        assert.equal((await page.evaluate(() => window.outcome(() => window.client.userInfo()))).error, undefined);
      }
      // What went out before the server had given a nonce is all that its clock could be held against.
      assert.deepEqual(realm.proofs.all.filter(({ problem, claims: { nonce } }) => problem && nonce !== undefined), []);
    });
    test(`L-08 ${how}, no nonces, and a Date that the page may see: one retry with the server's time, and from then on none`, async (t) => {
      const { realm, page, renew } = await boundWithClock(t, { by, base: [DATED] });
      assert.equal((await renew()).error, undefined);
      assert.deepEqual(await callApi(page, apiUrl(realm)), { value: 200 });
      const before = [realm.requests("token").length, callsOf(lab, realm).length];
      assert.equal((await renew()).error, undefined);
      assert.deepEqual(await callApi(page, apiUrl(realm)), { value: 200 });
      assert.deepEqual([realm.requests("token").length, callsOf(lab, realm).length], before.map((count) => count + 1));
      const late = realm.proofs.all.filter(({ problem }) => problem);
      assert.deepEqual([...new Set(late.map(({ problem }) => problem))], ["iat out of its window"]);
      assert.ok(late.length <= 3, "one for each server at the most");
    });
    test(`L-08 ${how}, no nonces, and no Date to be seen: invalid_dpop_proof, without a retry, and the session stays`, async (t) => {
      const { realm, page, renew } = await boundWithClock(t, { by });
      const before = realm.requests("token").length;
      assert.equal((await renew()).error?.code, "invalid_dpop_proof");
      assert.equal(realm.requests("token").length - before, 1);
      assert.equal(await page.evaluate(() => window.client.session.status), "signed-in");
      await move(page, { wall: -by });
      await sleep(300);
      await page.waitForTimeout(2500);
      assert.equal((await renew()).error, undefined);
      assert.deepEqual(await callApi(page, apiUrl(realm)), { value: 200 });
    });
  }
  test("L-08 a server whose Date is wrong by a day: its own proofs are made for its time, and no other server's", async (t) => {
    const wrong = (answer) => { const { headers, ...rest } = dated(answer); return { ...rest, headers: { ...headers, date: new Date(Date.now() + DAY).toUTCString() } }; };
    const refusing = { dpopVerdict: (honest, { server, proof }) => (server === HOSTS.api && proof && Math.abs(proof.claims.iat * 1000 - Date.now()) < DAY / 2 ? "invalid_dpop_proof" : server === HOSTS.api ? undefined : honest), apiAnswer: wrong };
    const { realm, page } = await boundSession(lab, t, "L-08", { base: [refusing] });
    assert.deepEqual(await callApi(page, apiUrl(realm)), { value: 200 });
    await page.evaluate(() => window.client.renew());
    const seconds = Date.now() / 1000;
    for (const { server, claims: { iat } } of realm.proofs.all.filter(({ server: one }) => one !== HOSTS.api)) assert.ok(Math.abs(iat - seconds) < 60, server);
  });
});
