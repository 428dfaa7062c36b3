// ATTACKS group O, DPoP: proofs that are replayed, nonces that never end, tokens that are bound to nothing, and keys that are
// lost, shared or another's. Every proof that a test has sent is judged to the letter: see tests/hostile/proofs.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accepted, attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { apiHandler } from "../hostile/api.mjs";
import { policy } from "../hostile/app.mjs";
import { vaultAfter } from "../hostile/environment.mjs";
import { callbackFor, inFlight, stage, until } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { apiUrl, ask, boundSession, call, callsOf, signIn } from "../hostile/resource.mjs";
import { refusedInTurn } from "../hostile/series.mjs";
import { answer } from "../hostile/switches/answers.mjs";
import { bearerAnswer, boundToAnother, dpop, newNonceEachTime, nonceHeader, nonceNotExposed, tokenType, verdict } from "../hostile/switches/dpop.mjs";
import { par } from "../hostile/switches/par.mjs";
import { challenge, challengeTimes } from "../hostile/switches/step-up.mjs";
import { tokens } from "../hostile/switches/tokens.mjs";
import { proof, proofKey } from "../support/proofs.mjs";

const lab = useLab();

const EVERYWHERE = "required";
/** A token that is renewed whenever it is used. */
const ENDED = tokens((all) => void (all.expires_in = 1));
const MORTAL = 'new BroadcastChannel("mortal").onmessage = () => self.close();';
const SERVERS = ["token", "userInfo", "api.test"];

const tokenRequests = (realm) => realm.requests("token").length;
const thumbprintsOf = (realm, endpoints) => [...new Set(realm.proofs.of(endpoints).map(({ thumbprint }) => thumbprint))];
const renewals = (realm) => realm.requests("token").filter(({ body }) => new URLSearchParams(body).has("refresh_token"));
const claimsOf = (text) => JSON.parse(Buffer.from(text.split(".")[1], "base64url"));
const session = (page) => page.evaluate(() => window.plainSession(window.client.session));

/** Nothing was wrong with any proof, and no server was told what another one had said. */
function expectSound(realm) {
  assert.deepEqual(realm.proofs.problems, []);
  assert.deepEqual(realm.proofs.strayNonces, []);
}

