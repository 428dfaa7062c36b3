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

/** What `generateKey` is asked for, and the members of a public key that RFC 7638 §3.2 names, in its order. */
const KINDS = {
  __proto__: null,
  ES256: [{ __proto__: null, name: "ECDSA", namedCurve: "P-256" }, ["crv", "kty", "x", "y"]],
  ES384: [{ __proto__: null, name: "ECDSA", namedCurve: "P-384" }, ["crv", "kty", "x", "y"]],
  ES512: [{ __proto__: null, name: "ECDSA", namedCurve: "P-521" }, ["crv", "kty", "x", "y"]],
  EdDSA: [{ __proto__: null, name: "Ed25519" }, ["crv", "kty", "x"]],
};

/** A new pair of keys. The private one never leaves WebCrypto. */
export async function generate(name) {
  const { subtle } = crypto;
  const { privateKey, publicKey } = await subtle.generateKey(KINDS[name][0], false, ["sign", "verify"]);
  return new Keys(name, privateKey, await subtle.exportKey("jwk", publicKey));
}

export class Keys {
  #name;
  #key;
  #public;

  constructor(name, key, known) {
    this.#name = name;
    this.#key = key;
    this.#public = known;
  }

  /** The public key, in the form of RFC 7638 §3. */
  get jwk() {
    return `{${KINDS[this.#name][1].map((member) => `"${member}":"${this.#public[member]}"`).join()}}`;
  }

  async sign(message) {
    const algorithm = { __proto__: null, name: KINDS[this.#name][0].name, hash: `SHA-${Number(this.#name.slice(2)) || 512}` };
    return { __proto__: null, body: new Uint8Array(await crypto.subtle.sign(algorithm, this.#key, message.slice())) };
  }

  /** What IndexedDB can keep of it. */
  get handles() {
    return { __proto__: null, name: this.#name, key: this.#key, known: this.#public };
  }
}
