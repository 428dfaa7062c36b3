// Attacks of one kind in turn, on one page: each is refused, the quiet time is waited for once, and the twin comes last.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { expectSignedIn, realmName, SENT } from "./attack.mjs";
import { QUIET } from "./lab.mjs";

/** What was sent so far. A probe that finds out why a request failed has another method than the request. */
const sentTo = (realm) => ["authorize", "token", "userInfo"].map((endpoint) => realm.requests(endpoint).filter(({ method }) => (method === "POST") === (endpoint === "token")).length);

/**
 * A table of attacks, `{ name: [code, ...defects] }`, all of them refused at the stage `at` of the sign-in.
 *
 * - `setting`: of the realm
 * - `check({ realm, report, page })`: more that must hold after each
 * - `sent`: what one attempt sends, where it is not what `at` says
 */
export function refusedInTurn(lab, id, what, table, { at = "tokens", setting = {}, sent = SENT[at], check, allow, freshTwin = false } = {}) {
  const codes = [...new Set(Object.values(table).map(([code]) => code))].join(", ");
  test(`${id} ${what}, ${Object.keys(table).length} ways: ${codes}`, async (t) => {
    const { realm, application, canary } = lab.realm(realmName(id), setting);
    const page = await lab.page(await lab.context(t));
    for (const [name, [code, ...defects]] of Object.entries(table)) {
      realm.set(...defects);
      const report = await lab.attempt(page, application);
      const found = (at === "userInfo" ? report.userInfo?.error : report.error)?.code ?? `not refused: ${report.status}`;
      assert.equal(found, code, `${name}: ${JSON.stringify(report)}`);
      if (at !== "userInfo") assert.notEqual(report.status, "signed-in", name);
      assert.deepEqual(report.troubles, [], name);
      await check?.({ realm, report, page, name });
    }
    await sleep(QUIET);
    assert.deepEqual(sentTo(realm), sent.map((each) => each * Object.keys(table).length), "authorize, token, userInfo");
    await lab.sweep(page, canary, { allow });
    realm.set();
    // Whoever has just fetched the keys does not ask for them again at once: then the twin is another visitor.
    await expectSignedIn(lab, freshTwin ? await lab.page(await lab.context(t)) : page, { realm, application, canary });
  });
}
