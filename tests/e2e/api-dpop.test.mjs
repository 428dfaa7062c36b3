// The demo's API and provider, asked by a client in this process: which proofs they take (RFC 9449 §4.3, §7), and how they
// ask for a stronger sign-in (RFC 9470). No browser.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { ACR } from "../../www-demo/provider/acr.mjs";
import { proofVerifier, serverNonces } from "../../www-demo/dpop-proof.mjs";
import { TRANSFER } from "../../www-demo/provider/registrations.mjs";
import { proof, proofKey, redeem } from "../support/proofs.mjs";
import { callbackUrlFor } from "../support/provider-trip.mjs";
import { startWorld } from "../support/world.mjs";

const RECENT = 2;
let world;
let key;
let other;
before(async () => {
  world = await startWorld({ dpop: true, stepUp: { acrValues: ACR.confirmed, maxAge: RECENT }, files: true });
  [key, other] = await Promise.all([proofKey(), proofKey()]);
});
after(() => world?.stop());

/** A sign-in without a browser; `bound`: the key that the tokens are bound to. */
async function signIn({ bound, parameters = {}, more } = {}) {
  const { issuer, options, site } = world;
  const verifier = randomBytes(32).toString("base64url");
  const request = {
    client_id: options.clientId,
    redirect_uri: options.postLogoutRedirectUri,
    response_type: "code",
    scope: options.scope,
    state: "any",
    nonce: "any",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...parameters,
  };
  const callback = await callbackUrlFor(`${issuer}/auth?${new URLSearchParams(Object.entries(request).flatMap(([name, value]) => [value].flat().map((one) => [name, one])))}`);
  return redeem({ issuer, origin: site.origin, clientId: options.clientId, callback, redirectUri: request.redirect_uri, verifier, key: bound, more });
}

const read = async (response) => ({ status: response.status, challenge: response.headers.get("www-authenticate"), nonce: response.headers.get("dpop-nonce"), exposed: response.headers.get("access-control-expose-headers"), body: await response.json() });
const call = async (path, { scheme = "DPoP", token, method = "GET", dpop, origin = world.site.origin } = {}) =>
  read(await fetch(`${world.api}${path}`, { method, headers: { origin, ...(token && { authorization: `${scheme} ${token}` }), ...(dpop && { dpop }) } }));

/** A call with a proof that is right but for what is given. */
async function callWith(tokens, { path = "me", method = "GET", ...wrong } = {}) {
  const dpop = await proof({ key, method, url: `${world.api}${path}`, accessToken: tokens.access_token, ...wrong });
  return call(path, { token: tokens.access_token, method, dpop });
}

test("a bound token opens the API with a proof by its key, and is said to have come by DPoP", async () => {
  const tokens = await signIn({ bound: key });
  assert.equal(tokens.token_type, "DPoP");
  const { status, body, exposed } = await callWith(tokens);
  assert.equal(status, 200);
  assert.deepEqual([body.scheme, body.verifiedBy, body.account.subject], ["DPoP", "jwt", "ada.lovelace"]);
  assert.match(exposed, /DPoP-Nonce/u);
  assert.match(exposed, /WWW-Authenticate/u);
});

test("a token that is not bound opens it as a bearer token, and not by DPoP", async () => {
  const tokens = await signIn();
  assert.equal(tokens.token_type, "Bearer");
  const plain = await call("me", { scheme: "Bearer", token: tokens.access_token });
  assert.deepEqual([plain.status, plain.body.scheme], [200, "Bearer"]);
  const bound = await callWith(tokens);
  assert.equal(bound.status, 401);
  assert.match(bound.challenge, /^DPoP error="invalid_token"/u);
});

test("an opaque token is bound as well", async () => {
  const tokens = await signIn({ bound: key, parameters: { resource: `${world.api}introspected` } });
  const { status, body } = await callWith(tokens);
  assert.deepEqual([status, body.scheme, body.verifiedBy], [200, "DPoP", "introspection"]);
  assert.equal((await call("me", { scheme: "Bearer", token: tokens.access_token })).status, 401);
});

