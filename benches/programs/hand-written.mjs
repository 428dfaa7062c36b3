// The program in valetkey.mjs with no library at all: the least a page can do, and the floor of what it can cost. It
// trusts whatever the token endpoint answers; nobody should ship it.

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

export function open({ issuer, clientId, redirectUri, metadata, navigate = (url) => location.assign(url) }) {
  let tokens;
  let expiresAt = 0;
  let discovered;
  const provider = async () =>
    metadata ?? (discovered ??= (await fetch(`${issuer}/.well-known/openid-configuration`)).json());

  const go = (endpoint, parameters) => navigate(`${endpoint}?${new URLSearchParams(parameters)}`);

  async function request(parameters) {
    const { token_endpoint } = await provider();
    const body = new URLSearchParams({ client_id: clientId, ...parameters });
    const response = await fetch(token_endpoint, { method: "POST", body });
    if (!response.ok) throw new Error(await response.text());
    tokens = { ...tokens, ...(await response.json()) };
    expiresAt = Date.now() + tokens.expires_in * 1000;
  }

  async function finish(callback) {
    const { state, nonce, verifier } = JSON.parse(sessionStorage.getItem("transaction"));
    if (callback.get("state") !== state) throw new Error("state");
    sessionStorage.removeItem("transaction");
    history.replaceState(null, "", redirectUri);
    await request({
      grant_type: "authorization_code",
      code: callback.get("code"),
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    const bytes = atob(tokens.id_token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"));
    const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0))));
    if (claims.nonce !== nonce) throw new Error("nonce");
    return claims;
  }

  return {
    async user() {
      const callback = new URLSearchParams(location.search);
      return callback.has("state") ? finish(callback) : null;
    },
    async signIn() {
      const [verifier, state, nonce] = [random(), random(), random()];
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
      const { authorization_endpoint } = await provider();
      sessionStorage.setItem("transaction", JSON.stringify({ state, nonce, verifier }));
      go(authorization_endpoint, {
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: "code",
        scope: "openid profile email",
        state,
        nonce,
        code_challenge: base64url(new Uint8Array(digest)),
        code_challenge_method: "S256",
      });
    },
    async call(url) {
      if (Date.now() > expiresAt) {
        await request({ grant_type: "refresh_token", refresh_token: tokens.refresh_token });
      }
      return fetch(url, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    },
    async signOut() {
      const { end_session_endpoint } = await provider();
      go(end_session_endpoint, { id_token_hint: tokens.id_token, post_logout_redirect_uri: redirectUri });
    },
  };
}
