// A sign-in step by step, so that an attacker can stand between the steps.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { expectSignedIn, realmName } from "./attack.mjs";
import { QUIET } from "./lab.mjs";

export const ISOLATIONS = ["shared", "worker", "page"];

/** A realm and its application, open in a browser of its own; where it would go to, it only notes. */
export async function stage(lab, t, id, setting = {}) {
  const made = lab.realm(realmName(id), setting);
  made.application.capture = true;
  const context = await lab.context(t);
  const page = await lab.page(context);
  await lab.open(page, made.application);
  return { ...made, context, page };
}

/** Starts a sign-in; answers the address of its authorization request. */
export const begin = (page, options = {}) =>
  page.evaluate(async (given) => {
    await window.client.signIn(given);
    return window.navigated.at(-1);
  }, options);

/** Where the provider sends a browser that comes with this authorization request. */
export async function callbackFor(realm, authorization) {
  const url = new URL(authorization);
  const request = { at: Date.now(), host: url.host, method: "GET", path: url.pathname, query: url.searchParams, url: url.href, headers: {}, body: "" };
  return new URL((await realm.handle(request)).headers.location);
}

/** A sign-in that is in flight: `{ state, callback }`, the callback not opened yet. */
export async function inFlight({ page, realm }, options) {
  const authorization = await begin(page, options);
  return { authorization, state: new URL(authorization).searchParams.get("state"), callback: await callbackFor(realm, authorization) };
}

/** The parameters that are never left in an address bar after they were looked at. */
const RESPONSE = /[?&#](code|state|iss|error|error_description|access_token|id_token|session_state)=/u;

/** Opens a forged address. `code`: how it is refused; without one it is somebody else's, and left as it is. */
export async function expectRefused(lab, { page, application, realm }, address, code, status = "signed-out") {
  const before = realm.requests(["token", "userInfo"]).length;
  const report = await lab.open(page, application, address);
  assert.equal(report.error?.code, code, JSON.stringify(report));
  assert.equal(report.status, status);
  if (code) assert.doesNotMatch(page.url(), RESPONSE);
  await sleep(QUIET);
  // The application asks UserInfo whenever somebody is signed in and nothing went wrong.
  const userInfo = status === "signed-in" && !code ? 1 : 0;
  assert.equal(realm.requests(["token", "userInfo"]).length, before + userInfo);
  assert.deepEqual(report.troubles, []);
  return report;
}

/**
 * A callback that was changed on the way. The twin is the same one unchanged, and where the attack used the transaction
 * up (`consumes`) a new sign-in.
 */
export function forged(lab, id, what, forge, code, { consumes = false, setting, allow = {} } = {}) {
  test(`${id} ${what}: ${code ?? "left alone"}`, async (t) => {
    const staged = await stage(lab, t, id, setting);
    const { page, application, canary } = staged;
    const flight = await inFlight(staged);
    await expectRefused(lab, staged, forge(flight, staged), code);
    // What is left alone stays in the history, too; and what is in flight is kept where the vault would find it.
    const foreign = code ? {} : { entries: ["code", "state"] };
    const storage = consumes ? [] : ["state", "nonce"];
    await lab.sweep(page, canary, { allow: { storage, ...foreign, ...(!code && { address: ["code", "state"] }), ...allow } });
    if (consumes) {
      application.capture = false;
      return void (await expectSignedIn(lab, page, staged));
    }
    const report = await lab.open(page, application, flight.callback.href);
    assert.equal(report.status, "signed-in", JSON.stringify(report));
    assert.equal(report.error, undefined);
    await lab.sweep(page, canary, { allow: foreign });
  });
}

/** The query of an address with some parameters changed; `undefined` leaves one out. */
export function withParameters({ search }, changes) {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  return `?${query}`;
}

let fragments = 0;
/** An address with this fragment; with a query of its own, so that it is not merely another place in the same document. */
export const fragment = (text) => `?fragment=${(fragments += 1)}#${text}`;

/** A state of the same client's form that nobody made. */
export const altered = (state) => state.slice(0, -1) + (state.endsWith("A") ? "B" : "A");

/** Something that waits until it is let through. */
export function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { open, pass: (value) => opened.then(() => value) };
}

/** Waits until something holds. */
export async function until(what, holds, patience = 20_000) {
  const end = Date.now() + patience;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `still not so: ${what}`);
    await sleep(20);
  }
}
