// ATTACKS group A, the callback: answers that nobody asked for, or that are another's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attacks, expectSignedIn } from "../hostile/attack.mjs";
import { altered, begin, callbackFor, expectRefused, forged, fragment, inFlight, ISOLATIONS, stage, withParameters } from "../hostile/flow.mjs";
import { useLab } from "../hostile/lab.mjs";
import { storageOf, transactionsIn } from "../support/storage.mjs";

const lab = useLab();

const withState = (change) => ({ callback, state }) => withParameters(callback, { state: change(state) });
const swapCase = (text) => text.replace(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));
/** The same client's tag, whatever comes after it. */
const tagged = (state, rest) => state.slice(0, 11) + rest.padEnd(43, "A");

attacks("callback", () => {
  test("A-01 an attacker's own valid callback in a browser that asked for nothing: state_unknown", async (t) => {
    const attacker = await stage(lab, t, "A-01");
    const { callback } = await inFlight(attacker);
    const page = await lab.page(await lab.context(t));
    const victim = { ...attacker, page };
    await expectRefused(lab, victim, callback.href, "state_unknown");
    assert.deepEqual(transactionsIn(await storageOf(page)), []);
    assert.equal(attacker.realm.requests("authorize").length, 1, "no sign-in is started in answer to it");
    await lab.sweep(page, attacker.canary);
    const report = await lab.open(attacker.page, attacker.application, callback.href);
    assert.equal(report.status, "signed-in", "the attacker's own browser can use it");
  });

  // RFC 9700 §4.7: also in the form of somebody else's library, where it is not even looked at.
  test("A-01 a code and a state of no form of ours, in a browser that asked for nothing: left alone", async (t) => {
    const staged = await stage(lab, t, "A-01");
    await expectRefused(lab, staged, "?code=ATK&state=ATK&iss=https%3A%2F%2Fop.test", undefined);
    assert.deepEqual(transactionsIn(await storageOf(staged.page)), []);
    staged.application.capture = false;
    await expectSignedIn(lab, staged.page, staged);
  });

  forged(lab, "A-02", "the state dropped while a sign-in waits", ({ callback }) => withParameters(callback, { state: undefined }), "state_missing");
  forged(lab, "A-02", "a refusal without a state while a sign-in waits", () => "?error=access_denied", "state_missing");
  forged(lab, "A-02", "an empty state", ({ callback }) => withParameters(callback, { state: "" }), undefined);

  for (const [what, change, code] of [
    ["one character different", altered, "state_unknown"],
    ["one character different in the middle", (state) => state.slice(0, 30) + altered(state.slice(0, 31)).slice(-1) + state.slice(31), "state_unknown"],
    ["another case", (state) => state.slice(0, 11) + swapCase(state.slice(11)), "state_unknown"],
    ["another case throughout", (state) => state.toUpperCase(), undefined],
    ["a space at the end", (state) => `${state} `, "state_unknown"],
    ["a space in front", (state) => ` ${state}`, undefined],
    ["a NUL at the end", (state) => `${state}\0`, "state_unknown"],
    ["a line break at the end", (state) => `${state}\n`, "state_unknown"],
    ["encoded once more", (state) => encodeURIComponent(state.replace("vk_", "%76k_")), undefined],
    ["cut short", (state) => state.slice(0, -1), "state_unknown"],
    ["longer by one", (state) => `${state}A`, "state_unknown"],
  ]) {
    forged(lab, "A-03", `state with ${what}`, withState(change), code);
  }
  forged(lab, "A-03", "state with a plus sign where a space would be", ({ callback }) => `${callback.search}+`.replace(/(state=[^&]*)(.*)\+$/u, "$1+$2"), "state_unknown");

  // The positive side: after decoding once it is the same state.
  test("A-03 state percent-encoded once: accepted", async (t) => {
    const staged = await stage(lab, t, "A-03");
    const { callback, state } = await inFlight(staged);
    const encoded = [...state].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join("");
    const report = await lab.open(staged.page, staged.application, callback.href.replace(state, encoded));
    assert.equal(report.status, "signed-in", JSON.stringify(report));
    await lab.sweep(staged.page, staged.canary, { allow: {} });
  });

  for (const isolation of ISOLATIONS) {
    // Only a vault that outlived the page remembers what it has used.
    const code = isolation === "shared" ? "callback_replayed" : "state_unknown";
    test(`A-04 a callback opened again, vault in ${isolation}: ${code}`, async (t) => {
      const staged = await stage(lab, t, "A-04", { options: { isolation } });
      const { callback } = await inFlight(staged);
      const first = await lab.open(staged.page, staged.application, callback.href);
      assert.equal(first.status, "signed-in", JSON.stringify(first));
      const status = isolation === "shared" ? "signed-in" : "signed-out";
      await expectRefused(lab, { ...staged, page: await lab.page(staged.context) }, callback.href, code, status);
      await expectRefused(lab, staged, callback.href, code, status);
      assert.equal(staged.realm.requests("token").length, 1);
      await lab.sweep(staged.page, staged.canary);
    });
  }

  for (const isolation of ISOLATIONS) {
    test(`A-05 the callbacks of two tabs swapped, vault in ${isolation}: each goes with its own record`, async (t) => {
      const staged = await stage(lab, t, "A-05", { options: { isolation } });
      const { realm, application } = staged;
      const other = { ...staged, page: await lab.page(staged.context) };
      await lab.open(other.page, application);
      const [mine, theirs] = [await inFlight(staged), await inFlight(other)];
      for (const [tab, { callback }] of [[staged, theirs], [other, mine]]) {
        const report = await lab.open(tab.page, application, callback.href);
        assert.equal(report.status, "signed-in", JSON.stringify(report));
        assert.equal(report.error, undefined);
      }
      // The provider checks PKCE, and the vault the nonce: both went by the record of the state.
      assert.equal(realm.requests("token").length, 2);
      for (const { page } of [staged, other]) await lab.sweep(page, staged.canary);
    });
  }

  test("A-05 the code of one sign-in with the state of another: invalid_grant", async (t) => {
    const staged = await stage(lab, t, "A-05");
    const [first, second] = [await inFlight(staged), await inFlight(staged)];
    const mixed = withParameters(first.callback, { state: second.state });
    const report = await lab.open(staged.page, staged.application, mixed);
    assert.equal(report.error?.code, "invalid_grant", JSON.stringify(report));
    assert.equal(report.status, "signed-out");
    const next = await lab.open(staged.page, staged.application, (await inFlight(staged)).callback.href);
    assert.deepEqual([next.status, next.error], ["signed-in", undefined]);
  });

  for (const [what, value, code] of [
    ["__proto__", () => "__proto__", undefined],
    ["constructor", () => "constructor", undefined],
    ["toString", () => "toString", undefined],
    ["a path upwards", () => "../../", undefined],
    ["another library's key", () => "oidc.user:https://op.test:spa", undefined],
    ["__proto__ after our prefix", (state) => tagged(state, "__proto__"), "state_unknown"],
    ["constructor after our prefix", (state) => tagged(state, "constructor"), "state_unknown"],
    ["the prefix of a sign-out's state", (state) => state.replace("vk_", "vo_"), undefined],
    ["a wildcard after our prefix", (state) => `${state.slice(0, 11)}*`, "state_unknown"],
  ]) {
    forged(lab, "A-08", `state that is ${what}`, withState(value), code);
  }

  test("A-08 a state that names another library's record: nothing of that is read or removed", async (t) => {
    const staged = await stage(lab, t, "A-08");
    await staged.page.evaluate(() => {
      for (const storage of [localStorage, sessionStorage]) storage.setItem("oidc.decoy", JSON.stringify({ code_verifier: "x", nonce: "y" }));
    });
    await expectRefused(lab, staged, "?code=forged&state=decoy", undefined);
    await expectRefused(lab, staged, "?code=forged&state=oidc.decoy", undefined);
    const { localStorage, sessionStorage } = await storageOf(staged.page);
    assert.deepEqual([Object.keys(localStorage), Object.keys(sessionStorage)], [["oidc.decoy"], ["oidc.decoy"]]);
  });

  test("A-09 the state says nothing: neither where to return to nor anything else of the application", async (t) => {
    const staged = await stage(lab, t, "A-09");
    const returnTo = "/a-09-1/inbox";
    const { state, authorization } = await inFlight(staged, { returnTo });
    assert.match(state, /^vk_[\w-]{51}$/u);
    assert.ok(!authorization.includes("inbox"));
    assert.ok(!Buffer.from(state.slice(11), "base64url").toString("latin1").includes("inbox"));
  });
  forged(lab, "A-09", "a state with something added to it", withState((state) => `${state}.${btoa('{"returnTo":"https://evil.test/"}')}`), "state_unknown");

  for (const [what, query, code] of [
    ["login_required with an unknown state", (state) => `?error=login_required&state=${altered(state)}`, "state_unknown"],
    ["access_denied with an unknown state", (state) => `?error=access_denied&state=${altered(state)}`, "state_unknown"],
    ["login_required with a foreign state", () => "?error=login_required&state=unknown", undefined],
    ["login_required without a state", () => "?error=login_required", "state_missing"],
    ["tokens with an unknown state", (state) => fragment(`access_token=x&state=${altered(state)}`), "front_channel_token"],
  ]) {
    test(`A-10 ${what} while signed in and signing in: ${code ?? "left alone"}, and both stay`, async (t) => {
      const staged = await stage(lab, t, "A-10");
      const { page, application, realm } = staged;
      const signedIn = await lab.open(page, application, (await inFlight(staged)).callback.href);
      assert.equal(signedIn.status, "signed-in");
      const { state, callback } = await inFlight(staged);
      await lab.open(page, application);
      const started = realm.requests("authorize").length;
      const report = await expectRefused(lab, staged, query(state), code, "signed-in");
      assert.deepEqual(report.claims, signedIn.claims);
      assert.equal(realm.requests("authorize").length, started, "no sign-in is started in answer to it");
      const finished = await lab.open(page, application, callback.href);
      assert.deepEqual([finished.status, finished.error], ["signed-in", undefined]);
      await lab.sweep(page, staged.canary);
    });
  }

  for (const session of ["nobody", "somebody"]) {
    test(`A-12 another user opens the authorization request of an attacker, ${session} being signed in: state_unknown`, async (t) => {
      const attacker = await stage(lab, t, "A-12");
      const authorization = await begin(attacker.page);
      const victim = { ...attacker, page: await lab.page(await lab.context(t)) };
      if (session === "somebody") {
        await lab.open(victim.page, victim.application);
        await lab.open(victim.page, victim.application, (await inFlight(victim)).callback.href);
      }
      await expectRefused(lab, victim, authorization, "state_unknown", session === "somebody" ? "signed-in" : "signed-out");
      await lab.sweep(victim.page, attacker.canary);
      const report = await lab.open(attacker.page, attacker.application, (await callbackFor(attacker.realm, authorization)).href);
      assert.equal(report.status, "signed-in", "where it was started, it can be finished");
    });
  }

  test("A-13 an address that carries a transaction, a session or a state: starts nothing and resumes nothing", async (t) => {
    const staged = await stage(lab, t, "A-13");
    const { state, callback } = await inFlight(staged);
    const started = staged.realm.requests("authorize").length;
    for (const address of ["?transaction=1&session=abc", `?login=1&sid=${state}`, `?transaction=${state}`, fragment("state=x"), fragment(`transaction=${state}`), "?login_hint=mallory&iss=https%3A%2F%2Fevil.test"]) {
      const report = await lab.open(staged.page, staged.application, address);
      assert.deepEqual([report.status, report.error], ["signed-out", undefined], address);
      assert.equal(staged.page.url(), new URL(address, staged.application.page).href);
    }
    assert.equal(staged.realm.requests("authorize").length, started);
    assert.equal(staged.realm.requests("token").length, 0);
    const report = await lab.open(staged.page, staged.application, callback.href);
    assert.deepEqual([report.status, report.error], ["signed-in", undefined]);
  });

  for (const [what, elsewhere] of [
    ["a path below", (path) => `${path}elsewhere`],
    ["the path without its slash", (path) => path.slice(0, -1)],
    ["the path with a second slash", (path) => `${path}/`],
  ]) {
    const forge = ({ callback }, { application }) => elsewhere(new URL(application.page).pathname) + callback.search;
    forged(lab, "A-15", `the callback at ${what}`, forge, "redirect_uri_mismatch");
  }
});
