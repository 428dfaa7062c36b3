// keycloak-js, which knows no user after a page load but whom a hidden frame finds.

import Keycloak from "keycloak-js";

export function open({ issuer, clientId, redirectUri, silentCheckSsoRedirectUri, way }) {
  const keycloak = new Keycloak({ oidcProvider: issuer, clientId });
  return {
    async user() {
      const authenticated = await keycloak.init({
        onLoad: "check-sso",
        checkLoginIframe: false,
        pkceMethod: "S256",
        redirectUri,
        silentCheckSsoRedirectUri,
        ...way,
      });
      return authenticated ? { sub: keycloak.idTokenParsed.sub } : null;
    },
    signIn: () => keycloak.login({ redirectUri, scope: "openid profile email" }),
    async call(url, init) {
      await keycloak.updateToken(5);
      return fetch(url, { ...init, headers: { authorization: `Bearer ${keycloak.token}` } });
    },
  };
}
