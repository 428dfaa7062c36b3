// Keys of a provider, and signing whatever it is told to sign, in any way it is told.

import { constants, createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";

const HASH = { 256: "sha256", 384: "sha384", 512: "sha512" };
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** A key pair as `{ alg, privateKey, publicKey, jwk }`; the JWK is public. */
function pair(alg, type, options) {
  const { privateKey, publicKey } = generateKeyPairSync(type, options);
  return { alg, privateKey, publicKey, jwk: publicKey.export({ format: "jwk" }) };
}

const MAKE = {
  RS256: () => pair("RS256", "rsa", { modulusLength: 2048 }),
  RS384: () => pair("RS384", "rsa", { modulusLength: 2048 }),
  RS512: () => pair("RS512", "rsa", { modulusLength: 2048 }),
  PS256: () => pair("PS256", "rsa", { modulusLength: 2048 }),
  ES256: () => pair("ES256", "ec", { namedCurve: "P-256" }),
  ES384: () => pair("ES384", "ec", { namedCurve: "P-384" }),
  ES512: () => pair("ES512", "ec", { namedCurve: "P-521" }),
  ES256K: () => pair("ES256K", "ec", { namedCurve: "secp256k1" }),
  EdDSA: () => pair("EdDSA", "ed25519"),
  X25519: () => pair("ECDH-ES", "x25519"),
  RSA1024: () => pair("RS256", "rsa", { modulusLength: 1024 }),
};

const made = new Map();

/** A key of an algorithm. The same one for the same `which`: making RSA keys takes long. */
export function key(alg, which = "provider") {
  const name = `${alg} ${which}`;
  if (!made.has(name)) made.set(name, MAKE[alg]());
  return made.get(name);
}

/** The JWK of a key as a provider publishes it. */
export const published = ({ alg, jwk }, kid, members = {}) => ({ ...jwk, alg, use: "sig", ...(kid !== undefined && { kid }), ...members });

/** Signs with a key of ours, by an algorithm of JWA that need not be the key's own. */
export function signature(alg, { privateKey }, input) {
  const bytes = Buffer.from(input);
  if (alg === "EdDSA" || alg === "Ed25519") return sign(null, bytes, privateKey);
  const hash = HASH[alg.slice(2, 5)];
  if (alg.startsWith("PS")) return sign(hash, bytes, { key: privateKey, ...PSS });
  if (alg.startsWith("ES")) return sign(hash, bytes, { key: privateKey, dsaEncoding: "ieee-p1363" });
  return sign(hash, bytes, privateKey);
}

export const hmac = (secret, input) => createHmac("sha256", secret).update(input).digest();

/** The ways in which a public key can be taken for an HMAC secret by a verifier that is confused. */
export const asSecrets = ({ publicKey, jwk }) => {
  const pem = publicKey.export({ type: "spki", format: "pem" });
  return {
    "PEM": pem,
    "PEM without its last newline": pem.trimEnd(),
    "PEM with CRLF": pem.replaceAll("\n", "\r\n"),
    "PKCS #1 PEM": createPublicKey(publicKey.export({ type: "spki", format: "pem" })).export({ type: "pkcs1", format: "pem" }),
    "DER": publicKey.export({ type: "spki", format: "der" }),
    "JWK text": JSON.stringify(jwk),
    "modulus text": jwk.n,
    "modulus bytes": Buffer.from(jwk.n, "base64url"),
  };
};
