// ATTACKS group N: calls that an API refuses. A token that is refused is replaced once, and the request sent once more, where
// it can be; whatever else the API says is passed on. Nobody's call is ever sent with somebody else's token.

import assert from "node:assert/strict";
import { createSecureServer } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { generate } from "selfsigned";
import { policy } from "../hostile/app.mjs";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { gate, until } from "../hostile/flow.mjs";
import { HOSTS, originOf, useLab } from "../hostile/lab.mjs";
import { apiUrl, boundSession, call, callsOf } from "../hostile/resource.mjs";
import { answer } from "../hostile/switches/answers.mjs";
import { nonceHeader } from "../hostile/switches/dpop.mjs";
import { audience, resourceScopes } from "../hostile/switches/resources.mjs";
import { challenge, challengeTimes } from "../hostile/switches/step-up.mjs";
import { tokens } from "../hostile/switches/tokens.mjs";
import { clickPopup, FRAMED, session, withWindows } from "../hostile/windows.mjs";

const lab = useLab();
const FILES = originOf(HOSTS.otherApi);
const REFUSED = 'Bearer error="invalid_token"';

/** Somebody who is signed in. */
async function signedIn(t, id, setting = {}) {
  const made = lab.realm(realmName(id), setting);
  const page = await lab.page(await lab.context(t));
  await expectSignedIn(lab, page, { ...made, allow: setting.allow });
  return { ...made, page };
}

const renewals = (realm) => realm.requests("token").filter(({ body }) => new URLSearchParams(body).has("refresh_token")).length;
/** The requests of one path of a realm's API. */
const reached = (realm, path, host = HOSTS.api) => callsOf(lab, realm, host).filter((request) => request.path === `/${realm.name}/${path}`);
const tokenOf = ({ headers }) => headers.authorization.split(" ")[1];
/** What came of so many calls at once. */
const atOnce = (page, count, url) => page.evaluate(([count, url]) => Promise.all(Array.from({ length: count }, () => window.client.fetch(url).then(({ status }) => status, (error) => error.code ?? error.name))), [count, url]);
/** The API takes any token but this one. */
const refusing = (refused) => ({ apiAnswer: (honest, { token }) => (token === refused ? { ...honest, status: 401, headers: { ...honest.headers, "www-authenticate": REFUSED } } : honest) });
const demands = (page) => page.evaluate(() => window.demands);

