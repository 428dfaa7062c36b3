// Is this access token good for this API? A JWT answers by itself, an opaque one through the provider's introspection.

import { createRemoteJWKSet, errors, jwtVerify } from "jose";

const ALGORITHMS = ["RS256", "ES256"];
const PATIENCE = 5_000;

/** The token is not acceptable: 401. */
export class InvalidToken extends Error {}

/** It cannot be known whether the token is acceptable: 503. */
export class ProviderUnreachable extends Error {}

/**
 * Answers a function that takes an access token and gives `{ verifiedBy, subject, scopes, expiresAt, boundTo, acr, authTime }`, or
 * throws one of the errors above. `boundTo`: the thumbprint of the key that its holder has (RFC 9449 §6); `acr` and
 * `authTime`: how and when the user signed in (RFC 9068 §2.2.1).
 */
export function accessTokenVerifier({ issuer, audience, clientId, clientSecret }) {
  const metadata = onceItWorks(() => fetchJson(`${issuer}/.well-known/openid-configuration`));
  const keys = onceItWorks(async () =>
    createRemoteJWKSet(new URL((await metadata()).jwks_uri), { timeoutDuration: PATIENCE }));

  return (token) => (token.split(".").length === 3 ? verifyJwt(token) : introspect(token));

  /** RFC 9068 §4: signature, `typ`, issuer, audience and expiry. */
  async function verifyJwt(token) {
    const keySet = await keys();
    try {
      const { payload } = await jwtVerify(token, keySet, {
        issuer,
        audience,
        typ: "at+jwt",
        algorithms: ALGORITHMS,
        requiredClaims: ["sub", "exp", "scope"],
      });
      return accepted("jwt", payload);
    } catch (error) {
      throw explained(error);
    }
  }

  /** RFC 7662: the provider alone knows what an opaque token stands for. */
  async function introspect(token) {
    const { introspection_endpoint: endpoint } = await metadata();
    const answer = await fetchJson(endpoint, {
      method: "POST",
      headers: { authorization: basic(clientId, clientSecret) },
      body: new URLSearchParams({ token, token_type_hint: "access_token" }),
    });
    if (answer.active !== true) throw new InvalidToken("the provider does not vouch for the token: it is unknown, has expired, or is meant for another audience");
    if (answer.iss !== issuer) throw new InvalidToken("the token is from another issuer");
    if (![answer.aud].flat().includes(audience)) throw new InvalidToken("the token is meant for another audience");
    return accepted("introspection", answer);
  }
}

function accepted(verifiedBy, { sub, scope, exp, cnf, acr, auth_time: authTime }) {
  const scopes = String(scope ?? "").split(" ").filter(Boolean);
  // A confirmation by other means than DPoP cannot be checked here: no proof will ever fit it.
  const boundTo = cnf === undefined ? undefined : String(cnf?.jkt);
  return { verifiedBy, subject: sub, scopes, expiresAt: exp, boundTo, acr, authTime };
}

function explained(error) {
  if (error instanceof errors.JWTExpired) return new InvalidToken("the token has expired");
  if (error instanceof errors.JWTClaimValidationFailed) return new InvalidToken(`the token's ${error.claim} is wrong`);
  if (error instanceof errors.JWSSignatureVerificationFailed) return new InvalidToken("the token's signature is wrong");
  if (error instanceof errors.JWKSNoMatchingKey) return new InvalidToken("the token is signed with an unknown key");
  // The base class stands for an answer that was not a key set; anything that is not jose's own is the network.
  if (!(error instanceof errors.JOSEError) || error.code === "ERR_JOSE_GENERIC" || error instanceof errors.JWKSTimeout) {
    return new ProviderUnreachable("the provider's keys cannot be fetched", { cause: error });
  }
  return new InvalidToken("the token is not a well-formed JWT");
}

/** Keeps the first success, and tries again after a failure. */
function onceItWorks(make) {
  let made;
  return () => {
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

async function fetchJson(url, options) {
  try {
    const response = await fetch(url, { ...options, redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return await response.json();
  } catch (error) {
    throw new ProviderUnreachable("the provider does not answer", { cause: error });
  }
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are put together. */
function basic(clientId, clientSecret) {
  const encoded = [clientId, clientSecret].map((part) => encodeURIComponent(part)).join(":");
  return `Basic ${Buffer.from(encoded).toString("base64")}`;
}
