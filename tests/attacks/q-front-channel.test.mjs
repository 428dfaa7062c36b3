// ATTACKS group Q, the provider's own sign-out by a frame (OpenID Connect Front-Channel Logout 1.0): forged, repeated, in
// every tab, and in a frame that the browser keeps apart.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { before, test } from "node:test";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { until } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { nobody } from "../hostile/switches/session.mjs";
import { tokens } from "../hostile/switches/tokens.mjs";
import { FRONT_CHANNEL_PAGE, FRAMED, serveFrontChannel, session, withWindows } from "../hostile/windows.mjs";
import { storageOf } from "../support/storage.mjs";

const lab = useLab();
before(() => serveFrontChannel(lab));
const atProvider = lab.handlers[HOSTS.provider];
lab.handlers[HOSTS.provider] = (request) => (request.path === "/signed-out" ? { headers: { "content-type": "text/html" }, body: "<!doctype html><title>Signed out</title>" } : atProvider(request));

/** A page of a host that loads addresses in frames; answers when they have loaded. */
async function framing(context, host, addresses) {
  const page = await context.newPage();
  await page.goto(`${originOf(host)}/signed-out`);
  await page.evaluate(async (urls) => {
    document.body.replaceChildren();
    await Promise.all(urls.map((src) => new Promise((resolve) => {
      document.body.append(Object.assign(document.createElement("iframe"), { src, onload: resolve }));
    })));
  }, addresses);
  return page;
}

const notice = ({ realm }, { iss = realm.issuer, sid = `sid-${realm.name}` } = {}) => `${FRONT_CHANNEL_PAGE}?${new URLSearchParams({ iss, sid })}`;
const call = (page) => page.evaluate(() => window.outcome(() => window.client.userInfo()));

async function signedIn(t, id, { tabs = 1, browser, ...setting } = {}) {
  const made = lab.realm(realmName(id), withWindows(setting));
  const context = await lab.context(t, { browser });
  const pages = [await lab.page(context)];
  await expectSignedIn(lab, pages[0], made);
  while (pages.length < tabs) {
    pages.push(await lab.page(context));
    if (setting.options?.isolation) assert.equal((await lab.attempt(pages.at(-1), made.application)).status, "signed-in");
    else await lab.open(pages.at(-1), made.application);
  }
  return { ...made, context, pages, page: pages[0] };
}

