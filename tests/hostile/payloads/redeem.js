// H-26: the code from the address and the verifier from wherever it is stored, redeemed in the library's place: the page is
// kept from loading until that is done.

const parameters = new URLSearchParams(location.search || location.hash.slice(1));
const code = parameters.get("code");
if (code) {
  window.stop();
  for (const [, verifier] of JSON.stringify(await stored()).matchAll(/verifier\W+([\w.~-]{43,128})/gi)) {
    const body = new URLSearchParams({ grant_type: "authorization_code", client_id: target.clientId, redirect_uri: target.redirectUri, code, code_verifier: verifier });
    keep(await (await send(target.tokenEndpoint, { method: "POST", body })).text());
  }
  flush();
  await Promise.all(sending);
  location.replace(location.pathname);
}
