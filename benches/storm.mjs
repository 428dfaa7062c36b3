// Three tabs of one signed-in browser call an API, 200 times each and at one moment, with an access token that has expired.

import { signIn, someone, startApplications } from "./applications.mjs";
import { describeRequest } from "./provider.mjs";
import { median, table } from "./stats.mjs";

const TABS = 3;
const CALLS = 200;
/** Seconds that the first access token lives; the renewed one lives for an hour. */
const LIFETIME = 3;

const pause = (milliseconds) => new Promise((passed) => setTimeout(passed, milliseconds));

const subjects = {
  "valetkey": { library: "valetkey" },
  // The user in the storage that tabs share, and renewed by whoever finds it expired. The library's own renewal ahead of
  // the expiry is off, as it is for a device that slept.
  "oidc-client-ts": { library: "oidc-client-ts", way: { store: "local", automaticSilentRenew: false } },
  "oidc-client-ts, calls of a tab share a renewal": {
    library: "oidc-client-ts",
    way: { store: "local", automaticSilentRenew: false, shared: true },
  },
  "auth0-spa-js": { library: "auth0-spa-js", way: { cacheLocation: "localstorage", useRefreshTokens: true } },
};

export const storm = {
  name: "storm",
  title: `${CALLS} calls in each of ${TABS} tabs at once, the access token expired`,
  subjects,

  /** Three runs are enough to see a count. */
  async run({ cases, browser, prepared, runs }) {
    for (let run = 0; run < Math.min(runs, 3); run += 1) {
      const browsers = [];
      try {
        for (const each of cases) {
          // Its own servers: what the provider has revoked or has to remember is nobody else's.
          const world = await startApplications({ prepared, subjects: { [each.subject]: each.definition } });
          const context = await browser.newContext();
          browsers.push({ each, world, context });
        }
        await attempt(browsers, openTabs);
        // A tab that found the token expired when it was opened may have renewed it.
        await pause(LIFETIME * 1000 + 500);
        await attempt(browsers, async (one) => one.each.results.push(await callAtOnce(one)));
      } finally {
        for (const { world, context } of browsers) {
          await context.close();
          await world.close();
        }
      }
    }
  },

  summarize: ({ results, failures }) => ({
    runs: results.length,
    failures,
    ...(results.length > 0 && {
      tokenRequests: range(results.map(({ tokenRequests }) => tokenRequests)),
      failedCalls: range(results.map(({ failedCalls }) => failedCalls)),
      milliseconds: range(results.map(({ time }) => time)),
      signedInTabs: range(results.map(({ signedInTabs }) => signedInTabs)),
      reasons: results.map(({ reasons }) => reasons),
    }),
  }),

  print(entries) {
    const inWords = (range) => (range ? `${range.median} (${range.min} to ${range.max})` : "-");
    const rows = Object.entries(entries).map(([subject, { tokenRequests, failedCalls, milliseconds, signedInTabs, reasons }]) => [
      subject,
      ...[tokenRequests, failedCalls, milliseconds, signedInTabs].map(inWords),
      [...new Set((reasons ?? []).flatMap(Object.keys))].join(", ") || "-",
    ]);
    const head = ["storm", "token requests", `failed of ${TABS * CALLS} calls`, "ms until all ended", "tabs that can call after it", "why"];
    console.log(table(head, rows));
  },

  targets({ valetkey }) {
    const found = valetkey?.tokenRequests;
    if (!found) return [];
    return [{
      target: `storm: one token request for ${TABS * CALLS} calls, and none fails`,
      found: `${found.min} to ${found.max} requests, ${valetkey.failedCalls.max} calls failed`,
      met: found.max === 1 && found.min === 1 && valetkey.failedCalls.max === 0 && valetkey.failures.length === 0,
    }];
  },
};

/** One after the other; who has failed takes no further part in this run. */
async function attempt(browsers, act) {
  for (const one of browsers.filter(({ failed }) => !failed)) {
    try {
      await act(one);
    } catch (error) {
      one.failed = true;
      one.each.fail(error);
    }
  }
}

async function openTabs(one) {
  const { each, world, context } = one;
  world.lifetime.accessToken = LIFETIME;
  await signIn(context, world, each.subject);
  one.tabs = [context.tab];
  while (one.tabs.length < TABS) {
    const tab = await context.newTab();
    someone(await tab.visit(world.url(each.subject)));
    one.tabs.push(tab);
  }
}

async function callAtOnce({ world, tabs }) {
  world.lifetime.accessToken = 3600;
  world.log.length = 0;
  const call = (calls, moment) => Promise.all(tabs.map((tab) => tab.evaluate(`callAtOnce(${calls}, ${moment})`)));
  const outcomes = await call(CALLS, Date.now() + 500);
  const tokenRequests = world.log.filter((entry) => describeRequest(entry) === "POST token").length;
  const reasons = {};
  for (const { failures } of outcomes) for (const [reason, count] of Object.entries(failures)) reasons[reason] = (reasons[reason] ?? 0) + count;
  const after = await call(1, Date.now());
  return {
    tokenRequests,
    failedCalls: TABS * CALLS - outcomes.reduce((sum, { succeeded }) => sum + succeeded, 0),
    time: Math.max(...outcomes.map(({ time }) => time)),
    signedInTabs: after.filter(({ succeeded }) => succeeded === 1).length,
    reasons,
  };
}

const range = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) });
