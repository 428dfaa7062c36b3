// Sign-in that a third party asks for (OpenID Connect Core §4). Loaded only when it is asked for.

import type { InitiationOptions, OidcClient } from "./types.js";

/** Signs in if the URL of this page asks for it. Answers whether it did. */
export async function signInAsInitiated(issuer: string, client: OidcClient, { loginHint = false, confirm }: InitiationOptions = {}): Promise<boolean> {
  const asked = initiationIn(location.href, issuer);
  if (!asked || (confirm && (await confirm(asked)) !== true)) return false;
  const { returnTo, loginHint: hint } = asked;
  await client.signIn({ returnTo, ...(loginHint && hint !== undefined && { loginHint: hint }) });
  return true;
}

/**
 * What the URL of this page asks for, or nothing: then it is not an initiation, or not one for this provider. What it says
 * leaves the address bar.
 */
function initiationIn(href: string, issuer: string): { returnTo: string; loginHint?: string } | undefined {
  const url = new URL(href);
  const [iss, hint, target] = ["iss", "login_hint", "target_link_uri"].map((name) => {
    const values = url.searchParams.getAll(name);
    return values.length === 1 ? values[0] : undefined;
  });
  // A provider's answer names its issuer, too (RFC 9207).
  if (url.searchParams.has("code") || url.searchParams.has("error")) return undefined;
  // No other issuer is ever asked anything.
  if (iss !== issuer || url.searchParams.getAll("iss").length !== 1) return undefined;
  // With the origin: a path may begin like a host.
  history.replaceState(history.state, "", url.origin + url.pathname);
  return { returnTo: localPath(target) ?? "/", ...(hint !== undefined && { loginHint: hint }) };
}

/** No open redirect: a URL of this origin, or nothing; and no circle: not one that asks for the next sign-in. */
function localPath(target: string | undefined): string | undefined {
  if (target === undefined || !URL.canParse(target)) return undefined;
  const { origin, pathname, search, hash, searchParams } = new URL(target);
  return origin === location.origin && !searchParams.has("iss") ? pathname + search + hash : undefined;
}
