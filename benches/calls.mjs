// What a call of an API costs by way of each library, beside a plain `fetch` with the header: small ones one after the other
// and at once, and large bodies both ways.

import { readFile, writeFile } from "node:fs/promises";
import { signIn, startApplications } from "./applications.mjs";
import { launchBrowser } from "./browser.mjs";
import { median, quantile, ratio, round, summary, table } from "./stats.mjs";

const IN_TURN = 500;
const TOGETHER = 100;
const MEGABYTES = 50;
const BYTES = MEGABYTES * 1024 * 1024;

const plain = "fetch, the token in a variable";
const subjects = {
  // Signed in by a library that has no part in the calls.
  [plain]: { library: "oidc-client-ts", way: { variable: true } },
  "valetkey": { library: "valetkey" },
  "oidc-client-ts": { library: "oidc-client-ts" },
  "auth0-spa-js": { library: "auth0-spa-js", way: { useRefreshTokens: true, cacheLocation: "localstorage" } },
};

/** What is measured in a signed-in tab: milliseconds, several of them or one. */
const measures = {
  "calls in turn": { title: `${IN_TURN} small calls one after the other, ms of one`, expression: `callInTurn(${IN_TURN})`, runs: 5, limit: 1 },
  "calls at once": { title: `${TOGETHER} small calls at once, ms until all are answered`, expression: `callTogether(${TOGETHER})`, limit: 1 },
  "download": { title: `Download of ${MEGABYTES} MB, read piece by piece, ms`, expression: `download(${BYTES})`, limit: 1.5 },
  "upload": { title: `Upload of ${MEGABYTES} MB, ms`, expression: `upload(${BYTES})`, limit: 1.5 },
};

/** One signed-in tab for each subject; what is measured is done once uncounted, and then in turns. */
async function inTabs({ cases, browser, prepared }, act) {
  const world = await startApplications({
    prepared,
    subjects: Object.fromEntries(cases.map(({ subject, definition }) => [subject, definition])),
  });
  const contexts = new Map();
  try {
    for (const each of cases) {
      try {
        const context = await browser.newContext();
        contexts.set(each, context);
        await signIn(context, world, each.subject);
      } catch (error) {
        each.fail(error);
      }
    }
    await act(contexts);
  } finally {
    for (const context of contexts.values()) await context.close();
    await world.close();
  }
}

const against = (entries, subject) => ratio(entries[subject].times, entries[plain]?.times ?? []);
const inWords = (found) => (found ? `${found.ratio.toFixed(2)} (${found.low.toFixed(2)} to ${found.high.toFixed(2)})` : "-");

const study = (name, { title, expression, runs: most = Infinity, limit }) => ({
  name,
  title,
  subjects,

  async run({ cases, browser, prepared, runs }) {
    await inTabs({ cases, browser, prepared }, async (contexts) => {
      const able = cases.filter(({ failures }) => failures.length === 0);
      for (let run = 0; run <= Math.min(runs, most); run += 1) {
        for (let i = 0; i < able.length; i += 1) {
          // Each round starts with another one, so that none always follows the same neighbour.
          const each = able[(i + run) % able.length];
          try {
            const found = await contexts.get(each).tab.evaluate(expression);
            if (run > 0) each.results.push(found);
          } catch (error) {
            each.fail(error);
          }
        }
      }
    });
  },

  summarize: ({ results, failures }) => ({ ...summary(results.flat()), times: results.map((found) => median([found].flat())), failures }),

  print(entries) {
    const rows = Object.entries(entries).map(([subject, entry]) => [
      subject,
      ...[entry.median, entry.p25, entry.p75].map((value) => value?.toFixed(1) ?? "-"),
      subject === plain ? "1" : inWords(against(entries, subject)),
    ]);
    console.log(table([name, "median", "p25", "p75", "ratio to fetch"], rows));
  },

  targets(entries) {
    if (!entries?.valetkey || !entries[plain]) return [];
    const found = against(entries, "valetkey");
    const close = found && found.low <= limit && limit <= found.high ? ", not told apart from the limit" : "";
    return [{ target: `${name}: at most ${limit} times plain fetch`, found: inWords(found) + close, met: Boolean(found) && found.ratio <= limit }];
  },
});

/** How much more a tab's renderers hold, at most, while it downloads. Linux alone tells the peak of a process. */
const memory = {
  name: "download memory",
  title: `Download of ${MEGABYTES} MB, read piece by piece: peak memory of the tab's renderer above what it had before, MB`,
  subjects,

  async run({ cases, prepared, runs }) {
    if (process.platform !== "linux") return;
    for (let run = 0; run < Math.min(runs, 5); run += 1) {
      for (const each of cases) {
        // A renderer that the browser keeps in reserve could be taken for the tab's.
        const browser = await launchBrowser(["--disable-features=SpareRendererForSitePerProcess"]);
        try {
          await inTabs({ cases: [each], browser, prepared }, async (contexts) => {
            const { tab } = contexts.get(each);
            await tab.evaluate("download(1e6)");
            const ids = (await browser.processes()).filter(({ type }) => type === "renderer").map(({ id }) => id);
            const before = await peaks(ids);
            await tab.evaluate(`download(${BYTES})`);
            const after = await resident(ids, "VmHWM");
            each.results.push(Math.max(...ids.map((_, i) => after[i] - before[i])));
          });
        } catch (error) {
          each.fail(error);
        } finally {
          await browser.close();
        }
      }
    }
  },

  summarize: ({ results, failures }) => ({
    ...(results.length > 0 && { median: round(median(results)), least: round(Math.min(...results)), most: round(quantile(results, 1)) }),
    failures,
  }),

  print(entries) {
    const rows = Object.entries(entries).map(([subject, { median, least, most }]) => [subject, ...[median, least, most].map((value) => value?.toFixed(1) ?? "-")]);
    console.log(table([memory.name, "median", "least", "most"], rows));
  },

  targets(entries) {
    const [own, other] = [entries?.valetkey?.median, entries?.[plain]?.median];
    if (own === undefined || other === undefined) return [];
    return [{ target: "download memory: at most 20 MB above plain fetch", found: `${round(own - other)} MB`, met: own - other <= 20 }];
  },
};

/** Has the peaks of these processes begin anew, and answers what they hold now. */
async function peaks(ids) {
  for (const id of ids) await writeFile(`/proc/${id}/clear_refs`, "5");
  return resident(ids, "VmRSS");
}

/** Megabytes. */
const resident = (ids, name) =>
  Promise.all(ids.map(async (id) => Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(await readFile(`/proc/${id}/status`, "utf8"))?.[1]) / 1024));

export const calls = [...Object.entries(measures).map(([name, measure]) => study(name, measure)), memory];
