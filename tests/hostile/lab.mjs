// The laboratory: the hosts, the providers, the application, a browser, and how an attack is carried out and judged.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { FLAGS } from "../support/browser.mjs";
import { startAll } from "../support/start-all.mjs";
import { apiHandler } from "./api.mjs";
import { appHandler } from "./app.mjs";
import { canaries } from "./canaries.mjs";
import { HOSTS, originOf, startNetwork } from "./network.mjs";
import { Realm } from "./provider.mjs";
import { sinkHandler } from "./sink.mjs";
import { leaks, listenTo } from "./sweep.mjs";

/** The conformance suite's own waiting time, in milliseconds: after bad input nothing may be sent for as long. */
export const QUIET = 5_000;
const PATIENCE = 60_000;
/** A process for each page would cost more than all that happens in it. */
const FEW_PROCESSES = ["--renderer-process-limit=2"];
/** So many pages of a context: a vault outlives its page, and they add up. */
const PAGES_SHARED = 40;

export { HOSTS, originOf };

/** Starts the laboratory for the tests of a file. */
export function useLab(settings) {
  const lab = makeLab(settings);
  before(lab.start);
  after(lab.stop);
  return lab;
}

/** A laboratory, to be started and stopped. */
export function makeLab({ flags = [] } = {}) {
  const used = {};
  const realms = new Map();
  const applications = { app: new Map(), otherApp: new Map() };
  const handlers = {
    [HOSTS.app]: appHandler(applications.app),
    [HOSTS.otherApp]: appHandler(applications.otherApp),
    [HOSTS.evil]: sinkHandler(),
    [HOSTS.api]: apiHandler(realms, HOSTS.api),
    [HOSTS.otherApi]: apiHandler(realms, HOSTS.otherApi),
  };
  for (const host of HOSTS.lookalikes) handlers[host] = sinkHandler();
  for (const host of [HOSTS.provider, HOSTS.otherProvider]) {
    handlers[host] = (request) => realms.get(`${host} ${request.path.split("/")[1]}`)?.handle(request) ?? { status: 404 };
  }

  const lab = {
    async start() {
      await startAll(used, { network: () => startNetwork(handlers) });
      used.browser = await launch(used.network, flags);
    },
    async stop() {
      await used.browser?.close();
      await used.network?.stop();
    },
    handlers,
    realms,
    get network() {
      return used.network;
    },
    get browser() {
      return used.browser;
    },
    /** One more browser, for an attack that needs flags or a process of its own. */
    launch: (more = [], options = {}) => launch(used.network, [...flags, ...more], options),

    /** A realm, with the application that signs in there: `realm`, `application`, `canary`. */
    realm(name, { host = HOSTS.provider, options = {}, signIn, headers, stepUp, at = "app", ...settings } = {}) {
      assert.match(name, /^[a-z0-9-]+$/u);
      assert.ok(!realms.has(`${host} ${name}`), `The realm ${name} exists.`);
      const canary = settings.canary ?? canaries();
      const realm = new Realm({ host, name, ...settings, canary });
      realms.set(`${host} ${name}`, realm);
      const page = `${originOf(HOSTS[at])}/${name}/`;
      const own = { issuer: realm.issuer, clientId: realm.clientId, redirectUri: page, postLogoutRedirectUri: page, resources: [`${originOf(HOSTS.api)}/`] };
      const application = new Application({ page, options: { ...own, ...options }, signIn, headers, stepUp });
      applications[at].set(name, application);
      return { realm, application, canary };
    },

    /** A context of a test's own. */
    async context(test, { browser = used.browser } = {}) {
      const context = await newContext(browser);
      test.after(() => context.close().catch(() => {}));
      return context;
    },

    /** A page in a context, that listens to what is said in it. */
    async page(context) {
      const page = await context.newPage();
      page.said = listenTo(page);
      return page;
    },

    /**
     * A page among those of other tests: cheaper, and enough where a test keeps to its realm, whose vault, records and
     * addresses nobody shares.
     */
    async sharedPage(test) {
      if (used.shared === undefined || used.shared.pages === PAGES_SHARED) used.shared = { pages: 0, context: newContext(used.browser) };
      used.shared.pages += 1;
      const page = await lab.page(await used.shared.context);
      test.after(() => page.close().catch(() => {}));
      return page;
    },

    /** Starts a sign-in on a page, follows it wherever it leads, and answers what the application reports in the end. */
    async attempt(page, application) {
      const reported = application.next();
      await page.goto(`${application.page}?start`).catch((error) => {
        // The sign-in may leave the page before it has loaded.
        if (!/interrupted|ERR_ABORTED/u.test(error.message)) throw error;
      });
      const report = await reported;
      await page.waitForFunction(() => window.loaded).catch(() => {});
      return report;
    },

    /** Opens an address, e.g. a callback that was forged, and answers what the application reports. */
    async open(page, application, address = "") {
      const reported = application.next();
      await page.goto(new URL(address, application.page).href);
      const report = await reported;
      await page.waitForFunction(() => window.loaded).catch(() => {});
      return report;
    },

    /** Fails if a secret of `canary` is anywhere it must not be. */
    async sweep(page, canary, options = {}) {
      assert.deepEqual(await leaks({ canary, page, said: page?.said, network: used.network, ...options }), []);
    },
  };
  return lab;
}

/** What the harness knows of an application: its options, and its reports as they come. */
class Application {
  #waiting = [];
  reports = [];

  constructor(settings) {
    Object.assign(this, settings);
  }

  tell(report) {
    this.reports.push(report);
    this.#waiting.shift()?.(report);
  }

  /** The next report. */
  next() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("The application reports nothing.")), PATIENCE);
      this.#waiting.push((report) => {
        clearTimeout(timer);
        resolve(report);
      });
    });
  }
}

async function newContext(browser) {
  const context = await browser.newContext({ reducedMotion: "reduce", ignoreHTTPSErrors: true });
  context.setDefaultTimeout(PATIENCE);
  return context;
}

function launch(network, flags, options = {}) {
  return chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: [...FLAGS, ...FEW_PROCESSES, ...network.flags, ...flags], ...options });
}