attacks("a token that is refused", () => {
  test("N-11 an API that never takes the token, 200 calls at once: 1 renewal, each call sent twice at the most, and no more of either later", async (t) => {
    const { realm, page, canary } = await signedIn(t, "N-11");
    realm.set(challenge(REFUSED, { path: "storm" }));
    const answers = await atOnce(page, 200, apiUrl(realm, "storm"));
    assert.deepEqual(answers, Array(200).fill(401));
    const sent = reached(realm, "storm");
    assert.equal(renewals(realm), 1);
    assert.ok(sent.length > 200 && sent.length <= 400, `${sent.length} requests`);
    assert.equal(new Set(sent.map(tokenOf)).size, 2);
    // A token that is new is not replaced at once, for whatever call.
    for (let later = 0; later < 3; later += 1) assert.deepEqual(await call(page, apiUrl(realm, "storm")), { value: 401 });
    assert.equal(reached(realm, "storm").length, sent.length + 3);
    assert.equal(renewals(realm), 1);
    assert.equal((await session(page)).status, "signed-in");
    realm.set();
    assert.deepEqual(await call(page, apiUrl(realm, "storm")), { value: 200 });
    await lab.sweep(page, canary);
  });

  test("N-11 a token that is refused once, of 50 calls at once: 1 renewal, and all are answered with the new one", async (t) => {
    const { realm, page, canary } = await signedIn(t, "N-11");
    assert.deepEqual(await call(page, apiUrl(realm, "once")), { value: 200 });
    const [old] = reached(realm, "once").map(tokenOf);
    realm.set(refusing(old));
    const answers = await atOnce(page, 50, apiUrl(realm, "once"));
    assert.deepEqual(answers, Array(50).fill(200));
    assert.equal(renewals(realm), 1);
    await lab.sweep(page, canary);
  });

  test("N-11 a token that is refused while the provider renews none: the API's answer, and no storm there either", async (t) => {
    const { realm, page, canary } = await signedIn(t, "N-11");
    realm.set(challenge(REFUSED, { path: "storm" }), answer("token", { status: 503, body: "{}" }));
    const answers = await atOnce(page, 50, apiUrl(realm, "storm"));
    assert.deepEqual(answers, Array(50).fill(401));
    assert.equal(reached(realm, "storm").length, 50);
    assert.ok(renewals(realm) <= 2, `${renewals(realm)} renewals`);
    assert.equal((await session(page)).status, "signed-in");
    await lab.sweep(page, canary);
  });

  const KINDS = ["text", "parameters", "a form with a file", "a blob", "bytes", "a request", "a request made of a stream"];
  for (const kind of KINDS) {
    test(`N-12 a body that can be sent again (${kind}): once more, whole, with the new token`, async (t) => {
      const { realm, application, canary } = lab.realm(realmName("N-12"));
      const page = await lab.sharedPage(t);
      await expectSignedIn(lab, page, { realm, application, canary });
      realm.set(challengeTimes(1, REFUSED, { path: "again" }));
      const outcome = await page.evaluate(async ([url, kind]) => {
        const form = new FormData();
        form.set("field", "the body");
        form.set("file", new File(["of a file"], "name.txt"));
        const bodies = { "parameters": new URLSearchParams({ the: "body" }), "a form with a file": form, "a blob": new Blob(["the body"]), "bytes": new TextEncoder().encode("the body") };
        const body = kind.endsWith("stream") ? new Blob(["the body"]).stream() : (bodies[kind] ?? "the body");
        const init = { method: "POST", body, duplex: "half" };
        if (!kind.startsWith("a request")) return { status: (await window.client.fetch(url, init)).status };
        const request = new Request(url, init);
        const { status } = await window.client.fetch(request);
        return { status, used: request.bodyUsed };
      }, [apiUrl(realm, "again"), kind]);
      assert.equal(outcome.status, 200);
      assert.notEqual(outcome.used, false);
      const [first, second, ...more] = reached(realm, "again");
      assert.deepEqual(more, []);
      const plain = ({ body }) => body.replaceAll(/-{4,}\w+/gu, "boundary");
      assert.match(first.body, /body/u);
      assert.equal(plain(second), plain(first));
      assert.notEqual(tokenOf(second), tokenOf(first));
      assert.equal(renewals(realm), 1);
      await lab.sweep(page, canary);
    });
  }

  test("N-12 a stream as a body: sent once, the API's answer is passed on, and no token is renewed for it", async (t) => {
    const api = await startStreamApi(t);
    const { realm, page, canary } = await signedIn(t, "N-12", {
      // There the policy of the page is that of the vault.
      options: { resources: [`${api.origin}/`], isolation: "page" },
      headers: { "content-security-policy": policy["content-security-policy"].replace("connect-src 'self'", `connect-src 'self' ${api.origin}`) },
    });
    const send = () => page.evaluate(async (url) => {
      const answer = await window.client.fetch(url, { method: "POST", body: new Blob(["the body"]).stream(), duplex: "half" });
      return [answer.status, await answer.text()];
    }, `${api.origin}/x`);
    assert.deepEqual(await send(), [401, "the answer"]);
    assert.deepEqual(api.bodies, ["the body"]);
    assert.equal(renewals(realm), 0);
    await lab.sweep(page, canary);
  });
});

/** An API that takes streams, which browsers send over HTTP/2 alone, and refuses every token. */
async function startStreamApi(t) {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], { keyType: "ec", algorithm: "sha256" });
  const server = createSecureServer({ key, cert });
  const bodies = [];
  const sessions = new Set();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", async (stream, headers) => {
    stream.on("error", () => {});
    const readable = { "access-control-allow-origin": originOf(HOSTS.app), "access-control-allow-headers": "authorization, content-type", "access-control-expose-headers": "WWW-Authenticate", "cross-origin-resource-policy": "cross-origin" };
    if (headers[":method"] === "OPTIONS") return void stream.respond({ ":status": 204, ...readable }, { endStream: true });
    bodies.push(await new Response(stream).text());
    stream.respond({ ":status": 401, ...readable, "www-authenticate": REFUSED });
    stream.end("the answer");
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { origin: `https://localhost:${server.address().port}`, bodies };
}

