// Session Management (OpenID Connect Session Management 1.0): asks the provider's frame whether its session has changed.
// Loaded only with the option `monitorSession`.

import type { Connection } from "./connection.js";
import type { ErrorData } from "./error.js";
import type { OidcClient } from "./types.js";

/** How often the provider's frame is asked, in milliseconds, while the page is shown. */
const PERIOD = 5000;

/** So many changes in a row after which it was the same user: the frame cannot read its cookie (§5.1). */
const MAX_FALSE = 2;

/** Watches from now on, in one tab at a time, of those that are shown, until the page goes or it turns out to be of no use. */
export async function monitorSession(vault: Connection, clientId: string, client: OidcClient, fail: (data: ErrorData) => unknown): Promise<void> {
  try {
    const { url } = await vault.ask<{ url?: string }>({ kind: "monitoring" });
    if (url === undefined) return void fail({ code: "session_monitoring_unavailable", detail: "check_session_iframe" });
    const watch = (): Promise<boolean> => watchFrame(url, clientId, vault, client, fail);
    do await shown();
    while (await (navigator.locks ? navigator.locks.request(`valetkey ${clientId} ${url}`, watch) : watch()));
  } catch {
    // The metadata cannot be had now: the next page tries again.
  }
}

/** Watches while the page is shown. Answers whether there is more to watch. */
async function watchFrame(iframe: string, clientId: string, vault: Connection, client: OidcClient, fail: (data: ErrorData) => unknown): Promise<boolean> {
  const useless = (detail: string): false => {
    fail({ code: "session_monitoring_unavailable", detail });
    return false;
  };
  const stateNow = (): string | undefined => (client.session.status === "signed-in" ? client.session.sessionState : undefined);
  const { origin } = new URL(iframe);
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "Session";
  frame.sandbox.add("allow-scripts", "allow-same-origin");
  frame.src = iframe;
  const loaded = new Promise<void>((resolve) => frame.addEventListener("load", () => resolve(), { once: true }));
  document.documentElement.append(frame);
  try {
    await Promise.race([loaded, pause(PERIOD * 2)]);
    let changes = 0;
    let silences = 0;
    // A page that is hidden leaves it to one that is shown.
    while (document.visibilityState === "visible") {
      const state = stateNow();
      const answer = state !== undefined ? await ask(frame, origin, `${clientId} ${state}`) : "";
      // The provider wants no silent sign-in then (§3.1).
      if (answer === "error") return false;
      silences = answer === undefined ? silences + 1 : 0;
      if (silences > 2) return useless("no answer");
      if (answer === "unchanged") changes = 0;
      else if (answer === "changed" && state === stateNow()) {
        changes += 1;
        if (changes > MAX_FALSE) return useless("changed, and is the same");
        try {
          await client.signIn({ mode: "silent" });
        } catch (error) {
          // The provider's own word, or another user; anything else says nothing of its session.
          const { error: refusal, code } = error as ErrorData;
          if (refusal !== undefined || code === "user_changed") {
            await vault.ask({ kind: "signOut", options: { local: true, reason: "provider_session_changed" } });
          }
        }
      }
      await pause(PERIOD);
    }
    return true;
  } finally {
    frame.remove();
  }
}

/** One question, one answer: of this frame and this origin, whatever else is said (§3.1). */
function ask(frame: HTMLIFrameElement, origin: string, question: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const answered = new AbortController();
    const end = (answer?: string): void => {
      answered.abort();
      clearTimeout(timer);
      resolve(answer);
    };
    const timer = setTimeout(end, PERIOD);
    addEventListener(
      "message",
      (event) => {
        if (event.origin !== origin || event.source !== frame.contentWindow) return;
        if (event.data === "changed" || event.data === "unchanged" || event.data === "error") end(event.data);
      },
      { signal: answered.signal },
    );
    // Never to whoever else is there.
    frame.contentWindow?.postMessage(question, origin);
  });
}

/** Resolves when the page is shown. */
function shown(): Promise<void> {
  return new Promise((resolve) => {
    const seen = new AbortController();
    const look = (): void => {
      if (document.visibilityState !== "visible") return;
      seen.abort();
      resolve();
    };
    document.addEventListener("visibilitychange", look, { signal: seen.signal });
    look();
  });
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
