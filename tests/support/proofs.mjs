// A client that speaks DPoP, for tests that need one without a browser: a key, and proofs by it, right or wrong.

import { createHash, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";

/** A key as a client of DPoP has one: `{ alg, jwk, thumbprint, privateKey }`. */
export async function proofKey(alg = "ES256") {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { alg, jwk, privateKey, privateJwk: await exportJWK(privateKey), thumbprint: await calculateJwkThumbprint(jwk) };
}

export const hashOfToken = (token) => createHash("sha256").update(token).digest("base64url");

/** A proof (RFC 9449 §4.2). `header` and `claims` are put over the right ones; `undefined` leaves one out. */
export function proof({ key, method = "GET", url, accessToken, nonce, header = {}, claims = {} }) {
  const honest = {
    jti: randomUUID(),
    htm: method,
    htu: url,
    iat: Math.floor(Date.now() / 1000),
    ath: accessToken && hashOfToken(accessToken),
    nonce,
  };
  return new SignJWT({ ...honest, ...claims }).setProtectedHeader({ typ: "dpop+jwt", alg: key.alg, jwk: key.jwk, ...header }).sign(key.privateKey);
}

/**
 * Redeems the code of a callback URL as a browser's client would, with or without a proof; answers the token response.
 * `verifier` is that of the authorization request.
 */
export async function redeem({ issuer, origin, clientId, callback, redirectUri, verifier, key, more = {} }) {
  const url = `${issuer}/token`;
  const { code, ...refusal } = Object.fromEntries(new URL(callback).searchParams);
  if (!code) throw new Error(`The provider refuses: ${JSON.stringify(refusal)}`);
  const body = new URLSearchParams({ grant_type: "authorization_code", client_id: clientId, code, redirect_uri: redirectUri, code_verifier: verifier, ...more });
  const headers = { origin, ...(key && { dpop: await proof({ key, method: "POST", url }) }) };
  const response = await fetch(url, { method: "POST", headers, body });
  const answer = await response.json();
  if (!response.ok) throw new Error(`The token endpoint answers ${response.status}: ${JSON.stringify(answer)}`);
  return { ...answer, headers: response.headers };
}

/** What a proof says, and the thumbprint of its key: for reading what a browser has sent. */
export async function readProof(text) {
  const [header, claims] = text.split(".").slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
  return { header, claims, thumbprint: await calculateJwkThumbprint(header.jwk) };
}
