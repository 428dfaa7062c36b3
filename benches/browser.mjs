// One Chromium, driven over its debugging pipe with the few commands a bench needs. Not by a test framework: these attach
// to every worker and hold it back until it has been seen, which is part of what is measured here.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const flags = [
  "--headless", "--no-startup-window", "--remote-debugging-pipe", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
  "--disable-extensions", "--mute-audio",
  // A page that is not in front must not be slowed down: on the slow network several are open at a time.
  "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
];

async function findChromium() {
  const { CHROMIUM, CHROME_PATH, PATH = "" } = process.env;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const candidates = [
    CHROMIUM,
    CHROME_PATH,
    ...PATH.split(delimiter).flatMap((directory) => names.map((name) => join(directory, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ...[process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"]]
      .filter(Boolean)
      .map((directory) => join(directory, "Google", "Chrome", "Application", "chrome.exe")),
    // Where `npx playwright-core install chromium` puts its own.
    await import("playwright-core").then(({ chromium }) => chromium.executablePath(), () => undefined),
  ];
  const found = candidates.find((path) => path && existsSync(path));
  if (!found) throw new Error("No Chromium or Chrome found; name one in the environment variable CHROMIUM.");
  return found;
}

/**
 * @param extraFlags of this launch alone
 * @returns version, `newContext`, `processes`, `trace`, `close`
 */
export async function launchBrowser(extraFlags = []) {
  const profile = await mkdtemp(join(tmpdir(), "valetkey-bench-"));
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const child = spawn(await findChromium(), [...flags, ...extraFlags, ...asRoot, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const connection = new Connection(child);
  const { product } = await connection.send("Browser.getVersion");
  return {
    version: product,
    newContext: () => Context.create(connection),
    /** The processes there are: `type`, `id`, and the seconds of CPU time each has used. */
    processes: async () => (await connection.send("SystemInfo.getProcessInfo")).processInfo,
    trace: (categories, act) => trace(connection, categories, act),
    async close() {
      const exited = new Promise((done) => child.once("exit", done));
      await connection.send("Browser.close").catch(() => {});
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** The DevTools protocol: JSON, each message ended by a zero byte. */
class Connection {
  #child;
  #lastId = 0;
  #pending = new Map();
  #listeners = new Set();

  constructor(child) {
    this.#child = child;
    let received = [];
    child.stdio[4].on("data", (chunk) => {
      let end;
      while ((end = chunk.indexOf(0)) !== -1) {
        received.push(chunk.subarray(0, end));
        this.#receive(JSON.parse(Buffer.concat(received).toString("utf8")));
        received = [];
        chunk = chunk.subarray(end + 1);
      }
      received.push(chunk);
    });
    const fail = (reason) => {
      for (const { reject } of this.#pending.values()) reject(new Error(reason));
      this.#pending.clear();
    };
    child.once("error", (error) => fail(`The browser did not start: ${error.message}`));
    child.once("exit", () => fail("The browser has ended."));
    child.stdio[3].on("error", () => {});
  }

  send(method, params = {}, sessionId) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    });
  }

  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #receive({ id, result, error, ...event }) {
    if (id === undefined) {
      for (const listener of this.#listeners) listener(event);
      return;
    }
    const { resolve, reject } = this.#pending.get(id) ?? {};
    this.#pending.delete(id);
    if (error) reject?.(new Error(error.message));
    else resolve?.(result);
  }
}

/** The events of these categories while `act` goes on. */
async function trace(connection, categories, act) {
  const events = [];
  let complete;
  const completed = new Promise((resolve) => (complete = resolve));
  const stopListening = connection.listen(({ method, params }) => {
    if (method === "Tracing.dataCollected") events.push(...params.value);
    if (method === "Tracing.tracingComplete") complete();
  });
  await connection.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: categories } });
  try {
    await act();
  } finally {
    await connection.send("Tracing.end");
    await completed;
    stopListening();
  }
  return events;
}

/** A browser context of its own: no cookie, no storage, no cache, no worker of another one's. It begins with one tab. */
class Context {
  #connection;
  #id;
  #tabs = [];

  static async create(connection) {
    const context = new Context();
    context.#connection = connection;
    const { browserContextId } = await connection.send("Target.createBrowserContext", { disposeOnDetach: true });
    context.#id = browserContextId;
    await context.newTab();
    return context;
  }

  async newTab() {
    const tab = await Tab.create(this.#connection, this.#id);
    this.#tabs.push(tab);
    return tab;
  }

  get tab() {
    return this.#tabs[0];
  }

  visit(url, options) {
    return this.tab.visit(url, options);
  }

  async cookies() {
    const { cookies } = await this.#connection.send("Storage.getCookies", { browserContextId: this.#id });
    return cookies.map(({ name, value, domain, path, httpOnly }) => ({ name, value, domain, path, httpOnly }));
  }

  setCookies(cookies) {
    return this.#connection.send("Storage.setCookies", { browserContextId: this.#id, cookies });
  }

  /** Ends the shared workers of this context, as the browser does some minutes after their last page. */
  async endSharedWorkers() {
    const { targetInfos } = await this.#connection.send("Target.getTargets", { filter: [{ type: "shared_worker" }] });
    const own = targetInfos.filter(({ browserContextId }) => browserContextId === this.#id);
    for (const { targetId } of own) await this.#connection.send("Target.closeTarget", { targetId });
    return own.length;
  }

  async close() {
    for (const tab of this.#tabs) tab.forget();
    await this.#connection.send("Target.disposeBrowserContext", { browserContextId: this.#id });
  }
}

class Tab {
  #connection;
  #sessionId;
  #reports = [];
  #waiting;

  static async create(connection, browserContextId) {
    const tab = new Tab();
    tab.#connection = connection;
    const { targetId } = await connection.send("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await connection.send("Target.attachToTarget", { targetId, flatten: true });
    tab.#sessionId = sessionId;
    tab.forget = connection.listen((event) => event.sessionId === sessionId && tab.#hear(event));
    await tab.#send("Runtime.enable");
    await tab.#send("Runtime.addBinding", { name: "report" });
    return tab;
  }

  #send(method, params) {
    return this.#connection.send(method, params, this.#sessionId);
  }

  #hear({ method, params }) {
    let report;
    if (method === "Runtime.bindingCalled") report = JSON.parse(params.payload);
    else if (method === "Runtime.exceptionThrown") report = { error: thrown(params.exceptionDetails) };
    else return;
    this.#reports.push(report);
    this.#waiting?.();
  }

  /** Goes to the URL and waits for what a page says with `report`, there or where it goes from there. */
  visit(url, options) {
    return this.#reportAfter(async () => {
      const { errorText } = await this.#send("Page.navigate", { url });
      if (errorText) throw new Error(`${errorText} at ${url}`);
    }, url, options);
  }

  /** Loads the page again and waits in the same way. */
  reload(options) {
    return this.#reportAfter(() => this.#send("Page.reload"), "the page loaded again", options);
  }

  async #reportAfter(act, what, { timeout = 20_000 } = {}) {
    this.#reports = [];
    await act();
    if (this.#reports.length === 0) {
      let timer;
      await new Promise((resolve, reject) => {
        this.#waiting = resolve;
        timer = setTimeout(() => reject(new Error(`nothing reported within ${timeout} ms of ${what}`)), timeout);
      }).finally(() => clearTimeout(timer));
    }
    const [report] = this.#reports;
    if (report.error) throw new Error(report.error);
    return report;
  }

  /** What the expression resolves to in the page. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(thrown(exceptionDetails));
    return result.value;
  }
}

const thrown = ({ text, exception }) => `${text} ${exception?.description ?? exception?.value ?? ""}`.trim();
