import { byId } from "./elements";

const section = byId("answer");
const heading = byId("answer-heading");
const badge = byId("answer-status");
const request = byId("answer-request");
const remark = byId("answer-remark");
const body = byId("answer-body");

export interface Answer {
  /** Who answered. */
  readonly from: string;
  readonly request: string;
  /** The HTTP status, where the page got to see it. */
  readonly status?: number;
  readonly body: unknown;
  /** What there is to learn from it. */
  readonly remark?: string;
}

/** Shows what came back, as it came. */
export function showAnswer(answer: Answer): void {
  heading.textContent = answer.from;
  badge.textContent = answer.status === undefined ? "" : String(answer.status);
  badge.hidden = answer.status === undefined;
  badge.className = `badge ${(answer.status ?? 200) < 400 ? "good" : "bad"}`;
  request.textContent = answer.request;
  remark.textContent = answer.remark ?? "";
  remark.hidden = !answer.remark;
  body.textContent = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body, null, 2);
  section.hidden = false;
}

export function hideAnswer(): void {
  section.hidden = true;
}
