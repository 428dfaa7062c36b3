// Sign-in in a window of its own. Loaded only when it is asked for.

import type { Connection } from "./connection.js";
import type { ErrorData } from "./error.js";
import type { Departure, Request } from "./port.js";

/** How often the window is looked at, in milliseconds. */
const LOOK = 500;

/** Somebody who is back on this page for so long, in milliseconds, while the window is gone, has closed it. */
const GRACE = 1500;

/** As long as the vault waits for the callback, in milliseconds. */
const PATIENCE = 3600_000;

/**
 * Signs in in `popup`, which was opened by the very click, if the browser let it, and shows nothing yet. Resolves when the vault has finished the
 * sign-in: it hears of it from the callback page, not from the window.
 *
 * Rejects with {@link ErrorData} or what the vault says.
 */
export async function signInByPopup(vault: Connection, request: Request, popup: Window | null, signal?: AbortSignal): Promise<void> {
  if (!popup) throw { code: "popup_blocked" } satisfies ErrorData;
  let ticket: number;
  try {
    signal?.throwIfAborted();
    const departure = await vault.ask<Departure>(request);
    ticket = departure.ticket;
    // The provider's page has no business with this one (reverse tabnabbing).
    popup.opener = null;
    popup.location.replace(departure.url);
  } catch (error) {
    popup.close();
    throw error;
  }
  const attention = new AbortController();
  try {
    // Meanwhile, perhaps: a signal that has been aborted says no more.
    signal?.throwIfAborted();
    await Promise.race([vault.ask({ kind: "outcome", ticket }), leftAlone(popup, attention.signal), aborted(signal, attention.signal)]);
  } catch (error) {
    // A window that seems closed may only be out of sight (Cross-Origin-Opener-Policy): if it does come back, that counts.
    if ((error as ErrorData).code !== "popup_closed") {
      vault.tell({ kind: "cancel", ticket });
      popup.close();
    }
    throw error;
  } finally {
    attention.abort();
  }
}

function aborted(signal: AbortSignal | undefined, until: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { signal: until }));
}

/**
 * Rejects when the window was closed. The window alone does not say so: with a Cross-Origin-Opener-Policy, of the provider
 * or of this page, `closed` is true from the moment it is at the provider. But who closes a window, or leaves it, is
 * then back here; where `closed` cannot be believed, only who has been seen to be away is.
 */
function leftAlone(popup: Window, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const began = performance.now();
    let back: number | undefined;
    let believed = false;
    const look = (): void => {
      const now = performance.now();
      const here = document.hasFocus();
      believed ||= !here || isElsewhere(popup);
      back = popup.closed && here && believed ? (back ?? now) : undefined;
      if (back !== undefined && now - back >= GRACE) reject({ code: "popup_closed" } satisfies ErrorData);
      if (now - began >= PATIENCE) reject({ code: "popup_timed_out" } satisfies ErrorData);
    };
    // Timers of a page in the background are throttled; the focus is what tells at once.
    const timer = setInterval(look, LOOK);
    addEventListener("focus", look, { signal });
    signal.addEventListener("abort", () => clearInterval(timer));
  });
}

/** Whether a window is open, at another origin, and still this page's to look at. */
function isElsewhere(popup: Window): boolean {
  try {
    return popup.location.href === undefined;
  } catch {
    return !popup.closed;
  }
}
