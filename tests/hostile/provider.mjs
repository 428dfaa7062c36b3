// An OpenID Provider that signs what it is told to sign. It is honest; each switch makes one thing of it wrong.
//
// A realm is one issuer, one path of the provider's host. A switch is an object with some of the hooks below: each takes
// what the honest provider would answer and answers what this one does.
//
//   metadata, jwkSet, response, header, claims, tokens, userInfo    the thing as an object (response: URLSearchParams)
//   headerText, claimsText, metadataText, jwkSetText, tokensText, userInfoText    its text or bytes
//   signature, idToken                                              the signature, the whole compact JWS
//   accessToken, refreshToken                                       the token itself, before it is issued
//   redirect                                                        the URL that the browser is sent back to
//   sessionPage, sessionStateText                                   what the frame of the session management is, and learns
//   discoveryAnswer, jwksAnswer, authorizeAnswer, tokenAnswer, userInfoAnswer, endSessionAnswer    the HTTP answer
//
// The second argument tells of the realm, the request and the authorization that is being answered.

import { createHash, randomBytes } from "node:crypto";
import { originOf } from "./network.mjs";
import { key, published, signature } from "./keys.mjs";

const JSON_TYPE = { "content-type": "application/json", "cache-control": "no-store" };
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type, dpop",
  "access-control-allow-methods": "GET, POST",
  "access-control-expose-headers": "WWW-Authenticate, DPoP-Nonce",
};
// The documents of one origin are needed in a page that isolates itself.
const EMBEDDABLE = { "cross-origin-resource-policy": "cross-origin" };

export class Realm {
  #base;
  #defects = [];
  #authorizations = new Map();
  #refreshTokens = new Map();
  #accessTokens = new Map();
  #counter = 0;

  /** `canary(kind)` makes a value that the sweep will look for. `base` are the switches that are no defect. */
  constructor({ host, name, canary, base = [], alg = "RS256", clientId = "spa" }) {
    Object.assign(this, { host, name, canary, alg, clientId, issuer: `${originOf(host)}/${name}/` });
    this.#base = base;
    this.key = key(alg);
    this.keyId = `${name}-key`;
    this.subject = `subject-of-${name}`;
    this.log = [];
  }

  /** The defects from now on. None: the provider is honest. */
  set(...defects) {
    this.#defects = defects;
  }

  /** The requests of one endpoint, or of several, that came at `since` or later. OPTIONS asks for nothing. */
  requests(endpoints, since = 0) {
    const wanted = [endpoints].flat();
    return this.log.filter(({ endpoint, method, at }) => wanted.includes(endpoint) && method !== "OPTIONS" && at >= since);
  }

  #hook(name, value, context = {}) {
    let changed = value;
    for (const given of [...this.#base, ...this.#defects]) {
      if (given[name] !== undefined) changed = given[name](changed, { realm: this, ...context });
    }
    return changed;
  }

  /** Answers a request to a path below the issuer. */
  async handle(request) {
    const path = request.path.slice(`/${this.name}/`.length);
    const endpoint = ENDPOINTS[path] ?? "unknown";
    const entry = { ...request, endpoint };
    this.log.push(entry);
    if (request.method === "OPTIONS") return this.#hook("preflightAnswer", { status: 204, headers: CORS }, { endpoint });
    const answer = await this[`${endpoint}Answer`](entry);
    const withCors = { ...answer, headers: { ...CORS, ...EMBEDDABLE, ...answer.headers } };
    return this.#hook(`${endpoint}Answer`, withCors, { request: entry });
  }

  unknownAnswer() {
    return { status: 404, body: "There is nothing here." };
  }

