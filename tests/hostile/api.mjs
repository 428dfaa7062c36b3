// The APIs of the laboratory: each answers whoever has an access token of one of the realms that is meant for it, by the
// scheme that the token is for.
//
// A realm's switches for them: `apiAnswer` takes the HTTP answer, `resourceVerdict` what is wrong with a call before that,
// and `dpopNonce` what its nonces are. The path `/<realm>/…` is that realm's even without a token.

import { originOf } from "./network.mjs";

const HEADERS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type, dpop",
  "access-control-allow-methods": "*",
  "access-control-expose-headers": "WWW-Authenticate, DPoP-Nonce, Retry-After",
  "cross-origin-resource-policy": "cross-origin",
  "content-type": "application/json",
};

/** The handler for one API's host. */
export function apiHandler(realms, host) {
  return (request) => {
    if (request.method === "OPTIONS") return { status: 204, headers: HEADERS };
    const [, scheme, token] = /^(\S+) (.+)$/u.exec(request.headers.authorization ?? "") ?? [];
    const all = [...realms.values()];
    const realm = all.find((each) => token !== undefined && each.tokenRecord(token)) ?? all.find(({ name }) => name === request.path.split("/")[1]);
    if (!realm) return refusal(undefined, { known: false, path: request.path });
    return realm.serveApi(request, { scheme, token, audience: `${originOf(host)}/`, server: host, answers: { refusal, success } });
  };
}

const success = (body) => ({ status: 200, headers: { ...HEADERS }, body: JSON.stringify(body) });

/** `challenge`: the value of WWW-Authenticate. */
const refusal = (challenge, body = {}, status = 401) => ({ status, headers: { ...HEADERS, ...(challenge && { "www-authenticate": challenge }) }, body: JSON.stringify(body) });
