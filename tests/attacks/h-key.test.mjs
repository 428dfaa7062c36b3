// ATTACKS H-30 to H-32: the private key of DPoP, from a page that a hostile script runs in. Can it be had, can it be used for
// what the script chooses, and can proofs be made for later?

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { attacks } from "../hostile/attack.mjs";
import { until } from "../hostile/flow.mjs";
import { HOSTS, originOf, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { apiUrl, boundSession, call } from "../hostile/resource.mjs";
import { FRAMING } from "../hostile/windows.mjs";

const lab = useLab();
const now = () => Date.now() / 1000;
const NO_POLICY = { "content-security-policy": "" };

/** Writes down whatever the page's own WebCrypto is asked for, and makes each key one that can be taken out. */
const TAPPED = `
  window.tapped = [];
  for (const name of ["generateKey", "importKey", "sign", "deriveKey", "unwrapKey"]) {
    const honest = SubtleCrypto.prototype[name];
    SubtleCrypto.prototype[name] = function (...given) {
      if (name === "generateKey") given[1] = true;
      const result = Reflect.apply(honest, this, given);
      if (name !== "importKey") window.tapped.push(name);
      if (name === "generateKey") result.then(async ({ privateKey }) => (window.taken = await crypto.subtle.exportKey("jwk", privateKey)));
      return result;
    };
  }
`;

/** Every CryptoKey that can be reached from the page: globals, the client, everything stored. */
const KEYS_IN_PAGE = async () => {
  const settled = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const roots = [window.client, { ...localStorage }, { ...sessionStorage }, history.state, ...Object.getOwnPropertyNames(window).map((name) => window[name])];
  for (const { name } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames) roots.push(await settled(database.transaction(store).objectStore(store).getAll()));
    database.close();
  }
  const seen = new Set();
  const keys = [];
  const queue = roots;
  for (let index = 0; index < queue.length && index < 20_000; index += 1) {
    const value = queue[index];
    if (value instanceof CryptoKey) keys.push(value);
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) {
      try {
        queue.push(value[key]);
      } catch {
        // A getter that throws.
      }
    }
  }
  return (window.found = keys).length;
};

/** A page of another origin that signs with the key that it is given. */
const RECEIVER = `<!doctype html><script>
  addEventListener("message", async ({ data, ports: [port] }) => port.postMessage((await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, data, new Uint8Array(1))).byteLength));
</script>`;

