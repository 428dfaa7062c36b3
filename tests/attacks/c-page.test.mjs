// ATTACKS group C, pages that the browser keeps or makes ahead: the back/forward cache and prerendering. Each test first
// shows that the browser really did it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, test } from "node:test";
import { policy } from "../hostile/app.mjs";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { callbackFor, gate, ISOLATIONS, until } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { FLAGS } from "../support/browser.mjs";

const lab = useLab();
let launched;
/** Playwright switches the cache off. */
const keeping = () => (launched ??= lab.launch([], { ignoreDefaultArgs: ["--disable-back-forward-cache"] }));
after(async () => (await launched)?.close());

/** What a page asks the harness on its way, by path. */
const steps = new Map();
const usual = lab.handlers[HOSTS.app];
lab.handlers[HOSTS.app] = Object.assign(async (request) => (steps.has(request.path) ? { body: await steps.get(request.path)(request) } : usual(request)), { files: usual.files });

/** A page that says no-store is not kept. */
const kept = { headers: { "cache-control": "no-cache" } };
const DOCUMENT = { status: 200, headers: { "content-type": "text/html" }, body: "<!doctype html><title>Sign in here</title>" };

async function open(t, id, setting = {}) {
  const made = lab.realm(realmName(id), { ...kept, ...setting });
  const context = await lab.context(t, { browser: await keeping() });
  const page = await lab.page(context);
  await page.addInitScript(() => addEventListener("pageshow", ({ persisted }) => (window.restored = persisted)));
  return { ...made, context, page };
}

/** Leaves a page for the provider, and comes back by the back button: to the same document, out of the cache. */
async function thereAndBack({ page, realm }, leave, meanwhile = async () => {}) {
  const mark = await page.evaluate(() => (window.mark = Math.random()));
  const before = realm.log.length;
  await leave();
  await page.waitForURL((url) => url.host === HOSTS.provider);
  assert.ok(realm.log.length > before);
  await meanwhile();
  await page.evaluate(() => void setTimeout(() => history.back()));
  await page.waitForFunction((mark) => window.mark === mark && window.restored === true, mark);
}

