// The OpenID Provider of the demo: oidc-provider with in-memory storage, pages of its own and one API behind it.

import { randomBytes } from "node:crypto";
import { errors, Provider } from "oidc-provider";
import { bindLocalhost } from "../local-server.mjs";
import { ACR } from "./acr.mjs";
import { authenticationClaims, policy } from "./authentication.mjs";
import { authorizationDetails } from "./authorization-details.mjs";
import { interactions } from "./interactions.mjs";
import { generateSigningKeys } from "./keys.mjs";
import { logout, renderError } from "./logout.mjs";
import { findAccount } from "./people.mjs";
import { API_CLIENT_ID, apiClient, apiResources, CLIENT_ID, demoClient } from "./registrations.mjs";
import { addAudience, userInfoForApiTokens } from "./user-info.mjs";

const API_SCOPES = "openid profile email accounts:read";
const HOUR = 60 * 60;

/**
 * Sets the provider up and answers its request handler.
 * - `issuer`, `demoOrigin`, `apiOrigin`: the three origins
 * - `apiSecret`: with which the API authenticates when it asks for an introspection
 * - `accessTokenTtl`: seconds; short, so that one sees the vault renew
 * - `idTokenAlg`: RS256 or ES256
 * - `keys`: a private JWK Set; without it new keys are made
 * - `extraClients`: further client registrations; they have no default resource, so their tokens are for UserInfo
 * - `dpop`: whether sender-constrained tokens are offered (RFC 9449)
 * - `dpopNonce`: `off`, `offered` (with answers, for the next request) or `required`
 * - `par`: `off`, `offered` or `required` (RFC 9126)
 * - `jarm`: whether responses as JWTs are offered (JARM); signed as ID tokens are
 * - `moreResources`: further resource servers, by resource indicator: `{ scope, audience, accessTokenFormat }`
 */
export async function createProvider(options) {
  const { issuer, demoOrigin, apiOrigin, apiSecret } = options;
  const { accessTokenTtl = 60, idTokenAlg = "RS256", extraClients = [], moreResources = {} } = options;
  const { dpop = false, dpopNonce = "offered", par = "offered", jarm = true } = options;
  const keys = options.keys ?? (await generateSigningKeys());
  const resources = apiResources(apiOrigin);
  const userInfoEndpoint = `${issuer}/me`;

  const provider = new Provider(issuer, {
    jwks: keys,
    cookies: { keys: [randomBytes(32).toString("base64url")], names: cookieNames(issuer) },
    clients: [demoClient(demoOrigin, idTokenAlg), apiClient(apiSecret), ...extraClients],
    acrValues: Object.values(ACR),
    clientBasedCORS: (ctx, origin) => origin === demoOrigin,
    findAccount,
    claims: {
      openid: ["sub", "auth_time", "amr", "acr"],
      profile: ["name", "given_name", "family_name", "preferred_username"],
      email: ["email", "email_verified"],
    },
    // A public client gets a refresh token without `offline_access`: it then ends with the person's session here.
    issueRefreshToken: (ctx, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    extraTokenClaims: authenticationClaims,
    interactions: { policy: policy(), url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: renderError(demoOrigin),
    ttl: {
      AccessToken: (ctx, token) => token.resourceServer?.accessTokenTTL ?? accessTokenTtl,
      AuthorizationCode: 60,
      IdToken: HOUR,
      Interaction: HOUR,
      RefreshToken: 24 * HOUR,
      Session: 24 * HOUR,
      Grant: 24 * HOUR,
    },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      dPoP: {
        enabled: dpop,
        nonceSecret: dpopNonce === "off" ? undefined : randomBytes(32),
        requireNonce: () => dpopNonce === "required",
      },
      jwtResponseModes: { enabled: jarm },
      pushedAuthorizationRequests: { enabled: par !== "off", requirePushedAuthorizationRequests: par === "required" },
      richAuthorizationRequests: authorizationDetails,
      rpInitiatedLogout: { enabled: true, ...logout(demoOrigin) },
      revocation: { enabled: true, allowedPolicy: (ctx, client, token) => token.clientId === client.clientId },
      introspection: {
        enabled: true,
        // Only the API may ask, and only about tokens that were meant for it.
        allowedPolicy: (ctx, client, token) => client.clientId === API_CLIENT_ID && token.aud === resources.audience,
      },
      resourceIndicators: {
        enabled: true,
        // Of several that were asked for at once, and none in particular now: the first.
        defaultResource: (ctx, client, several) => several?.[0] ?? (client.clientId === CLIENT_ID ? resources.jwt : undefined),
        // A token request that names no resource means the one of the authorization request.
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => resourceServer(resource, { resources, moreResources, accessTokenTTL: accessTokenTtl }),
      },
    },
    formats: { customizers: { jwt: addAudience(userInfoEndpoint) } },
  });

  // The demo's page isolates itself: what it frames, a redirect too, has to allow it.
  provider.use(async (ctx, next) => {
    await next();
    ctx.set("cross-origin-resource-policy", "cross-origin");
  });
  provider.use(interactions(provider, demoOrigin));
  provider.use(userInfoForApiTokens(provider, { keys, demoOrigin, resources, userInfoEndpoint, dpop }));
  return { handler: provider.callback(), provider };
}

/** Starts the provider within this process. `options` as for createProvider, plus `port`. */
export async function startProvider({ port = 0, ...options }) {
  const server = await bindLocalhost(port, { name: "provider", variable: "OP_PORT" });
  const { handler, provider } = await createProvider({ ...options, issuer: server.origin });
  server.serve(handler);
  return { issuer: server.origin, port: server.port, provider, stop: () => server.close() };
}

function resourceServer(resource, { resources, moreResources, accessTokenTTL }) {
  const shared = { scope: API_SCOPES, audience: resources.audience, accessTokenTTL };
  const asJwt = { accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } };
  if (resource === resources.jwt) return { ...shared, ...asJwt };
  if (resource === resources.opaque) return { ...shared, accessTokenFormat: "opaque" };
  if (Object.hasOwn(moreResources, resource)) return { accessTokenTTL, ...asJwt, ...moreResources[resource] };
  throw new errors.InvalidTarget();
}

/** Cookies do not keep ports apart, so two demos on one machine need names of their own. */
function cookieNames(issuer) {
  const port = new URL(issuer).port;
  return { session: `op_session_${port}`, interaction: `op_interaction_${port}`, resume: `op_resume_${port}` };
}
