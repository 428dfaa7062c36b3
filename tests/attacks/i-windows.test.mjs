// ATTACKS group I, windows and frames that the library opens: they go elsewhere, are cut off, never come back, come back in
// another order, or are reached for by strangers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { attacks, realmName } from "../hostile/attack.mjs";
import { callbackFor, gate, until } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { redirect, response } from "../hostile/switches/response.mjs";
import { nobody } from "../hostile/switches/session.mjs";
import { CALLBACK_PAGE, clickPopup, FRAMED, frames, FRAMING, lookAt, OPENER, session, silently, withWindows } from "../hostile/windows.mjs";

const lab = useLab();
const EVIL = originOf(HOSTS.evil);
/** The provider shows a page with this script in place of an answer. */
const shows = (script) => ({
  authorizeAnswer({ headers: { location: _, ...headers } }) {
    return { headers: { ...headers, "content-type": "text/html" }, body: `<!doctype html><body><script>${script}</script>` };
  },
});

/** The application with windows, open in a browser of its own. */
async function open(t, id, setting) {
  const made = lab.realm(realmName(id), withWindows(setting));
  const context = await lab.context(t);
  const page = await lab.page(context);
  await lab.open(page, made.application);
  return { ...made, context, page };
}

/** The twin: the same page signs in by popup, and in a frame. */
async function expectWindowsWork({ page, realm, canary, allow }, modes = ["popup", "silent"]) {
  realm.set();
  for (const mode of modes) {
    const outcome = mode === "popup" ? await (await clickPopup(page)).outcome : await silently(page);
    assert.deepEqual(outcome, {}, mode);
    const { status, claims } = await session(page);
    assert.deepEqual([status, claims?.sub], ["signed-in", realm.subject], mode);
    assert.equal(await frames(page), 0);
  }
  assert.deepEqual(await page.evaluate(() => window.troubles), []);
  await lab.sweep(page, canary, { allow: { ...FRAMED, storage: ["state", "nonce"], ...allow } });
}

