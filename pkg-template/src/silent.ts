// Sign-in in a hidden frame, where nobody is shown anything (OpenID Connect Core §3.1.2.1, `prompt=none`), and what a page
// load does with it. Loaded only when it is asked for.

import type { Connection } from "./connection.js";
import type { ErrorData } from "./error.js";
import type { Departure, Request } from "./port.js";
import type { RestoreFailure } from "./types.js";

/** How long the frame may take to show anything, in milliseconds. */
const PATIENCE = 10_000;

/** A page that has loaded in the frame goes on to the callback by itself within this time, in milliseconds, or never. */
const PAUSE = 3000;

/** So many page loads in a row try in vain. */
const MAX_FAILURES = 3;

/** Resolves when the vault has finished the sign-in. Rejects with {@link ErrorData} or what the vault says. */
export async function signInSilently(vault: Connection, request: Request, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { url, ticket } = await vault.ask<Departure>(request);
  const ended = new AbortController();
  const frame = document.createElement("iframe");
  try {
    // Meanwhile, perhaps: a signal that has been aborted says no more.
    signal?.throwIfAborted();
    const failed = failureOf(frame, url, ended.signal);
    frame.hidden = true;
    frame.title = "Sign-in";
    // Whatever shows there neither leads this page away nor opens a window.
    frame.sandbox.add("allow-scripts", "allow-same-origin", "allow-forms");
    frame.src = url;
    document.documentElement.append(frame);
    const aborted = new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { signal: ended.signal }));
    await Promise.race([vault.ask({ kind: "outcome", ticket }), failed, aborted]);
  } catch (error) {
    vault.tell({ kind: "cancel", ticket });
    throw error;
  } finally {
    ended.abort();
    frame.remove();
  }
}

/** Rejects when the frame does not get to the callback. */
function failureOf(frame: HTMLIFrameElement, url: string, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (code: ErrorData["code"], detail = new URL(url).origin): void => reject({ code, detail } satisfies ErrorData);
    let timer = setTimeout(fail, PATIENCE, "silent_timed_out");
    signal.addEventListener("abort", () => clearTimeout(timer));
    frame.addEventListener("load", () => {
      clearTimeout(timer);
      // The callback page is of this origin; from there on the vault says what comes of it. What else shows, nobody sees.
      if (!isOurs(frame)) timer = setTimeout(fail, PAUSE, "silent_blocked");
    });
    document.addEventListener(
      "securitypolicyviolation",
      ({ effectiveDirective, blockedURI }) => {
        if (effectiveDirective === "frame-src" && url.startsWith(blockedURI)) fail("silent_blocked", "frame-src");
      },
      { signal },
    );
  });
}

function isOurs(frame: HTMLIFrameElement): boolean {
  try {
    return frame.contentWindow?.location.origin === location.origin;
  } catch {
    return false;
  }
}

/**
 * What a page load does when the vault knows nobody: a silent sign-in, if somebody was signed in before in this browser.
 * Answers why it failed, or nothing.
 */
export async function restore(vault: Connection, mark: string): Promise<RestoreFailure | undefined> {
  // How often it failed, and why it did last.
  const [, count, detail] = /^(\d+)(?: (\w+))?$/.exec(read(mark) ?? "") ?? [];
  // Nobody was, or the browser does not say.
  if (count === undefined) return undefined;
  const failures = Number(count);
  if (failures >= MAX_FAILURES) return { by: "silent", code: "restore_suspended", ...(detail !== undefined && { detail }) };
  try {
    await signInSilently(vault, { kind: "signIn", options: { mode: "silent", attended: false } });
    return undefined;
  } catch (error) {
    const data = error as ErrorData;
    // The provider has answered: there is nobody. Anything else may be different the next time.
    write(mark, data.error === undefined ? `${failures + 1} ${data.code}` : undefined);
    return { by: "silent", code: data.code, ...(data.detail !== undefined && { detail: data.detail }) };
  }
}

function read(mark: string): string | null {
  try {
    return localStorage.getItem(mark);
  } catch {
    return null;
  }
}

function write(mark: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(mark);
    else localStorage.setItem(mark, value);
  } catch {
    // Storage is blocked or full: the next page load will not restore by itself.
  }
}
