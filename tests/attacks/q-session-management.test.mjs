// ATTACKS group Q, session management (OpenID Connect Session Management 1.0): the provider's frame lies, is silent, is
// elsewhere or floods, and strangers speak in its place.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { attacks, realmName } from "../hostile/attack.mjs";
import { until } from "../hostile/flow.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { response } from "../hostile/switches/response.mjs";
import { framePage, providerSession, questions } from "../hostile/switches/session.mjs";
import { FRAMED, frames, OPENER, session, withWindows } from "../hostile/windows.mjs";

const lab = useLab();
const EVIL = originOf(HOSTS.evil);
const HTML = { "content-type": "text/html" };
/** Pages of strangers: one in the frame's place, and one beside it. */
const PAGES = {
  [`${HOSTS.evil} /frame`]: framePage('onmessage = ({ data, source }) => { fetch("/heard", { method: "POST", body: String(data) }); source.postMessage("changed", "*"); }'),
  [`${HOSTS.provider} /speak`]: framePage('setInterval(() => { for (const word of ["changed", "error", "unchanged"]) parent.postMessage(word, "*"); }, 20)'),
};
for (const host of [HOSTS.evil, HOSTS.provider]) {
  const usual = lab.handlers[host];
  lab.handlers[host] = (request) => (PAGES[`${host} ${request.path}`] ? { headers: HTML, body: PAGES[`${host} ${request.path}`] } : usual(request));
}

/** The page asks every second and a half in place of every five. */
const OFTEN = () => {
  const set = window.setTimeout;
  window.setTimeout = (work, millis, ...more) => set(work, millis === 5_000 ? 1_500 : millis, ...more);
  window.events = [];
};
const SILENT = ({ query }) => query.get("prompt") === "none";
const silentSignIns = (realm) => realm.requests("authorize").filter(SILENT).length;
const problems = (page) => page.evaluate(() => window.events.map(({ type, error, reason }) => [type, error?.code ?? reason, error?.detail]).filter(([type]) => type === "error" || type === "signed_out"));

/** Somebody is signed in, and the provider's session is watched. */
async function watching(t, id, { context, page, frame = {}, expected = "signed-in", ...setting } = {}) {
  const provider = providerSession();
  const made = lab.realm(realmName(id), withWindows({ ...setting, base: [provider.base, frame], options: { monitorSession: true, ...setting.options } }));
  const own = context ?? (await lab.context(t));
  const tab = page ?? (await lab.page(own));
  await tab.addInitScript(OFTEN);
  const report = await lab.attempt(tab, made.application);
  assert.equal(report.status, expected, JSON.stringify(report));
  await tab.evaluate(() => void window.client.onEvent((event) => window.events.push(event)));
  return { ...made, provider, context: own, page: tab };
}
const asked = (realm, count) => until(`asked ${count} times`, () => questions(realm).length >= count);

/** The frame is loaded from elsewhere, or is not what it should be. */
const frameAnswer = (change) => ({ checkSessionAnswer: (answer, context) => ({ ...answer, ...change(answer, context) }) });

