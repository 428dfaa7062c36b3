// ATTACKS group G, the network: no answer, slow, broken, shut, cached and tracked ones.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { accepted, attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { deadlineAfter, vaultAfter } from "../hostile/environment.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { refusedInTurn } from "../hostile/series.mjs";
import { listenTo } from "../hostile/sweep.mjs";
import { answer } from "../hostile/switches/answers.mjs";
import { FLAGS } from "../support/browser.mjs";

const lab = useLab();
const STAGE = { discovery: "start", jwks: "tokens", token: "tokens", userInfo: "userInfo" };
const ENDPOINTS = Object.keys(STAGE);

/** The answer as it is on the wire, bytes of our own making after the head of the honest one. */
const onTheWire = (endpoint, write) => answer(endpoint, (honest) => ({ stream: (outgoing) => write(outgoing.socket, { ...honest, body: honest.body ?? "" }) }));
const preflight = (headers) => ({ preflightAnswer: (honest) => ({ ...honest, headers: { ...honest.headers, ...headers } }) });
const head = ({ status = 200, headers }, more) => `HTTP/1.1 ${status} OK\r\n${Object.entries({ ...headers, ...more }).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;

/** One byte a while, for ever: whoever waits for silence waits in vain. */
async function drip(outgoing, honest) {
  outgoing.writeHead(200, honest.headers);
  for (const byte of `{"padding":"${"x".repeat(100_000)}`) {
    if (outgoing.destroyed) return;
    outgoing.write(byte);
    await sleep(100);
  }
}

