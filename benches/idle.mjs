// What a signed-in tab does while nobody touches it: CPU time, wake-ups and timers of its renderer processes in a minute.

import { readdir, readFile } from "node:fs/promises";
import { launchBrowser } from "./browser.mjs";
import { signIn, someone, startApplications } from "./applications.mjs";
import { median, round, table } from "./stats.mjs";

const SECONDS = 60;
/** Tabs of each kind, each in a browser context and thus in a process of its own, all watched in the same minute. */
const TABS = 3;
/** Until a page that has loaded is at rest: the engine collects garbage and compiles for some seconds. */
const REST = 30;

const pause = (seconds) => new Promise((passed) => setTimeout(passed, seconds * 1000));

const localStorage = { cacheLocation: "localstorage", useRefreshTokens: true };
const subjects = {
  "empty page": { library: "empty", nobody: true },
  "valetkey": { library: "valetkey" },
  "valetkey, monitorSession": { library: "valetkey", way: { frame: true, monitorSession: true } },
  // `automaticSilentRenew` is its default.
  "oidc-client-ts": { library: "oidc-client-ts", way: { automaticSilentRenew: true } },
  "oidc-client-ts, monitorSession": { library: "oidc-client-ts", way: { automaticSilentRenew: true, monitorSession: true } },
  "auth0-spa-js": { library: "auth0-spa-js", way: localStorage },
  "keycloak-js, checkLoginIframe": { library: "keycloak-js", way: { checkLoginIframe: true } },
};

export const idle = {
  name: "idle",
  title: `A signed-in tab left alone for ${SECONDS} s, ${TABS} of each in the same minute; its access token lives longer`,
  subjects,

  async run({ cases, prepared }) {
    const world = await startApplications({
      prepared,
      subjects: Object.fromEntries(cases.map(({ subject, definition }) => [subject, definition])),
    });
    // A renderer that the browser keeps in reserve could be taken for one of a tab's.
    const browser = await launchBrowser(["--disable-features=SpareRendererForSitePerProcess"]);
    try {
      const tabs = [];
      for (let tab = 0; tab < TABS; tab += 1) {
        for (const each of cases) {
          try {
            tabs.push({ each, renderers: await open(browser, world, each) });
          } catch (error) {
            each.fail(error);
          }
        }
      }
      await pause(REST);
      world.log.length = 0;
      const usage = () => Promise.all(tabs.map(({ renderers }) => use(browser, renderers)));
      let before;
      let after;
      const events = await browser.trace(["devtools.timeline"], async () => {
        before = await usage();
        await pause(SECONDS);
        after = await usage();
      });
      if (world.log.length > 0) console.error(`  idle tabs made ${world.log.length} requests: ${world.log.map(({ path }) => path)}`);
      const timers = events.filter(({ name }) => name === "TimerFire");
      tabs.forEach(({ each, renderers }, i) => {
        each.results.push({
          cpu: after[i].cpu - before[i].cpu,
          wakeUps: after[i].wakeUps - before[i].wakeUps,
          timers: timers.filter(({ pid }) => renderers.includes(pid)).length,
          processes: renderers.length,
        });
      });
    } finally {
      await browser.close();
      await world.close();
    }
  },

  summarize: ({ results, failures }) => ({
    tabs: results.length,
    failures,
    ...(results.length > 0 && {
      cpu: range(results.map(({ cpu }) => cpu)),
      wakeUps: results.some(({ wakeUps }) => Number.isNaN(wakeUps)) ? null : range(results.map(({ wakeUps }) => wakeUps)),
      timers: range(results.map(({ timers }) => timers)),
      processes: range(results.map(({ processes }) => processes)),
    }),
  }),

  print(entries) {
    const inWords = (range) => (range ? `${range.median} (${range.min} to ${range.max})` : "-");
    const rows = Object.entries(entries).map(([subject, entry]) => [
      subject,
      ...[entry.cpu, entry.wakeUps, entry.timers, entry.processes].map(inWords),
    ]);
    console.log(table(["idle, per minute", "CPU ms", "thread wake-ups", "timers fired", "processes"], rows));
    console.log("Of the tab's renderer processes alone, all threads; the browser's own process is not in it.");
  },

  targets: () => [],
};

/** Opens a signed-in tab, answers the ids of the renderers that came with it. */
async function open(browser, world, { subject, definition }) {
  const renderers = async () => (await browser.processes()).filter(({ type }) => type === "renderer").map(({ id }) => id);
  const before = await renderers();
  const context = await browser.newContext();
  if (!definition.nobody) await signIn(context, world, subject);
  someone(await context.visit(world.url(subject)));
  // A worker, or a renderer of the provider's pages that is given up, takes its time.
  await pause(0.5);
  const added = (await renderers()).filter((id) => !before.includes(id));
  const own = await Promise.all(added.map(async (id) => !(await isBrowsers(id))));
  return added.filter((_, i) => own[i]);
}

/** A renderer of the browser's own surfaces, which comes with every new context. */
const isBrowsers = async (id) => (await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")).includes("--top-chrome-webui");

/** What these processes have used so far: milliseconds of CPU, and how often a thread that slept was woken. */
async function use(browser, ids) {
  if (process.platform !== "linux") {
    const processes = (await browser.processes()).filter(({ id }) => ids.includes(id));
    return { cpu: processes.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0), wakeUps: NaN };
  }
  let [cpu, wakeUps] = [0, 0];
  for (const id of ids) {
    for (const task of await readdir(`/proc/${id}/task`).catch(() => [])) {
      const read = (name) => readFile(`/proc/${id}/task/${task}/${name}`, "utf8").catch(() => "");
      cpu += Number((await read("schedstat")).split(" ")[0]) / 1e6;
      wakeUps += Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(await read("status"))?.[1] ?? 0);
    }
  }
  return { cpu, wakeUps };
}

const range = (values) => ({ median: round(median(values)), min: round(Math.min(...values)), max: round(Math.max(...values)), values });
