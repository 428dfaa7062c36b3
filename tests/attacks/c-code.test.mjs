// ATTACKS group C, the authorization response itself: another's code, and answers of a form that none may have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attacks, accepted, refused } from "../hostile/attack.mjs";
import { expectRefused, forged, fragment, inFlight, stage, withParameters } from "../hostile/flow.mjs";
import { useLab } from "../hostile/lab.mjs";
import { response } from "../hostile/switches/response.mjs";

const lab = useLab();

/** The code is one that was issued to the attacker, whose request had another challenge and another nonce. */
const injected = response({
  code(_, { realm, authorization }) {
    const code = realm.canary("code");
    const { client_id, redirect_uri, scope } = authorization;
    realm.plant(code, { client_id, redirect_uri, scope, subject: "mallory", nonce: "the-attackers-nonce", code_challenge: "the-attackers-challenge", at: authorization.at });
    return code;
  },
});
const ignoresVerifier = { ignoresVerifier: () => true };

const query = (changes) => ({ callback }) => withParameters(callback, changes);
const appended = (text) => ({ callback }) => `${callback.search}&${text}`;
const inFragment = (change = (text) => text) => ({ callback }) => fragment(change(callback.search.slice(1)));

attacks("code", () => {
  refused(lab, "C-01", "the attacker's code with the victim's state, at a provider that checks PKCE", { defects: [injected], code: "invalid_grant" });
  refused(lab, "C-01", "the attacker's code with the victim's state, at a provider that does not", { defects: [injected, ignoresVerifier], code: "nonce_mismatch" });

  accepted(lab, "C-02", "a provider that does not check PKCE is sent the verifier all the same", {
    peculiarities: [ignoresVerifier],
    check({ realm }) {
      const [{ body }] = realm.requests("token");
      assert.match(new URLSearchParams(body).get("code_verifier"), /^[\w-]{43}$/u);
    },
  });

  for (const name of ["code", "state", "iss"]) {
    const twice = ({ callback }) => `${callback.search}&${name}=${encodeURIComponent(callback.searchParams.get(name))}`;
    forged(lab, "C-11", `${name} twice, both the right one`, twice, "parameter_repeated", { consumes: true });
    forged(lab, "C-11", `${name} twice, the second another one`, appended(`${name}=other`), "parameter_repeated", { consumes: true });
    forged(lab, "C-11", `${name} twice, the first another one`, ({ callback }) => `?${name}=other&${callback.search.slice(1)}`, "parameter_repeated", { consumes: true });
  }
  forged(lab, "C-11", "error twice", ({ callback }) => `${withParameters(callback, { code: undefined })}&error=access_denied&error=login_required`, "parameter_repeated", { consumes: true });

  forged(lab, "C-12", "a code and an error", appended("error=access_denied"), "callback_malformed", { consumes: true });
  forged(lab, "C-12", "neither a code nor an error", query({ code: undefined }), "callback_malformed", { consumes: true });

  for (const token of ["access_token", "id_token", "refresh_token"]) {
    forged(lab, "C-13", `${token} beside the code`, appended(`${token}=forged&token_type=bearer`), "front_channel_token", { consumes: true });
    forged(lab, "C-13", `${token} in the fragment, with the state`, ({ state }) => fragment(`${token}=forged&token_type=bearer&state=${state}`), "front_channel_token");
    forged(lab, "C-13", `${token} in place of the code`, query({ code: undefined, [token]: "forged" }), "front_channel_token", { consumes: true });
  }
  forged(lab, "C-14", "the answer in the fragment", inFragment(), "front_channel_token");
  forged(lab, "C-14", "a refusal in the fragment", inFragment((text) => text.replace("code=", "error=")), "front_channel_token");

  const polluting = "__proto__[code]=x&__proto__.state=y&constructor.prototype.state=z&constructor[prototype][iss]=q&__proto__=1";
  test("C-15 parameters with the names of prototypes: they are nothing to it, and signing in goes on", async (t) => {
    const staged = await stage(lab, t, "C-15");
    const { callback } = await inFlight(staged);
    const report = await lab.open(staged.page, staged.application, `${callback.search}&${polluting}`);
    assert.deepEqual([report.status, report.error], ["signed-in", undefined]);
    const polluted = await staged.page.evaluate(() => [{}.code, {}.state, {}.iss, Object.keys(Object.prototype)]);
    assert.deepEqual(polluted, [undefined, undefined, undefined, []]);
    await lab.sweep(staged.page, staged.canary);
  });
  forged(lab, "C-15", "the names of prototypes in place of the parameters", () => `?${polluting}`, undefined);

  forged(lab, "C-16", "an empty code", query({ code: "" }), "callback_malformed", { consumes: true });
  forged(lab, "C-16", "bytes that are no text", ({ callback }) => callback.search.replace(/code=[^&]*/u, "code=%FF%FE"), "callback_malformed");
  for (const [what, length] of [["17,000 characters", 17_000], ["a megabyte", 1_000_000]]) {
    test(`C-16 a code of ${what}: callback_too_large`, async (t) => {
      const staged = await stage(lab, t, "C-16");
      const { page, application, realm } = staged;
      const address = withParameters((await inFlight(staged)).callback, { code: "x".repeat(length) });
      // More than a server takes in a request line: such an address comes about in the page alone.
      const outcome = await page.evaluate(async ({ address, options }) => {
        history.replaceState(null, "", address);
        const { status, error } = await window.createOidcClient(options).ready();
        return [status, error?.code, location.search];
      }, { address, options: application.options });
      assert.deepEqual(outcome, ["signed-out", "callback_too_large", ""]);
      assert.equal(realm.requests("token").length, 0);
      const twin = await lab.open(page, application, (await inFlight(staged)).callback.href);
      assert.deepEqual([twin.status, twin.error], ["signed-in", undefined]);
    });
  }
  for (const [what, code] of [
    ["spaces and signs", " a+b & c=d %41;?/#"],
    ["a NUL", "a\0b"],
    ["line breaks", "a\r\nHost: evil.test\r\n\r\nb"],
    ["letters of other scripts", "ключ-🔑-é"],
    ["another parameter's name", "x&redirect_uri=https://evil.test/&client_id=evil"],
  ]) {
    accepted(lab, "C-16", `a code with ${what} arrives as it was issued`, {
      peculiarities: [response({
        code(_, { realm, authorization }) {
          realm.plant(code, authorization);
          return code;
        },
      })],
      check({ realm }) {
        const [{ body, headers }] = realm.requests("token");
        const form = new URLSearchParams(body);
        assert.deepEqual([form.getAll("code"), form.getAll("client_id"), form.getAll("redirect_uri").length], [[code], ["spa"], 1]);
        assert.match(body, /^[\w.~%&=-]*$/u);
        assert.equal(headers["content-type"], "application/x-www-form-urlencoded");
      },
    });
  }

  test("C-11 the callback with a parameter that it does not know: accepted", async (t) => {
    const staged = await stage(lab, t, "C-11");
    const { callback } = await inFlight(staged);
    const report = await lab.open(staged.page, staged.application, `${callback.search}&session_state=abc&unknown=1&unknown=2`);
    assert.deepEqual([report.status, report.error], ["signed-in", undefined]);
    await expectRefused(lab, staged, callback.href, "callback_replayed", "signed-in");
  });
});
