// The modules of the OpenID Foundation's conformance suite for relying parties, each a switch of the module's name: what
// the suite's provider does there. Sources: the plans oidcc-client-test-plan, oidcc-client-config-certification-test-plan,
// oidcc-client-refreshtoken-test-plan, and, where a rule of theirs is good for a public client too, the FAPI 2.0 plan.
//
// A module is refused with `code` (at the stage `at`, `tokens` unless it says otherwise), or accepted.

import { key, published, signature } from "../keys.mjs";
import { bearerAnswer, dpop, nonceHeader, tokenType, verdict } from "./dpop.mjs";
import { inMode, jarm, jarmClaim, jarmHeader, jarmSigned, jarmText } from "./jarm.mjs";
import { jwkSet } from "./keys.mjs";
import { member } from "./metadata.mjs";
import { par } from "./par.mjs";
import { response } from "./response.mjs";
import { claim, header, now, signed, tokens } from "./tokens.mjs";
import { signedUserInfo } from "./user-info.mjs";

const ALGORITHMS = ["RS256", "ES256", "ES256K", "EdDSA"];

/** Keys of every kind, as the suite publishes them: those for encryption and of unknown curves are nobody's business here. */
const mixed = ({ kid = (alg, index) => `${alg}-${index}`, copies = 1, except = [] } = {}) =>
  ALGORITHMS.filter((alg) => !except.includes(alg)).flatMap((alg) =>
    Array.from({ length: copies }, (_, index) => published(key(alg, `suite ${index}`), kid(alg, index), alg === "ES256K" ? { alg: undefined } : {})),
  );
const encryption = [
  published(key("RS256", "encryption"), "rsa-encryption", { use: "enc", alg: "RSA-OAEP" }),
  published(key("ES256", "encryption"), "ec-encryption", { use: "enc", alg: "ECDH-ES" }),
  published(key("X25519"), "okp-encryption", { use: "enc", alg: "ECDH-ES" }),
];

/** How the suite's provider differs from ours even where it is honest. */
export const suite = [
  member("code_challenge_methods_supported", undefined),
  member("authorization_response_iss_parameter_supported", undefined),
  response({ iss: undefined }),
  { jwkSet: ({ keys }) => ({ keys: [...mixed(), ...keys, ...encryption] }) },
];

const more = (text) => `${text}1`;
const corrupted = signed((_, honest) => Buffer.from(honest.map((byte) => byte ^ 0x5a)));
const unsigned = [header({ alg: "none", kid: undefined }), signed(() => Buffer.alloc(0))];
const announcesIss = { base: [...suite.slice(0, 1), member("authorization_response_iss_parameter_supported", true)] };

/** New keys under new IDs from the moment that `when` says so. */
const rotation = (when) => {
  const rotated = ({ realm }) => when(realm);
  const next = ({ realm }) => ({ key: key("RS256", "rotated"), kid: `${realm.keyId}-rotated` });
  return {
    jwkSet: ({ keys }, context) => (rotated(context) ? { keys: [...mixed(), published(next(context).key, next(context).kid)] } : { keys }),
    header: (honest, context) => (rotated(context) ? { ...honest, kid: next(context).kid } : honest),
    signature: (honest, context) => (rotated(context) ? signature("RS256", next(context).key, context.input) : honest),
  };
};

const noKid = header({ kid: undefined });
/** Whoever sent a wrong state does not know the right one: the sign-in goes on waiting for who does, and its record stays. */
const waiting = { storage: ["state", "nonce", "verifier"] };
const swapped = (text) => [...text].map((letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())).join("");

