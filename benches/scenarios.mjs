// What is measured.

import { slow4G } from "./link.mjs";
import { describeRequest } from "./provider.mjs";

/** A page comes to rest before it is left, as it does before somebody clicks. Milliseconds. */
const settle = 80;
const rest = () => new Promise((rested) => setTimeout(rested, settle));

/**
 * `link` stands between the browser and every server. `lanes` is how many runs go on at a time, each with servers of its
 * own: what mostly waits can wait together.
 */
export const networks = {
  loopback: { link: {}, lanes: 1 },
  late: { link: { latency: 50 }, lanes: 1 },
  slow: { link: slow4G, lanes: 3 },
};

/**
 * `only` is the library that alone can take part, and `against` the scenario whose rival it is then compared with. `plain`
 * and `hints` are the flavours in which a page takes part, without preload hints and with them: both, unless said otherwise.
 */
export const scenarios = {
  "cold": { title: "Authorization URL ready, cold cache" },
  "warm": { title: "Authorization URL ready, warm HTTP cache, no vault running" },
  "alive": {
    title: "Authorization URL ready, page loaded again while its vault still runs (against a warm HTTP cache)",
    only: "valetkey",
    against: "warm",
    hints: [],
  },
  "slow": {
    title: "Authorization URL ready, cold cache, slow network (each response 562.5 ms late, 1.44 Mbit/s shared)",
  },
  "callback": { title: "Callback navigation to user known", hints: ["discovery"] },
  "callback+50": { title: "Callback navigation to user known, each response 50 ms late", hints: ["discovery"] },
  "callback+50 with DPoP": {
    title: "Callback navigation to user known, each response 50 ms late, at a provider that announces DPoP (RFC 9449)",
    only: "valetkey",
    against: "callback+50",
    plain: ["discovery"],
    hints: [],
  },
  "callback+50 without vault": {
    title: "Callback navigation to user known, each response 50 ms late, the vault having ended meanwhile",
    only: "valetkey",
    against: "callback+50",
    plain: ["discovery"],
    hints: ["discovery"],
  },
};

/**
 * What a run does, in a new browser context each time: it gives `found` a result for each of its scenarios. `visit` is
 * the context, the world, the subject and the flavour.
 */
export const journeys = [
  {
    network: "loopback",
    scenarios: ["cold", "warm", "alive"],
    async run(visit, found) {
      found("cold", await urlReady(visit, { client: "a" }));
      await rest();
      // Another client ID is another vault: the files are in the cache, but the worker has to start.
      found("warm", await urlReady(visit, { client: "b" }));
      if (!visit.wanted("alive")) return;
      await rest();
      found("alive", await urlReady(visit, { client: "b", again: 1 }));
    },
  },
  {
    network: "loopback",
    scenarios: ["callback"],
    run: async (visit, found) => found("callback", await userKnown(visit)),
  },
  {
    network: "late",
    scenarios: ["callback+50"],
    run: async (visit, found) => found("callback+50", await userKnown(visit)),
  },
  {
    network: "late",
    scenarios: ["callback+50 with DPoP"],
    run: async (visit, found) => {
      visit.world.announces.dpop = true;
      try {
        found("callback+50 with DPoP", await userKnown(visit));
      } finally {
        visit.world.announces.dpop = false;
      }
    },
  },
  {
    network: "late",
    scenarios: ["callback+50 without vault"],
    run: async (visit, found) => found("callback+50 without vault", await userKnownWithoutVault(visit)),
  },
  {
    network: "slow",
    scenarios: ["slow"],
    run: async (visit, found) => found("slow", await urlReady(visit, { client: "a" })),
  },
];

/** From the start of the navigation to the moment the library would leave the page for the provider. */
async function urlReady({ context, world, subject, flavour }, query) {
  const report = await context.visit(world.url(subject, flavour, { act: "url", ...query }));
  if (!report.url?.startsWith(`${world.issuer}/auth?`)) throw new Error(`not an authorization URL: ${report.url}`);
  return { time: report.urlReady, signedOutKnown: report.signedOutKnown };
}

/** From the callback's fetch, after the provider's redirect, to claims in the application's hands. */
async function userKnown(visit) {
  const { context, world, subject, flavour } = visit;
  await haveProviderSession(visit);
  world.log.length = 0;
  const report = await context.visit(world.url(subject, flavour, { act: "go", settle }));
  return { time: checked(report).userKnown, ...requests(world.log) };
}

/** As in a browser without extended lifetimes, or for a person who stays at the provider for longer than the vault lives. */
async function userKnownWithoutVault(visit) {
  const { context, world, subject, flavour } = visit;
  await haveProviderSession(visit);
  const { url } = await context.visit(world.url(subject, flavour, { act: "url" }));
  await rest();
  if ((await context.endSharedWorkers()) === 0) throw new Error("no shared worker to end");
  world.log.length = 0;
  const report = await context.visit(url);
  return { time: checked(report).userKnown, ...requests(world.log) };
}

/** The provider knows the user already, so that it answers the authorization request with a redirect at once. */
async function haveProviderSession({ context, newContext, world, subject, flavour }) {
  if (!world.session) {
    const other = await newContext();
    try {
      await other.visit(world.url(subject, flavour, { act: "go", settle }));
      world.session = (await other.cookies()).filter(({ name }) => name.startsWith("_session"));
    } finally {
      await other.close();
    }
  }
  await context.setCookies(world.session);
}

function checked(report) {
  if (report.sub !== "ada") throw new Error(`nobody signed in: ${JSON.stringify(report)}`);
  return report;
}

/** What the provider was asked after it had redirected the browser back, and before that since the sign-in began. */
function requests(log) {
  const authorization = log.find(({ path }) => path === "/auth");
  const others = log.filter((entry) => entry !== authorization);
  return {
    requests: others.filter(({ arrived }) => arrived >= authorization.answered).map(describeRequest),
    requestsBefore: others.filter(({ arrived }) => arrived < authorization.answered).map(describeRequest),
  };
}
