// ATTACKS group Q, sign-out: from outside, at a provider that does not play along, while something is under way, in every tab.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, test } from "node:test";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { gate, inFlight, until } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { metadata } from "../hostile/switches/answers.mjs";
import { tokens } from "../hostile/switches/tokens.mjs";
import { clickPopup, FRAMED, OPENER, serveFrontChannel, session, silently, withWindows } from "../hostile/windows.mjs";
import { storageOf } from "../support/storage.mjs";

const lab = useLab();
let launched;
/** Playwright switches the back/forward cache off. */
const keeping = () => (launched ??= lab.launch([], { ignoreDefaultArgs: ["--disable-back-forward-cache"] }));
after(async () => (await launched)?.close());

const EVIL = originOf(HOSTS.evil);
const API = `${originOf(HOSTS.api)}/me`;
const call = (page) => page.evaluate(() => window.outcome(() => window.client.userInfo()));
const signOut = (page, options) => page.evaluate((given) => window.outcome(() => window.client.signOut(given)), options);
/** Starts a sign-out that leaves the page. */
const leave = (page, options = {}) => page.evaluate((given) => void setTimeout(() => window.client.signOut(given).catch(() => {})), options);

async function signedIn(t, id, { tabs = 1, browser, ...setting } = {}) {
  const made = lab.realm(realmName(id), setting);
  const context = await lab.context(t, { browser });
  const page = await lab.page(context);
  await expectSignedIn(lab, page, made);
  const pages = [page];
  while (pages.length < tabs) {
    pages.push(await lab.page(context));
    await lab.open(pages.at(-1), made.application);
  }
  return { ...made, context, page, pages };
}

/** Nobody is signed in there, and nothing can be called. */
async function expectSignedOut(page, canary) {
  assert.equal((await session(page)).status, "signed-out");
  assert.equal((await call(page)).error?.code, "not_signed_in");
  assert.equal((await page.evaluate((api) => window.outcome(() => window.client.fetch(api)), API)).error?.code, "not_signed_in");
  await lab.sweep(page, canary, { allow: FRAMED });
}

