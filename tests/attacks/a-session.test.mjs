// ATTACKS group A, sessions and transactions: too old, too many, of another user, or no longer wanted.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { attacks, expectSignedIn } from "../hostile/attack.mjs";
import { begin, callbackFor, expectRefused, gate, inFlight, ISOLATIONS, stage, until, withParameters } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { errorResponse } from "../hostile/switches/response.mjs";
import { storageOf, transactionsIn } from "../support/storage.mjs";

const lab = useLab();
const pending = async (page) => transactionsIn(await storageOf(page));
const MOST = 64;

attacks("sessions", () => {
  test("A-06 a callback that comes a day later: transaction_expired", async (t) => {
    // In the page the clock can be moved.
    const staged = await stage(lab, t, "A-06", { options: { isolation: "page" } });
    const { page, application } = staged;
    const { callback } = await inFlight(staged);
    const clock = "const now = Date.now; Date.now = () => now() + (location.search ? 24 * 3600_000 : 0);";
    await page.addInitScript({ content: clock });
    await expectRefused(lab, staged, callback.href, "transaction_expired");
    assert.deepEqual(await pending(page), [], "the record is gone");
    await lab.sweep(page, staged.canary);
    const twin = { ...staged, page: await lab.page(await lab.context(t)) };
    await lab.open(twin.page, application);
    const report = await lab.open(twin.page, application, (await inFlight(twin)).callback.href);
    assert.equal(report.status, "signed-in", JSON.stringify(report));
  });

  for (const isolation of ["shared", "page"]) {
    test(`A-07 sign-ins started by the hundred, vault in ${isolation}: the records are bounded, the latest survives`, async (t) => {
      const staged = await stage(lab, t, "A-07", { options: { isolation } });
      const { page, application } = staged;
      const latest = await page.evaluate(async () => {
        for (let started = 0; started < 200; started += 1) await window.client.signIn({ returnTo: `/${"x".repeat(70_000)}` });
        return window.navigated.at(-1);
      });
      const records = await pending(page);
      assert.ok(records.length <= MOST, `${records.length} records`);
      assert.ok(JSON.stringify(records).length < MOST * 1000, "a path that is too long to be one is not stored");
      const report = await lab.open(page, application, (await callbackFor(staged.realm, latest)).href);
      assert.deepEqual([report.status, report.error], ["signed-in", undefined]);
      assert.deepEqual(report.troubles, []);
      record(t, "A-07", `However many sign-ins are started, at most ${MOST} records are stored for an hour each, and the latest is among them.`);
    });
  }

  test("A-07 no room to store anything: storage_unavailable, and mended when there is", async (t) => {
    const staged = await stage(lab, t, "A-07", { options: { isolation: "page" } });
    const { page, application } = staged;
    await page.evaluate(() => {
      window.full = true;
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...given) {
        if (window.full) throw new DOMException("There is no room.", "QuotaExceededError");
        return put.apply(this, given);
      };
    });
    const outcome = await page.evaluate(() => window.outcome(() => window.client.signIn()));
    assert.equal(outcome.error?.code, "storage_unavailable", JSON.stringify(outcome));
    assert.deepEqual(await page.evaluate(() => [window.navigated, window.troubles]), [[], []]);
    await page.evaluate(() => (window.full = false));
    const report = await lab.open(page, application, (await inFlight(staged)).callback.href);
    assert.deepEqual([report.status, report.error], ["signed-in", undefined]);
  });

  const markup = '<img src=x onerror="troubles.push(1)"><script>troubles.push(2)</script>';
  for (const [what, parameters, shown] of [
    ["markup", { error_description: markup }, undefined],
    ["text that runs backwards", { error_description: "abc\u202Egnp.exe" }, undefined],
    ["line breaks", { error_description: "one\r\nSet-Cookie: two" }, undefined],
    ["a NUL", { error_description: "one\0two" }, undefined],
    ["12,000 characters", { error_description: "x".repeat(12_000) }, undefined],
    ["an address that is a script", { error_description: "no", error_uri: "javascript:troubles.push(3)" }, "no"],
    ["plain words", { error_description: "The user said no." }, "The user said no."],
  ]) {
    test(`A-11 a refusal whose description is ${what}: access_denied, and harmless text`, async (t) => {
      const staged = await stage(lab, t, "A-11");
      const { page, realm, application, canary } = staged;
      realm.set(errorResponse({ error: "access_denied", ...parameters }));
      const { callback } = await inFlight(staged);
      const report = await expectRefused(lab, staged, callback.href, "access_denied");
      const text = report.error.errorDescription ?? "";
      // RFC 6749 §4.1.2.1: %x20-21 / %x23-5B / %x5D-7E
      assert.match(text, /^[\x20-\x21\x23-\x5B\x5D-\x7E\uFFFD]*$/u);
      assert.ok(text.length <= 1000, `${text.length} characters`);
      if (shown !== undefined) assert.equal(text, shown);
      assert.equal("error_uri" in report.error, false);
      assert.equal(await page.evaluate(() => document.querySelectorAll("img, main script").length), 0);
      await lab.sweep(page, canary);
      realm.set();
      application.capture = false;
      await expectSignedIn(lab, page, staged);
    });
  }

  test("A-11 a refusal of a megabyte: callback_too_large", async (t) => {
    const staged = await stage(lab, t, "A-11");
    const { page, application } = staged;
    const { callback } = await inFlight(staged);
    const address = withParameters(callback, { code: undefined, error: "access_denied", error_description: "x".repeat(1_000_000) });
    // Larger than a server takes, so that it can come about in the page alone.
    const code = await page.evaluate(async ({ address, options }) => {
      history.replaceState(null, "", address);
      const session = await window.createOidcClient(options).ready();
      return [session.error?.code, location.search];
    }, { address, options: application.options });
    assert.deepEqual(code, ["callback_too_large", ""]);
    assert.equal(staged.realm.requests("token").length, 0);
    const report = await lab.open(page, application, callback.href);
    assert.deepEqual([report.status, report.error], ["signed-in", undefined], "the real one can still be opened");
  });

  test("A-14 somebody else comes back from the provider: nothing of the first user is left", async (t) => {
    const staged = await stage(lab, t, "A-14");
    const { page, realm, application, canary, context } = staged;
    const first = realm.subject;
    application.capture = false;
    await expectSignedIn(lab, page, staged);
    const tab = await lab.page(context);
    await lab.open(tab, application);
    await tab.evaluate(() => {
      window.seen = [];
      window.client.subscribe((session) => window.seen.push([session.status, session.claims?.sub]));
    });
    const tokensOfFirst = [...canary.all].filter(([, kind]) => ["access", "refresh", "id-token"].includes(kind)).map(([value]) => value);
    realm.subject = "somebody-else";
    const switched = Date.now();
    await expectSignedIn(lab, page, staged);
    await until("the other tab knows", () => tab.evaluate(() => window.seen.length > 0));
    assert.deepEqual(await tab.evaluate(() => window.seen), [["signed-in", "somebody-else"]], "one event, with nobody in between");
    const api = `${originOf(HOSTS.api)}/me`;
    for (const window of [page, tab]) {
      const { session, userInfo, status } = await window.evaluate(async (api) => ({
        session: window.plainSession(window.client.session),
        userInfo: await window.client.userInfo(),
        status: (await window.client.fetch(api)).status,
      }), api);
      assert.deepEqual([session.claims.sub, userInfo.sub, status], ["somebody-else", "somebody-else", 200]);
      assert.ok(!JSON.stringify({ session, userInfo }).includes(first));
      assert.ok(!JSON.stringify(await storageOf(window)).includes(first));
    }
    const sent = lab.network.log.filter(({ at }) => at >= switched).map(({ url, headers, body }) => `${url}\n${JSON.stringify(headers)}\n${body}`).join("\n");
    assert.deepEqual(tokensOfFirst.filter((token) => sent.includes(token)), [], "no token of the first user is sent again");
    await lab.sweep(tab, canary);
  });

  test("A-14 what was asked for the first user is not answered for the second: superseded", async (t) => {
    const staged = await stage(lab, t, "A-14");
    const { page, realm, application, context } = staged;
    application.capture = false;
    await expectSignedIn(lab, page, staged);
    const held = gate();
    realm.set({ userInfoAnswer: (answer) => held.pass(answer) });
    const tab = await lab.page(context);
    await tab.goto(application.page).catch(() => {});
    // The application's own UserInfo request of this tab is on its way, with the first user's token.
    await until("UserInfo was asked", () => realm.requests("userInfo").length === 2);
    realm.subject = "somebody-else";
    const second = await lab.page(context);
    application.capture = true;
    await second.goto(new URL(application.page).href);
    await second.waitForFunction(() => window.client?.session.status === "signed-in");
    const { callback } = await inFlight({ ...staged, page: second });
    await second.goto(callback.href);
    await second.waitForFunction(() => window.client?.session.claims?.sub === "somebody-else");
    held.open();
    await tab.waitForFunction(() => window.report);
    const { userInfo } = await tab.evaluate(() => window.report);
    assert.deepEqual([userInfo.value, userInfo.error?.code], [undefined, "superseded"]);
  });

  for (const isolation of ISOLATIONS) {
    test(`A-16 signed out in another tab while the user is at the provider, vault in ${isolation}: state_unknown`, async (t) => {
      const staged = await stage(lab, t, "A-16", { options: { isolation } });
      const { page, application, context, realm } = staged;
      const { callback } = await inFlight(staged);
      const other = await lab.page(context);
      await lab.open(other, application);
      await other.evaluate(() => window.client.signOut({ local: true }));
      assert.deepEqual(await pending(other), []);
      await expectRefused(lab, staged, callback.href, "state_unknown");
      assert.equal(realm.requests("token").length, 0);
      application.capture = false;
      await expectSignedIn(lab, page, staged);
    });
  }

  test("A-16 signed out while the code is being redeemed: superseded, and nobody is signed in later", async (t) => {
    const staged = await stage(lab, t, "A-16");
    const { page, realm, application, context } = staged;
    const { callback } = await inFlight(staged);
    const other = await lab.page(context);
    await lab.open(other, application);
    const held = gate();
    realm.set({ tokenAnswer: (answer) => held.pass(answer) });
    const reported = application.next();
    await page.goto(callback.href);
    await until("the code was sent", () => realm.requests("token").length === 1);
    await other.evaluate(() => window.client.signOut({ local: true }));
    held.open();
    const report = await reported;
    assert.deepEqual([report.status, report.error?.code], ["signed-out", "superseded"]);
    await sleep(QUIET);
    for (const tab of [page, other]) assert.equal(await tab.evaluate(() => window.client.session.status), "signed-out");
    assert.equal(realm.requests("userInfo").length, 0);
    await lab.sweep(page, staged.canary);
    realm.set();
    application.capture = false;
    await expectSignedIn(lab, page, staged);
  });

  test("A-16 signed out while a sign-in waits for the provider's metadata: superseded, and it goes nowhere", async (t) => {
    const held = gate();
    const made = lab.realm("a-16-metadata");
    const { realm, application } = made;
    application.capture = true;
    realm.set({ discoveryAnswer: (answer) => held.pass(answer) });
    const page = await lab.page(await lab.context(t));
    await lab.open(page, application);
    const started = page.evaluate(() => window.outcome(() => window.client.signIn()));
    await until("the metadata was asked for", () => realm.requests("discovery").length === 1);
    // The vault asks for it when it starts: the sign-in has to have come to it as well.
    await page.waitForTimeout(1000);
    await page.evaluate(() => window.client.signOut({ local: true }));
    held.open();
    assert.equal((await started).error?.code, "superseded");
    assert.deepEqual(await page.evaluate(() => window.navigated), []);
    assert.deepEqual(await pending(page), []);
    realm.set();
    assert.match(await begin(page), /\/authorize\?/u, "and the next one is started");
  });
});
