import type { IdTokenClaims } from "valetkey";
import { byId, element } from "./elements";

const section = byId("id-token");
const rows = byId("claims");

/** What the claims mean, in the order they are shown in. */
const MEANINGS: Readonly<Record<string, string>> = {
  iss: "Issuer: who vouches for all this",
  sub: "Subject: the user, at this issuer",
  aud: "Audience: the application it is for",
  azp: "Authorized party: who asked for it",
  name: "Full name",
  given_name: "Given name",
  family_name: "Family name",
  preferred_username: "How the user wants to be called",
  email: "Not a key to an account: it may change",
  email_verified: "Whether the provider has tried it",
  auth_time: "When the user last logged in",
  amr: "How the user logged in",
  acr: "How strong the login was",
  iat: "Made at",
  exp: "Not to be accepted after",
  sid: "The session at the provider",
  nonce: "Ties the token to the request",
  at_hash: "Ties the access token to this one",
};

const ORDER = Object.keys(MEANINGS);
const TIMES = new Set(["exp", "iat", "auth_time", "nbf", "updated_at"]);

export function showClaims(claims: IdTokenClaims): void {
  section.hidden = false;
  const sorted = Object.entries(claims).sort(([one], [other]) => place(one) - place(other));
  rows.replaceChildren(...sorted.map(([name, value]) => row(name, value)));
}

export function hideClaims(): void {
  section.hidden = true;
  rows.replaceChildren();
}

/** Claims that are not known here come last. */
function place(name: string): number {
  const index = ORDER.indexOf(name);
  return index < 0 ? ORDER.length : index;
}

function row(name: string, value: unknown): HTMLElement {
  const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("code", {}, name), meaning ? element("span", {}, meaning) : undefined),
    element("td", {}, rendered(name, value)),
  );
}

function rendered(name: string, value: unknown): Node {
  if (TIMES.has(name) && typeof value === "number") {
    const moment = new Date(value * 1000);
    return element("time", { datetime: moment.toISOString() }, moment.toLocaleString());
  }
  return element("code", {}, typeof value === "string" ? value : JSON.stringify(value));
}
