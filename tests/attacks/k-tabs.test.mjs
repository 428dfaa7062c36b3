// ATTACKS group K, many tabs: one refresh token, and pages that wake, freeze, crash, copy one another and lose their vault.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { vaultAfter } from "../hostile/environment.mjs";
import { gate, until } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { apiUrl, call as callApi, callsOf } from "../hostile/resource.mjs";
import { resourceScopes } from "../hostile/switches/resources.mjs";
import { tokens } from "../hostile/switches/tokens.mjs";
import { nobody } from "../hostile/switches/session.mjs";
import { session, withWindows } from "../hostile/windows.mjs";
import { storageOf } from "../support/storage.mjs";

const lab = useLab();
const call = (page) => page.evaluate(() => window.outcome(() => window.client.userInfo()));
/** The refresh tokens that were sent to the token endpoint, in turn. */
const renewals = (realm) => realm.requests("token").map(({ body }) => new URLSearchParams(body)).filter((form) => form.get("grant_type") === "refresh_token").map((form) => form.get("refresh_token"));
/** A token that has to be renewed whenever it is used. */
const ENDED = tokens((all) => void (all.expires_in = 0));
/** The vault's monotonic clock, which a test can move. */
const CLOCK = 'let ahead = 0; const now = performance.now.bind(performance); performance.now = () => now() + ahead; new BroadcastChannel("clock").onmessage = ({ data }) => { ahead += data; };';
const move = async (page, by) => {
  await page.evaluate((millis) => { new BroadcastChannel("clock").postMessage(millis); }, by);
  await sleep(300);
};
/** The vault ends when a test says so, as if the browser had taken it away: nobody is told. */
const MORTAL = 'new BroadcastChannel("mortal").onmessage = () => self.close();';

/** Somebody who is signed in, with several tabs. */
async function signedIn(t, id, { tabs = 2, browser, ...setting } = {}) {
  const made = lab.realm(realmName(id), setting);
  const context = await lab.context(t, { browser });
  const pages = [await lab.page(context)];
  await expectSignedIn(lab, pages[0], made);
  while (pages.length < tabs) {
    const page = await lab.page(context);
    assert.equal((await lab.open(page, made.application)).status, "signed-in");
    pages.push(page);
  }
  return { ...made, context, pages };
}

/** Holds the answers of the token endpoint until they are let through. */
function hold(realm, ...defects) {
  const held = gate();
  realm.set(...defects, { tokenAnswer: (answer) => held.pass(answer) });
  return held;
}

const everySession = (pages) => Promise.all(pages.map(async (page) => (await session(page)).status));

