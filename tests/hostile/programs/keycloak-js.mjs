// As its documentation has it, without the iframe that watches a Keycloak's own session: there is none here.

import Keycloak from "keycloak-js";

export function open({ issuer, clientId, redirectUri }) {
  const client = new Keycloak({ url: issuer.replace(/\/$/, ""), realm: "lab", clientId });
  const ready = client.init({ checkLoginIframe: false, redirectUri });
  return {
    client,
    user: async () => ((await ready) ? client.idTokenParsed : null),
    signIn: async () => (await ready, client.login({ redirectUri })),
    async call(url) {
      await client.updateToken(5);
      return fetch(url, { headers: { authorization: `Bearer ${client.token}` } });
    },
    renew: () => client.updateToken(-1),
  };
}
