// DPoP as the hostile provider and its API see it (RFC 9449): every proof is read, judged to the letter, and written down.

import { createHash, createPublicKey, verify, constants } from "node:crypto";

/** Seconds that `iat` may be off; with a nonce of the server's own it does not matter. */
const WINDOW = 300;
const ALGORITHMS = {
  ES256: (key, input, signature) => verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, signature),
  ES384: (key, input, signature) => verify("sha384", input, { key, dsaEncoding: "ieee-p1363" }, signature),
  ES512: (key, input, signature) => verify("sha512", input, { key, dsaEncoding: "ieee-p1363" }, signature),
  PS256: (key, input, signature) => verify("sha256", input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature),
  EdDSA: (key, input, signature) => verify(null, input, key, signature),
  Ed25519: (key, input, signature) => verify(null, input, key, signature),
};
/** The members that make a thumbprint, in their order (RFC 7638 §3.2). */
const MEMBERS = { EC: ["crv", "kty", "x", "y"], OKP: ["crv", "kty", "x"], RSA: ["e", "kty", "n"] };
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "k", "oth"];

export const sha256 = (text) => createHash("sha256").update(text).digest("base64url");

export function thumbprintOf(jwk) {
  const members = MEMBERS[jwk?.kty];
  return members && sha256(JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]]))));
}

/** The proofs that one realm's servers were sent. */
export class Proofs {
  /** All of them: `{ at, endpoint, server, method, url, text, header, claims, thumbprint, problem }`. */
  all = [];
  #ids = new Set();
  #nonces = new Map();
  #issuedBy = new Map();
  #canary;

  constructor(canary) {
    this.#canary = canary;
  }

  /** Those of one endpoint, or of several. */
  of(endpoints) {
    return this.all.filter(({ endpoint }) => [endpoints].flat().includes(endpoint));
  }

  /** What is wrong with the proofs so far, if anything is. */
  get problems() {
    return this.all.filter(({ problem }) => problem).map(({ endpoint, problem }) => `${endpoint}: ${problem}`);
  }

  /** The nonce that a server gives out now. A server is what issues nonces: the token endpoint is another than UserInfo. */
  nonceOf(server) {
    if (!this.#nonces.has(server)) this.rotate(server);
    return this.#nonces.get(server).at(-1);
  }

  /** The server has a new nonce; the last one is good for a while yet. */
  rotate(server, value = this.#canary("dpop-nonce")) {
    this.#nonces.set(server, [...(this.#nonces.get(server) ?? []), value].slice(-2));
    this.#issuedBy.set(value, server);
    return value;
  }

  /** Proofs with a nonce that another server has issued, or nobody: `endpoint: issuer`. */
  get strayNonces() {
    const stray = this.all.filter(({ server, claims }) => claims?.nonce !== undefined && this.#issuedBy.get(claims.nonce) !== server);
    return stray.map(({ endpoint, claims }) => `${endpoint}: ${this.#issuedBy.get(claims.nonce) ?? "nobody"}`);
  }

  /** Forgets the nonces of a server: none that it ever gave out is good any more. */
  forget(server) {
    this.#nonces.delete(server);
    this.rotate(server);
  }

  /** Reads and judges the proof of a request. Without one there is no entry, and `undefined` comes back. */
  read(request, { endpoint, server, accessToken }) {
    const text = request.headers.dpop;
    if (text === undefined) return undefined;
    const entry = { at: request.at, endpoint, server, method: request.method, url: request.wire ?? request.url, text, accessToken };
    Object.assign(entry, parsed(text));
    entry.thumbprint = thumbprintOf(entry.header?.jwk);
    const nonces = this.#nonces.get(server) ?? [];
    entry.freshNonce = nonces.includes(entry.claims?.nonce);
    entry.problem = this.#problemOf(entry);
    if (entry.claims?.jti !== undefined) this.#ids.add(entry.claims.jti);
    this.#canary.learn("dpop-proof", text);
    this.all.push(entry);
    return entry;
  }

  #problemOf({ header, claims, input, signature, method, url, accessToken, freshNonce, text }) {
    if (text.includes(",")) return "more than one proof";
    if (!header || !claims) return "not a compact JWS";
    if (header.typ !== "dpop+jwt") return `typ ${header.typ}`;
    if (!Object.hasOwn(ALGORITHMS, header.alg)) return `alg ${header.alg}`;
    if (typeof header.jwk !== "object") return "no jwk";
    if (PRIVATE.some((name) => Object.hasOwn(header.jwk, name))) return "a private key";
    if (!signed(header, input, signature)) return "signature";
    if (typeof claims.jti !== "string" || claims.jti.length < 16) return "jti";
    if (this.#ids.has(claims.jti)) return "jti used before";
    if (claims.htm !== method) return `htm ${claims.htm}`;
    // Literally, as the conformance suite compares.
    if (claims.htu !== url.replace(/[?#].*$/su, "")) return `htu ${claims.htu}`;
    if (!Number.isInteger(claims.iat)) return "iat";
    if (!freshNonce && Math.abs(claims.iat - Date.now() / 1000) > WINDOW) return "iat out of its window";
    if (accessToken === undefined && claims.ath !== undefined) return "ath without an access token";
    if (accessToken !== undefined && claims.ath !== sha256(accessToken)) return "ath";
    return undefined;
  }
}

function parsed(text) {
  try {
    const [first, second, third, ...more] = text.split(".");
    if (third === undefined || more.length > 0) return {};
    const json = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
    return { header: json(first), claims: json(second), input: Buffer.from(`${first}.${second}`), signature: Buffer.from(third, "base64url") };
  } catch {
    return {};
  }
}

function signed({ alg, jwk }, input, signature) {
  try {
    return ALGORITHMS[alg](createPublicKey({ key: jwk, format: "jwk" }), input, signature);
  } catch {
    return false;
  }
}
