// With refresh tokens, in memory: the library then keeps the refresh token in a worker.

import { Auth0Client } from "@auth0/auth0-spa-js";

export function open({ issuer, clientId, redirectUri }) {
  const client = new Auth0Client({
    domain: issuer.replace(/\/$/, ""),
    clientId,
    useRefreshTokens: true,
    authorizationParams: { redirect_uri: redirectUri, scope: "openid profile email" },
  });
  return {
    client,
    async user() {
      await client.handleRedirectCallback();
      history.replaceState(null, "", redirectUri);
      return (await client.getUser()) ?? null;
    },
    signIn: () => client.loginWithRedirect(),
    call: async (url) => fetch(url, { headers: { authorization: `Bearer ${await client.getTokenSilently()}` } }),
    renew: () => client.getTokenSilently({ cacheMode: "off" }),
  };
}
