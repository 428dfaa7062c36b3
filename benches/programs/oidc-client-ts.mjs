// The program in valetkey.mjs, written with oidc-client-ts: no signature check, the library has none.

import { UserManager } from "oidc-client-ts";

export function open({ issuer, clientId, redirectUri, metadata, navigate }) {
  // The library has no option for where the authorization URL goes, but takes another navigator, so the bench can stop
  // the clock at the moment the default one would leave the page.
  const navigator = navigate && {
    prepare: async () => ({ navigate: async ({ url }) => navigate(url), close() {} }),
    callback: async () => {},
  };
  const manager = new UserManager(
    {
      authority: issuer,
      client_id: clientId,
      redirect_uri: redirectUri,
      post_logout_redirect_uri: redirectUri,
      scope: "openid profile email",
      ...(metadata && { metadata }),
    },
    navigator,
  );
  const current = async () => {
    const user = await manager.getUser();
    return user?.expired ? manager.signinSilent() : user;
  };
  return {
    async user() {
      if (!new URLSearchParams(location.search).has("state")) return (await current())?.profile ?? null;
      const user = await manager.signinCallback();
      history.replaceState(null, "", redirectUri);
      return user.profile;
    },
    signIn: () => manager.signinRedirect(),
    async call(url) {
      const user = await current();
      return fetch(url, { headers: { authorization: `Bearer ${user.access_token}` } });
    },
    signOut: () => manager.signoutRedirect(),
  };
}
