// ATTACKS group H: every hostile script, before any script of the page and into the page that is signed in, in each
// isolation. What arrives at the attacker's host is held against what the documentation says may be had.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attacks, realmName } from "../hostile/attack.mjs";
import { useLab } from "../hostile/lab.mjs";
import { EARLY, LATE, payloads } from "../hostile/payloads/index.mjs";
import { record } from "../hostile/record.mjs";
import { BOUND, TARGETS } from "../hostile/targets.mjs";
import { hostilePage } from "../hostile/xss.mjs";

const lab = useLab();

/** The entry of the catalogue, where it differs early and late. */
const IDS = {
  "storage": "H-01", "graph": "H-02", "network": { [EARLY]: "H-07", [LATE]: "H-06" }, "messages": { [EARLY]: "H-08", [LATE]: "H-18" }, "channels": "H-18", "worker-swap": "H-08",
  "crypto": { [EARLY]: "H-11", [LATE]: "H-10" }, "wasm": { [EARLY]: "H-09", [LATE]: "H-04" }, "intrinsics": "H-12", "pollution": "H-14", "reimport": "H-16", "own-worker": "H-17",
  "methods": "H-29", "pristine": "H-34", "errors": "H-24", "records": { [EARLY]: "H-26", [LATE]: "H-25" }, "departure": "H-25", "reconfigure": "H-20", "redeem": "H-26",
  "service-worker": "H-33", "silent": "H-27", "proxy": "H-28",
};
const idOf = ({ name }, position) => IDS[name][position] ?? IDS[name];

/** A page that has not redeemed its code yet has it in its address; `state` and `nonce` are in the URL that it leaves for. */
const OF_THE_ADDRESS = ["code", "spent code", "state", "nonce"];
/** The nonce is a claim of the ID token, which the page is given. */
const OF_THE_CLAIMS = ["nonce"];
/** The browser's own record of how this document was reached. */
const OF_THE_BROWSER = ["spent code", "state", "nonce"];
const TOKENS = ["access", "refresh", "id-token"];

/** What may be had by each script in the default isolation, early and late; where no line is, by what is above alone. */
const MAY = {
  // The stored copy of the transaction, for as long as the browser is away.
  "storage": { [EARLY]: ["verifier"] },
  "pristine": { [EARLY]: ["verifier"], [LATE]: OF_THE_BROWSER },
  "records": { [LATE]: OF_THE_BROWSER },
  // Code and verifier together are worth the tokens. With `transactions: "memory"` there is no verifier to be had.
  "redeem": { [EARLY]: [...TOKENS, "verifier"] },
  // Another program in the vault's place, in a page without a policy.
  "worker-swap": { [EARLY]: [...TOKENS, "verifier"] },
  // A service worker is between every page or worker of the origin and the network.
  "service-worker": { [EARLY]: [...TOKENS, "verifier"], [LATE]: [...TOKENS, "verifier", "code", "state"] },
  // The attacker's own sign-in, the attacker's own tokens.
  "silent": { [EARLY]: TOKENS, [LATE]: [...TOKENS, "state"] },
  // A script of the page may do what the page may do, and no more: it calls the API, and signs out.
  "proxy": { [EARLY]: ["acts"], [LATE]: ["acts"] },
  "reimport": { [EARLY]: ["acts"], [LATE]: ["acts"] },
  "own-worker": { [EARLY]: ["acts", "id-token"], [LATE]: ["acts", "id-token", "state"] },
  "departure": { [EARLY]: ["id-token"], [LATE]: ["id-token", "state"] },
};

/** What is worth knowing of each in the default isolation, beside that nothing else was had. */
const FINDINGS = {
  "network": { [EARLY]: "what the page's own functions are replaced by sees no request of the vault, which makes them elsewhere" },
  "wasm": { [EARLY]: "no module is made in the page: there is neither an import to watch nor a memory to read" },
  "crypto": { [EARLY]: "the page's own WebCrypto makes no secret and judges no signature: the vault's is another" },
  "departure": { [LATE]: "at sign-out at the provider the ID token, whose session has ended, is in the address that the page leaves for" },
  "own-worker": { [LATE]: "a script that connects to the vault itself may call the APIs and end the session, and is then given the address with the ID token; no message answers with another token" },
  "proxy": { [LATE]: "a script of the page calls the listed APIs through the client while the page is open; nothing goes to another host, and no token leaves" },
  "silent": { [LATE]: "a script that signs in by itself in a frame, with its own verifier, has tokens of its own; only the provider can prevent it" },
  "redeem": { [LATE]: "a script that runs on the page of the callback before the library redeems the code with the stored verifier; `transactions: \"memory\"` leaves it nothing, the static callback page no script" },
  "worker-swap": { [LATE]: "a script that runs before the library can start another program in the vault's place; `worker-src 'self'` stops it" },
  "service-worker": { [LATE]: "a service worker that the origin serves for the attacker reads every request of the vault; nothing in a browser can tell" },
  "storage": { [EARLY]: "the stored copy of a transaction (verifier, state, nonce) is read while the browser is at the provider, and gone afterwards" },
};

const hidden = { "shared": TARGETS.valetkey, "worker": TARGETS["valetkey, worker"] };

