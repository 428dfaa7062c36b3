// ATTACKS group M, the stored copy of a sign-in in flight: gone, broken, or written by somebody else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accomplice, editRecords, whileAway } from "../hostile/accomplice.mjs";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { HOSTS, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { storageOf, transactionsIn } from "../support/storage.mjs";

const lab = useLab();

/**
 * Signs in with a vault that ends with its page, so that the way back has the stored copy alone; meanwhile, at the
 * provider, `meanwhile(accomplice)` happens.
 */
async function attemptWith(t, id, meanwhile, setting) {
  const prepared = await prepare(t, id, meanwhile, setting);
  return { ...prepared, report: await lab.attempt(prepared.page, prepared.application) };
}

async function prepare(t, id, meanwhile, setting = {}) {
  const { realm, application, canary } = lab.realm(realmName(id), { ...setting, options: { isolation: "worker", ...setting.options } });
  const context = await lab.context(t);
  const page = await lab.page(context);
  const helper = await accomplice(lab, context);
  realm.set(whileAway(() => meanwhile(helper)));
  return { realm, application, canary, page, helper };
}

async function judge({ realm, application, canary, page, helper }, { token = 0 } = {}) {
  await sleep(QUIET);
  assert.deepEqual([realm.requests("token").length, realm.requests("userInfo").length], [token, 0]);
  await helper.close();
  assert.deepEqual(transactionsIn(await storageOf(page)), [], "nothing is left of it");
  await lab.sweep(page, canary);
  realm.set();
  await expectSignedIn(lab, page, { realm, application, canary });
}

