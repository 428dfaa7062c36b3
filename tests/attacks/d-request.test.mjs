// ATTACKS group D: PKCE, random numbers, and the parameters of the authorization request.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accepted, attacks, expectSignedIn, refused } from "../hostile/attack.mjs";
import { begin, callbackFor, inFlight, stage } from "../hostile/flow.mjs";
import { HOSTS, originOf, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { heapOf } from "../hostile/sweep.mjs";
import { members } from "../hostile/switches/metadata.mjs";
import { errorResponse, response } from "../hostile/switches/response.mjs";
import { claim, tokenAnswer, tokens } from "../hostile/switches/tokens.mjs";
import { storageOf, transactionsIn } from "../support/storage.mjs";

const lab = useLab();
const CHALLENGE = /^[\w-]{43}$/u;
const methods = (value) => members({ code_challenge_methods_supported: value });
const asked = (realm) => realm.requests("authorize").map(({ query }) => Object.fromEntries(query));
const atStart = (id, what, code, defect) => refused(lab, id, what, { defects: [defect], code, at: "start", jwks: 0, freshTwin: true });
/** As text, so that every member arrives as it was written. */
const signInWith = (page, options = {}) => page.evaluate(async (text) => {
  const { error } = await window.outcome(() => window.client.signIn(JSON.parse(text)));
  return error?.code ?? window.navigated.at(-1);
}, JSON.stringify(options));

attacks("request", () => {
  // RFC 9700 §4.8
  atStart("D-01", "only plain challenges", "pkce_unsupported", methods(["plain"]));
  atStart("D-01", "no challenge method", "pkce_unsupported", methods([]));
  atStart("D-01", "S256 in another case", "pkce_unsupported", methods(["s256"]));
  atStart("D-01", "a text in place of a list", "member_invalid", methods("S256"));
  atStart("D-01", "a list with something else in it", "member_invalid", methods(["S256", 1]));

  // RFC 7636 §5: a provider that says nothing of it ignores what it does not know.
  accepted(lab, "D-02", "no word of challenge methods", {
    peculiarities: [methods(undefined)],
    check({ realm }) {
      const [{ code_challenge: challenge, code_challenge_method: method, state, nonce }] = asked(realm);
      assert.match(challenge, CHALLENGE);
      assert.equal(method, "S256");
      assert.ok(state && nonce);
    },
  });

  for (const [what, lax, code] of [["that checks PKCE", false, "invalid_grant"], ["that does not", true, undefined]]) {
    test(`D-03 the challenge stripped on the way, at a provider ${what}: ${code ?? "nonce and verifier are there all the same"}`, async (t) => {
      const staged = await stage(lab, t, "D-03", { base: lax ? [{ ignoresVerifier: () => true }] : [] });
      const { page, realm, application } = staged;
      const stripped = new URL(await begin(page));
      for (const name of ["code_challenge", "code_challenge_method"]) stripped.searchParams.delete(name);
      const report = await lab.open(page, application, (await callbackFor(realm, stripped.href)).href);
      assert.deepEqual([report.status, report.error?.code], [code ? "signed-out" : "signed-in", code]);
      const [{ body }] = realm.requests("token");
      assert.match(new URLSearchParams(body).get("code_verifier"), CHALLENGE);
      assert.equal(realm.requests("token").length, 1);
      // Stripped of its nonce as well, even the provider that does not check is found out.
      stripped.searchParams.delete("nonce");
      const next = new URL(await begin(page));
      for (const name of ["code_challenge", "code_challenge_method", "nonce"]) next.searchParams.delete(name);
      const again = await lab.open(page, application, (await callbackFor(realm, next.href)).href);
      assert.equal(again.error?.code, lax ? "nonce_mismatch" : "invalid_grant");
      const twin = await lab.open(page, application, (await inFlight(staged)).callback.href);
      assert.deepEqual([twin.status, twin.error], ["signed-in", undefined]);
    });
  }

  const broken = {
    "throws": "crypto.getRandomValues = () => { throw new Error('no entropy'); };",
    "is not there": "crypto.getRandomValues = undefined;",
    "gives zeros": "crypto.getRandomValues = (array) => array.fill(0);",
    "gives another constant": "crypto.getRandomValues = (array) => array.fill(7);",
    "leaves the array as it is": "crypto.getRandomValues = (array) => array;",
    "repeats itself": "crypto.getRandomValues = (array) => { for (let at = 0; at < array.length; at += 1) array[at] = at; return array; };",
  };
  for (const [what, script] of Object.entries(broken)) {
    test(`D-04 a generator of random numbers that ${what}: random_unavailable`, async (t) => {
      // In the page a script can break it; the worker's own is out of a page's reach.
      const { realm, application, canary } = lab.realm(`d-04-${what.replaceAll(" ", "-")}`, { options: { isolation: "page" } });
      application.capture = true;
      const page = await lab.page(await lab.context(t));
      await page.addInitScript({ content: `window.guessed = 0; Math.random = () => { window.guessed += 1; return 0.5; }; ${script}` });
      await lab.open(page, application);
      assert.equal(await signInWith(page), "random_unavailable");
      assert.deepEqual(await page.evaluate(() => [window.guessed, window.navigated, window.troubles]), [0, [], []], "nothing weaker takes its place");
      assert.deepEqual(transactionsIn(await storageOf(page)), []);
      assert.equal(realm.requests("authorize").length, 0);
      application.capture = false;
      await expectSignedIn(lab, await lab.page(await lab.context(t)), { realm, application, canary });
    });
  }

  test("D-04 values of many sign-ins: no two are the same", async (t) => {
    const { page } = await stage(lab, t, "D-04", { options: { transactions: "memory" } });
    const urls = await page.evaluate(async () => {
      for (let started = 0; started < 1_000; started += 1) await window.client.signIn();
      return window.navigated;
    });
    for (const name of ["state", "nonce", "code_challenge"]) {
      assert.equal(new Set(urls.map((url) => new URL(url).searchParams.get(name))).size, 1_000, name);
    }
    record(t, "D-04", "Failing, constant and repeating random numbers are refused; numbers that an attacker can predict in another way cannot be told from good ones.");
  });

  const RESERVED = ["state", "nonce", "redirect_uri", "response_type", "response_mode", "code_challenge", "code_challenge_method", "client_id", "client_secret", "request", "request_uri", "dpop_jkt", "scope", "prompt", "max_age", "id_token_hint"];
  test("D-05 extra parameters that are ours, in whatever case: parameter_reserved", async (t) => {
    const staged = await stage(lab, t, "D-05");
    const { page, realm } = staged;
    for (const name of RESERVED) {
      for (const spelt of [name, name.toUpperCase(), name.replace(/^./u, (letter) => letter.toUpperCase())]) {
        assert.equal(await signInWith(page, { extraParams: { [spelt]: "evil" } }), "parameter_reserved", spelt);
      }
    }
    assert.equal(realm.requests("authorize").length, 0);
    // The twin: a provider's own parameter goes through, once, and as a value.
    const url = new URL(await signInWith(page, { extraParams: { audience: "https://api.test/&state=evil#x" } }));
    assert.deepEqual(url.searchParams.getAll("audience"), ["https://api.test/&state=evil#x"]);
    assert.deepEqual([url.searchParams.getAll("state").length, url.hash], [1, ""]);
  });

  test("D-05 an extra parameter that the endpoint's own query has: parameter_reserved", async (t) => {
    const staged = await stage(lab, t, "D-05", { base: [members(({ realm }) => ({ authorization_endpoint: `${realm.issuer}authorize?tenant=ours` }))] });
    const { page } = staged;
    for (const name of ["tenant", "Tenant"]) assert.equal(await signInWith(page, { extraParams: { [name]: "evil" } }), "parameter_reserved", name);
    const url = new URL(await signInWith(page, { extraParams: { tenants: "more" } }));
    assert.deepEqual([url.searchParams.getAll("tenant"), url.searchParams.getAll("tenants")], [["ours"], ["more"]]);
  });

  test("D-05 an option that is none, or of another type: option_unknown, option_invalid", async (t) => {
    const { page } = await stage(lab, t, "D-05");
    for (const options of [{ state: "x" }, { nonce: "x" }, { redirectUri: "https://evil.test/" }, { codeVerifier: "x" }, { attended: true }, JSON.parse('{"__proto__":{"prompt":"none"}}')]) {
      assert.equal(await signInWith(page, options), "option_unknown", JSON.stringify(options));
    }
    for (const options of [{ prompt: ["none"] }, { scope: { toString: 1 } }, { maxAge: "0" }, { maxAge: -1 }, { maxAge: 1.5 }, { extraParams: { a: 1 } }]) {
      assert.equal(await signInWith(page, options), "option_invalid", JSON.stringify(options));
    }
  });

  for (const query of ["client_id=evil&state=x", "State=x", "redirect_uri=https%3A%2F%2Fevil.test", "%73tate=x"]) {
    atStart("D-06", `an authorization endpoint with ${query}`, "member_invalid", members(({ realm }) => ({ authorization_endpoint: `${realm.issuer}authorize?${query}` })));
  }
  accepted(lab, "D-06", "an authorization endpoint with a parameter of the provider's own", {
    peculiarities: [members(({ realm }) => ({ authorization_endpoint: `${realm.issuer}authorize?tenant=ours` }))],
    check: ({ realm }) => assert.deepEqual(realm.requests("authorize")[0].query.getAll("tenant"), ["ours"]),
  });

  test("D-07 the redirect URI is the configured one, wherever the application was opened", async (t) => {
    const staged = await stage(lab, t, "D-07");
    const { page, application } = staged;
    for (const address of ["?redirect_uri=https://evil.test/", "elsewhere?x=1#y", "?start_page=//evil.test", "#redirect_uri=https://evil.test/"]) {
      await lab.open(page, application, `${address.replace(/^#/u, "?fragment#")}`);
      const url = new URL(await signInWith(page));
      assert.deepEqual(url.searchParams.getAll("redirect_uri"), [application.page], address);
    }
    application.options = { ...application.options, redirectUri: undefined };
    await lab.open(page, application, "elsewhere?x=1");
    assert.equal(new URL(await signInWith(page)).searchParams.get("redirect_uri"), `${originOf(HOSTS.app)}/`, "the origin's root by default");
  });
  for (const redirectUri of ["https://evil.test/", "https://app.test.evil.test/", "https://app2.test/", "http://app.test/", "https://app.test@evil.test/", "https://app.test:444/", "//app.test/", "/callback", "javascript:alert(1)", "https://app.test/#x"]) {
    test(`D-07 redirectUri ${redirectUri}: refused as configuration`, async (t) => {
      const { application, realm } = lab.realm(`d-07-${Buffer.from(redirectUri).toString("hex")}`, { options: { redirectUri } });
      const report = await lab.open(await lab.page(await lab.context(t)), application);
      assert.match(report.error?.code ?? report.status, /^(redirect_uri_foreign|redirect_uri_invalid|insecure_http)$/u);
      assert.equal(realm.requests("authorize").length, 0);
    });
  }

  // Wherever it ends: the verifier was in the body of the token request alone.
  for (const [what, ...defects] of [
    ["a sign-in"],
    ["a refusal at the authorization endpoint", errorResponse({ error: "access_denied" })],
    ["a callback of another issuer", response({ iss: "https://evil.test/" })],
    ["a refusal at the token endpoint", tokenAnswer(() => ({ status: 400, body: '{"error":"invalid_grant"}' }))],
    ["a token endpoint that breaks", tokenAnswer(() => ({ status: 500, body: "<h1>Error</h1>" }))],
    ["a token endpoint that sends elsewhere", tokenAnswer(() => ({ status: 307, headers: { location: "https://evil.test/token", "access-control-allow-origin": "*" } }))],
    ["no ID token", tokens((all) => void delete all.id_token)],
    ["an ID token with another nonce", claim("nonce", "another")],
  ]) {
    test(`D-08 after ${what} no verifier is anywhere but in the token request`, async (t) => {
      const { realm, application, canary } = lab.realm(`d-08-${what.replaceAll(/\W+/gu, "-").toLowerCase()}`);
      const page = await lab.page(await lab.context(t));
      realm.set(...defects);
      const report = await lab.attempt(page, application);
      assert.equal(report.status, defects.length ? "signed-out" : "signed-in", JSON.stringify(report));
      await lab.sweep(page, canary);
      assert.deepEqual(transactionsIn(await storageOf(page)), []);
      const verifiers = [...canary.all].filter(([, kind]) => kind === "verifier").map(([value]) => value);
      assert.equal(verifiers.length, realm.requests("token").length);
      const elsewhere = lab.network.log.filter(({ path }) => path !== new URL(`${realm.issuer}token`).pathname);
      const places = [...elsewhere.map(({ url, headers, body }) => url + JSON.stringify(headers) + body), await heapOf(page), JSON.stringify(report)].join("\n");
      assert.deepEqual(verifiers.filter((verifier) => places.includes(verifier)), []);
      realm.set();
      await expectSignedIn(lab, page, { realm, application, canary });
    });
  }

  for (const [what, ...defects] of [
    ["was refused by the provider", errorResponse({ error: "access_denied" })],
    ["failed at the token endpoint", tokenAnswer(() => ({ status: 400, body: '{"error":"invalid_grant"}' }))],
    ["failed by its ID token", claim("aud", "another")],
  ]) {
    test(`D-09 after a sign-in that ${what}: state, nonce and verifier are new`, async (t) => {
      const { realm, application, canary } = lab.realm(`d-09-${what.replaceAll(/\W+/gu, "-").toLowerCase()}`);
      const page = await lab.page(await lab.context(t));
      realm.set(...defects);
      const report = await lab.attempt(page, application);
      assert.equal(report.status, "signed-out");
      realm.set();
      await expectSignedIn(lab, page, { realm, application, canary });
      for (const name of ["state", "nonce", "code_challenge"]) assert.equal(new Set(asked(realm).map((query) => query[name])).size, 2, name);
      const verifiers = realm.requests("token").map(({ body }) => new URLSearchParams(body).get("code_verifier"));
      assert.equal(new Set(verifiers).size, verifiers.length);
    });
  }

  test("D-10 prompt=none beside another value: prompt_invalid", async (t) => {
    const { page } = await stage(lab, t, "D-10");
    for (const prompt of ["none login", "login none", "none none", "none consent select_account"]) assert.equal(await signInWith(page, { prompt }), "prompt_invalid", prompt);
    for (const prompt of ["none", "login", "login consent"]) assert.equal(new URL(await signInWith(page, { prompt })).searchParams.get("prompt"), prompt);
  });
  const enforced = { signIn: { maxAge: 0 } };
  const longAgo = claim("auth_time", (now) => now - 3_600);
  refused(lab, "D-10", "max_age=0 and a login of an hour ago", { defects: [longAgo], code: "auth_time_too_old", setting: enforced, check: ({ realm }) => assert.equal(asked(realm)[0].max_age, "0") });
  refused(lab, "D-10", "max_age=0 and no auth_time", { defects: [claim("auth_time")], code: "auth_time_missing", setting: enforced });
  accepted(lab, "D-10", "a login of an hour ago where no max_age was asked for", { peculiarities: [longAgo] });
});
