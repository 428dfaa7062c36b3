// The static callback page: it takes the authorization response out of the address bar, hands it to the vault that
// started the sign-in, and goes where the user wanted to be. It loads nothing else, so nothing else sees the response.

import { framedByStranger } from "./framing.js";

/** A vault that is alive answers within this time, in milliseconds, or says that it is at work. */
const PATIENCE = 30_000;

const { href } = location;
// Before anything else on this page could read it (RFC 9700 §4.2.4).
history.replaceState(null, "", location.pathname);

function say(text: string): void {
  const place = document.getElementById("status");
  if (place) place.textContent = text;
}

function lost(): void {
  say("The sign-in could not be finished here. Go back to the application and sign in again.");
  document.getElementById("return")?.removeAttribute("hidden");
}

// In a frame of another site there is nothing to do here.
if (!framedByStranger() && /[?&#](state|response)=/.test(href)) {
  const channel = new BroadcastChannel("valetkey");
  const timer = setTimeout(lost, PATIENCE);
  channel.addEventListener("message", ({ data }: MessageEvent) => {
    if (data?.answers !== href) return;
    clearTimeout(timer);
    // A frame is taken away by the page that made it.
    if (data.mode === "silent") return;
    if (data.mode === "popup") {
      say("You can close this window.");
      close();
      return;
    }
    const target = new URL(String(data.location), location.origin);
    if (data.location === undefined || target.origin !== location.origin) lost();
    else location.replace(target.href);
  });
  channel.postMessage({ url: href });
} else {
  lost();
}
