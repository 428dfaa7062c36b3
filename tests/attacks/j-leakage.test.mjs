// ATTACKS group J, what an address gives away: Referer, history, caches, other agents; and redirects without end.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { FLAGS } from "../support/browser.mjs";
import { storageOf } from "../support/storage.mjs";
import { policy } from "../hostile/app.mjs";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { begin, callbackFor, expectRefused, inFlight, ISOLATIONS, stage, until, withParameters } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { errorResponse, response } from "../hostile/switches/response.mjs";

const lab = useLab();
const SECRET = /[?&#](code|state|iss|session_state|error|error_description)=/u;
const addresses = async (page) => {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  await session.detach();
  return entries.map(({ url }) => url);
};
/** The Referer of a picture of the attacker's that a page shows. */
const pixelOf = (name) => `https://evil.test/pixel-${name}`;
const referersOf = (name) => lab.network.log.filter(({ url }) => url === pixelOf(name)).map(({ headers }) => headers.referer ?? "");
const withPicture = (name) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>With a picture</title><link rel="icon" href="data:,">
<img src="${pixelOf(name)}" alt=""><script type="module" src="/app.js"></script></html>`;

attacks("leakage", () => {
  test("J-05 a picture shown once signed in, under referrer-policy unsafe-url: no code in its Referer", async (t) => {
    const staged = await stage(lab, t, "J-05", { headers: { "referrer-policy": "unsafe-url" } });
    const { page, application, realm } = staged;
    await lab.open(page, application, (await inFlight(staged)).callback.href);
    await page.evaluate((src) => void document.body.append(Object.assign(new Image(), { src })), pixelOf(realm.name));
    await until("the picture was asked for", () => referersOf(realm.name).length === 1);
    assert.deepEqual(referersOf(realm.name), [application.page]);
    await lab.sweep(page, staged.canary);
    const own = lab.network.log.filter(({ host, path }) => host === HOSTS.provider && path.startsWith(`/${realm.name}/`));
    assert.deepEqual(own.filter(({ headers }) => headers.referer).map(({ url }) => url), [], "the vault sends no Referer at all");
  });

  test("J-05 a picture that is in the callback's document itself: its origin alone", async (t) => {
    const staged = await stage(lab, t, "J-05");
    const { page, application, realm } = staged;
    lab.handlers[HOSTS.app].files.set(`/${realm.name}/`, { body: withPicture(realm.name) });
    const report = await lab.open(page, application, (await inFlight(staged)).callback.href);
    assert.equal(report.status, "signed-in");
    await until("the picture was asked for", () => referersOf(realm.name).length === 1);
    assert.deepEqual(referersOf(realm.name), [`${originOf(HOSTS.app)}/`]);
    await lab.sweep(page, staged.canary);
  });

  test("J-05 the same under referrer-policy unsafe-url: the browser sends the code before any script runs, and it is worth nothing", async (t) => {
    const staged = await stage(lab, t, "J-05", { headers: { "referrer-policy": "unsafe-url" } });
    const { page, application, realm } = staged;
    lab.handlers[HOSTS.app].files.set(`/${realm.name}/`, { body: withPicture(realm.name) });
    const { callback } = await inFlight(staged);
    const report = await lab.open(page, application, callback.href);
    assert.equal(report.status, "signed-in");
    await until("the picture was asked for", () => referersOf(realm.name).length === 1);
    assert.deepEqual(referersOf(realm.name), [callback.href]);
    const thief = { ...staged, page: await lab.page(await lab.context(t)) };
    await expectRefused(lab, thief, callback.href, "state_unknown");
    record(t, "J-05", "A document that asks for foreign content by its own markup under referrer-policy unsafe-url sends the callback's address with it; the code is bound to a verifier that is not in it. The static callback page loads nothing foreign.");
  });

  test("J-05 the static callback page: no request carries the code in its Referer", async (t) => {
    const redirectUri = `${originOf(HOSTS.app)}/valetkey/callback.html`;
    const staged = await stage(lab, t, "J-05", { options: { redirectUri } });
    const { page, application, realm } = staged;
    const other = await lab.page(staged.context);
    const { callback } = await inFlight(staged, { returnTo: `/${realm.name}/` });
    const reported = application.next();
    await other.goto(callback.href);
    assert.equal((await reported).status, "signed-in");
    assert.equal(other.url(), application.page);
    const code = callback.searchParams.get("code");
    assert.deepEqual(lab.network.log.filter(({ headers }) => headers.referer?.includes(code)), []);
    assert.deepEqual((await addresses(other)).filter((url) => SECRET.test(url)), []);
  });

  for (const [what, defects, status] of [
    ["a sign-in", [response({ session_state: "abc" })], "signed-in"],
    ["a refusal", [errorResponse({ error: "access_denied", error_description: "no", session_state: "abc" })], "signed-out"],
    ["a refused callback", [response({ iss: "https://evil.test/" })], "signed-out"],
  ]) {
    test(`J-06 after ${what} neither address bar nor history holds the answer, and what is the application's stays`, async (t) => {
      const staged = await stage(lab, t, "J-06");
      const { page, application, realm, canary } = staged;
      realm.set(...defects);
      const returnTo = `/${realm.name}/orders?open=1#last`;
      const { callback } = await inFlight(staged, { returnTo });
      const before = await page.evaluate(() => history.length);
      const report = await lab.open(page, application, `${withParameters(callback, { lang: "de" })}#top`);
      assert.equal(report.status, status, JSON.stringify(report));
      const expected = status === "signed-in" ? new URL(returnTo, application.page).href : `${application.page}?lang=de#top`;
      assert.equal(page.url(), expected);
      assert.deepEqual((await addresses(page)).filter((url) => SECRET.test(url)), []);
      assert.equal(await page.evaluate(() => history.length), before + 1, "replaced, not pushed");
      assert.equal(await page.evaluate(() => history.state), null);
      await lab.sweep(page, canary);
    });
  }

  test("J-07 a browser that is started anew at a callback that was used: state_unknown, and nothing is sent", async (t) => {
    const profile = await mkdtemp(join(tmpdir(), "valetkey-profile-"));
    t.after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
    const start = async () => {
      const context = await chromium.launchPersistentContext(profile, {
        executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
        args: [...FLAGS, ...lab.network.flags],
        ignoreHTTPSErrors: true,
      });
      t.after(() => context.close().catch(() => {}));
      return context;
    };
    const made = lab.realm(realmName("J-07"));
    const { application, realm } = made;
    application.capture = true;
    const first = await start();
    const page = await lab.page(first);
    await lab.open(page, application);
    const { callback } = await inFlight({ ...made, page });
    const used = await lab.open(page, application, callback.href);
    assert.equal(used.status, "signed-in");
    const waiting = await inFlight({ ...made, page });
    await first.close();
    const second = await start();
    const restored = { ...made, page: await lab.page(second) };
    await expectRefused(lab, restored, callback.href, "state_unknown");
    assert.equal(realm.requests("token").length, 1);
    // The twin: a sign-in that was still in flight is finished there.
    const finished = await lab.open(restored.page, application, waiting.callback.href);
    assert.deepEqual([finished.status, finished.error], ["signed-in", undefined]);
  });

  test("J-08 a service worker that keeps every page: the code it has kept is spent, and it has no token", async (t) => {
    const staged = await stage(lab, t, "J-08", { headers: { "content-security-policy": policy["content-security-policy"].replace(/require-trusted-types-for.*/u, "") } });
    const { page, application, realm, canary } = staged;
    lab.handlers[HOSTS.app].files.set(`/${realm.name}/worker.js`, { body: NAIVE_WORKER });
    await page.evaluate(async () => {
      await navigator.serviceWorker.register("worker.js");
      await navigator.serviceWorker.ready;
    });
    const { callback } = await inFlight(staged);
    const report = await lab.open(page, application, callback.href);
    assert.deepEqual([report.status, report.error], ["signed-in", undefined]);
    const { cached } = await storageOf(page);
    assert.ok(Object.keys(cached).includes(callback.href), "it has kept the callback");
    await lab.sweep(page, canary, { allow: { storage: ["code", "state"] } });
    await expectRefused(lab, staged, callback.href, "callback_replayed", "signed-in");
    assert.equal(realm.requests("token").length, 1);
    record(t, "J-08", "A service worker that caches navigations keeps the callback's address with a code that is spent; no token passes through it.");
  });

  test("J-09 the ID token of a sign-out is in the address at the provider, and nowhere in the application", async (t) => {
    const staged = await stage(lab, t, "J-09");
    const { page, application, realm, canary } = staged;
    application.capture = false;
    await expectSignedIn(lab, page, staged);
    const reported = application.next();
    await page.evaluate(() => void setTimeout(() => window.client.signOut()));
    assert.equal((await reported).status, "signed-out");
    const [{ query, headers }] = realm.requests("endSession");
    assert.equal(canary.all.get(query.get("id_token_hint")), "id-token");
    assert.ok(!(headers.referer ?? "").includes("id_token"));
    await until("the page has loaded", () => page.evaluate(() => window.loaded === true).catch(() => false));
    await lab.sweep(page, canary);
    const call = await page.evaluate(() => window.outcome(() => window.client.userInfo()));
    assert.equal(call.error.code, "not_signed_in");
    record(t, "J-09", "Sign-out at the provider is a GET with the ID token as id_token_hint, so the provider's log and the browser's history have it; its session has ended by then.");
  });

  test("J-10 an authorization request says nothing of the user: neither of the one before nor of the page", async (t) => {
    const staged = await stage(lab, t, "J-10");
    const { page, application, realm } = staged;
    const signedIn = await lab.open(page, application, (await inFlight(staged)).callback.href);
    assert.equal(signedIn.status, "signed-in");
    await lab.open(page, application, "orders?customer=ada@example.com");
    const url = new URL(await begin(page, { returnTo: "/people/ada@example.com" }));
    assert.deepEqual([...url.searchParams.keys()].sort(), ["client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "response_type", "scope", "state"]);
    for (const personal of ["ada", realm.subject, "Lovelace"]) assert.ok(!decodeURIComponent(url.search).includes(personal), personal);
    assert.equal(url.searchParams.get("scope"), "openid profile email");
    const hinted = new URL(await begin(page, { loginHint: "ada@example.com" }));
    assert.equal(hinted.searchParams.get("login_hint"), "ada@example.com", "unless the application says so");
  });

  const bounce = errorResponse({ error: "login_required" });
  for (const isolation of ISOLATIONS) {
    test(`J-11 an application that signs in whenever nobody is, and a provider that refuses, vault in ${isolation}: sign_in_loop after five`, async (t) => {
      const made = lab.realm(realmName("J-11"), { options: { isolation } });
      const { application, realm } = made;
      application.automatic = true;
      realm.set(bounce);
      const page = await lab.page(await lab.context(t));
      const report = await lab.open(page, application).catch((error) => {
        if (/interrupted|ERR_ABORTED/u.test(error.message)) return until("it is told", () => application.reports.length).then(() => application.reports.at(-1));
        throw error;
      });
      assert.deepEqual([report.phase, report.error?.code, report.error?.detail], ["signIn", "sign_in_loop", "login_required"]);
      await sleep(QUIET);
      assert.equal(realm.requests("authorize").length, 5);
      assert.equal(realm.requests("token").length, 0);
      await lab.sweep(page, made.canary);
      // Somebody who clicks is let through, and a provider that has come round signs in.
      realm.set();
      const reported = application.next();
      await page.evaluate(() => document.body.append(Object.assign(document.createElement("button"), { textContent: "Sign in", onclick: () => void window.client.signIn() })));
      await page.getByRole("button").click();
      assert.equal((await reported).status, "signed-in");
    });
  }

  test("J-11 an application that signs in without looking whether somebody is: sign_in_loop after twenty", async (t) => {
    const { application, realm } = lab.realm(realmName("J-11"));
    application.automatic = "always";
    const page = await lab.page(await lab.context(t));
    await page.goto(application.page).catch(() => {});
    await until("it is told", () => application.reports.length);
    const [{ phase, error }] = application.reports;
    assert.deepEqual([phase, error?.code, error?.detail], ["signIn", "sign_in_loop", undefined]);
    await sleep(QUIET);
    assert.equal(realm.requests("authorize").length, 20);
  });

  test("J-11 the same application and an honest provider: one redirect", async (t) => {
    const { application, realm } = lab.realm(realmName("J-11"));
    application.automatic = true;
    const page = await lab.page(await lab.context(t));
    await page.goto(application.page).catch(() => {});
    await until("it is told", () => application.reports.length);
    assert.equal(application.reports[0].status, "signed-in");
    assert.equal(realm.requests("authorize").length, 1);
  });

  test("J-12 a scanner opens the authorization request and the callback first: no effect on either side", async (t) => {
    const staged = await stage(lab, t, "J-12");
    const { page, application, realm } = staged;
    const authorization = await begin(page);
    const scanner = { ...staged, page: await lab.page(await lab.context(t)) };
    await expectRefused(lab, scanner, (await callbackFor(realm, authorization)).href, "state_unknown");
    const callback = await callbackFor(realm, authorization);
    await expectRefused(lab, scanner, callback.href, "state_unknown");
    const report = await lab.open(page, application, callback.href);
    assert.deepEqual([report.status, report.error], ["signed-in", undefined]);
  });

  test("J-12 a prefetch of the callback by the application's own page: no effect, and it works afterwards", async (t) => {
    const staged = await stage(lab, t, "J-12");
    const { page, application, realm } = staged;
    const { callback } = await inFlight(staged);
    await page.evaluate((href) => document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", href })), callback.href);
    await page.evaluate((href) => fetch(href).then((answer) => answer.text()), callback.href);
    await sleep(QUIET);
    assert.equal(realm.requests("token").length, 0);
    const report = await lab.open(page, application, callback.href);
    assert.deepEqual([report.status, report.error], ["signed-in", undefined]);
    assert.equal(realm.requests("token").length, 1);
  });
});

/** What a tutorial makes of offline support. */
const NAIVE_WORKER = `
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith((async () => {
    const cache = await caches.open("everything");
    const kept = await cache.match(event.request);
    if (kept) return kept;
    const answer = await fetch(event.request);
    if (event.request.mode === "navigate") await cache.put(event.request, answer.clone());
    return answer;
  })());
});
`;