attacks("what else an API says", () => {
  for (const [what, stepUp] of [["an application that asks nobody", undefined], ["one that refuses", "refuse"]]) {
    test(`N-13 403, 401 and 400 for want of a scope, ${what}: passed on, told what is wanted, and no token is renewed`, async (t) => {
      const { realm, page, canary } = await signedIn(t, "N-13", { stepUp });
      let told = 0;
      for (const status of [403, 401, 400]) {
        realm.set(challenge('Bearer error="insufficient_scope", scope="admin"', { path: "scope", status }));
        const before = reached(realm, "scope").length;
        assert.deepEqual(await call(page, apiUrl(realm, "scope")), { value: status });
        assert.equal(reached(realm, "scope").length, before + 1);
        // Any other status is none for want of authorization.
        if (stepUp && status !== 400) told += 1;
        assert.equal((await demands(page)).length, told, String(status));
      }
      for (const demand of await demands(page)) assert.deepEqual(demand, { error: "insufficient_scope", scope: "admin", url: apiUrl(realm, "scope") });
      assert.equal(renewals(realm), 0);
      assert.equal(realm.requests("authorize").length, 1);
      assert.equal((await session(page)).status, "signed-in");
      await lab.sweep(page, canary);
    });
  }

  const quoted = (text) => `Bearer realm="${text}", error="invalid_token"`;
  const MALFORMED = {
    "an empty header": "",
    "a quote that is not closed": 'Bearer error="invalid_token',
    "one that is not opened": 'Bearer error=invalid_token"',
    "a quote that swallows the rest": 'Bearer realm="x, error="invalid_token"',
    "a parameter twice": 'Bearer error="insufficient_scope", error="invalid_token"',
    "the same in another case": 'Bearer error="x", ERROR="invalid_token"',
    "two challenges of one scheme, and the second says it": 'Bearer error="invalid_request", Bearer error="invalid_token"',
    "two headers, and the second says it": ['Bearer error="invalid_request"', 'Bearer error="invalid_token"'],
    "another scheme": 'Basic error="invalid_token"',
    "the scheme of another kind of token": 'DPoP error="invalid_token"',
    "no scheme": 'error="invalid_token"',
    "a scheme in quotes": '"Bearer" error="invalid_token"',
    "parameters without commas": 'Bearer realm="x" error="invalid_token"',
    "a code in another case": 'Bearer error="INVALID_TOKEN"',
    "a code that begins like it": 'Bearer error="invalid_token_x"',
    "a code with a blank": 'Bearer error=" invalid_token"',
    "letters beyond ASCII": 'Bearer error="invalid_token\u{e9}"',
    "an escape at the end": 'Bearer error="invalid_token\\',
    "a member of the prototype": 'Bearer __proto__="invalid_token"',
    "100 KB": quoted("x".repeat(100_000)),
    "a thousand challenges": 'Basic realm="x", '.repeat(1_000) + REFUSED,
    "a step-up whose quote is not closed": 'Bearer error="insufficient_user_authentication, max_age=0',
    "a step-up twice": 'Bearer error="insufficient_user_authentication", max_age="1", max_age="0"',
  };
  test(`N-14 challenges that are malformed, ${Object.keys(MALFORMED).length} ways: a plain 401, one request, no renewal, and nobody is asked for anything`, async (t) => {
    const { realm, page, canary } = await signedIn(t, "N-14", { stepUp: "redirect" });
    for (const [what, text] of Object.entries(MALFORMED)) {
      realm.set(challenge(text, { path: "odd" }));
      const before = reached(realm, "odd").length;
      assert.deepEqual(await call(page, apiUrl(realm, "odd")), { value: 401 }, what);
      assert.equal(reached(realm, "odd").length, before + 1, what);
    }
    assert.equal(renewals(realm), 0);
    assert.deepEqual(await demands(page), []);
    assert.equal(realm.requests("authorize").length, 1);
    assert.equal((await session(page)).status, "signed-in");
    // The twin.
    realm.set(challengeTimes(1, REFUSED, { path: "odd" }));
    assert.deepEqual(await call(page, apiUrl(realm, "odd")), { value: 200 });
    assert.equal(renewals(realm), 1);
    await lab.sweep(page, canary);
  });

  test("N-14 the same for tokens that are bound to a key, two challenges of DPoP among them: neither a renewal nor a further proof", async (t) => {
    const { realm, page, canary } = await boundSession(lab, t, "N-14");
    const bound = { ...MALFORMED, "two challenges of DPoP, and the second says it": 'DPoP error="invalid_request", DPoP error="use_dpop_nonce"', "the scheme of another kind of token": 'Basic error="use_dpop_nonce"' };
    for (const [what, text] of Object.entries(bound)) {
      const said = typeof text === "string" ? text.replaceAll("Bearer", "DPoP") : text.map((each) => each.replaceAll("Bearer", "DPoP"));
      realm.set(challenge(said, { path: "odd" }), nonceHeader(undefined));
      const before = reached(realm, "odd").length;
      assert.deepEqual(await call(page, apiUrl(realm, "odd")), { value: 401 }, what);
      assert.equal(reached(realm, "odd").length, before + 1, what);
    }
    assert.equal(renewals(realm), 0);
    realm.set(challengeTimes(1, 'DPoP error="invalid_token"', { path: "odd" }));
    assert.deepEqual(await call(page, apiUrl(realm, "odd")), { value: 200 });
    assert.deepEqual(realm.proofs.problems, []);
    await lab.sweep(page, canary);
  });
});

