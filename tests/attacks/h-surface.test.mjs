// ATTACKS H-05, H-10, H-11, H-29: what the modules offer to whoever imports them, and whether a signature is found good by
// a WebCrypto that finds all of them good.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { useLab } from "../hostile/lab.mjs";
import { payloads, scriptOf } from "../hostile/payloads/index.mjs";
import { record } from "../hostile/record.mjs";
import { dpop } from "../hostile/switches/dpop.mjs";
import { signed } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const crypto = payloads.find(({ name }) => name === "crypto");
/** Tokens that are renewed the next time they are needed. */
const SHORT = { tokens: (honest) => ({ ...honest, expires_in: 1 }) };
const BAD_SIGNATURE = signed((_, honest) => Buffer.from(honest).map((byte, index) => (index === 5 ? byte ^ 1 : byte)));

const scriptFor = (application) => scriptOf(crypto, { redirectUri: application.page });

attacks("a WebCrypto that finds every signature good", () => {
  for (const isolation of ["shared", "worker"]) {
    test(`H-11 replaced before the library, ${isolation}: signature_invalid`, async (t) => {
      const made = lab.realm(realmName("h-11"), { options: { isolation } });
      const context = await lab.context(t);
      const page = await lab.page(context);
      await context.addInitScript(scriptFor(made.application));
      made.realm.set(BAD_SIGNATURE);
      const report = await lab.attempt(page, made.application);
      assert.equal(report.error?.code, "signature_invalid", JSON.stringify(report));
      assert.equal(report.status, "signed-out");
      made.realm.set();
      await expectSignedIn(lab, page, made);
    });

    test(`H-10 replaced in a page that is signed in, ${isolation}: a renewal with a bad signature ends the session`, async (t) => {
      const made = lab.realm(realmName("h-10"), { options: { isolation }, base: [SHORT] });
      const page = await lab.page(await lab.context(t));
      await expectSignedIn(lab, page, made);
      await page.evaluate(scriptFor(made.application));
      const call = () => page.evaluate(() => window.outcome(async () => (await window.client.fetch("https://api.test/after")).status));
      const renewals = () => made.realm.requests("token").length;
      // The twin: renewals work under the very same page.
      await assert.doesNotReject(async () => {
        for (const before = renewals(); renewals() === before; ) assert.deepEqual(await call(), { value: 200 });
      });
      made.realm.set(BAD_SIGNATURE);
      let outcome = await call();
      for (const started = Date.now(); outcome.value === 200 && Date.now() - started < 20_000; ) outcome = await call();
      assert.equal(outcome.error?.code, "signature_invalid", JSON.stringify(outcome));
      assert.equal(await page.evaluate(() => window.client.session.status), "signed-out");
    });
  }
}, { atOnce: 4 });

attacks("what there is to call", () => {
  test("H-05 the modules export nothing of the WebAssembly module: neither memory nor raw functions", async (t) => {
    const made = lab.realm(realmName("h-05"), { options: { isolation: "page" } });
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, made);
    const exported = await page.evaluate(async () => {
      const names = {};
      for (const file of ["index", "page", "messages"]) names[file] = Object.keys(await import(`/valetkey/${file}.js`)).sort();
      return names;
    });
    assert.deepEqual(exported, { index: ["OidcError", "createOidcClient"], page: ["serve"], messages: ["texts"] });
  });

  test("H-29 a client has no member that holds or answers a token", async (t) => {
    const made = lab.realm(realmName("h-29"));
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, made);
    const members = await page.evaluate(() => {
      const names = new Set();
      for (let of = window.client; of !== Object.prototype; of = Object.getPrototypeOf(of)) for (const name of Reflect.ownKeys(of)) names.add(String(name));
      return [...names].sort();
    });
    const known = ["constructor", "fetch", "getAccessToken", "onEvent", "onTrace", "ready", "renew", "resume", "session", "signIn", "signInAsInitiated", "signOut", "subscribe", "trace", "userInfo"];
    assert.deepEqual(members, known);
    assert.equal((await page.evaluate(() => window.outcome(() => window.client.getAccessToken()))).error?.code, "access_token_not_exposed");
    await lab.sweep(page, made.canary);
  });

  test("H-29 `exposeAccessToken`: the access token is in the page that asks for it, and nothing else is", async (t) => {
    for (const base of [[], [dpop()]]) {
      const made = lab.realm(realmName("h-29"), { options: { exposeAccessToken: true }, base });
      const page = await lab.page(await lab.context(t));
      await expectSignedIn(lab, page, made);
      const { value } = await page.evaluate(() => window.outcome(() => window.client.getAccessToken()));
      assert.deepEqual([made.canary.all.get(value.accessToken), value.tokenType, Object.keys(value)], ["access", base.length > 0 ? "DPoP" : "Bearer", ["accessToken", "tokenType"]]);
      await lab.sweep(page, made.canary);
      // A vault of these very options, or none: a script cannot have the tokens of one that does not give them out.
      const others = await page.evaluate(async (options) => {
        const client = window.createOidcClient({ ...options, exposeAccessToken: false });
        return [(await client.ready()).status, (await window.outcome(() => client.getAccessToken())).error?.code];
      }, made.application.options);
      assert.deepEqual(others, ["signed-out", "access_token_not_exposed"]);
      if (base.length > 0) record(t, "H-29", "`exposeAccessToken` gives every script of the page the access token; one that is bound (DPoP) opens no API without the key, which stays in the vault");
    }
  });
}, { atOnce: 4 });
