// The program in valetkey.mjs, written with keycloak-js; for its size alone, it talks to one vendor's provider.

import Keycloak from "keycloak-js";

export function open({ issuer, clientId, redirectUri }) {
  const keycloak = new Keycloak({ oidcProvider: issuer, clientId });
  const ready = keycloak.init({ pkceMethod: "S256", redirectUri });
  return {
    user: async () => ((await ready) ? keycloak.tokenParsed : null),
    signIn: () => keycloak.login({ redirectUri, scope: "openid profile email" }),
    async call(url) {
      await keycloak.updateToken(5);
      return fetch(url, { headers: { authorization: `Bearer ${keycloak.token}` } });
    },
    signOut: () => keycloak.logout({ redirectUri }),
  };
}
