// ATTACKS H-13, H-15, H-20, H-21: a polluted Object.prototype, option objects that change their mind, settings changed at
// run time. The vault is out of reach of all that; these are about the shell in the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { HOSTS, useLab } from "../hostile/lab.mjs";

const lab = useLab();

async function signedIn(t, id, setting = {}) {
  const made = lab.realm(realmName(id), setting);
  const page = await lab.page(await lab.context(t));
  await expectSignedIn(lab, page, made);
  return { ...made, page, options: made.application.options };
}

const toEvil = () => lab.network.log.filter(({ host }) => host.endsWith(HOSTS.evil)).length;

/** What a merge of JSON from somewhere puts on the prototype of all objects: data. */
const DATA = {
  redirectUri: "https://evil.test/", redirect_uri: "https://evil.test/", issuer: "https://evil.test/", clientId: "evil", resources: ["https://evil.test/"],
  scope: "openid evil", metadata: { issuer: "https://evil.test/" }, isolation: "page", vaultUrl: "https://evil.test/vault.js", navigate: "https://evil.test/",
  postLogoutRedirectUri: "https://evil.test/", transactions: "memory", dangerAllowInsecureHttp: true, clockTolerance: 350, extraParams: { prompt: "create" },
  prompt: "create", returnTo: "//evil.test/", loginHint: "evil", local: true, url: "https://evil.test/", location: "/polluted", error: { code: "offline" },
  status: "signed-out", session: { status: "signed-out" }, claims: { sub: "evil" }, detail: "polluted", errorDescription: "polluted", cause: "polluted", kind: "failed", id: 1,
  credentials: "include", signal: "polluted", method: "DELETE", headers: { "x-evil": "1" }, body: "evil", mode: "no-cors", redirect: "follow", integrity: "sha256-x", cache: "force-cache",
  type: "module", name: "evil", once: true, capture: true, preventClose: true, get: "polluted", set: "polluted", value: "polluted", writable: true, toString: undefined, allowedOrigins: ["https://evil.test"],
};

/** What a script puts there: functions. */
const FUNCTIONS = ["toJSON", "then", "get", "valueOf", "toString", "toJson", "join"];

attacks("pollution", () => {
  test("H-13 data on Object.prototype: no option, no parameter, no request, no session of it", async (t) => {
    const { page, options, realm } = await signedIn(t, "h-13");
    const before = toEvil();
    const found = await page.evaluate(attempts, { options, members: Object.entries(DATA).map(([name, value]) => ({ name, value })) });
    const { nothing: expected, ...polluted } = found;
    assert.equal(expected.session.status, "signed-in", JSON.stringify(expected));
    assert.equal(expected.status, 200);
    assert.deepEqual(expected.parameters.redirect_uri, options.redirectUri);
    for (const [name, outcome] of Object.entries(polluted)) assert.deepEqual(outcome, expected, name);
    assert.equal(toEvil(), before);
    assert.ok(realm.requests("userInfo").length > Object.keys(DATA).length);
  });

  test("H-13 functions on Object.prototype: neither called in place of JSON nor taken for a promise", async (t) => {
    const { page, options } = await signedIn(t, "h-13");
    const found = await page.evaluate(attempts, { options, members: FUNCTIONS.map((name) => ({ name, call: true })) });
    const { nothing: expected, ...polluted } = found;
    for (const [name, outcome] of Object.entries(polluted)) assert.deepEqual(outcome, expected, name);
  });

  test("H-13 a sign-out that stays here goes nowhere, whatever Object.prototype says", async (t) => {
    const { page, options } = await signedIn(t, "h-13");
    const navigated = await page.evaluate(async (options) => {
      const navigated = [];
      const client = window.createOidcClient({ ...options, navigate: (url) => navigated.push(url) });
      await client.ready();
      Object.defineProperty(Object.prototype, "url", { value: "javascript:alert(1)", configurable: true });
      try {
        await client.signOut({ local: true });
      } finally {
        delete Object.prototype.url;
      }
      return [...navigated, client.session.status];
    }, options);
    assert.deepEqual(navigated, ["signed-out"]);
  });

  test("H-13 the twin: what the shell would have taken, it takes when it is an option of its own", async (t) => {
    const { page, options } = await signedIn(t, "h-13");
    const { nothing } = await page.evaluate(attempts, { options: { ...options, scope: "openid other" }, members: [] });
    assert.equal(nothing.session.status, "signed-out", "another vault");
    assert.equal(nothing.parameters.scope, "openid other");
  });
}, { atOnce: 3 });

