// The program in valetkey.mjs, written with auth0-spa-js; for its size alone, it talks to one vendor's provider.

import { Auth0Client } from "@auth0/auth0-spa-js";

export function open({ issuer, clientId, redirectUri }) {
  const auth0 = new Auth0Client({
    domain: issuer,
    clientId,
    useRefreshTokens: true,
    authorizationParams: { redirect_uri: redirectUri, scope: "openid profile email" },
  });
  return {
    async user() {
      if (new URLSearchParams(location.search).has("state")) {
        await auth0.handleRedirectCallback();
        history.replaceState(null, "", redirectUri);
      }
      return (await auth0.getUser()) ?? null;
    },
    signIn: () => auth0.loginWithRedirect(),
    async call(url) {
      return fetch(url, { headers: { authorization: `Bearer ${await auth0.getTokenSilently()}` } });
    },
    signOut: () => auth0.logout({ logoutParams: { returnTo: redirectUri } }),
  };
}
