// How people sign in here: with a password, or with a password and a code. Applications ask for either by `acr_values`
// (OpenID Connect Core §3.1.2.1), or by the claim `acr`; APIs ask by a challenge (RFC 9470).

import { interactionPolicy } from "oidc-provider";
import { ACR } from "./acr.mjs";

const { base, Check, Prompt } = interactionPolicy;

const KNOWN = Object.values(ACR);

/** Reasons to ask for somebody who is signed in already, and only not well enough. */
const STRENGTH = new Set(["acr_values", "essential_acr", "essential_acrs"]);

/** The ways to sign in that a request asks for, as far as they are known here. */
export function askedAcr(params) {
  const values = String(params.acr_values ?? "").split(" ");
  const { value, values: listed = [] } = claimAsked(params.claims);
  return [...values, value, ...[listed].flat()].filter((acr) => KNOWN.includes(acr));
}

/** What is asked when oidc-provider's own rules ask for nothing: the strength, and a new account (`prompt=create`). */
export function policy() {
  const prompts = base();
  prompts.get("login").checks.push(
    new Check("acr_values", "A stronger sign-in is needed", "unmet_authentication_requirements", ({ oidc }) => {
      const asked = askedAcr(oidc.params);
      return asked.length > 0 && !asked.includes(oidc.acr);
    }),
  );
  // OpenID Connect Prompt Create 1.0. Everybody has an account here, so that the page is the only difference.
  prompts.add(new Prompt({ name: "create", requestable: true }), 0);
  return prompts;
}

/**
 * Which page an interaction needs: `login`, or `confirm` for somebody whose password is known. `unmet`: neither would do.
 */
export function pageFor({ prompt, params, session }) {
  if (!prompt.reasons.every((reason) => STRENGTH.has(reason))) return "login";
  const asked = askedAcr(params);
  if (asked.length === 0) return "unmet";
  return session?.accountId && asked.includes(ACR.confirmed) ? "confirm" : "login";
}

/** For oidc-provider's `extraTokenClaims`: access tokens tell the API how and when the user signed in (RFC 9068 §2.2.1). */
export function authenticationClaims(ctx) {
  const { AuthorizationCode, RefreshToken } = ctx.oidc.entities;
  const { acr, authTime } = AuthorizationCode ?? RefreshToken ?? {};
  return acr === undefined ? undefined : { acr, auth_time: authTime };
}

function claimAsked(claims) {
  try {
    return JSON.parse(claims).id_token?.acr ?? {};
  } catch {
    return {};
  }
}
