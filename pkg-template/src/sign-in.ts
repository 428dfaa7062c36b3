// The way to the provider, whichever it is. Loaded ahead when nobody is signed in.

import { flag, oneOf, text } from "./checks.js";
import type { Connection } from "./connection.js";
import type { ErrorData } from "./error.js";
import { framedByStranger } from "./framing.js";
import { json } from "./json.js";
import type { read } from "./options.js";
import type { Departure, Request } from "./port.js";
import type { SignInOptions } from "./types.js";

const record = (value: unknown): boolean => typeof value === "object" && value !== null;

/** What each option must be. What it means is for the vault to say. */
const signInOptions = {
  mode: oneOf("redirect", "popup", "silent"),
  signal: (value: unknown) => value instanceof AbortSignal,
  returnTo: text,
  prompt: text,
  maxAge: (value: unknown) => typeof value === "number",
  acrValues: text,
  loginHint: text,
  uiLocales: text,
  scope: text,
  claims: record,
  authorizationDetails: Array.isArray,
  idTokenHint: flag,
  sameUser: flag,
  extraParams: (value: unknown) => record(value) && Object.values(value as object).every(text),
};

/**
 * Signs in within a popup, which is open already, or a frame; or answers the URL for which this page is to be left. Throws
 * {@link ErrorData}, or what the vault says. `take` is the page's own `read`: its errors are of the class that the application knows.
 */
export async function signIn(vault: Connection, take: typeof read, given: SignInOptions, popup: Window | null, mayBeFramed: boolean): Promise<string | undefined> {
  let options: SignInOptions;
  try {
    options = take(given, signInOptions);
  } catch (error) {
    popup?.close();
    throw error;
  }
  const { mode, signal, extraParams, claims, authorizationDetails, ...plain } = options;
  if (!mayBeFramed && framedByStranger()) {
    popup?.close();
    throw { code: "framed_by_stranger" } satisfies ErrorData;
  }
  const here = location.pathname + location.search + location.hash;
  const request: Request = {
    kind: "signIn",
    options: {
      returnTo: here,
      ...plain,
      ...(mode && { mode }),
      ...(extraParams && { extraParams: Object.entries(extraParams) }),
      ...(claims && { claims: json(claims) }),
      ...(authorizationDetails && { authorizationDetails: json(authorizationDetails) }),
      attended: navigator.userActivation?.isActive,
      lasting: vault.lasting,
    },
  };
  if (mode === "silent") await (await import("./silent.js")).signInSilently(vault, request, signal);
  else if (mode === "popup") await (await import("./popup.js")).signInByPopup(vault, request, popup, signal);
  else return (await vault.ask<Departure>(request)).url;
  return undefined;
}
