// ATTACKS group N: authenticated fetch. Where the token may go is decided on the one URL that is then asked, whatever the
// caller's objects say, and it goes there in one header and nowhere else.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { before, test } from "node:test";
import { attacks, expectSignedIn, realmName, refused } from "../hostile/attack.mjs";
import { until } from "../hostile/flow.mjs";
import { HOSTS, originOf, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { tokens } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const API = originOf(HOSTS.api);
const EVIL = originOf(HOSTS.evil);
const READABLE = { "access-control-allow-origin": "https://app.test", "access-control-allow-credentials": "true", "access-control-allow-headers": "authorization, content-type, dpop", "access-control-allow-methods": "GET, POST, PUT", "cross-origin-resource-policy": "cross-origin" };
/** What the API answers at paths of the tests' own. */
const answers = new Map();
before(() => {
  const plain = lab.handlers[HOSTS.api];
  lab.handlers[HOSTS.api] = (request) => (request.method === "OPTIONS" ? { status: 204, headers: READABLE } : (answers.get(request.path)?.(request) ?? plain(request)));
});

/** Somebody who is signed in. */
async function signedIn(t, id, setting = {}) {
  const made = lab.realm(realmName(id), setting);
  const page = await lab.page(await lab.context(t));
  await expectSignedIn(lab, page, made);
  return { ...made, page };
}

/** What a call from the page came to: a status, or the code or name of an error. */
const call = (page, url, init) =>
  page.evaluate(async ([url, init]) => {
    try {
      return (await window.client.fetch(url, init)).status;
    } catch (error) {
      return error.code ?? error.cause?.code ?? error.name;
    }
  }, [url, init]);
/** Requests other than preflights that reached a host, optionally at one path. */
const reached = (host, path) => lab.network.log.filter((request) => request.host === host && request.method !== "OPTIONS" && (path === undefined || request.path === path));
const strangers = [HOSTS.evil, ...HOSTS.lookalikes];
const atStrangers = () => strangers.flatMap((host) => reached(host)).length;

/** Each of these URLs is refused, nothing is sent anywhere, and what is listed is answered before and after. */
async function refusedAll(page, urls, { good = [`${API}/good`], codes = ["resource_not_listed"] } = {}) {
  for (const url of good) assert.equal(await call(page, url), 200, url);
  // Other tests call the same API at the same time, at paths of their own.
  const paths = urls.map((url) => new URL(url, API).pathname).filter((path) => !good.includes(API + path));
  const atApi = () => paths.flatMap((path) => reached(HOSTS.api, path)).length;
  const before = [atStrangers(), atApi(), lab.network.plain.length];
  for (const url of urls) assert.ok(codes.includes(await call(page, url)), `${url}: ${await call(page, url)}`);
  await sleep(300);
  assert.deepEqual([atStrangers(), atApi(), lab.network.plain.length], before);
  for (const url of good) assert.equal(await call(page, url), 200, url);
}

attacks("where the token goes", () => {
  test("N-01 another origin: refused, nothing sent", async (t) => {
    const { page, canary } = await signedIn(t, "N-01");
    await refusedAll(page, [`${EVIL}/`, `${EVIL}/good`, originOf(HOSTS.app), `${originOf(HOSTS.provider)}/x`, "https://127.0.0.1/", `${API}:444/n-01`]);
    await lab.sweep(page, canary);
  });

  test("N-02 hosts that look like the listed one, 8 ways: refused, nothing sent", async (t) => {
    const { page, canary } = await signedIn(t, "N-02");
    const urls = ["https://api.test.evil.test/", "https://api.test@evil.test/", "https://api.test:443@evil.test/", "https://api.testevil/", "https://evil.test/https://api.test/", "https://API.TEST:8443/", "https://api.test./", "https://xapi.test/"];
    // The browser itself makes no request of a URL with a user in it.
    await refusedAll(page, urls, { good: [`${API}/good`, "https://API.TEST:443/good", "HTTPS://api.test\\good"], codes: ["resource_not_listed", "TypeError"] });
    await lab.sweep(page, canary);
  });

  test("N-03 paths beside the listed one, 9 ways: refused, nothing sent", async (t) => {
    const { page, canary } = await signedIn(t, "N-03", { options: { resources: [`${API}/api`] } });
    const urls = ["/api-evil", "/apix/..", "/api/../admin", "/api/%2e%2e/admin", "/api/.%2E/admin", "/api\\..\\admin", "/api/x/../../admin"].map((path) => API + path);
    await refusedAll(page, [...urls, "//evil.test/api", "/\\evil.test/api"], { good: [`${API}/api`, `${API}/api/`, `${API}/api/x`, `${API}/api?x`, `${API}/x/../api/x`] });
    await lab.sweep(page, canary);
  });

  test("N-04 other schemes, 9 ways: refused, nothing sent", async (t) => {
    const { page, canary } = await signedIn(t, "N-04");
    const urls = ["http://api.test/n-04", "ws://api.test/n-04", "wss://api.test/n-04", `blob:${API}/00000000-0000-4000-8000-000000000000`, "data:text/plain,x", `filesystem:${API}/temporary/x`, "file:///etc/hosts", "javascript:0", "about:blank"];
    await refusedAll(page, urls, { codes: ["resource_not_listed", "request_invalid"] });
    await lab.sweep(page, canary);
  });

  test("N-05 a relative URL under the attacker's base: of the page's own origin, and checked there", async (t) => {
    const name = realmName("N-05");
    const made = lab.realm(name, { options: { resources: ["https://app.test/data/"] } });
    const { files } = lab.handlers[HOSTS.app];
    files.set("/data/x", { body: "{}" });
    files.set(`/${name}/`, { headers: { "content-security-policy": "" }, body: '<!doctype html><html lang="en"><meta charset="utf-8"><title>Base</title><base href="https://evil.test/deep/"><script type="module" src="https://app.test/app.js"></script></html>' });
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, made);
    assert.equal(await page.evaluate(() => document.baseURI), "https://evil.test/deep/");
    const before = atStrangers();
    assert.equal(await call(page, "data/x"), 200);
    assert.equal(await call(page, "/data/x"), 200);
    assert.equal(await call(page, "other/x"), "resource_not_listed");
    // Resolved by the page, before the library is asked.
    assert.equal(await page.evaluate(() => window.client.fetch(new Request("data/x")).catch(({ code }) => code)), "resource_not_listed");
    assert.deepEqual(reached(HOSTS.app, "/data/x").map(({ headers }) => headers.authorization?.slice(0, 7)), ["Bearer ", "Bearer "]);
    assert.equal(atStrangers(), before);
    await lab.sweep(page, made.canary);
  });

  for (const [id, what, target] of [["N-06", "another origin", `${EVIL}/n-06`], ["N-07", "a path that is not listed", `${API}/n-07-outside`]]) {
    test(`${id} redirects to ${what}, by every status, with and without a body: redirect_refused, the target sees nothing`, async (t) => {
      const { page, canary } = await signedIn(t, id, { options: { resources: [`${API}/in/`] } });
      for (const status of [301, 302, 303, 307, 308]) {
        const path = `/in/${id}-${status}`;
        let open = true;
        answers.set(path, () => (open ? { status, headers: { ...READABLE, location: target } } : undefined));
        for (const init of [{}, { method: "POST", body: "secret body" }, { redirect: "follow" }, { redirect: "manual" }]) {
          assert.equal(await call(page, API + path, init), "redirect_refused", `${status} ${JSON.stringify(init)}`);
        }
        open = false;
        assert.equal(await call(page, API + path), 200);
      }
      const { host, pathname } = new URL(target);
      assert.deepEqual(reached(host, pathname), []);
      await lab.sweep(page, canary);
    });
  }

  test("N-08 inputs that say something else the second time, 7 ways: what was checked is what was sent", async (t) => {
    const { page, canary } = await signedIn(t, "N-08");
    const found = await page.evaluate(async ([good, evil]) => {
      const turns = (...values) => () => (values.length > 1 ? values.shift() : values[0]);
      class Late extends URL {
        #turn = turns(good, evil);
        toString() { return this.#turn(); }
        get href() { return evil; }
      }
      class Sly extends Request {
        get url() { return good; }
        get headers() { return new Headers({ authorization: "Bearer mine" }); }
        get method() { return "PUT"; }
      }
      const reads = {};
      const members = { method: turns("POST", "PUT"), body: turns("first", "second"), headers: turns({ "content-type": "text/first" }, { authorization: "Bearer mine" }), mode: turns("cors", "no-cors") };
      const sly = new Proxy({}, {
        get(_, name) {
          if (typeof name === "string") reads[name] = (reads[name] ?? 0) + 1;
          return members[name]?.();
        },
        has: () => true,
        ownKeys: () => Object.keys(members),
        getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }),
      });
      class Init { get method() { reads.class = (reads.class ?? 0) + 1; return "POST"; } }
      const attempts = {
        "an object's text": () => [{ toString: turns(good, evil) }],
        "the other way round": () => [{ toString: turns(evil, good) }],
        "a URL of its own class": () => [new Late(evil)],
        "a Request of its own class": () => [new Sly(evil)],
        "a Proxy of a Request": () => [new Proxy(new Request(evil), { get: (target, name) => (name === "url" ? good : Reflect.get(target, name)) })],
        "a Proxy of init": () => [good, sly],
        "an init of a class": () => [good, new Init()],
      };
      const outcomes = {};
      for (const [name, input] of Object.entries(attempts)) outcomes[name] = await window.client.fetch(...input()).then(({ status }) => status, (error) => error.code ?? error.name);
      return { outcomes, reads };
    }, [`${API}/n-08`, `${EVIL}/n-08`]);
    const { outcomes, reads } = found;
    assert.deepEqual(outcomes, { "an object's text": 200, "the other way round": "resource_not_listed", "a URL of its own class": 200, "a Request of its own class": "resource_not_listed", "a Proxy of a Request": "resource_not_listed", "a Proxy of init": 200, "an init of a class": 200 });
    assert.deepEqual(Object.entries(reads).filter(([, count]) => count !== 1), []);
    const sent = reached(HOSTS.api, "/n-08").map(({ method, body, headers }) => [method, body, headers["content-type"]]);
    assert.deepEqual(sent, [["GET", "", undefined], ["GET", "", undefined], ["POST", "first", "text/first"], ["POST", "", undefined]]);
    assert.deepEqual(reached(HOSTS.evil, "/n-08"), []);
    await lab.sweep(page, canary);
  });

  test("N-16 resources with wildcards: refused, or nothing but their letters", async (t) => {
    for (const pattern of ["https://*.example.com/", "https://*/", "*", "https://*.test"]) {
      const { application } = lab.realm(realmName("N-16"), { options: { resources: [pattern] } });
      const report = await lab.open(await lab.sharedPage(t), application);
      assert.equal(report.error?.code, "resource_invalid", `${pattern}: ${JSON.stringify(report)}`);
    }
    const { page, canary } = await signedIn(t, "N-16", { options: { resources: [`${API}/*`] } });
    assert.equal(await call(page, `${API}/x`), "resource_not_listed");
    await lab.sweep(page, canary);
  });
}, { atOnce: 4 });

