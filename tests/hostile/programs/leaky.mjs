// What not to do, all of it: tokens on a channel, in a module's exports, in errors and the console, in ordinary objects, and
// in a worker that answers whoever asks.

const parameters = (values) => new URLSearchParams(values);

export function open({ issuer, clientId, redirectUri }) {
  const verifier = "a-verifier-that-is-the-same-for-everybody-and-always";
  const channel = new BroadcastChannel("oidc");
  const worker = new SharedWorker("/xss/leaky-worker.js", { name: "leaky", extendedLifetime: true });
  const client = {};
  return {
    client,
    async user() {
      const body = parameters({ grant_type: "authorization_code", client_id: clientId, redirect_uri: redirectUri, code: parameters(location.search).get("code"), code_verifier: verifier });
      const response = await (await fetch(`${issuer}token`, { method: "POST", body })).json();
      // Assigned: a setter of everybody's prototype is told.
      client.access_token = response.access_token;
      remembered.token = response.access_token;
      worker.port.start();
      worker.port.postMessage({ kind: "keep", token: response.access_token });
      return client;
    },
    async signIn() {
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
      const challenge = btoa(String.fromCharCode(...hash)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
      location.assign(`${issuer}authorize?${parameters({ client_id: clientId, redirect_uri: redirectUri, response_type: "code", scope: "openid", state: "x", code_challenge: challenge, code_challenge_method: "S256" })}`);
    },
    async call(url) {
      channel.postMessage({ calling: url, token: client.access_token });
      console.debug("calling", url, client.access_token);
      return fetch(url, { headers: { authorization: `Bearer ${client.access_token}` } });
    },
    async renew() {
      const renewed = {};
      renewed.access_token = client.access_token;
    },
  };
}

/** For whoever imports this module again. */
export const remembered = {};
