// Is this DPoP proof one for this very request, by the holder of its key? RFC 9449 §4.3, check by check; the API asks it,
// and the provider for its UserInfo.

import { createHash, randomBytes } from "node:crypto";
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose";

/** The algorithms of proofs that are taken: what oidc-provider takes, too. */
export const PROOF_ALGORITHMS = ["ES256", "Ed25519", "EdDSA"];

/** Seconds that a proof's `iat` may be off, either way. */
const WINDOW = 300;
const LONGEST_ID = 256;

/** The proof is not acceptable: `invalid_dpop_proof`. */
export class InvalidProof extends Error {}

/** The proof needs a nonce of this server's, or a newer one (RFC 9449 §9): `use_dpop_nonce`. */
export class NonceWanted extends Error {}

/**
 * Answers a function that takes `{ proof, method, url, accessToken }` and gives the proof's `{ thumbprint, nonce }`, or
 * throws one of the errors above. `proof` is the value of the `DPoP` header.
 * - `nonces`: this server's; without them proofs are judged by the clock alone, and a nonce in one is not looked at
 * - `nonceRequired`: whether a proof without a nonce is refused
 * - `now`: the time in seconds
 */
export function proofVerifier({ nonces, nonceRequired = false, now = () => Math.floor(Date.now() / 1000) } = {}) {
  const seen = new Map();

  return async function verify({ proof, method, url, accessToken }) {
    const { payload, protectedHeader } = await verified(proof);
    const { jti, htm, htu, iat, ath, nonce } = payload;
    if (typeof jti !== "string" || jti === "" || jti.length > LONGEST_ID) throw new InvalidProof("the proof's jti is missing or too long");
    if (htm !== method) throw new InvalidProof("the proof is for another method");
    if (withoutQuery(htu) !== withoutQuery(url)) throw new InvalidProof("the proof is for another URL");
    if (typeof iat !== "number") throw new InvalidProof("the proof's iat is missing");
    if (ath !== createHash("sha256").update(accessToken).digest("base64url")) throw new InvalidProof("the proof is for another access token");

    // A nonce says better than a clock that the proof is fresh (RFC 9449 §11.1).
    const known = nonces !== undefined && typeof nonce === "string";
    if (known && !nonces.accepts(nonce)) throw new NonceWanted("the proof's nonce is not one of the last ones");
    if (!known && nonceRequired) throw new NonceWanted("the proof needs a nonce");
    if (!known && Math.abs(now() - iat) > WINDOW) throw new InvalidProof("the proof is too old, or from the future");

    const thumbprint = await calculateJwkThumbprint(protectedHeader.jwk);
    remember(`${thumbprint} ${jti}`);
    return { thumbprint, nonce };
  };

  /** Each proof is good for one request (RFC 9449 §11.1). */
  function remember(identity) {
    const moment = now();
    for (const [each, until] of seen) {
      if (until > moment) break;
      seen.delete(each);
    }
    if (seen.has(identity)) throw new InvalidProof("the proof was used before");
    seen.set(identity, moment + 2 * WINDOW);
  }
}

/** Signature, `typ`, `alg`, and a key that is public: jose refuses a private one. */
async function verified(proof) {
  try {
    return await jwtVerify(proof, EmbeddedJWK, { typ: "dpop+jwt", algorithms: PROOF_ALGORITHMS });
  } catch {
    throw new InvalidProof("the proof is not well-formed, or its signature is wrong");
  }
}

function withoutQuery(text) {
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new InvalidProof("the proof is for no URL");
  url.search = "";
  url.hash = "";
  return url.href;
}

/** The nonces of one server: a new one each minute, and each is good for some minutes. `random` makes them. */
export function serverNonces({ now = Date.now, random = () => randomBytes(16).toString("base64url") } = {}) {
  const MINUTE = 60_000;
  const made = [];

  const current = () => {
    if (made.length === 0 || now() - made[0].at >= MINUTE) made.unshift({ at: now(), nonce: random() });
    made.length = Math.min(made.length, 3);
    return made[0].nonce;
  };
  return {
    current,
    accepts: (nonce) => made.some((each) => each.nonce === nonce && now() - each.at < 3 * MINUTE),
  };
}
