/** A program with oidc-spa, with or without the defences that it offers. */
export const program = (createOidc, oidcEarlyInit, defences) => ({ issuer, clientId, redirectUri }) => {
  const BASE_URL = new URL(redirectUri).pathname;
  const { shouldLoadApp } = oidcEarlyInit({ BASE_URL, securityDefenses: defences() });
  const made = shouldLoadApp ? createOidc({ issuerUri: issuer, clientId, BASE_URL }) : new Promise(() => {});
  const program = {
    client: undefined,
    async user() {
      program.client = await made;
      return program.client.isUserLoggedIn ? program.client.getDecodedIdToken() : null;
    },
    signIn: async () => (await made).login({ redirectUrl: BASE_URL, doesCurrentHrefRequiresAuth: false }),
    call: async (url) => fetch(url, { headers: { authorization: `Bearer ${(await program.client.getTokens()).accessToken}` } }),
    renew: () => program.client.renewTokens(),
  };
  return program;
};
