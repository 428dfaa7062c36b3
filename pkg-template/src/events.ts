// Which steps of the vault are events for the application. Loaded only when somebody listens.

import type { OidcEvent, TraceStep } from "./types.js";

const EVENTS: Readonly<Record<string, OidcEvent["type"]>> = {
  session_started: "signed_in",
  session_ended: "signed_out",
  user_changed: "user_changed",
  renewal_started: "renewing",
  renewed: "renewed",
  renewal_postponed: "renewal_postponed",
};

/** The event that a step of the vault is, if it is one; or what has happened in the page, with its time. */
export function eventOf(happened: TraceStep | object): OidcEvent | undefined {
  if (!("step" in happened)) return { ...happened, at: Date.now() } as OidcEvent;
  const { step, at, detail } = happened;
  const type = Object.hasOwn(EVENTS, step) ? EVENTS[step] : undefined;
  return type && ({ type, at, ...(detail && { [type === "signed_out" ? "reason" : "code"]: detail }) } as OidcEvent);
}
