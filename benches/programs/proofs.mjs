// What benches/proofs.mjs has a page do. The provider and the API are functions of this page.

import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";

const ISSUER = "https://id.example";
const API = "https://api.example/";

/** Microseconds of one of `count` in turn. */
async function timed(count, act) {
  for (let i = 0; i < count / 10; i += 1) await act();
  const began = performance.now();
  for (let i = 0; i < count; i += 1) await act();
  return ((performance.now() - began) * 1000) / count;
}

window.signatures = async (count) => {
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const message = crypto.getRandomValues(new Uint8Array(400));
  return timed(count, () => crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, message));
};

window.joseProofs = async (count) => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  const ath = await calculateJwkThumbprint(jwk);
  return timed(count, () =>
    new SignJWT({ htm: "GET", htu: `${API}orders`, ath, jti: crypto.randomUUID() }).setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk }).setIssuedAt().sign(privateKey),
  );
};

window.valetkeyCalls = async (dpop, count) => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const redirectUri = `${location.origin}/`;
  const json = (body) => new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
  let departure;
  let proved = 0;
  const real = window.fetch;
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.url.startsWith(API)) {
      proved += request.headers.has("dpop") ? 1 : 0;
      return new Response("{}");
    }
    if (request.url === `${ISSUER}/jwks`) return json({ keys: [{ ...(await exportJWK(publicKey)), alg: "ES256" }] });
    if (request.url !== `${ISSUER}/token`) return real(input, init);
    const claims = { nonce: new URL(departure).searchParams.get("nonce") };
    const idToken = await new SignJWT(claims).setProtectedHeader({ alg: "ES256" }).setIssuer(ISSUER).setSubject("ada").setAudience("bench").setIssuedAt().setExpirationTime("1h").sign(privateKey);
    return json({ access_token: "a".repeat(400), token_type: request.headers.has("dpop") ? "DPoP" : "Bearer", expires_in: 3600, id_token: idToken });
  };
  const { createOidcClient } = await import(/* @vite-ignore */ `${location.origin}/valetkey/index.js`);
  const options = {
    issuer: ISSUER, clientId: "bench", redirectUri, resources: [API], isolation: "page", dpop,
    metadata: { issuer: ISSUER, authorization_endpoint: `${ISSUER}/auth`, token_endpoint: `${ISSUER}/token`, jwks_uri: `${ISSUER}/jwks`, dpop_signing_alg_values_supported: ["ES256"] },
  };
  const client = createOidcClient({ ...options, navigate: (url) => (departure = url) });
  await client.ready();
  await client.signIn();
  const state = new URL(departure).searchParams.get("state");
  history.replaceState(null, "", `${redirectUri}?code=x&state=${state}`);
  const signedIn = createOidcClient(options);
  const session = await signedIn.ready();
  if (session.status !== "signed-in") throw new Error(`nobody signed in: ${session.error?.code}`);
  const each = await timed(count, () => signedIn.fetch(`${API}orders`));
  if ((dpop === "off") !== (proved === 0)) throw new Error(`${proved} proofs`);
  return each;
};

window.report?.("{}");
