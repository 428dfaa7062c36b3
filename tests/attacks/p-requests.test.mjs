// ATTACKS group P: pushed requests that fail or are exchanged, demands for a stronger sign-in, grants that are not what was
// asked for, and tokens for several resources.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accepted, attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { begin, callbackFor, expectRefused, stage, until } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { apiUrl, ask, call, callsOf } from "../hostile/resource.mjs";
import { refusedInTurn } from "../hostile/series.mjs";
import { par, parAnswer, parError, pushed } from "../hostile/switches/par.mjs";
import { invalidTarget, moreScope } from "../hostile/switches/resources.mjs";
import { challenge, stepUp } from "../hostile/switches/step-up.mjs";
import { claim, tokens } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const PAR = [par()];
const pushes = (realm) => realm.requests("par").length;
const authorizations = (realm) => realm.requests("authorize").length;
const requestUriOf = (url) => new URL(url).searchParams.get("request_uri");
const session = (page) => page.evaluate(() => window.plainSession(window.client.session));
const demands = (page) => page.evaluate(() => window.demands);

attacks("pushed requests", () => {
  for (const [who, setting] of Object.entries({
    "the provider requires": { base: PAR },
    "the application requires": { base: [par({ required: false })], options: { par: "required" } },
  })) {
    // RFC 9126 §5: whatever is wrong with the push, the browser does not go there with everything in the URL instead.
    refusedInTurn(lab, "P-01", `a push that fails, where ${who} it`, {
      "500": ["server_unavailable", parAnswer({ status: 500, body: "oops" })],
      "503": ["server_unavailable", parAnswer({ status: 503, body: "" })],
      "400 invalid_request": ["invalid_request", parError("invalid_request")],
      "401 invalid_client": ["invalid_client", parError("invalid_client", 401)],
      "400 of no form": ["par_response_invalid", parAnswer({ status: 400, body: "no" })],
      "404": ["par_response_invalid", parAnswer({ status: 404, body: "", headers: { "content-type": "text/html" } })],
      "no connection": ["provider_unreachable", parAnswer({ stream: (outgoing) => outgoing.socket.destroy() })],
    }, { at: "start", setting });
  }

  const foreign = { status: 201, headers: { "content-type": "text/html" } };
  refusedInTurn(lab, "P-02", "an answer to a push that is none", {
    "200": ["par_response_invalid", parAnswer({ status: 200 })],
    "202": ["par_response_invalid", parAnswer({ status: 202 })],
    "no request_uri": ["par_response_invalid", pushed({ request_uri: undefined })],
    "an empty one": ["par_response_invalid", pushed({ request_uri: "" })],
    "a number": ["par_response_invalid", pushed({ request_uri: 1 })],
    "a script": ["par_response_invalid", pushed({ request_uri: "javascript:alert(1)" })],
    "a document elsewhere": ["par_response_invalid", pushed({ request_uri: "https://evil.test/request.jwt" })],
    "a document at the provider": ["par_response_invalid", pushed((_, { realm }) => ({ request_uri: `${realm.issuer}request.jwt` }))],
    "one with further parameters": ["par_response_invalid", pushed({ request_uri: "urn:x y" })],
    "10 KB": ["par_response_invalid", pushed({ request_uri: `urn:${"x".repeat(10_000)}` })],
    "not ASCII": ["par_response_invalid", pushed({ request_uri: "urn:\u{fc}" })],
    "no lifetime": ["par_response_invalid", pushed({ expires_in: undefined })],
    "a lifetime of 0": ["par_response_invalid", pushed({ expires_in: 0 })],
    "a lifetime of -1": ["par_response_invalid", pushed({ expires_in: -1 })],
    "a lifetime in a string": ["par_response_invalid", pushed({ expires_in: "60" })],
    "HTML": ["content_type_mismatch", parAnswer(foreign)],
    "no JSON": ["json_malformed", parAnswer({ body: "no" })],
    "an array": ["json_not_an_object", parAnswer({ body: "[]" })],
    "request_uri twice": ["json_duplicate_member", parAnswer(({ body }) => ({ body: body.replace("{", '{"request_uri":"urn:other",') }))],
  }, { at: "start", setting: { base: PAR } });
  accepted(lab, "P-02", "a handle with characters that a URL would read otherwise", {
    setting: { base: PAR },
    check({ realm }) {
      assert.deepEqual([...realm.requests("authorize")[0].query.keys()], ["client_id", "request_uri"]);
    },
  });
  test("P-02 a handle that would be another parameter, were it not encoded", async (t) => {
    const staged = await stage(lab, t, "P-02", { base: PAR });
    staged.realm.set(pushed({ request_uri: "urn:x&prompt=none&redirect_uri=https://evil.test/#f" }));
    const url = new URL(await begin(staged.page));
    assert.deepEqual([...url.searchParams.keys(), url.hash], ["client_id", "request_uri", ""]);
  });

  test("P-03 a double click, two tabs, back to the page and on again: a push for each, and no handle twice", async (t) => {
    const staged = await stage(lab, t, "P-03", { base: PAR });
    const { page, context, realm, application } = staged;
    const both = await page.evaluate(async () => {
      await Promise.all([window.client.signIn(), window.client.signIn()]);
      return window.navigated;
    });
    const other = await lab.page(context);
    await lab.open(other, application);
    const urls = [...both, await begin(other), await begin(page)];
    assert.equal(new Set(urls.map(requestUriOf)).size, 4);
    assert.equal(pushes(realm), 4);
    application.capture = false;
    await lab.open(page, application);
    const start = () => lab.attempt(page, application);
    await start();
    await page.goBack();
    await start();
    const used = realm.requests("authorize").map(({ query }) => query.get("request_uri"));
    assert.ok(used.length >= 2);
    assert.equal(new Set(used).size, used.length);
    assert.equal((await session(page)).status, "signed-in");
  });

  test("P-04 a handle whose time is over when the browser gets there: the next attempt has one of its own", async (t) => {
    const staged = await stage(lab, t, "P-04", { base: PAR });
    const { page, realm, application, canary } = staged;
    const late = await begin(page);
    // Somebody was faster, or the minute is over: at the provider it stands for nothing.
    await callbackFor(realm, late);
    await page.goto(late).catch(() => {});
    assert.match(await page.evaluate(() => document.body.textContent), /no such request_uri/u);
    application.capture = false;
    await expectSignedIn(lab, page, { realm, application, canary, allow: { storage: ["state", "nonce", "verifier"] } });
    assert.equal(realm.requests("authorize").at(-1).query.get("request_uri") === requestUriOf(late), false);
  });

  test("P-05 the handle of an attacker's own request in the victim's address: nothing of it becomes a session", async (t) => {
    const staged = await stage(lab, t, "P-05", { base: PAR });
    const { page, realm, application } = staged;
    const mine = await begin(page);
    const state = new URLSearchParams(realm.requests("par").at(-1).body).get("state");
    const push = (changes) => {
      const form = { client_id: realm.clientId, redirect_uri: application.page, response_type: "code", scope: "openid", state: "attackers", nonce: "attackers", code_challenge: "a".repeat(43), code_challenge_method: "S256", ...changes };
      return ask(realm, "par", form).then(({ body }) => body.request_uri);
    };
    const swapped = async (changes) => {
      const url = new URL(mine);
      url.searchParams.set("request_uri", await push(changes));
      return callbackFor(realm, url);
    };
    await expectRefused(lab, staged, (await swapped({})).href, undefined);
    // The worst case: the attacker knows the state, and the provider does not look at the verifier.
    realm.set({ ignoresVerifier: () => true });
    const report = await lab.open(page, application, (await swapped({ state })).href);
    assert.equal(report.error?.code, "nonce_mismatch", JSON.stringify(report));
    await sleep(QUIET);
    assert.equal(realm.requests("userInfo").length, 0);
    realm.set();
    application.capture = false;
    // The attacker's own state and nonce are one word, and stand in the history.
    await expectSignedIn(lab, page, { ...staged, allow: { entries: ["code", "state", "nonce"] } });
  });
  test("P-05 the same at a provider that looks at the verifier: invalid_grant", async (t) => {
    const staged = await stage(lab, t, "P-05", { base: PAR });
    const { page, realm, application } = staged;
    const mine = new URL(await begin(page));
    const { state, nonce, ...rest } = Object.fromEntries(new URLSearchParams(realm.requests("par").at(-1).body));
    const { body } = await ask(realm, "par", { ...rest, state, nonce, code_challenge: "b".repeat(43) });
    mine.searchParams.set("request_uri", body.request_uri);
    const report = await lab.open(page, application, (await callbackFor(realm, mine)).href);
    assert.equal(report.error?.code, "invalid_grant", JSON.stringify(report));
  });

  for (const [what, base] of Object.entries({ "as it is": [], "with a query of its own": [{ metadata: (all) => ({ ...all, authorization_endpoint: `${all.authorization_endpoint}?tenant=1` }) }] })) {
    test(`P-06 nothing beside client_id and request_uri goes through the browser, at an endpoint ${what}`, async (t) => {
      const staged = await stage(lab, t, "P-06", { base: [...PAR, ...base], options: { responseMode: "query", resources: [{ url: `${originOf(HOSTS.api)}/`, resource: "urn:api", scope: "read" }] } });
      const options = { prompt: "login", maxAge: 60, acrValues: "urn:x", loginHint: "ada@example.com", uiLocales: "de", claims: { id_token: { email: null } }, authorizationDetails: [{ type: "payment", to: "secret" }], extraParams: { tenant2: "x" } };
      const url = new URL(await begin(staged.page, options));
      assert.deepEqual([...url.searchParams.keys()], [...(base.length > 0 ? ["tenant"] : []), "client_id", "request_uri"]);
      const form = new URLSearchParams(staged.realm.requests("par")[0].body);
      for (const name of ["state", "nonce", "code_challenge", "login_hint", "claims", "authorization_details", "tenant2", "resource", "acr_values", "max_age"]) assert.ok(form.has(name), name);
      assert.equal(form.has("request_uri"), false);
    });
  }

  refusedInTurn(lab, "P-07", "a push that is redirected to another origin", Object.fromEntries([301, 302, 303, 307, 308].map((status) => [status, ["redirect_refused", parAnswer({ status, body: "", headers: { location: "https://evil.test/pushed" } })]])), {
    at: "start",
    setting: { base: PAR },
  });
  test("P-07 and nothing of it has arrived there", async (t) => {
    const staged = await stage(lab, t, "P-07", { base: PAR });
    staged.realm.set(parAnswer({ status: 307, body: "", headers: { location: "https://evil.test/pushed-here" } }));
    const { error } = await staged.page.evaluate(() => window.outcome(() => window.client.signIn()));
    assert.equal(error.code, "redirect_refused");
    await sleep(500);
    const sent = lab.network.log.filter(({ host, path, body }) => host === HOSTS.evil && path === "/pushed-here" && body !== "");
    assert.deepEqual(sent, []);
  });

  refusedInTurn(lab, "P-08", "a push that is refused for now: one request for an attempt, and none by itself", {
    "429": ["server_unavailable", parAnswer({ status: 429, body: "{}", headers: { "retry-after": "1", "access-control-expose-headers": "Retry-After" } })],
    "429 for ever": ["server_unavailable", parAnswer({ status: 429, body: "", headers: { "retry-after": "1000000000" } })],
    "413": ["par_response_invalid", parAnswer({ status: 413, body: "" })],
    "405": ["par_response_invalid", parAnswer({ status: 405, body: "" })],
  }, {
    at: "start",
    setting: { base: PAR },
    check({ realm }) {
      realm.tried = (realm.tried ?? 0) + 1;
      assert.equal(pushes(realm), realm.tried);
    },
  });
});

