// Switches of the JWK Set, and of which key signs.

import { key, published, signature } from "../keys.mjs";

/** The JWK Set holds these keys instead: `{ alg, which, kid, ...members }`, or whole JWKs under `jwk`. */
export const jwkSet = (...keys) => ({
  jwkSet: (honest, { realm }) => ({
    keys: keys.map(({ alg, which, kid = realm.keyId, jwk, ...members }) => jwk ?? published(alg ? key(alg, which) : realm.key, kid, members)),
  }),
});

/** Changes the provider's one published key. */
export const publishedKey = (change) => ({ jwkSet: ({ keys }) => ({ keys: keys.map(change) }) });

/** Published beside the provider's own key. */
export const besides = (...jwks) => ({ jwkSet: ({ keys }) => ({ keys: [...jwks, ...keys] }) });

/** Signs with another key, by the algorithm of the header or another one. */
export const signedBy = (alg, which, by) => ({
  signature: (honest, { header, input }) => signature(by ?? (typeof header.alg === "string" ? header.alg : alg), key(alg, which), input),
});
