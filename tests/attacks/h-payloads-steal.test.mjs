// The twin of every hostile script: an application from which it does steal. A script that steals nothing from anybody
// would prove nothing of us. Where a library in use will do, it is that one; else a program with every mistake there is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attacks, realmName } from "../hostile/attack.mjs";
import { useLab } from "../hostile/lab.mjs";
import { EARLY, LATE, payloads } from "../hostile/payloads/index.mjs";
import { LEAKY, TARGETS } from "../hostile/targets.mjs";
import { hostilePage } from "../hostile/xss.mjs";

const lab = useLab();
const leaky = [LEAKY, "access"];
const other = (name, ...kinds) => [TARGETS[name], ...kinds];

/** From whom, and what. */
const TWINS = {
  "storage": other("oidc-client-ts", "access", "refresh", "id-token"),
  "graph": other("oidc-client-ts", "access", "refresh", "id-token"),
  "network": other("keycloak-js", "access", "refresh"),
  "messages": other("auth0-spa-js", "access", "id-token"),
  "channels": leaky,
  "worker-swap": other("auth0-spa-js", "refresh"),
  "crypto": other("oidc-client-ts", "verifier"),
  "wasm": other("valetkey, page", "access"),
  "intrinsics": other("auth0-spa-js", "access"),
  "pollution": leaky,
  "reimport": leaky,
  "own-worker": leaky,
  "methods": other("oidc-client-ts", "access", "refresh", "id-token"),
  "pristine": other("oidc-client-ts", "access", "refresh", "id-token"),
  "errors": leaky,
  "records": other("oidc-client-ts", "spent code"),
  "departure": other("oidc-client-ts", "id-token"),
  "reconfigure": other("oidc-client-ts", "refresh"),
  "redeem": other("oidc-client-ts", "access", "refresh", "id-token"),
  "service-worker": other("oidc-client-ts", "access"),
  "silent": other("oidc-client-ts", "access", "refresh", "id-token"),
  "proxy": other("oidc-client-ts", "acts"),
};

/** Late, where the script can do anything then; that is harder. */
const EARLY_ALONE = ["crypto", "worker-swap", "wasm", "redeem"];

attacks("the hostile scripts can steal", () => {
  for (const payload of payloads) {
    const [target, ...expected] = TWINS[payload.name];
    test(`H-00 ${payload.name} steals ${expected.join(", ")} from ${target.program}`, async (t) => {
      const position = EARLY_ALONE.includes(payload.name) ? EARLY : LATE;
      const { kinds, report } = await hostilePage(lab, { context: await lab.context(t), target, payload, position, name: realmName("h-00") });
      assert.deepEqual(expected.filter((kind) => !kinds.includes(kind)), [], `stolen: ${kinds}; ${JSON.stringify(report)}`);
    });
  }
}, { atOnce: 4 });