attacks("what goes with it", () => {
  test("N-09 what the caller may not choose, 12 ways", async (t) => {
    const { page, canary } = await signedIn(t, "N-09");
    const path = "/n-09";
    for (const headers of [{ Authorization: "Bearer mine" }, { AUTHORIZATION: "" }, [["authorization", "a"], ["Authorization", "b"]], { DPoP: "mine" }]) {
      assert.equal(await call(page, API + path, { headers }), "request_invalid", JSON.stringify(headers));
    }
    assert.equal(await page.evaluate((url) => window.client.fetch(new Request(url, { headers: { authorization: "Bearer mine" } })).catch(({ code }) => code), API + path), "request_invalid");
    assert.equal(await call(page, API + path, { mode: "no-cors" }), "request_invalid");
    assert.equal(await call(page, API + path, { mode: "same-origin" }), "provider_unreachable");
    assert.deepEqual(reached(HOSTS.api, path), []);
    for (const init of [{ referrerPolicy: "unsafe-url", referrer: page.url() }, { redirect: "follow" }, { credentials: "include" }, { cache: "force-cache" }, { window: null }]) {
      answers.set(path, () => ({ status: 200, headers: { ...READABLE, "cache-control": "no-store" }, body: "{}" }));
      assert.equal(await call(page, API + path, init), 200, JSON.stringify(init));
    }
    for (const { headers } of reached(HOSTS.api, path)) {
      assert.equal(headers.referer, undefined);
      assert.match(headers.authorization, /^Bearer /u);
      assert.equal(headers.cookie, undefined);
    }
    await lab.sweep(page, canary);
  });

  for (const [what, token] of [["a line break", "a\r\nx-evil: 1"], ["letters beyond ASCII", "tökén"], ["a space", "a b"]]) {
    refused(lab, "N-10", `an access token with ${what}`, { defects: [tokens((all) => void (all.access_token = token))], code: "access_token_malformed" });
  }

  test("N-10 line breaks in the caller's headers: TypeError, nothing sent", async (t) => {
    const { page, canary } = await signedIn(t, "N-10");
    for (const headers of [{ "x-a": "b\r\nauthorization: c" }, { "x-a\r\nauthorization": "b" }, { "x-a": "b\0" }, { "x-a": "€" }]) {
      assert.equal(await call(page, `${API}/n-10`, { headers }), "TypeError", JSON.stringify(headers));
    }
    assert.deepEqual(reached(HOSTS.api, "/n-10"), []);
    assert.equal(await call(page, `${API}/n-10`), 200);
    await lab.sweep(page, canary);
  });

  test("N-17 an answer without end: it is read as it comes, not further than it is read, and an abort ends it", async (t) => {
    const { page, canary } = await signedIn(t, "N-17");
    let sent = 0;
    let closed = false;
    answers.set("/n-17", () => ({
      stream(outgoing) {
        outgoing.writeHead(200, READABLE);
        const piece = Buffer.alloc(64 * 1024);
        const write = () => {
          do sent += piece.length;
          while (!outgoing.destroyed && outgoing.write(piece));
        };
        outgoing.on("drain", write).on("close", () => (closed = true));
        write();
      },
    }));
    const first = await page.evaluate(async (url) => {
      window.controller = new AbortController();
      window.reader = (await window.client.fetch(url, { signal: window.controller.signal })).body.getReader();
      return (await window.reader.read()).value.length > 0;
    }, `${API}/n-17`);
    assert.ok(first);
    await sleep(1_500);
    const held = sent;
    await sleep(500);
    assert.equal(sent, held, "it is not fetched ahead of its reader");
    // Sockets and the browser's network process hold some; of a plain fetch they hold as much.
    assert.ok(held < 200_000_000, `${held} bytes`);
    assert.equal(closed, false);
    const reason = await page.evaluate(async () => {
      window.controller.abort(new Error("enough"));
      for (;;) {
        const step = await window.reader.read().catch((error) => error);
        if (step instanceof Error) return step.message;
      }
    });
    assert.equal(reason, "enough");
    await until("the connection has ended", () => closed);
    await lab.sweep(page, canary);
  });

  test("N-18 an API that echoes headers: the page reads the token there", async (t) => {
    const { page } = await signedIn(t, "N-18");
    answers.set("/n-18", ({ headers }) => ({ status: 200, headers: READABLE, body: JSON.stringify(headers) }));
    const { authorization } = await page.evaluate(async (url) => (await window.client.fetch(url)).json(), `${API}/n-18`);
    assert.ok(authorization.startsWith("Bearer "));
    record(t, "N-18", "an API that answers with the request's headers gives the token to the page; list no debug endpoint among the resources");
  });

  test("N-19 the token goes in one header, never in URL or body", async (t) => {
    const { page, canary } = await signedIn(t, "N-19");
    for (const init of [{}, { method: "POST", body: "a=1", headers: { "content-type": "application/x-www-form-urlencoded" } }, { method: "PUT", body: "{}" }]) {
      assert.equal(await call(page, `${API}/n-19?x=1`, init), 200);
    }
    const requests = reached(HOSTS.api, "/n-19");
    assert.equal(requests.length, 3);
    for (const { headers, url, body } of requests) {
      const [, token] = /^Bearer (.+)$/u.exec(headers.authorization);
      const { authorization: _, ...others } = headers;
      assert.ok(!url.includes(token) && !body.includes(token) && !JSON.stringify(others).includes(token));
      assert.doesNotMatch(url + body, /access_token/u);
    }
    await lab.sweep(page, canary);
  });

  test("N-20 a call after sign-out, from the page and from another tab: not_signed_in, nothing sent", async (t) => {
    const { page, canary, application } = await signedIn(t, "N-20");
    const other = await lab.page(page.context());
    assert.equal((await lab.open(other, application)).status, "signed-in");
    assert.equal(await call(other, `${API}/n-20`), 200);
    await page.evaluate(() => window.client.signOut({ local: true }));
    await until("the other tab knows", () => other.evaluate(() => window.client.session.status === "signed-out"));
    const before = reached(HOSTS.api, "/n-20").length;
    for (const tab of [page, other]) assert.equal(await call(tab, `${API}/n-20`), "not_signed_in");
    assert.equal(reached(HOSTS.api, "/n-20").length, before);
    await lab.sweep(page, canary);
    await expectSignedIn(lab, page, { realm: lab.realms.get(`${HOSTS.provider} ${application.page.split("/")[3]}`), application, canary });
    assert.equal(await call(page, `${API}/n-20`), 200);
  });
}, { atOnce: 4 });
