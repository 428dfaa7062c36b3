// ATTACKS group C, once and only once: a code is sent one time, whoever brings it, however often, and whatever breaks.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { attacks, expectSignedIn } from "../hostile/attack.mjs";
import { begin, callbackFor, expectRefused, gate, inFlight, ISOLATIONS, stage, until } from "../hostile/flow.mjs";
import { QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { storageOf, transactionsIn } from "../support/storage.mjs";

const lab = useLab();
const addresses = async (page) => {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  await session.detach();
  return entries.map(({ url }) => url);
};
/** The page has asked its vault who is signed in. */
const asking = (page) => page.waitForFunction(() => window.client);
/** The requests that carried a code. A request that failed for reasons unknown is followed by an empty one, to find out why. */
const redeemed = (realm) => realm.requests("token").filter(({ body }) => new URLSearchParams(body).has("code"));
/** Opens an address without waiting for what becomes of it. */
const go = (page, address) => page.goto(address, { waitUntil: "commit" });

attacks("once", () => {
  for (const isolation of ISOLATIONS) {
    test(`C-03 ready() called fifty times at once by two clients, vault in ${isolation}: one token request, one answer`, async (t) => {
      const staged = await stage(lab, t, "C-03", { options: { isolation } });
      const { page, application, realm } = staged;
      const { callback } = await inFlight(staged);
      const outcome = await page.evaluate(async ({ address, options }) => {
        const events = [];
        history.replaceState(null, "", address);
        const clients = [window.createOidcClient(options), window.createOidcClient(options)];
        for (const client of clients) client.subscribe(({ status, error }) => events.push([status, error?.code]));
        const calls = clients.flatMap((client) => Array.from({ length: 50 }, () => client.ready()));
        const sessions = await Promise.all(calls);
        const later = await Promise.all(clients.map((client) => client.ready()));
        return {
          // In the page and in a dedicated worker, each client has a vault of its own: one of the two gets the record.
          statuses: [...new Set(sessions.map(({ status }) => status))].sort(),
          codes: [...new Set(sessions.map(({ error }) => error?.code))],
          distinct: new Set([...sessions, ...later]).size,
          failures: events.filter(([, code]) => code).length,
          search: location.search,
        };
      }, { address: callback.search, options: application.options });
      assert.equal(redeemed(realm).length, 1);
      assert.equal(outcome.distinct, 2, "all calls of a client get the same session");
      assert.equal(outcome.search, "");
      if (isolation === "shared") assert.deepEqual([outcome.statuses, outcome.codes, outcome.failures], [["signed-in"], [undefined], 0]);
      else assert.ok(outcome.statuses.includes("signed-in"), JSON.stringify(outcome));
    });
  }

  for (const isolation of ISOLATIONS) {
    test(`C-04 reload while the code is being redeemed, vault in ${isolation}: it is not sent again`, async (t) => {
      const staged = await stage(lab, t, "C-04", { options: { isolation } });
      const { page, application, realm } = staged;
      const { callback } = await inFlight(staged);
      const held = gate();
      realm.set({ tokenAnswer: (answer) => held.pass(answer) });
      await page.goto(callback.href);
      await until("the code was sent", () => redeemed(realm).length === 1);
      const reported = application.next();
      await page.reload({ waitUntil: "commit" });
      await asking(page);
      held.open();
      const report = await reported;
      // A shared vault goes on with what it began; the others went with their page, and the record was used up.
      const expected = isolation === "shared" ? ["signed-in", undefined] : ["signed-out", "state_unknown"];
      assert.deepEqual([report.status, report.error?.code], expected, JSON.stringify(report));
      await sleep(QUIET);
      assert.equal(redeemed(realm).length, 1);
      assert.equal(page.url(), application.page);
      await lab.sweep(page, staged.canary);
      realm.set();
      application.capture = false;
      await expectSignedIn(lab, page, staged);
    });
  }

  test("C-04 reload before and after: one token request, and the session stays", async (t) => {
    const staged = await stage(lab, t, "C-04");
    const { page, application, realm } = staged;
    const { callback } = await inFlight(staged);
    await go(page, callback.href);
    await page.reload({ waitUntil: "commit" });
    await page.waitForFunction(() => window.report?.status === "signed-in");
    for (let again = 0; again < 3; again += 1) {
      const reported = application.next();
      await page.reload();
      await reported;
      await page.waitForFunction(() => window.report?.status === "signed-in");
    }
    assert.equal(redeemed(realm).length, 1);
    assert.equal(realm.requests("authorize").length, 1);
  });

  test("C-05 back to the callback: it is in no entry of the history, and opened by force it changes nothing", async (t) => {
    const staged = await stage(lab, t, "C-05");
    const { page, application, realm, canary } = staged;
    const started = [];
    page.on("request", (request) => request.isNavigationRequest() && started.push(request.url()));
    application.capture = false;
    await expectSignedIn(lab, page, staged);
    const callback = started.find((url) => url.includes("code="));
    await lab.open(page, application, "elsewhere");
    // The page before that one would start another sign-in.
    application.capture = true;
    for (let back = 0; back < 2; back += 1) {
      await page.goBack();
      await page.waitForFunction(() => window.loaded);
    }
    assert.deepEqual((await addresses(page)).filter((url) => /[?&]code=/u.test(url)), []);
    assert.equal(redeemed(realm).length, 1);
    await expectRefused(lab, staged, callback, "callback_replayed", "signed-in");
    await lab.sweep(page, canary);
  });

  for (const isolation of ISOLATIONS) {
    test(`C-06 one callback in two tabs at once, vault in ${isolation}: one token request`, async (t) => {
      const staged = await stage(lab, t, "C-06", { options: { isolation } });
      const { page, application, realm, context } = staged;
      const { callback } = await inFlight(staged);
      const tabs = [page, await lab.page(context)];
      const held = gate();
      realm.set({ tokenAnswer: (answer) => held.pass(answer) });
      await Promise.all(tabs.map((tab) => go(tab, callback.href)));
      await Promise.all(tabs.map(asking));
      held.open();
      const reports = await Promise.all(tabs.map(async (tab) => {
        await tab.waitForFunction(() => window.report?.phase === "callback");
        return tab.evaluate(() => window.report);
      }));
      const outcomes = reports.map(({ status, error }) => error?.code ?? status).sort();
      assert.deepEqual(outcomes, isolation === "shared" ? ["signed-in", "signed-in"] : ["signed-in", "state_unknown"]);
      await sleep(QUIET);
      assert.equal(redeemed(realm).length, 1);
      for (const tab of tabs) await lab.sweep(tab, staged.canary);
    });
  }

  for (const isolation of ISOLATIONS) {
    test(`C-09 the tab crashes as the tokens arrive, vault in ${isolation}: a whole session or none`, async (t) => {
      const staged = await stage(lab, t, "C-09", { options: { isolation } });
      const { page, application, realm, context } = staged;
      const { callback } = await inFlight(staged);
      const held = gate();
      realm.set({ tokenAnswer: (answer) => held.pass(answer) });
      await page.goto(callback.href);
      await until("the code was sent", () => redeemed(realm).length === 1);
      const session = await context.newCDPSession(page);
      const crashed = page.waitForEvent("crash");
      held.open();
      session.send("Page.crash").catch(() => {});
      await crashed;
      await page.close();
      realm.set();
      const again = await lab.page(context);
      const report = await lab.open(again, application);
      assert.equal(report.error, undefined, JSON.stringify(report));
      if (report.status === "signed-in") assert.equal(report.userInfo.value?.sub, realm.subject, "the session is whole");
      assert.deepEqual(transactionsIn(await storageOf(again)), []);
      assert.equal(redeemed(realm).length, 1);
      application.capture = false;
      await expectSignedIn(lab, again, staged);
    });
  }

  for (const isolation of ISOLATIONS) {
    test(`C-10 the page is left while the code is being redeemed, vault in ${isolation}: the next sign-in shares nothing with it`, async (t) => {
      const staged = await stage(lab, t, "C-10", { options: { isolation } });
      const { page, application, realm } = staged;
      const { callback, authorization } = await inFlight(staged);
      const held = gate();
      realm.set({ tokenAnswer: (answer) => held.pass(answer) });
      await page.goto(callback.href);
      await until("the code was sent", () => redeemed(realm).length === 1);
      const reported = application.next();
      await page.evaluate((address) => void setTimeout(() => location.assign(address)), `${application.page}elsewhere`);
      const report = await reported;
      assert.deepEqual([report.status, report.error], ["signed-out", undefined], "the new document has no session while the provider has not answered");
      held.open();
      realm.set();
      // The shared vault was not left: what it began it may finish, for all tabs.
      if (isolation === "shared") await page.waitForFunction(() => window.client.session.status === "signed-in");
      else {
        await sleep(QUIET);
        assert.equal(await page.evaluate(() => window.client.session.status), "signed-out");
      }
      const next = await begin(page);
      for (const name of ["state", "nonce", "code_challenge"]) {
        assert.notEqual(new URL(next).searchParams.get(name), new URL(authorization).searchParams.get(name), name);
      }
      const finished = await lab.open(page, application, (await callbackFor(realm, next)).href);
      assert.deepEqual([finished.status, finished.error], ["signed-in", undefined]);
      const verifiers = redeemed(realm).map(({ body }) => new URLSearchParams(body).get("code_verifier"));
      assert.deepEqual([verifiers.length, new Set(verifiers).size], [2, 2]);
      record(t, "C-10", "A shared vault goes on redeeming a code when the page is left; in the other two modes that ends with the page.");
    });
  }

  test("C-18 the tokens arrive after the request was given up: timed_out, and no session later", async (t) => {
    // The deadline is thirty seconds; in the page it can be made to come sooner.
    const staged = await stage(lab, t, "C-18", { options: { isolation: "page" } });
    const { page, application, realm } = staged;
    const { callback } = await inFlight(staged);
    await page.addInitScript(() => {
      const { timeout } = AbortSignal;
      AbortSignal.timeout = (milliseconds) => timeout.call(AbortSignal, location.search ? 1_500 : milliseconds);
    });
    const held = gate();
    realm.set({ tokenAnswer: (answer) => held.pass(answer) });
    const report = await lab.open(page, application, callback.href);
    assert.deepEqual([report.status, report.error?.code], ["signed-out", "timed_out"]);
    held.open();
    await sleep(QUIET);
    assert.equal(await page.evaluate(() => window.client.session.status), "signed-out");
    assert.equal(realm.requests("userInfo").length, 0);
    await lab.sweep(page, staged.canary);
    realm.set();
    const twin = { ...staged, page: await lab.page(staged.context) };
    application.capture = false;
    await expectSignedIn(lab, twin.page, staged);
  });
});
