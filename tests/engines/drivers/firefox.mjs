// Firefox, through WebDriver BiDi by Puppeteer.

import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { keepUntilTheEnd, temporaryDirectory } from "./processes.mjs";
import { tab } from "./tab.mjs";

export async function launch(executablePath = process.env.FIREFOX) {
  const directory = temporaryDirectory("firefox");
  // Started by root, it refuses a home or a profile of somebody else's.
  const env = { ...process.env, HOME: directory };
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, userDataDir: join(directory, "profile"), env, timeout: 90_000 });
  const kept = keepUntilTheEnd(browser.process(), directory);
  return {
    version: (await browser.version()).replace(/^\D+/u, ""),
    /** A container: cookies, storage and workers of its own. */
    async profile() {
      const context = await browser.createBrowserContext();
      return {
        open: async () => tab(await context.newPage()),
        tabs: async () => (await context.pages()).map(tab),
        close: () => context.close(),
      };
    },
    async close() {
      await browser.close().catch(() => {});
      await kept.end();
    },
  };
}
