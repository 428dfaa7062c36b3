// ATTACKS group I, messages: what other windows, other origins and other pages of the origin say to the application, and
// what they hear. Sign-in does not listen to windows, but to a channel; the windows it opens are in i-windows, and what
// monitorSession listens to is in q-session-management.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";

const lab = useLab();
/** The application without the policies that would keep a stranger from getting hold of its window. */
const OPEN = { headers: { "content-security-policy": "", "cross-origin-opener-policy": "unsafe-none" } };
const CALLBACK_PAGE = `${originOf(HOSTS.app)}/valetkey/callback.html`;

/** Every shape that a library for sign-in is known to take from a message, and ours that cross the port. */
const SHAPES = `(url) => {
  const { searchParams } = new URL(url);
  const response = Object.fromEntries(searchParams);
  const session = { status: "signed-in", claims: { iss: "x", sub: "attacker" }, scope: [], renewable: false };
  return [
    url, JSON.stringify({ url }), { url }, { type: "authorization_response", url, response }, { type: "authorization_response", response },
    { source: "oidc-client", url, keepOpen: false }, { messageType: "popup", url }, { type: "valetkey", url }, { valetkey: { url } },
    { kind: "ready", id: 1, url }, { kind: "value", id: 1, value: { session, location: "/x" } }, { kind: "session", session },
    { kind: "failed", error: { code: "vault_crashed" } }, { kind: "hello" }, { answers: url, location: "/x" }, "changed", "error", null, 1,
  ];
}`;

/** A sign-in under way, whose URL the application keeps to itself; answers the callback that would finish it. */
async function waiting(page, { realm, application }) {
  application.capture = true;
  await lab.open(page, application);
  await page.evaluate(() => window.client.signIn());
  const url = new URL(await page.evaluate(() => window.navigated[0]));
  const authorization = Object.fromEntries(url.searchParams);
  const code = realm.canary("code");
  // Of the attacker's own authorization: right in everything but the nonce and the challenge.
  realm.plant(code, { ...authorization, subject: "attacker", nonce: "attackers", code_challenge: "attackers", at: 0 });
  return `${application.page}?${new URLSearchParams({ code, state: authorization.state, iss: realm.issuer })}`;
}

async function nothingCameOfIt(page, realm, status = "signed-out") {
  await sleep(QUIET);
  assert.deepEqual([realm.requests("token").length, realm.requests("userInfo").length], [0, 0]);
  assert.deepEqual(await page.evaluate(() => [window.client.session.status, window.client.session.error?.code, window.troubles]), [status, undefined, []]);
}

/** Opens a page from another one, and answers it; `opener` keeps it as `window.victim`. */
async function opened(opener, url) {
  const popup = opener.waitForEvent("popup");
  await opener.evaluate((address) => void (window.victim = open(address)), url);
  return popup;
}

/** Counts what arrives at a page, so that what is ignored is not what was never delivered. */
const count = (page) => page.evaluate(() => {
  window.arrived = 0;
  addEventListener("message", () => (window.arrived += 1));
});
const arrived = (page, least) => page.waitForFunction((number) => window.arrived >= number, least);

/** Where a message may come from, as the address of the page that sends it. */
const STRANGERS = {
  "I-01 another origin": originOf(HOSTS.evil),
  "I-02 another window of the application's own origin": `${originOf(HOSTS.app)}/accomplice.html`,
  "I-03 an origin that begins like the provider's": originOf(HOSTS.lookalikes[1]),
  "I-03 the provider's host over plain http": `http://${HOSTS.provider}/`,
  "I-04 an origin of null": "data:text/html,<title>nobody</title>",
};

