// Chromium as the tests use it.

import { chromium } from "playwright-core";

/**
 * What the browser's own window does beside the tests, above all a page for the address bar in a process of its own for each window. Of
 * several such flags the last one counts, so what Playwright switches off is here as well.
 */
const QUIET = `--disable-features=${[
  "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "OmniboxPopupWebUI", "WebUIOmniboxFullPopup",
  "AimEnabled", "HttpsUpgrades", "LensOverlay", "MediaRouter", "OptimizationHints", "PaintHolding", "ThirdPartyStoragePartitioning",
]}`;

export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  QUIET,
];

export function launchBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
}

/** A test's own context: no cookie, no storage and no vault of another test. It is closed when the test ends. */
export async function freshContext(browser, test) {
  const context = await browser.newContext({ reducedMotion: "reduce" });
  context.setDefaultTimeout(10_000);
  test.after(() => context.close());
  return context;
}

/** Lets a page's next navigation to an address that begins with `prefix` end nowhere, and answers that address. */
export async function interceptNavigation(context, prefix, act) {
  const matches = (url) => url.href.startsWith(prefix);
  const { promise, resolve } = Promise.withResolvers?.() ?? withResolvers();
  await context.route(matches, async (route) => {
    resolve(route.request().url());
    // The browser stays where it is.
    await route.fulfill({ status: 204 });
  });
  await act();
  const url = await promise;
  await context.unroute(matches);
  return url;
}

function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