/**
 * In the page: everything an application does, once for each polluted member, and once for none. A client of its own each
 * time, of the same vault. What is under test runs polluted; what the test makes of it does not.
 */
async function attempts({ options, members }) {
  const found = {};
  for (const { name, value, call } of [{ name: "nothing" }, ...members]) {
    const original = Object.getOwnPropertyDescriptor(Object.prototype, name);
    const polluted = { __proto__: null, configurable: true, writable: true, value: call ? (resolve) => (typeof resolve === "function" ? resolve("polluted") : "polluted") : value };
    const clean = () => {
      if (name !== "nothing") delete Object.prototype[name];
      if (original) Object.defineProperty(Object.prototype, name, { __proto__: null, ...original });
    };
    /** Nothing is returned from under the pollution: an array or an object would inherit its `then` as well. */
    const under = async (act) => {
      if (name !== "nothing") Object.defineProperty(Object.prototype, name, polluted);
      let failed;
      try {
        await Promise.race([act(), new Promise((_, reject) => setTimeout(reject, 8_000, "hung"))]);
      } catch (error) {
        failed = error;
      }
      clean();
      return failed && String(failed);
    };
    const urls = [];
    let client;
    let session;
    let status;
    let userInfo;
    const failures = [
      await under(async () => void (client = window.createOidcClient({ ...options, navigate: (url) => urls.push(url) }))),
      await under(async () => void (session = await client.ready())),
      // What `fetch` gives is the browser's own and asks for `then`, as that of any `fetch` does.
      name === "then" ? void (status = 200) : await under(async () => void ({ status } = await client.fetch("https://api.test/polluted", { method: "POST", body: "x" }))),
      await under(async () => void (userInfo = await client.userInfo())),
      await under(() => client.signIn({ maxAge: 0 })),
    ];
    const url = new URL(urls[0] ?? "about:blank");
    found[name] = {
      failures,
      session: session && { status: session.status, isolation: session.isolation, error: session.error?.code, sub: session.claims?.sub, restoredBy: session.restoredBy },
      location: location.href,
      status,
      userInfo: userInfo?.sub,
      endpoint: url.origin + url.pathname,
      parameters: Object.fromEntries([...url.searchParams].filter(([parameter]) => !["state", "nonce", "code_challenge"].includes(parameter))),
    };
  }
  return found;
}

attacks("options", () => {
  test("H-15 options are read once: a getter or a Proxy that answers otherwise the second time is not asked", async (t) => {
    const { page, options } = await signedIn(t, "h-15");
    const reads = await page.evaluate((options) => {
      const reads = {};
      const count = (target, prefix) =>
        new Proxy(target, {
          get(of, name) {
            if (typeof name === "symbol" || ["length", "constructor", "map", "every", "toString", "href"].includes(name)) return of[name];
            reads[prefix + name] = (reads[prefix + name] ?? 0) + 1;
            // A different value the second time: the one that would be used.
            return reads[prefix + name] === 1 ? of[name] : "https://evil.test/";
          },
        });
      const hostile = count({ ...options, resources: count([...options.resources], "resources."), metadata: undefined }, "");
      window.hostile = window.createOidcClient(hostile);
      return reads;
    }, options);
    assert.deepEqual([...new Set(Object.values(reads))], [1], JSON.stringify(reads));
    assert.ok(reads["resources.0"] === 1);
    // The same options, so the same vault: the session is there, and the first answers are what counts.
    assert.equal(await page.evaluate(async () => (await window.hostile.ready()).status), "signed-in");
  });

  const wrong = {
    "an issuer that is an object with toString": (options) => ({ ...options, issuer: { toString: () => options.issuer } }),
    "an issuer with Symbol.toPrimitive": (options) => ({ ...options, issuer: { [Symbol.toPrimitive]: () => options.issuer } }),
    "an issuer that is a String object": (options) => ({ ...options, issuer: new String(options.issuer) }),
    "resources that contain themselves": (options) => ({ ...options, resources: [options.resources].map((resources, _, all) => (all[0] = all)) }),
    "metadata that contains itself": (options) => {
      const metadata = { issuer: options.issuer };
      metadata.self = metadata;
      return { ...options, metadata };
    },
    "a getter that throws": (options) => Object.defineProperty({ ...options }, "scope", { enumerable: true, get: () => { throw new Error("from the getter"); } }),
    "metadata with a BigInt": (options) => ({ ...options, metadata: { issuer: 1n } }),
    "resources that are array-like": (options) => ({ ...options, resources: { 0: "https://evil.test/", length: 1 } }),
    "no object": () => "https://op.test/",
    "null": () => null,
  };
  for (const [what, make] of Object.entries(wrong)) {
    test(`H-15 ${what}: option_invalid`, async (t) => {
      const { application } = lab.realm(realmName("h-15"));
      const page = await lab.page(await lab.context(t));
      await lab.open(page, application);
      const { error, value } = await page.evaluate(([options, source]) => window.outcome(() => String(window.createOidcClient(eval(`(${source})`)(options)))).then((outcome) => outcome), [application.options, make.toString()]).catch((error) => ({ error }));
      assert.equal(error?.code, "option_invalid", JSON.stringify(error ?? value));
      assert.deepEqual(await page.evaluate(() => window.troubles.filter((trouble) => !trouble.includes("eval"))), []);
    });
  }

  test("H-15 a call whose URL changes its mind is checked and sent as one", async (t) => {
    const { page } = await signedIn(t, "h-15");
    const before = toEvil();
    const found = await page.evaluate(async () => {
      let asked = 0;
      const turning = { toString: () => (++asked === 1 ? "https://api.test/turning" : "https://evil.test/turning") };
      let methods = 0;
      const init = Object.defineProperty({}, "method", { enumerable: true, get: () => (++methods === 1 ? "PUT" : "DELETE") });
      const { status } = await window.client.fetch(turning, init);
      const request = new Request("https://api.test/turning-too");
      Object.defineProperty(request, "url", { get: () => "https://evil.test/turning" });
      const second = await window.outcome(async () => (await window.client.fetch(request)).status);
      return { status, asked, methods, second };
    });
    assert.deepEqual(found, { status: 200, asked: 1, methods: 1, second: { value: 200 } });
    assert.equal(toEvil(), before);
    assert.ok(lab.network.log.some(({ host, path, method }) => host === HOSTS.api && path === "/turning" && method === "PUT"));
  });
}, { atOnce: 3 });