attacks("session management", () => {
  test("Q-12 strangers answer in the frame's place, from other origins, other windows and none: ignored, and the frame is asked on", async (t) => {
    const context = await lab.context(t);
    const stranger = await context.newPage();
    await stranger.goto(EVIL);
    const opened = stranger.waitForEvent("popup");
    await stranger.evaluate(() => void (window.victim = open("about:blank")));
    const page = await opened;
    page.said = [];
    const { realm, provider, canary } = await watching(t, "Q-12", { context, page, headers: OPENER });
    await asked(realm, 1);
    await page.evaluate(async (providers) => {
      window.arrived = new Set();
      addEventListener("message", ({ origin, source }) => window.arrived.add(`${origin} ${source === window}`));
      // Another frame of the provider's own origin, one without an origin, and one of ours.
      for (const make of [(frame) => (frame.src = providers), (frame) => (frame.sandbox.add("allow-scripts"), (frame.src = providers)), (frame) => (frame.src = "about:blank")]) {
        const frame = document.createElement("iframe");
        frame.className = "stranger";
        make(frame);
        document.body.append(frame);
      }
      document.querySelectorAll("iframe.stranger")[2].contentWindow.setInterval(() => window.postMessage("error", "*"), 20);
    }, `${originOf(HOSTS.provider)}/speak`);
    await stranger.evaluate(() => {
      for (const word of ["changed", "error", "unchanged", { data: "changed" }, ["changed"]]) setInterval(() => window.victim.postMessage(word, "*"), 20);
    });
    for (const who of [`${originOf(HOSTS.provider)} false`, "null false", `${originOf(HOSTS.app)} true`, `${EVIL} false`]) await until(`${who} is heard`, () => page.evaluate((one) => window.arrived.has(one), who));
    const before = questions(realm).length;
    await sleep(QUIET);
    assert.ok(questions(realm).length > before, "the frame is asked on");
    assert.equal(silentSignIns(realm), 0);
    assert.deepEqual([(await session(page)).status, await problems(page)], ["signed-in", []]);
    // The twin: the frame itself says so.
    provider.ended = true;
    provider.state = "state-2";
    await until("signed out", async () => (await session(page)).status === "signed-out");
    assert.equal((await session(page)).reason, "provider_session_changed");
    await lab.sweep(page, canary, { allow: FRAMED });
  });

  test("Q-13 a frame that always says changed: two silent sign-ins, then it is given up and said so", async (t) => {
    const { realm, page, canary } = await watching(t, "Q-13", { frame: { sessionPage: () => framePage('onmessage = ({ source, origin }) => source.postMessage("changed", origin)') } });
    await until("given up", async () => (await problems(page)).length > 0);
    await sleep(QUIET);
    assert.deepEqual(await problems(page), [["error", "session_monitoring_unavailable", "changed, and is the same"]]);
    assert.equal(silentSignIns(realm), 2);
    assert.deepEqual([(await session(page)).status, await frames(page)], ["signed-in", 0]);
    await lab.sweep(page, canary, { allow: FRAMED });
  });

  test("Q-14 a frame that says error: no silent sign-in, and it is not asked again", async (t) => {
    const { realm, page } = await watching(t, "Q-14", { frame: { sessionPage: () => framePage('onmessage = async ({ source, origin }) => { await fetch("session-state?asked=x"); source.postMessage("error", origin); }') } });
    await asked(realm, 1);
    await sleep(QUIET);
    assert.deepEqual([questions(realm).length, silentSignIns(realm), await frames(page), (await session(page)).status, await problems(page)], [1, 0, 0, "signed-in", []]);
  });

  test("Q-15 the provider's session has changed: nobody there, or somebody else, is signed out; the same user goes on", async (t) => {
    await Promise.all([
      ["nobody", ({ provider }) => void (provider.ended = true), ["signed-out", "provider_session_changed"]],
      ["somebody else", ({ realm }) => void (realm.subject = "somebody-else"), ["signed-out", "provider_session_changed"]],
      ["the same user", () => {}, ["signed-in", undefined]],
    ].map(async ([who, change, expected]) => {
      const staged = await watching(t, "Q-15");
      const { realm, provider, page, application, canary } = staged;
      await asked(realm, 1);
      assert.deepEqual(questions(realm)[0], { asked: `${realm.clientId} state-1`, by: originOf(HOSTS.app) });
      change(staged);
      provider.state = "state-2";
      await until(`${who}: a silent sign-in`, () => silentSignIns(realm) === 1);
      if (who === "the same user") await until("asked of the new state", () => questions(realm).at(-1).asked === `${realm.clientId} state-2`);
      else await until("signed out", async () => (await session(page)).status === "signed-out");
      const { status, reason } = await session(page);
      assert.deepEqual([status, reason], expected, who);
      const count = questions(realm).length;
      await sleep(QUIET);
      assert.deepEqual([silentSignIns(realm), realm.requests("endSession").length], [1, 0], who);
      if (status === "signed-out") {
        assert.equal(questions(realm).length, count, "nobody is watched any more");
        const report = await lab.open(page, application);
        assert.deepEqual([report.status, report.restoreFailure], ["signed-out", undefined], who);
      }
      await lab.sweep(page, canary, { allow: FRAMED });
    }));
  });

  test("Q-15 the tab that asks is hidden and another one is shown: it is that one which asks, and one at a time", async (t) => {
    const { realm, provider, page, context, application } = await watching(t, "Q-15");
    await asked(realm, 1);
    const other = await lab.page(context);
    await other.addInitScript(OFTEN);
    await lab.open(other, application);
    assert.deepEqual([await frames(page), await frames(other)], [1, 0]);
    const show = (tab, state) => tab.evaluate((value) => {
      Object.defineProperty(document, "visibilityState", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
    await show(page, "hidden");
    await until("the other one asks", async () => (await frames(page)) === 0 && (await frames(other)) === 1);
    await show(other, "hidden");
    await until("none asks", async () => (await frames(other)) === 0);
    const count = questions(realm).length;
    await sleep(2_000);
    assert.equal(questions(realm).length, count);
    provider.ended = true;
    provider.state = "state-2";
    await show(page, "visible");
    for (const tab of [page, other]) await until("signed out", async () => (await session(tab)).status === "signed-out");
  });

  const ELSEWHERE = {
    "redirected to a stranger": frameAnswer(() => ({ status: 302, headers: { location: `${EVIL}/frame` }, body: "" })),
    "not there": frameAnswer(() => ({ status: 404, body: "nothing" })),
    "never there": frameAnswer(() => ({ hang: true })),
    "silent": { sessionPage: () => framePage("") },
    "saying other things": { sessionPage: () => framePage('onmessage = ({ source, origin }) => { for (const word of ["Changed", "changed ", "CHANGED", {}, ["changed"], null, "sign out"]) source.postMessage(word, origin); }') },
    "not to be framed": frameAnswer((answer) => ({ headers: { ...answer.headers, "x-frame-options": "DENY" } })),
  };
  for (const [how, frame] of Object.entries(ELSEWHERE)) {
    test(`Q-16 the provider's frame is ${how}: nobody else hears the question, and it is given up`, async (t) => {
      const { realm, page, canary } = await watching(t, "Q-16", { frame });
      await until("given up", async () => (await problems(page)).length > 0, 30_000);
      assert.deepEqual(await problems(page), [["error", "session_monitoring_unavailable", "no answer"]]);
      assert.deepEqual([silentSignIns(realm), await frames(page), (await session(page)).status], [0, 0, "signed-in"]);
      assert.deepEqual(lab.network.log.filter(({ path }) => path === "/heard").map(({ body }) => body), []);
      // The browser itself writes of what it did not deliver, with the two origins.
      await lab.sweep(page, canary, { allow: FRAMED });
    });
  }

  test("Q-17 a session_state that is none, missing, huge or markup: signed in all the same, and asked only what the protocol allows", async (t) => {
    await Promise.all([["a space", "a b"], ["missing", undefined], ["empty", ""], ["two thousand characters", "x".repeat(2_000)], ["line breaks", "a\r\nb"], ["a NUL", "a\0b"], ["no ASCII", "é"], ["markup", "<img/src=x>", "<img/src=x>"]].map(async ([name, value, question]) => {
      const provider = providerSession();
      const made = lab.realm(realmName("Q-17"), withWindows({ options: { monitorSession: true }, base: [provider.base, response({ session_state: value })] }));
      const page = await lab.page(await lab.context(t));
      await page.addInitScript(OFTEN);
      const report = await lab.attempt(page, made.application);
      assert.deepEqual([report.status, report.error, report.sessionState, report.troubles], ["signed-in", undefined, question, []], name);
      if (question) await until("asked", () => questions(made.realm).length > 0);
      else await sleep(2_500);
      assert.deepEqual([...new Set(questions(made.realm).map(({ asked: text }) => text))], question ? [`spa ${question}`] : [], name);
      assert.equal(await page.evaluate(() => document.querySelectorAll("img").length), 0);
    }));
  });

  test("Q-18 the provider's frame floods the page: one question at a time, no storm, and the page stays usable", async (t) => {
    const { realm, page } = await watching(t, "Q-18", {
      frame: { sessionPage: () => framePage('onmessage = ({ source, origin }) => { fetch("session-state?asked=x"); for (let count = 0; count < 20_000; count += 1) source.postMessage(count % 2 ? "unchanged" : { count }, origin); }') },
    });
    await asked(realm, 1);
    const before = Date.now();
    await sleep(QUIET);
    assert.ok((await page.evaluate(() => window.client.userInfo())).sub === realm.subject);
    const most = 2 + (Date.now() - before) / 1_500;
    assert.ok(questions(realm).length <= most, `${questions(realm).length} questions`);
    assert.deepEqual([silentSignIns(realm), (await session(page)).status, await problems(page)], [0, "signed-in", []]);
  });
});
