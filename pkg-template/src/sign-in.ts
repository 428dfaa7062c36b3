// The way to the provider, whichever it is. Loaded ahead when nobody is signed in.

import type { Connection } from "./connection.js";
import type { ErrorData } from "./error.js";
import { framedByStranger } from "./framing.js";
import type { Departure, Request } from "./port.js";
import type { SignInOptions } from "./types.js";

/**
 * Signs in within a popup, which is open already, or a frame; or answers the URL for which this page is to be left. Throws
 * {@link ErrorData}, or what the vault says.
 */
export async function signIn(vault: Connection, given: SignInOptions, popup: Window | null, mayBeFramed: boolean): Promise<string | undefined> {
  const { mode, signal, extraParams, ...options } = given;
  if (!mayBeFramed && framedByStranger()) {
    popup?.close();
    throw { code: "framed_by_stranger" } satisfies ErrorData;
  }
  const here = location.pathname + location.search + location.hash;
  const request: Request = {
    kind: "signIn",
    options: { returnTo: here, ...options, ...(mode && { mode }), attended: navigator.userActivation?.isActive, ...((extraParams && { extraParams: Object.entries(extraParams) }) as object) },
  };
  if (mode === "silent") await (await import("./silent.js")).signInSilently(vault, request, signal);
  else if (mode === "popup") await (await import("./popup.js")).signInByPopup(vault, request, popup, signal);
  else return (await vault.ask<Departure>(request)).url;
  return undefined;
}
