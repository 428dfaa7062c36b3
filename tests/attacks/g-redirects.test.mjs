// ATTACKS G-05: an endpoint that redirects. A followed 307 or 308 would carry the code and the verifier to wherever it
// points (Fetch, HTTP-redirect fetch), so none is followed, not even within the origin.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { HOSTS, originOf, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { refusedInTurn } from "../hostile/series.mjs";
import { answer, redirect } from "../hostile/switches/answers.mjs";

const lab = useLab();
const STATUSES = [301, 302, 303, 307, 308];
const evil = (id) => `${originOf(HOSTS.evil)}/${id}`;
const toEvil = (id) => lab.network.log.filter(({ host, path }) => host === HOSTS.evil && path === `/${id}`);

attacks("redirects", () => {
  for (const [endpoint, at] of Object.entries({ discovery: "start", jwks: "tokens", token: "tokens", userInfo: "userInfo" })) {
    const targets = { "to another origin": evil(`g-05-${endpoint}`), "within the origin": ({ path }) => `${path}?again`, "over plain http": `http://${HOSTS.evil}/g-05-${endpoint}` };
    const table = {};
    for (const status of STATUSES) {
      for (const [where, target] of Object.entries(targets)) {
        if (where !== "over plain http" || status === 307) table[`${status} ${where}`] = ["redirect_refused", redirect(endpoint, status, target)];
      }
    }
    refusedInTurn(lab, "G-05", `the ${endpoint} endpoint redirects`, table, {
      at,
      check({ realm, name }) {
        assert.deepEqual(toEvil(`g-05-${endpoint}`), [], name);
        assert.deepEqual(lab.network.plain.filter((url) => url.endsWith(`/g-05-${endpoint}`)), [], name);
        assert.deepEqual(realm.log.filter(({ query }) => query.has("again")), [], name);
      },
    });
  }

  test("G-05 a redirect without CORS headers: what finds out why the request failed carries nothing", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("G-05"));
    const page = await lab.page(await lab.context(t));
    realm.set({ ...answer("token", () => ({ status: 307, body: "", headers: { "access-control-allow-origin": [], location: evil("g-05-bare") } })) });
    const report = await lab.attempt(page, application);
    assert.equal(report.error?.code, "cors_blocked", JSON.stringify(report));
    for (const { method, query, body, headers } of toEvil("g-05-bare")) {
      assert.deepEqual([method, query.size, body, headers.referer, headers.cookie, headers.authorization, headers.origin], ["GET", 0, "", undefined, undefined, undefined, undefined]);
    }
    assert.equal(realm.requests("token").filter(({ method }) => method === "POST").length, 1);
    record(t, "G-05", "a redirect without CORS headers looks like any failed request; the bare GET that tells a dead server from a closed one is the one request that follows it, with no code, cookie, referrer or body");
    await lab.sweep(page, canary);
    realm.set();
    await expectSignedIn(lab, page, { realm, application, canary });
  });
});
