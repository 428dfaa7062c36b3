// WebKitGTK, through WebDriver, on a screen of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Builder, By } from "selenium-webdriver";
import { bindLocalhost } from "../../../www-demo/local-server.mjs";
import { keepUntilTheEnd, temporaryDirectory } from "./processes.mjs";

const LIMIT = 40_000;

export async function launch({ driver = process.env.WEBKIT_DRIVER, browser = process.env.WEBKIT_BROWSER, screen = process.env.XVFB } = {}) {
  const directory = temporaryDirectory("webkit");
  const display = await startScreen(screen);
  const { port } = await bindLocalhost(0, { name: "driver", variable: "none" }).then(async (server) => (await server.close(), server));
  const env = { ...process.env, DISPLAY: display.name, HOME: directory, XDG_RUNTIME_DIR: directory };
  // Its sandbox cannot be had by root, nor in most containers.
  env.WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS = "1";
  const child = spawn(driver, [`--port=${port}`, "--host=127.0.0.1"], { env, detached: true, stdio: "ignore" });
  const kept = keepUntilTheEnd(child, directory);
  const session = () => newSession(`http://127.0.0.1:${port}`, browser);
  // The driver says nothing when it listens, so the first session is asked for until there is one.
  const first = await retried(session);
  const version = (await first.getCapabilities()).getBrowserVersion();
  await first.quit();
  return {
    version,
    /** A session is a browser of its own, without anything stored. */
    profile: async () => profileOf(await session()),
    async close() {
      await kept.end();
      await display.end();
    },
  };
}

/** A display whose number the X server chooses itself. */
async function startScreen(program) {
  const child = spawn(program, ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], { detached: true, stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const kept = keepUntilTheEnd(child);
  const [number] = await Promise.race([
    once(child.stdio[3].setEncoding("utf8"), "data"),
    once(child, "exit").then(() => Promise.reject(new Error("Xvfb did not start."))),
  ]);
  return { name: `:${number.trim()}`, end: kept.end };
}

async function newSession(server, binary) {
  const capabilities = { browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary, args: ["--automation"] } };
  const driver = await new Builder().usingServer(server).disableEnvironmentOverrides().withCapabilities(capabilities).build();
  await driver.manage().setTimeouts({ script: LIMIT, pageLoad: LIMIT });
  return driver;
}

async function retried(act) {
  for (const end = Date.now() + LIMIT; ; ) {
    try {
      return await act();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(100);
    }
  }
}

async function profileOf(driver) {
  // The session ends with its last window, so this one stays, empty.
  const anchor = await driver.getWindowHandle();
  let last = Promise.resolve();
  /** A session is in one window at a time. */
  const inWindow = (handle, act) => {
    last = last.catch(() => {}).then(async () => {
      await driver.switchTo().window(handle);
      return act();
    });
    return last;
  };
  const tab = (handle) => ({
    id: handle,
    go: (url) => inWindow(handle, () => driver.get(url)),
    reload: () => inWindow(handle, () => driver.navigate().refresh()),
    // Called in the page, as for the others, it would take the call's answer with it.
    back: () => inWindow(handle, () => driver.navigate().back()),
    evaluate: (act, given) => inWindow(handle, () => evaluate(driver, act, given)),
    click: (selector) => inWindow(handle, () => driver.findElement(By.css(selector)).click()),
    close: () => inWindow(handle, () => driver.close()),
  });
  return {
    open: () =>
      inWindow(anchor, async () => {
        // A window, since of two tabs one is hidden, and may open no popup.
        await driver.switchTo().newWindow("window");
        return tab(await driver.getWindowHandle());
      }),
    tabs: () => inWindow(anchor, async () => (await driver.getAllWindowHandles()).filter((handle) => handle !== anchor).map(tab)),
    close: () => driver.quit(),
  };
}

/** WebDriver knows scripts as text alone: that of the function. No policy of the page is asked about it. */
async function evaluate(driver, act, given) {
  const script = `
    const [given, done] = arguments;
    (async () => (${act})(given))().then((value) => done({ value }), (error) => done({ error: String(error) }));`;
  const { value, error } = await driver.executeAsyncScript(script, given);
  if (error !== undefined && error !== null) throw new Error(error);
  return value;
}
