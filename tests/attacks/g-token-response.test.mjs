// ATTACKS group G, the token endpoint: answers that are no token response, or not the one that was asked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accepted, attacks, expectSignedIn, realmName, refused } from "../hostile/attack.mjs";
import { useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { refusedInTurn } from "../hostile/series.mjs";
import { answer, body, withMember } from "../hostile/switches/answers.mjs";
import { claim, tokens, tokensText } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const contentType = (type) => answer("token", { headers: { "content-type": type } });
const status = (code, changes) => answer("token", { status: code, ...changes });
const member = (name, value) => tokens((all) => void (all[name] = value));

attacks("token responses", () => {
  refusedInTurn(lab, "G-01", "an answer that is no JSON document", {
    "HTML": ["content_type_mismatch", contentType("text/html")],
    "plain text": ["content_type_mismatch", contentType("text/plain; charset=utf-8")],
    "JSON of a script": ["content_type_mismatch", contentType("text/javascript")],
    // The raw name of a type that only begins like ours (RFC 6838 §4.2).
    "a type that begins alike": ["content_type_mismatch", contentType("application/jsonp")],
    "no content type": ["content_type_mismatch", contentType([])],
    "an empty body": ["json_malformed", body("token", "")],
    "white space": ["json_malformed", body("token", " \n")],
    "204": ["token_response_status", status(204, { body: "" })],
  });

  refusedInTurn(lab, "G-02", "a document that is no token response", {
    "200 with an error": ["invalid_grant", body("token", { error: "invalid_grant" })],
    "200 with an error beside the tokens": ["server_error", member("error", "server_error")],
    "400 with tokens": ["token_response_status", status(400)],
    "201 with tokens": ["token_response_status", status(201)],
    "206 with tokens": ["token_response_status", status(206)],
    "an array": ["json_not_an_object", tokensText((text) => `[${text}]`)],
    "a number": ["json_not_an_object", body("token", "1")],
    "null": ["json_not_an_object", body("token", "null")],
    "a string": ["json_not_an_object", tokensText((text) => JSON.stringify(text))],
    "two documents": ["json_malformed", tokensText((text) => text + text)],
    "a byte order mark": ["json_malformed", tokensText((text) => `\u{feff}${text}`)],
  });

  // RFC 6749 §7.1: a type that is not understood must not be used.
  refusedInTurn(lab, "G-03", "an access token of another type", {
    "none": ["member_missing", member("token_type", undefined)],
    "null": ["member_missing", member("token_type", null)],
    "empty": ["member_invalid", member("token_type", "")],
    "mac": ["token_type_unsupported", member("token_type", "mac")],
    "N_A": ["token_type_unsupported", member("token_type", "N_A")],
    "DPoP, which was not asked for": ["token_type_unsupported", member("token_type", "DPoP")],
    "a number": ["member_invalid", member("token_type", 1)],
    "with a space": ["token_type_unsupported", member("token_type", "Bearer ")],
    "with a character that folds to r": ["token_type_unsupported", member("token_type", "Beare\u{213}")],
  });
  for (const type of ["bearer", "BEARER", "bEaReR"]) accepted(lab, "G-03", `token type ${type}`, { peculiarities: [member("token_type", type)] });

  // RFC 6749 appendix A.12. What is sent in a header must not be able to break out of it.
  refusedInTurn(lab, "G-04", "an access token that cannot be sent", {
    "none": ["member_missing", member("access_token", undefined)],
    "empty": ["access_token_malformed", member("access_token", "")],
    "a number": ["member_invalid", member("access_token", 12345)],
    "an object": ["member_invalid", member("access_token", { toString: "x" })],
    "an array": ["member_invalid", member("access_token", ["x"])],
    "with CR LF and a header": ["access_token_malformed", member("access_token", "x\r\nX-Injected: 1")],
    "with a space": ["access_token_malformed", member("access_token", "x y")],
    "with NUL": ["access_token_malformed", member("access_token", "x\0")],
    "not ASCII": ["access_token_malformed", member("access_token", "tökén")],
    "100 KB": ["access_token_malformed", member("access_token", "x".repeat(100_000))],
    "1 MB": ["response_too_large", member("access_token", "x".repeat(1_000_000))],
  });
  refusedInTurn(lab, "G-04", "another token that cannot be sent", {
    "a refresh token with CR LF": ["member_invalid", member("refresh_token", "x\r\ny")],
    "a refresh token that is a number": ["member_invalid", member("refresh_token", 1)],
    "an ID token that is an object": ["member_invalid", member("id_token", {})],
  });

  // The code is spent with the first answer, whatever that was: `sent` holds that it is never sent a second time.
  refusedInTurn(lab, "G-06", "a server that is not there for us", {
    "500 with HTML": ["server_unavailable", status(500, { headers: { "content-type": "text/html" }, body: "<h1>oops</h1>" })],
    "502 with tokens": ["server_unavailable", status(502)],
    "503, to be tried again at once": ["server_unavailable", status(503, { headers: { "retry-after": "0" } })],
    "429, to be tried again in a billion seconds": ["server_unavailable", status(429, { headers: { "retry-after": "1000000000" } })],
    "429, to be tried again on a day": ["server_unavailable", status(429, { headers: { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" } })],
    "429, to be tried again who knows when": ["server_unavailable", status(429, { headers: { "retry-after": "-1, soon" } })],
  });

  // RFC 7519 §4: readers that take the first of two members and readers that take the last see different documents.
  refusedInTurn(lab, "G-22", "a member twice", {
    "access_token": ["json_duplicate_member", withMember("token", '"access_token":"first"')],
    "id_token, escaped": ["json_duplicate_member", withMember("token", String.raw`"\u0069d_token":"first"`)],
    "token_type, of the same value": ["json_duplicate_member", withMember("token", '"token_type":"Bearer"')],
  });
  refusedInTurn(lab, "G-22", "a member of the JWK Set twice", {
    "keys": ["json_duplicate_member", withMember("jwks", '"keys":[]')],
    "kty of a key": ["json_duplicate_member", answer("jwks", ({ body: text }) => ({ body: text.replace('"kty":', '"kty":"oct","kty":') }))],
  });
  refusedInTurn(lab, "G-22", "a member of the metadata twice", {
    "token_endpoint": ["json_duplicate_member", withMember("discovery", '"token_endpoint":"https://evil.test/token"')],
    "issuer": ["json_duplicate_member", withMember("discovery", '"issuer":"https://evil.test/"')],
    "one that is not used": ["json_duplicate_member", withMember("discovery", '"x":1,"x":1')],
  }, { at: "start" });
  refusedInTurn(lab, "G-22", "a member of the UserInfo answer twice", { "sub": ["json_duplicate_member", withMember("userInfo", '"sub":"somebody else"')] }, { at: "userInfo" });

  // RFC 6749 §5.1: a number. A lifetime that was not understood must not become an unlimited one.
  refusedInTurn(lab, "G-24", "a lifetime that is none", {
    "negative": ["member_invalid", member("expires_in", -1)],
    "too large for a number": ["member_invalid", tokensText((text) => text.replace('"expires_in":300', '"expires_in":1e308'))],
    "infinite": ["member_invalid", tokensText((text) => text.replace('"expires_in":300', '"expires_in":1e999'))],
    "NaN": ["json_malformed", tokensText((text) => text.replace('"expires_in":300', '"expires_in":NaN'))],
    "NaN as a string": ["member_invalid", member("expires_in", "NaN")],
    "a negative string": ["member_invalid", member("expires_in", "-1")],
    "an object": ["member_invalid", member("expires_in", { valueOf: 1 })],
    "true": ["member_invalid", member("expires_in", true)],
  });
  for (const [what, value] of Object.entries({ "digits in a string": "3600", "2^31": 2 ** 31, "2^53": 2 ** 53 - 1, "a fraction": 300.5 })) {
    accepted(lab, "G-24", `a lifetime of ${what}`, {
      peculiarities: [member("expires_in", value)],
      check({ realm, report }) {
        assert.equal(realm.requests("token").length, 1);
        const years = (report.accessTokenExpiresAt - Date.now()) / (365 * 24 * 3600 * 1000);
        assert.ok(years > 0 && years < 70, `ends in ${years} years`);
      },
    });
  }
  accepted(lab, "G-24", "a lifetime of 0 makes one renewal a call, and no loop", {
    peculiarities: [member("expires_in", 0)],
    async check({ realm, page }) {
      assert.equal(realm.requests("token").length, 2, "the sign-in, and the renewal for UserInfo");
      await page.waitForTimeout(2000);
      assert.equal(realm.requests("token").length, 2);
    },
  });

  test("G-23 members with the names of JavaScript's own in every document: no prototype is changed, nothing is called", async (t) => {
    const hostile = '"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"toJSON":"x","then":"x","valueOf":{"a":1},"hasOwnProperty":"x"';
    const { realm, application, canary } = lab.realm(realmName("G-23"));
    realm.set(
      ...["discovery", "jwks", "token", "userInfo"].map((endpoint) => withMember(endpoint, hostile)),
      { claimsText: (text) => text.replace("{", `{${hostile},`), headerText: (text) => text.replace("{", `{${hostile},`) },
    );
    const page = await lab.page(await lab.context(t));
    const report = await expectSignedIn(lab, page, { realm, application, canary });
    const seen = await page.evaluate(async () => {
      const { claims } = window.client.session;
      const userInfo = await window.client.userInfo();
      const prototypes = [claims, userInfo].map((value) => Object.getPrototypeOf(value) === null);
      return { prototypes, polluted: [{}.polluted, [].polluted, (() => {}).polluted], own: Object.hasOwn(claims, "__proto__"), then: typeof claims.then };
    });
    assert.deepEqual(seen, { prototypes: [true, true], polluted: [undefined, undefined, undefined], own: true, then: "string" });
    assert.equal(report.claims.then, "x");
  });

  test("G-26 the whole token response of the user before, from a cache at the provider: nonce_mismatch", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("G-26"));
    let stored;
    realm.set({ tokensText: (text) => (stored ??= text) });
    const first = await lab.page(await lab.context(t));
    realm.subject = "the-user-before";
    await expectSignedIn(lab, first, { realm, application, canary });
    realm.subject = "the-user-now";
    const second = await lab.page(await lab.context(t));
    const report = await lab.attempt(second, application);
    assert.equal(report.error?.code, "nonce_mismatch", JSON.stringify(report));
    assert.equal(report.status, "signed-out");
    await second.waitForTimeout(5000);
    assert.equal(realm.requests("userInfo").length, 1, "the first user's own");
    await lab.sweep(second, canary);
    realm.set();
    await expectSignedIn(lab, second, { realm, application, canary });
  });

  refused(lab, "G-26", "a token response that was made for another client", { defects: [claim("aud", "another client")], code: "audience_mismatch" });

  test("G-06 a renewal that is refused for now, to be tried again in thirty years: the session stays, and is tried again within the hour", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("G-06"), { base: [member("expires_in", 0)] });
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, { realm, application, canary });
    realm.set(status(429, { headers: { "retry-after": "1000000000", "access-control-allow-origin": "*", "access-control-expose-headers": "retry-after" } }));
    const before = realm.requests("token").length;
    for (let call = 1; call <= 2; call += 1) {
      const { error } = await page.evaluate(() => window.outcome(() => window.client.userInfo()));
      assert.equal(error.code, "server_unavailable");
      assert.equal(realm.requests("token").length, before + 1, "the second call does not ask before its time");
    }
    await page.waitForTimeout(5000);
    assert.equal(realm.requests("token").length, before + 1);
    const { status: now, renewalPostponed } = await page.evaluate(() => window.client.session);
    assert.equal(now, "signed-in");
    assert.ok(renewalPostponed.retryAt > Date.now() + 3_500_000 && renewalPostponed.retryAt <= Date.now() + 3_600_000);
    realm.set();
    record(t, "G-06", "Retry-After is believed for an hour at most; without it, a failed renewal is tried again after a second, then less and less often");
  });
});
