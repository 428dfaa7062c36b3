// H-26: the code from the address and the verifier from wherever it is stored, redeemed before the library does it.

const parameters = new URLSearchParams(location.search || location.hash.slice(1));
const code = parameters.get("code");
if (code) {
  const texts = new Set();
  for (let round = 0; round < 3; round += 1) {
    for (const [, text] of JSON.stringify(await stored()).matchAll(/verifier\W+([\w.~-]{43,128})/gi)) texts.add(text);
  }
  for (const verifier of texts) {
    const body = new URLSearchParams({ grant_type: "authorization_code", client_id: target.clientId, redirect_uri: target.redirectUri, code, code_verifier: verifier });
    keep(await (await send(target.tokenEndpoint, { method: "POST", body })).text());
  }
}
