// The program in valetkey.mjs, written with oauth4webapi, which holds no state: with the ID token's signature checked.

import * as oauth from "oauth4webapi";

const transaction = "transaction";

export function open({ issuer, clientId, redirectUri, metadata, navigate = (url) => location.assign(url) }) {
  const client = { client_id: clientId };
  // The bench's provider is on loopback; an application against https leaves this out.
  const http = { [oauth.allowInsecureRequests]: issuer.startsWith("http:") };
  let tokens;
  let expiresAt = 0;

  let server;
  const provider = () =>
    (server ??= metadata
      ? Promise.resolve(metadata)
      : oauth
          .discoveryRequest(new URL(issuer), http)
          .then((response) => oauth.processDiscoveryResponse(new URL(issuer), response)));

  const keep = (result) => {
    tokens = { ...tokens, ...result };
    expiresAt = Date.now() + (result.expires_in ?? 0) * 1000;
    return oauth.getValidatedIdTokenClaims(result);
  };

  async function finish() {
    const { verifier, state, nonce } = JSON.parse(sessionStorage.getItem(transaction));
    sessionStorage.removeItem(transaction);
    const as = await provider();
    const parameters = oauth.validateAuthResponse(as, client, new URL(location.href), state);
    history.replaceState(null, "", redirectUri);
    const response = await oauth.authorizationCodeGrantRequest(
      as, client, oauth.None(), parameters, redirectUri, verifier, http,
    );
    const result = await oauth.processAuthorizationCodeResponse(as, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(as, response, http);
    return keep(result);
  }

  async function refresh() {
    const as = await provider();
    const response = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token, http);
    keep(await oauth.processRefreshTokenResponse(as, client, response));
  }

  return {
    user: async () => (new URLSearchParams(location.search).has("state") ? finish() : null),
    async signIn() {
      const verifier = oauth.generateRandomCodeVerifier();
      const state = oauth.generateRandomState();
      const nonce = oauth.generateRandomNonce();
      const challenge = await oauth.calculatePKCECodeChallenge(verifier);
      const as = await provider();
      sessionStorage.setItem(transaction, JSON.stringify({ verifier, state, nonce }));
      const url = new URL(as.authorization_endpoint);
      url.search = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: "code",
        scope: "openid profile email",
        state,
        nonce,
        code_challenge: challenge,
        code_challenge_method: "S256",
      });
      navigate(url.href);
    },
    async call(url) {
      if (Date.now() > expiresAt) await refresh();
      return oauth.protectedResourceRequest(tokens.access_token, "GET", new URL(url), undefined, undefined, http);
    },
    async signOut() {
      const as = await provider();
      const url = new URL(as.end_session_endpoint);
      url.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: redirectUri });
      navigate(url.href);
    },
  };
}