attacks("messages", () => {
  for (const [name, address] of Object.entries(STRANGERS)) {
    test(`${name} sends the right callback in every shape: ignored`, async (t) => {
      const made = lab.realm(realmName(name.slice(0, 4)), OPEN);
      const context = await lab.context(t);
      lab.handlers[HOSTS.app].files.set("/accomplice.html", { body: "<!doctype html><title>accomplice</title>", ...OPEN });
      const stranger = await context.newPage();
      await stranger.goto(address);
      const reported = made.application.next();
      made.application.capture = true;
      const page = await opened(stranger, made.application.page);
      await reported;
      page.said = [];
      const callback = await waiting(page, made);
      await count(page);
      await stranger.evaluate(([shapes, url]) => {
        for (const shape of (0, eval)(shapes)(url)) window.victim.postMessage(shape, "*");
      }, [SHAPES, callback]);
      await arrived(page, 19);
      await nothingCameOfIt(page, made.realm);
      await lab.sweep(page, made.canary, { allow: { globals: ["state", "nonce", "code"] } });
      // The sign-in that was waiting still is: its own callback, by navigation, is taken.
      const finished = made.application.next();
      await page.evaluate(() => void setTimeout(() => location.assign(window.navigated[0])));
      assert.equal((await finished).status, "signed-in");
    });
  }

  test("I-16 large, deep and many messages, with ports: ignored, and the page stays usable", async (t) => {
    const made = lab.realm(realmName("I-16"), OPEN);
    const context = await lab.context(t);
    const stranger = await context.newPage();
    await stranger.goto(originOf(HOSTS.evil));
    const page = await opened(stranger, made.application.page);
    await page.waitForFunction(() => window.loaded);
    page.said = [];
    const callback = await waiting(page, made);
    await count(page);
    await stranger.evaluate((url) => {
      const deep = {};
      let at = deep;
      for (let depth = 0; depth < 1_000; depth += 1) at = at.url = {};
      const { port1, port2 } = new MessageChannel();
      window.victim.postMessage("x".repeat(50_000_000), "*");
      window.victim.postMessage({ url: new Uint8Array(50_000_000) }, "*");
      window.victim.postMessage(deep, "*");
      window.victim.postMessage({ kind: "ready", id: 0, url }, "*", [port1, port2]);
      for (let count = 0; count < 10_000; count += 1) window.victim.postMessage({ url, count }, "*");
    }, callback);
    await arrived(page, 10_004);
    await nothingCameOfIt(page, made.realm);
  });

  test("I-16 the same on the vault's channel, from a page of the origin: no callback comes of it, and the vault lives", async (t) => {
    const made = lab.realm(realmName("I-16"));
    const context = await lab.context(t);
    const page = await lab.page(context);
    await expectSignedIn(lab, page, made);
    const other = await context.newPage();
    await other.goto(`${originOf(HOSTS.app)}/valetkey/types.d.ts`);
    const sent = made.realm.log.length;
    await other.evaluate((origin) => {
      const channel = new BroadcastChannel("valetkey");
      for (const url of [1, null, {}, [], { href: origin }, "", "x", "javascript:alert(1)", `${origin}/?code=x&state=${"A".repeat(5_000_000)}`]) channel.postMessage({ url });
      for (let count = 0; count < 2_000; count += 1) channel.postMessage({ url: `${origin}/?code=x&state=${count}` });
    }, originOf(HOSTS.app));
    const { value } = await page.evaluate(() => window.outcome(() => window.client.userInfo()));
    assert.equal(value?.sub, made.realm.subject);
    assert.equal(made.realm.log.length, sent + 2, "a preflight and UserInfo");
    await lab.sweep(page, made.canary);
  });

  test("I-13 forged callbacks on the vault's channel: what state does not know is ignored, what it knows is judged like any callback", async (t) => {
    const made = lab.realm(realmName("I-13"));
    const context = await lab.context(t);
    const page = await lab.page(context);
    const callback = await waiting(page, made);
    const other = await context.newPage();
    await other.goto(`${originOf(HOSTS.app)}/valetkey/types.d.ts`);
    const say = (url) => other.evaluate((address) => { new BroadcastChannel("valetkey").postMessage({ url: address }); }, url);
    const forged = (changes) => {
      const url = new URL(callback);
      for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
      return url.href;
    };
    await say(forged({ state: "unknown" }));
    await say(forged({}).replace("app.test", "app2.test"));
    await say(forged({}).replace("/?", "/elsewhere?"));
    await nothingCameOfIt(page, made.realm);
    // Whoever knows the state may have the sign-in fail, not succeed as somebody else: the verifier is the vault's.
    await say(forged({}));
    const deadline = Date.now() + 20_000;
    while (made.realm.requests("token").length === 0 && Date.now() < deadline) await sleep(50);
    await sleep(QUIET);
    assert.deepEqual([made.realm.requests("token").length, made.realm.requests("userInfo").length], [1, 0]);
    assert.equal(await page.evaluate(() => window.client.session.status), "signed-out");
    await lab.sweep(page, made.canary, { allow: { globals: ["state", "nonce", "code"] } });
  });

  test("I-13 what a page of the origin hears while the callback page hands its response over: a code that is spent, no verifier, no token, no claim", async (t) => {
    const name = realmName("I-13");
    const made = lab.realm(name, { options: { redirectUri: CALLBACK_PAGE }, signIn: { returnTo: `/${name}/` } });
    const context = await lab.context(t);
    const listener = await context.newPage();
    await listener.goto(`${originOf(HOSTS.app)}/valetkey/types.d.ts`);
    await listener.evaluate(() => {
      window.heard = [];
      new BroadcastChannel("valetkey").onmessage = ({ data }) => window.heard.push(JSON.stringify(data));
    });
    const page = await lab.page(context);
    const report = await lab.attempt(page, made.application);
    assert.equal(report.status, "signed-in", JSON.stringify(report));
    const heard = (await listener.evaluate(() => window.heard)).join("\n");
    const kinds = [...made.canary.all].filter(([secret]) => heard.includes(secret)).map(([, kind]) => kind).sort();
    assert.deepEqual(kinds, ["code", "state"]);
    assert.doesNotMatch(heard, new RegExp(made.realm.subject, "u"));
    assert.equal(made.realm.requests("token").length, 1);
    const code = [...made.canary.all].find(([, kind]) => kind === "code")[0];
    const spent = await listener.evaluate(async ([url, body]) => (await fetch(url, { method: "POST", body: new URLSearchParams(body) })).status, [`${made.realm.issuer}token`, { grant_type: "authorization_code", code, client_id: made.realm.clientId, redirect_uri: CALLBACK_PAGE, code_verifier: "A".repeat(43) }]);
    assert.equal(spent, 400);
    record(t, "I-13", "the static callback page gives its URL to the vault on a BroadcastChannel, which every page of the origin can hear: it learns a code and a state, useless without the verifier; the vault's answer names the place to go to and nobody. A page of the origin could read the callback page's address anyway");
  });

  for (const [where, redirectUri] of Object.entries({ "the static callback page": CALLBACK_PAGE, "the application": undefined })) {
    test(`I-05 a stranger opens the provider with our client in a window of its own and waits: ${where} says nothing to its opener`, async (t) => {
      lab.handlers[HOSTS.app].files.set("/valetkey/callback.html", await openCallbackPage());
      const made = lab.realm(realmName("I-05"), { ...OPEN, options: { ...(redirectUri && { redirectUri }) } });
      const context = await lab.context(t);
      const stranger = await context.newPage();
      await stranger.goto(originOf(HOSTS.evil));
      await stranger.evaluate(() => {
        window.heard = [];
        addEventListener("message", ({ data, origin }) => window.heard.push([origin, JSON.stringify(data)]));
      });
      const request = new URL(`${made.realm.issuer}authorize`);
      request.search = new URLSearchParams({ response_type: "code", client_id: made.realm.clientId, redirect_uri: redirectUri ?? made.application.page, scope: "openid", state: "attackers", nonce: "attackers", code_challenge: "x".repeat(43), code_challenge_method: "S256" });
      const popup = await opened(stranger, request.href);
      await popup.waitForURL((url) => url.host === HOSTS.app);
      await sleep(QUIET);
      assert.deepEqual(await stranger.evaluate(() => window.heard), []);
      assert.equal(made.realm.requests(["token", "userInfo"]).length, 0);
    });
    test(`I-06 a stranger opens our callback with a code of its own: ${where} refuses it and says nothing`, async (t) => {
      lab.handlers[HOSTS.app].files.set("/valetkey/callback.html", await openCallbackPage());
      const made = lab.realm(realmName("I-06"), { ...OPEN, options: { ...(redirectUri && { redirectUri }) } });
      const context = await lab.context(t);
      // The application is open in another tab, so that there is a vault to ask.
      await lab.open(await lab.page(context), made.application);
      const stranger = await context.newPage();
      await stranger.goto(originOf(HOSTS.evil));
      await stranger.evaluate(() => {
        window.heard = [];
        addEventListener("message", ({ data }) => window.heard.push(data));
      });
      const callback = `${redirectUri ?? made.application.page}?${new URLSearchParams({ code: "attackers", state: "attackers", iss: made.realm.issuer })}`;
      const popup = await opened(stranger, callback);
      await popup.waitForLoadState();
      await sleep(QUIET);
      assert.deepEqual(await stranger.evaluate(() => window.heard), []);
      assert.equal(made.realm.requests(["token", "userInfo"]).length, 0);
    });
  }
});

/** The callback page without the policies that come with it here. */
async function openCallbackPage() {
  const { readFile } = await import("node:fs/promises");
  return { body: await readFile(new URL("../../pkg/callback.html", import.meta.url)), headers: OPEN.headers };
}
