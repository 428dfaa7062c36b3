// ATTACKS group M, storage: one that refuses, hangs, is cleared, and what stays in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accomplice, whileAway } from "../hostile/accomplice.mjs";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { vaultAfter } from "../hostile/environment.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { storageOf } from "../support/storage.mjs";

const lab = useLab();
const NOTHING = { localStorage: {}, sessionStorage: {}, cached: {}, files: [], cookie: "", cookies: [], windowName: "", historyState: null };

/** What a storage may do to whoever uses it: scripts that run in the vault's worker, or in a page that is one. */
const QUICK = `
  const later = setTimeout;
  self.setTimeout = (act, millis, ...rest) => later(act, millis === 10_000 ? 1_000 : millis, ...rest);`;
const refusal = (name) => `throw new DOMException("refused", "${name}")`;
const STORAGES = {
  "M-01 no quota is left": `IDBObjectStore.prototype.put = () => { ${refusal("QuotaExceededError")} };`,
  "M-01 the quota is exceeded when the write ends": `
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) { const request = put.apply(this, given); this.transaction.abort(); return request; };`,
  "M-02 access is a SecurityError": `Object.defineProperty(self, "indexedDB", { get() { ${refusal("SecurityError")} } });`,
  "M-02 opening is a SecurityError": `IDBFactory.prototype.open = () => { ${refusal("SecurityError")} };`,
  "M-02 there is none": `Object.defineProperty(self, "indexedDB", { value: undefined });`,
  "M-03 opening is never answered": `${QUICK}
    IDBFactory.prototype.open = () => Object.create(IDBOpenDBRequest.prototype, { onsuccess: { set() {} }, onerror: { set() {} }, onupgradeneeded: { set() {} } });`,
  "M-03 no request is ever answered": `${QUICK}
    Object.defineProperty(IDBTransaction.prototype, "oncomplete", { set() {} });`,
  "M-03 beginning is an InvalidStateError": `IDBDatabase.prototype.transaction = () => { ${refusal("InvalidStateError")} };`,
  "M-03 every transaction aborts": `
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...given) { const work = begin.apply(this, given); later(() => { try { work.abort(); } catch {} }, 0); return work; };
    const later = setTimeout;`,
};

const IN_PAGE_TOO = ["M-01 no quota is left", "M-02 access is a SecurityError", "M-03 opening is never answered"];

