// The program that every library here is measured with: is somebody signed in (finishing a redirect first), sign in by a
// redirect with PKCE, call an API with a token that is renewed when it has expired, sign out. This one: Valetkey.

import { createOidcClient } from "valetkey";

export function open({ issuer, clientId, redirectUri, api, metadata, navigate, vaultUrl }) {
  const oidc = createOidcClient({
    issuer,
    clientId,
    redirectUri,
    resources: [api],
    postLogoutRedirectUri: redirectUri,
    ...(metadata && { metadata }),
    ...(navigate && { navigate }),
    ...(vaultUrl && { vaultUrl }),
  });
  return {
    async user() {
      const session = await oidc.ready();
      if (session.error) throw session.error;
      return session.status === "signed-in" ? session.claims : null;
    },
    signIn: () => oidc.signIn(),
    call: (url) => oidc.fetch(url),
    signOut: () => oidc.signOut(),
  };
}
