// ATTACKS group Q, a sign-in that somebody else asks for (OpenID Connect Core §4): another provider, another place to go to,
// another account, in a frame, and again and again.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { callbackFor } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";

const lab = useLab();
const EVIL = originOf(HOSTS.evil);

/** Opens the page that is registered as `initiate_login_uri`; what it does with its URL is noted, and nobody leaves. */
async function initiated(page, application, query, options = {}) {
  application.capture = true;
  await lab.open(page, application, query);
  const { value, error } = await page.evaluate(async (given) => {
    window.asked = [];
    const { refuse, confirm, ...rest } = given;
    if (confirm) rest.confirm = async (request) => (window.asked.push(request), refuse ? false : true);
    window.client.onEvent(() => {});
    // Pending where the page would be left.
    return window.outcome(() => window.client.signInAsInitiated(rest));
  }, options);
  const url = await page.evaluate(() => window.navigated.at(-1));
  return { value, error, url: url && new URL(url), address: page.url(), asked: await page.evaluate(() => window.asked) };
}

/** What was asked of the attacker's hosts, beside the page of its own that a test opens. */
const toStrangers = () => lab.network.log.filter(({ host, path }) => host.endsWith(HOSTS.evil) && !["/", "/favicon.ico"].includes(path)).map(({ url }) => url);

const query = (parameters) => `?${new URLSearchParams(parameters)}`;

