import { byId, element } from "./elements";
import type { Message } from "./messages";

const region = byId("alert");

/** Shows a message in the page's alert region; it is read out at once, and stays until the next action. */
export function showAlert({ title, text, hint, code }: Message): void {
  region.replaceChildren(
    element("p", { class: "alert-title" }, title),
    element("p", {}, text),
    ...(hint ? [element("p", { class: "alert-hint" }, hint)] : []),
    ...(code ? [element("p", { class: "alert-code" }, "Code: ", element("code", {}, code))] : []),
  );
}

export function clearAlert(): void {
  region.replaceChildren();
}