attacks("kept pages", () => {
  for (const isolation of ISOLATIONS) {
    test(`C-07 back from the provider to the page that started the sign-in, vault in ${isolation}: abandoned, and another one works`, async (t) => {
      const staged = await open(t, "C-07", { options: { isolation } });
      const { page, application, realm } = staged;
      await lab.open(page, application);
      realm.set({ authorizeAnswer: () => DOCUMENT });
      await thereAndBack(staged, () => page.evaluate(() => void setTimeout(async () => (window.abandoned = (await window.outcome(() => window.client.signIn())).error))));
      await page.waitForFunction(() => window.abandoned);
      assert.equal(await page.evaluate(() => window.abandoned.code), "sign_in_abandoned");
      assert.equal(await page.evaluate(() => window.client.session.status), "signed-out");
      realm.set();
      const reported = application.next();
      await page.evaluate(() => void setTimeout(() => window.client.signIn()));
      const report = await reported;
      assert.deepEqual([report.status, report.error, report.userInfo.value?.sub], ["signed-in", undefined, realm.subject]);
      await lab.sweep(page, staged.canary, { allow: { storage: ["state", "nonce"] } });
    });
  }

  const user = (page) => page.evaluate(() => window.client.session.claims?.sub ?? window.client.session.status);
  for (const [what, change, expected] of [
    ["signed out in another tab", (tab) => tab.evaluate(() => window.client.signOut({ local: true })), "signed-out"],
    ["signed in as somebody else in another tab", async (tab, staged) => {
      staged.realm.set();
      staged.realm.subject = "somebody-else";
      await lab.attempt(tab, staged.application);
    }, "somebody-else"],
  ]) {
    test(`C-08 back to a page that was kept while the user ${what}: ${expected}`, async (t) => {
      const staged = await open(t, "C-08");
      const { page, application, realm, context } = staged;
      await expectSignedIn(lab, page, staged);
      const first = await user(page);
      assert.equal(first, realm.subject);
      realm.set({ authorizeAnswer: () => DOCUMENT });
      await page.evaluate(() => {
        window.seen = [];
        window.client.subscribe(({ status, claims }) => window.seen.push(claims?.sub ?? status));
      });
      const leave = () => page.evaluate((url) => void setTimeout(() => location.assign(url)), `${realm.issuer}somewhere`);
      const tab = await lab.page(context);
      await thereAndBack(staged, leave, async () => {
        await lab.open(tab, application);
        await change(tab, staged);
      });
      // Whatever it shows in the first moment: a call is made as whom the vault knows.
      const call = await page.evaluate(() => window.outcome(() => window.client.userInfo()));
      if (expected === "signed-out") assert.equal(call.error?.code, "not_signed_in", JSON.stringify(call));
      else assert.equal(call.value?.sub, expected, JSON.stringify(call));
      await page.waitForFunction((expected) => (window.client.session.claims?.sub ?? window.client.session.status) === expected, expected);
      assert.ok(!(await page.evaluate(() => window.seen)).includes(first), "listeners are told of nobody but the present user");
      await lab.sweep(page, staged.canary);
    });
  }

  test("C-08 back to the page on which the user signed out: signed out", async (t) => {
    const staged = await open(t, "C-08");
    const { page, realm } = staged;
    await expectSignedIn(lab, page, staged);
    realm.set({ endSessionAnswer: () => DOCUMENT });
    await thereAndBack(staged, () => page.evaluate(() => void setTimeout(() => window.client.signOut())));
    assert.equal(await user(page), "signed-out");
    const call = await page.evaluate((api) => window.outcome(() => window.client.fetch(api)), `${originOf(HOSTS.api)}/me`);
    assert.equal(call.error?.code, "not_signed_in");
    await lab.sweep(page, staged.canary);
    record(t, "C-08", "A page that comes back out of the cache asks the vault again; until it answers, the session object that the page shows may be the old one, and every call is refused or made as the present user.");
  });

  for (const isolation of ISOLATIONS) {
    test(`C-17 the callback prerendered by a page of the application, vault in ${isolation}: nothing is sent until it is shown, then once`, async (t) => {
      const { realm, application } = lab.realm(realmName("C-17"), { options: { isolation }, headers: { "content-security-policy": ruled, "cache-control": "no-cache" } });
      const path = new URL(application.page).pathname;
      const { files } = lab.handlers[HOSTS.app];
      files.set(`${path}start`, { body: '<!doctype html><title>Start</title><script type="module" src="start.js"></script>' });
      files.set(`${path}start.js`, { body: STARTS(realm.name) });
      let callback;
      const shown = gate();
      steps.set(`${path}step/callback`, async ({ body }) => (callback = await callbackFor(realm, body)).href);
      steps.set(`${path}step/show`, () => shown.pass(""));
      const reported = application.next();
      await startBare(t, `${application.page}start`);
      const documents = () => lab.network.log.filter(({ url }) => url === callback?.href);
      await until("the callback is prerendered", () => documents().length === 1);
      assert.match(documents()[0].headers["sec-purpose"], /prerender/u);
      await until("its script has run", () => lab.network.log.filter((request) => request.path === `/options/${realm.name}`).length === 2);
      await sleep(QUIET);
      assert.equal(realm.requests("token").length, 0);
      shown.open();
      const report = await reported;
      assert.deepEqual([report.status, report.error, report.troubles], ["signed-in", undefined, []]);
      assert.equal(realm.requests("token").length, 1);
      assert.equal(documents().length, 1, "it was the prerendered page that was shown");
    });
  }
});

/** A page must be allowed to have rules of this kind in itself, and to add them. */
const ruled = policy["content-security-policy"].replace(/require-trusted-types-for.*/u, "").replace("script-src 'self'", "script-src 'self' 'inline-speculation-rules'");

/** Starts a sign-in, has its callback prerendered, and goes there when it is told to. */
const STARTS = (realm) => `
import { createOidcClient } from "/valetkey/index.js";
const { options } = await (await fetch("/options/${realm}")).json();
const step = async (name, body) => (await fetch("step/" + name, { method: "POST", body })).text();
const client = createOidcClient({
  ...options,
  async navigate(authorization) {
    const callback = await step("callback", authorization);
    const rules = Object.assign(document.createElement("script"), { type: "speculationrules" });
    rules.textContent = JSON.stringify({ prerender: [{ urls: [callback], eagerness: "immediate" }] });
    document.head.append(rules);
    await step("show");
    location.assign(callback);
  },
});
await client.ready();
await client.signIn();
`;

/** Chromium by itself: a page that a debugger looks at is never prerendered. */
async function startBare(t, address) {
  const profile = await mkdtemp(join(tmpdir(), "valetkey-bare-"));
  const flags = [...FLAGS, ...lab.network.flags, "--headless=new", `--user-data-dir=${profile}`, address];
  const browser = spawn(process.env.CHROMIUM || "/usr/bin/chromium", flags, { stdio: "ignore", detached: true });
  const ended = new Promise((resolve) => browser.once("exit", resolve));
  t.after(async () => {
    process.kill(-browser.pid);
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });
}