for (const [isolation, target] of Object.entries(hidden)) {
  attacks(`isolation ${isolation}`, () => {
    for (const payload of payloads) {
      for (const position of [EARLY, LATE]) {
        const id = idOf(payload, position);
        test(`${id} ${payload.name}, ${position}, ${isolation}: ${payload.does}`, async (t) => {
          const visit = await attack(t, { target, payload, position, id });
          const may = [...(position === EARLY ? OF_THE_ADDRESS : OF_THE_CLAIMS), ...(MAY[payload.name]?.[position] ?? [])];
          // Nothing is gained by a page that does not work; but these scripts use up the callback before the page does.
          if (position === LATE || !["own-worker", "departure", "redeem"].includes(payload.name)) assert.equal(visit.report.status, "signed-in", JSON.stringify(visit.report));
          assert.deepEqual(visit.kinds.filter((kind) => !may.includes(kind)), [], `stolen: ${visit.kinds}`);
          const finding = FINDINGS[payload.name]?.[position];
          if (finding && isolation === "shared") record(t, id, finding);
        });
      }
    }
  }, { atOnce: 4 });
}

const INTRINSICS = ["Promise", "Array", "String", "Object", "Function", "JSON", "TextDecoder", "TextEncoder", "URL", "URLSearchParams", "RegExp", "Map", "WeakMap", "Set", "Reflect"];

attacks("one intrinsic at a time", () => {
  for (const intrinsic of INTRINSICS) {
    test(`H-12 ${intrinsic} poisoned in a page that is signed in: nothing passes through it but the claims`, async (t) => {
      const payload = payloads.find(({ name }) => name === "intrinsics");
      const { kinds, work } = await attack(t, { target: TARGETS.valetkey, payload, position: LATE, id: "H-12", intrinsics: [intrinsic] });
      assert.deepEqual(kinds.filter((kind) => !OF_THE_CLAIMS.includes(kind)), []);
      assert.equal(work, 200, "the application goes on working");
    });
  }
}, { atOnce: 4 });

attacks("transactions in memory", () => {
  for (const payload of payloads.filter(({ name }) => ["storage", "pristine", "redeem"].includes(name))) {
    const id = idOf(payload, EARLY);
    test(`${id} ${payload.name}, early, with transactions in memory: no verifier, and so no token`, async (t) => {
      const { kinds } = await attack(t, { target: TARGETS["valetkey, memory"], payload, position: EARLY, id });
      assert.deepEqual(kinds.filter((kind) => !OF_THE_ADDRESS.includes(kind)), []);
    });
  }
}, { atOnce: 4 });

/** What is worth trying again where tokens are bound to a key. Code and verifier are worth nothing without it. */
const WITH_KEYS = ["storage", "graph", "network", "crypto", "methods", "pristine", "own-worker", "records", "redeem"];
const MAY_WITH_KEYS = { ...MAY, "redeem": { [EARLY]: ["verifier"] } };

attacks("DPoP", () => {
  for (const payload of payloads.filter(({ name }) => WITH_KEYS.includes(name))) {
    for (const position of [EARLY, LATE]) {
      const id = idOf(payload, position);
      test(`${id} ${payload.name}, ${position}, tokens bound to a key: ${payload.does}`, async (t) => {
        const visit = await attack(t, { target: BOUND.default, payload, position, id });
        const may = [...(position === EARLY ? OF_THE_ADDRESS : OF_THE_CLAIMS), ...(MAY_WITH_KEYS[payload.name]?.[position] ?? [])];
        assert.deepEqual(visit.kinds.filter((kind) => !may.includes(kind)), [], `stolen: ${visit.kinds}`);
        if (payload.name === "redeem" && position === EARLY) record(t, id, "the same where the provider speaks DPoP: code and verifier are of no use without the vault's key, which the code is bound to");
      });
    }
  }
}, { atOnce: 4 });

// What an application opens is open to every script of its pages.
attacks("opened on request", () => {
  const OPENED = {
    persisted: { storage: ["refresh", "id-token"], pristine: ["refresh", "id-token"], graph: [], methods: [] },
    exposed: { methods: ["access"], storage: [], network: [] },
  };
  for (const [what, expected] of Object.entries(OPENED)) {
    for (const [name, kinds] of Object.entries(expected)) {
      const payload = payloads.find((each) => each.name === name);
      const id = idOf(payload, LATE);
      test(`${id} ${name}, late, ${what}: ${kinds.join(", ") || "nothing more"}`, async (t) => {
        const visit = await attack(t, { target: BOUND[what], payload, position: LATE, id });
        const had = visit.kinds.filter((kind) => ["access", "refresh", "id-token", "dpop-key", "code", "verifier"].includes(kind));
        assert.deepEqual(had.sort(), [...kinds].sort(), JSON.stringify(visit.report));
        if (name === "storage" && what === "persisted") record(t, id, '`persist: "dpop"`: refresh token and ID token of the session are read from IndexedDB by every script of the origin; the refresh token is of no use without the key (H-30)');
      });
    }
  }
}, { atOnce: 4 });

// Nothing protects a vault in the page, and nothing is promised of it: what each script got is written down.
attacks("isolation page", () => {
  for (const payload of payloads) {
    const id = idOf(payload, EARLY);
    test(`${id} ${payload.name}, page: ${payload.does}: recorded`, async (t) => {
      const got = {};
      for (const position of [EARLY, LATE]) got[position] = (await attack(t, { target: TARGETS["valetkey, page"], payload, position, id })).kinds;
      record(t, id, `\`isolation: "page"\`, ${payload.name}: early ${got[EARLY].join(", ") || "nothing"}; late ${got[LATE].join(", ") || "nothing"}`);
    });
  }
}, { atOnce: 4 });

async function attack(t, { id, ...visit }) {
  return hostilePage(lab, { context: await lab.context(t), name: realmName(id), ...visit });
}
