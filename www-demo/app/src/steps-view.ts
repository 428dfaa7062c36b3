import type { OidcClient, TraceStep } from "valetkey";
import { byId, element } from "./elements";
import { EXPLANATIONS, type Explanation, type Party } from "./step-explanations";

const list = byId("steps");
const count = byId("steps-count");
const PARTIES: Readonly<Record<Party, string>> = { vault: "Vault", provider: "Provider", api: "API" };

let shown = 0;
let previous: TraceStep | undefined;

/** Shows the steps there have been, then each new one as it happens. */
export async function followSteps(oidc: OidcClient): Promise<void> {
  // Steps that happen while the list of the earlier ones is on its way may be in both; they wait until it is here.
  let waiting: TraceStep[] | undefined = [];
  oidc.onTrace((step) => {
    if (waiting) waiting.push(step);
    else append(step);
  });
  try {
    const earlier = await oidc.trace();
    const known = new Set(earlier.map(identity));
    for (const step of [...earlier, ...waiting.filter((step) => !known.has(identity(step)))]) append(step);
  } finally {
    waiting = undefined;
  }
}

function identity({ at, step, detail }: TraceStep): string {
  return `${at} ${step} ${detail ?? ""}`;
}

function append(step: TraceStep): void {
  const away = timeAtProvider(step);
  if (away) list.append(away);
  list.append(item(step));
  previous = step;
  shown += 1;
  count.textContent = `${shown} so far`;
  list.scrollTop = list.scrollHeight;
}

/** Between leaving for the provider and coming back there is a gap that no step of the vault's can fill. */
function timeAtProvider(step: TraceStep): HTMLElement | undefined {
  if (!previous || !step.step.startsWith("callback_")) return undefined;
  const seconds = ((step.at - previous.at) / 1000).toFixed(1);
  const text = `${seconds} s at the provider: login and consent are between it and the user. No password comes near this application.`;
  return element("li", { class: "away" }, text);
}

function item(step: TraceStep): HTMLElement {
  const explanation: Explanation | undefined = Object.hasOwn(EXPLANATIONS, step.step) ? EXPLANATIONS[step.step] : undefined;
  const { title = step.step, text = "", from = "vault", to = "vault", spec } = explanation ?? {};
  const moment = new Date(step.at);
  return element(
    "li",
    { "data-step": step.step },
    element(
      "p",
      { class: "step-head" },
      element("time", { datetime: moment.toISOString() }, clock(moment)),
      route(from, to),
    ),
    element("p", { class: "step-title" }, title),
    element("p", { class: "step-text" }, text),
    element(
      "p",
      { class: "step-foot" },
      step.detail ? element("code", {}, step.detail) : undefined,
      spec ? element("a", { href: spec[1], target: "_blank", rel: "noopener noreferrer" }, spec[0]) : undefined,
    ),
  );
}

function route(from: Party, to: Party): HTMLElement {
  const party = (who: Party): HTMLElement => element("span", { class: `party ${who}` }, PARTIES[who]);
  if (from === to) return element("span", { class: "route" }, party(from));
  const arrow = element("span", { class: "arrow" }, element("span", { "aria-hidden": "true" }, "→"));
  arrow.append(element("span", { class: "visually-hidden" }, " to "));
  return element("span", { class: "route" }, party(from), arrow, party(to));
}

function clock(moment: Date): string {
  const time = moment.toLocaleTimeString("en-GB", { hour12: false });
  return `${time}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
}
