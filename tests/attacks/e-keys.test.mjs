// ATTACKS group E, the keys: which key of the provider may have signed an ID token, and which may not.

import assert from "node:assert/strict";
import { accepted, attacks, refused } from "../hostile/attack.mjs";
import { key, published, signature } from "../hostile/keys.mjs";
import { useLab } from "../hostile/lab.mjs";
import { besides, jwkSet, publishedKey, signedBy } from "../hostile/switches/keys.mjs";
import { header, signed } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const refuse = (id, what, code, ...defects) => refused(lab, id, what, { defects, code });
/** The twin is another visitor: whoever has just fetched the keys does not ask for them again at once. */
const refuseKeys = (id, what, code, defects, setting) => refused(lab, id, what, { defects, code, setting, freshTwin: true });

/** A key ID of the header, with a token that is otherwise as it should be. */
const named = (kid) => header({ kid });
/** Asked for ahead, and once more because the key ID was not in it. */
const askedTwice = ({ realm }) => assert.equal(realm.requests("jwks").length, 2);
const unnamed = header({ kid: undefined });

attacks("E keys", () => {
  refused(lab, "E-09", "an unknown key ID", { defects: [named("unknown")], code: "key_not_found", check: askedTwice });

  for (const [what, kid, code = "key_not_found"] of [
    ["a number", 1, "member_invalid"],
    ["an object", { kid: "x" }, "member_invalid"],
    ["an array", ["x"], "member_invalid"],
    ["empty", ""],
    ["of four kilobytes", "k".repeat(4096)],
    ["of one megabyte", "k".repeat(1 << 20), "response_too_large"],
    ["__proto__", "__proto__"],
    ["constructor", "constructor"],
    ["a path", "../../jwks"],
    ["a query", "' OR 1=1 --"],
  ]) {
    refuse("E-10", `key ID ${what}`, code, named(kid));
  }

  refuse("E-11", "the right key ID, and another key", "signature_invalid", signedBy("RS256", "attacker"));

  accepted(lab, "E-12", "no key ID, one key", { peculiarities: [unnamed] });
  accepted(lab, "E-12", "no key ID anywhere, one key", { peculiarities: [unnamed, publishedKey(({ kid: _, ...jwk }) => jwk)] });
  accepted(lab, "E-12", "no key ID, one key of the algorithm among others", {
    peculiarities: [unnamed, besides(published(key("ES256"), "ec"), published(key("RS256", "encryption"), "enc", { use: "enc", alg: "RSA-OAEP" }))],
  });
  refuseKeys("E-12", "no key ID, no key of the algorithm", "key_not_found", [unnamed, jwkSet({ alg: "ES256" })]);

  refuse("E-13", "PS256 with a provider of RS256 alone", "algorithm_not_allowed", header({ alg: "PS256" }), signed(({ realm, input }) => signature("PS256", realm.key, input)));
  for (const [alg, of, members] of [
    ["ES256", "ES384", { alg: "ES256" }],
    ["ES256", "ES256K", { alg: "ES256" }],
    ["EdDSA", "X25519", { alg: "EdDSA" }],
    ["PS256", "RS256", {}],
    ["RS256", "ES256", {}],
    ["ES256", "RS256", { alg: "ES256" }],
  ]) {
    refuseKeys("E-13", `${alg} with a key for ${of}`, "key_not_found", [jwkSet({ jwk: published(key(of), "k", members) }), named("k")], { alg });
  }

  refuseKeys("E-14", "a key for encryption", "key_not_found", [publishedKey((jwk) => ({ ...jwk, use: "enc" }))]);
  refuseKeys("E-14", "a key that may not verify", "key_not_found", [publishedKey(({ use: _, ...jwk }) => ({ ...jwk, key_ops: ["encrypt"] }))]);
  accepted(lab, "E-14", "a key that says it verifies", { peculiarities: [publishedKey(({ use: _, ...jwk }) => ({ ...jwk, key_ops: ["verify"] }))] });

  const weak = published(key("RSA1024"), "weak");
  refuseKeys("E-33", "an RSA key of 1024 bits", "key_not_found", [besides(weak), named("weak"), signedBy("RSA1024", "provider", "RS256")]);
  for (const [what, change] of Object.entries({
    "exponent 1": (jwk) => ({ ...jwk, e: "AQ" }),
    "an even exponent": (jwk) => ({ ...jwk, e: "AQAC" }),
    "an exponent of 64 kbit": (jwk) => ({ ...jwk, e: Buffer.alloc(8192, 0xff).toString("base64url") }),
    "a modulus of 64 kbit": (jwk) => ({ ...jwk, n: Buffer.alloc(8192, 0xff).toString("base64url") }),
    "no modulus": ({ n: _, ...jwk }) => jwk,
  })) {
    refuseKeys("E-33", `an RSA key with ${what}`, "key_not_found", [publishedKey(change)]);
  }

  for (const [what, change, code = "key_not_found"] of [
    ["that is not on its curve", (jwk) => ({ ...jwk, y: jwk.x }), "signature_invalid"],
    ["at zero", (jwk) => ({ ...jwk, x: Buffer.alloc(32).toString("base64url"), y: Buffer.alloc(32).toString("base64url") }), "signature_invalid"],
    ["without y", ({ y: _, ...jwk }) => jwk],
    ["with a short coordinate", (jwk) => ({ ...jwk, x: Buffer.from(jwk.x, "base64url").subarray(1).toString("base64url") })],
    ["with a long coordinate", (jwk) => ({ ...jwk, x: Buffer.concat([Buffer.alloc(1), Buffer.from(jwk.x, "base64url")]).toString("base64url") })],
    ["with padding", (jwk) => ({ ...jwk, x: `${jwk.x}=` })],
  ]) {
    refuseKeys("E-36", `an EC key ${what}`, code, [publishedKey(change)], { alg: "ES256" });
  }
});