attacks("third-party initiated login", () => {
  test("Q-19 an issuer that is unknown, not https, almost ours, repeated or missing: nothing is asked of anybody", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("Q-19"));
    const page = await lab.page(await lab.context(t));
    const { issuer } = realm;
    const variants = [
      "", "?", query({ login_hint: "eve" }), query({ iss: "" }), query({ iss: EVIL }), query({ iss: `${EVIL}/` }), query({ iss: issuer.slice(0, -1) }), query({ iss: issuer.replace("https", "http") }),
      query({ iss: issuer.replace("op.test", "OP.test") }), query({ iss: `${issuer}../x/` }), query({ iss: `${issuer}x` }), query({ iss: `${issuer} ` }), query({ iss: `${issuer}?x` }), query({ iss: issuer.replace("op.test", "op.test.evil.test") }),
      query({ iss: issuer.replace("//op", "//evil.test@op") }), `?iss=${encodeURIComponent(issuer)}&iss=${encodeURIComponent(issuer)}`, `?iss=${encodeURIComponent(EVIL)}&iss=${encodeURIComponent(issuer)}`,
      `?iss=${encodeURIComponent(issuer)}&iss=${encodeURIComponent(EVIL)}`, `?iss[]=${encodeURIComponent(issuer)}`, `?ISS=${encodeURIComponent(issuer)}`, `#iss=${encodeURIComponent(issuer)}`, query({ iss: "javascript:alert(1)" }),
    ];
    for (const variant of variants) {
      const { value, error, url } = await initiated(page, application, variant.replace("?", "?variant&"));
      assert.deepEqual([value, error, url], [false, undefined, undefined], variant);
    }
    await sleep(QUIET);
    assert.deepEqual(toStrangers(), []);
    assert.equal(realm.requests("authorize").length, 0);
    const honest = await initiated(page, application, query({ iss: issuer, target_link_uri: `${application.page}orders?open=1#last`, unknown: "ignored" }));
    assert.deepEqual([honest.error, honest.url?.origin, honest.address], [undefined, originOf(HOSTS.provider), application.page]);
    const reported = application.next();
    application.capture = false;
    await page.evaluate(() => void setTimeout(() => location.assign(window.navigated.at(-1))));
    assert.equal((await reported).status, "signed-in");
    await page.waitForFunction(() => window.loaded);
    assert.equal(page.url(), `${application.page}orders?open=1#last`);
    await lab.sweep(page, canary);
  });

  test("Q-19 a target outside the application, or one that asks for the next sign-in: the application's own start", async (t) => {
    const { realm, application } = lab.realm(realmName("Q-19"));
    const page = await lab.page(await lab.context(t));
    const origin = originOf(HOSTS.app);
    const own = query({ iss: realm.issuer });
    const targets = [EVIL, `${EVIL}/x`, "//evil.test/x", `${origin}@evil.test/`, `${origin}.evil.test/`, "http://app.test/x", "https://app.test:444/x", `${origin}//evil.test/x`, `${origin}/\\evil.test`, "javascript:troubles.push(1)", "data:text/html,x", "blob:https://app.test/x", "/relative", "", " ", `${application.page}${own}`, `${application.page}${own}&target_link_uri=${encodeURIComponent(application.page + own)}`];
    for (const target of targets) {
      const { error, url } = await initiated(page, application, query({ iss: realm.issuer, target_link_uri: target }));
      assert.equal(error, undefined, target);
      const reported = application.next();
      await page.evaluate((to) => void setTimeout(() => location.assign(to)), url.href);
      assert.equal((await reported).status, "signed-in", target);
      await page.waitForFunction(() => window.loaded);
      const { origin: at, pathname, search } = new URL(page.url());
      assert.ok(at === origin && !pathname.startsWith("//") && !pathname.includes("evil") && search === "", `${target}: ${page.url()}`);
      assert.deepEqual(await page.evaluate(() => window.troubles), []);
    }
    assert.deepEqual(toStrangers(), []);
  });

  test("Q-19 the initiating page frames the application: framed_by_stranger, and nobody is asked", async (t) => {
    const made = lab.realm(realmName("Q-19"), { headers: { "content-security-policy": "" } });
    const context = await lab.context(t);
    const stranger = await context.newPage();
    await stranger.goto(EVIL);
    const reported = made.application.next();
    made.application.capture = true;
    await stranger.evaluate((src) => { document.body.append(Object.assign(document.createElement("iframe"), { src })); }, made.application.page + query({ iss: made.realm.issuer }));
    await reported;
    const { error } = await stranger.frames()[1].evaluate(() => window.outcome(() => window.client.signInAsInitiated()));
    assert.equal(error?.code, "framed_by_stranger");
    await sleep(QUIET);
    assert.equal(made.realm.requests(["authorize", "token"]).length, 0);
    const { url } = await initiated(await lab.page(context), made.application, query({ iss: made.realm.issuer }));
    assert.equal(url.origin, originOf(HOSTS.provider));
  });

  test("Q-19 a page at a path like a host, initiated: it goes to the provider like any other", async (t) => {
    const { realm, application } = lab.realm(realmName("Q-19"));
    const page = await lab.page(await lab.context(t));
    application.capture = true;
    await lab.open(page, application);
    const outcome = await page.evaluate(async (search) => {
      history.replaceState(null, "", `${location.origin}//evil.test/x${search}`);
      return [await window.outcome(() => window.client.signInAsInitiated()), location.href];
    }, query({ iss: realm.issuer }));
    assert.deepEqual([outcome[0].error, outcome[0].value, outcome[1]], [undefined, true, `${originOf(HOSTS.app)}//evil.test/x`]);
  });

  test("Q-19 the provider's own answer, which names its issuer, too: no initiation, and the sign-in is finished", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("Q-19"));
    const page = await lab.page(await lab.context(t));
    application.capture = true;
    await lab.open(page, application);
    for (const refusal of [undefined, "access_denied"]) {
      await page.evaluate(() => window.client.signIn());
      const callback = await callbackFor(realm, await page.evaluate(() => window.navigated.at(-1)));
      if (refusal) {
        callback.searchParams.delete("code");
        callback.searchParams.set("error", refusal);
      }
      // An application that looks for an initiation before it asks who is signed in.
      const [initiated, left, { status, error }] = await page.evaluate(async ([address, options]) => {
        history.replaceState(null, "", address);
        const client = window.createOidcClient(options);
        const initiated = await client.signInAsInitiated();
        return [initiated, window.navigated.length, window.plainSession(await client.ready())];
      }, [callback.href, application.options]);
      assert.deepEqual([initiated, left, status, error?.code], [false, refusal ? 2 : 1, "signed-in", refusal]);
    }
    await lab.sweep(page, canary, { allow: { globals: ["state", "nonce"], entries: ["state", "code"] } });
  });

  test("Q-19 initiated thirty times in a row by a page that never stops: it ends", async (t) => {
    const { realm, application } = lab.realm(realmName("Q-19"));
    const page = await lab.page(await lab.context(t));
    application.capture = true;
    await lab.open(page, application);
    await page.exposeFunction("answerOf", async (url) => (await callbackFor(realm, url)).href);
    const { ended, rounds } = await page.evaluate(async ([search, options]) => {
      // Nobody clicks: what starts it is the initiating page alone.
      navigator.userActivation.isActive = false;
      const start = location.pathname;
      for (let rounds = 1; rounds <= 30; rounds += 1) {
        history.replaceState(null, "", start + search);
        const { error } = await window.outcome(() => window.client.signInAsInitiated());
        if (error) return { ended: error.code, rounds };
        history.replaceState(null, "", await window.answerOf(window.navigated.at(-1)));
        await window.createOidcClient(options).ready();
      }
      return { ended: "never" };
    }, [query({ iss: realm.issuer }), application.options]);
    assert.equal(ended, "sign_in_loop");
    assert.ok(rounds <= 22, `${rounds} rounds`);
    assert.equal(await page.evaluate(() => window.client.session.status), "signed-in");
  });

  test("Q-20 a stranger proposes an account: not passed on unless the application says so, and the application may ask first", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("Q-20"));
    const page = await lab.page(await lab.context(t));
    const asking = query({ iss: realm.issuer, login_hint: "eve@evil.test", target_link_uri: `${application.page}orders`, prompt: "none", acr_values: "weak", redirect_uri: EVIL, state: "attackers", client_id: "attackers" });
    const plain = await initiated(page, application, asking);
    for (const name of ["login_hint", "prompt", "acr_values"]) assert.equal(plain.url.searchParams.get(name), null, name);
    assert.deepEqual(["redirect_uri", "client_id"].map((name) => plain.url.searchParams.getAll(name)), [[application.page], [realm.clientId]]);
    assert.notEqual(plain.url.searchParams.get("state"), "attackers");
    const hinted = await initiated(page, application, asking, { loginHint: true });
    assert.equal(hinted.url.searchParams.get("login_hint"), "eve@evil.test");
    const refused = await initiated(page, application, asking, { confirm: true, refuse: true, loginHint: true });
    assert.deepEqual([refused.value, refused.url, refused.asked], [false, undefined, [{ returnTo: new URL(`${application.page}orders`).pathname, loginHint: "eve@evil.test" }]]);
    const confirmed = await initiated(page, application, asking, { confirm: true });
    assert.equal(confirmed.url.origin, originOf(HOSTS.provider));
    for (const hint of ["a&prompt=none", "a b\r\nx", "\u202Eeve", "<img>", "&redirect_uri=https://evil.test"]) {
      const { url } = await initiated(page, application, query({ iss: realm.issuer, login_hint: hint }), { loginHint: true });
      assert.deepEqual([url.searchParams.getAll("login_hint"), url.searchParams.getAll("prompt"), url.searchParams.getAll("redirect_uri")], [[hint], [], [application.page]]);
    }
    for (const hint of [`?iss=${encodeURIComponent(realm.issuer)}&login_hint=a&login_hint=b`]) assert.equal((await initiated(page, application, hint, { loginHint: true })).url.searchParams.get("login_hint"), null);
    assert.equal(realm.requests("authorize").length, 0);
    application.capture = false;
    await expectSignedIn(lab, page, { realm, application, canary, allow: { storage: ["state", "nonce"] } });
    record(t, "Q-20", "any page may ask for a sign-in at the provider that is configured (Core §4): the account it proposes is passed on only where the application wants it, who signs in is for the provider and the user, and `confirm` lets the application ask first");
  });
});
