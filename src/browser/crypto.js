// Signatures and hashes by WebCrypto, see src/browser/crypto.rs.
// Objects have no prototype: in a page, a script may have put anything on that of all objects.

const SCHEMES = { __proto__: null, RS: "RSASSA-PKCS1-v1_5", PS: "RSA-PSS", ES: "ECDSA" };

/** Whether a signature is valid. `key` is a JWK, its members written as a form. Rejects where the browser cannot tell. */
export async function verify(name, key, message, signature) {
  // Views of memory that may move while WebCrypto reads it.
  [message, signature] = [message.slice(), signature.slice()];
  const jwk = { __proto__: null, ...Object.fromEntries(new URLSearchParams(key)) };
  const bits = Number(name.slice(2)) || 512;
  // The algorithm for both `importKey` and `verify`; each reads the members it knows.
  const algorithm = {
    __proto__: null,
    name: SCHEMES[name.slice(0, 2)] ?? "Ed25519",
    hash: `SHA-${bits}`,
    // RFC 7518 §3.5: the salt is as long as the hash.
    saltLength: bits / 8,
    namedCurve: jwk.crv,
  };
  const { subtle } = crypto;
  return subtle.verify(algorithm, await subtle.importKey("jwk", jwk, algorithm, false, ["verify"]), signature, message);
}

export async function hash(bits, bytes) {
  return { __proto__: null, body: new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, bytes.slice())) };
}