/** Signed in, with an API whose path `strong` wants more. */
async function strongSession(t, id, { policy = "redirect", ...setting } = {}) {
  const made = lab.realm(realmName(id), { ...setting, ...(policy !== "none" && { stepUp: policy }) });
  const page = await lab.page(await lab.context(t));
  const report = await lab.attempt(page, made.application);
  assert.equal(report.status, "signed-in", JSON.stringify(report));
  return { ...made, page };
}

/** Calls the API, follows the page wherever the step-up leads it, and answers what the application reports then. */
async function steppedUp({ page, application }, url) {
  const reported = application.next();
  page.evaluate((given) => void window.client.fetch(given).catch(() => {}), url).catch(() => {});
  const report = await reported;
  await page.waitForFunction(() => window.loaded);
  return report;
}

const strong = (realm) => apiUrl(realm, "strong");
const resume = (page) => page.evaluate(() => window.outcome(async () => (await window.client.resume())?.status));
const INSUFFICIENT = 'Bearer error="insufficient_user_authentication"';

attacks("demands of APIs", () => {
  test("P-09 a demand by who is not listed: nothing was sent there, and nobody is asked", async (t) => {
    const { page, realm } = await strongSession(t, "P-09");
    lab.handlers["xapi.test"] = () => ({ status: 401, headers: { "access-control-allow-origin": "*", "www-authenticate": `${INSUFFICIENT}, acr_values="urn:evil"`, "access-control-expose-headers": "WWW-Authenticate" }, body: "{}" });
    const before = authorizations(realm);
    for (const url of ["https://evil.test/strong", "https://xapi.test/strong", "https://api.test.evil.test/strong"]) assert.equal((await call(page, url)).error?.code, "resource_not_listed");
    await sleep(500);
    assert.deepEqual([await demands(page), authorizations(realm) - before], [[], 0]);
    assert.ok(!lab.network.log.some(({ host, headers }) => [HOSTS.evil, "xapi.test", "api.test.evil.test"].includes(host) && headers.authorization && realm.tokenRecord(headers.authorization.split(" ")[1])));
  });
  for (const [what, policy] of [["without the option stepUp", "none"], ["where the application refuses", "refuse"]]) {
    test(`P-09 a demand by a listed API, ${what}: passed on, and the page stays`, async (t) => {
      const { page, realm } = await strongSession(t, "P-09", { policy, base: [stepUp()] });
      const before = authorizations(realm);
      assert.deepEqual(await call(page, strong(realm)), { value: 401 });
      await sleep(QUIET);
      assert.deepEqual([authorizations(realm) - before, callsOf(lab, realm).length, (await demands(page)).length], [0, 1, policy === "none" ? 0 : 1]);
      assert.equal((await session(page)).status, "signed-in");
    });
  }
  test("P-09 the twin: by redirect the API is content, and the call is sent once more", async (t) => {
    const made = await strongSession(t, "P-09", { base: [stepUp()] });
    const report = await steppedUp(made, strong(made.realm));
    assert.deepEqual([report.status, report.claims.acr], ["signed-in", "urn:strong"]);
    assert.deepEqual(await resume(made.page), { value: 200 });
    assert.deepEqual(await resume(made.page), { value: undefined });
    await lab.sweep(made.page, made.canary);
  });

  test("P-10 an API that is never content: one sign-in for a call, and its answer is passed on", async (t) => {
    const made = await strongSession(t, "P-10", { base: [stepUp(), challenge(`${INSUFFICIENT}, max_age="60"`)] });
    const { page, realm } = made;
    const before = authorizations(realm);
    const report = await steppedUp(made, strong(realm));
    assert.equal(report.status, "signed-in");
    assert.deepEqual(await resume(page), { value: 401 });
    await sleep(QUIET);
    assert.deepEqual([authorizations(realm) - before, callsOf(lab, realm).length], [1, 2]);
    assert.equal((await session(page)).status, "signed-in");
  });

  /** The challenge's parameters, and what the request to the provider asks for then; nothing: there is no demand. */
  const INJECTIONS = {
    'acr_values="x&prompt=none"': { acr_values: "x&prompt=none" },
    'acr_values="x#y?z=%26"': { acr_values: "x#y?z=%26" },
    'acr_values="a\\"b"': { acr_values: 'a"b' },
    'acr_values="urn:a urn:b"': { acr_values: "urn:a urn:b" },
    'acr_values=""': { max_age: "0" },
    [`acr_values="${"x".repeat(10_000)}"`]: undefined,
    'acr_values="n\u{f6}n"': { max_age: "0" },
    'acr_values="a", acr_values="b"': undefined,
    'acr_values="a': undefined,
    "max_age=60": { max_age: "60" },
    'max_age="60"': { max_age: "60" },
    'max_age="0"': { max_age: "0" },
    'max_age="-1"': { max_age: "0" },
    'max_age="1.5"': { max_age: "0" },
    'max_age="1e9"': { max_age: "0" },
    'max_age="99999999999999999999"': { max_age: "0" },
    'max_age="abc"': { max_age: "0" },
    'redirect_uri="https://evil.test/", client_id="other", scope="admin", state="x", claims="{}"': { max_age: "0" },
  };
  test(`P-11 parameters that are none, and such that would become others, ${Object.keys(INJECTIONS).length} ways: encoded or left out`, async (t) => {
    const { page, realm, application } = await strongSession(t, "P-11");
    application.capture = true;
    await lab.open(page, application);
    for (const [parameters, asked] of Object.entries(INJECTIONS)) {
      realm.set(challenge(`${INSUFFICIENT}, ${parameters}`));
      const departures = await page.evaluate(() => window.navigated.length);
      assert.deepEqual(await call(page, strong(realm)), { value: 401 }, parameters.slice(0, 80));
      const url = await page.evaluate((from) => window.navigated[from], departures);
      if (!asked) {
        assert.equal(url, undefined, parameters.slice(0, 80));
        continue;
      }
      const query = new URL(url).searchParams;
      const changed = Object.fromEntries(["acr_values", "max_age", "prompt"].flatMap((name) => (query.has(name) ? [[name, query.get(name)]] : [])));
      assert.deepEqual(changed, asked, parameters);
      assert.deepEqual([query.get("client_id"), query.get("redirect_uri"), query.get("scope"), query.getAll("state").length], [realm.clientId, application.page, "openid profile email", 1]);
    }
  });

  for (const [what, defect, code] of [
    ["comes back as weak as before", claim("acr", "urn:weak"), "acr_not_met"],
    ["comes back without saying how", claim("acr", undefined), "acr_not_met"],
    ["comes back as somebody else", { prepare: (realm) => (realm.subject = "somebody-else") }, "user_changed"],
  ]) {
    test(`P-12 who should sign in more strongly ${what}: ${code}, and the session is what it was`, async (t) => {
      const made = await strongSession(t, "P-12", { base: [stepUp()] });
      const { page, realm } = made;
      const { claims } = await session(page);
      if (defect.prepare) defect.prepare(realm);
      else realm.set(defect);
      const report = await steppedUp(made, strong(realm));
      assert.deepEqual([report.status, report.error?.code, report.claims?.sub], ["signed-in", code, claims.sub], JSON.stringify(report));
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
      if (code === "user_changed") {
        await until("the other's tokens are revoked", () => realm.requests("revocation").length >= 2);
      }
    });
  }
});

