// The program in valetkey.mjs, written with msal-browser; for its size alone, it talks to one vendor's provider.

import { PublicClientApplication } from "@azure/msal-browser";

export function open({ issuer, clientId, redirectUri }) {
  const msal = new PublicClientApplication({
    auth: { clientId, authority: issuer, redirectUri, postLogoutRedirectUri: redirectUri },
  });
  const ready = msal.initialize();
  const scopes = ["openid", "profile", "email"];
  const account = () => msal.getAllAccounts()[0];
  return {
    async user() {
      await ready;
      const result = await msal.handleRedirectPromise();
      return result?.idTokenClaims ?? account()?.idTokenClaims ?? null;
    },
    signIn: () => msal.loginRedirect({ scopes }),
    async call(url) {
      const { accessToken } = await msal.acquireTokenSilent({ scopes, account: account() });
      return fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });
    },
    signOut: () => msal.logoutRedirect({ account: account() }),
  };
}
