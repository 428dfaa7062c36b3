// The one list of scenarios, and its run in an engine. docs/engines.md is made of the tests' names (`Firefox: Renewal: …`)
// and of what they find (tools/engine-page.mjs).

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import { ACR } from "../../www-demo/provider/acr.mjs";
import { generateSigningKeys } from "../../www-demo/provider/keys.mjs";
import { startRequestLog } from "../support/request-log.mjs";
import { startAll } from "../support/start-all.mjs";
import { windowClients } from "../support/callback-page.mjs";
import { publicClient, startWorld } from "../support/world.mjs";
import { App } from "./app.mjs";
import { Profile } from "./driver.mjs";
import { startEchoApi } from "./echo-api.mjs";
import * as api from "./subjects/api.mjs";
import * as callback from "./subjects/callback.mjs";
import * as dpop from "./subjects/dpop.mjs";
import * as isolation from "./subjects/isolation.mjs";
import * as kept from "./subjects/kept.mjs";
import * as lifetime from "./subjects/lifetime.mjs";
import * as renewal from "./subjects/renewal.mjs";
import * as resources from "./subjects/resources.mjs";
import * as responseModes from "./subjects/response-modes.mjs";
import * as signIn from "./subjects/sign-in.mjs";
import * as signOut from "./subjects/sign-out.mjs";
import * as stepUp from "./subjects/step-up.mjs";
import * as tabs from "./subjects/tabs.mjs";
import * as windows from "./subjects/windows.mjs";

/** Each: `subject`, its name; `scenarios`, by name; `world`, where it is another than `lasting`. */
const subjects = [signIn, callback, responseModes, lifetime, kept, windows, tabs, api, resources, dpop, stepUp, renewal, signOut, isolation];

/** Milliseconds for one scenario, and for starting and stopping everything. */
const LIMIT = 180_000;
/** Seconds: soon over, but longer than a page takes to load on a busy machine. */
const BRIEF = 6;

/** Each is started when it is first wanted. */
const worlds = {
  lasting: async () => startWorld({ keys: await keysOfAllKinds(), extraClients: clientsOfAllKinds }),
  /** Access tokens expire soon. */
  brief: () => startWorld({ accessTokenTtl: BRIEF }),
  /** Tokens are bound to keys, no proof is taken without a nonce, there is a second API, and the first one wants more of the user for its `/transfers`. */
  bound: () => startWorld({ dpop: true, dpopNonce: "required", apiNonce: "required", files: true, stepUp: { acrValues: ACR.confirmed, maxAge: 300 }, extraClients: windowClients }),
};

/**
 * Runs them all in one engine, which is launched once; each scenario has a profile of its own.
 * `missing`: why the engine cannot be had here. Its tests are then listed as not run. `face`: whose client it is, see app-site.mjs.
 */
export function runIn(engine, { launch, missing, face = "js" }) {
  const used = {};
  const started = new Map();
  const worldOf = (name) => {
    if (!started.has(name)) started.set(name, worlds[name]());
    return started.get(name);
  };
  before(async () => {
    if (missing) return;
    used.log = startRequestLog();
    await startAll(used, { browser: launch, echo: startEchoApi });
  }, { timeout: LIMIT });
  after(async () => {
    await used.browser?.close();
    for (const world of started.values()) await (await world.catch(() => undefined))?.stop();
    await used.echo?.stop();
    used.log?.remove();
  }, { timeout: LIMIT });

  const skip = missing ? `not run: ${missing}` : false;
  test(`${engine}: Version`, { skip }, (t) => t.diagnostic(`${engine}: Version: ${used.browser.version}`));
  for (const { subject, scenarios, world: place = "lasting" } of subjects) {
    for (const [name, act] of Object.entries(scenarios)) {
      const title = `${engine}: ${subject}: ${name}`;
      test(title, { skip, timeout: LIMIT }, async (t) => {
        const world = await worldOf(place);
        world.site.reset();
        world.calls.reset();
        Object.assign(world.site, { face, clients: { main: world.options } });
        const profile = new Profile(await used.browser.profile());
        try {
          await act(scene({ t, title, profile, world, used }));
        } finally {
          await profile.close();
        }
      });
    }
  }
}

/** What a scenario is given. */
const scene = ({ t, title, profile, world, used }) => ({
  world,
  profile,
  echo: used.echo,
  /** The application in a new tab. */
  async open(path) {
    const app = new App(await profile.open(), world);
    await app.load(path);
    return app;
  },
  /** What the provider and the API were asked for while `act` ran. */
  async requestsDuring(act) {
    const mark = used.log.mark();
    await act();
    const requests = used.log.since(mark);
    const to = (path) => requests.to(world.issuer, path).length;
    return { token: to("/token"), keys: to("/jwks"), metadata: to("/.well-known/openid-configuration"), api: requests.to(world.api).length };
  },
  /** Waits until the access tokens of now have expired, where they are to. */
  expiry: () => new Promise((resolve) => setTimeout(resolve, (BRIEF + 0.5) * 1000)),
  /** Says in words what this engine does, where engines differ. */
  found: (words) => t.diagnostic(`${title}: ${words}`),
  /** As `assert.equal`; what an engine hands out may lack members where another has `undefined`. */
  same: (actual, expected, message) => assert.deepEqual(JSON.parse(JSON.stringify(actual)), expected, message),
});

async function keysOfAllKinds() {
  const { keys } = await generateSigningKeys();
  const { privateKey } = await generateKeyPair("Ed25519", { extractable: true });
  return { keys: [...keys, { ...(await exportJWK(privateKey)), alg: "EdDSA", use: "sig", kid: "ed25519" }] };
}

/** One whose ID tokens are signed with each algorithm, by its name, and one with a callback page. */
const clientsOfAllKinds = (origin) =>
  [...["RS256", "ES256", "EdDSA"].map((alg) => ({ ...publicClient(alg, `${origin}/`), id_token_signed_response_alg: alg })), ...windowClients(origin)];
