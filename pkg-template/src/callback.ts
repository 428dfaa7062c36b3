// The static callback page: it takes the authorization response out of the address bar, hands it to the vault that
// started the sign-in, and goes where the user wanted to be. It loads nothing else, so nothing else sees the response.

/** A vault that is alive answers within this time, in milliseconds, or says that it is at work. */
const PATIENCE = 30_000;

const { href } = location;
// Before anything else on this page could read it (RFC 9700 §4.2.4).
history.replaceState(null, "", location.pathname);

/** In a frame of another site there is nothing to do here (RFC 9700 §4.16). */
function framedByStranger(): boolean {
  try {
    return top !== self && top?.location.origin !== location.origin;
  } catch {
    return true;
  }
}

function say(text: string): void {
  const place = document.getElementById("status");
  if (place) place.textContent = text;
}

function lost(): void {
  say("The sign-in could not be finished here. Go back to the application and sign in again.");
  document.getElementById("return")?.removeAttribute("hidden");
}

if (!framedByStranger() && /[?&]state=/.test(href)) {
  const channel = new BroadcastChannel("valetkey");
  const timer = setTimeout(lost, PATIENCE);
  channel.addEventListener("message", ({ data }: MessageEvent) => {
    if (data?.answers !== href) return;
    clearTimeout(timer);
    const target = new URL(String(data.arrival?.location ?? "/"), location.origin);
    if (data.arrival?.error || target.origin !== location.origin) lost();
    else location.replace(target.href);
  });
  channel.postMessage({ url: href });
} else {
  lost();
}