attacks("stored copies", () => {
  test("M-04 the stored copy is gone when the browser comes back: state_unknown, and nothing is sent", async (t) => {
    const attempt = await attemptWith(t, "M-04", (helper) => helper.evaluate(() => new Promise((resolve) => { indexedDB.deleteDatabase("valetkey").onsuccess = resolve; })));
    assert.equal(attempt.report.error?.code, "state_unknown", JSON.stringify(attempt.report));
    await judge(attempt);
  });

  const BROKEN = {
    "M-05": {
      "cut short": `store.put(value.slice(0, value.length / 2), key)`,
      "empty": `store.put("", key)`,
      "of another format": `store.put('{"state":1}', key)`,
      "with bytes that are no UTF-8": `store.put("%ff%fe=" + value, key)`,
      "with a broken escape": `store.put(value.replace("issuer=", "issuer=%"), key)`,
      "without its separators": `store.put(value.replaceAll("=", "<"), key)`,
      "a number": `store.put(1, key)`,
      "an object": `store.put({ toString: "x", value }, key)`,
      "bytes": `store.put(new TextEncoder().encode(value), key)`,
      "null": `store.put(null, key)`,
      "with a start that is no number": `store.put(value.replace(/started=\\d+/u, "started=yesterday"), key)`,
      "without a verifier": `store.put(value.replace(/verifier=[^&]*/u, ""), key)`,
    },
    "M-06": {
      "of another issuer": `store.put(value.replace(/issuer=[^&]*/u, "issuer=" + encodeURIComponent("https://evil.test/")), key)`,
      "of another client": `store.put(value.replace(/client_id=[^&]*/u, "client_id=other"), key)`,
      "under another state": `store.delete(key); store.put(value, key.slice(0, -1) + (key.endsWith("A") ? "B" : "A"))`,
    },
    "M-07": {
      "an object with prototypes of its own": `store.put(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"then":"x"}'), key)`,
    },
    "M-13": {
      "of a version to come": `store.put(value.replace("version=3", "version=4"), key)`,
      "of a version before versions": `store.put(value.replace("version=3&", ""), key)`,
    },
  };
  for (const [id, changes] of Object.entries(BROKEN)) {
    test(`${id} a stored copy that is not what was written, ${Object.keys(changes).length} ways: state_unknown`, async (t) => {
      let change;
      const attempt = await prepare(t, id, async (helper) => assert.equal(await editRecords(helper, change), 1));
      for (const [name, source] of Object.entries(changes)) {
        change = source;
        const report = await lab.attempt(attempt.page, attempt.application);
        assert.equal(report.error?.code, "state_unknown", `${name}: ${JSON.stringify(report)}`);
        assert.deepEqual(report.troubles, []);
        assert.equal(await attempt.page.evaluate(() => ({}).polluted), undefined);
        if (name === "under another state") await editRecords(attempt.helper, "store.delete(key)");
      }
      await judge(attempt);
    });
  }

  test("M-06 another nonce: nonce_mismatch, the tokens are dropped", async (t) => {
    const attempt = await attemptWith(t, "M-06", (helper) => editRecords(helper, `store.put(value.replace(/nonce=[^&]*/u, "nonce=" + "A".repeat(43)), key)`));
    assert.equal(attempt.report.error?.code, "nonce_mismatch", JSON.stringify(attempt.report));
    await judge(attempt, { token: 1 });
  });
  test("M-06 another verifier: invalid_grant, by the provider", async (t) => {
    const attempt = await attemptWith(t, "M-06", (helper) => editRecords(helper, `store.put(value.replace(/verifier=[^&]*/u, "verifier=" + "A".repeat(43)), key)`));
    assert.equal(attempt.report.error?.code, "invalid_grant", JSON.stringify(attempt.report));
    await judge(attempt, { token: 1 });
  });
  for (const [what, evil] of Object.entries({ "another origin": "//evil.test/m-06", "a URL": "https://evil.test/m-06", "a script": "javascript:alert(1)", "backslashes": "/\\\\evil.test/m-06", "a tab": "/\t/evil.test/m-06" })) {
    test(`M-06 a return-to that is ${what}: signed in, at the redirect URI`, async (t) => {
      const attempt = await attemptWith(t, "M-06", (helper) => editRecords(helper, `store.put(value.replace(/return_to=[^&]*/u, "return_to=" + encodeURIComponent(${JSON.stringify(evil)})), key)`));
      assert.equal(attempt.report.status, "signed-in", JSON.stringify(attempt.report));
      assert.equal(attempt.page.url(), attempt.application.page);
      assert.deepEqual(lab.network.log.filter(({ host, url }) => host === HOSTS.evil && url.includes("m-06")), []);
    });
  }
  test("M-06 endpoints added to the copy: none is read, and __proto__ is a name like any other", async (t) => {
    const more = ["token_endpoint", "redirect_uri", "userinfo_endpoint", "jwks_uri", "__proto__", "constructor"].map((name) => `&${name}=${encodeURIComponent("https://evil.test/m-06")}`).join("");
    const attempt = await attemptWith(t, "M-06", (helper) => editRecords(helper, `store.put(value + ${JSON.stringify(more)}, key)`));
    assert.equal(attempt.report.status, "signed-in", JSON.stringify(attempt.report));
    assert.deepEqual(lab.network.log.filter(({ host, url }) => host === HOSTS.evil && url.includes("m-06")), []);
  });
  test("M-06 the announcement of iss taken out of the copy, and iss out of the callback: issuer_parameter_missing, by the metadata", async (t) => {
    const attempt = await attemptWith(t, "M-06", (helper) => editRecords(helper, `store.put(value.replace(/&iss=1/u, "&iss="), key)`), { base: [{ response: (honest) => (honest.delete("iss"), honest) }] });
    assert.equal(attempt.report.error?.code, "issuer_parameter_missing", JSON.stringify(attempt.report));
    await sleep(QUIET);
    assert.equal(attempt.realm.requests("token").length, 0);
  });
  test("M-06 maxAge taken out of the copy: a script of the origin can do that while the vault is not running", async (t) => {
    const old = [{ claims: (honest) => ({ ...honest, auth_time: honest.auth_time - 10_000 }) }];
    const strict = await attemptWith(t, "M-06", () => {}, { signIn: { maxAge: 60 }, base: old });
    assert.equal(strict.report.error?.code, "auth_time_too_old", JSON.stringify(strict.report));
    const edited = await attemptWith(t, "M-06", (helper) => editRecords(helper, `store.put(value.replace(/max_age=60/u, "max_age="), key)`), { signIn: { maxAge: 60 }, base: old });
    record(t, "M-06", `the copy is not sealed: a script of the application's own origin that edits it while no vault runs can drop maxAge or acrValues of that sign-in (here: ${edited.report.status}); it cannot change where the code goes, nor the nonce or the verifier unnoticed. The vault's own memory comes first where it outlived the trip`);
    assert.equal(edited.report.error?.code ?? edited.report.status, "signed-in");
  });

  test("M-05 a database of our name without our store: it is made anew, and the sign-in succeeds", async (t) => {
    const context = await lab.context(t);
    const helper = await accomplice(lab, context);
    for (const version of [1, 7]) {
      await helper.evaluate((given) => new Promise((resolve, reject) => {
        const request = indexedDB.open("valetkey", given);
        request.onupgradeneeded = () => { for (const name of request.result.objectStoreNames) request.result.deleteObjectStore(name); request.result.createObjectStore("other"); };
        request.onsuccess = () => { request.result.close(); resolve(); };
        request.onerror = () => reject(request.error);
      }), version);
      const made = lab.realm(realmName("M-05"));
      await expectSignedIn(lab, await lab.page(context), made);
    }
  });
  test("M-13 a database of a later version with our store: it is used as it is", async (t) => {
    const context = await lab.context(t);
    const helper = await accomplice(lab, context);
    await helper.evaluate(() => new Promise((resolve, reject) => {
      const request = indexedDB.open("valetkey", 9);
      request.onupgradeneeded = () => { request.result.createObjectStore("transactions"); request.result.createObjectStore("later").put("x", "y"); };
      request.onsuccess = () => { request.result.close(); resolve(); };
      request.onerror = reject;
    }));
    await expectSignedIn(lab, await lab.page(context), lab.realm(realmName("M-13"), { options: { isolation: "worker" } }));
    assert.deepEqual(Object.keys((await storageOf(helper)).databases.valetkey), ["later", "transactions"]);
  });
});
