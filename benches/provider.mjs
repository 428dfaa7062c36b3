// A real OpenID Provider (oidc-provider) that signs everybody in without asking, and keeps a log of what it was asked:
// the requests of a sign-in are counted here, where a worker's are seen as well as a page's.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import * as more from "./lasting.mjs";

/** One key for all providers of a run: it takes a moment to make. */
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const signingKey = { ...privateKey.export({ format: "jwk" }), kid: "bench", use: "sig", alg: "RS256" };

export const clientId = "bench";

/** Given, so that the provider does not remark on each that has been left to its default. */
const lifetimes = ["AccessToken", "AuthorizationCode", "Grant", "IdToken", "Interaction", "RefreshToken", "Session"];

/**
 * @param lasting whether it is for applications that stay open
 * @returns issuer, the log of requests, `lifetime` of access tokens to come in seconds, `announces` (whether its metadata have DPoP),
 * `isAccessToken`, and `close`
 */
export async function startProvider({ link, redirectUris, lasting = false }) {
  const { default: Provider } = await quietly(() => import("oidc-provider"));
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const issuer = origin + (lasting ? more.issuerPath : "");
  const lifetime = { accessToken: 3600 };
  // The other libraries ask for bearer tokens, whatever the metadata say.
  const announces = { dpop: lasting };

  const client = {
    redirect_uris: redirectUris,
    post_logout_redirect_uris: redirectUris,
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  const provider = await quietly(() => new Provider(issuer, {
    clients: [{ client_id: clientId, ...client }, ...(lasting ? [{ ...client, ...more.jwtClient }] : [])],
    jwks: { keys: [signingKey] },
    cookies: { keys: ["bench"] },
    clientBasedCORS: () => true,
    claims: { openid: ["sub"], profile: ["name"], email: ["email"] },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: "Ada Lovelace", email: "ada@example.com" }),
    }),
    ttl: { ...Object.fromEntries(lifetimes.map((kind) => [kind, 3600])), AccessToken: () => lifetime.accessToken },
    features: {
      devInteractions: { enabled: false },
      ...(lasting && more.features),
    },
    ...(lasting && more.settings(origin)),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    // No consent page: what is asked for is granted.
    async loadExistingGrant(ctx) {
      const { client, session, params, provider: op } = ctx.oidc;
      const grant = new op.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(params.scope);
      await grant.save();
      return grant;
    },
  }));

  provider.use(async (context, next) => {
    await next();
    if (!announces.dpop && context.path.endsWith("/.well-known/openid-configuration")) delete context.body?.dpop_signing_alg_values_supported;
  });
  if (lasting) provider.use(more.addSessionState).use(more.allowCredentials);
  const answer = provider.callback();
  const log = [];
  const handler = async (request, response) => {
    if (request.url.startsWith("/interaction/")) {
      await provider.interactionFinished(request, response, { login: { accountId: "ada" } });
    } else if (request.url === more.sessionFrame.path) {
      response.setHeader("content-type", "text/html");
      response.end(more.sessionFrame.html);
    } else {
      answer(request, response);
    }
  };
  const carried = link.carry(handler);
  server.on("request", (request, response) => {
    const entry = { method: request.method, path: request.url.split("?")[0], arrived: Date.now() };
    log.push(entry);
    response.once("finish", () => (entry.answered = Date.now()));
    carried(request, response);
  });

  return {
    issuer,
    log,
    lifetime,
    announces,
    isAccessToken: async (token) => Boolean(await provider.AccessToken.find(token)),
    close: () => new Promise((closed) => {
      server.close(closed);
      server.closeAllConnections();
    }),
  };
}

const endpoints = {
  "/authorize": "authorization",
  "/oauth/token": "token",
  "/.well-known/openid-configuration": "discovery",
  "/jwks": "jwks",
  "/token": "token",
  "/me": "userinfo",
};

/** A request in words: its method and what it was for. */
export function describeRequest({ method, path }) {
  return `${method} ${endpoints[path] ?? path}`;
}

/** oidc-provider prints notices about its runtime and settings to standard output, where the report goes. */
async function quietly(work) {
  const { info, warn } = console;
  console.info = console.warn = () => {};
  try {
    return await work();
  } finally {
    Object.assign(console, { info, warn });
  }
}
