// An attack and its judgement. Every one has its positive twin: the same realm, the same application, the defect removed.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "node:test";
import { QUIET } from "./lab.mjs";

/** What is sent in all when an attack is refused there, until the quiet time is over: `[authorize, token, userInfo]`. */
export const SENT = {
  start: [0, 0, 0],
  callback: [1, 0, 0],
  tokens: [1, 1, 0],
  userInfo: [1, 1, 1],
};

/** So many attacks at a time: most of the time of each goes by in waiting for nothing to happen. Fewer on a busy machine. */
const AT_ONCE = Number(process.env.ATTACKS_AT_ONCE ?? 8);

/** A group of attacks, carried out side by side. */
export const attacks = (title, define, { atOnce = AT_ONCE } = {}) => describe(title, { concurrency: atOnce }, define);

const numbers = new Map();

/** A name for a realm, from the ID of an entry. */
export function realmName(id) {
  const stem = id.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "-");
  numbers.set(stem, (numbers.get(stem) ?? 0) + 1);
  return `${stem}-${numbers.get(stem)}`;
}

/**
 * A provider with a defect, or several that are one attack: the sign-in is refused with `code` at the stage `at`, and
 * nothing is sent afterwards. Then the defect is removed, and the same path signs in.
 *
 * - `setting`: of the realm, for both: `{ alg, base, options, signIn, host, headers }`
 * - `check({ realm, report, page })`: more that must hold
 * - `allow`: what the sweep may find, by place: a record of a sign-in that rightly goes on waiting
 * - `jwks`: how often the JWK Set may be asked for; one time ahead, and once more for a key that is not in it
 * - `freshTwin`: the twin is another visitor, where what the first one saw is rightly remembered
 */
export function refused(lab, id, what, { defects, code, at = "tokens", setting = {}, check, jwks = 2, freshTwin = false, allow }) {
  test(`${id} ${what}: ${code}`, async (t) => {
    const { realm, application, canary } = lab.realm(realmName(id), setting);
    const page = await lab.sharedPage(t);
    realm.set(...defects);
    const report = await lab.attempt(page, application);
    assert.equal(report.error?.code ?? report.userInfo?.error?.code ?? `not refused: ${report.status}`, code, JSON.stringify(report));
    if (at !== "userInfo") assert.notEqual(report.status, "signed-in");
    await sleep(QUIET);
    const sent = ["authorize", "token", "userInfo"].map((endpoint) => realm.requests(endpoint).length);
    assert.deepEqual(sent, SENT[at], "authorize, token, userInfo");
    assert.ok(realm.requests("jwks").length <= jwks, `the JWK Set was asked for ${realm.requests("jwks").length} times`);
    assert.deepEqual(report.troubles, []);
    await check?.({ realm, report, page, application, t });
    await lab.sweep(page, canary, { allow });
    realm.set();
    const twin = freshTwin ? await lab.page(await lab.context(t)) : page;
    await expectSignedIn(lab, twin, { realm, application, canary, allow });
  });
}

/** A provider with a peculiarity that is allowed: it signs in, `logins` times. */
export function accepted(lab, id, what, { peculiarities = [], setting = {}, logins = 1, check } = {}) {
  test(`${id} ${what}: accepted`, async (t) => {
    const { realm, application, canary } = lab.realm(realmName(id), setting);
    const page = await lab.sharedPage(t);
    realm.set(...peculiarities);
    let report;
    for (let login = 0; login < logins; login += 1) report = await expectSignedIn(lab, page, { realm, application, canary });
    await check?.({ realm, report, page, application, t });
  });
}

/** Signs in, with UserInfo, and leaves no secret behind. */
export async function expectSignedIn(lab, page, { realm, application, canary, allow }) {
  const before = realm.requests("userInfo").length;
  const report = await lab.attempt(page, application);
  assert.equal(report.status, "signed-in", JSON.stringify(report));
  assert.equal(report.error, undefined);
  assert.equal(report.claims.sub, realm.subject);
  assert.equal(report.userInfo.value?.sub, realm.subject, JSON.stringify(report.userInfo));
  assert.equal(realm.requests("userInfo").length, before + 1);
  assert.deepEqual(report.troubles, []);
  await lab.sweep(page, canary, { allow });
  return report;
}
