// ATTACKS group E, the signature and what is around it: JOSE headers, encodings and forgeries.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { accepted, attacks, refused } from "../hostile/attack.mjs";
import { asSecrets, hmac, key, published, signature } from "../hostile/keys.mjs";
import { useLab } from "../hostile/lab.mjs";
import { signedBy } from "../hostile/switches/keys.mjs";
import { header, headerText, idToken, signed } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const refuse = (id, what, code, ...defects) => refused(lab, id, what, { defects, code });

/** Each algorithm with a signature; ES256 is verified in the module, the others by the browser. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"];

const flipped = (bytes, at = bytes.length >> 1) => {
  const changed = Buffer.from(bytes);
  changed[at] ^= 1;
  return changed;
};
const parts = (change) => idToken((compact) => change(...compact.split(".")));

attacks("E signature", () => {
  for (const alg of ALGORITHMS) {
    const setting = { alg };
    refused(lab, "E-05", `${alg}: one bit of the signature`, { defects: [signed((_, honest) => flipped(honest))], code: "signature_invalid", setting });
    refused(lab, "E-05", `${alg}: the signature of another token`, { defects: [signed(({ realm }) => signature(alg, realm.key, "another.token"))], code: "signature_invalid", setting });
    refused(lab, "E-05", `${alg}: a signature that ends too early`, { defects: [signed((_, honest) => honest.subarray(0, -1))], code: "signature_invalid", setting });
  }
  refuse("E-05", "one bit of the claims", "signature_invalid", parts((first, second, third) => `${first}.${Buffer.from(flipped(Buffer.from(second, "base64url"), 30)).toString("base64url")}.${third}`));

  for (const alg of ["none", "None", "nOnE", "NONE"]) {
    refuse("E-03", `alg ${alg} without a signature`, "algorithm_not_allowed", header({ alg }), signed(() => Buffer.alloc(0)));
    refuse("E-03", `alg ${alg} with some signature`, "algorithm_not_allowed", header({ alg }), signed(() => Buffer.from("signature")));
  }
  const listed = { metadata: (document) => ({ ...document, id_token_signing_alg_values_supported: ["none", "RS256", "HS256"] }) };
  refuse("E-03", "alg none, which the metadata lists", "algorithm_not_allowed", listed, header({ alg: "none" }), signed(() => Buffer.alloc(0)));

  for (const [what, secret] of Object.entries({ ...asSecrets(key("RS256")), "client ID": "spa", "empty secret": "" })) {
    refuse("E-04", `HS256 with the ${what}`, "algorithm_not_allowed", listed, header({ alg: "HS256" }), signed(({ input }) => hmac(secret, input)));
  }

  const attacker = key("RS256", "attacker");
  const theirs = published(attacker, "attacker");
  const evil = "https://evil.test/keys";
  refuse("E-06", "the attacker's key in the header", "signature_invalid", header({ jwk: theirs }), signedBy("RS256", "attacker"));
  refuse("E-06", "the attacker's key in the header, under its own ID", "key_not_found", header({ jwk: theirs, kid: "attacker" }), signedBy("RS256", "attacker"));
  for (const [name, value] of [
    ["jku", `${evil}/jku`],
    ["jku", "http://evil.test/keys/jku"],
    ["jku", `data:application/json,${encodeURIComponent(JSON.stringify({ keys: [theirs] }))}`],
    ["x5u", `${evil}/x5u`],
  ]) {
    refused(lab, "E-07", `${name} ${value.slice(0, 24)}`, {
      defects: [header({ [name]: value }), signedBy("RS256", "attacker")],
      code: "signature_invalid",
      check: () => assert.equal(lab.network.log.filter(({ host, path }) => host === "evil.test" && path.startsWith("/keys")).length, 0),
    });
  }
  const der = attacker.publicKey.export({ type: "spki", format: "der" });
  refuse("E-08", "the attacker's certificate in the header", "signature_invalid", header({ x5c: [der.toString("base64")], x5t: createHash("sha1").update(der).digest("base64url") }), signedBy("RS256", "attacker"));

  for (const [what, alg] of [
    ["in lower case", "rs256"],
    ["with a NUL", "RS256\u0000"],
    ["with a space", " RS256"],
    ["in an array", ["RS256"]],
    ["a number", 256],
    ["empty", ""],
    ["missing", undefined],
    ["of an encryption", "RSA-OAEP"],
    ["unknown", "RS1"],
    ["of secp256k1", "ES256K"],
  ]) {
    refuse("E-15", `alg ${what}`, "algorithm_not_allowed", header({ alg }), signed(({ realm, input }) => signature("RS256", realm.key, input)));
  }

  const critical = "critical_header";
  for (const [what, members] of Object.entries({
    "an unknown name": { crit: ["exp"], exp: 1 },
    "an empty list": { crit: [] },
    "the same name twice": { crit: ["x", "x"], x: 1 },
    "a registered name": { crit: ["alg"] },
    "no list": { crit: "x", x: 1 },
    "a name that is not in the header": { crit: ["x"] },
    "null": { crit: null },
  })) {
    refuse("E-16", `crit with ${what}`, critical, header(members));
  }
  const unencoded = (input, text) => `${input.split(".")[0]}.${text}`;
  refuse("E-17", "b64 false with crit", critical, header({ b64: false, crit: ["b64"] }));
  refuse("E-17", "b64 false without crit, over the claims as they are", critical, header({ b64: false }), signed(({ realm, input, claims }) => signature("RS256", realm.key, unencoded(input, JSON.stringify(claims)))));

  const duplicated = "json_duplicate_member";
  refuse("E-18", "alg twice, none at last", duplicated, headerText((text) => text.replace("}", ',"alg":"none"}')));
  refuse("E-18", "alg twice, none at first", duplicated, headerText((text) => text.replace("{", '{"alg":"none",')));
  refuse("E-18", "kid twice", duplicated, headerText((text) => text.replace("}", ',"kid":"other"}')));
  refuse("E-18", "alg twice, once escaped", duplicated, headerText((text) => text.replace("}", ',"\\u0061lg":"none"}')));
  refuse("E-18", "a header in an array", "json_not_an_object", headerText((text) => `[${text}]`));
  refuse("E-18", "a header that is no JSON", "json_malformed", headerText(() => "alg=RS256"));

  const ofP256 = (r, s) => Buffer.concat([r, s]);
  const order = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
  const zero = Buffer.alloc(32);
  const one = Buffer.from(`${"00".repeat(31)}01`, "hex");
  for (const [what, bytes] of Object.entries({
    "r = s = 0": ofP256(zero, zero),
    "r = 0": ofP256(zero, one),
    "s = 0": ofP256(one, zero),
    "r = n": ofP256(order, one),
    "s = n": ofP256(one, order),
    "r = s = n": ofP256(order, order),
    "all bits set": Buffer.alloc(64, 0xff),
  })) {
    refused(lab, "E-31", `ES256 with ${what}`, { defects: [signed(() => bytes)], code: "signature_invalid", setting: { alg: "ES256" } });
  }
  refused(lab, "E-31", "ES384 with r = s = 0", { defects: [signed(() => Buffer.alloc(96))], code: "signature_invalid", setting: { alg: "ES384" } });

  const asDer = (raw) => {
    const integer = (bytes) => Buffer.concat([Buffer.from([2, bytes.length + 1, 0]), bytes]);
    const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
    return Buffer.concat([Buffer.from([0x30, body.length]), body]);
  };
  for (const [what, change] of Object.entries({
    "in DER": asDer,
    "of 63 bytes": (raw) => raw.subarray(1),
    "of 65 bytes": (raw) => Buffer.concat([raw, Buffer.from([0])]),
    "of 128 bytes": (raw) => Buffer.concat([raw, raw]),
  })) {
    refused(lab, "E-32", `ES256 signature ${what}`, { defects: [signed((_, honest) => change(honest))], code: "signature_invalid", setting: { alg: "ES256" } });
  }

  const malformed = "jws_malformed";
  const encrypted = Buffer.from(JSON.stringify({ alg: "dir", enc: "A256GCM" })).toString("base64url");
  refuse("E-37", "an encrypted token of five parts", malformed, idToken(() => `${encrypted}..AAAA.AAAA.AAAA`));
  refuse("E-37", "an encryption's header in a token of three parts", "algorithm_not_allowed", header({ alg: "dir", enc: "A256GCM" }));
  refuse("E-37", "a token within a token", "json_malformed", header({ cty: "JWT" }), { claimsText: (text) => `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(text).toString("base64url")}.` });

  for (const [what, change, code = malformed] of [
    ["one part", (first) => first],
    ["two parts", (first, second) => `${first}.${second}`],
    ["four parts", (...all) => `${all.join(".")}.AAAA`],
    ["a dot at its end", (...all) => `${all.join(".")}.`],
    ["a space before it", (...all) => ` ${all.join(".")}`, "member_invalid"],
    ["a line break after it", (...all) => `${all.join(".")}\n`, "member_invalid"],
    ["a line break within", (first, second, third) => `${first}.${second.slice(0, 20)}\n${second.slice(20)}.${third}`, "member_invalid"],
    ["padding", (first, second, third) => `${first}.${second}.${third}==`],
    ["the standard alphabet", (first, second) => `${first}.${second}.++//`],
    ["bits that are not zero at the end", (first, second, third) => `${first}.${second}.${third.slice(0, -1)}${third.at(-1) === "B" ? "D" : "B"}`],
    ["an empty header", (_, second, third) => `.${second}.${third}`, "json_malformed"],
  ]) {
    refuse("E-38", `a token with ${what}`, code, parts(change));
  }
  refuse("E-38", "the JSON serialization", malformed, parts((first, second, third) => JSON.stringify({ payload: second, signatures: [{ protected: first, signature: third }] })));

  // Both (r, s) and (r, n − s) are valid signatures (SEC 1 §4.1.4); nothing here takes a token's text for its identity.
  const n = BigInt(`0x${order.toString("hex")}`);
  accepted(lab, "E-41", "the other signature of the same claims, (r, n − s)", {
    peculiarities: [
      signed((_, honest) => {
        const s = n - BigInt(`0x${honest.subarray(32).toString("hex")}`);
        return Buffer.concat([honest.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex")]);
      }),
    ],
    setting: { alg: "ES256" },
  });

  // There is no cache of verdicts: a token that was verified once says nothing of one that begins or ends like it.
  refuse("E-42", "a token that differs from one just verified in its last byte", "signature_invalid", {
    idToken: (compact, { realm }) => ((realm.last ??= compact), compact.slice(0, -2) + (compact.at(-2) === "A" ? "E" : "A") + compact.at(-1)),
  });
});
