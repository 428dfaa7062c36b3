// ATTACKS group I, frames: the application and its callback page within pages of other origins.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";

// The driver switches partitioned storage off, in a list of which the last one given counts; without, a frame has none.
const lab = useLab({ flags: ["--disable-features=HttpsUpgrades"] });
/** What an application that forgot `frame-ancestors` sends. */
const FRAMEABLE = { headers: { "content-security-policy": "" } };

/** A page that frames an address, in as many frames as origins are given, the outermost first. */
async function framing(context, origins, address) {
  const page = await context.newPage();
  await page.goto(origins[0]);
  let frame = page.mainFrame();
  for (const url of [...origins.slice(1), address]) {
    const attached = page.waitForEvent("frameattached");
    await frame.evaluate((src) => { document.body.append(Object.assign(document.createElement("iframe"), { src })); }, url);
    frame = await attached;
    await frame.waitForURL((at) => at.href !== "about:blank");
    await frame.waitForLoadState();
  }
  return page;
}

/** A page of the application's own origin that may frame anything. */
function serveOwnPage() {
  lab.handlers[HOSTS.app].files.set("/frames.html", { body: "<!doctype html><title>frames</title><body></body>", headers: { "content-security-policy": "" , "cross-origin-embedder-policy": "unsafe-none" } });
  return `${originOf(HOSTS.app)}/frames.html`;
}

const ANCESTORS = {
  "another origin": [originOf(HOSTS.evil)],
  "an origin that begins like ours": [originOf(HOSTS.lookalikes[0])],
  "another origin, within a page of ours": () => [serveOwnPage(), originOf(HOSTS.evil)],
  "a page of ours, within another origin": () => [originOf(HOSTS.evil), serveOwnPage()],
};

attacks("frames", () => {
  for (const [who, origins] of Object.entries(ANCESTORS)) {
    test(`I-17 the application is framed by ${who}, and clicked into signing in: framed_by_stranger`, async (t) => {
      const made = lab.realm(realmName("I-17"), FRAMEABLE);
      const context = await lab.context(t);
      const reported = made.application.next();
      await framing(context, typeof origins === "function" ? origins() : origins, `${made.application.page}?start`);
      const report = await reported;
      assert.deepEqual([report.phase, report.error?.code], ["signIn", "framed_by_stranger"], JSON.stringify(report));
      assert.ok(report.error.hint.includes("frame-ancestors"), "the hint says what helps");
      await sleep(QUIET);
      assert.equal(made.realm.requests(["authorize", "token"]).length, 0);
      await expectSignedIn(lab, await lab.page(context), made);
    });
  }
  test("I-17 framed by another origin that the application allows: signed in", async (t) => {
    const made = lab.realm(realmName("I-17"), { ...FRAMEABLE, options: { dangerAllowFraming: true } });
    const reported = made.application.next();
    await framing(await lab.context(t), [originOf(HOSTS.evil)], `${made.application.page}?start`);
    assert.equal((await reported).status, "signed-in");
  });
  test("I-17 framed by a page of its own origin: signed in", async (t) => {
    const made = lab.realm(realmName("I-17"), FRAMEABLE);
    const reported = made.application.next();
    await framing(await lab.context(t), [serveOwnPage()], `${made.application.page}?start`);
    assert.equal((await reported).status, "signed-in");
    record(t, "I-17", "signIn() is refused below a page of another origin, at whatever depth, unless dangerAllowFraming says otherwise; the header frame-ancestors keeps the rest of the application from being framed");
  });

  test("I-18 the callback page is framed by another origin with the attacker's code: it does nothing", async (t) => {
    lab.handlers[HOSTS.app].files.set("/valetkey/callback.html", { body: await readFile(new URL("../../pkg/callback.html", import.meta.url)), headers: FRAMEABLE.headers });
    const callback = `${originOf(HOSTS.app)}/valetkey/callback.html`;
    const made = lab.realm(realmName("I-18"), { options: { redirectUri: callback } });
    const context = await lab.context(t);
    await lab.open(await lab.page(context), made.application);
    // Where it would speak it is heard: in the same frame, of the same partition.
    const page = await framing(context, [originOf(HOSTS.evil)], serveOwnPage());
    await page.frames()[1].evaluate(() => {
      window.heard = [];
      new BroadcastChannel("valetkey").onmessage = ({ data }) => window.heard.push(data);
    });
    await page.evaluate(() => {
      window.heard = [];
      addEventListener("message", ({ data }) => window.heard.push(data));
    });
    const attached = page.waitForEvent("frameattached");
    await page.evaluate((src) => { document.body.append(Object.assign(document.createElement("iframe"), { src })); }, `${callback}?code=attackers&state=vk_attackers&iss=${encodeURIComponent(made.realm.issuer)}`);
    const frame = await attached;
    await frame.getByText("could not be finished").waitFor();
    await sleep(QUIET);
    assert.deepEqual(await page.frames()[1].evaluate(() => window.heard), []);
    assert.deepEqual(await page.evaluate(() => window.heard), []);
    assert.equal(frame.url(), callback, "nothing of the response stays in the address");
    assert.equal(made.realm.requests(["token", "userInfo"]).length, 0);
  });

  test("I-20 the whole application in a frame and in a window of its own: one vault, no second sign-in, no frame in the frame", async (t) => {
    const made = lab.realm(realmName("I-20"), { ...FRAMEABLE, base: [{ tokens: (all) => ({ ...all, expires_in: 0 }) }] });
    const context = await lab.context(t);
    const page = await lab.page(context);
    await expectSignedIn(lab, page, made);
    const sent = (endpoint) => made.realm.requests(endpoint).length;
    const [authorized, redeemed] = [sent("authorize"), sent("token")];
    const framed = made.application.next();
    const outer = await framing(context, [serveOwnPage()], made.application.page);
    assert.equal((await framed).status, "signed-in");
    const popup = made.application.next();
    await outer.evaluate((url) => void open(url), made.application.page);
    assert.equal((await popup).status, "signed-in");
    await sleep(QUIET);
    // Each asked UserInfo, and so had the token renewed, which lives for no time here.
    assert.deepEqual([sent("authorize") - authorized, sent("token") - redeemed], [0, 2]);
    for (const each of context.pages()) {
      for (const frame of each.frames()) assert.equal(await frame.evaluate(() => [location.pathname, document.querySelectorAll("iframe, frame, object, embed").length][1] - (location.pathname === "/frames.html" ? 1 : 0)), 0);
    }
    assert.equal(context.pages().length, 3, "no window that nobody opened");
    await lab.sweep(page, made.canary);
  });
});
