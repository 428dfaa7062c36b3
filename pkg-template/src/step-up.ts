// An API that wants more of the user than was done at sign-in (RFC 9470, RFC 6750 §3.1): the application is asked, the user
// signs in for it, and the request is sent again, once. Loaded only when it is asked for.

import type { Connection } from "./connection.js";
import type { OidcError } from "./error.js";
import type { authorizedFetch } from "./fetch.js";
import type { OidcClient, OidcClientOptions, SignInOptions, StepUpDemand } from "./types.js";

/** Where a request waits while the user is at the provider: in this tab alone. */
const KEY = "valetkey resume";

/** A larger body, in bytes, does not wait. */
const MAX_BODY = 256 * 1024;

/** Nor does a request wait longer than a sign-in may take, in milliseconds. */
const PATIENCE = 3600_000;

/** What the provider says where the user would have to agree to something first (OpenID Connect Core §3.1.2.6). */
const CONSENT: readonly StepUpDemand["error"][] = ["consent_required", "interaction_required", "login_required"];

type Policy = NonNullable<OidcClientOptions["stepUp"]>;

/** Whose requests they are: what one user began is not sent for another. */
const userOf = ({ session }: OidcClient): string | undefined => (session.status === "signed-in" ? JSON.stringify([session.claims.iss, session.claims.sub]) : undefined);

export async function fetchSteppingUp(client: OidcClient, vault: Connection, call: typeof authorizedFetch, policy: Policy, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const again = request.clone();
  const user = userOf(client);
  let demand: StepUpDemand | undefined;
  let answer: Response | undefined;
  let refusal: unknown;
  try {
    answer = await call(vault, request, undefined, (demanded) => {
      demand = { ...demanded, url: request.url };
    });
  } catch (error) {
    // The provider gives no token for this API before it has shown the user a page.
    const code = (Object(error) as Partial<OidcError>).code as StepUpDemand["error"];
    if (!CONSENT.includes(code)) throw error;
    refusal = error;
    demand = { url: request.url, error: code };
  }
  const passOn = (): Response => {
    if (answer) return answer;
    throw refusal;
  };
  if (!demand) return passOn();

  const choice = await policy(Object.freeze(demand));
  const changed = (): boolean => user !== userOf(client);
  if ((choice !== "popup" && choice !== "redirect") || changed()) return passOn();
  if (choice === "redirect") await keep(again.clone(), user);
  try {
    await client.signIn({ mode: choice, sameUser: true, ...wanted(demand, client) });
  } catch (error) {
    forget();
    throw error;
  }
  // With a `navigate` of the application's own the page may still be here, and nobody has come back yet.
  if (choice === "redirect" || changed()) return passOn();
  return call(vault, again);
}

/** What to ask the provider for. The vault holds `acr` and `auth_time` of the new ID token against it. */
function wanted({ error, acrValues, maxAge, scope }: StepUpDemand, { session }: OidcClient): SignInOptions {
  if (error === "insufficient_scope") {
    const granted = session.status === "signed-in" ? session.scope : [];
    const scopes = new Set(["openid", ...granted, ...(scope?.split(" ") ?? [])]);
    return { scope: [...scopes].filter(Boolean).join(" ") };
  }
  // All that the resources need is in the scope of every sign-in.
  if (CONSENT.includes(error)) return { prompt: "consent" };
  // Without a word about how: anew.
  if (acrValues === undefined && maxAge === undefined) return { maxAge: 0 };
  return { ...(acrValues !== undefined && { acrValues }), ...(maxAge !== undefined && { maxAge }) };
}

/** What is needed to send a request again after this page was left; nothing of a request that is too large for that. */
async function keep(request: Request, user: string | undefined): Promise<void> {
  const { url, method } = request;
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.length > MAX_BODY) return;
  let text = "";
  for (const byte of body) text += String.fromCharCode(byte);
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ user, url, method, headers: [...request.headers], body: text && btoa(text), at: Date.now() }));
  } catch {
    // Storage is blocked or full: the application sends it again by itself.
  }
}

function forget(): string | null {
  try {
    const kept = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return kept;
  } catch {
    return null;
  }
}

/**
 * Sends the request that was kept, as any other request of the page: what is in the storage decides nothing else. Whatever the API
 * wants now, nobody is sent to the provider for it a second time.
 */
export async function resume(client: OidcClient, vault: Connection): Promise<Response | undefined> {
  const kept = forget();
  if (kept === null || client.session.status !== "signed-in") return undefined;
  let request: { user?: string; url: string; method: string; headers: [string, string][]; body: string; at: number };
  try {
    request = JSON.parse(kept);
  } catch {
    return undefined;
  }
  const { user, url, method, headers, body, at } = request;
  if (!(Date.now() - at < PATIENCE) || user !== userOf(client)) return undefined;
  const bytes = body ? Uint8Array.from(atob(body), (character) => character.charCodeAt(0)) : undefined;
  return (await import("./fetch.js")).authorizedFetch(vault, url, { method, headers, ...(bytes && { body: bytes }) });
}
