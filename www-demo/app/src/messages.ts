import { OidcError } from "valetkey";

/** Something a person should know: what happened, what it means, what to do. */
export interface Message {
  readonly title: string;
  readonly text: string;
  readonly hint?: string;
  readonly code?: string;
}

/** Says what an error means. `title` is what was being tried. */
export function messageOf(error: unknown, title: string): Message {
  if (error instanceof OidcError) return { title, text: error.message, hint: error.hint, code: error.code };
  return { title, text: error instanceof Error ? error.message : String(error) };
}

/** Says why the sign-in that has just come back from the provider was not one. */
export function failedSignIn(error: OidcError, stillSignedIn: boolean): Message {
  const consequence = stillSignedIn ? "You are still signed in as before." : "Nobody was signed in.";
  if (error.code === "access_denied") {
    return { title: "You cancelled at the provider.", text: consequence, code: error.code };
  }
  return messageOf(error, `The sign-in did not succeed. ${consequence}`);
}

export function providerUnreachable(issuer: string, text: string): Message {
  return {
    title: "The provider does not answer.",
    text,
    hint: `Is it running at ${issuer}? Start the demo again if it has been stopped.`,
    code: "provider_unreachable",
  };
}

export function apiUnreachable(api: string): Message {
  return {
    title: "The API does not answer.",
    text: "The request did not get through, so there is neither an answer nor a refusal.",
    hint: `Is it running at ${api}? Start the demo again if it has been stopped.`,
    code: "api_unreachable",
  };
}

/** Says why the API refused, from the challenge it sent along (RFC 6750 §3) and its body. */
export function refusalOf(response: Response, body: unknown): Message {
  const challenge = response.headers.get("www-authenticate") ?? "";
  const text = describedBy(body) ?? `It answered ${response.status}.`;
  const code = parameterOf(challenge, "error") ?? errorOf(body) ?? String(response.status);
  if (code === "insufficient_scope") {
    const missing = parameterOf(challenge, "scope");
    return {
      title: "The API refused: the access token lacks a scope.",
      text: missing ? `This call needs the scope ${missing}, which was not granted to this application.` : text,
      hint: "An application gets the scopes it asked for and the provider granted, and no others.",
      code,
    };
  }
  if (code === "insufficient_user_authentication") {
    return { title: "The API wants a stronger or a more recent sign-in.", text, hint: "Ask again, and confirm at the provider.", code };
  }
  if (code === "provider_unreachable") return { title: "The API could not verify the access token.", text, code };
  if (response.status === 401) return { title: "The API refused the access token.", text, code };
  return { title: "The API could not answer.", text, code };
}

function parameterOf(challenge: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`, "u").exec(challenge)?.[1];
}

function describedBy(body: unknown): string | undefined {
  return textMember(body, "error_description");
}

function errorOf(body: unknown): string | undefined {
  return textMember(body, "error");
}

function textMember(body: unknown, name: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const value = (body as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}