attacks("sign-out", () => {
  test("Q-01 links, frames, images, forms and prefetches of a stranger, with whatever may sound like signing out: the session stays", async (t) => {
    await serveFrontChannel(lab);
    const staged = await signedIn(t, "Q-01", { headers: OPENER });
    const { page, realm, application, context, canary } = staged;
    const suffixes = ["?logout=1", "?logout", "?destroy_session=true", "?signout=true", "#logout", "logout", "signout", `?post_logout_redirect_uri=${EVIL}`, "?state=x", "?logout_token=x", "?sid=x", `?iss=${realm.issuer}`, "?error=login_required", "?error=interaction_required&state=x"];
    const addresses = [...suffixes.map((suffix) => application.page + suffix), `${originOf(HOSTS.app)}/valetkey/frontchannel.html`, `${originOf(HOSTS.app)}/valetkey/callback.html?logout=1`];
    const stranger = await context.newPage();
    await stranger.goto(EVIL);
    await stranger.evaluate((urls) => {
      for (const url of urls) {
        document.body.append(Object.assign(document.createElement("iframe"), { src: url }), Object.assign(document.createElement("img"), { src: url }));
        document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", href: url }));
        const form = Object.assign(document.createElement("form"), { method: "post", action: url, target: "_blank" });
        document.body.append(form);
      }
      document.forms[0].submit();
      for (const shape of [{ signedOut: "x" }, { providerSignedOut: { iss: "x", sid: "y" } }]) new BroadcastChannel("valetkey").postMessage(shape);
    }, addresses);
    const visitor = await lab.page(context);
    for (const address of suffixes) await visitor.goto(new URL(address, application.page).href);
    await visitor.waitForFunction(() => window.loaded);
    await sleep(QUIET);
    assert.equal((await call(page)).value?.sub, realm.subject);
    assert.equal(realm.requests(["endSession", "revocation"]).length, 0);
    // The twin: the page itself signs out.
    await signOut(page, { local: true });
    await expectSignedOut(page, canary);
  });

  const changed = (state) => ({
    logoutRedirect(url) {
      const to = new URL(url);
      to.searchParams.delete("state");
      for (const one of [state].flat()) if (one !== undefined) to.searchParams.append("state", one);
      return to.href;
    },
  });
  const landings = (id, what, table) =>
    test(`${id} ${what}: signed out, and nowhere else`, async (t) => {
      const { page, realm, application, canary } = await signedIn(t, id);
      const states = [];
      for (const [name, [returnTo, at, ...defects]] of Object.entries(table)) {
        realm.set();
        if (states.length > 0) await lab.attempt(page, application);
        realm.set(...defects.map((defect) => (typeof defect === "function" ? defect(states) : defect)));
        const reported = application.next();
        await leave(page, { returnTo: returnTo.replace("OWN", new URL(application.page).pathname) });
        const report = await reported;
        assert.deepEqual([report.status, report.error, report.troubles], ["signed-out", undefined, []], name);
        await page.waitForFunction(() => window.loaded);
        // What is not ours is left in the address, and means nothing.
        assert.equal(page.url().replace(/\?.*$/u, ""), application.page + at, name);
        states.push(realm.requests("endSession").at(-1).query.get("state"));
      }
      assert.equal(new Set(states).size, states.length);
      realm.set();
      await expectSignedIn(lab, page, { realm, application, canary });
    });
  landings("Q-05", "the return from a sign-out has a state that is wrong, missing or used", {
    "a state of somebody else": ["OWNafter", "", changed("attackers")],
    "none": ["OWNafter", "", changed(undefined)],
    "an empty one": ["OWNafter", "", changed("")],
    "a state that is markup": ["OWNafter", "", changed("<img src=x>")],
    "honest": ["OWNafter", "after"],
    "used": ["OWNafter", "", (states) => changed(states.at(-1))],
  });
  landings("Q-06", "where to be after the sign-out is a place outside the application", {
    "another origin": [`${EVIL}/x`, ""],
    "another origin without a scheme": ["//evil.test/x", ""],
    "a script": ["javascript:troubles.push(1)", ""],
    "backslashes": ["/\\evil.test", ""],
    "honest": ["OWNafter", "after"],
  });

  const PROVIDERS = {
    "answers with 500": { endSessionAnswer: () => ({ status: 500, body: "broken" }) },
    "closes the connection": { endSessionAnswer: () => ({ stream: (outgoing) => outgoing.socket.destroy() }) },
    "never answers": { endSessionAnswer: () => ({ hang: true }) },
    "shows its own page": { endSessionAnswer: () => ({ headers: { "content-type": "text/html" }, body: "<!doctype html><title>Bye</title>" }) },
    "sends the browser to a stranger": { logoutRedirect: () => `${EVIL}/after` },
  };
  test(`Q-07 a provider that does not end its session, ${Object.keys(PROVIDERS).length} ways: signed out here, in every tab`, async (t) => {
    await Promise.all(Object.entries(PROVIDERS).map(async ([how, defect]) => {
      const { pages: [page, other], realm, context, application, canary } = await signedIn(t, "Q-07", { tabs: 2 });
      realm.set(defect);
      await leave(page);
      await until(`${how}: the other tab knows`, async () => (await session(other)).status === "signed-out");
      await until(`${how}: it was asked`, () => realm.requests("endSession").length > 0);
      await expectSignedOut(other, canary);
      const again = await lab.page(context);
      assert.deepEqual([(await lab.open(again, application)).status], ["signed-out"], how);
      await page.close();
    }));
  });

  test("Q-08 signed out while a renewal, a redirect, a popup and a frame are under way: each is given up, and what comes late is dropped", async (t) => {
    const { page, pages, realm, application, canary, context } = await signedIn(t, "Q-08", withWindows({ tabs: 2, base: [tokens((all) => void (all.expires_in = 0))] }));
    application.capture = true;
    const redirecting = await lab.page(context);
    await lab.open(redirecting, application);
    const flight = await inFlight({ page: redirecting, realm });
    const held = gate();
    const through = { tokenAnswer: (answer) => held.pass(answer), authorizeAnswer: (answer) => held.pass(answer) };
    realm.set(through);
    const asked = { token: realm.requests("token").length, authorize: realm.requests("authorize").length };
    const renewal = call(pages[1]);
    const { outcome: popup } = await clickPopup(page);
    const frame = silently(page);
    await until("all are under way", () => realm.requests("token").length > asked.token && realm.requests("authorize").length === asked.authorize + 2);
    await signOut(page, { local: true });
    assert.deepEqual([(await popup).error?.code, (await frame).error?.code], ["superseded", "superseded"]);
    held.open();
    assert.equal((await renewal).error?.code, "superseded");
    await lab.open(redirecting, application, flight.callback.href).then(({ error }) => assert.equal(error?.code, "state_unknown"));
    await sleep(QUIET);
    assert.equal(realm.requests("token").length, asked.token + 1, "no code was sent");
    for (const each of pages) await expectSignedOut(each, canary);
    realm.set();
    application.capture = false;
    await expectSignedIn(lab, page, { realm, application, canary, allow: FRAMED });
  });

  test("Q-09 signed out twice, in two tabs at once, and when nobody is signed in: no error, and the tokens are revoked once", async (t) => {
    const { pages, realm, canary } = await signedIn(t, "Q-09", { tabs: 2 });
    const outcomes = await Promise.all(pages.flatMap((page) => [signOut(page, { local: true }), signOut(page, { local: true })]));
    assert.deepEqual(outcomes.filter(({ error }) => error), []);
    assert.equal((await signOut(pages[0])).error, undefined, "and nobody is sent to the provider");
    assert.deepEqual([realm.requests("revocation").length, realm.requests("endSession").length], [2, 0]);
    for (const page of pages) await expectSignedOut(page, canary);
  });

  const REVOCATIONS = {
    "503": [{ revocationAnswer: (answer) => ({ ...answer, status: 503 }) }],
    "400": [{ revocationAnswer: (answer) => ({ ...answer, status: 400, headers: { ...answer.headers, "content-type": "application/json" }, body: JSON.stringify({ error: "unsupported_token_type" }) }) }],
    "no CORS headers": [{ revocationAnswer: () => ({ status: 200 }), preflightAnswer: (answer, { endpoint }) => (endpoint === "revocation" ? { status: 204 } : answer) }],
    "a redirect to a stranger": [{ revocationAnswer: (answer) => ({ ...answer, status: 307, headers: { ...answer.headers, location: `${EVIL}/revoked` } }) }],
    "no answer": [{ revocationAnswer: (answer) => ({ ...answer, hang: true }) }],
    "no endpoint": [],
    "honest": [],
  };
  test(`Q-10 revocation that fails, ${Object.keys(REVOCATIONS).length - 1} ways: signed out at once, told that the tokens live on, and not held up`, async (t) => {
    await Promise.all(Object.entries(REVOCATIONS).map(async ([how, defects]) => {
      const { page, realm, canary } = await signedIn(t, "Q-10", how === "no endpoint" ? { base: [metadata({ revocation_endpoint: undefined })] } : {});
      realm.set(...defects);
      const began = Date.now();
      const [{ value, error }, early] = await page.evaluate(async () => {
        const ended = new Promise((resolve) => window.client.subscribe(({ status }) => resolve([status, performance.now()])));
        const outcome = await window.outcome(() => window.client.signOut({ local: true }));
        const [status, at] = await ended;
        return [outcome, status === "signed-out" && at < performance.now()];
      });
      assert.deepEqual([error, value?.revoked, early], [undefined, how === "honest", true], how);
      assert.ok(Date.now() - began < 10_000, how);
      await expectSignedOut(page, canary);
      const revoked = realm.requests("revocation").map(({ body }) => canary.all.get(new URLSearchParams(body).get("token")));
      if (how === "honest") assert.deepEqual(revoked, ["refresh", "access"], "the one that is worth more comes first");
    }));
    assert.equal(lab.network.log.filter(({ path }) => path === "/revoked").length, 0);
  });

  test("Q-11 after a renewal the hint is the ID token of this session and this client, and of nobody else's", async (t) => {
    const { page, realm, application, canary } = await signedIn(t, "Q-11", { base: [tokens((all) => void (all.expires_in = 0))] });
    const hinted = async () => {
      const before = realm.requests("endSession").length;
      const reported = application.next();
      await leave(page);
      await reported;
      const { query } = realm.requests("endSession")[before];
      assert.equal(query.get("client_id"), realm.clientId);
      const hint = query.get("id_token_hint");
      assert.equal(canary.all.get(hint), "id-token");
      return hint;
    };
    const latest = () => [...canary.all].filter(([, kind]) => kind === "id-token").at(-1)[0];
    await call(page);
    await call(page);
    assert.equal(await hinted(), latest());
    // A renewal without one: the hint is that of the sign-in.
    realm.set(tokens((all, { renewal }) => { if (renewal) delete all.id_token; }));
    await lab.attempt(page, application);
    const [, redeemed] = [await call(page), latest()];
    const hint = await hinted();
    assert.notEqual(hint, undefined);
    const claims = JSON.parse(Buffer.from(hint.split(".")[1], "base64url"));
    assert.deepEqual([claims.sub, claims.aud, typeof redeemed], [realm.subject, realm.clientId, "string"]);
    realm.subject = "somebody-else";
    realm.set();
    await lab.attempt(page, application);
    assert.equal(JSON.parse(Buffer.from((await hinted()).split(".")[1], "base64url")).sub, "somebody-else");
  });

  test("Q-21 another user after the first one, in one browser: nothing of the first is left", async (t) => {
    const { pages: [page, tab], realm, application, canary } = await signedIn(t, "Q-21", withWindows({ tabs: 2 }));
    const former = realm.subject;
    const formerTokens = [...canary.all].filter(([, kind]) => ["access", "refresh", "id-token"].includes(kind)).map(([token]) => token);
    await signOut(page, { local: true });
    const since = Date.now();
    await sleep(5);
    realm.subject = "somebody-else";
    const { outcome } = await clickPopup(page);
    assert.deepEqual(await outcome, {});
    await until("the other tab knows", async () => (await session(tab)).claims?.sub === "somebody-else");
    for (const each of [page, tab]) {
      const seen = JSON.stringify([await session(each), await call(each), await storageOf(each), await each.evaluate(() => window.client.trace())]);
      assert.ok(!seen.includes(former), seen);
      assert.equal((await each.evaluate((api) => window.client.fetch(api).then(({ status }) => status), API)), 200);
    }
    const sent = lab.network.log.filter(({ at, path }) => at > since && !path.endsWith("/revoke")).map(({ url, headers, body }) => `${url}${JSON.stringify(headers)}${body}`).join("\n");
    assert.deepEqual(formerTokens.filter((token) => sent.includes(token)), []);
    await lab.open(page, application);
    assert.equal((await session(page)).claims.sub, "somebody-else");
    await lab.sweep(tab, canary, { allow: FRAMED });
  });

  for (const isolation of ["shared", "worker", "page"]) {
    test(`Q-22 signed out in one tab, another one is at work, frozen, or kept in the cache, vault in ${isolation}: signed out there at its next use`, async (t) => {
      const made = lab.realm(realmName("Q-22"), { options: { isolation }, headers: { "cache-control": "no-cache" } });
      const { realm, application, canary } = made;
      const context = await lab.context(t, { browser: await keeping() });
      const pages = [];
      for (let tab = 0; tab < 4; tab += 1) {
        const page = await lab.page(context);
        // A vault of its own is signed in by itself.
        if (tab === 0 || isolation !== "shared") assert.equal((await lab.attempt(page, application)).status, "signed-in");
        else assert.equal((await lab.open(page, application)).status, "signed-in");
        pages.push(page);
      }
      const [page, working, freezing, kept] = pages;
      const frozen = await context.newCDPSession(freezing);
      await frozen.send("Page.setWebLifecycleState", { state: "frozen" });
      await kept.addInitScript(() => addEventListener("pageshow", ({ persisted }) => (window.restored = persisted)));
      await kept.evaluate((url) => void setTimeout(() => location.assign(url)), `${realm.issuer}somewhere`);
      await kept.waitForURL((url) => url.host === HOSTS.provider);
      await signOut(page, { local: true });
      await until("the tab at work knows", async () => (await session(working)).status === "signed-out", 5_000);
      await frozen.send("Page.setWebLifecycleState", { state: "active" });
      await until("the frozen tab knows", async () => (await call(freezing)).error?.code === "not_signed_in");
      application.capture = true;
      await kept.evaluate(() => void setTimeout(() => history.back()));
      await kept.waitForFunction(() => window.client !== undefined);
      await until("the kept page knows", async () => (await call(kept)).error?.code === "not_signed_in");
      for (const each of pages) await expectSignedOut(each, canary);
      application.capture = false;
      assert.equal((await lab.attempt(page, application)).status, "signed-in");
    });
  }

  for (const [how, cached] of [["out of the back/forward cache", true], ["loaded anew", false]]) {
    test(`Q-23 back after the sign-out, ${how}: signed out`, async (t) => {
      const browser = cached ? await keeping() : undefined;
      const { page, realm, application, canary } = await signedIn(t, "Q-23", { browser, headers: { "cache-control": cached ? "no-cache" : "no-store" } });
      application.capture = false;
      await lab.open(page, application, "after");
      realm.set({ endSessionAnswer: () => ({ headers: { "content-type": "text/html" }, body: "<!doctype html><title>Bye</title>" }) });
      await page.evaluate(() => {
        window.mark = true;
        addEventListener("pageshow", ({ persisted }) => (window.restored = persisted));
      });
      await leave(page);
      await page.waitForURL((url) => url.host === HOSTS.provider);
      await page.evaluate(() => void setTimeout(() => history.back()));
      await page.waitForFunction(() => window.loaded);
      assert.equal(await page.evaluate(() => window.mark === true), cached, "it is the page that was kept, or it is not");
      await until("it knows", async () => (await session(page)).status === "signed-out");
      await expectSignedOut(page, canary);
    });
  }

  test("Q-24 a page of the origin says on the library's channel that the client has signed out: at most signed out, and nothing goes round", async (t) => {
    const { pages, realm, application, context, canary, page } = await signedIn(t, "Q-24", withWindows({ tabs: 2 }));
    const other = await context.newPage();
    await other.goto(`${originOf(HOSTS.app)}/valetkey/types.d.ts`);
    const sent = realm.log.length;
    const say = (messages) => other.evaluate((all) => { const channel = new BroadcastChannel("valetkey"); for (const message of all) channel.postMessage(message); }, messages);
    // Whoever does not know the client's mark, or the session's ID.
    const strange = ["", "x", null, 1, {}, [], "__proto__", "*"].flatMap((value) => [{ signedOut: value }, { providerSignedOut: value }, { providerSignedOut: { iss: value, sid: value } }, { providerSignedOut: { iss: realm.issuer, sid: value } }, { providerSignedOut: { iss: value, sid: `sid-${realm.name}` } }, { session: { status: "signed-out" } }, { answers: value }]);
    await say(strange);
    for (const target of ["localStorage", "sessionStorage"]) {
      await page.evaluate(([name, key]) => dispatchEvent(new StorageEvent("storage", { key, oldValue: "0", newValue: null, storageArea: window[name] })), [target, `valetkey ${realm.clientId} ${realm.issuer}`]);
    }
    await sleep(1_000);
    assert.equal((await call(page)).value?.sub, realm.subject);
    assert.equal(realm.log.length, sent + 2, "a preflight and UserInfo");
    // Whoever makes the mark out of the issuer and the client ID, as anybody can.
    const tag = await other.evaluate(async (text) => btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 6))).replaceAll("+", "-").replaceAll("/", "_"), `${realm.issuer}\0${realm.clientId}`);
    await say(Array.from({ length: 500 }, () => ({ signedOut: tag })));
    await until("signed out", async () => (await session(page)).status === "signed-out");
    await sleep(QUIET);
    const asked = realm.log.filter(({ endpoint }) => endpoint !== "revocation").length;
    assert.equal(asked, sent + 2, "but for the revocation nothing is asked for, tried again or signed in");
    for (const each of pages) assert.deepEqual([(await session(each)).reason, await each.evaluate(() => window.troubles)], ["signed_out", []]);
    record(t, "Q-24", "a script of the origin can end the session, as it could by signOut() itself: it needs no secret for it. It gets nothing by it, and no request, reload or sign-in follows");
    await expectSignedIn(lab, page, { realm, application, canary });
  });
});