attacks("the network", () => {
  for (const endpoint of ENDPOINTS) {
    for (const [id, what, defect] of [
      ["G-07", "never answers", answer(endpoint, { hang: true })],
      ["G-08", "answers byte by byte for ever", answer(endpoint, (honest) => ({ stream: (outgoing) => drip(outgoing, honest) }))],
    ]) {
      test(`${id} the ${endpoint} endpoint ${what}: timed_out`, async (t) => {
        const vaultUrl = await vaultAfter(lab, deadlineAfter(3_000));
        const { realm, application, canary } = lab.realm(realmName(id), { options: { vaultUrl } });
        const page = await lab.page(await lab.context(t));
        realm.set(defect);
        const report = await lab.attempt(page, application);
        assert.equal((report.userInfo?.error ?? report.error)?.code, "timed_out", JSON.stringify(report));
        await sleep(QUIET);
        assert.ok(realm.requests("token").length <= 1, "a code is sent once");
        assert.equal(realm.requests("userInfo").length, endpoint === "userInfo" ? 1 : 0);
        await lab.sweep(page, canary);
        // Nothing that was waited for is held: the same vault signs in at once.
        realm.set();
        await expectSignedIn(lab, page, { realm, application, canary });
      });
    }
  }

  test("G-07 the deadline of a whole answer is 30 seconds, and no later: timed_out", async (t) => {
    const { realm, application } = lab.realm(realmName("G-07"));
    const page = await lab.page(await lab.context(t));
    realm.set(answer("token", { hang: true }));
    const report = await lab.attempt(page, application);
    const asked = realm.requests("token")[0].at;
    const waited = Date.now() - asked;
    assert.equal(report.error?.code, "timed_out", JSON.stringify(report));
    assert.ok(waited > 25_000 && waited < 55_000, `${waited} ms`);
  });

  for (const endpoint of ENDPOINTS) {
    const cut = {
      "a length that is too long": (socket, honest) => socket.end(`${head(honest, { "content-length": 4000 + honest.body.length })}${honest.body}`),
      "a last chunk that never comes": (socket, honest) => socket.end(`${head(honest, { "transfer-encoding": "chunked" })}${honest.body.length.toString(16)}\r\n${honest.body}\r\n`),
      "a chunk that is cut": (socket, honest) => socket.end(`${head(honest, { "transfer-encoding": "chunked" })}fff\r\n${honest.body}`),
      "an end in the middle": (socket, honest) => socket.write(`${head(honest, { "content-length": honest.body.length })}${honest.body.slice(0, 20)}`, () => setTimeout(() => socket.destroy(), 200)),
      "a broken encoding": (socket, honest) => socket.end(`${head(honest, { "content-encoding": "gzip", "content-length": honest.body.length })}${honest.body}`),
    };
    const table = Object.fromEntries(Object.entries(cut).map(([what, write]) => [what, ["provider_unreachable", onTheWire(endpoint, write)]]));
    // What arrived was whole as far as HTTP can tell.
    table["a length that is too short"] = ["json_malformed", onTheWire(endpoint, (socket, honest) => socket.end(`${head(honest, { "content-length": honest.body.length - 10 })}${honest.body}`))];
    refusedInTurn(lab, "G-09", `the ${endpoint} endpoint's answer breaks off, though what came parses`, table, { at: STAGE[endpoint] });
  }

  test("G-09 the connection to the token endpoint breaks before any answer: the sign-in ends", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("G-09"));
    const page = await lab.page(await lab.context(t));
    realm.set(onTheWire("token", (socket) => socket.destroy()));
    const report = await lab.attempt(page, application);
    assert.equal(report.error?.code, "provider_unreachable", JSON.stringify(report));
    await sleep(QUIET);
    const posts = realm.requests("token").filter(({ method }) => method === "POST");
    assert.ok(posts.length <= 2, `${posts.length} requests`);
    record(t, "G-09", `a connection that breaks before any answer: the vault sends the code once; Chromium itself may send a request again that failed on a connection it had kept open (seen here: ${posts.length} in all)`);
    await lab.sweep(page, canary);
    realm.set();
    await expectSignedIn(lab, page, { realm, application, canary });
  });

  const CLOSED = { "no CORS header": [], "another origin's": "https://app.test.evil.test", "null": "null", "a list of origins": "https://op.test, https://app.test" };
  for (const endpoint of ENDPOINTS) {
    refusedInTurn(
      lab,
      "G-11",
      `the ${endpoint} endpoint is closed to the page's origin`,
      Object.fromEntries(Object.entries(CLOSED).map(([what, header]) => [what, ["cors_blocked", answer(endpoint, { headers: { "access-control-allow-origin": header } })]])),
      {
        at: STAGE[endpoint],
        // What tells a closed server from a dead one is a bare GET, as the request for UserInfo is.
        ...(endpoint === "userInfo" && { sent: [1, 1, 2] }),
      },
    );
  }
  refusedInTurn(lab, "G-11", "UserInfo does not allow the header Authorization", {
    "no header allowed": ["cors_blocked", preflight({ "access-control-allow-headers": [] })],
    "another header allowed": ["cors_blocked", preflight({ "access-control-allow-headers": "content-type" })],
    "a preflight that is redirected": ["cors_blocked", { preflightAnswer: (honest) => ({ ...honest, status: 307, headers: { ...honest.headers, location: originOf(HOSTS.evil) } }) }],
  }, {
    at: "userInfo",
    check: ({ realm, report }) => {
      assert.equal(report.status, "signed-in", "what the browser refuses says nothing about the session");
      assert.deepEqual(realm.requests("userInfo").filter(({ headers }) => headers.authorization), []);
    },
  });

  // Fetch excepts Authorization from the wildcard (CORS-preflight fetch); this browser does not yet.
  accepted(lab, "G-11", "UserInfo allows any header by `*`", {
    peculiarities: [preflight({ "access-control-allow-headers": "*" })],
    check: ({ t }) => record(t, "G-11", "the browser tested takes `*` in Access-Control-Allow-Headers to cover Authorization, which the Fetch standard excepts: it is the browser that decides"),
  });

  test("G-12 every answer calls itself cacheable: each is asked for anew, and the cache holds none of them", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("G-12"));
    // A browser that takes the certificate for a good one: it caches nothing that came with a bad one.
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: [...FLAGS, ...lab.network.trustingFlags] });
    t.after(() => browser.close());
    const page = await browser.newPage();
    page.said = listenTo(page);
    realm.set(...ENDPOINTS.map((endpoint) => answer(endpoint, { headers: { "cache-control": "public, max-age=86400, immutable", "expires": "Fri, 31 Dec 2100 23:59:59 GMT", "vary": [] } })));
    await expectSignedIn(lab, page, { realm, application, canary });
    // Another vault in the same browser, with nothing but the browser's cache in common with the first.
    const { application: again } = lab.realm(`${realm.name}-again`, { options: { issuer: realm.issuer, transactions: "memory" } });
    const before = Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, realm.requests(endpoint).length]));
    await lab.attempt(page, again);
    for (const endpoint of ENDPOINTS) assert.ok(realm.requests(endpoint).length > before[endpoint], `${endpoint} came out of a cache`);
    // A page that asks the cache first gets nothing that the vault left there.
    for (const [endpoint, path] of Object.entries({ discovery: ".well-known/openid-configuration", jwks: "jwks", userInfo: "userinfo" })) {
      const asked = realm.requests(endpoint).length;
      await page.evaluate((url) => fetch(url, { cache: "force-cache", credentials: "omit" }).then((response) => response.text()), realm.issuer + path);
      assert.equal(realm.requests(endpoint).length, asked + 1, `${endpoint} was in the cache`);
    }
    // The same document asked for in the usual way is cached: what is not there was not left there.
    const asked = realm.requests("jwks").length;
    await page.evaluate(async (url) => { for (let count = 0; count < 2; count += 1) await (await fetch(url, { credentials: "omit" })).text(); }, `${realm.issuer}jwks`);
    assert.ok(realm.requests("jwks").length <= asked + 1, "this browser has no cache");
    await lab.sweep(page, canary);
  });

  test("G-13 every answer sets a cookie: none is kept, and none is sent", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("G-13"));
    const context = await lab.context(t);
    const page = await lab.page(context);
    const cookie = (endpoint) => answer(endpoint, { headers: { "set-cookie": `${endpoint}=1; Path=/; Secure; SameSite=None` } });
    // The user's own session at the provider is where the browser goes itself.
    realm.set(...[...ENDPOINTS, "authorize"].map(cookie));
    await expectSignedIn(lab, page, { realm, application, canary });
    await expectSignedIn(lab, page, { realm, application, canary });
    const kept = (await context.cookies(originOf(HOSTS.provider))).map(({ name }) => name);
    assert.deepEqual(kept, ["authorize"]);
    assert.deepEqual(realm.requests("authorize").map(({ headers }) => headers.cookie), [undefined, "authorize=1"]);
    for (const { endpoint, headers } of realm.requests(ENDPOINTS)) assert.equal(headers.cookie, undefined, endpoint);
  });

  /** A vault whose network is cut off and restored by its application, as the browser would. */
  const SWITCHABLE = `
    let offline = false;
    const real = fetch;
    self.fetch = (request, init) => (offline && !new URL(request.url ?? request, location).pathname.endsWith(".wasm") ? Promise.reject(new TypeError("Failed to fetch")) : real(request, init));
    Object.defineProperty(navigator, "onLine", { get: () => !offline });
    new BroadcastChannel("network").onmessage = ({ data }) => { offline = data === "offline"; };
  `;
  const goOffline = (page, how = "offline") => page.evaluate((word) => { new BroadcastChannel("network").postMessage(word); }, how);

  test("G-10 offline at the callback, at a renewal and at sign-out: offline, the session stays, and sign-out works", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("G-10"), {
      options: { vaultUrl: await vaultAfter(lab, SWITCHABLE) },
      base: [{ tokens: (all) => ({ ...all, expires_in: 0 }) }],
    });
    const page = await lab.page(await lab.context(t));
    const other = await lab.page(page.context());
    await lab.open(other, application);
    // The browser goes offline while the user is at the provider; the page itself comes out of a cache.
    realm.set(answer("authorize", (honest) => ({ stream: async (outgoing) => { await goOffline(other); outgoing.writeHead(honest.status, honest.headers).end(); } })));
    const report = await lab.attempt(page, application);
    assert.equal(report.error?.code, "offline", JSON.stringify(report));
    assert.equal(realm.requests("token").length, 0);
    // The transaction is spent: a code is redeemed for one attempt.
    await goOffline(other, "online");
    assert.equal((await lab.open(page, application)).status, "signed-out");
    realm.set();
    await expectSignedIn(lab, page, { realm, application, canary });

    await goOffline(other);
    const renewal = await page.evaluate(() => window.outcome(() => window.client.userInfo()));
    assert.equal(renewal.error?.code, "offline");
    assert.equal(await page.evaluate(() => window.client.session.status), "signed-in");
    const ended = await page.evaluate(() => window.outcome(() => window.client.signOut({ local: true })));
    assert.equal(ended.error, undefined);
    assert.equal(await page.evaluate(() => window.client.session.status), "signed-out");
    assert.equal(await other.evaluate(() => window.client.session.status), "signed-out");
    await goOffline(other, "online");
    await lab.sweep(page, canary);
  });
});
