// ATTACKS group F in the browser: answers that are large, endless, compressed, deep or many. What the parsers make of
// them is tested natively (tests/protocol, f_…); here it is what arrives, and what that costs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { originOf, HOSTS, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { refusedInTurn } from "../hostile/series.mjs";
import { answer, body, metadata } from "../hostile/switches/answers.mjs";
import { claim, header, idToken } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const STAGE = { discovery: "start", jwks: "tokens", token: "tokens", userInfo: "userInfo" };
const MEGABYTE = 1024 * 1024;
const BOMB = 100 * MEGABYTE;

/** What has left for the browser before it hung up, in bytes. */
const sent = new Map();

/** A body that goes on until nobody takes it any more, or it is 100 MB. */
const flood = (endpoint, name, headers = {}) => answer(endpoint, (honest) => ({
  async stream(outgoing) {
    const chunk = Buffer.alloc(64 * 1024, "x");
    let count = 0;
    const gone = new Promise((resolve) => outgoing.once("close", resolve));
    outgoing.strictContentLength = false;
    outgoing.writeHead(200, { ...honest.headers, ...headers });
    outgoing.write('{"padding":"');
    while (count < BOMB && !outgoing.destroyed) {
      count += chunk.length;
      if (!outgoing.write(chunk)) await Promise.race([new Promise((resolve) => outgoing.once("drain", resolve)), gone]);
    }
    sent.set(name, count);
    outgoing.end('"}');
  },
}));

const zeros = Buffer.concat([Buffer.from('{"padding":"'), Buffer.alloc(BOMB, "0"), Buffer.from('"}')]);
const bombs = {
  gzip: gzipSync(zeros, { level: 9 }),
  br: brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 } }),
};

const deep = (depth) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const deepMember = (endpoint, depth = 50_000) => answer(endpoint, (honest) => ({ body: (honest.body ?? "{}").replace("{", `{"deep":${deep(depth)},`) }));