attacks("tabs", () => {
  const NO_LOCKS = "Object.defineProperty(Object.getPrototypeOf(navigator), 'locks', { value: undefined });";
  for (const [id, what, prelude] of [["K-01", "the token has ended", ""], ["K-04", "and there are no Web Locks", NO_LOCKS]]) {
    test(`${id} ten tabs call at once, ${what}: one renewal for all of them`, async (t) => {
      const { realm, pages, canary } = await signedIn(t, id, { tabs: 10, options: { vaultUrl: await vaultAfter(lab, CLOCK + prelude) } });
      if (prelude) for (const page of pages) await page.evaluate(() => Object.defineProperty(Object.getPrototypeOf(navigator), "locks", { value: undefined }));
      await move(pages[0], 600_000);
      const held = hold(realm);
      const calls = pages.map(call);
      await until("it is renewed", () => renewals(realm).length > 0);
      await sleep(500);
      held.open();
      for (const { value, error } of await Promise.all(calls)) assert.equal(value?.sub, realm.subject, JSON.stringify(error));
      assert.equal(renewals(realm).length, 1);
      for (const page of pages) await lab.sweep(page, canary);
    });
  }

  test("K-02 the tab that asked for the renewal crashes, another one is frozen: the others get the token, and it is asked for once", async (t) => {
    // Each tab in a process of its own, the vault in the first one's.
    const browser = await lab.launch(["--renderer-process-limit=20"]);
    t.after(() => browser.close());
    const { realm, pages, context, canary, application } = await signedIn(t, "K-02", { browser, tabs: 4, options: { vaultUrl: await vaultAfter(lab, CLOCK) } });
    const [first, second, freezing, crashing] = pages;
    const others = [first, second];
    await move(others[0], 600_000);
    const held = hold(realm);
    crashing.evaluate(() => window.client.userInfo()).catch(() => {});
    await until("the renewal is on its way", () => renewals(realm).length === 1);
    freezing.evaluate(() => window.client.userInfo()).catch(() => {});
    const frozen = await context.newCDPSession(freezing);
    await frozen.send("Page.setWebLifecycleState", { state: "frozen" });
    const crashed = crashing.waitForEvent("crash");
    (await context.newCDPSession(crashing)).send("Page.crash").catch(() => {});
    await crashed;
    const calls = others.map(call);
    held.open();
    for (const { value } of await Promise.all(calls)) assert.equal(value?.sub, realm.subject);
    await frozen.send("Page.setWebLifecycleState", { state: "active" });
    assert.equal((await call(freezing)).value?.sub, realm.subject, "and whoever wakes up");
    assert.equal((await lab.open(await lab.page(context), application)).status, "signed-in");
    assert.equal(renewals(realm).length, 1);
    await lab.sweep(others[0], canary);
  });
  test("K-03 the tab is frozen that asked for the renewal: the others are not held up", async (t) => {
    const { realm, pages: [freezing, other], context } = await signedIn(t, "K-03", { base: [ENDED] });
    const held = hold(realm);
    const before = renewals(realm).length;
    freezing.evaluate(() => window.client.userInfo()).catch(() => {});
    await until("the renewal is on its way", () => renewals(realm).length === before + 1);
    const frozen = await context.newCDPSession(freezing);
    await frozen.send("Page.setWebLifecycleState", { state: "frozen" });
    held.open();
    assert.equal((await call(other)).value?.sub, realm.subject);
    await frozen.send("Page.setWebLifecycleState", { state: "active" });
    assert.equal((await call(freezing)).value?.sub, realm.subject);
  });

  for (const [id, when] of [["K-02", "while the provider makes its answer"], ["K-05", "as the answer arrives"]]) {
    test(`${id} the vault is killed ${when}: signed out, the refresh token is never sent again, and a silent sign-in is what brings the session back`, async (t) => {
      const vaultUrl = await vaultAfter(lab, MORTAL);
      const { realm, pages, context, application, canary } = await signedIn(t, id, withWindows({ options: { vaultUrl }, base: [ENDED] }));
      const held = hold(realm);
      const before = renewals(realm).length;
      for (const page of pages) page.evaluate(() => window.client.userInfo()).catch(() => {});
      await until("the renewal is on its way", () => renewals(realm).length === before + 1);
      if (id === "K-05") held.open();
      await pages[1].evaluate(() => { new BroadcastChannel("mortal").postMessage("now"); });
      await sleep(300);
      held.open();
      const sent = renewals(realm);
      realm.set(nobody);
      await pages[0].waitForFunction(() => localStorage.length > 0);
      for (const page of pages) await page.close();
      const page = await lab.page(context);
      const report = await lab.open(page, application);
      assert.deepEqual([report.status, report.restoreFailure?.code], ["signed-out", "login_required"], JSON.stringify(report));
      await sleep(QUIET);
      assert.deepEqual(renewals(realm), sent);
      assert.equal(new Set(sent).size, sent.length);
      realm.set();
      await expectSignedIn(lab, page, { realm, application, canary, allow: { performance: ["state", "nonce"] } });
    });
  }

  for (const isolation of ["worker", "page"]) {
    test(`K-06 a tab that was duplicated, vault in ${isolation}: the copy has no token, and the refresh token is used by one`, async (t) => {
      const { realm, application, pages: [page], canary } = await signedIn(t, "K-06", { tabs: 1, options: { isolation }, base: [ENDED] });
      await page.evaluate(() => sessionStorage.setItem("copied", "1"));
      const opened = page.waitForEvent("popup");
      const reported = application.next();
      await page.evaluate((url) => void open(url), application.page);
      const report = await reported;
      const copy = await opened;
      assert.equal(await copy.evaluate(() => sessionStorage.getItem("copied")), "1", "a copy it is");
      assert.deepEqual([report.status, report.error], ["signed-out", undefined]);
      assert.equal((await call(copy)).error?.code, "not_signed_in");
      assert.equal((await call(page)).value?.sub, realm.subject);
      assert.equal(new Set(renewals(realm)).size, renewals(realm).length);
      await lab.sweep(page, canary);
      await lab.sweep(copy, canary);
    });
  }

  test("K-07 the provider revokes the whole family: every tab is told once, nobody asks again, and no silent sign-in follows", async (t) => {
    const { realm, application, pages, canary } = await signedIn(t, "K-07", withWindows({ base: [ENDED] }));
    for (const page of pages) {
      await page.evaluate(() => {
        window.events = [];
        window.seen = [];
        window.client.onEvent(({ type, reason }) => ["signed_out", "error"].includes(type) && window.events.push([type, reason]));
        window.client.subscribe(({ status, reason }) => window.seen.push([status, reason]));
      });
    }
    const [asked, authorized] = [renewals(realm).length, realm.requests("authorize").length];
    realm.set({ tokenAnswer: (answer) => ({ ...answer, status: 400, body: JSON.stringify({ error: "invalid_grant" }) }) });
    const outcomes = await Promise.all(pages.flatMap((page) => Array.from({ length: 20 }, () => call(page))));
    // Whoever calls when it is over is told so.
    assert.deepEqual([...new Set(outcomes.map(({ error }) => error?.code))].filter((code) => code !== "not_signed_in"), ["invalid_grant"]);
    for (const page of pages) assert.equal((await call(page)).error?.code, "not_signed_in");
    const report = await lab.open(pages[0], application);
    assert.deepEqual([report.status, report.reason, report.restoreFailure], ["signed-out", "renewal_refused", undefined]);
    await sleep(QUIET);
    assert.deepEqual(await pages[1].evaluate(() => [window.events, window.seen]), [[["signed_out", "renewal_refused"]], [["signed-out", "renewal_refused"]]]);
    assert.deepEqual([renewals(realm).length - asked, realm.requests("authorize").length - authorized], [1, 0]);
    assert.deepEqual((await storageOf(pages[1])).localStorage, {});
    realm.set();
    await expectSignedIn(lab, pages[0], { realm, application, canary });
  });

  for (const [how, defect] of Object.entries({
    "503": { tokenAnswer: (answer) => ({ ...answer, status: 503, body: "busy" }) },
    "429 with Retry-After": { tokenAnswer: (answer) => ({ ...answer, status: 429, body: "{}", headers: { ...answer.headers, "retry-after": "60", "access-control-expose-headers": "Retry-After" } }) },
    "no connection": { tokenAnswer: () => ({ stream: (outgoing) => outgoing.socket.destroy() }) },
  })) {
    test(`K-09 ${how} at the token endpoint while five tabs go on calling: few requests, the session stays, and it is mended`, async (t) => {
      const { realm, pages, canary } = await signedIn(t, "K-09", { tabs: 5, base: [ENDED, { keepsRefreshTokens: () => true }] });
      const asked = () => realm.requests("token").filter(({ body }) => body !== "").length;
      const before = asked();
      realm.set(defect);
      const end = Date.now() + QUIET;
      const codes = new Set();
      while (Date.now() < end) for (const { error } of await Promise.all(pages.map(call))) codes.add(error?.code);
      const sent = asked() - before;
      assert.ok(how.startsWith("429") ? sent === 1 : sent >= 2 && sent <= 7, `${sent} requests`);
      assert.deepEqual([...codes], [how === "no connection" ? "provider_unreachable" : "server_unavailable"]);
      assert.deepEqual([...new Set(await everySession(pages))], ["signed-in"]);
      const postponed = await Promise.all(pages.map(async (page) => (await session(page)).renewalPostponed?.code));
      assert.deepEqual([...new Set(postponed)], [...codes]);
      if (how.startsWith("429")) return;
      realm.set();
      await until("a call is answered", async () => (await call(pages[0])).value?.sub === realm.subject);
      await until("every tab knows", async () => (await Promise.all(pages.map(session))).every(({ renewalPostponed }) => !renewalPostponed));
      await lab.sweep(pages[0], canary);
    });
  }

  test("K-14 the application is configured for another client ID or another issuer: the session and its tokens are not the other's", async (t) => {
    const { realm, pages: [page], application, canary } = await signedIn(t, "K-14", { tabs: 1, base: [ENDED] });
    const second = lab.realm(realmName("K-14"), { host: HOSTS.otherProvider });
    const configurations = {
      "another client ID": { ...application.options, clientId: "other" },
      "another issuer": { ...application.options, issuer: second.realm.issuer, redirectUri: second.application.page },
      "the next port's issuer": { ...application.options, issuer: realm.issuer.replace("op.test", "op.test:444"), redirectUri: `${application.page}x` },
    };
    const found = await page.evaluate(async (all) => {
      const found = {};
      for (const [name, options] of Object.entries(all)) {
        const client = window.createOidcClient(options);
        const { status } = await client.ready();
        found[name] = [status, (await window.outcome(() => client.renew())).error?.code, (await window.outcome(() => client.userInfo())).error?.code];
      }
      return found;
    }, configurations);
    for (const [name, each] of Object.entries(found)) assert.deepEqual(each, ["signed-out", "not_signed_in", "not_signed_in"], name);
    assert.equal(second.realm.requests(["token", "revocation"]).length, 0);
    for (const { body } of realm.requests("token")) assert.equal(new URLSearchParams(body).get("client_id"), realm.clientId);
    assert.equal((await call(page)).value?.sub, realm.subject, "signed in as before");
    await lab.sweep(page, canary);
  });

  test("K-15 two applications on one origin: each has its own session, and the sign-out of one is not the other's", async (t) => {
    const one = await signedIn(t, "K-15", { tabs: 1, base: [ENDED] });
    const page = await lab.page(one.context);
    const two = lab.realm(realmName("K-15"), { clientId: "another-spa", base: [ENDED] });
    await expectSignedIn(lab, page, two);
    for (const [each, { realm }] of [[one.pages[0], one], [page, two]]) {
      assert.equal((await call(each)).value?.sub, realm.subject);
      await each.evaluate(() => window.client.renew());
    }
    await page.evaluate(() => window.client.signOut({ local: true }));
    assert.equal((await call(one.pages[0])).value?.sub, one.realm.subject);
    assert.equal((await call(page)).error?.code, "not_signed_in");
    assert.deepEqual([one.realm.requests("revocation").length, two.realm.requests("revocation").length], [0, 2]);
    const sent = (realm) => realm.log.map(({ url, headers, body }) => url + JSON.stringify(headers) + body).join("\n");
    for (const [mine, theirs] of [[one, two], [two, one]]) assert.ok(![...theirs.canary.all.keys()].some((secret) => sent(mine.realm).includes(secret)));
    await lab.sweep(page, one.canary);
    await lab.sweep(page, two.canary);
  });

  test("K-16 what was slept through is made up for once, however many tabs are shown again and again", async (t) => {
    const { realm, pages } = await signedIn(t, "K-16", { tabs: 5, options: { vaultUrl: await vaultAfter(lab, CLOCK) } });
    const before = renewals(realm).length;
    const wake = () => Promise.all(pages.map((page) => page.evaluate(() => {
      for (let times = 0; times < 20; times += 1) for (const [target, name] of [[document, "visibilitychange"], [window, "online"]]) target.dispatchEvent(new Event(name));
    })));
    await wake();
    await sleep(500);
    assert.equal(renewals(realm).length, before, "what lives is left alone");
    await move(pages[0], 8 * 3600_000);
    await wake();
    await until("it is renewed", () => renewals(realm).length > before);
    await sleep(QUIET);
    assert.equal(renewals(realm).length - before, 1);
    assert.equal((await call(pages[1])).value?.sub, realm.subject);
    assert.equal(renewals(realm).length - before, 1);
  });

  test("K-17 two APIs with tokens of their own, in several tabs: one refresh token at a time, and no token at the other API", async (t) => {
    const [main, other] = [HOSTS.api, HOSTS.otherApi].map((host) => `${originOf(host)}/`);
    const resources = [{ url: main, resource: main, scope: "read" }, { url: other, resource: other, scope: "write" }];
    const brief = tokens((all) => void (all.expires_in = 1));
    const { realm, pages, canary } = await signedIn(t, "K-17", { tabs: 3, base: [brief, resourceScopes({ [main]: "openid read", [other]: "write" })], options: { resources } });
    const hosts = [HOSTS.api, HOSTS.otherApi];
    for (let round = 0; round < 4; round += 1) {
      const outcomes = await Promise.all(pages.flatMap((page) => [...hosts, ...hosts].map((host) => callApi(page, apiUrl(realm, "x", host)))));
      assert.deepEqual(outcomes.filter(({ value }) => value !== 200), [], `round ${round}`);
      assert.equal((await call(pages[0])).error, undefined);
      await sleep(1100);
    }
    const sent = renewals(realm);
    assert.ok(sent.length >= 6, `${sent.length} renewals`);
    assert.equal(new Set(sent).size, sent.length, "a refresh token that was used is never sent again");
    const refreshed = realm.requests("token").map(({ body }) => new URLSearchParams(body)).filter((form) => form.get("grant_type") === "refresh_token");
    assert.ok(refreshed.every((form) => form.getAll("resource").length <= 1));
    for (const [host, audience] of [[HOSTS.api, main], [HOSTS.otherApi, other]]) {
      const tokensThere = callsOf(lab, realm, host).map(({ headers }) => headers.authorization.split(" ")[1]);
      for (const token of tokensThere) assert.deepEqual(realm.tokenRecord(token).audience, [audience]);
    }
    assert.deepEqual((await session(pages[0])).status, "signed-in");
    await lab.sweep(pages[0], canary);
  });
  test("K-17 the renewal for one API fails, is lost, or brings no new refresh token: the other one's goes on", async (t) => {
    const [main, other] = [HOSTS.api, HOSTS.otherApi].map((host) => `${originOf(host)}/`);
    const options = { resources: [{ url: main, resource: main }, { url: other, resource: other }] };
    const { realm, pages: [page] } = await signedIn(t, "K-17", { tabs: 1, options, base: [tokens((all) => void (all.expires_in = 1)), { keepsRefreshTokens: () => true }] });
    const forOther = (request) => new URLSearchParams(request.body).get("resource") === other;
    for (const spoil of [(answer) => ({ ...answer, status: 503, body: "busy" }), () => ({ stream: (outgoing) => outgoing.socket.destroy() })]) {
      realm.set({ tokenAnswer: (answer, { request }) => (forOther(request) ? spoil(answer) : answer) });
      assert.equal((await callApi(page, apiUrl(realm, "x", HOSTS.otherApi))).value, undefined);
      await sleep(1100);
      assert.deepEqual(await callApi(page, apiUrl(realm)), { value: 200 });
      realm.set();
      await until("it is fetched again", async () => (await callApi(page, apiUrl(realm, "x", HOSTS.otherApi))).value === 200);
      await sleep(1100);
    }
    realm.set(tokens((all) => void delete all.refresh_token));
    for (const host of [HOSTS.otherApi, HOSTS.api]) assert.deepEqual(await callApi(page, apiUrl(realm, "x", host)), { value: 200 });
    assert.equal((await session(page)).renewable, true);
  });

  test("K-18 a thief of the refresh token goes on renewing it: nothing here can know, until the provider sees it twice", async (t) => {
    const { realm, application, pages: [page], canary } = await signedIn(t, "K-18", { tabs: 1, base: [ENDED] });
    const stolen = [...canary.all].filter(([, kind]) => kind === "refresh").map(([token]) => token).at(-1);
    const thief = async (token) => (await realm.handle({ at: Date.now(), host: HOSTS.provider, method: "POST", path: `/${realm.name}/token`, query: new URLSearchParams(), headers: {}, body: `${new URLSearchParams({ grant_type: "refresh_token", refresh_token: token, client_id: realm.clientId })}` }));
    let token = stolen;
    for (let round = 0; round < 3; round += 1) {
      const { status = 200, body } = await thief(token);
      assert.equal(status, 200);
      token = JSON.parse(body).refresh_token;
    }
    assert.equal((await session(page)).status, "signed-in", "nobody here has noticed");
    assert.equal((await call(page)).error?.code, "invalid_grant");
    const { status, reason } = await session(page);
    assert.deepEqual([status, reason], ["signed-out", "renewal_refused"]);
    assert.equal((await thief(token)).status ?? 200, 200, "the thief is still in, unless the provider revokes the family");
    await sleep(500);
    record(t, "K-18", "whoever has the refresh token itself can renew it without this library noticing; the next renewal here is refused by a provider that rotates, and ends the session. Only the provider (reuse detection, a largest lifetime) or a bound key ends the thief's");
    await expectSignedIn(lab, page, { realm, application, canary });
  });

  test("K-12 signed out in one tab while the renewal of another is on its way: the tokens that come are revoked, and none appears anywhere", async (t) => {
    const { realm, pages, canary } = await signedIn(t, "K-12", { base: [ENDED] });
    const held = hold(realm);
    const before = renewals(realm).length;
    const asked = call(pages[1]);
    await until("the renewal is on its way", () => renewals(realm).length === before + 1);
    await pages[0].evaluate(() => window.client.signOut({ local: true }));
    held.open();
    assert.equal((await asked).error?.code, "superseded");
    const mine = [...canary.all].filter(([, kind]) => ["access", "refresh"].includes(kind)).map(([token]) => token).slice(-2).sort();
    const revoked = () => realm.requests("revocation").map(({ body }) => new URLSearchParams(body).get("token"));
    await until("they are revoked", () => mine.every((token) => revoked().includes(token)));
    const bearers = realm.requests("userInfo").map(({ headers }) => headers.authorization);
    for (const page of pages) {
      assert.equal((await call(page)).error?.code, "not_signed_in");
      await lab.sweep(page, canary);
    }
    assert.ok(!bearers.some((bearer) => mine.some((token) => bearer.includes(token))));
    assert.equal((await fetchStatus(pages[0])).error?.code, "not_signed_in");
  });
});

const fetchStatus = (page) => page.evaluate((api) => window.outcome(() => window.client.fetch(api)), `${originOf(HOSTS.api)}/me`);
