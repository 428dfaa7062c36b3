// A hostile script in the page of an application that signs in, calls its API, and has its token renewed. What did it get?

import { setTimeout as sleep } from "node:timers/promises";
import { HOSTS } from "./network.mjs";
import { EARLY, scriptOf } from "./payloads/index.mjs";
import { prepare } from "./targets.mjs";

/** Kinds of loot, the worst first. A code that is spent buys nothing; a nonce or a state alone does not either. */
export const KINDS = ["access", "refresh", "id-token", "dpop-key", "acts", "code", "verifier", "state", "nonce", "spent code"];

/** So long a script may take, in milliseconds, once there is nothing more for it to see. */
const PATIENCE = 10_000;

/**
 * Lets a payload loose on a target. Answers `{ kinds, report, work }`: what it stole, what the application reported, and
 * how its work went on.
 */
export async function hostilePage(lab, { context, target, payload, position, name, settings, intrinsics }) {
  const { realm, application, canary, known } = await prepare(lab, target, name, settings);
  const page = await lab.page(context);
  const from = lab.network.log.length;
  const script = scriptOf(payload, { ...known, intrinsics });
  if (position === EARLY) await context.addInitScript(script);
  const report = await lab.attempt(page, application);
  // A script may have stopped the page's timers, or the page.
  const stuck = () => sleep(2 * PATIENCE, { left: "The page does not answer." }, { ref: false });
  const inPage = (act, argument) => Promise.race([page.evaluate(act, argument).catch((error) => ({ left: error.message.split("\n")[0] })), stuck()]);
  // In the script's own time, as that of a site is: what it awaits is not awaited here.
  if (position !== EARLY) await inPage(script);
  const work = await inPage(async (patience) => {
    const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    await Promise.race([window.attack?.prepared(), wait(patience)]);
    const worked = await Promise.race([window.work?.().catch((error) => String(error)), wait(patience)]);
    await Promise.race([window.attack?.over(), wait(patience)]);
    return worked;
  }, PATIENCE);
  // What a page sends while it is being left arrives after it.
  if (work?.left) await sleep(700);
  return { kinds: stolen(lab, { realm, canary, from }), report, work, page, realm, application, canary, known };
}

/** What of a realm's secrets has, since the entry `from` of the log, come to the attacker's host, by kind, and whether anything was done in the user's name. */
export function stolen(lab, { realm, canary, from = 0 }) {
  const log = lab.network.log.slice(from);
  const loot = log.filter(({ host }) => host.endsWith(HOSTS.evil)).map(({ at, url, headers, body }) => ({ at, text: `${url}\n${JSON.stringify(headers)}\n${body}` }));
  const kinds = new Set();
  for (const [secret, kind] of canary.all) {
    const first = loot.find(({ text }) => text.includes(secret));
    if (first) kinds.add(kind === "code" && spentBefore(realm, secret, first.at) ? "spent code" : kind);
  }
  if (kinds.has("code")) kinds.delete("spent code");
  const calls = log.filter(({ host, path, headers }) => host === HOSTS.api && path.startsWith("/by-") && headers.authorization);
  if (calls.some(({ headers }) => [...canary.all.keys()].some((secret) => headers.authorization.endsWith(secret)))) kinds.add("acts");
  return KINDS.filter((kind) => kinds.has(kind));
}

const spentBefore = (realm, code, time) => realm.requests("token").some(({ at, body }) => at <= time && new URLSearchParams(body).get("code") === code);
