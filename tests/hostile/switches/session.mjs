// The provider's own session: who is signed in there, which a silent sign-in learns, and the frame that watches it
// (OpenID Connect Session Management 1.0).

import { response } from "./response.mjs";

/** What the honest frame does with a question: it asks its own origin how the session is now (§3.2). */
const FRAME = `
addEventListener("message", async ({ data, source, origin }) => {
  const asked = await fetch("session-state?" + new URLSearchParams({ asked: String(data), by: origin }));
  const state = await asked.text();
  const [, said, more] = String(data).split(" ");
  source.postMessage(more !== undefined || !said ? "error" : said === state ? "unchanged" : "changed", origin);
});`;

/** The page of the frame, with this script. It may be framed where every document says that it may (COEP). */
export const framePage = (script) => `<!doctype html><meta charset="utf-8"><title>session</title><script>${script}</script>`;

/**
 * A session at the provider: `state` is its word for it, `ended` says that nobody is signed in there any more. `base` is the
 * switch for the realm.
 */
export function providerSession(state = "state-1") {
  const session = { state, ended: false };
  session.base = {
    metadata: (honest, { realm }) => ({ ...honest, check_session_iframe: `${realm.issuer}check-session` }),
    response(honest, context) {
      const refused = session.ended && context.authorization.prompt === "none";
      return response(refused ? { code: undefined, error: "login_required" } : { session_state: session.state }).response(honest, context);
    },
    sessionPage: () => framePage(FRAME),
    sessionStateText: () => session.state,
  };
  return session;
}

/** What the frame was asked so far, as the honest frame tells it. */
export const questions = (realm) => realm.requests("sessionState").map(({ query }) => Object.fromEntries(query));

/** Nobody is signed in at the provider: it says so to whoever may not ask the user. */
export const nobody = {
  response: (honest, context) => (context.authorization.prompt === "none" ? response({ code: undefined, error: "login_required" }).response(honest, context) : honest),
};
