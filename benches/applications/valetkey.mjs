// Valetkey, with the options of `way`.

import { createOidcClient } from "valetkey";

export function open({ issuer, clientId, redirectUri, api, vaultUrl, callbackUri, way }) {
  const { frame, ...options } = way;
  const oidc = createOidcClient({ issuer, clientId, redirectUri, resources: [api], vaultUrl, ...(frame && { callbackUri }), ...options });
  return {
    async user() {
      const session = await oidc.ready();
      if (session.error) throw session.error;
      return session.status === "signed-in" ? { sub: session.claims.sub, restoredBy: session.restoredBy } : null;
    },
    signIn: () => oidc.signIn(),
    call: (url, init) => oidc.fetch(url, init),
  };
}
