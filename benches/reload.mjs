// From a reload to the moment the application knows who is signed in, for each way by which a library gets there.

import { signIn, someone, startApplications } from "./applications.mjs";
import { describeRequest } from "./provider.mjs";
import { summary, table } from "./stats.mjs";
import { tally } from "./report.mjs";

const subjects = {
  "valetkey, the vault's memory": { library: "valetkey", restoredBy: "memory" },
  "valetkey, hidden frame": { library: "valetkey", way: { isolation: "worker", frame: true }, restoredBy: "silent" },
  "oidc-client-ts, sessionStorage": { library: "oidc-client-ts" },
  "oidc-client-ts, hidden frame": { library: "oidc-client-ts", way: { store: "memory", frame: true } },
  "auth0-spa-js, localStorage": { library: "auth0-spa-js", way: { cacheLocation: "localstorage", useRefreshTokens: true } },
  "auth0-spa-js, refresh token from localStorage": {
    library: "auth0-spa-js",
    way: { cacheLocation: "localstorage", useRefreshTokens: true, cacheMode: "off" },
  },
  "auth0-spa-js, hidden frame": { library: "auth0-spa-js" },
  "keycloak-js, hidden frame": { library: "keycloak-js" },
};

const study = (name, title, network) => ({
  name,
  title,
  subjects,

  /** One signed-in tab for each, loaded again in turn. The first time is not counted: files and their code get cached. */
  async run({ cases, browser, prepared, runs }) {
    const world = await startApplications({
      prepared,
      network,
      subjects: Object.fromEntries(cases.map(({ subject, definition }) => [subject, definition])),
    });
    const contexts = new Map();
    try {
      for (const each of cases) {
        try {
          const context = await browser.newContext();
          contexts.set(each, context);
          await signIn(context, world, each.subject);
          someone(await context.visit(world.url(each.subject)));
        } catch (error) {
          each.fail(error);
        }
      }
      const able = cases.filter(({ failures }) => failures.length === 0);
      for (let run = 0; run <= runs; run += 1) {
        for (let i = 0; i < able.length; i += 1) {
          // Each round starts with another one, so that none always follows the same neighbour.
          const each = able[(i + run) % able.length];
          try {
            const result = await reload(contexts.get(each), world, each.definition);
            if (run > 0) each.results.push(result);
          } catch (error) {
            each.fail(error);
          }
        }
      }
    } finally {
      for (const context of contexts.values()) await context.close();
      await world.close();
    }
  },

  summarize: ({ results, failures }) => ({
    ...summary(results.map(({ time }) => time)),
    requests: tally(results.map(({ requests }) => requests)),
    failures,
  }),

  print(entries) {
    const rows = Object.entries(entries).map(([subject, { median, p25, p75, requests }]) => [
      subject,
      ...[median, p25, p75].map((value) => value?.toFixed(1) ?? "-"),
      Object.entries(requests).map(([sequence, count]) => (Object.keys(requests).length > 1 ? `${sequence} (${count} runs)` : sequence)).join("; ") || "-",
    ]);
    console.log(table([name, "median", "p25", "p75", "requests to the provider"], rows));
  },

  targets: () => [],
});

export const reloads = [
  study("reload", "Reload to user known, loopback", {}),
  study("reload+50", "Reload to user known, each response 50 ms late", { latency: 50 }),
];

/** A navigation's clock starts with it, so the page's own is the time since the reload. */
async function reload(context, world, { restoredBy }) {
  // What the last page load left to be done, such as the removal of its frame, is over.
  await new Promise((rested) => setTimeout(rested, 80));
  world.log.length = 0;
  const report = someone(await context.tab.reload());
  if (report.restoredBy !== restoredBy) throw new Error(`restored by ${report.restoredBy}`);
  return { time: report.userKnown, requests: world.log.map(describeRequest) };
}
