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
//   jarmClaims, jarmHeader, jarmSignature, jarm                     the response as a JWT, where one was asked for
//   pushed                                                          the answer to a pushed request, as an object
//   dpopNonce, dpopVerdict, boundTo                                 see switches/dpop.mjs
//   audience, resourceVerdict, apiAnswer                            whom a token is for, and the API's side (api.mjs)
//   sessionPage, sessionStateText                                   what the frame of the session management is, and learns
//   discoveryAnswer, jwksAnswer, authorizeAnswer, parAnswer, tokenAnswer, userInfoAnswer, endSessionAnswer    the HTTP answer
//
// The second argument tells of the realm, the request and the authorization that is being answered.

import { createHash } from "node:crypto";
import { originOf } from "./network.mjs";
import { key, published, signature } from "./keys.mjs";
import { Proofs } from "./proofs.mjs";

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
  #pushed = new Map();
  #counter = 0;

  /** `canary(kind)` makes a value that the sweep will look for. `base` are the switches that are no defect. */
  constructor({ host, name, canary, base = [], alg = "RS256", clientId = "spa" }) {
    Object.assign(this, { host, name, canary, alg, clientId, issuer: `${originOf(host)}/${name}/` });
    this.#base = base;
    this.key = key(alg);
    this.keyId = `${name}-key`;
    this.subject = `subject-of-${name}`;
    this.log = [];
    this.proofs = new Proofs(canary);
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
    const query = request.query.has("request_uri") ? this.#pulled(request.query) : request.query;
    if (!query) return { status: 400, headers: { "content-type": "text/plain" }, body: "no such request_uri" };
    const asked = { ...Object.fromEntries(query), resources: query.getAll("resource") };
    const code = this.canary("code");
    const authorization = { ...asked, code, subject: this.subject, at: Math.floor(Date.now() / 1000) };
    this.#authorizations.set(code, authorization);
    this.authorization = authorization;
    this.#learn("nonce", asked.nonce);
    this.#learn("state", asked.state);
    const honest = new URLSearchParams({ code, state: asked.state ?? "", iss: this.issuer });
    const context = { request, authorization };
    const response = this.#hook("response", honest, context);
    const [mode, jwt] = String(this.#hook("responseMode", asked.response_mode ?? "query", context)).split(".");
    const sent = jwt === "jwt" ? new URLSearchParams({ response: this.#jarm(response, context) }) : response;
    const url = new URL(asked.redirect_uri);
    if (mode === "fragment") url.hash = String(sent);
    else for (const [name, value] of sent) url.searchParams.append(name, value);
    return { status: 302, headers: { location: this.#hook("redirect", url.href, context) } };
  }

  /** The response as a JWT (JARM §2.1). */
  #jarm(response, context) {
    const now = Math.floor(Date.now() / 1000);
    const claims = this.#hook("jarmClaims", { iss: this.issuer, aud: this.clientId, exp: now + 600, ...Object.fromEntries(response) }, context);
    const header = this.#hook("jarmHeader", { alg: this.alg, kid: this.keyId }, context);
    const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const signed = this.#hook("jarmSignature", signature(this.alg, this.key, input), { ...context, input });
    return this.#hook("jarm", `${input}.${Buffer.from(signed).toString("base64url")}`, context);
  }

  /** RFC 9126 §2: the request, pushed from the back. */
  parAnswer(request) {
    const refused = this.#refusedProof(request, "par");
    if (refused) return refused;
    const form = new URLSearchParams(request.body);
    const proof = this.proofs.of("par").at(-1);
    const bound = request.headers.dpop ? proof?.thumbprint : undefined;
    if (form.has("request_uri") || (bound && form.has("dpop_jkt") && form.get("dpop_jkt") !== bound)) return json({ error: "invalid_request" }, 400);
    if (bound) form.set("dpop_jkt", bound);
    const requestUri = `urn:ietf:params:oauth:request_uri:${this.canary("request-uri")}`;
    this.#pushed.set(requestUri, form);
    const answer = this.#hook("pushed", { request_uri: requestUri, expires_in: 60 }, { request });
    return json(answer, 201, this.#nonceHeader("token", request));
  }

  /** A request that was pushed is good for one time, for the client that pushed it (RFC 9126 §4). */
  #pulled(query) {
    const form = this.#pushed.get(query.get("request_uri"));
    this.#pushed.delete(query.get("request_uri"));
    return form?.get("client_id") === query.get("client_id") ? form : undefined;
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
    const refused = this.#refusedProof(request, "token");
    if (refused) return refused;
    const key = request.headers.dpop && this.#hook("speaksDpop", false) ? this.proofs.of("token").at(-1).thumbprint : undefined;
    const authorization = renewal ? this.#renew(asked, key) : this.#redeem(asked, key);
    if (authorization.error) return json(authorization, 400);
    const context = { request, authorization, renewal, key, resources: form.getAll("resource") };
    const tokens = this.#hook("tokens", this.tokensFor(authorization, context), context);
    const headers = { ...JSON_TYPE, ...this.#nonceHeader("token", request) };
    return { headers, body: this.#hook("tokensText", JSON.stringify(tokens), context) };
  }

  /** What is wrong with a request's proof, as an answer of the token endpoint's kind; nothing without a proof. */
  #refusedProof(request, endpoint) {
    if (!this.#hook("speaksDpop", false)) return undefined;
    const proof = this.proofs.read(request, { endpoint, server: "token" });
    const verdict = this.#verdict(proof, { request, endpoint, server: "token" });
    return verdict && json({ error: verdict }, 400, this.#nonceHeader("token", request, verdict));
  }

  /** What a server says of a proof: `undefined`, or an error code. */
  #verdict(proof, context) {
    const wanted = proof && this.#hook("noncePolicy", "off", context) === "required" && !proof.freshNonce;
    const stale = proof && proof.claims?.nonce !== undefined && !proof.freshNonce;
    const honest = proof?.problem ? "invalid_dpop_proof" : wanted || stale ? "use_dpop_nonce" : undefined;
    return this.#hook("dpopVerdict", honest, { ...context, proof });
  }

  #nonceHeader(server, request, verdict) {
    const policy = this.#hook("noncePolicy", "off", { server, request });
    const honest = request.headers.dpop !== undefined && (policy !== "off" || verdict === "use_dpop_nonce") ? this.proofs.nonceOf(server) : undefined;
    const nonce = this.#hook("dpopNonce", honest, { server, request, verdict });
    return nonce === undefined ? {} : { "dpop-nonce": nonce };
  }

  /** RFC 6749 §4.1.3, RFC 7636 §4.6: a code works once, for the client and the redirect URI that it was issued for. */
  #redeem({ code, redirect_uri, client_id, code_verifier }, key) {
    const authorization = this.#authorizations.get(code);
    this.#authorizations.delete(code);
    if (!authorization || authorization.redirect_uri !== redirect_uri || authorization.client_id !== client_id) return { error: "invalid_grant" };
    const challenge = createHash("sha256").update(code_verifier ?? "").digest("base64url");
    if (challenge !== authorization.code_challenge && !this.#hook("ignoresVerifier", false)) return { error: "invalid_grant" };
    // RFC 9449 §10: a code is for the key that the request has named.
    if (authorization.dpop_jkt !== undefined && this.#hook("speaksDpop", false) && authorization.dpop_jkt !== key) return { error: "invalid_grant" };
    return authorization;
  }

  #renew({ refresh_token: token }, key) {
    const { authorization, boundTo } = this.#refreshTokens.get(token) ?? {};
    if (!this.#hook("keepsRefreshTokens", false)) this.#refreshTokens.delete(token);
    // RFC 9449 §5: a public client's refresh token is bound to its key, too.
    if (!authorization || boundTo !== key) return { error: "invalid_grant" };
    return authorization;
  }

  /** Takes a code as issued for an authorization of somebody else's: a provider that has mixed them up. */
  plant(code, authorization) {
    this.#authorizations.set(code, { ...authorization, code });
  }

  tokensFor(authorization, context) {
    const accessToken = this.#hook("accessToken", this.canary("access"), context);
    const refreshToken = this.#hook("refreshToken", this.canary("refresh"), context);
    const audience = this.#hook("audience", this.#audienceOf(authorization, context), context);
    this.#accessTokens.set(accessToken, { authorization, audience, boundTo: this.#hook("boundTo", context.key, context) });
    this.#refreshTokens.set(refreshToken, { authorization, boundTo: context.key });
    return {
      access_token: accessToken,
      token_type: context.key ? "DPoP" : "Bearer",
      expires_in: 300,
      refresh_token: refreshToken,
      scope: authorization.scope,
      id_token: this.idTokenFor(authorization, { ...context, accessToken }),
    };
  }

  /** The resources that a token is for: those of this request, else those of the first one. None: it is for all. */
  #audienceOf({ resources }, { resources: asked }) {
    return asked.length > 0 ? asked : (resources ?? []);
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
    const [, scheme, token] = /^(\S+) (.+)$/u.exec(request.headers.authorization ?? "") ?? [];
    const verdict = this.#resourceVerdict(request, { scheme, token, endpoint: "userInfo", server: "userInfo" });
    const nonce = this.#nonceHeader("userInfo", request, verdict);
    if (verdict) return { status: 401, headers: { "www-authenticate": this.#challenge(token, verdict), ...nonce } };
    const { authorization } = this.tokenRecord(token);
    const honest = { sub: authorization.subject, name: "Ada Lovelace", email: "ada@example.com" };
    const context = { request, authorization };
    const body = this.#hook("userInfoText", JSON.stringify(this.#hook("userInfo", honest, context)), context);
    return { headers: { ...JSON_TYPE, ...nonce }, body };
  }

  /** What is wrong with a call that carries an access token, for whom the token is meant left aside. */
  #resourceVerdict(request, { scheme, token, endpoint, server }) {
    const record = this.tokenRecord(token);
    const proof = this.#hook("speaksDpop", false) ? this.proofs.read(request, { endpoint, server, accessToken: token }) : undefined;
    const context = { request, endpoint, server };
    return this.#hook("resourceVerdict", this.#honestVerdict({ record, scheme, proof, context }), { ...context, record, proof });
  }

  #honestVerdict({ record, scheme, proof, context }) {
    if (!record) return "invalid_token";
    if (!record.boundTo) return /^bearer$/iu.test(scheme) ? undefined : "invalid_token";
    // RFC 9449 §7.2: a bound token is no bearer token.
    if (!/^dpop$/iu.test(scheme)) return "invalid_token";
    if (!proof) return "invalid_dpop_proof";
    return this.#verdict(proof, context) ?? (proof.thumbprint === record.boundTo ? undefined : "invalid_token");
  }

  #challenge(token, error) {
    return `${this.tokenRecord(token)?.boundTo ? "DPoP" : "Bearer"} error="${error}"`;
  }

  /** A call of an API, with one of this realm's tokens or with none: see api.mjs. */
  serveApi(request, { scheme, token, audience, server, answers }) {
    const record = this.tokenRecord(token);
    const foreign = record && record.audience.length > 0 && !record.audience.includes(audience);
    const verdict = foreign ? "invalid_token" : this.#resourceVerdict(request, { scheme, token, endpoint: "api", server });
    const honest = verdict ? answers.refusal(this.#challenge(token, verdict), { known: false, path: request.path, foreign }) : answers.success({ known: true, path: request.path, scheme });
    Object.assign(honest.headers, this.#nonceHeader(server, request, verdict));
    return this.#hook("apiAnswer", honest, { request, record, server, verdict, token });
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

  /** What was issued as an access token of this realm's: `{ authorization, audience, boundTo }`. */
  tokenRecord(accessToken) {
    return this.#accessTokens.get(accessToken);
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
  "par": "par",
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

const json = (value, status = 200, headers = {}) => ({ status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(value) });

/** `at_hash`, OpenID Connect Core §3.1.3.6: the left half of the hash that the algorithm uses. */
export function hashOf(alg, token) {
  const name = alg === "EdDSA" ? "sha512" : `sha${alg.slice(2, 5)}`;
  const digest = createHash(name).update(token).digest();
  return digest.subarray(0, digest.length / 2).toString("base64url");
}
