import type { SettledSession, SignedInSession, SignedOutReason, SignedOutSession } from "valetkey";
import { hideClaims, showClaims } from "./claims-view";
import { byId, element } from "./elements";
import { hideTokenLife, showTokenLife } from "./token-life";

const status = byId("status");
const detail = byId("status-detail");
const avatar = byId("avatar");
const facts = byId("facts");
const signedOutOnly = [byId("sign-in"), byId("sign-in-popup"), byId("token-format"), byId("parties")];
const signedInOnly = [byId("call-api"), byId("call-transfers"), byId("call-admin-api"), byId("load-profile"), byId("sign-out"), facts];

const ISOLATION: Readonly<Record<SettledSession["isolation"], string>> = {
  shared: "a SharedWorker, one for all tabs",
  worker: "a dedicated Worker of this tab",
  page: "the page itself",
};

const RESTORED_BY: Readonly<Record<SignedInSession["restoredBy"], string>> = {
  redirect: "the redirect this page load has finished",
  popup: "the popup that has just closed",
  silent: "a silent sign-in: the provider still knew who is there",
  memory: "the vault’s memory, which outlived the page",
};

const TOKEN_TYPE: Readonly<Record<SignedInSession["tokenType"], string>> = {
  DPoP: "DPoP-bound: worth nothing without a key that never leaves the vault",
  Bearer: "Bearer: whoever holds it may use it",
};

/** Why nobody is, where it was not this user's own doing. */
const ENDED: Readonly<Partial<Record<SignedOutReason, string>>> = {
  renewal_refused: "The provider has ended the session.",
  provider_signed_out: "The provider has signed you out.",
  provider_session_changed: "The provider’s own session is another one now.",
};

/** Shows who is signed in, and the controls that apply. */
export function showSession(session: SettledSession): void {
  const signedIn = session.status === "signed-in";
  for (const control of signedOutOnly) control.hidden = signedIn;
  for (const control of signedInOnly) control.hidden = !signedIn;
  if (signedIn) showSignedIn(session);
  else showSignedOut(session);
}

function showSignedIn(session: SignedInSession): void {
  const { claims } = session;
  const name = claims.name ?? claims.preferred_username ?? claims.sub;
  say(`Signed in as ${name}`);
  detail.textContent = [claims.email, `subject ${claims.sub}`].filter(Boolean).join(" · ");
  avatar.textContent = [...name][0]?.toUpperCase() ?? "";
  avatar.dataset["state"] = "signed-in";
  facts.replaceChildren(
    ...fact("Granted scopes", ...session.scope.map((scope) => element("code", { class: "badge" }, scope))),
    ...fact("Access token is", TOKEN_TYPE[session.tokenType]),
    ...fact("Tokens are in", ISOLATION[session.isolation]),
    ...fact("Session from", RESTORED_BY[session.restoredBy]),
  );
  showTokenLife(session.accessTokenExpiresAt, session.renewable);
  showClaims(claims);
}

function showSignedOut({ isolation, reason }: SignedOutSession): void {
  say("Nobody is signed in");
  const ended = reason && ENDED[reason];
  detail.textContent = [ended, `The vault is ready, in ${ISOLATION[isolation]}.`].filter(Boolean).join(" ");
  avatar.textContent = "";
  avatar.dataset["state"] = "signed-out";
  facts.replaceChildren();
  hideTokenLife();
  hideClaims();
}

/** One line on what is going on, which a screen reader says, too. */
export function say(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}

function fact(term: string, ...description: readonly (Node | string)[]): HTMLElement[] {
  return [element("dt", {}, term), element("dd", {}, ...description)];
}