attacks("at run time", () => {
  test("H-20 a client is frozen, and no call takes another configuration", async (t) => {
    const { page, canary } = await signedIn(t, "h-20");
    const before = toEvil();
    const found = await page.evaluate(async () => {
      "use strict";
      const { client } = window;
      const kinds = {};
      for (const name of ["fetch", "signIn", "session", "options", "config", "redirectUri", "navigate"]) {
        try {
          client[name] = "https://evil.test/";
          kinds[name] = "taken";
        } catch (error) {
          kinds[name] = error.name;
        }
      }
      const codes = [];
      for (const act of [
        () => client.signIn({ redirectUri: "https://evil.test/" }),
        () => client.signIn({ redirect_uri: "https://evil.test/" }),
        () => client.signIn({ extraParams: { redirect_uri: "https://evil.test/" } }),
        () => client.signOut({ postLogoutRedirectUri: "https://evil.test/" }),
        () => client.fetch("https://evil.test/", { resources: ["https://evil.test/"] }),
        () => client.fetch("https://api.test.evil.test/"),
      ]) codes.push((await window.outcome(act)).error?.code);
      return { kinds: [...new Set(Object.values(kinds))], codes, status: client.session.status };
    });
    assert.deepEqual(found.kinds, ["TypeError"]);
    assert.deepEqual(found.codes, ["option_unknown", "option_unknown", "parameter_reserved", "option_unknown", "resource_not_listed", "resource_not_listed"]);
    assert.equal(found.status, "signed-in");
    assert.equal(toEvil(), before);
    await lab.sweep(page, canary);
  });

  test("H-21 session, claims and UserInfo are frozen and inherit nothing", async (t) => {
    const { page, realm } = await signedIn(t, "h-21");
    const found = await page.evaluate(async () => {
      "use strict";
      const thrown = [];
      const userInfo = await window.client.userInfo();
      Object.defineProperty(Object.prototype, "admin", { value: true, configurable: true });
      const inherited = [window.client.session.admin, window.client.session.claims.admin, userInfo.admin];
      delete Object.prototype.admin;
      for (const change of [
        () => (window.client.session.claims.sub = "root"),
        () => (window.client.session.claims.roles = ["admin"]),
        () => window.client.session.scope.push("admin"),
        () => (window.client.session.status = "signed-out"),
        () => Object.setPrototypeOf(window.client.session.claims, { admin: true }),
        () => (userInfo.sub = "root"),
      ]) {
        try {
          change();
          thrown.push("changed");
        } catch (error) {
          thrown.push(error.name);
        }
      }
      return { thrown: [...new Set(thrown)], inherited: inherited.filter((value) => value !== undefined), sub: window.client.session.claims.sub };
    });
    assert.deepEqual(found, { thrown: ["TypeError"], inherited: [], sub: realm.subject });
  });
}, { atOnce: 3 });
