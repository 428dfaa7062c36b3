// What a request brings along to be let in: an access token, by which scheme, and with DPoP the proof that it is the
// token's holder who asks (RFC 6750 §2.1, RFC 9449 §7.1).

import { InvalidProof, NonceWanted, proofVerifier } from "../dpop-proof.mjs";
import { InvalidToken } from "./access-token.mjs";

export { InvalidProof, NonceWanted };

/** The token is bound to a key, and came as a bearer token: whoever has stolen one would do that (RFC 9449 §7.2). */
export class BoundToken extends InvalidToken {}

/** There is no access token at all. */
export class NoCredentials extends Error {}

/**
 * Answers a function that takes a request and its whole URL, and gives what the access token grants, with the `scheme` it
 * came by; or throws. `verifyToken` as made by accessTokenVerifier, `proofs` as for proofVerifier.
 */
export function credentialVerifier({ verifyToken, ...proofs }) {
  const verifyProof = proofVerifier(proofs);

  return async function verify({ method, headers }, url) {
    // RFC 6750 §3.1: without credentials the challenge carries no error code.
    if (headers.authorization === undefined) throw new NoCredentials("this route needs an access token");
    const [, scheme, token] = /^(Bearer|DPoP) +([\w.~+/-]+=*)$/iu.exec(headers.authorization) ?? [];
    if (!token) throw new InvalidToken("the Authorization header holds no token that this API can read");
    return scheme.toLowerCase() === "dpop" ? bound() : bearer();

    async function bearer() {
      const granted = await verifyToken(token);
      if (granted.boundTo !== undefined) throw new BoundToken("the token is bound to a key, and must not come as a bearer token");
      return { ...granted, scheme: "Bearer" };
    }

    /** The proof comes first: an answer about the token is for who holds it. */
    async function bound() {
      if (headers.dpop === undefined) throw new InvalidProof("there is no proof");
      const { thumbprint, nonce } = await verifyProof({ proof: headers.dpop, method, url, accessToken: token });
      const granted = await verifyToken(token);
      if (granted.boundTo === undefined) throw new InvalidToken("the token is not bound to a key");
      if (granted.boundTo !== thumbprint) throw new InvalidToken("the token is bound to another key");
      return { ...granted, scheme: "DPoP", nonce };
    }
  };
}
