// Chromium, through Playwright.

import { launchBrowser } from "../../support/browser.mjs";
import { tab } from "./tab.mjs";

export async function launch() {
  const browser = await launchBrowser();
  return {
    version: browser.version(),
    async profile() {
      const context = await browser.newContext({ reducedMotion: "reduce" });
      return {
        open: async () => tab(await context.newPage()),
        tabs: async () => context.pages().map(tab),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
