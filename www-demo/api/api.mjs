// The protected API: some routes, each with the scope it needs, and one that wants a stronger and more recent sign-in.

import { bindLocalhost } from "../local-server.mjs";
import { PROOF_ALGORITHMS, serverNonces } from "../dpop-proof.mjs";
import { accessTokenVerifier, InvalidToken, ProviderUnreachable } from "./access-token.mjs";
import { openAccounts } from "./accounts.mjs";
import { BoundToken, credentialVerifier, InvalidProof, NoCredentials, NonceWanted } from "./credentials.mjs";

/**
 * Sets the API up and answers its request handler.
 * - `issuer`: the provider; `audience`: what access tokens for this API name, an address of its own origin
 * - `demoOrigin`: the one origin whose pages may call
 * - `clientId`, `clientSecret`: with which the API asks for introspection
 * - `dataFile`: the accounts' SQLite file
 * - `dpopNonce`: `off`, `offered` or `required`: whether proofs are to hold a nonce of this API's (RFC 9449 §9)
 * - `stepUp`: `{ acrValues, maxAge }`, how and how lately one must have signed in to see the transfers (RFC 9470); without it
 *   any sign-in will do
 */
export function createApi({ issuer, audience, demoOrigin, clientId, clientSecret, dataFile, dpopNonce = "off", stepUp }) {
  const nonces = dpopNonce === "off" ? undefined : serverNonces();
  const verify = credentialVerifier({
    verifyToken: accessTokenVerifier({ issuer, audience, clientId, clientSecret }),
    nonces,
    nonceRequired: dpopNonce === "required",
  });
  const accounts = openAccounts(dataFile);
  const { origin } = new URL(audience);

  const routes = {
    "/me": {
      scope: "accounts:read",
      answer: ({ subject, scopes, scheme, verifiedBy, expiresAt }) => ({
        account: accounts.visit(issuer, subject),
        scheme,
        verifiedBy,
        scope: scopes.join(" "),
        expiresAt: new Date(expiresAt * 1000).toISOString(),
      }),
    },
    "/transfers": {
      scope: "accounts:read",
      methods: ["GET", "HEAD", "POST"],
      stepUp,
      answer: ({ subject, scheme, acr, authTime }) => ({ transfers: `those of ${subject}`, scheme, acr, authTime }),
    },
    "/admin": { scope: "accounts:admin", answer: () => ({ administrator: true }) },
  };

  async function handler(request, response) {
    const used = {};
    const { status, headers, body } = await answer(request, used).catch((error) => {
      console.error(error);
      return problem(500, "server_error", "The API has met an error of its own.");
    });
    response.writeHead(status, { ...common(request, used), ...headers });
    response.end(body && request.method !== "HEAD" ? JSON.stringify(body) : undefined);
  }

  /** `used.nonce` becomes the one that a good proof held. */
  async function answer(request, used) {
    // By the API's own name, whatever the request calls it: a proof is for that one.
    const url = new URL(origin + (request.url.startsWith("/") ? request.url : "/"));
    const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
    if (request.method === "OPTIONS") return preflight(request);
    if (!route) return problem(404, "not_found", "There is nothing here.");
    const { methods = ["GET", "HEAD"] } = route;
    if (!methods.includes(request.method)) {
      return problem(405, "method_not_allowed", "This route knows other methods.", { allow: [...methods, "OPTIONS"].join(", ") });
    }

    let granted;
    try {
      granted = await verify(request, url.href);
      used.nonce = granted.nonce;
    } catch (error) {
      return refusalOf(error, request);
    }
    const { scheme } = granted;
    if (!granted.scopes.includes(route.scope)) {
      const description = `This route needs the scope ${route.scope}.`;
      return challenge(403, [scheme], { error: "insufficient_scope", scope: route.scope }, description);
    }
    if (route.stepUp && !meets(granted, route.stepUp)) {
      const { acrValues, maxAge } = route.stepUp;
      const parameters = { error: "insufficient_user_authentication", acr_values: acrValues, max_age: maxAge };
      return challenge(401, [scheme], parameters, "This route needs a stronger, or a more recent, sign-in.");
    }
    return { status: 200, body: route.answer(granted) };
  }

  function refusalOf(error, { headers }) {
    const scheme = byProof(headers) || error instanceof BoundToken ? "DPoP" : "Bearer";
    if (error instanceof NoCredentials) return challenge(401, ["Bearer", "DPoP"], {}, "This route needs an access token.");
    const code = codeOf(error);
    if (code) return challenge(401, [scheme], { error: code, error_description: error.message }, `Refused: ${error.message}.`);
    if (error instanceof ProviderUnreachable) {
      return problem(503, "provider_unreachable", `The token cannot be verified: ${error.message}.`, { "retry-after": "5" });
    }
    throw error;
  }

  /** CORS: the demo's origin and no other. */
  function common(request, used) {
    const headers = {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      vary: "Origin",
    };
    // RFC 9449 §8.2: a newer nonce than the one that was used, also where all went well.
    if (nonces && byProof(request.headers) && used.nonce !== nonces.current()) headers["dpop-nonce"] = nonces.current();
    if (request.headers.origin === demoOrigin) {
      headers["access-control-allow-origin"] = demoOrigin;
      headers["access-control-expose-headers"] = "WWW-Authenticate, DPoP-Nonce";
    }
    return headers;
  }

  function preflight(request) {
    if (request.headers.origin !== demoOrigin) return problem(403, "origin_not_allowed", "This origin may not call.");
    return {
      status: 204,
      headers: {
        "access-control-allow-headers": "authorization, content-type, dpop",
        "access-control-allow-methods": "GET, HEAD, POST",
        "access-control-max-age": "600",
      },
    };
  }

  return { handler, close: () => accounts.close() };
}

/** Starts the API within this process. `options` as for createApi, plus `port`. */
export async function startApi({ port = 0, ...options }) {
  const server = await bindLocalhost(port, { name: "API", variable: "API_PORT" });
  const api = createApi({ audience: `${server.origin}/`, ...options });
  server.serve(api.handler);
  return {
    origin: server.origin,
    port: server.port,
    async stop() {
      await server.close();
      api.close();
    },
  };
}

/** RFC 9470 §5: one of the ways to sign in that are named, and not too long ago. */
function meets({ acr, authTime }, { acrValues, maxAge }) {
  if (acrValues !== undefined && !acrValues.split(" ").includes(acr)) return false;
  return maxAge === undefined || (typeof authTime === "number" && Date.now() / 1000 - authTime <= maxAge);
}

const byProof = ({ authorization }) => /^dpop /iu.test(authorization ?? "");

function codeOf(error) {
  if (error instanceof InvalidToken) return "invalid_token";
  if (error instanceof InvalidProof) return "invalid_dpop_proof";
  return error instanceof NonceWanted ? "use_dpop_nonce" : undefined;
}

function problem(status, error, description, headers) {
  return { status, headers, body: { error, error_description: description } };
}

/** One challenge for each scheme (RFC 6750 §3, RFC 9449 §7.1). */
function challenge(status, schemes, parameters, description) {
  const rendered = schemes.map((scheme) => {
    const all = { ...parameters, ...(scheme === "DPoP" && { algs: PROOF_ALGORITHMS.join(" ") }) };
    const list = Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}="${value}"`);
    return [scheme, list.join(", ")].filter(Boolean).join(" ");
  });
  const headers = { "www-authenticate": rendered.join(", ") };
  return { status, headers, body: { error: "unauthorized", ...parameters, error_description: description } };
}