attacks("windows", () => {
  test("I-07 the popup is sent to a stranger, who says everything to everybody: nothing comes of it, and it is still waited for", async (t) => {
    const staged = await open(t, "I-07", { headers: OPENER });
    const { page, realm } = staged;
    realm.set({ redirect: (url) => `${EVIL}/?${new URL(url).searchParams}` });
    const { popup, outcome } = await clickPopup(page);
    await popup.waitForURL((url) => url.host === HOSTS.evil);
    // The code is the stranger's: it came there in the URL. What the sign-in waits for, it does not get.
    assert.equal(await popup.evaluate((callback) => {
      const url = callback + location.search;
      const shapes = [url, { url }, { type: "authorization_response", response: Object.fromEntries(new URLSearchParams(location.search)) }, { answers: url, location: "/x", mode: "popup" }];
      for (const shape of shapes) {
        for (const target of [window.opener, window.parent, window.top]) target?.postMessage(shape, "*");
        new BroadcastChannel("valetkey").postMessage(shape);
      }
      return window.opener;
    }, CALLBACK_PAGE), null);
    await sleep(QUIET);
    assert.equal(realm.requests(["token", "userInfo"]).length, 0);
    assert.equal((await session(page)).status, "signed-out");
    assert.equal(await Promise.race([outcome, "waits"]), "waits");
    await popup.close();
    await lookAt(page);
    assert.equal((await outcome).error?.code, "popup_closed");
    assert.equal(await page.evaluate(() => location.href), staged.application.page);
    // What the stranger was sent it has; what the twin makes it has not.
    const before = new Set(staged.canary.all.keys());
    await expectWindowsWork({ ...staged, canary: { get all() { return new Map([...staged.canary.all].filter(([secret]) => !before.has(secret))); } } });
  });

  test("I-08 the popup is closed: popup_closed, and no timer is left; it is blocked: popup_blocked, and nothing was begun", async (t) => {
    const made = lab.realm(realmName("I-08"), withWindows());
    const page = await lab.page(await lab.context(t));
    await page.addInitScript(() => {
      window.timers = new Set();
      const { setInterval: set, clearInterval: clear } = window;
      window.setInterval = (...given) => (window.timers.add(set(...given)), [...window.timers].at(-1));
      window.clearInterval = (timer) => (window.timers.delete(timer), clear(timer));
    });
    await lab.open(page, made.application);
    const held = gate();
    made.realm.set({ authorizeAnswer: (answer) => held.pass(answer) });
    const { popup, outcome } = await clickPopup(page);
    await until("the popup is at the provider", () => made.realm.requests("authorize").length === 1);
    await popup.close();
    await sleep(2_000);
    assert.equal(await Promise.race([outcome, "waits"]), "waits", "whoever is not back has not closed it");
    await lookAt(page);
    assert.equal((await outcome).error?.code, "popup_closed");
    held.open();
    assert.equal(await page.evaluate(() => window.timers.size), 0);
    for (const blocked of ["() => null", "() => undefined"]) {
      const { error } = await page.evaluate((text) => {
        const { open } = window;
        window.open = (0, eval)(text);
        return window.outcome(() => window.client.signIn({ mode: "popup" })).finally(() => (window.open = open));
      }, blocked).catch((refused) => ({ error: refused }));
      assert.equal(error?.code, "popup_blocked");
    }
    assert.equal(made.realm.requests(["authorize", "token"]).length, 1);
    assert.equal((await session(page)).status, "signed-out");
    await page.evaluate(() => void (window.attention = false));
    await expectWindowsWork({ ...made, page }, ["popup"]);
    assert.equal(await page.evaluate(() => window.timers.size), 0);
  });

  test("I-09 a policy of the provider, of the page, or of both cuts the popup off: it is not taken for closed, and signs in", async (t) => {
    await Promise.all([["same-origin", "unsafe-none"], ["unsafe-none", "same-origin"], ["same-origin", "same-origin"], ["same-origin-allow-popups", "same-origin-allow-popups"]].map(async ([provider, application]) => {
      const staged = await open(t, "I-09", { headers: { "cross-origin-opener-policy": application } });
      const { page, realm } = staged;
      const cut = { authorizeAnswer: (answer) => ({ ...answer, headers: { ...answer.headers, "cross-origin-opener-policy": provider } }) };
      const held = gate();
      realm.set(cut, { authorizeAnswer: (answer, { request }) => (request.query.has("continue") ? held.pass(answer) : { ...answer, status: 200, headers: { ...answer.headers, "content-type": "text/html" }, body: "<!doctype html><title>login</title>" }) });
      const { popup, outcome } = await clickPopup(page);
      await popup.waitForFunction(() => document.title === "login");
      await sleep(2_500);
      assert.equal(await Promise.race([outcome, "waits"]), "waits", `${provider}, ${application}`);
      held.open();
      await popup.evaluate(() => void setTimeout(() => location.assign(`${location.href}&continue=1`)));
      assert.deepEqual(await outcome, {}, `${provider}, ${application}`);
      assert.equal((await session(page)).claims.sub, realm.subject);
      if (!popup.isClosed()) await popup.waitForEvent("close");
    }));
  });

  test("I-10 the popup never comes back: the application gives up, a callback that is late is refused, and the next one signs in", async (t) => {
    const staged = await open(t, "I-10", { headers: OPENER });
    const { page, realm, context } = staged;
    realm.set({ authorizeAnswer: (answer) => ({ ...answer, hang: true }) });
    const opened = context.waitForEvent("page");
    await page.evaluate(() => {
      window.giveUp = new AbortController();
      window.given = window.outcome(() => window.client.signIn({ mode: "popup", signal: window.giveUp.signal }));
    });
    const popup = await opened;
    await until("the popup is at the provider", () => realm.requests("authorize").length === 1);
    const { error } = await page.evaluate(() => (window.giveUp.abort(new Error("long enough")), window.given));
    assert.equal(error.message, "long enough");
    if (!popup.isClosed()) await popup.waitForEvent("close");
    realm.set();
    const late = await callbackFor(realm, realm.requests("authorize")[0].url);
    const window = await lab.page(context);
    await window.goto(late.href);
    await sleep(QUIET);
    assert.equal(realm.requests(["token", "userInfo"]).length, 0);
    assert.equal((await session(page)).status, "signed-out");
    await lab.sweep(page, staged.canary);
    await window.close();
    await expectWindowsWork(staged);
  });

  test("I-11 two popups and two frames at once, answered in another order, some refused: each is told its own outcome", async (t) => {
    const staged = await open(t, "I-11");
    const { page, realm } = staged;
    const held = [gate(), gate(), gate(), gate()];
    let count = 0;
    const refusals = { 1: { code: undefined, error: "access_denied" }, 2: { code: undefined, error: "login_required" } };
    realm.set({
      response(honest, context) {
        context.authorization.number = count++;
        return response(refusals[context.authorization.number] ?? {}).response(honest, context);
      },
      authorizeAnswer: (answer) => held[count - 1].pass(answer),
    });
    const outcomes = [];
    for (const start of [() => clickPopup(page), () => clickPopup(page), () => ({ outcome: silently(page) }), () => ({ outcome: silently(page) })]) {
      const before = count;
      outcomes.push((await start()).outcome);
      await until("it is at the provider", () => count === before + 1);
    }
    const waiting = new Set([0, 1, 2, 3]);
    for (const number of [3, 1, 2, 0]) {
      held[number].open();
      const { error } = await outcomes[number];
      assert.equal(error?.code, refusals[number]?.error, `${number}`);
      waiting.delete(number);
      for (const other of waiting) assert.equal(await Promise.race([outcomes[other], "waits"]), "waits", `${other}`);
    }
    assert.equal(realm.requests("token").length, 2, "one for each code");
    assert.equal(await frames(page), 0);
    await expectWindowsWork(staged);
  });

  test("I-11 the callbacks of a popup and of a frame, exchanged: each is judged by its own state", async (t) => {
    const staged = await open(t, "I-11");
    const { page, realm } = staged;
    const [first, second] = [gate(), gate()];
    const urls = [];
    realm.set({ redirect: (url) => (urls.push(url), url), authorizeAnswer: async (answer) => {
      const other = urls.length === 1 ? second : first;
      return other.pass().then(() => ({ ...answer, headers: { ...answer.headers, location: urls[answer.headers.location === urls[0] ? 1 : 0] } }));
    } });
    const { outcome } = await clickPopup(page);
    await until("the popup is there", () => urls.length === 1);
    const silent = silently(page);
    await until("the frame is there", () => urls.length === 2);
    first.open();
    second.open();
    assert.deepEqual(await Promise.all([outcome, silent]), [{}, {}]);
    assert.equal(realm.requests("token").length, 2);
    assert.equal((await session(page)).claims.sub, realm.subject);
    await expectWindowsWork(staged);
  });

  test("I-12 the provider's page in the popup reaches for the page that opened it: there is none to reach for", async (t) => {
    const found = [];
    for (const [who, headers] of Object.entries({ "without a policy": OPENER, "with same-origin-allow-popups": { "cross-origin-opener-policy": "same-origin-allow-popups" } })) {
      const staged = await open(t, "I-12", { headers });
      const { page, realm } = staged;
      realm.set(shows(`document.title = String(window.opener); try { opener.location = "${EVIL}/tabnabbed"; } catch {} try { open("${EVIL}/tabnabbed", "opener"); } catch {}`));
      const { popup, outcome } = await clickPopup(page);
      await popup.waitForFunction(() => document.title !== "");
      found.push(`${who}: opener is ${await popup.title()}`);
      await sleep(1_000);
      assert.equal(page.url(), staged.application.page);
      for (const each of staged.context.pages()) if (each !== page) await each.close();
      await lookAt(page);
      assert.equal((await outcome).error?.code, "popup_closed");
      await page.evaluate(() => void (window.attention = false));
      await expectWindowsWork(staged, ["popup"]);
    }
    assert.deepEqual(found.map((each) => each.slice(-4)), ["null", "null"]);
    record(t, "I-12", "the popup's opener is taken away before it goes to the provider, and its name is empty; the callback page speaks to the vault on a channel, and needs no opener");
  });

  const BUSTERS = {
    "top.location": `top.location = "${EVIL}/busted"`,
    "parent.location.replace": `parent.location.replace("${EVIL}/busted")`,
    "open(_top)": `open("${EVIL}/busted", "_top")`,
    "a link": `document.body.append(Object.assign(document.createElement("a"), { href: "${EVIL}/busted", target: "_top" })); document.querySelector("a").click()`,
    "a form": `document.body.append(Object.assign(document.createElement("form"), { action: "${EVIL}/busted", target: "_parent" })); document.forms[0].submit()`,
    "a window": `open("${EVIL}/busted", "_blank"); document.title = "tried"`,
  };
  test(`I-14 the provider's page in the hidden frame navigates the page, ${Object.keys(BUSTERS).length} ways: silent_blocked, and the page stays`, async (t) => {
    const staged = await open(t, "I-14");
    const { page, realm, context, application } = staged;
    const scripts = Object.values(BUSTERS).map(shows);
    realm.set({ authorizeAnswer: (answer) => scripts.pop().authorizeAnswer(answer) });
    const outcomes = await Promise.all(Object.keys(BUSTERS).map(() => silently(page)));
    assert.deepEqual([...new Set(outcomes.map(({ error }) => error?.code))], ["silent_blocked"]);
    assert.equal(scripts.length, 0);
    assert.equal(page.url(), application.page);
    assert.equal(context.pages().length, 1);
    assert.equal(await frames(page), 0);
    assert.equal(lab.network.log.filter(({ path }) => path === "/busted").length, 0);
    // The browser itself writes of the attempt, with the frame's address.
    await expectWindowsWork({ ...staged, allow: { console: ["state", "nonce"] } });
  });

  test("I-14 the same with a click, which makes the browser let it: silent_blocked, and the page stays", async (t) => {
    const staged = await open(t, "I-14");
    const { page, realm, application, context } = staged;
    realm.set(shows('document.title = "shown"'));
    const outcome = silently(page);
    await until("the frame is there", () => page.frames().length === 2);
    const frame = page.frames()[1];
    await frame.waitForFunction(() => document.title === "shown");
    const debug = await context.newCDPSession(frame);
    const { result } = await debug.send("Runtime.evaluate", { expression: `try { top.location = "${EVIL}/busted"; } catch {} navigator.userActivation.isActive`, userGesture: true, returnByValue: true });
    assert.equal(result.value, true);
    assert.equal((await outcome).error?.code, "silent_blocked");
    assert.equal(page.url(), application.page);
    await expectWindowsWork({ ...staged, allow: { console: ["state", "nonce"] } });
  });

  test("I-15 the provider's cookies are blocked in frames: login_required once, and no frame is left after thirty attempts", async (t) => {
    const browser = await lab.launch(["--test-third-party-cookie-phaseout"]);
    t.after(() => browser.close());
    const login = {
      authorizeAnswer(answer, { request }) {
        const known = /(?:^|; )op=ada/u.test(request.headers.cookie ?? "");
        if (request.query.get("prompt") !== "none") return { ...answer, headers: { ...answer.headers, "set-cookie": "op=ada; Secure; SameSite=None; Path=/" } };
        if (known) return answer;
        const location = new URL(answer.headers.location);
        location.searchParams.delete("code");
        location.searchParams.set("error", "login_required");
        return { ...answer, headers: { ...answer.headers, location: location.href } };
      },
    };
    const lost = async (endpoint) => {
      const made = lab.realm(realmName("I-15"), withWindows({ options: { isolation: "worker" }, base: [login, endpoint], headers: { "content-security-policy": FRAMING["content-security-policy"].replace("frame-src", "frame-src https://op.app.test") } }));
      lab.handlers["op.app.test"] = (request) => made.realm.handle(request);
      const page = await lab.page(await lab.context(t, { browser }));
      assert.equal((await lab.attempt(page, made.application)).status, "signed-in");
      await page.waitForFunction(() => localStorage.length > 0);
      // The vault of the tab is gone with its page: what there is is the frame.
      return { ...made, page, report: await lab.open(page, made.application) };
    };
    const ofTheSite = await lost({ metadata: (honest, { realm }) => ({ ...honest, authorization_endpoint: `https://op.app.test/${realm.name}/authorize` }) });
    assert.equal(ofTheSite.report.restoredBy, "silent", JSON.stringify(ofTheSite.report));
    const { page, report, ...made } = await lost({});
    assert.deepEqual([report.status, report.restoreFailure], ["signed-out", { by: "silent", code: "login_required" }]);
    const asked = made.realm.requests("authorize").length;
    for (let again = 0; again < 3; again += 1) assert.equal((await lab.open(page, made.application)).restoreFailure, undefined);
    await sleep(QUIET);
    assert.equal(made.realm.requests("authorize").length, asked, "whom the provider does not know it is not asked for again");
    const codes = await page.evaluate(async () => {
      const codes = [];
      for (let attempt = 0; attempt < 30; attempt += 1) codes.push((await window.outcome(() => window.client.signIn({ mode: "silent" }))).error?.code);
      return [...new Set(codes)];
    });
    assert.deepEqual(codes, ["login_required"]);
    assert.equal(await frames(page), 0);
    assert.deepEqual(await page.evaluate(() => window.troubles), []);
    await lab.sweep(page, made.canary, { allow: FRAMED });
  });

  test("I-19 a stranger who opened the application reaches for its popup and its frame by names and by number: it gets neither", async (t) => {
    const made = lab.realm(realmName("I-19"), withWindows({ headers: OPENER }));
    const context = await lab.context(t);
    const stranger = await context.newPage();
    await stranger.goto(EVIL);
    const reported = made.application.next();
    const opened = stranger.waitForEvent("popup");
    await stranger.evaluate((url) => void (window.victim = open(url)), made.application.page);
    const page = await opened;
    page.said = [];
    await reported;
    const { realm } = made;
    const held = [gate(), gate()];
    let count = 0;
    realm.set({ authorizeAnswer: (answer) => held[count++].pass(answer) });
    const { popup, outcome } = await clickPopup(page);
    await until("the popup is at the provider", () => count === 1);
    const silent = silently(page);
    await until("the frame is at the provider", () => count === 2);
    const pages = context.pages().length;
    assert.deepEqual(await stranger.evaluate((evil) => {
      const reached = [];
      for (const name of ["oidc", "oidc-popup", "popup", "valetkey", "login", "signin", "sign-in", "Sign-in", "authorize", "auth0:authorize:popup", "oidc-silent"]) {
        const target = open("", name);
        // An empty window of its own is nobody's.
        if (target && target.location.href !== "about:blank") reached.push(name);
        target?.close();
      }
      for (const reach of [() => void (window.victim[0].location = `${evil}/taken`), () => void window.victim[0].location.replace(`${evil}/taken`), () => window.victim[0].document, () => window.victim[0].frameElement]) {
        try {
          if (reach() !== null) reached.push(String(reach));
        } catch {
          // Not for it.
        }
      }
      return reached.filter((each) => !each.includes("location"));
    }, EVIL), []);
    await sleep(500);
    for (const each of context.pages().slice(pages)) await each.close();
    for (const each of held) each.open();
    assert.deepEqual(await Promise.all([outcome, silent]), [{}, {}]);
    assert.equal(lab.network.log.filter(({ path }) => path === "/taken").length, 0);
    if (!popup.isClosed()) await popup.waitForEvent("close");
    assert.equal((await session(page)).claims.sub, realm.subject);
    await expectWindowsWork({ ...made, page });
  });

  test("M-06 the mark that somebody was signed in, changed by a script: at most one silent sign-in, and never a session of somebody's own making", async (t) => {
    const made = lab.realm(realmName("M-06"), withWindows({ options: { isolation: "worker" }, base: [nobody] }));
    const page = await lab.page(await lab.context(t));
    const key = `valetkey ${made.realm.clientId} ${made.realm.issuer}`;
    const marked = async (value) => {
      await lab.open(page, made.application);
      await page.evaluate(([name, text]) => localStorage.setItem(name, text), [key, value]);
      const before = made.realm.requests("authorize").length;
      const report = await lab.open(page, made.application);
      assert.deepEqual([report.status, report.error, report.troubles], ["signed-out", undefined, []], value);
      return [made.realm.requests("authorize").length - before, report.restoreFailure?.code];
    };
    // No mark: what is not a number of failures, and perhaps a word after it.
    const none = ["x", "NaN", "-1", "__proto__", "{\"status\":\"signed-in\"}", "-Infinity", "<b>", "", "0.5", " 2 ", "1e9", "Infinity", "0x10", "1 2 3", "1 <b>"];
    for (const value of none) assert.deepEqual(await marked(value), [0, undefined], value);
    for (const value of ["3", "3 timed_out", "999999999999999999999"]) assert.deepEqual(await marked(value), [0, "restore_suspended"], value);
    for (const value of ["0", "1", "1 2"]) assert.deepEqual(await marked(value), [1, "login_required"], value);
    await lab.sweep(page, made.canary, { allow: FRAMED });
  });
});
