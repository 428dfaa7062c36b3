// A second API, with an audience and a scope of its own, for applications that call several.

import { accessTokenVerifier } from "../../www-demo/api/access-token.mjs";
import { credentialVerifier } from "../../www-demo/api/credentials.mjs";
import { bindLocalhost } from "../../www-demo/local-server.mjs";

export const FILES_SCOPE = "files:read";

/** Starts it on a port that is known already. `calls`: what it has let in, `{ scheme, scopes }`, in their order. */
export async function startFilesApi({ port, issuer, demoOrigin }) {
  const server = await bindLocalhost(port, { name: "files", variable: "none" });
  const audience = `${server.origin}/`;
  const verify = credentialVerifier({ verifyToken: accessTokenVerifier({ issuer, audience }) });
  const calls = [];
  server.serve(async (request, response) => {
    const headers = {
      "access-control-allow-origin": demoOrigin,
      "access-control-allow-headers": "authorization, content-type, dpop",
      "access-control-expose-headers": "WWW-Authenticate, DPoP-Nonce",
      "cross-origin-resource-policy": "cross-origin",
      "content-type": "application/json",
      "cache-control": "no-store",
    };
    const answer = (status, body, more) => response.writeHead(status, { ...headers, ...more }).end(JSON.stringify(body));
    if (request.method === "OPTIONS") return response.writeHead(204, headers).end();
    try {
      const { scheme, scopes } = await verify(request, new URL(request.url, audience).href);
      if (!scopes.includes(FILES_SCOPE)) return answer(403, { scopes }, { "www-authenticate": `${scheme} error="insufficient_scope"` });
      calls.push({ scheme, scopes });
      return answer(200, { scheme, scopes });
    } catch (error) {
      return answer(401, { error: error.message }, { "www-authenticate": 'Bearer error="invalid_token"' });
    }
  });
  return { origin: server.origin, audience, calls, stop: () => server.close() };
}