attacks("the key of DPoP", () => {
  for (const isolation of ["shared", "worker"]) {
    test(`H-30 the key in a ${isolation} vault: no handle of it is in the page, and the page's WebCrypto is asked for nothing`, async (t) => {
      const context = await lab.context(t);
      await context.addInitScript(TAPPED);
      const { page, realm, canary } = await boundSession(lab, t, "H-30", { context, options: { isolation } });
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
      assert.equal(await page.evaluate(KEYS_IN_PAGE), 0);
      assert.deepEqual(await page.evaluate(() => [window.tapped, window.taken]), [[], undefined]);
      assert.deepEqual(realm.proofs.problems, []);
      // The nonce is a claim of the ID token, which the page is given.
      await lab.sweep(page, canary, { heap: true, allow: { heap: ["nonce"] } });
    });
  }

  test("H-30 the key of a vault in the page: a script that was there first takes it out", async (t) => {
    const context = await lab.context(t);
    await context.addInitScript(TAPPED);
    const { page, realm } = await boundSession(lab, t, "H-30", { context, options: { isolation: "page" } });
    const taken = await page.evaluate(() => window.taken);
    const shown = realm.proofs.of("token").at(-1).header.jwk;
    assert.deepEqual([taken.x, typeof taken.d], [shown.x, "string"]);
    record(t, "H-30", '`isolation: "page"`: a script that runs before the library has every key made so that it can be taken out. Loaded first, or in a worker, the key cannot be');
  });
  test("H-30 the key of a vault in the page, from a script that comes late: none", async (t) => {
    const { page, realm } = await boundSession(lab, t, "H-30", { options: { isolation: "page" } });
    assert.equal(await page.evaluate(KEYS_IN_PAGE), 0);
    await page.evaluate(TAPPED);
    assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
    assert.equal(await page.evaluate(() => window.taken), undefined);
  });

  test("H-30 `persist: \"dpop\"`: the handle is in IndexedDB, cannot be taken out in any form, and can be used", async (t) => {
    const { page, realm, canary } = await boundSession(lab, t, "H-30", { options: { persist: "dpop" }, headers: { ...FRAMING, "content-security-policy": FRAMING["content-security-policy"].replace("frame-src 'self'", `frame-src 'self' ${originOf(HOSTS.otherApp)}`) } });
    lab.handlers[HOSTS.otherApp].files.set("/receiver", { headers: { "content-security-policy": "", "cross-origin-resource-policy": "cross-origin", "cross-origin-opener-policy": "unsafe-none" }, body: RECEIVER });
    await until("it is kept", async () => (await page.evaluate(KEYS_IN_PAGE)) > 0);
    const tried = await page.evaluate(async () => {
      const [key] = window.found;
      const outcome = (promise) => promise.then(() => "done", ({ name }) => name);
      const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["wrapKey"]);
      const tries = {};
      for (const format of ["jwk", "pkcs8", "raw", "spki"]) {
        tries[`export ${format}`] = await outcome(crypto.subtle.exportKey(format, key));
        tries[`wrap ${format}`] = await outcome(crypto.subtle.wrapKey(format, key, wrapping, { name: "AES-GCM", iv: new Uint8Array(12) }));
      }
      const copy = structuredClone(key);
      tries["export of a copy"] = await outcome(crypto.subtle.exportKey("jwk", copy));
      tries.signs = (await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, copy, new Uint8Array(1))).byteLength;
      return { tries, extractable: copy.extractable };
    });
    assert.equal(tried.extractable, false);
    for (const [what, outcome] of Object.entries(tried.tries)) if (what !== "signs") assert.notEqual(outcome, "done", what);
    assert.equal(tried.tries.signs, 64);
    // It can be handed to another origin, which has the use of it for as long as it keeps it.
    const handed = await page.evaluate(async (origin) => {
      const frame = document.createElement("iframe");
      const channel = new MessageChannel();
      const answered = new Promise((resolve) => (channel.port1.onmessage = ({ data }) => resolve(data)));
      frame.src = `${origin}/receiver`;
      document.body.append(frame);
      await new Promise((resolve) => (frame.onload = resolve));
      frame.contentWindow.postMessage(window.found[0], origin, [channel.port2]);
      return answered;
    }, originOf(HOSTS.otherApp));
    assert.equal(handed, 64, "the other origin signs with it");
    record(t, "H-30", '`persist: "dpop"`: the handle of the key lies in IndexedDB beside the refresh token and the ID token. A script of the origin can use it while it runs there, and WebCrypto lets it hand the handle to another origin; the key itself cannot be taken out. By default nothing of it is stored');
    await lab.sweep(page, canary, { allow: { storage: ["refresh", "id-token", "nonce"] } });
    assert.deepEqual(realm.proofs.problems, []);
  });
  test("H-30 by default nothing of a session is stored", async (t) => {
    const { page, canary } = await boundSession(lab, t, "H-30");
    await sleep(500);
    assert.equal(await page.evaluate(KEYS_IN_PAGE), 0);
    await lab.sweep(page, canary);
  });

  for (const isolation of ["shared", "worker", "page"]) {
    test(`H-31 nothing signs what a script chooses, vault in ${isolation}`, async (t) => {
      const { page, realm, canary, application } = await boundSession(lab, t, "H-31", { options: { isolation }, headers: NO_POLICY });
      const before = realm.proofs.all.length;
      const refused = async (act, argument) => (await page.evaluate(act, argument)).error?.code;
      for (const name of ["DPoP", "dpop", "Authorization", "AUTHORIZATION"]) {
        assert.equal(await refused(([url, header]) => window.outcome(() => window.client.fetch(url, { headers: { [header]: "x" } })), [apiUrl(realm), name]), "request_invalid", name);
      }
      for (const url of ["https://evil.test/x", `${realm.issuer}token`, `${realm.issuer}userinfo`, "https://xapi.test/", "https://api.test.evil.test/"]) {
        assert.equal(await refused((given) => window.outcome(() => window.client.fetch(given)), url), "resource_not_listed", url);
      }
      for (const options of [{ iat: 1 }, { nonce: "x" }, { htu: "https://evil.test/" }, { dpop: "x" }]) {
        assert.equal(await refused((given) => window.outcome(() => window.client.getAccessToken(given)), options), "option_unknown");
        assert.equal(await refused((given) => window.outcome(() => window.client.signIn(given)), options), "option_unknown");
      }
      assert.equal(realm.proofs.all.length, before, "no proof was made");
      // In its own language, on a port of one's own.
      if (isolation === "shared") {
        const sorted = Object.fromEntries(Object.entries(application.options).filter(([name]) => name !== "isolation").sort(([a], [b]) => (a < b ? -1 : 1)));
        const replies = await page.evaluate(async ([url, name]) => {
          const { port } = new SharedWorker("/valetkey/vault.js", { name, extendedLifetime: true });
          const heard = [];
          port.onmessage = ({ data }) => heard.push(JSON.stringify(data));
          const shapes = [{}, { url, method: "GET", htu: url, htm: "GET", iat: 1, nonce: "x", ath: "x" }];
          let id = 0;
          for (const kind of ["sign", "proof", "dpop", "key", "keys", "jwk", "signProof", "generate", "keep", "kept"]) for (const shape of shapes) port.postMessage({ kind, id: (id += 1), ...shape });
          await new Promise((resolve) => setTimeout(resolve, 500));
          return heard;
        }, [apiUrl(realm), JSON.stringify(sorted)]);
        assert.ok(replies.some((reply) => reply.includes("command_invalid")), replies.join());
        for (const reply of replies) assert.doesNotMatch(reply, /dpop\+jwt|eyJ/u);
      }
      assert.equal(realm.proofs.all.length, before);
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
      const trace = JSON.stringify(await page.evaluate(() => window.client.trace()));
      for (const { text } of realm.proofs.all) assert.ok(!trace.includes(text));
      await lab.sweep(page, canary);
    });
  }

  test("H-32 the page's clock is turned ahead: proofs are of the time that it is, and none is given to the page", async (t) => {
    for (const isolation of ["shared", "worker"]) {
      const { page, realm, canary } = await boundSession(lab, t, "H-32", { options: { isolation } });
      await page.evaluate(() => {
        const honest = Date.now;
        Date.now = () => honest() + 30 * 24 * 3600_000;
        performance.now = () => 1e12;
        window.Date = class extends Date {
          constructor(...given) {
            super(...(given.length > 0 ? given : [honest() + 30 * 24 * 3600_000]));
          }
        };
      });
      for (let calls = 0; calls < 3; calls += 1) assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
      for (const { claims: { iat } } of realm.proofs.all) assert.ok(Math.abs(iat - now()) < 60);
      await lab.sweep(page, canary);
    }
    record(t, "H-32", "the vault's clock is not the page's: no proof is of a later time than it is, or than a server's own Date says to its own proofs. A proof that a script of the page causes goes to a listed API at once, and is never shown to the page");
  });
}, { atOnce: 4 });
