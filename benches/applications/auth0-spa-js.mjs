// auth0-spa-js. `way`: the library's options, and `cacheMode` "off" where a page load finds its access token used up.

import { Auth0Client } from "@auth0/auth0-spa-js";

export function open({ issuer, clientId, redirectUri, way }) {
  const { cacheMode, ...options } = way;
  const auth0 = new Auth0Client({
    domain: issuer.replace(/\/$/, ""),
    clientId,
    authorizationParams: { redirect_uri: redirectUri, scope: "openid profile email" },
    ...options,
  });
  return {
    async user() {
      if (new URLSearchParams(location.search).has("state")) {
        await auth0.handleRedirectCallback();
        history.replaceState(null, "", redirectUri);
      } else {
        // What its `createAuth0Client` does.
        await auth0.checkSession(cacheMode && { cacheMode });
      }
      return (await auth0.getUser()) ?? null;
    },
    signIn: () => auth0.loginWithRedirect(),
    async call(url, init) {
      return fetch(url, { ...init, headers: { authorization: `Bearer ${await auth0.getTokenSilently()}` } });
    },
  };
}
