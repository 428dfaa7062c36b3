import { byId } from "./elements";

const section = byId("token-life");
const text = byId("token-life-text");
const bar = byId("token-life-bar");
const hint = byId("token-life-hint");

let timer: ReturnType<typeof setInterval> | undefined;
let expiresAt: number | undefined;
let lifetime = 1;

/** Counts down to the end of the access token. The page knows the moment; the token itself it never sees. */
export function showTokenLife(until: number | undefined, renewable: boolean): void {
  clearInterval(timer);
  section.hidden = false;
  if (until === undefined) {
    expiresAt = undefined;
    text.textContent = "of unknown life";
    bar.style.width = "100%";
    hint.textContent = "The provider did not say when it expires.";
    return;
  }
  if (until !== expiresAt) {
    expiresAt = until;
    lifetime = Math.max(1, until - Date.now());
  }
  const tick = (): void => {
    const left = until - Date.now();
    const expired = left <= 0;
    text.textContent = expired ? "expired" : `expires in ${inWords(left)}`;
    bar.style.width = `${Math.max(0, Math.min(100, (left / lifetime) * 100))}%`;
    hint.textContent = hintFor(expired, renewable);
  };
  tick();
  timer = setInterval(tick, 500);
}

export function hideTokenLife(): void {
  clearInterval(timer);
  expiresAt = undefined;
  section.hidden = true;
}

function hintFor(expired: boolean, renewable: boolean): string {
  if (!renewable) return expired ? "Sign in again to call the API." : "There is no refresh token to renew it with.";
  return expired
    ? "The vault renews it at your next call to the API, with the refresh token."
    : "The vault renews it ahead of its end, with the refresh token.";
}

function inWords(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
