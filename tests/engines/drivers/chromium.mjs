// Chromium, through Playwright.

import { launchBrowser } from "../../support/browser.mjs";

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

const tab = (page) => ({
  id: page,
  go: (url) => page.goto(url),
  reload: () => page.reload(),
  back: () => page.evaluate(() => void setTimeout(() => history.back())),
  evaluate: (act, given) => page.evaluate(act, given),
  click: (selector) => page.click(selector),
  close: () => page.close(),
});