test("a bound token is never taken as a bearer token, with or without a proof", async () => {
  const tokens = await signIn({ bound: key });
  const dpop = await proof({ key, url: `${world.api}me`, accessToken: tokens.access_token });
  for (const headers of [{}, { dpop }]) {
    const { status, challenge } = await call("me", { scheme: "Bearer", token: tokens.access_token, ...headers });
    assert.equal(status, 401);
    assert.match(challenge, /^DPoP error="invalid_token".*algs="ES256/u);
  }
});

test("without credentials both schemes are offered, and no error is named", async () => {
  const { status, challenge } = await call("me");
  assert.equal(status, 401);
  assert.match(challenge, /^Bearer, DPoP algs="[^"]+"$/u);
});

test("a proof by another key, or none, opens nothing", async () => {
  const tokens = await signIn({ bound: key });
  assert.match((await callWith(tokens, { key: other })).challenge, /error="invalid_token"/u);
  assert.match((await call("me", { token: tokens.access_token })).challenge, /error="invalid_dpop_proof"/u);
});

const now = () => Math.floor(Date.now() / 1000);
/** Proofs that are wrong in one thing each. */
const WRONG = {
  "another typ": () => ({ header: { typ: "JWT" } }),
  "no typ": () => ({ header: { typ: undefined } }),
  "no key": () => ({ header: { jwk: undefined } }),
  "the private key": () => ({ header: { jwk: key.privateJwk } }),
  "another key than the one that signed": () => ({ header: { jwk: other.jwk } }),
  "another method": () => ({ claims: { htm: "POST" } }),
  "the method in small letters": () => ({ claims: { htm: "get" } }),
  "no method": () => ({ claims: { htm: undefined } }),
  "another path": () => ({ url: `${world.api}transfers` }),
  "another host": () => ({ url: world.api.replace("localhost", "127.0.0.1") }),
  "another scheme of URL": () => ({ url: `${world.api.replace("http", "https")}me` }),
  "no URL": () => ({ claims: { htu: undefined } }),
  "a URL that is none": () => ({ claims: { htu: "me" } }),
  "the hash of another token": () => ({ accessToken: "another" }),
  "no hash of the token": () => ({ claims: { ath: undefined } }),
  "no iat": () => ({ claims: { iat: undefined } }),
  "iat as a text": () => ({ claims: { iat: String(now()) } }),
  "an iat of long ago": () => ({ claims: { iat: now() - 400 } }),
  "an iat in the future": () => ({ claims: { iat: now() + 400 } }),
  "no jti": () => ({ claims: { jti: undefined } }),
  "an empty jti": () => ({ claims: { jti: "" } }),
  "a jti of a kilobyte": () => ({ claims: { jti: "j".repeat(1000) } }),
  "an end that has passed": () => ({ claims: { exp: now() - 60 } }),
};
for (const [name, wrong] of Object.entries(WRONG)) {
  test(`a proof with ${name} is refused`, async () => {
    const tokens = await signIn({ bound: key });
    const { status, challenge } = await callWith(tokens, wrong());
    assert.equal(status, 401);
    assert.match(challenge, /^DPoP error="invalid_dpop_proof"/u);
    assert.equal((await callWith(tokens)).status, 200, "the twin");
  });
}

test("a proof whose algorithm is none, or an HMAC with the public key, is refused", async () => {
  const tokens = await signIn({ bound: key });
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const [, claims] = (await proof({ key, url: `${world.api}me`, accessToken: tokens.access_token })).split(".");
  for (const alg of ["none", "HS256"]) {
    const dpop = `${encoded({ typ: "dpop+jwt", alg, jwk: key.jwk })}.${claims}.${alg === "none" ? "" : "AAAA"}`;
    assert.match((await call("me", { token: tokens.access_token, dpop })).challenge, /error="invalid_dpop_proof"/u);
  }
});

test("the same proof twice, and two proofs at once, are refused", async () => {
  const tokens = await signIn({ bound: key });
  const make = () => proof({ key, url: `${world.api}me`, accessToken: tokens.access_token });
  const dpop = await make();
  assert.equal((await call("me", { token: tokens.access_token, dpop })).status, 200);
  assert.match((await call("me", { token: tokens.access_token, dpop })).challenge, /used before/u);
  assert.equal((await call("me", { token: tokens.access_token, dpop: `${await make()}, ${await make()}` })).status, 401);
});

test("a URL is compared without its query and fragment", async () => {
  const tokens = await signIn({ bound: key });
  const dpop = await proof({ key, url: `${world.api}me?page=1#top`, accessToken: tokens.access_token });
  const response = await fetch(`${world.api}me?page=2`, { headers: { authorization: `DPoP ${tokens.access_token}`, dpop } });
  assert.equal(response.status, 200);
});

test("a preflight allows what DPoP needs, for the application's origin alone", async () => {
  const ask = (origin) => fetch(`${world.api}transfers`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,dpop" } });
  const allowed = await ask(world.site.origin);
  assert.match(allowed.headers.get("access-control-allow-headers"), /dpop/u);
  assert.match(allowed.headers.get("access-control-allow-methods"), /POST/u);
  assert.equal((await ask("http://localhost:1")).headers.get("access-control-allow-origin"), null);
});

test("nonces: one is asked for, the last ones are good, and a newer one comes with the answer", async () => {
  let time = 0;
  const nonces = serverNonces({ now: () => time });
  const verify = proofVerifier({ nonces, nonceRequired: true });
  const url = "https://api.example/";
  const attempt = async (nonce, claims) => verify({ proof: await proof({ key, url, accessToken: "token", nonce, claims }), method: "GET", url, accessToken: "token" });
  await assert.rejects(attempt(), { message: "the proof needs a nonce" });
  await assert.rejects(attempt("of another server"), { message: /not one of the last ones/u });
  const first = nonces.current();
  assert.deepEqual(await attempt(first), { thumbprint: key.thumbprint, nonce: first });
  assert.equal((await attempt(first, { iat: now() - 86_400 })).nonce, first, "a nonce makes the client's clock no matter");
  time += 60_000;
  assert.notEqual(nonces.current(), first);
  await attempt(first);
  time += 180_000;
  await assert.rejects(attempt(first), { message: /not one of the last ones/u });
});

test("the provider's UserInfo takes a bound token with a proof alone", async () => {
  const tokens = await signIn({ bound: key });
  const url = `${world.issuer}/me`;
  const ask = async (scheme, dpop) => {
    const response = await fetch(url, { headers: { authorization: `${scheme} ${tokens.access_token}`, ...(dpop && { dpop }) } });
    return [response.status, response.headers.get("www-authenticate"), (await response.json()).sub];
  };
  assert.deepEqual(await ask("DPoP", await proof({ key, url, accessToken: tokens.access_token })), [200, null, "ada.lovelace"]);
  assert.deepEqual((await ask("Bearer")).slice(0, 2), [401, 'DPoP error="invalid_token"']);
  assert.deepEqual((await ask("DPoP", await proof({ key, url: `${url}x`, accessToken: tokens.access_token }))).slice(0, 2), [401, 'DPoP error="invalid_dpop_proof"']);
  assert.deepEqual((await ask("DPoP", await proof({ key: other, url, accessToken: tokens.access_token }))).slice(0, 2), [401, 'DPoP error="invalid_token"']);
});

const claimsOf = ({ id_token: idToken }) => JSON.parse(Buffer.from(idToken.split(".")[1], "base64url").toString());

test("the transfers want a stronger sign-in, and then a recent one", async () => {
  const weak = await signIn({ bound: key });
  const refused = await callWith(weak, { path: "transfers" });
  assert.equal(refused.status, 401);
  assert.match(refused.challenge, new RegExp(`^DPoP error="insufficient_user_authentication", acr_values="${ACR.confirmed}", max_age="${RECENT}"`, "u"));

  const strong = await signIn({ bound: key, parameters: { acr_values: ACR.confirmed, max_age: "0" } });
  const claims = claimsOf(strong);
  assert.equal(claims.acr, ACR.confirmed);
  assert.ok(now() - claims.auth_time <= 1);
  const seen = await callWith(strong, { path: "transfers", method: "POST" });
  assert.deepEqual([seen.status, seen.body.acr, seen.body.authTime], [200, ACR.confirmed, claims.auth_time]);
  await new Promise((resolve) => setTimeout(resolve, (RECENT + 1) * 1000));
  assert.match((await callWith(strong, { path: "transfers" })).challenge, /insufficient_user_authentication/u);
});

test("a way to sign in that is unknown is refused where it is essential, and else left aside", async () => {
  const claims = JSON.stringify({ id_token: { acr: { essential: true, value: "urn:unknown" } } });
  await assert.rejects(signIn({ parameters: { claims } }), /unmet_authentication_requirements/u);
  assert.equal(claimsOf(await signIn({ parameters: { acr_values: "urn:unknown" } })).acr, ACR.password);
});

test("two resources have a token each, and neither opens the other's API", async () => {
  const parameters = { resource: [world.api, world.files], scope: "openid accounts:read files:read" };
  const api = await signIn({ bound: key, parameters, more: { resource: world.api } });
  const files = await signIn({ bound: key, parameters, more: { resource: world.files } });
  assert.deepEqual([api.scope, files.scope], ["openid accounts:read", "files:read"]);
  assert.equal((await callWith(api)).status, 200);
  assert.equal((await callWith(files)).status, 401);
  const ask = async (tokens) => (await fetch(`${world.files}list`, { headers: { authorization: `DPoP ${tokens.access_token}`, dpop: await proof({ key, url: `${world.files}list`, accessToken: tokens.access_token }) } })).status;
  assert.deepEqual([await ask(files), await ask(api)], [200, 401]);
  assert.deepEqual(world.filesCalls, [{ scheme: "DPoP", scopes: ["files:read"] }]);
});

test("the details of a rich authorization request are granted as they were shown, and told", async () => {
  const details = [{ type: TRANSFER, amount: "10.00", to: "Grace" }];
  const tokens = await signIn({ parameters: { authorization_details: JSON.stringify(details) } });
  assert.deepEqual(tokens.authorization_details, details);
});
