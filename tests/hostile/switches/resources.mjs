// Switches of resource indicators (RFC 8707).

import { tokens } from "./tokens.mjs";

/** Each resource has scopes of its own, and a token has those of its resource alone. `scopes` by resource, as texts. */
export const resourceScopes = (scopes) =>
  tokens((all, { authorization, resources }) => {
    const [resource] = resources.length > 0 ? resources : (authorization.resources ?? []);
    if (resource === undefined || scopes[resource] === undefined) return;
    const asked = String(authorization.scope).split(" ");
    all.scope = scopes[resource].split(" ").filter((each) => asked.includes(each)).join(" ");
  });

/** Tokens are for this resource, whichever was asked for. */
export const audience = (...resources) => ({ audience: () => resources });

/** The provider refuses requests for one of these resources at the token endpoint (RFC 8707 §2). */
export const invalidTarget = (...refused) => ({
  tokenAnswer(answer, { request }) {
    const asked = new URLSearchParams(request.body).getAll("resource");
    if (!asked.some((resource) => refused.includes(resource))) return answer;
    return { ...answer, status: 400, body: JSON.stringify({ error: "invalid_target" }) };
  },
});

/** More is granted than was asked for. */
export const moreScope = (scope) => tokens((all) => void (all.scope = `${all.scope} ${scope}`));
