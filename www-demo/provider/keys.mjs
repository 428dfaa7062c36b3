// The provider's signing keys: made when the demo starts, gone when it ends.

import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";

const ALGORITHMS = ["RS256", "ES256"];

/** A private JWK Set with one key per algorithm, each pinned to its `alg`. */
export async function generateSigningKeys() {
  const keys = await Promise.all(ALGORITHMS.map(generateSigningKey));
  return { keys };
}

async function generateSigningKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg, use: "sig", kid: await calculateJwkThumbprint(jwk) };
}