attacks("whose token", () => {
  const API = originOf(HOSTS.api);
  const RESOURCES = [
    { url: `${API}/`, resource: `${API}/`, scope: "read" },
    { url: `${FILES}/`, resource: `${FILES}/`, scope: "files" },
  ];
  const several = (more = {}) => ({ options: { resources: RESOURCES, scope: "openid profile read files" }, base: [resourceScopes({ [`${API}/`]: "read", [`${FILES}/`]: "files" })], ...more });
  /** What the tokens were issued for that a host was sent. */
  const meantFor = (realm, host) => [...new Set(callsOf(lab, realm, host).flatMap((request) => realm.tokenRecord(tokenOf(request)).audience))];

  test("N-15 two resources: each is sent tokens that were made for it, whatever the other says, and a third one none", async (t) => {
    const { realm, page, canary } = await signedIn(t, "N-15", several());
    const other = apiUrl(realm, "x", HOSTS.otherApi);
    for (const url of [apiUrl(realm, "x"), other, apiUrl(realm, "x"), other]) assert.deepEqual(await call(page, url), { value: 200 });
    // One of them refuses every token: the other one's is not tried in its place, nor is it renewed.
    realm.set(challenge(REFUSED, { path: "never" }));
    for (const host of [HOSTS.otherApi, HOSTS.api]) {
      assert.deepEqual(await call(page, apiUrl(realm, "never", host)), { value: 401 });
      const sent = reached(realm, "never", host).map(tokenOf);
      assert.deepEqual([sent.length, new Set(sent).size], [2, 2], host);
    }
    realm.set();
    for (const url of [apiUrl(realm, "x"), other]) assert.deepEqual(await call(page, url), { value: 200 });
    assert.deepEqual([meantFor(realm, HOSTS.api), meantFor(realm, HOSTS.otherApi)], [[`${API}/`], [`${FILES}/`]]);
    assert.equal((await call(page, `${originOf(HOSTS.evil)}/${realm.name}/x`)).error.code, "resource_not_listed");
    await lab.sweep(page, canary);
  });

  test("N-15 a provider that makes a token for another resource than was asked for: the API refuses it, and nothing else is tried", async (t) => {
    const { realm, page, canary } = await signedIn(t, "N-15", several());
    realm.set(audience(`${API}/`));
    const other = apiUrl(realm, "x", HOSTS.otherApi);
    assert.deepEqual(await call(page, other), { value: 401 });
    assert.ok(reached(realm, "x", HOSTS.otherApi).length <= 2);
    assert.equal((await session(page)).status, "signed-in");
    assert.deepEqual(await call(page, apiUrl(realm, "x")), { value: 200 });
    await lab.sweep(page, canary);
  });

  /** Signs out here, and somebody else in. */
  async function switchUser(page, realm) {
    await page.evaluate(() => window.client.signOut({ local: true, revoke: false }));
    realm.subject = "somebody-else";
    const { outcome } = await clickPopup(page);
    assert.deepEqual(await outcome, {});
    assert.equal((await session(page)).claims.sub, "somebody-else");
  }
  /** The users whose tokens a path was sent. */
  const usersOf = (realm, path) => reached(realm, path).map((request) => realm.tokenRecord(tokenOf(request)).authorization.subject);
  const calling = (page, url, init) => page.evaluate(([url, init]) => void (window.calling = window.outcome(async () => (await window.client.fetch(url, init)).status)), [url, init]);
  const called = async (page) => {
    const { value, error } = await page.evaluate(() => window.calling);
    return value ?? error.code;
  };

  test("N-20 a call that waits for a renewal while somebody else signs in: superseded, nothing is sent", async (t) => {
    const { realm, page, canary } = await signedIn(t, "N-20", { ...withWindows(), base: [tokens((all, { renewal }) => { if (!renewal) all.expires_in = 1; })], allow: FRAMED });
    const former = realm.subject;
    await sleep(1_200);
    const held = gate();
    realm.set({ tokenAnswer: (honest, { request }) => (new URLSearchParams(request.body).has("refresh_token") ? held.pass(honest) : honest) });
    const before = renewals(realm);
    await calling(page, apiUrl(realm, "mine"), { method: "POST", body: "of the first user" });
    await until("the renewal is under way", () => renewals(realm) > before);
    await switchUser(page, realm);
    held.open();
    assert.equal(await called(page), "superseded");
    realm.set();
    await sleep(300);
    assert.deepEqual(usersOf(realm, "mine"), []);
    assert.deepEqual(await call(page, apiUrl(realm, "mine")), { value: 200 });
    assert.deepEqual(usersOf(realm, "mine"), ["somebody-else"], `not ${former}`);
    await lab.sweep(page, canary, { allow: FRAMED });
  });

  for (const [how, refusal] of [["its token is refused", REFUSED], ["the API wants more of the user", 'Bearer error="insufficient_user_authentication", max_age="0"']]) {
    test(`N-20 a call at the API while somebody else signs in, and then ${how}: it is not sent with the other one's token`, async (t) => {
      const { realm, page, canary } = await signedIn(t, "N-20", withWindows());
      const former = realm.subject;
      const held = gate();
      const refuse = challenge(refusal, { path: "mine" });
      realm.set({ apiAnswer: (honest, context) => (context.request.path.endsWith("/mine") ? held.pass(refuse.apiAnswer(honest, context)) : honest) });
      await calling(page, apiUrl(realm, "mine"), { method: "POST", body: "of the first user" });
      await until("the call is under way", () => reached(realm, "mine").length === 1);
      await switchUser(page, realm);
      held.open();
      assert.ok(["superseded", 401].includes(await called(page)), String(await called(page)));
      await sleep(300);
      assert.deepEqual(usersOf(realm, "mine"), [former]);
      assert.equal(renewals(realm), 0);
      await lab.sweep(page, canary, { allow: FRAMED });
    });
  }

  test("N-20 a call that waits for a step-up while somebody else signs in: nobody is asked to, and it is not sent again", async (t) => {
    const { realm, application, page, canary } = await signedIn(t, "N-20", withWindows());
    const former = realm.subject;
    realm.set(challengeTimes(1, 'Bearer error="insufficient_user_authentication", max_age="0"', { path: "mine" }));
    // The application asks its user, who has gone away.
    await page.evaluate(async (options) => {
      window.client = window.createOidcClient({ ...options, stepUp: () => new Promise((resolve) => (window.choose = resolve)) });
      await window.client.ready();
    }, application.options);
    await calling(page, apiUrl(realm, "mine"), { method: "POST", body: "of the first user" });
    await page.waitForFunction(() => window.choose);
    await switchUser(page, realm);
    const asked = realm.requests("authorize").length;
    await page.evaluate(() => window.choose("popup"));
    assert.equal(await called(page), 401);
    await sleep(300);
    assert.equal(realm.requests("authorize").length, asked);
    assert.deepEqual(usersOf(realm, "mine"), [former]);
    await lab.sweep(page, canary, { allow: FRAMED });
  });

  test("N-20 a request that waits for its user to come back from the provider, and somebody else comes: resume() sends nothing", async (t) => {
    const made = lab.realm(realmName("N-20"), { stepUp: "redirect" });
    const { realm, application, canary } = made;
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, made);
    const former = realm.subject;
    realm.set(challenge('Bearer error="insufficient_user_authentication", max_age="0"', { path: "mine" }));
    application.capture = true;
    await lab.open(page, application);
    assert.deepEqual(await call(page, apiUrl(realm, "mine"), { method: "POST", body: "of the first user" }), { value: 401 });
    assert.equal(await page.evaluate(() => window.navigated.length), 1);
    application.capture = false;
    realm.set();
    await page.evaluate(() => window.client.signOut({ local: true, revoke: false }));
    realm.subject = "somebody-else";
    assert.equal((await lab.attempt(page, application)).claims.sub, "somebody-else");
    assert.equal(await page.evaluate(async () => (await window.client.resume())?.status ?? "nothing"), "nothing");
    assert.deepEqual(usersOf(realm, "mine"), [former]);
    assert.deepEqual(await page.evaluate(() => ({ ...sessionStorage })), {});
    await lab.sweep(page, canary);
  });
});
