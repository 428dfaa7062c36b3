// Switches of DPoP (RFC 9449). `dpop()` makes a realm that speaks it, honestly; the others are what may be wrong with it.

import { metadata } from "./metadata.mjs";
import { tokens } from "./tokens.mjs";

/**
 * The provider and the APIs speak DPoP. `nonces` by server (`token`, `userInfo`, `api.test`, …): `offered` with every answer,
 * or `required`; a text is for all of them. `algorithms`: what the metadata says.
 */
export const dpop = ({ nonces = {}, algorithms = ["ES256"] } = {}) => ({
  ...metadata((all) => void (all.dpop_signing_alg_values_supported = algorithms)),
  speaksDpop: () => true,
  noncePolicy: (_, { server }) => (typeof nonces === "string" ? nonces : (nonces[server] ?? "off")),
});

/** A Bearer token although there was a proof. */
export const bearerAnswer = tokens((all) => void (all.token_type = "Bearer"));

export const tokenType = (type) => tokens((all) => void (all.token_type = type));

/** What these servers say of every proof: `invalid_dpop_proof`, `use_dpop_nonce`; `times`: so often, and then the truth. */
export function verdict(code, { servers = ["token"], times = Infinity } = {}) {
  let said = 0;
  return {
    dpopVerdict: (honest, { server, proof }) => {
      if (!proof || !servers.includes(server) || said >= times) return honest;
      said += 1;
      return code;
    },
  };
}

/** The nonce header of these servers: a text, `undefined` for none, or made by a function of the honest one. */
export const nonceHeader = (value, { servers = ["token", "userInfo", "api.test"], always = false } = {}) => ({
  dpopNonce: (honest, context) => {
    const { server, request } = context;
    if (!servers.includes(server) || (!always && request.headers.dpop === undefined)) return honest;
    return typeof value === "function" ? value(honest, context) : value;
  },
});

/** A new nonce with each answer; the last one is still good, the one before it is not. */
export const newNonceEachTime = { dpopNonce: (honest, { server, realm, request }) => (request.headers.dpop === undefined ? honest : realm.proofs.rotate(server)) };

/** `DPoP-Nonce` is there and no script may see it (CORS). */
export const nonceNotExposed = {
  tokenAnswer: (answer) => ({ ...answer, headers: { ...answer.headers, "access-control-expose-headers": "WWW-Authenticate" } }),
  apiAnswer: (answer) => ({ ...answer, headers: { ...answer.headers, "access-control-expose-headers": "WWW-Authenticate" } }),
};

/** Tokens are bound to a key that nobody has. */
export const boundToAnother = { boundTo: (thumbprint) => thumbprint && "a".repeat(43) };

/** The server's clock, as far as `iat` goes: proofs are refused unless they are of this time, in seconds from now. */
export const clockOff = (seconds, servers = ["token"]) => ({
  dpopVerdict: (honest, { server, proof }) => {
    if (!proof || proof.freshNonce || !servers.includes(server)) return honest;
    return Math.abs(proof.claims.iat - (Date.now() / 1000 + seconds)) > 300 ? "invalid_dpop_proof" : undefined;
  },
});