export const modules = {
  "oidcc-client-test": { accepted: [] },
  "oidcc-client-test-nonce-invalid": { refused: [claim("nonce", more)], code: "nonce_mismatch" },
  "oidcc-client-test-invalid-iss": { refused: [claim("iss", more)], code: "id_token_issuer_mismatch" },
  "oidcc-client-test-invalid-aud": { refused: [claim("aud", more)], code: "audience_mismatch" },
  "oidcc-client-test-missing-aud": { refused: [claim("aud", undefined)], code: "member_missing" },
  "oidcc-client-test-missing-iat": { refused: [claim("iat", undefined)], code: "member_missing" },
  "oidcc-client-test-missing-sub": { refused: [claim("sub", undefined)], code: "subject_invalid" },
  "oidcc-client-test-kid-absent-single-jwks": { accepted: [noKid, { jwkSet: (_, { realm }) => ({ keys: [published(realm.key)] }) }] },
  "oidcc-client-test-kid-absent-multiple-jwks": {
    accepted: [noKid, { jwkSet: (_, { realm }) => ({ keys: [published(realm.key), ...mixed({ kid: () => undefined, copies: 3, except: ["RS256"] })] }) }],
  },
  "oidcc-client-test-idtoken-sig-rs256": { accepted: [] },
  "oidcc-client-test-idtoken-sig-none": { refused: unsigned, code: "algorithm_not_allowed" },
  "oidcc-client-test-invalid-sig-rs256": { refused: [corrupted], code: "signature_invalid" },
  "oidcc-client-test-invalid-sig-es256": { refused: [corrupted], code: "signature_invalid", setting: { alg: "ES256" } },
  "oidcc-client-test-invalid-sig-hs256": { refused: [member("id_token_signing_alg_values_supported", ["HS256"]), header({ alg: "HS256" }), corrupted], code: "algorithm_not_allowed", freshTwin: true },
  "oidcc-client-test-userinfo-invalid-sub": { refused: [{ userInfo: (all) => ({ ...all, sub: `${all.sub}invalid` }) }], at: "userInfo", code: "user_info_subject_mismatch" },
  "oidcc-client-test-scope-userinfo-claims": {
    accepted: [{ userInfo: (all) => ({ ...all, given_name: "Ada", email: "ada@example.com", phone_number: "+1 555", address: { country: "GB" } }) }],
    setting: { options: { scope: "openid profile email address phone" } },
    check: ({ realm, report }) => [[realm.authorization.scope, "openid profile email address phone"], [report.userInfo.value.address.country, "GB"]],
  },
  "oidcc-client-test-userinfo-bearer-header": { accepted: [], check: ({ realm }) => [[/^Bearer /u.test(realm.requests("userInfo")[0].headers.authorization), true]] },
  "oidcc-client-test-aggregated-claims": {
    accepted: [{ userInfo: (all) => ({ ...all, _claim_names: { address: "src1" }, _claim_sources: { src1: { JWT: "eyJhbGciOiJub25lIn0.e30." } } }) }],
    check: ({ report }) => [[report.userInfo.value._claim_names.address, "src1"]],
  },
  "oidcc-client-test-userinfo-signed": { accepted: [signedUserInfo()], check: ({ report }) => [[report.userInfo.value.aud, "spa"]] },

  "oidcc-client-test-discovery-openid-config": { accepted: [], check: ({ realm }) => [[realm.requests("discovery").length, 1]] },
  "oidcc-client-test-discovery-jwks-uri-keys": {
    accepted: [],
    check: ({ realm }) => {
      const order = realm.log.filter(({ method }) => method !== "OPTIONS").map(({ endpoint }) => endpoint);
      return [[order.indexOf("discovery"), 0], [order.indexOf("jwks") < order.indexOf("userInfo"), true]];
    },
  },
  "oidcc-client-test-discovery-issuer-mismatch": { refused: [member("issuer", (issuer) => `${issuer}INVALID`)], at: "start", code: "metadata_issuer_mismatch" },
  "oidcc-client-test-signing-key-rotation": {
    accepted: [rotation((realm) => realm.requests("authorize").length > 1)],
    logins: 2,
    check: ({ realm }) => [[realm.requests("jwks").length, 2]],
  },
  "oidcc-client-test-signing-key-rotation-just-before-signing": {
    accepted: [rotation((realm) => realm.requests("token").length > 0)],
    check: ({ realm }) => [[realm.requests("jwks").length, 2]],
  },

  "fapi2-security-profile-final-client-test-invalid-missing-iss": { refused: [claim("iss", undefined)], code: "member_missing" },
  "fapi2-security-profile-final-client-test-invalid-secondary-aud": { refused: [claim("aud", (aud) => [aud, more(aud)])], code: "audience_untrusted" },
  "fapi2-security-profile-final-client-test-valid-aud-as-array": { accepted: [claim("aud", (aud) => [aud])] },
  "fapi2-security-profile-final-client-test-invalid-alternate-alg": {
    refused: [{ header: (all) => ({ ...all, alg: "RS256", kid: "RS256-0" }) }, signed(({ input }) => signature("RS256", key("RS256", "suite 0"), input))],
    setting: { alg: "PS256" },
    code: "algorithm_not_allowed",
  },
  "fapi2-security-profile-final-client-test-invalid-expired-exp": { refused: [claim("exp", () => now() - 360)], code: "id_token_expired" },
  "fapi2-security-profile-final-client-test-invalid-missing-exp": { refused: [claim("exp", undefined)], code: "member_missing" },
  "fapi2-security-profile-final-client-test-invalid-missing-nonce": { refused: [claim("nonce", undefined)], code: "nonce_mismatch" },
  "fapi2-security-profile-final-client-test-invalid-authorization-response-iss": {
    refused: [response({ iss: (_, { realm }) => more(realm.issuer) })],
    at: "callback",
    code: "issuer_parameter_mismatch",
    setting: announcesIss,
  },
  "fapi2-security-profile-final-client-test-remove-authorization-response-iss": { refused: [response({ iss: undefined })], at: "callback", code: "issuer_parameter_missing", setting: announcesIss },
  "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-state-fails": { refused: [response({ state: more })], at: "callback", code: "state_unknown", allow: waiting },
  "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-missing-state-fails": { 
    refused: [response({ state: undefined })],
    at: "callback",
    code: "state_missing",
    allow: waiting,
  },
  "fapi2-security-profile-final-client-test-token-endpoint-response-without-expires_in": { accepted: [tokens(({ expires_in: _, ...all }) => all)] },
  "fapi2-security-profile-final-client-test-token-type-case-insensitivity": { accepted: [tokens((all) => void (all.token_type = swapped(all.token_type)))] },

  // What the suite does not test with the code flow, and should.
  "own-athash-invalid": { refused: [claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ")], code: "access_token_hash_mismatch" },
  "own-maxage-missing-auth-time": { refused: [claim("auth_time", undefined)], code: "auth_time_missing", setting: { signIn: { maxAge: 60 } } },
  "own-maxage-too-old": { refused: [claim("auth_time", () => now() - 3600)], code: "auth_time_too_old", setting: { signIn: { maxAge: 60 } } },
  "own-maxage-zero": { refused: [claim("auth_time", () => now() - 3600)], code: "auth_time_too_old", setting: { signIn: { maxAge: 0 } } },
  "own-acr-unmet": { refused: [claim("acr", "urn:weak")], code: "acr_not_met", setting: { signIn: { acrValues: "urn:strong" }, base: [...suite, claim("acr", "urn:strong")] } },
  "own-azp-wrong": { refused: [claim("azp", more)], code: "authorized_party_mismatch" },
  "own-expired": { refused: [claim("exp", () => now() - 301)], code: "id_token_expired" },
  "own-exp-string": { refused: [claim("exp", (exp) => String(exp))], code: "member_invalid" },
  "own-nbf-future": { refused: [claim("nbf", () => now() + 600)], code: "not_yet_valid" },
  "own-iat-future": { refused: [claim("iat", () => now() + 600)], code: "issued_in_future" },
  "own-embedded-jwk": { refused: [{ header: (all) => ({ ...all, jwk: published(key("RS256", "attacker"), all.kid) }) }, signed(({ input }) => signature("RS256", key("RS256", "attacker"), input))], code: "signature_invalid" },
  "own-crit": { refused: [header({ crit: ["x"], x: 1 })], code: "critical_header" },
  "own-b64-false": { refused: [header({ crit: ["b64"], b64: false })], code: "critical_header" },
  "own-dup-header": { refused: [{ headerText: (text) => text.replace("}", ',"alg":"RS256"}') }], code: "json_duplicate_member" },
  "own-dup-claim": { refused: [{ claimsText: (text) => text.replace("{", '{"sub":"other",') }], code: "json_duplicate_member" },
  "own-dup-escaped": { refused: [{ claimsText: (text) => text.replace("{", '{"\\u0073ub":"other",') }], code: "json_duplicate_member" },
  "own-kid-wrong-key": { refused: [signed(({ input }) => signature("RS256", key("RS256", "attacker"), input))], code: "signature_invalid" },
  "own-use-enc": { refused: [jwkSet({ use: "enc" })], code: "key_not_found", freshTwin: true, setting: { base: suite.slice(0, 3) } },
  "own-typ-atjwt": { refused: [header({ typ: "at+jwt" })], code: "token_type_confusion" },
  "own-logout-token-as-idt": { refused: [header({ typ: "logout+jwt" })], code: "token_type_confusion" },
  "own-userinfo-jwt-as-idt": { refused: [{ claims: ({ iss, sub, aud }) => ({ iss, sub, aud, name: "Ada" }) }], code: "member_missing" },
  "own-dup-callback-params": { refused: [{ redirect: (url) => `${url}&code=other` }], at: "callback", code: "parameter_repeated" },
  "own-front-channel-token": { refused: [response({ access_token: "forged" })], at: "callback", code: "front_channel_token" },
  "own-no-idtoken": { refused: [tokens(({ id_token: _, ...all }) => all)], code: "id_token_missing" },
  "own-token-type-wrong": { refused: [tokens((all) => void (all.token_type = "mac"))], code: "token_type_unsupported" },
  "own-token-redirect-307": { refused: [{ tokenAnswer: () => ({ status: 307, headers: { location: "https://evil.test/redirected", "access-control-allow-origin": "*" } }) }], code: "redirect_refused" },
  "own-userinfo-no-sub": { refused: [{ userInfo: ({ sub: _, ...all }) => all }], at: "userInfo", code: "user_info_subject_mismatch" },
  "own-userinfo-html": { refused: [{ userInfoAnswer: (answer) => ({ ...answer, headers: { ...answer.headers, "content-type": "text/html" } }) }], at: "userInfo", code: "content_type_mismatch" },
  "own-discovery-slash": { refused: [member("issuer", (issuer) => issuer.slice(0, -1))], at: "start", code: "metadata_issuer_mismatch" },
  "own-discovery-case": { refused: [member("issuer", (issuer) => issuer.replace("op.test", "OP.test"))], at: "start", code: "metadata_issuer_mismatch" },
  "own-discovery-http-endpoint": { refused: [member("token_endpoint", (url) => url.replace("https", "http"))], at: "start", code: "insecure_http" },
  "own-discovery-js-endpoint": { refused: [member("authorization_endpoint", "javascript:alert(1)")], at: "start", code: "member_invalid" },
  "own-discovery-dup-issuer": { refused: [{ metadataText: (text) => text.replace("{", '{"issuer":"https://evil.test/",') }], at: "start", code: "json_duplicate_member" },
  "own-pkce-downgrade": { refused: [member("code_challenge_methods_supported", ["plain"])], at: "start", code: "pkce_unsupported" },
  "own-jwks-empty": { refused: [{ jwkSet: () => ({ keys: [] }) }], code: "key_not_found", freshTwin: true },
  "own-jwks-private": { refused: [{ jwkSet: (_, { realm }) => ({ keys: [{ ...published(realm.key, realm.keyId), d: "AQAB" }] }) }], code: "key_not_found", freshTwin: true },
  "own-jwks-oct": { refused: [{ jwkSet: (_, { realm }) => ({ keys: [{ kty: "oct", k: "c2VjcmV0", kid: realm.keyId }] }) }], code: "key_not_found", freshTwin: true },
  "own-jwks-1000-keys": { refused: [{ jwkSet: ({ keys }) => ({ keys: [...Array.from({ length: 1000 }, (_, index) => ({ ...keys[0], kid: `k${index}` })), ...keys] }) }], code: "key_not_found", freshTwin: true },
  "own-jwks-weak-rsa": { refused: [{ jwkSet: (_, { realm }) => ({ keys: [published(key("RSA1024"), realm.keyId)] }) }], code: "key_not_found", freshTwin: true },
};

/** The response as a signed JWT, of the suite's message signing profile. */
const signedResponse = { base: [...suite, jarm], options: { responseMode: "query.jwt" } };
const fapi = (name) => `fapi2-security-profile-final-client-test-${name}`;
const atCallback = (code, refused, more) => ({ refused, code, at: "callback", setting: signedResponse, ...more });

/** Modules of signed responses. */
export const jarmModules = {
  "own-jarm-happy-path": { accepted: [], setting: signedResponse },
  "own-jarm-fragment": { accepted: [], setting: { ...signedResponse, options: { responseMode: "fragment.jwt" } } },
  [fapi("ensure-jarm-without-iss")]: atCallback("member_missing", [jarmClaim("iss", undefined)]),
  [fapi("ensure-jarm-invalid-iss")]: atCallback("issuer_parameter_mismatch", [jarmClaim("iss", more)]),
  [fapi("ensure-jarm-without-aud")]: atCallback("member_missing", [jarmClaim("aud", undefined)]),
  [fapi("ensure-jarm-invalid-aud")]: atCallback("audience_mismatch", [jarmClaim("aud", more)]),
  [fapi("ensure-jarm-without-exp")]: atCallback("member_missing", [jarmClaim("exp", undefined)]),
  [fapi("ensure-jarm-expired-exp")]: atCallback("authorization_response_expired", [jarmClaim("exp", () => now() - 360)]),
  [fapi("ensure-jarm-invalid-sig")]: atCallback("signature_invalid", [jarmSigned((_, honest) => Buffer.from(honest.map((byte) => byte ^ 0x5a)))]),
  [fapi("ensure-jarm-signature-is-not-none")]: atCallback("algorithm_not_allowed", [jarmHeader({ alg: "none", kid: undefined }), jarmSigned(() => Buffer.alloc(0))], { allow: waiting }),
  "own-jarm-hs256": atCallback("algorithm_not_allowed", [jarmHeader({ alg: "HS256" })], { allow: waiting }),
  "own-jarm-secondary-aud": atCallback("audience_mismatch", [jarmClaim("aud", (aud) => [aud, more(aud)])]),
  "own-jarm-typ-atjwt": atCallback("token_type_confusion", [jarmHeader({ typ: "at+jwt" })]),
  "own-jarm-stranger-key": atCallback("signature_invalid", [jarmSigned(({ input }) => signature("RS256", key("RS256", "attacker"), input))]),
  "own-jarm-plain-response": atCallback("response_mode_mismatch", [inMode("query")], { allow: waiting }),
  "own-jarm-not-a-jwt": atCallback("jws_malformed", [jarmText(() => "not.a.jwt")], { allow: waiting }),
  "own-jarm-unasked": { refused: [jarm, inMode("query.jwt")], code: "response_mode_mismatch", at: "callback", setting: {}, allow: waiting },
};

const everywhere = (nonces, push = [par()]) => ({ base: [...suite.slice(0, 1), member("authorization_response_iss_parameter_supported", true), suite[3], ...push, dpop({ nonces })] });

/** Modules of DPoP: `settings` of the realm, `peculiarities` that are allowed, or `refused` with a `code` after so many token requests. */
export const dpopModules = {
  [fapi("happy-path")]: { setting: everywhere("required") },
  [fapi("happy-path-no-dpop-nonce")]: { setting: everywhere("off") },
  [fapi("rs-dpop-auth-scheme-case-insensitivity")]: {
    setting: everywhere("required"),
    peculiarities: [{ apiAnswer: (answer) => ({ ...answer, headers: { ...answer.headers, ...(answer.headers["www-authenticate"] && { "www-authenticate": answer.headers["www-authenticate"].replace("DPoP", "dPoP") }) } }) }],
  },
  "own-dpop-token-type-case-insensitivity": { setting: everywhere("off"), peculiarities: [tokenType("dPOp")] },
  "own-dpop-token-type-bearer": { setting: everywhere("off"), refused: [bearerAnswer], code: "dpop_downgraded", sent: 1 },
  "own-dpop-nonce-for-ever": { setting: everywhere("offered", []), refused: [verdict("use_dpop_nonce")], code: "use_dpop_nonce", sent: 2 },
  "own-dpop-nonce-not-given": { setting: everywhere("off", []), refused: [verdict("use_dpop_nonce"), nonceHeader(undefined)], code: "use_dpop_nonce", sent: 1 },
};

/** Modules of a renewal: the first answer is honest. */
export const renewalModules = {
  "oidcc-client-test-refresh-token": { accepted: [] },
  "oidcc-client-test-refresh-token-invalid-issuer": { refused: [claim("iss", more)], code: "id_token_issuer_mismatch" },
  "oidcc-client-test-refresh-token-invalid-sub": { refused: [claim("sub", more)], code: "subject_changed" },
  "own-refresh-aud": { refused: [claim("aud", more)], code: "audience_mismatch" },
  "own-refresh-nonce-changed": { refused: [claim("nonce", more)], code: "nonce_changed" },
  "own-refresh-nonce-same": { accepted: [] },
  "own-refresh-auth-time": { refused: [claim("auth_time", (time) => time - 60)], code: "auth_time_changed" },
  "own-refresh-azp": { refused: [claim("azp", more)], code: "authorized_party_mismatch" },
  "own-refresh-bad-sig": { refused: [corrupted], code: "signature_invalid" },
  "own-refresh-no-idt": { accepted: [tokens(({ id_token: _, ...all }) => all)] },
};
