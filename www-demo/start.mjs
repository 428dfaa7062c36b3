// Starts the demo: the provider, the API and the page's web server, each on a port of its own.

import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { buildApp } from "./build.mjs";
import { bindLocalhost, StartError } from "./local-server.mjs";
import { ACR } from "./provider/acr.mjs";
import { generateSigningKeys } from "./provider/keys.mjs";
import { API_CLIENT_ID, apiResources, CLIENT_ID } from "./provider/registrations.mjs";
import { Service } from "./service.mjs";
import { createSite, securityHeaders } from "./site/server.mjs";

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Seconds after which the API wants one to confirm anew. */
const RECENT = 300;

export const DEFAULT_PORTS = { demoPort: 5170, opPort: 5171, apiPort: 5172 };

/**
 * Starts everything and resolves once it answers. All options are optional:
 * - `demoPort`, `opPort`, `apiPort`: 0 for any free port
 * - `tarball`: the packed package to build the app with, instead of packing `../pkg`
 * - `dist`: an app that has been built already, instead of building one
 * - `accessTokenTtl`, `idTokenAlg`, `extraClients`, `dpop`, `dpopNonce`, `par`, `jarm`: see provider/provider.mjs; `extraClients`
 *   may be a function of the URLs, and the API has nonces as the provider has
 * - `dataFile`: the accounts' SQLite file
 * - `log`: takes each line there is to say
 *
 * Answers `{ urls, provider, api, stop() }`. `provider` and `api` can be stopped and started on their own.
 */
export async function startDemo(options = {}) {
  const { demoPort, opPort, apiPort } = { ...DEFAULT_PORTS, ...options };
  const { accessTokenTtl = 60, idTokenAlg = "RS256", extraClients = [], log = () => {} } = options;
  const { dpop = true, dpopNonce = "offered", par = "offered", jarm = true } = options;
  const { dataFile = pathOf("./.data/accounts.sqlite") } = options;

  const provider = new Service({ name: "provider", entry: pathOf("./provider/process.mjs"), port: opPort, log });
  const api = new Service({ name: "API", entry: pathOf("./api/process.mjs"), port: apiPort, log });
  let site;
  const stop = async () => {
    await Promise.all([site?.close(), provider.stop(), api.stop()]);
  };

  try {
    site = await bindLocalhost(demoPort, { name: "demo", variable: "DEMO_PORT" });
    await Promise.all([provider.bind(), api.bind()]);
    const dist = options.dist ?? (await buildApp({ tarball: options.tarball, log }));

    const demoOrigin = site.origin;
    const issuer = provider.origin;
    const apiOrigin = api.origin;
    const apiSecret = randomBytes(32).toString("base64url");
    const resources = apiResources(apiOrigin);
    const urls = { demo: `${demoOrigin}/`, issuer, api: `${apiOrigin}/` };

    await Promise.all([
      provider.configure({
        demoOrigin,
        apiOrigin,
        apiSecret,
        accessTokenTtl,
        idTokenAlg,
        dpop,
        dpopNonce,
        par,
        jarm,
        extraClients: typeof extraClients === "function" ? extraClients(urls) : extraClients,
        // Made here, so that they outlive a restart of the provider.
        keys: await generateSigningKeys(),
      }),
      api.configure({
        issuer,
        audience: resources.audience,
        demoOrigin,
        clientId: API_CLIENT_ID,
        clientSecret: apiSecret,
        dataFile,
        dpopNonce,
        stepUp: { acrValues: ACR.confirmed, maxAge: RECENT },
      }),
    ]);
    site.serve(
      createSite({
        dist,
        config: { issuer, clientId: CLIENT_ID, api: `${apiOrigin}/`, opaqueResource: resources.opaque },
        headers: securityHeaders({ issuer, apiOrigin }),
      }),
    );

    log(`Provider: ${issuer}/ (process ${provider.pid}: end it to see what the page says then)`);
    log(`API: ${apiOrigin}/ (process ${api.pid})`);
    return { urls, provider, api, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function portFrom(variable, fallback) {
  const value = process.env[variable];
  if (value === undefined || value === "") return fallback;
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new StartError(`${variable} must be a port number from 0 to 65535, not "${value}".`);
  }
  return port;
}

/** What `npm run demo` does: ports from the environment, until Ctrl+C. */
export async function runDemo(options = {}) {
  try {
    const demo = await startDemo({
      demoPort: portFrom("DEMO_PORT", DEFAULT_PORTS.demoPort),
      opPort: portFrom("OP_PORT", DEFAULT_PORTS.opPort),
      apiPort: portFrom("API_PORT", DEFAULT_PORTS.apiPort),
      tarball: process.env.DEMO_TARBALL || undefined,
      log: (line) => console.log(line),
      ...options,
    });
    const end = () => demo.stop().then(() => process.exit(0));
    process.once("SIGINT", end);
    process.once("SIGTERM", end);
    console.log(`Demo: ${demo.urls.demo}`);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runDemo();