  get honestMetadata() {
    const at = (path) => this.issuer + path;
    return {
      issuer: this.issuer,
      authorization_endpoint: at("authorize"),
      token_endpoint: at("token"),
      userinfo_endpoint: at("userinfo"),
      jwks_uri: at("jwks"),
      end_session_endpoint: at("logout"),
      revocation_endpoint: at("revoke"),
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      subject_types_supported: ["public"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      id_token_signing_alg_values_supported: [this.alg],
      scopes_supported: ["openid", "profile", "email", "address", "phone", "offline_access"],
      token_endpoint_auth_methods_supported: ["none"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
      claims_supported: ["sub", "name", "email"],
    };
  }

  discoveryAnswer(request) {
    const text = this.#hook("metadataText", JSON.stringify(this.#hook("metadata", this.honestMetadata, { request })), { request });
    return { headers: JSON_TYPE, body: text };
  }

  jwksAnswer(request) {
    const honest = { keys: [published(this.key, this.keyId)] };
    return { headers: JSON_TYPE, body: this.#hook("jwkSetText", JSON.stringify(this.#hook("jwkSet", honest, { request })), { request }) };
  }

  authorizeAnswer(request) {
    const asked = Object.fromEntries(request.query);
    const code = this.canary("code");
    const authorization = { ...asked, code, subject: this.subject, at: Math.floor(Date.now() / 1000) };
    this.#authorizations.set(code, authorization);
    this.authorization = authorization;
    this.#learn("nonce", asked.nonce);
    this.#learn("state", asked.state);
    const honest = new URLSearchParams({ code, state: asked.state ?? "", iss: this.issuer });
    const response = this.#hook("response", honest, { request, authorization });
    const url = new URL(asked.redirect_uri);
    for (const [name, value] of response) url.searchParams.append(name, value);
    return { status: 302, headers: { location: this.#hook("redirect", url.href, { request, authorization }) } };
  }

  /** Secrets that the vault makes, and the provider is the first to see. */
  #learn(kind, value) {
    if (value) this.canary.learn(kind, value);
  }

  tokenAnswer(request) {
    const form = new URLSearchParams(request.body);
    const asked = Object.fromEntries(form);
    const renewal = asked.grant_type === "refresh_token";
    this.#learn("verifier", asked.code_verifier);
    const authorization = renewal ? this.#renew(asked) : this.#redeem(asked);
    if (authorization.error) return { status: 400, headers: JSON_TYPE, body: JSON.stringify(authorization) };
    const context = { request, authorization, renewal };
    const tokens = this.#hook("tokens", this.tokensFor(authorization, context), context);
    return { headers: JSON_TYPE, body: this.#hook("tokensText", JSON.stringify(tokens), context) };
  }

  /** RFC 6749 §4.1.3, RFC 7636 §4.6: a code works once, for the client and the redirect URI that it was issued for. */
  #redeem({ code, redirect_uri, client_id, code_verifier }) {
    const authorization = this.#authorizations.get(code);
    this.#authorizations.delete(code);
    if (!authorization || authorization.redirect_uri !== redirect_uri || authorization.client_id !== client_id) return { error: "invalid_grant" };
    const challenge = createHash("sha256").update(code_verifier ?? "").digest("base64url");
    if (challenge !== authorization.code_challenge && !this.#hook("ignoresVerifier", false)) return { error: "invalid_grant" };
    return authorization;
  }

  #renew({ refresh_token: token }) {
    const authorization = this.#refreshTokens.get(token);
    if (!this.#hook("keepsRefreshTokens", false)) this.#refreshTokens.delete(token);
    return authorization ?? { error: "invalid_grant" };
  }

  /** Takes a code as issued for an authorization of somebody else's: a provider that has mixed them up. */
  plant(code, authorization) {
    this.#authorizations.set(code, { ...authorization, code });
  }

  tokensFor(authorization, context) {
    const accessToken = this.#hook("accessToken", this.canary("access"), context);
    const refreshToken = this.#hook("refreshToken", this.canary("refresh"), context);
    this.#accessTokens.set(accessToken, authorization);
    this.#refreshTokens.set(refreshToken, authorization);
    return {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: 300,
      refresh_token: refreshToken,
      scope: authorization.scope,
      id_token: this.idTokenFor(authorization, { ...context, accessToken }),
    };
  }

  idTokenFor(authorization, context) {
    const now = Math.floor(Date.now() / 1000);
    const honest = {
      iss: this.issuer,
      sub: authorization.subject,
      aud: this.clientId,
      exp: now + 600,
      iat: now,
      auth_time: authorization.at,
      nonce: authorization.nonce,
      at_hash: hashOf(this.alg, context.accessToken),
      sid: `sid-${this.name}`,
      name: "Ada Lovelace",
    };
    const claims = this.#hook("claims", honest, context);
    const header = this.#hook("header", { alg: this.alg, kid: this.keyId }, context);
    const headerText = this.#hook("headerText", JSON.stringify(header), context);
    const claimsText = this.#hook("claimsText", JSON.stringify(claims), context);
    const input = `${Buffer.from(headerText).toString("base64url")}.${Buffer.from(claimsText).toString("base64url")}`;
    const detail = { ...context, header, claims, input };
    const signed = this.#hook("signature", signature(this.alg, this.key, input), detail);
    const idToken = this.#hook("idToken", `${input}.${Buffer.from(signed).toString("base64url")}`, detail);
    if (typeof idToken === "string") this.canary.learn("id-token", idToken);
    return idToken;
  }

  userInfoAnswer(request) {
    const token = /^Bearer (.+)$/u.exec(request.headers.authorization ?? "")?.[1];
    const authorization = this.#accessTokens.get(token);
    if (!authorization) return { status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } };
    const honest = { sub: authorization.subject, name: "Ada Lovelace", email: "ada@example.com" };
    const context = { request, authorization };
    const body = this.#hook("userInfoText", JSON.stringify(this.#hook("userInfo", honest, context)), context);
    return { headers: JSON_TYPE, body };
  }

  endSessionAnswer(request) {
    const back = request.query.get("post_logout_redirect_uri");
    if (!back) return { headers: { "content-type": "text/html" }, body: "<!doctype html><title>Signed out</title>" };
    const url = new URL(back);
    const state = request.query.get("state");
    if (state !== null) url.searchParams.set("state", state);
    return { status: 302, headers: { location: this.#hook("logoutRedirect", url.href, { request }) } };
  }

  revocationAnswer() {
    return { status: 200 };
  }

  /** A page for the switch `sessionPage` to fill: the provider's frame of its session management. */
  checkSessionAnswer(request) {
    return { headers: { "content-type": "text/html" }, body: this.#hook("sessionPage", "<!doctype html><title>session</title>", { request }) };
  }

  sessionStateAnswer(request) {
    return { headers: { "content-type": "text/plain" }, body: this.#hook("sessionStateText", "", { request }) };
  }

  /** Whether an access token is one of this realm's. */
  knows(accessToken) {
    return this.#accessTokens.has(accessToken);
  }

  nextNumber() {
    this.#counter += 1;
    return this.#counter;
  }
}

const ENDPOINTS = {
  ".well-known/openid-configuration": "discovery",
  "jwks": "jwks",
  "authorize": "authorize",
  "token": "token",
  "userinfo": "userInfo",
  "logout": "endSession",
  "revoke": "revocation",
  "check-session": "checkSession",
  "session-state": "sessionState",
  // Where the libraries of two vendors look for theirs, without asking the metadata.
  "oauth/token": "token",
  "realms/lab/protocol/openid-connect/auth": "authorize",
  "realms/lab/protocol/openid-connect/token": "token",
  "realms/lab/protocol/openid-connect/userinfo": "userInfo",
  "realms/lab/protocol/openid-connect/logout": "endSession",
};

/** `at_hash`, OpenID Connect Core §3.1.3.6: the left half of the hash that the algorithm uses. */
export function hashOf(alg, token) {
  const name = alg === "EdDSA" ? "sha512" : `sha${alg.slice(2, 5)}`;
  const digest = createHash(name).update(token).digest();
  return digest.subarray(0, digest.length / 2).toString("base64url");
}

/** Makes the secrets of a run, each with a mark that is found wherever it goes. */
export function canaries() {
  const mark = `cnry${randomBytes(6).toString("hex")}`;
  const learned = new Map();
  let count = 0;
  const canary = (kind) => {
    count += 1;
    const value = `${mark}-${kind}-${count}-${randomBytes(12).toString("hex")}`;
    learned.set(value, kind);
    return value;
  };
  canary.mark = mark;
  canary.learn = (kind, value) => void learned.set(value, kind);
  /** Every secret so far, by its value. */
  canary.all = learned;
  return canary;
}