attacks("front-channel logout", () => {
  test("Q-02 notices that are forged, incomplete or repeated, framed by a stranger and by the provider: the session stays", async (t) => {
    const staged = await signedIn(t, "Q-02");
    const { realm, page, context, canary } = staged;
    const other = lab.realm(realmName("Q-02"));
    const [iss, sid] = [encodeURIComponent(realm.issuer), `sid-${realm.name}`];
    const forged = [
      "", "?", `?iss=${iss}`, `?sid=${sid}`, `?iss=${iss}&sid=`, `?iss=&sid=${sid}`, `?iss=${iss}&sid=x`, `?iss=https://evil.test/&sid=${sid}`,
      `?iss=${iss}&sid=${sid}&sid=${sid}`, `?iss=${iss}&iss=${iss}&sid=${sid}`, `?iss=${iss}&sid=x&sid=${sid}`, `?iss[]=${iss}&sid[]=${sid}`, `?iss=${iss}&sid=${sid}%00`, `?iss=${iss}&sid=%20${sid}`,
      `?iss=${encodeURIComponent(realm.issuer.slice(0, -1))}&sid=${sid}`, `?iss=${encodeURIComponent(realm.issuer.replace("op.test", "OP.test"))}&sid=${sid}`, `?iss=${encodeURIComponent(realm.issuer.replace("op.test", "op.test:443"))}&sid=${sid}`,
      `?iss=${encodeURIComponent(other.realm.issuer)}&sid=${sid}`, `?iss=${iss}&sid=sid-${other.realm.name}`, `?iss=${iss}&sid=${sid.toUpperCase()}`, `?ISS=${iss}&SID=${sid}`, `#iss=${iss}&sid=${sid}`, `?iss=${iss}%26sid=${sid}`, `?iss=${iss}&sid=${"x".repeat(100_000)}`, "?iss=undefined&sid=undefined", "?iss=null&sid=null", "?__proto__[iss]=x&sid=__proto__",
    ].map((query) => FRONT_CHANNEL_PAGE + query);
    const sent = realm.log.length;
    for (const host of [HOSTS.evil, HOSTS.provider]) {
      const frames = await framing(context, host, forged);
      await sleep(1_000);
      assert.equal((await session(page)).status, "signed-in", host);
      await frames.close();
    }
    await sleep(QUIET);
    assert.equal(realm.log.length - sent, 0);
    assert.equal((await call(page)).value?.sub, realm.subject);
    await lab.sweep(page, canary, { allow: FRAMED });
    await framing(context, HOSTS.provider, [notice(staged)]);
    await until("the honest one", async () => (await session(page)).status === "signed-out");
  });

  for (const isolation of [undefined, "worker", "page"]) {
    test(`Q-03 the provider's own notice, once, twice, and when nobody is signed in${isolation ? `, vault in ${isolation}` : ""}: signed out in every tab, and nobody is signed in again by a frame`, async (t) => {
      const staged = await signedIn(t, "Q-03", { tabs: 2, ...(isolation && { options: { isolation } }) });
      const { realm, pages, context, application, canary } = staged;
      // The other provider's session on the same origin is not meant.
      const other = lab.realm(realmName("Q-03"), { host: HOSTS.otherProvider });
      const bystander = await lab.page(context);
      await expectSignedIn(lab, bystander, other);
      await framing(context, HOSTS.provider, [notice(staged), notice(staged)]);
      for (const page of pages) {
        await until("signed out", async () => (await session(page)).status === "signed-out");
        assert.ok(["provider_signed_out", ...(isolation ? ["signed_out"] : [])].includes((await session(page)).reason));
        assert.equal((await call(page)).error?.code, "not_signed_in");
      }
      // A refresh token and an access token of each vault.
      await until("the tokens are revoked", () => realm.requests("revocation").length === (isolation ? 4 : 2));
      assert.equal(realm.requests("endSession").length, 0);
      const asked = realm.requests("authorize").length;
      await framing(context, HOSTS.provider, [notice(staged)]);
      const report = await lab.open(pages[0], application);
      assert.deepEqual([report.status, report.error, report.restoreFailure, report.troubles], ["signed-out", undefined, undefined, []]);
      assert.equal(realm.requests("authorize").length, asked);
      assert.deepEqual((await storageOf(pages[0])).localStorage, {});
      assert.equal((await call(bystander)).value?.sub, other.realm.subject);
      await expectSignedIn(lab, pages[0], { realm, application, canary });
    });
  }

  test("Q-04 the browser keeps the provider's frame apart: no tab is reached and none is told so; the next renewal finds out", async (t) => {
    // The driver switches partitioned storage off, in a list of which the last one given counts.
    const browser = await lab.launch(["--disable-features=HttpsUpgrades"]);
    t.after(() => browser.close());
    const staged = await signedIn(t, "Q-04", { browser, base: [tokens((all) => void (all.expires_in = 0))] });
    const { realm, page, context, application, canary } = staged;
    const frames = await framing(context, HOSTS.provider, [notice(staged)]);
    await sleep(QUIET);
    assert.equal((await session(page)).status, "signed-in", "a frame of its own partition");
    assert.equal(await frames.frames()[1].evaluate(() => document.body.textContent.trim()), "", "nothing is said to have happened");
    realm.set(nobody, { tokenAnswer: (answer) => ({ ...answer, status: 400, body: JSON.stringify({ error: "invalid_grant" }) }) });
    assert.equal((await call(page)).error?.code, "invalid_grant");
    const report = await lab.open(page, application);
    assert.deepEqual([report.status, report.reason], ["signed-out", "renewal_refused"]);
    record(t, "Q-04", "where the browser keeps storage and channels of a frame apart by the site at the top, a provider of another site cannot sign out by a frame; the session ends at the next renewal that the provider refuses, or by monitorSession");
    realm.set();
    await expectSignedIn(lab, page, { realm, application, canary });
  });
});