attacks("bombs", () => {
  for (const [endpoint, at] of Object.entries(STAGE)) {
    refusedInTurn(lab, "F-02", `the ${endpoint} endpoint sends 100 MB`, {
      "without a length": ["response_too_large", flood(endpoint, `${endpoint} chunked`)],
      "with a length that is true": ["response_too_large", flood(endpoint, `${endpoint} true`, { "content-length": BOMB + 14 })],
      // HTTP ends the body where the length says, whatever comes after it.
      "with a length that is a lie": ["json_malformed", flood(endpoint, `${endpoint} lie`, { "content-length": 100 })],
    }, {
      at,
      check() {
        for (const [name, count] of sent) assert.ok(count < 30 * MEGABYTE, `${name}: ${count} bytes were taken`);
      },
    });
    refusedInTurn(lab, "F-03", `the ${endpoint} endpoint sends 100 MB in a few KB`, Object.fromEntries(
      Object.entries(bombs).map(([encoding, bytes]) => [encoding, ["response_too_large", answer(endpoint, { body: bytes, headers: { "content-encoding": encoding } })]]),
    ), { at });
    refusedInTurn(lab, "F-04", `the ${endpoint} endpoint's document is nested 50 000 deep`, {
      "objects": ["json_too_complex", deepMember(endpoint)],
      "arrays that never end": ["json_too_complex", body(endpoint, `{"a":${"[".repeat(400_000)}`)],
      "arrays in the document's place": ["json_too_complex", body(endpoint, "[".repeat(500_000))],
    }, { at });
  }

  refusedInTurn(lab, "F-01", "an ID token that is too long", {
    "10 MB": ["response_too_large", idToken((compact) => compact + "A".repeat(10 * MEGABYTE))],
    "400 KB": ["member_invalid", idToken((compact) => compact + "A".repeat(400 * 1024))],
    "10 MB of header": ["response_too_large", header({ x: "A".repeat(7 * MEGABYTE) })],
    "300 KB of claims": ["member_invalid", claim("x", "A".repeat(300 * 1024))],
    "a million dots": ["response_too_large", idToken(() => ".".repeat(1_000_000))],
  }, {
    async check({ page, name }) {
      const longest = await page.evaluate(() => Math.max(0, ...performance.getEntriesByType("longtask").map(({ duration }) => duration)));
      assert.ok(longest < 1000, `${name}: ${longest} ms`);
    },
  });
  refusedInTurn(lab, "F-04", "an ID token that is nested deeply", {
    "its claims": ["json_too_complex", { claimsText: (text) => text.replace("{", `{"deep":${"[".repeat(10_000)}${"]".repeat(10_000)},`) }],
    "its header": ["json_too_complex", { headerText: (text) => text.replace("{", `{"deep":${"[".repeat(10_000)}${"]".repeat(10_000)},`) }],
  });

  const keys = (count, make) => body("jwks", { keys: Array.from({ length: count }, (_, index) => make(index)) });
  refusedInTurn(lab, "F-06", "a JWK Set of too many keys", {
    "10 000 EC keys": ["response_too_large", keys(10_000, (index) => ({ kty: "EC", crv: "P-256", kid: `k${index}`, x: "A".repeat(43), y: "A".repeat(43) }))],
    "10 000 keys of no kind, none of them the token's": ["key_not_found", keys(10_000, () => ({ kty: "x" }))],
    "1 000 keys of the token's ID": ["key_not_found", keys(1_000, () => ({ kty: "oct", k: "AAAA" }))],
  }, { freshTwin: true });

  // No two members may have the same hash, whatever the hash: members are compared, and there are only so many.
  const members = (count, name) => `{${Array.from({ length: count }, (_, index) => `"${name(index)}":0`).join(",")}}`;
  const collision = (index) => [...index.toString(2).padStart(14, "0")].map((bit) => (bit === "1" ? "Aa" : "BB")).join("");
  for (const [endpoint, at] of Object.entries(STAGE)) {
    refusedInTurn(lab, "F-12", `the ${endpoint} endpoint's document has too many members`, {
      "12 000 names of one hash (of Java's)": ["json_too_complex", body(endpoint, members(12_000, collision))],
      "40 000 short names": ["json_too_complex", body(endpoint, members(40_000, (index) => index.toString(36)))],
    }, { at });
  }
  refusedInTurn(lab, "F-12", "metadata with long lists", {
    "an object of 100 000 members within it": ["json_too_complex", metadata({ mtls_endpoint_aliases: Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [index.toString(36), 0])) })],
  }, { at: "start" });

  test("F-07 a storm of unknown key IDs: the JWK Set is asked for once in the cool-down", async (t) => {
    const STORM = 12;
    const { realm, application, canary } = lab.realm(realmName("F-07"));
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, { realm, application, canary });
    const began = Date.now();
    realm.set({ header: (honest) => ({ ...honest, kid: Math.random().toString(36) }) });
    for (let count = 0; count < STORM; count += 1) {
      const report = await lab.attempt(page, application);
      assert.equal(report.error?.code, "key_not_found", JSON.stringify(report));
      assert.equal(report.status, "signed-in", "the session there was");
    }
    // Once at the start, and then as often as 15 seconds went by.
    const allowed = 2 + Math.ceil((Date.now() - began) / 15_000);
    const asked = realm.requests("jwks").length;
    assert.ok(asked <= allowed && asked < STORM, `${asked} of ${allowed}`);
    await lab.sweep(page, canary);
  });

  for (const [what, query] of Object.entries({
    "1.9 MB of state": (state) => `?code=x&state=${state}${"A".repeat(1_900_000)}`,
    "1.9 MB of code": (state) => `?state=${state}&code=${"A".repeat(1_900_000)}`,
    "20 000 parameters": (state) => `?state=${state}&code=x${"&p=1".repeat(20_000)}`,
    "100 000 empty parameters": (state) => `?state=${state}&code=x${"&".repeat(100_000)}`,
  })) {
    test(`F-10 a callback with ${what}: callback_too_large, and out of the address bar`, async (t) => {
      const { realm, application, canary } = lab.realm(realmName("F-10"));
      const page = await lab.page(await lab.context(t));
      application.capture = true;
      await lab.open(page, application);
      await page.evaluate(() => window.client.signIn());
      const state = await page.evaluate(() => new URL(window.navigated[0]).searchParams.get("state"));
      // Put there by a script: the driver takes minutes to follow a page that was loaded from such an address.
      const report = await page.evaluate(async ({ options, address }) => {
        history.replaceState(null, "", address);
        window.client = window.createOidcClient(options);
        return window.outcome(async () => window.plainSession(await window.client.ready()));
      }, { options: application.options, address: application.page + query(state) });
      assert.equal(report.value?.error?.code, "callback_too_large", JSON.stringify(report).slice(0, 500));
      // What is nobody's parameter stays: it is the application's.
      assert.doesNotMatch(page.url(), /code|state/u);
      assert.ok(page.said.join("").length < 2_000, "nothing of it is logged");
      assert.ok(JSON.stringify(report).length < 2_000);
      const trace = await page.evaluate(() => window.client.trace());
      assert.ok(JSON.stringify(trace).length < 10_000);
      await sleep(QUIET);
      assert.equal(realm.requests(["token", "userInfo"]).length, 0);
      // The sign-in that was waiting for its callback still is, until it is given up.
      await page.evaluate(() => window.client.signOut({ local: true }));
      await lab.sweep(page, canary);
      application.capture = false;
      await expectSignedIn(lab, page, { realm, application, canary });
    });
  }

  test("F-09 an API's challenge of 10 000 parameters: it is the API's answer, and read by nobody", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("F-09"));
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, { realm, application, canary });
    const path = `${originOf(HOSTS.api)}/f-09`;
    const api = lab.handlers[HOSTS.api];
    lab.handlers[HOSTS.api] = (request) => {
      const honest = api(request);
      return request.path === "/f-09" && request.method !== "OPTIONS" ? { status: 401, headers: { ...honest.headers, "www-authenticate": `Bearer ${Array.from({ length: 10_000 }, (_, index) => `p${index}="${"\\\\".repeat(3)}"`).join(",")}`, "dpop-nonce": "n".repeat(50_000) }, body: "" } : honest;
    };
    const { value, error } = await page.evaluate((url) => window.outcome(async () => (await window.client.fetch(url)).status), path);
    assert.ok(value === 401 || error?.name === "TypeError", JSON.stringify({ value, error }));
    const sentThere = lab.network.log.filter(({ path: asked, method }) => asked === "/f-09" && method === "GET").length;
    assert.equal(sentThere, 1);
    record(t, "F-09", "no challenge and no DPoP nonce is parsed yet, so there is nothing to choke on; DPoP brings its own tests");
  });
});
