// UserInfo for tokens that are also for the API.
//
// oidc-provider's own UserInfo endpoint takes only tokens without an audience: a client that wants both the API and
// UserInfo would have to hold two access tokens. Many providers give out one token for both instead, with the UserInfo
// endpoint as a second audience, and so does this one. Tokens without an audience go to oidc-provider as ever.

import { createLocalJWKSet, jwtVerify } from "jose";
import { InvalidProof, proofVerifier } from "../dpop-proof.mjs";
import { claimsOf } from "./people.mjs";

/** For oidc-provider's option `formats.customizers.jwt`. */
export function addAudience(userInfoEndpoint) {
  return (ctx, token, jwt) => {
    if (token.scopes.has("openid")) jwt.payload.aud = [jwt.payload.aud, userInfoEndpoint];
  };
}

/** Koa middleware: answers UserInfo requests that carry a token for the API, and leaves all others alone. */
export function userInfoForApiTokens(provider, { keys, demoOrigin, resources, userInfoEndpoint, dpop }) {
  // The nonces of this origin are oidc-provider's own; here the time in a proof is enough.
  const verifyProof = proofVerifier();
  const keySet = createLocalJWKSet({ keys: keys.keys.map(publicPart) });
  const path = new URL(userInfoEndpoint).pathname;

  return async (ctx, next) => {
    const [, scheme, token] = /^(Bearer|DPoP) ([\w.~+/=-]+)$/iu.exec(ctx.get("Authorization")) ?? [];
    if (ctx.path !== path || !["GET", "POST"].includes(ctx.method) || !token) return next();

    const holder = token.split(".").length === 3
      ? await holderOfJwt(token)
      : holderOfStored(await provider.AccessToken.find(token));
    if (!holder) return next();

    ctx.vary("Origin");
    if (ctx.get("Origin") === demoOrigin) {
      ctx.set({ "Access-Control-Allow-Origin": demoOrigin, "Access-Control-Expose-Headers": "WWW-Authenticate, DPoP-Nonce" });
    }
    ctx.set("Cache-Control", "no-store");
    const problem = await problemOf(ctx, { holder, token, bound: dpop && scheme.toLowerCase() === "dpop" });
    if (problem) {
      ctx.status = 401;
      ctx.set("WWW-Authenticate", `${holder.boundTo ? "DPoP" : "Bearer"} error="${problem}"`);
      ctx.body = { error: problem };
      return undefined;
    }
    ctx.body = claimsOf(holder.subject, holder.scopes);
    return undefined;
  };

  /** A token that is bound to a key is taken from the holder of that key alone (RFC 9449 §7.1). */
  async function problemOf({ method, req }, { holder: { boundTo }, token, bound }) {
    if (!bound) return boundTo === undefined ? undefined : "invalid_token";
    try {
      const { thumbprint } = await verifyProof({ proof: req.headers.dpop, method, url: userInfoEndpoint, accessToken: token });
      return thumbprint === boundTo ? undefined : "invalid_token";
    } catch (error) {
      if (error instanceof InvalidProof) return "invalid_dpop_proof";
      throw error;
    }
  }

  async function holderOfJwt(token) {
    try {
      const { payload } = await jwtVerify(token, keySet, {
        issuer: provider.issuer,
        audience: userInfoEndpoint,
        typ: "at+jwt",
        algorithms: ["RS256"],
      });
      return { subject: payload.sub, scopes: new Set(payload.scope.split(" ")), boundTo: payload.cnf?.jkt };
    } catch {
      // oidc-provider then answers what there is to say of a token it does not know.
      return undefined;
    }
  }

  function holderOfStored(token) {
    if (!token?.isValid || token.aud !== resources.audience || !token.scopes.has("openid")) return undefined;
    return { subject: token.accountId, scopes: token.scopes, boundTo: token.jkt };
  }
}

function publicPart({ kty, kid, alg, use, n, e, crv, x, y }) {
  return { kty, kid, alg, use, n, e, crv, x, y };
}
