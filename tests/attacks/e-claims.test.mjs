// ATTACKS group E, the claims: an ID token that the provider signed with its own key, and that is nevertheless not ours.

import assert from "node:assert/strict";
import test from "node:test";
import { accepted, attacks, expectSignedIn, realmName, refused } from "../hostile/attack.mjs";
import { useLab } from "../hostile/lab.mjs";
import { claim, claimsText, header, now } from "../hostile/switches/tokens.mjs";

const lab = useLab();

/** One attack for each value of a claim; `codes` is one code for all, or by the value's name. */
function each(id, name, values, codes, setting) {
  for (const [what, value] of Object.entries(values)) {
    const code = typeof codes === "string" ? codes : (codes[what] ?? codes.otherwise);
    refused(lab, id, `${name} ${what}`, { defects: [claim(name, value)], code, setting });
  }
}

/** Inserts into the text of the claims' object, before its end. */
const appended = (text) => claimsText((claims) => `${claims.slice(0, -1)},${text}}`);

attacks("E claims", () => {
  accepted(lab, "E-00", "an ID token as it should be");

  each(
    "E-01",
    "nonce",
    { missing: undefined, different: (nonce) => `${nonce}1`, "in another case": (nonce) => nonce.toUpperCase(), empty: "", "in an array": (nonce) => [nonce], "a number": 1, null: null },
    "nonce_mismatch",
  );

  test("E-02 the ID token of an earlier sign-in: nonce_mismatch, and the earlier session stays", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("E-02"));
    const page = await lab.sharedPage(t);
    const issued = [];
    realm.set({ idToken: (compact) => (issued.push(compact), compact) });
    await expectSignedIn(lab, page, { realm, application, canary });
    realm.set({ idToken: () => issued[0] });
    const report = await lab.attempt(page, application);
    assert.equal(report.error.code, "nonce_mismatch");
    assert.equal(report.status, "signed-in");
    assert.equal(report.claims.nonce, JSON.parse(Buffer.from(issued[0].split(".")[1], "base64url")).nonce);
    await lab.sweep(page, canary);
  });

  const duplicated = "json_duplicate_member";
  refused(lab, "E-19", "sub twice", { defects: [appended('"sub":"other"')], code: duplicated });
  refused(lab, "E-19", "sub twice with the same value", { defects: [claimsText((text) => text.replace(/"sub":"[^"]+"/u, "$&,$&"))], code: duplicated });
  refused(lab, "E-19", "sub twice, once escaped", { defects: [appended('"\\u0073ub":"other"')], code: duplicated });
  refused(lab, "E-19", "a member twice within a claim", { defects: [appended('"address":{"a":1,"a":2}')], code: duplicated });

  const oddities = {
    "data after the object": (text) => `${text}{}`,
    "a comment": (text) => text.replace("{", "{/* */"),
    "NaN": (text) => text.replace(/"exp":\d+/u, '"exp":NaN'),
    "a byte order mark": (text) => `\uFEFF${text}`,
    "a lone surrogate": (text) => text.replace("Ada", "\\ud800"),
    "invalid UTF-8": (text) => Buffer.from(text.replace("Ada", "\u00ff"), "latin1"),
    "overlong UTF-8": (text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(',"x":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    "UTF-16": (text) => Buffer.from(text, "utf16le"),
    "a single quote": (text) => text.replaceAll('"', "'"),
    "a trailing comma": (text) => text.replace(/\}$/u, ",}"),
    "a control character in a string": (text) => text.replace("Ada", "A\u0001da"),
    "nothing at all": () => "",
  };
  for (const [what, change] of Object.entries(oddities)) refused(lab, "E-20", `claims with ${what}`, { defects: [claimsText(change)], code: "json_malformed" });
  refused(lab, "E-20", "claims in an array", { defects: [claimsText((text) => `[${text}]`)], code: "json_not_an_object" });
  refused(lab, "E-20", "claims in a string", { defects: [claimsText((text) => JSON.stringify(text))], code: "json_not_an_object" });

  each(
    "E-21",
    "aud",
    {
      missing: undefined,
      "of another client": "spa1",
      "of which ours is a part": "aspab",
      "in another case": "SPA",
      "with a space": "spa ",
      "a number": 1,
      "an object": { spa: true },
      "an empty array": [],
      "a nested array": [["spa"]],
      "ours before another": ["spa", "evil"],
      "another before ours": ["evil", "spa"],
      "both in one string": "spa evil",
    },
    { missing: "member_missing", "a number": "member_invalid", "an object": "member_invalid", "a nested array": "member_invalid", "ours before another": "audience_untrusted", "another before ours": "audience_untrusted", otherwise: "audience_mismatch" },
  );
  accepted(lab, "E-21", "aud ours alone in an array", { peculiarities: [claim("aud", ["spa"])] });

  each("E-22", "azp", { "of another client": "evil", empty: "", "a number": 7, "an array": ["spa"] }, { "a number": "member_invalid", "an array": "member_invalid", otherwise: "authorized_party_mismatch" });
  accepted(lab, "E-22", "azp ours", { peculiarities: [claim("azp", "spa")] });

  each(
    "E-23",
    "iss",
    {
      missing: undefined,
      "with a 1 at its end": (iss) => `${iss}1`,
      "without its slash": (iss) => iss.slice(0, -1),
      "with an upper-case host": (iss) => iss.replace("op.test", "OP.test"),
      "with its default port": (iss) => iss.replace("op.test", "op.test:443"),
      "with http": (iss) => iss.replace("https", "http"),
      "of another provider": "https://op2.test/",
      "of a lookalike": (iss) => iss.replace("op.test", "op.test.evil.test"),
      "in an array": (iss) => [iss],
    },
    { missing: "member_missing", "in an array": "member_invalid", otherwise: "id_token_issuer_mismatch" },
  );

  each(
    "E-24",
    "exp",
    { missing: undefined, "six minutes ago": () => now() - 360, "in a string": "9999999999", null: null, "a negative number": -1, "an object": {}, "true": true, zero: 0 },
    { missing: "member_missing", null: "member_missing", "six minutes ago": "id_token_expired", zero: "id_token_expired", otherwise: "member_invalid" },
  );
  refused(lab, "E-24", "exp beyond every number", { defects: [claimsText((text) => text.replace(/"exp":\d+/u, '"exp":1e400'))], code: "member_invalid" });
  accepted(lab, "E-24", "exp with a fraction", { peculiarities: [claim("exp", () => now() + 600.5)] });

  each(
    "E-25",
    "iat",
    { missing: undefined, "ten minutes ahead": () => now() + 600, "ten years ago": () => now() - 315_360_000, "in a string": () => String(now()), null: null },
    { missing: "member_missing", null: "member_missing", "ten minutes ahead": "issued_in_future", "ten years ago": "issued_too_long_ago", otherwise: "member_invalid" },
  );

  each("E-26", "nbf", { "ten minutes ahead": () => now() + 600, "in a string": () => String(now()), "an array": [] }, { "ten minutes ahead": "not_yet_valid", otherwise: "member_invalid" });
  accepted(lab, "E-26", "nbf a moment ago", { peculiarities: [claim("nbf", () => now() - 1)] });

  each(
    "E-27",
    "sub",
    { missing: undefined, empty: "", null: null, "a number": 5, "of 256 characters": "s".repeat(256), "not of ASCII": "ünï" },
    "subject_invalid",
  );

  for (const [what, value, code, signIn = { maxAge: 60 }] of [
    ["missing", undefined, "auth_time_missing"],
    ["in a string", () => String(now()), "member_invalid"],
    ["an hour ago", () => now() - 3600, "auth_time_too_old"],
    ["an hour ahead", () => now() + 3600, "member_invalid"],
    ["an hour ago with max_age 0", () => now() - 3600, "auth_time_too_old", { maxAge: 0 }],
  ]) {
    refused(lab, "E-28", `auth_time ${what}`, { defects: [claim("auth_time", value)], code, setting: { signIn } });
  }
  accepted(lab, "E-28", "max_age 0 is sent, and a fresh auth_time accepted", {
    setting: { signIn: { maxAge: 0 } },
    check: ({ realm }) => assert.equal(realm.authorization.max_age, "0"),
  });

  const strong = { signIn: { acrValues: "urn:strong urn:stronger" }, base: [claim("acr", "urn:strong")] };
  each("E-29", "acr", { missing: undefined, weaker: "urn:weak", "with all that was asked for": "urn:strong urn:stronger" }, "acr_not_met", strong);
  refused(lab, "E-29", "acr in an array", { defects: [claim("acr", ["urn:strong"])], code: "member_invalid", setting: strong });

  each(
    "E-30",
    "at_hash",
    {
      "of another token": "77QmUPtjPfzWtF2AnpK9RQ",
      "of another half": (hash) => Buffer.from(Buffer.from(hash, "base64url").reverse()).toString("base64url"),
      "of another length": (hash) => hash.slice(0, 20),
      "with padding": (hash) => `${hash}==`,
      empty: "",
      "a number": 1,
    },
    { "a number": "member_invalid", otherwise: "access_token_hash_mismatch" },
  );
  accepted(lab, "E-30", "at_hash is not required with a code", { peculiarities: [claim("at_hash", undefined)] });

  for (const typ of ["at+jwt", "application/at+jwt", "AT+JWT", "logout+jwt", "dpop+jwt", "secevent+jwt", "token-introspection+jwt"]) {
    refused(lab, "E-39", `a token of the type ${typ}`, { defects: [header({ typ })], code: "token_type_confusion" });
  }
  refused(lab, "E-39", "a logout token without a type", { defects: [claim("events", { "http://schemas.openid.net/event/backchannel-logout": {} })], code: "token_type_confusion" });
  refused(lab, "E-39", "an ID token of another client of the provider", { defects: [claim("aud", "other"), claim("azp", "other")], code: "audience_mismatch" });
  accepted(lab, "E-39", "the type JWT", { peculiarities: [header({ typ: "JWT" })] });
});