attacks("proofs", () => {
  test("O-01 requests that are sent once more, for a nonce, for a token, for both: each with a proof of its own", async (t) => {
    const { realm, page, canary } = await boundSession(lab, t, "O-01", { nonces: EVERYWHERE });
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
    realm.set(challengeTimes(1, 'DPoP error="invalid_token"', { path: "again" }));
    for (const server of SERVERS) realm.proofs.forget(server);
    assert.deepEqual(await call(page, apiUrl(realm, "again")), { value: 200 });
    assert.equal(renewals(realm).length, 2, "without the nonce, and with it");
    const ids = realm.proofs.all.map(({ claims }) => claims.jti);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.every((id) => Buffer.from(id, "base64url").length >= 12));
    expectSound(realm);
    // The twin: a proof that comes twice is noticed.
    const [first] = realm.proofs.of("token");
    const replayed = await ask(realm, "token", { grant_type: "refresh_token", refresh_token: "x" }, { dpop: first.text });
    assert.deepEqual([replayed.status, replayed.body.error], [400, "invalid_dpop_proof"]);
    assert.match(realm.proofs.problems[0], /jti used before/u);
    await lab.sweep(page, canary);
  });

  refusedInTurn(lab, "O-02", "a token endpoint that wants another nonce for ever: one retry", {
    "the same nonce": ["use_dpop_nonce", verdict("use_dpop_nonce")],
  }, { sent: [1, 2, 0], setting: { base: [dpop({ nonces: { token: "offered" } })] }, freshTwin: true });
  refusedInTurn(lab, "O-02", "a token endpoint that wants a newer nonce for ever: one retry", {
    "use_dpop_nonce": ["use_dpop_nonce", verdict("use_dpop_nonce"), newNonceEachTime],
    "invalid_dpop_proof": ["invalid_dpop_proof", verdict("invalid_dpop_proof"), newNonceEachTime],
  }, { sent: [1, 2, 0], setting: { base: [dpop({ nonces: { token: "offered" } })] } });
  test("O-02 an API, and UserInfo, that want a newer nonce for ever: one retry a call", async (t) => {
    const { realm, page } = await boundSession(lab, t, "O-02", { nonces: "offered" });
    realm.set(verdict("use_dpop_nonce", { servers: ["api.test", "userInfo"] }), newNonceEachTime);
    const [asked, called] = [realm.requests("userInfo").length, callsOf(lab, realm).length];
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 401 });
    assert.equal(callsOf(lab, realm).length - called, 2);
    const { error } = await page.evaluate(() => window.outcome(() => window.client.userInfo()));
    assert.equal(error.code, "user_info_status");
    assert.equal(realm.requests("userInfo").length - asked, 2);
    await sleep(QUIET);
    assert.deepEqual([callsOf(lab, realm).length - called, realm.requests("userInfo").length - asked, renewals(realm).length], [2, 2, 0]);
    assert.equal((await session(page)).status, "signed-in");
    realm.set();
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
  });

  refusedInTurn(lab, "O-03", "a nonce that is wanted and not given, or not to be seen: no retry", {
    "no header": ["use_dpop_nonce", verdict("use_dpop_nonce"), nonceHeader(undefined)],
    "a header that CORS hides": ["use_dpop_nonce", verdict("use_dpop_nonce"), nonceNotExposed],
  }, {
    setting: { base: [dpop()] },
    check({ report }) {
      assert.match(report.error.hint, /DPoP-Nonce/u, "the hint names the header");
    },
  });
  test("O-03 the same at an API: its answer is passed on, without a retry", async (t) => {
    const { realm, page } = await boundSession(lab, t, "O-03");
    for (const hidden of [nonceHeader(undefined), nonceNotExposed]) {
      realm.set(verdict("use_dpop_nonce", { servers: ["api.test"] }), hidden);
      const before = callsOf(lab, realm).length;
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 401 });
      assert.equal(callsOf(lab, realm).length - before, 1);
    }
    realm.set();
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
  });

  test("O-04 four servers with nonces of their own, two of them on one origin: none is told what another has said", async (t) => {
    const resources = [HOSTS.api, HOSTS.otherApi].map((host) => ({ url: `${originOf(host)}/` }));
    const { realm, page } = await boundSession(lab, t, "O-04", { nonces: EVERYWHERE, options: { resources } });
    for (let round = 0; round < 3; round += 1) {
      await page.evaluate(() => window.client.renew());
      for (const host of [HOSTS.api, HOSTS.otherApi]) assert.deepEqual(await call(page, apiUrl(realm, "x", host)), { value: 200 });
      assert.equal((await page.evaluate(() => window.outcome(() => window.client.userInfo()))).error, undefined);
    }
    const servers = ["token", "userInfo", HOSTS.api, HOSTS.otherApi];
    const told = servers.map((server) => realm.proofs.all.filter((proof) => proof.server === server && proof.claims.nonce !== undefined).length);
    assert.ok(told.every((count) => count >= 3), `each has seen its own nonce: ${told}`);
    expectSound(realm);
    // The twin: it would be noticed.
    const key = await proofKey();
    await ask(realm, "token", {}, { dpop: await proof({ key, method: "POST", url: `${realm.issuer}token`, nonce: realm.proofs.nonceOf("userInfo") }) });
    assert.deepEqual(realm.proofs.strayNonces, ["token: userInfo"]);
  });

  const NO_NONCES = {
    "a space": "a b",
    "a quote": 'a"b',
    "a backslash": "a\\b",
    "a quoted string": '"abc"',
    "not ASCII": "n\u{f6}nce",
    "nothing": "",
    "100 KB": "x".repeat(100_000),
    "two headers": ["first", "second"],
  };
  refusedInTurn(lab, "O-05", "a nonce that is none", Object.fromEntries(Object.entries(NO_NONCES).map(([what, nonce]) => [what, ["use_dpop_nonce", verdict("use_dpop_nonce"), nonceHeader(nonce)]])), {
    setting: { base: [dpop()] },
    check({ realm }) {
      assert.deepEqual(realm.proofs.all.filter(({ claims }) => claims.nonce !== undefined), []);
    },
  });
  accepted(lab, "O-05", "nonces that are none beside answers that are good are passed over", {
    setting: { base: [dpop({ nonces: "offered" })] },
    logins: 3,
    peculiarities: [nonceHeader(['"', "x y"])],
    check({ realm }) {
      assert.deepEqual(realm.proofs.all.filter(({ claims }) => claims.nonce !== undefined), []);
      assert.deepEqual(realm.proofs.problems, []);
    },
  });

  test("O-06 a new nonce with each answer: the newest is used, and no call takes a second request", async (t) => {
    const { realm, page } = await boundSession(lab, t, "O-06", { nonces: "offered" });
    realm.set(newNonceEachTime);
    const before = callsOf(lab, realm).length;
    const newest = [];
    for (let calls = 0; calls < 5; calls += 1) {
      newest.push(realm.proofs.of("api").length > 0 ? realm.proofs.nonceOf(HOSTS.api) : undefined);
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
    }
    assert.equal(callsOf(lab, realm).length - before, 5);
    assert.deepEqual(realm.proofs.of("api").map(({ claims }) => claims.nonce), newest);
    expectSound(realm);
  });
  test("O-06 thirty calls at once, to an API that nobody has a nonce of yet: all are answered, each with one retry at the most", async (t) => {
    const { realm, page } = await boundSession(lab, t, "O-06", { nonces: EVERYWHERE });
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => call(page, apiUrl(realm))));
    assert.deepEqual(outcomes.filter(({ value }) => value !== 200), []);
    assert.ok(callsOf(lab, realm).length <= 60, `${callsOf(lab, realm).length} requests`);
    const later = callsOf(lab, realm).length;
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
    assert.equal(callsOf(lab, realm).length - later, 1);
    expectSound(realm);
  });
  test("O-06 thirty calls at once, each answer with a new nonce that ends the last but one: no storm, and then it works", async (t) => {
    const { realm, page } = await boundSession(lab, t, "O-06", { nonces: EVERYWHERE });
    realm.set(newNonceEachTime);
    await Promise.all(Array.from({ length: 30 }, () => call(page, apiUrl(realm))));
    assert.ok(callsOf(lab, realm).length <= 60, `${callsOf(lab, realm).length} requests`);
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
    expectSound(realm);
  });

  refusedInTurn(lab, "O-07", "a token that is bound to nothing, in answer to a proof", {
    "Bearer": ["dpop_downgraded", bearerAnswer],
    "bearer": ["dpop_downgraded", tokenType("bearer")],
    "N_A": ["token_type_unsupported", tokenType("N_A")],
    "DPoP with a space": ["token_type_unsupported", tokenType("DPoP ")],
  }, { setting: { base: [dpop()] } });
  test("O-07 a renewal that brings a bearer token: it is never sent, and the session ends", async (t) => {
    const { realm, page, application, canary } = await boundSession(lab, t, "O-07");
    realm.set(bearerAnswer);
    const { error } = await page.evaluate(() => window.outcome(() => window.client.renew()));
    assert.equal(error.code, "dpop_downgraded");
    assert.equal((await call(page, apiUrl(realm))).error?.code, "not_signed_in");
    await sleep(QUIET);
    assert.deepEqual(callsOf(lab, realm), []);
    await lab.sweep(page, canary);
    realm.set();
    await signIn(lab, page, { realm, application });
  });
  accepted(lab, "O-07", "the same provider, of an application that says `dpop: \"off\"`", { setting: { base: [dpop()], options: { dpop: "off" } }, check: ({ realm, report }) => assert.deepEqual([report.tokenType, realm.proofs.all], ["Bearer", []]) });

  test("O-08 an API that asks for a bearer token: the bound one is never sent as one", async (t) => {
    const { realm, page } = await boundSession(lab, t, "O-08");
    for (const text of ["Bearer", 'Bearer error="invalid_token"', 'Bearer realm="x", DPoP algs="ES256"', 'bearer error="use_dpop_nonce"', 'Bearer error="invalid_request", error_description="send it as Bearer"']) {
      realm.set(challenge(text, { path: "bearer" }));
      assert.deepEqual(await call(page, apiUrl(realm, "bearer")), { value: 401 }, text);
    }
    const credentials = lab.network.log.map(({ headers }) => (headers.authorization ?? "").split(" ")).filter(([, token]) => token && realm.tokenRecord(token));
    const schemes = credentials.map(([scheme]) => scheme);
    assert.deepEqual([...new Set(schemes)], ["DPoP"]);
    realm.set();
    assert.deepEqual(await call(page, apiUrl(realm, "bearer")), { value: 200 });
    expectSound(realm);
  });

  const NO_ALGORITHMS = { "none at all": [], "none": ["none"], "HS256": ["HS256"], "RSA alone": ["RS256", "PS256"], "unknown ones": ["ES256K", "XYZ"], "in small letters": ["es256"] };
  const announced = (algorithms) => dpop({ algorithms });
  refusedInTurn(lab, "O-09", "algorithms of which none will do, where DPoP is required", Object.fromEntries(Object.entries(NO_ALGORITHMS).map(([what, algorithms]) => [what, ["dpop_unsupported", announced(algorithms)]])), {
    at: "start",
    setting: { base: [dpop()], options: { dpop: "required" } },
    freshTwin: true,
  });
  for (const [what, algorithms, chosen] of [["ES256 among others", ["none", "HS256", "RS256", "ES256"], "ES256"], ["EdDSA alone", ["EdDSA"], "EdDSA"], ["ES384 alone", ["ES384"], "ES384"], ["ES512 alone", ["ES512"], "ES512"]]) {
    accepted(lab, "O-09", what, {
      setting: { base: [dpop({ algorithms })], options: { dpop: "required" } },
      check({ realm }) {
        assert.deepEqual([...new Set(realm.proofs.all.map(({ header }) => header.alg))], [chosen]);
        expectSound(realm);
      },
    });
  }
  test("O-09 where it is not required, no algorithm in common means bearer tokens, and the session says so", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("O-09"), { base: [dpop({ algorithms: ["HS256"] })] });
    const page = await lab.sharedPage(t);
    const report = await expectSignedIn(lab, page, { realm, application, canary });
    assert.equal(report.tokenType, "Bearer");
    record(t, "O-09", '`dpop: "auto"` at a provider whose metadata names no algorithm that is known here: bearer tokens, as where it announces no DPoP at all. `dpop: "required"` refuses');
  });

  test("O-10 addresses in every spelling: htu is what was sent, without query and fragment", async (t) => {
    const idn = "xn--bcher-kva.test";
    lab.handlers[idn] = apiHandler(lab.realms, idn);
    const { realm, page } = await boundSession(lab, t, "O-10", {
      // A worker's policy is the one that its script came with.
      options: { isolation: "page", resources: [`${originOf(HOSTS.api)}/`, `https://${idn}/`] },
      headers: { "content-security-policy": policy["content-security-policy"].replace("connect-src 'self'", `connect-src 'self' https://${idn}`) },
    });
    const spellings = [
      "https://api.test", "https://api.test/", "HTTPS://API.TEST/Upper", "https://api.test:443/port", "https://api.test/./a/../b/./c", "https://api.test/a/%2e%2e/c", "https://api.test//double//slash",
      "https://api.test/%7Etilde", "https://api.test/~tilde", "https://api.test/%7etilde", "https://api.test/with space", "https://api.test/\u{fc}ber", "https://api.test/a;b=c,d", "https://api.test/'quote'",
      "https://api.test/x?q=1&r=%20", "https://api.test/x?", "https://api.test/x#fragment", "https://api.test/x?#", "https://api.test/x?a?b#c#d", "https://api.test\\back\\slash", `https://b\u{fc}cher.test/idn`, "https://B\u{dc}CHER.test/idn",
    ];
    for (const spelling of spellings) assert.deepEqual(await call(page, spelling), { value: 200 }, spelling);
    assert.equal(realm.proofs.of("api").length, spellings.length);
    for (const { claims } of realm.proofs.of("api")) {
      // A server that normalises before it compares finds the same.
      assert.equal(new URL(claims.htu).href, claims.htu);
      assert.doesNotMatch(claims.htu, /[?#]/u);
    }
    for (const wrong of ["https://user:password@api.test/x", "https://api.test:8443/x", "https://api.test.evil.test/x"]) assert.equal((await call(page, wrong)).value, undefined, wrong);
    assert.equal(realm.proofs.of("api").length, spellings.length);
    expectSound(realm);
  });

  test("O-11 methods in every spelling: htm is what was sent", async (t) => {
    const { realm, page } = await boundSession(lab, t, "O-11", { options: { isolation: "page" } });
    const methods = { get: "GET", post: "POST", Put: "PUT", dElEtE: "DELETE", OPTIONS: "OPTIONS", PATCH: "PATCH" };
    for (const [given, sent] of Object.entries(methods)) {
      await call(page, apiUrl(realm), { method: given });
      if (sent !== "OPTIONS") assert.equal(realm.proofs.of("api").at(-1).claims.htm, sent, given);
    }
    // What `fetch` leaves in small letters no server here reads: the browser tells what it sends.
    const sent = new Promise((resolve) => page.on("request", (request) => request.method() === "patch" && resolve(request)));
    call(page, apiUrl(realm), { method: "patch" }).catch(() => {});
    const { dpop: text } = await Promise.race([sent.then((request) => request.allHeaders()), sleep(5000, {})]);
    assert.equal(claimsOf(text).htm, "patch");
    for (const method of ["", "GE T", 'GET","htm":"POST', "G\u{cb}T", "CONNECT", "TRACE"]) assert.equal((await call(page, apiUrl(realm), { method })).value, undefined, method);
    expectSound(realm);
  });

  test("O-12 ath: never at the token endpoint or with a pushed request, always and of this very token at an API", async (t) => {
    const { realm, page } = await boundSession(lab, t, "O-12", { base: [par()], nonces: EVERYWHERE });
    for (let round = 0; round < 3; round += 1) {
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
      await page.evaluate(() => window.client.renew());
    }
    await Promise.all([page.evaluate(() => window.client.renew()), ...Array.from({ length: 5 }, () => call(page, apiUrl(realm)))]);
    assert.ok(realm.proofs.of(["token", "par"]).length >= 6);
    assert.ok(realm.proofs.of(["token", "par"]).every(({ claims }) => claims.ath === undefined));
    const hashes = realm.proofs.of("api").map(({ claims }) => claims.ath);
    assert.ok(new Set(hashes).size >= 3, "one for each token");
    expectSound(realm);
  });

  test("O-13 nothing of the private key is in a proof, and the public one is what RFC 7638 names", async (t) => {
    for (const [algorithm, members] of [["ES256", ["crv", "kty", "x", "y"]], ["EdDSA", ["crv", "kty", "x"]]]) {
      const { realm, page, canary } = await boundSession(lab, t, "O-13", { algorithms: [algorithm] });
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
      for (const { header } of realm.proofs.all) {
        assert.deepEqual(Object.keys(header), ["typ", "alg", "jwk"]);
        assert.deepEqual(Object.keys(header.jwk), members);
      }
      expectSound(realm);
      await lab.sweep(page, canary);
    }
  });

  for (const [what, spoil] of Object.entries({
    "the whole database is cleared": () => indexedDB.deleteDatabase("valetkey"),
    "the record has no key": async () => window.changeRecord(({ key: _, ...record }) => record),
    "the key is the attacker's": async () => {
      const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
      const known = await crypto.subtle.exportKey("jwk", publicKey);
      return window.changeRecord((record) => ({ ...record, key: privateKey, known }));
    },
    "the key can be taken out": async () => {
      const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
      return window.changeRecord((record) => ({ ...record, key: privateKey }));
    },
  })) {
    test(`O-14 a session that was kept, and ${what}: signed out, and the refresh token goes nowhere without its key`, async (t) => {
      const vaultUrl = await vaultAfter(lab, MORTAL);
      const { realm, page, application, canary } = await boundSession(lab, t, "O-14", { options: { vaultUrl, persist: "dpop" } });
      await page.evaluate(CHANGE_RECORD);
      await until("it is kept", () => page.evaluate(() => window.countRecords()));
      await page.evaluate(() => { new BroadcastChannel("mortal").postMessage("now"); });
      await sleep(300);
      await page.evaluate(spoil);
      const before = tokenRequests(realm);
      const report = await lab.open(page, application);
      assert.equal(report.status, "signed-out", JSON.stringify(report));
      await sleep(QUIET);
      for (const { headers } of realm.requests("token").slice(before)) assert.ok(headers.dpop, "with a proof, or not at all");
      assert.ok(realm.requests("token").length - before <= 1);
      assert.deepEqual(callsOf(lab, realm), []);
      await signIn(lab, page, { realm, application });
      await lab.sweep(page, canary, { allow: { storage: ["refresh", "id-token", "nonce"] } });
    });
  }
  test("O-14 the vault, and the key with it, is lost while the user is at the provider: dpop_key_lost, and the code goes nowhere", async (t) => {
    const vaultUrl = await vaultAfter(lab, MORTAL);
    const staged = await stage(lab, t, "O-14", { base: [dpop()], options: { vaultUrl } });
    const { callback } = await inFlight(staged);
    await staged.page.evaluate(() => { new BroadcastChannel("mortal").postMessage("now"); });
    await sleep(300);
    const report = await lab.open(staged.page, staged.application, callback.href);
    assert.equal(report.error?.code, "dpop_key_lost", JSON.stringify(report));
    await sleep(QUIET);
    assert.equal(tokenRequests(staged.realm), 0);
    await lab.sweep(staged.page, staged.canary);
    staged.application.capture = false;
    await signIn(lab, staged.page, staged);
  });

  test("O-15 no two sign-ins have the same key: of one user, of another, at another provider, of another client", async (t) => {
    const { realm, page, context, application } = await boundSession(lab, t, "O-15");
    await signIn(lab, page, { realm, application });
    realm.subject = "somebody-else";
    await signIn(lab, page, { realm, application });
    const others = [{ host: HOSTS.otherProvider }, { clientId: "another-spa" }].map((setting) => lab.realm(realmName("O-15"), { ...setting, base: [dpop()] }));
    for (const other of others) await signIn(lab, await lab.page(context), other);
    const all = [realm, ...others.map((other) => other.realm)].flatMap((each) => thumbprintsOf(each, "token"));
    assert.equal(all.length, 5);
    assert.equal(new Set(all).size, 5);
    for (const each of [realm, ...others.map((other) => other.realm)]) expectSound(each);
  });

  test("O-16 the code is bound to another key than the one that redeems it: invalid_grant", async (t) => {
    const staged = await stage(lab, t, "O-16", { base: [dpop()] });
    const { authorization } = await inFlight(staged);
    const changed = new URL(authorization);
    changed.searchParams.set("dpop_jkt", "a".repeat(43));
    const report = await lab.open(staged.page, staged.application, (await callbackFor(staged.realm, changed)).href);
    assert.equal(report.error?.code, "invalid_grant", JSON.stringify(report));
    await sleep(QUIET);
    assert.deepEqual([tokenRequests(staged.realm), staged.realm.requests("userInfo").length], [1, 0]);
    await lab.sweep(staged.page, staged.canary);
    staged.application.capture = false;
    await signIn(lab, staged.page, staged);
  });
  for (const [what, base] of [["in the URL", []], ["pushed", [par()]]]) {
    test(`O-16 one key is named in the request (${what}), shown with the push and at the token endpoint, and to every API`, async (t) => {
      const { realm, page } = await boundSession(lab, t, "O-16", { base });
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
      const [key, ...more] = thumbprintsOf(realm, ["par", "token", "userInfo", "api"]);
      assert.deepEqual([more, realm.authorization.dpop_jkt], [[], key]);
      expectSound(realm);
    });
  }
  test("O-16 tokens that are bound to a key that nobody has: each API refuses, and nothing goes round in circles", async (t) => {
    const { realm, page } = await boundSession(lab, t, "O-16");
    realm.set(boundToAnother);
    await page.evaluate(() => window.client.renew());
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 401 });
    assert.deepEqual([callsOf(lab, realm).length, renewals(realm).length], [2, 2]);
    await sleep(QUIET);
    assert.deepEqual([callsOf(lab, realm).length, renewals(realm).length], [2, 2]);
    realm.set();
    await page.evaluate(() => window.client.renew());
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
  });

  for (const [what, bound] of [["the code is bound to the vault's key: the provider refuses", true], ["the twin, without DPoP: the thief gets the tokens", false]]) {
    test(`O-17 code and verifier are stolen from the address and the storage; ${what}`, async (t) => {
      const staged = await stage(lab, t, "O-17", { base: [dpop()], options: { dpop: bound ? "auto" : "off" } });
      const { callback } = await inFlight(staged);
      const stored = await staged.page.evaluate(async () => {
        const opening = indexedDB.open("valetkey");
        const database = await new Promise((resolve) => (opening.onsuccess = () => resolve(opening.result)));
        const all = database.transaction("transactions").objectStore("transactions").getAll();
        return new Promise((resolve) => (all.onsuccess = () => resolve(all.result)));
      });
      const verifier = new URLSearchParams(stored[0]).get("verifier");
      assert.ok(verifier, "it can be read there");
      const form = { grant_type: "authorization_code", client_id: staged.realm.clientId, code: callback.searchParams.get("code"), redirect_uri: staged.application.page, code_verifier: verifier };
      const key = await proofKey();
      const thief = await ask(staged.realm, "token", form, { dpop: await proof({ key, method: "POST", url: `${staged.realm.issuer}token` }) });
      assert.deepEqual([thief.status, thief.body.error], bound ? [400, "invalid_grant"] : [200, undefined]);
      if (bound) record(t, "O-17", "a code that a shared vault has asked for is bound to its key (`dpop_jkt`) and is of no use to who steals it with the verifier. A vault of one page alone ends on the way to the provider, and its key with it: such codes are bound to the verifier alone");
    });
  }

  test("O-18 redirects to another origin: no proof and no token arrives there", async (t) => {
    const moved = (status) => ({ status, body: "", headers: { location: "https://evil.test/redirected", "access-control-allow-origin": "*" } });
    const { realm, page, canary } = await boundSession(lab, t, "O-18");
    for (const status of [301, 302, 303, 307, 308]) {
      realm.set({ apiAnswer: (honest) => ({ ...honest, ...moved(status) }) }, answer("token", moved(status)), answer("userInfo", moved(status)));
      assert.equal((await call(page, apiUrl(realm))).error?.name, "TypeError", `API, ${status}`);
      assert.equal((await page.evaluate(() => window.outcome(() => window.client.userInfo()))).error?.code, "redirect_refused");
      assert.equal((await page.evaluate(() => window.outcome(() => window.client.renew()))).error?.code, "redirect_refused");
    }
    await sleep(500);
    const redirected = lab.network.log.filter(({ host, path, headers }) => host === HOSTS.evil && path === "/redirected" && (headers.dpop || headers.authorization));
    assert.deepEqual(redirected, []);
    await lab.sweep(page, canary);
    realm.set();
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
  });

  for (const scheme of ["dPoP", "dpop", "DPOP"]) {
    test(`O-19 the scheme as ${scheme}, in challenges and as the token's type: understood`, async (t) => {
      const { realm, page } = await boundSession(lab, t, "O-19", {
        nonces: EVERYWHERE,
        base: [tokenType(scheme), { apiAnswer: (honest) => (honest.status === 401 ? { ...honest, headers: { ...honest.headers, "www-authenticate": `${scheme} error="use_dpop_nonce"` } } : honest) }],
      });
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
      expectSound(realm);
    });
  }

  test("O-20 five tabs with a token that has ended: one key, and no refresh token is sent twice", async (t) => {
    const { realm, pages, canary } = await boundSession(lab, t, "O-20", { tabs: 5, base: [ENDED] });
    for (let round = 0; round < 3; round += 1) {
      const outcomes = await Promise.all(pages.flatMap((page) => Array.from({ length: 5 }, () => call(page, apiUrl(realm)))));
      assert.deepEqual(outcomes.filter(({ value }) => value !== 200), []);
      await sleep(1100);
    }
    const sent = renewals(realm).map(({ body }) => new URLSearchParams(body).get("refresh_token"));
    assert.equal(new Set(sent).size, sent.length);
    assert.equal(thumbprintsOf(realm, ["token", "api", "userInfo"]).length, 1);
    expectSound(realm);
    await lab.sweep(pages[0], canary);
  });

  test("O-21 proofs that a script has made ahead of their time: how far that goes", async (t) => {
    const COLLECTING = `
      const { fetch: honest, Date: { now } } = window;
      let ahead = 0;
      window.turnClock = (by) => (ahead = by);
      Date.now = () => now() + ahead;
      window.collected = [];
      window.fetch = function (input, init) {
        const request = new Request(input, init);
        if (request.headers.has("dpop")) window.collected.push({ authorization: request.headers.get("authorization"), dpop: request.headers.get("dpop") });
        return Reflect.apply(honest, this, [request]);
      };
    `;
    const collect = async (nonces, isolation) => {
      const context = await lab.context(t);
      await context.addInitScript(COLLECTING);
      // A token without an end: by this clock any other has ended.
      const base = [tokens((all) => void delete all.expires_in)];
      const made = await boundSession(lab, t, "O-21", { nonces, base, options: { isolation }, context });
      await made.page.evaluate((by) => void window.turnClock(by), 24 * 3600_000);
      await call(made.page, apiUrl(made.realm, "later"));
      return { realm: made.realm, collected: (await made.page.evaluate(() => window.collected)).filter(({ dpop }) => claimsOf(dpop).ath !== undefined) };
    };
    const tomorrow = Date.now() / 1000 + 23 * 3600;
    const replay = async (realm, headers) => {
      const request = { at: Date.now(), host: HOSTS.api, method: "GET", path: `/${realm.name}/later`, url: apiUrl(realm, "later"), query: new URLSearchParams(), headers, body: "" };
      return (await lab.handlers[HOSTS.api](request)).status;
    };
    for (const nonces of ["off", EVERYWHERE]) assert.deepEqual((await collect(nonces, "shared")).collected, []);
    const without = await collect("off", "page");
    assert.ok(without.collected.some(({ dpop }) => claimsOf(dpop).iat > tomorrow), "one for tomorrow");
    const required = await collect(EVERYWHERE, "page");
    assert.ok(required.collected.length > 0);
    required.realm.proofs.forget(HOSTS.api);
    for (const headers of required.collected) assert.equal(await replay(required.realm, headers), 401, "its nonce has ended");
    record(t, "O-21", 'proofs are made in the vault for a request that is sent at once, by the vault\'s clock, and no script of the page is given one. In `isolation: "page"` a script that has wrapped `fetch` and the clock early can collect some for the time to come; where the server wants its nonces, they end with the nonce');
  });
}, { atOnce: 5 });

/** For the page of a test: changes, and counts, the records of kept sessions. */
const CHANGE_RECORD = `
  const settled = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const store = async () => (await settled(indexedDB.open("valetkey"))).transaction("transactions", "readwrite").objectStore("transactions");
  window.countRecords = async () => {
    if (!(await indexedDB.databases()).some(({ name }) => name === "valetkey")) return 0;
    return (await settled((await store()).getAllKeys())).filter((key) => key.startsWith("session ")).length;
  };
  window.changeRecord = async (change) => {
    const key = (await settled((await store()).getAllKeys())).find((each) => each.startsWith("session "));
    const record = await change(await settled((await store()).get(key)));
    await settled((await store()).put(record, key));
  };
`;
