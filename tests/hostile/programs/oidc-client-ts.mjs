// As its README has it. Default stores: the user in sessionStorage, the state in localStorage.

import { UserManager } from "oidc-client-ts";

export function open({ issuer, clientId, redirectUri }) {
  const client = new UserManager({ authority: issuer, client_id: clientId, redirect_uri: redirectUri, scope: "openid profile email offline_access" });
  return {
    client,
    async user() {
      const user = await client.signinCallback();
      history.replaceState(null, "", redirectUri);
      return user?.profile ?? null;
    },
    signIn: () => client.signinRedirect(),
    call: async (url) => fetch(url, { headers: { authorization: `Bearer ${(await client.getUser()).access_token}` } }),
    renew: () => client.signinSilent(),
  };
}