attacks("grants", () => {
  const ASKED = [{ type: "payment", amount: "1" }, { type: "account", actions: ["read"] }];
  const granted = (details) => tokens((all) => void (all.authorization_details = details));
  const GRANTS = {
    "what was asked for": ASKED,
    "fewer": ASKED.slice(1),
    "none": [],
    "more": [...ASKED, { type: "admin" }],
    "in another order": [...ASKED].reverse(),
    "of another type": [{ type: "something-else", "__proto__x": 1 }],
    "with other values": [{ type: "payment", amount: "1000000" }, ASKED[1]],
  };
  test(`P-13 authorization details that are granted otherwise, ${Object.keys(GRANTS).length} ways: the application sees what was granted`, async (t) => {
    const { realm, application, canary } = lab.realm(realmName("P-13"), { signIn: { authorizationDetails: ASKED } });
    const page = await lab.sharedPage(t);
    for (const [what, details] of Object.entries(GRANTS)) {
      realm.set(granted(details));
      const report = await expectSignedIn(lab, page, { realm, application, canary });
      assert.deepEqual(report.authorizationDetails, details, what);
    }
    assert.deepEqual(JSON.parse(realm.authorization.authorization_details), ASKED);
    realm.set();
    assert.equal((await expectSignedIn(lab, page, { realm, application, canary })).authorizationDetails, undefined, "nothing is made up");
  });
  test("P-13 members that are named after prototypes, in what was granted: members like any other", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("P-13"));
    const page = await lab.page(await lab.context(t));
    realm.set({ tokensText: (text) => text.replace("{", '{"authorization_details":[{"type":"x","__proto__":{"polluted":"yes"},"toJSON":"x","then":"x"}],') });
    await expectSignedIn(lab, page, { realm, application, canary });
    const seen = await page.evaluate(() => {
      const [detail] = window.client.session.authorizationDetails;
      return { polluted: [{}.polluted, detail.polluted], own: Object.hasOwn(detail, "__proto__"), then: typeof detail.then };
    });
    assert.deepEqual(seen, { polluted: [undefined, undefined], own: true, then: "string" });
  });
  refusedInTurn(lab, "P-13", "a grant that is no list", {
    "an object": ["member_invalid", granted({ type: "payment" })],
    "a string": ["member_invalid", granted("payment")],
  }, { setting: { signIn: { authorizationDetails: ASKED } } });

  const at = (resource, more = {}) => ({ resources: [{ url: `${originOf(HOSTS.api)}/`, resource, ...more }] });
  for (const [what, options, code] of [
    ["a relative resource", at("accounts"), "resource_invalid"],
    ["a resource with a fragment", at("https://api.test/#f"), "resource_invalid"],
    ["a resource with a space", at("https://api.test/ x"), "resource_invalid"],
    ["an empty resource", at(""), "resource_invalid"],
    ["a scope that is none", at("urn:api", { scope: 'a"b' }), "scope_invalid"],
    ["a member that nobody knows", at("urn:api", { resorce: "x" }), "option_unknown"],
  ]) {
    test(`P-14 ${what}: ${code}, and nobody is sent anywhere`, async (t) => {
      const { realm, application } = lab.realm(realmName("P-14"), { options });
      const page = await lab.sharedPage(t);
      const report = await lab.attempt(page, application);
      assert.equal(report.error?.code, code, JSON.stringify(report));
      assert.deepEqual(realm.log.filter(({ endpoint }) => endpoint !== "discovery"), []);
    });
  }
  test("P-14 invalid_target for one API: its calls fail, the others go on, and there is no storm", async (t) => {
    const [main, other] = [HOSTS.api, HOSTS.otherApi].map((host) => `${originOf(host)}/`);
    const base = [{ keepsRefreshTokens: () => true }];
    const { realm, application } = lab.realm(realmName("P-14"), { base, options: { resources: [{ url: main, resource: main }, { url: other, resource: other }] } });
    const page = await lab.page(await lab.context(t));
    assert.equal((await lab.attempt(page, application)).status, "signed-in");
    realm.set(invalidTarget(other));
    const before = realm.requests("token").length;
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => call(page, apiUrl(realm, "x", HOSTS.otherApi))));
    assert.deepEqual([...new Set(outcomes.map(({ error }) => error?.code))], ["invalid_target"]);
    assert.equal(realm.requests("token").length - before, 1);
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
    assert.equal((await session(page)).status, "signed-in");
    await sleep(QUIET);
    assert.ok(realm.requests("token").length - before <= 2);
    realm.set();
    await until("it is fetched again", async () => (await call(page, apiUrl(realm, "x", HOSTS.otherApi))).value === 200);
  });
  accepted(lab, "P-14", "more scope than was asked for is shown, not hidden", {
    peculiarities: [moreScope("admin")],
    check({ report }) {
      assert.ok(report.scope.includes("admin"));
    },
  });
});
