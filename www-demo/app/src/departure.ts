import { byId } from "./elements";
import { type Message, providerUnreachable } from "./messages";

export type Errand = "sign-in" | "sign-out";

const NOT_LEFT: Readonly<Record<Errand, string>> = {
  "sign-in": "You were not sent there: the browser would only have shown an error of its own.",
  "sign-out": "You are signed out here, but your session at the provider could not be ended.",
};

/**
 * Leaves the page for the provider. A page that has been left for a server that is down is gone, so this one looks first,
 * and answers what there is to say if it stays. Otherwise the promise never settles: the page is on its way out.
 */
export async function leaveFor(url: string, issuer: string, errand: Errand): Promise<Message> {
  try {
    await fetch(`${issuer}/.well-known/openid-configuration`, { cache: "no-store" });
  } catch {
    return providerUnreachable(issuer, NOT_LEFT[errand]);
  }
  location.assign(url);
  return new Promise(() => {});
}

/** Names the three parties of this run on the page. */
export function showParties(issuer: string, api: string): void {
  byId("party-vault").textContent = location.host;
  byId("party-provider").textContent = new URL(issuer).host;
  byId("party-api").textContent = new URL(api).host;
}
