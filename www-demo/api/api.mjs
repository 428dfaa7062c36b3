// The protected API: two routes, each with the scope it needs.

import { bindLocalhost } from "../local-server.mjs";
import { accessTokenVerifier, InvalidToken, ProviderUnreachable } from "./access-token.mjs";
import { openAccounts } from "./accounts.mjs";

/**
 * Sets the API up and answers its request handler.
 * - `issuer`: the provider; `audience`: what access tokens for this API name
 * - `demoOrigin`: the one origin whose pages may call
 * - `clientId`, `clientSecret`: with which the API asks for introspection
 * - `dataFile`: the accounts' SQLite file
 */
export function createApi({ issuer, audience, demoOrigin, clientId, clientSecret, dataFile }) {
  const verify = accessTokenVerifier({ issuer, audience, clientId, clientSecret });
  const accounts = openAccounts(dataFile);

  const routes = {
    "/me": {
      scope: "accounts:read",
      answer: ({ subject, scopes, verifiedBy, expiresAt }) => ({
        account: accounts.visit(issuer, subject),
        verifiedBy,
        scope: scopes.join(" "),
        expiresAt: new Date(expiresAt * 1000).toISOString(),
      }),
    },
    "/admin": { scope: "accounts:admin", answer: () => ({ administrator: true }) },
  };

  async function handler(request, response) {
    const { status, headers, body } = await answer(request).catch((error) => {
      console.error(error);
      return problem(500, "server_error", "The API has met an error of its own.");
    });
    response.writeHead(status, { ...common(request), ...headers });
    response.end(body && request.method !== "HEAD" ? JSON.stringify(body) : undefined);
  }

  async function answer(request) {
    const { pathname } = new URL(request.url, "http://api.invalid");
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
    if (request.method === "OPTIONS") return preflight(request);
    if (!route) return problem(404, "not_found", "There is nothing here.");
    if (request.method !== "GET" && request.method !== "HEAD") {
      return problem(405, "method_not_allowed", "This route can only be read.", { allow: "GET, HEAD, OPTIONS" });
    }

    const { authorization } = request.headers;
    // RFC 6750 §3.1: without credentials the challenge carries no error code.
    if (authorization === undefined) return challenge(401, {}, "This route needs an access token.");
    const token = /^Bearer +([\w.~+/-]+=*)$/iu.exec(authorization)?.[1];
    if (!token) return challenge(401, { error: "invalid_token" }, "The Authorization header holds no bearer token.");

    let granted;
    try {
      granted = await verify(token);
    } catch (error) {
      if (error instanceof InvalidToken) {
        return challenge(401, { error: "invalid_token", error_description: error.message }, `Refused: ${error.message}.`);
      }
      if (error instanceof ProviderUnreachable) {
        return problem(503, "provider_unreachable", `The token cannot be verified: ${error.message}.`, { "retry-after": "5" });
      }
      throw error;
    }
    if (!granted.scopes.includes(route.scope)) {
      const description = `This route needs the scope ${route.scope}.`;
      return challenge(403, { error: "insufficient_scope", scope: route.scope }, description);
    }
    return { status: 200, body: route.answer(granted) };
  }

  /** CORS: the demo's origin and no other. */
  function common(request) {
    const headers = {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      vary: "Origin",
    };
    if (request.headers.origin === demoOrigin) {
      headers["access-control-allow-origin"] = demoOrigin;
      headers["access-control-expose-headers"] = "WWW-Authenticate";
    }
    return headers;
  }

  function preflight(request) {
    if (request.headers.origin !== demoOrigin) return problem(403, "origin_not_allowed", "This origin may not call.");
    return {
      status: 204,
      headers: {
        "access-control-allow-headers": "authorization, content-type",
        "access-control-allow-methods": "GET, HEAD",
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

function problem(status, error, description, headers) {
  return { status, headers, body: { error, error_description: description } };
}

/** RFC 6750 §3. */
function challenge(status, parameters, description) {
  const rendered = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`).join(", ");
  const headers = { "www-authenticate": rendered ? `Bearer ${rendered}` : "Bearer" };
  return { status, headers, body: { error: "unauthorized", ...parameters, error_description: description } };
}