attacks("storage", () => {
  for (const [name, prelude] of Object.entries(STORAGES)) {
    for (const isolation of IN_PAGE_TOO.includes(name) ? ["shared", "page"] : ["shared"]) {
      test(`${name}, vault: ${isolation}: storage_unavailable, before the browser goes anywhere`, async (t) => {
        const context = await lab.context(t);
        if (isolation === "page") await context.addInitScript(`{ ${prelude} }`);
        const vaultUrl = isolation === "shared" ? await vaultAfter(lab, prelude) : undefined;
        const { realm, application } = lab.realm(realmName(name.slice(0, 4)), { options: { isolation, ...(vaultUrl && { vaultUrl }) } });
        const report = await lab.attempt(await lab.page(context), application);
        assert.equal(report.error?.code, "storage_unavailable", JSON.stringify(report));
        assert.deepEqual(report.troubles, []);
        await sleep(QUIET);
        assert.equal(realm.requests(["authorize", "token"]).length, 0);
        // Where nothing is stored, nothing is missed; a vault in a page does not outlive the trip, and must store.
        const twin = lab.realm(`${realm.name}-twin`, { options: isolation === "shared" ? { vaultUrl, transactions: "memory" } : { isolation } });
        await expectSignedIn(lab, await lab.page(isolation === "shared" ? context : await lab.context(t)), twin);
      });
    }
  }

  test("M-02 every storage of the page throws: the page does not touch them, and signs in", async (t) => {
    const context = await lab.context(t);
    await context.addInitScript(`for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) Object.defineProperty(window, name, { get() { ${refusal("SecurityError")} } });
      Object.defineProperty(document, "cookie", { get() { ${refusal("SecurityError")} } });`);
    const { application } = lab.realm(realmName("M-02"));
    const page = await lab.page(context);
    const report = await lab.attempt(page, application);
    assert.equal(report.status, "signed-in", JSON.stringify(report));
    assert.deepEqual(report.troubles, []);
  });

  test("M-03 another page of the origin holds the database: the way back does not wait for the copy, the way out does not wait for ever", async (t) => {
    const context = await lab.context(t);
    const helper = await accomplice(lab, context);
    const hold = () => helper.evaluate(() => new Promise((resolve, reject) => {
      const request = indexedDB.open("valetkey");
      request.onerror = reject;
      request.onupgradeneeded = () => request.result.createObjectStore("transactions");
      request.onsuccess = () => {
        const store = request.result.transaction("transactions", "readwrite").objectStore("transactions");
        window.held = true;
        const again = () => { if (window.held) store.get("x").onsuccess = again; };
        again();
        resolve();
      };
    }));
    const { realm, application, canary } = lab.realm(realmName("M-03"), { options: { vaultUrl: await vaultAfter(lab, QUICK) } });
    const page = await lab.page(context);
    await hold();
    const out = await lab.attempt(page, application);
    assert.equal(out.error?.code, "storage_unavailable", JSON.stringify(out));
    await helper.evaluate(() => { window.held = false; });
    realm.set(whileAway(hold));
    const back = await lab.attempt(page, application);
    assert.equal(back.status, "signed-in", JSON.stringify(back));
    await helper.close();
    // The spent copy could not be erased meanwhile: the sign-out does that, and else its expiry.
    await page.evaluate(() => window.client.signOut({ local: true }));
    await lab.sweep(page, canary);
  });

  for (const what of ['"storage"', '"*"', '"cache", "cookies", "storage"']) {
    test(`M-09 Clear-Site-Data: ${what} while signed in, and while at the provider: no trouble`, async (t) => {
      const context = await lab.context(t);
      const { realm, application, canary } = lab.realm(realmName("M-09"));
      const page = await lab.page(context);
      await expectSignedIn(lab, page, { realm, application, canary });
      const clear = async () => {
        const file = `/clear-${realm.name}`;
        lab.handlers[HOSTS.app].files.set(file, { body: "cleared", headers: { "clear-site-data": what } });
        const other = await context.newPage();
        await other.goto(originOf(HOSTS.app) + file);
        await other.close();
      };
      await clear();
      const { value } = await page.evaluate(() => window.outcome(() => window.client.userInfo()));
      assert.equal(value?.sub, realm.subject);
      record(t, "M-09", "the session is in the vault's memory alone: clearing the site's data neither ends nor harms it; a sign-in under way goes on from the vault's memory");
      realm.set(whileAway(clear));
      const report = await lab.attempt(page, application);
      assert.equal(report.status, "signed-in", JSON.stringify(report));
      assert.deepEqual(report.troubles, []);
      await lab.sweep(page, canary);
    });
  }

  test("M-10 after a failure, a sign-in and a sign-out: no storage holds anything of it", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("M-10"));
    const page = await lab.page(await lab.context(t));
    const nothingIsLeft = async (when) => {
      const { databases, referrer, ...rest } = await storageOf(page);
      assert.deepEqual(rest, NOTHING, when);
      assert.deepEqual(databases, { valetkey: { transactions: {} } }, when);
      assert.doesNotMatch(referrer, /code=|state=/u);
      await lab.sweep(page, canary);
    };
    realm.set({ claims: (honest) => ({ ...honest, nonce: "other" }) });
    assert.equal((await lab.attempt(page, application)).error?.code, "nonce_mismatch");
    await nothingIsLeft("after a failure");
    realm.set();
    await expectSignedIn(lab, page, { realm, application, canary });
    await nothingIsLeft("while signed in");
    await page.evaluate(() => window.client.signOut({ local: true }));
    await nothingIsLeft("after a local sign-out");
    await expectSignedIn(lab, page, { realm, application, canary });
    const back = application.next();
    await page.evaluate(() => void setTimeout(() => window.client.signOut({ returnTo: "/secret-place" })));
    await back;
    await page.waitForFunction(() => window.loaded);
    await nothingIsLeft("after a sign-out at the provider");
  });

  test("M-12 storage events that nothing has caused: nobody listens", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("M-12"));
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, { realm, application, canary });
    const sent = realm.log.length;
    await page.evaluate(() => {
      for (const key of [null, "valetkey", "oidc.user", "logout"]) {
        for (const newValue of [null, '{"status":"signed-out"}', "x"]) window.dispatchEvent(new StorageEvent("storage", { key, newValue, storageArea: localStorage }));
      }
      localStorage.setItem("logout", "1");
      localStorage.clear();
    });
    await sleep(QUIET);
    assert.equal(await page.evaluate(() => window.client.session.status), "signed-in");
    assert.equal(realm.log.length, sent);
    await lab.sweep(page, canary);
  });
});
