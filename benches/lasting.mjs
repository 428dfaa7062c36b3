// What the provider needs besides for applications that stay open: so that every library can do what it does there, against
// one and the same provider.

/**
 * The paths and the spelling of the issuer are those that auth0-spa-js has built in. Any other library goes by the
 * provider's metadata.
 */
export const routes = { authorization: "/authorize", token: "/oauth/token" };
export const issuerPath = "/";

/** For keycloak-js, which reads access and refresh tokens as JWTs: it gets such an access token, and no refresh token. */
export const jwtClientId = "bench-jwt";
export const jwtClient = { client_id: jwtClientId, grant_types: ["authorization_code"] };

/** Of oidc-provider. Refresh tokens it rotates as it does those of public clients; one used twice ends the whole grant. */
export const settings = (origin) => ({
  routes,
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
  extraTokenClaims: (_ctx, { clientId }) => (clientId === jwtClientId ? { sid: "bench" } : undefined),
  discovery: { check_session_iframe: origin + sessionFrame.path },
});

export const features = {
  // How the hidden frame of auth0-spa-js is answered.
  webMessageResponseMode: { enabled: true, ack: "individual-draft-01" },
  resourceIndicators: {
    enabled: true,
    defaultResource: (ctx) => (ctx.oidc.client.clientId === jwtClientId ? "urn:bench" : undefined),
    getResourceServerInfo: () => ({ scope: "", accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } }),
    useGrantedResource: () => true,
  },
};

/**
 * The page that a monitoring application asks (OpenID Connect Session Management 1.0 §3.1): the session is as it was, or
 * is news to who knows of none.
 */
export const sessionFrame = {
  path: "/check-session",
  html: '<!doctype html><script>onmessage = ({ data, source, origin }) => source.postMessage(data.endsWith(" ") ? "changed" : "unchanged", origin)</script>',
};

/** oidc-provider has no session management of its own. */
export async function addSessionState(ctx, next) {
  await next();
  const location = ctx.response.get("location");
  if (/[?#&]code=/.test(location)) ctx.set("location", `${location}&session_state=bench.state`);
}

/** keycloak-js has its token request carry cookies, and a browser gives it an answer only if that says it may. */
export async function allowCredentials(ctx, next) {
  await next();
  if (ctx.response.get("access-control-allow-origin")) ctx.set("access-control-allow-credentials", "true");
}
