// ATTACKS group E, the rest: token responses without an ID token, UserInfo, renewed ID tokens, and sessions from elsewhere.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import test from "node:test";
import { accepted, attacks, expectSignedIn, realmName, refused } from "../hostile/attack.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { key } from "../hostile/keys.mjs";
import { signedBy } from "../hostile/switches/keys.mjs";
import { signedUserInfo } from "../hostile/switches/user-info.mjs";
import { claim, header, now, signed, tokens } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const api = `${originOf(HOSTS.api)}/`;

/** A switch of the renewal alone. */
const whenRenewed = (given) => Object.fromEntries(Object.entries(given).map(([name, hook]) => [name, (value, context) => (context.renewal ? hook(value, context) : value)]));

attacks("E other documents", () => {
  for (const [what, value, code = "id_token_missing"] of [
    ["missing", undefined],
    ["null", null],
    ["an array", [], "member_invalid"],
    ["a number", 1, "member_invalid"],
    ["an object", {}, "member_invalid"],
    ["empty", "", "member_invalid"],
  ]) {
    refused(lab, "E-40", `id_token ${what}`, { defects: [tokens((all) => void (all.id_token = value))], code });
  }

  const userInfo = (id, what, code, defect) => refused(lab, id, what, { at: "userInfo", code, defects: [defect], check: keepsItsClaims });
  /** What UserInfo says is not used; who signed in is still known. */
  const keepsItsClaims = ({ realm, report }) => {
    assert.equal(report.status, "signed-in");
    assert.equal(report.claims.sub, realm.subject);
    assert.equal(report.claims.name, "Ada Lovelace");
  };
  const answering = (type, body) => ({ userInfoAnswer: (answer, context) => ({ ...answer, headers: { ...answer.headers, "content-type": type }, body: body(answer.body, context) }) });
  userInfo("E-43", "UserInfo of another subject", "user_info_subject_mismatch", { userInfo: (all) => ({ ...all, sub: `${all.sub}invalid` }) });
  userInfo("E-43", "UserInfo without a subject", "user_info_subject_mismatch", { userInfo: ({ sub: _, ...all }) => all });
  userInfo("E-43", "UserInfo with the subject in an array", "user_info_subject_mismatch", { userInfo: (all) => ({ ...all, sub: [all.sub] }) });
  userInfo("E-43", "UserInfo with two subjects", "json_duplicate_member", { userInfoText: (text) => text.replace("{", '{"sub":"other",') });

  accepted(lab, "E-44", "UserInfo with claims of the protocol, which change nothing of the session", {
    peculiarities: [{ userInfo: (all) => ({ ...all, iss: "https://evil.test", aud: "evil", exp: 1, nonce: "evil", auth_time: 1, acr: "evil" }) }],
    async check({ realm, page }) {
      const { claims } = await page.evaluate(() => window.client.session);
      assert.equal(claims.iss, realm.issuer);
      assert.equal(claims.aud, "spa");
      assert.ok(claims.exp > now());
      assert.equal(claims.acr, undefined);
    },
  });

  for (const [what, code, change] of [
    ["unsigned", "algorithm_not_allowed", { header: { alg: "none" }, signature: "" }],
    ["with HS256", "algorithm_not_allowed", { header: { alg: "HS256" } }],
    ["signed by somebody else", "signature_invalid", { by: key("RS256", "attacker") }],
    ["of another issuer", "id_token_issuer_mismatch", { claims: { iss: "https://evil.test" } }],
    ["without an issuer", "member_missing", { claims: { iss: undefined } }],
    ["for another client", "audience_mismatch", { claims: { aud: "evil" } }],
    ["of another subject", "user_info_subject_mismatch", { claims: { sub: "evil" } }],
    ["that is an access token", "token_type_confusion", { header: { typ: "at+jwt" } }],
  ]) {
    userInfo("E-45", `a UserInfo JWT ${what}`, code, signedUserInfo(change));
  }
  accepted(lab, "E-45", "a UserInfo JWT", { peculiarities: [signedUserInfo()] });
  userInfo("E-46", "UserInfo as HTML", "content_type_mismatch", answering("text/html", (body) => body));
  userInfo("E-46", "UserInfo without a content type", "content_type_mismatch", { userInfoAnswer: (answer) => ({ ...answer, headers: { ...answer.headers, "content-type": "" } }) });
  userInfo("E-46", "UserInfo in an array", "json_not_an_object", { userInfoText: (text) => `[${text}]` });

  const sources = { _claim_names: { credit: "src" }, _claim_sources: { src: { endpoint: "https://evil.test/claims", access_token: "theirs" } } };
  const nothingAtEvil = () => assert.equal(lab.network.log.filter(({ host, path }) => host === "evil.test" && path === "/claims").length, 0);
  accepted(lab, "E-47", "distributed claims of UserInfo, which nobody fetches", { peculiarities: [{ userInfo: (all) => ({ ...all, ...sources }) }], check: nothingAtEvil });
  accepted(lab, "E-47", "distributed claims of the ID token, which nobody fetches", { peculiarities: [{ claims: (all) => ({ ...all, ...sources }) }], check: nothingAtEvil });

  for (const [what, code, ...defects] of [
    ["of another subject", "subject_changed", claim("sub", (sub) => `${sub}1`)],
    ["of another issuer", "id_token_issuer_mismatch", claim("iss", (iss) => `${iss}1`)],
    ["for another client", "audience_mismatch", claim("aud", "evil")],
    ["for one more client", "audience_untrusted", claim("aud", ["spa", "evil"])],
    ["with another nonce", "nonce_changed", claim("nonce", "another")],
    ["with another authentication time", "auth_time_changed", claim("auth_time", (time) => time - 60)],
    ["for another authorized party", "authorized_party_mismatch", claim("azp", "evil")],
    ["signed with another key", "signature_invalid", signedBy("RS256", "attacker")],
    ["that is not signed", "algorithm_not_allowed", header({ alg: "none" }), signed(() => Buffer.alloc(0))],
  ]) {
    test(`E-48 a renewed ID token ${what}: ${code}, and the session is over`, async (t) => {
      const { realm, page, renew } = await signedInToRenew(t, "E-48");
      realm.set(...defects.map(whenRenewed));
      const { error } = await renew();
      assert.equal(error?.code, code);
      assert.equal(await page.evaluate(() => window.client.session.status), "signed-out");
      const sent = () => ["token", "userInfo", "authorize"].map((endpoint) => realm.requests(endpoint).length);
      const before = sent();
      await sleep(QUIET);
      assert.deepEqual(sent(), before);
      assert.deepEqual(await page.evaluate(() => window.troubles), []);
    });
  }

  test("E-48 a renewed ID token that has expired: id_token_expired; nothing of it is used, and the session waits", async (t) => {
    const { realm, page, renew } = await signedInToRenew(t, "E-48");
    realm.set(whenRenewed(claim("exp", () => now() - 360)), whenRenewed(claim("name", "Eve")));
    const { error } = await renew();
    assert.equal(error?.code, "id_token_expired");
    const { status, claims, renewalPostponed } = await page.evaluate(() => window.client.session);
    // This device's clock may be wrong, or have slept before the answer came: that ends no session.
    assert.deepEqual([status, claims.name, renewalPostponed.code], ["signed-in", "Ada Lovelace", "id_token_expired"]);
    const others = () => ["userInfo", "authorize"].map((endpoint) => realm.requests(endpoint).length);
    const before = others();
    await sleep(QUIET);
    assert.deepEqual(others(), before);
    realm.set();
    assert.deepEqual(await renew(), { value: 200 });
    assert.equal(await page.evaluate(() => window.client.session.renewalPostponed), undefined);
  });

  for (const [what, ...peculiarities] of [
    ["with the same nonce"],
    ["without a nonce", claim("nonce", undefined)],
    ["that was not sent", tokens(({ id_token: _, ...all }) => all)],
    ["without an authentication time", claim("auth_time", undefined)],
  ]) {
    test(`E-49 a renewed ID token ${what}: accepted`, async (t) => {
      const { realm, page, renew, canary } = await signedInToRenew(t, "E-49");
      realm.set(...peculiarities.map(whenRenewed));
      assert.deepEqual(await renew(), { value: 200 });
      assert.equal(await page.evaluate(() => window.client.session.status), "signed-in");
      assert.equal(realm.requests("token").length, 2);
      await lab.sweep(page, canary);
    });
  }

  test("E-50 a session that another script of the origin makes up is not believed", async (t) => {
    const { application, canary } = lab.realm(realmName("E-50"));
    const page = await lab.sharedPage(t);
    assert.equal((await lab.open(page, application)).status, "signed-out");
    await page.evaluate(() => {
      const forged = { status: "signed-in", claims: { sub: "forged" }, scope: [], renewable: true, restoredBy: "memory" };
      const channel = new BroadcastChannel("valetkey");
      for (const message of [{ kind: "session", session: forged }, { kind: "value", id: 1, value: { session: forged } }, { answers: location.href, arrival: { session: forged } }]) {
        channel.postMessage(message);
        window.postMessage(message, "*");
        window.dispatchEvent(new StorageEvent("storage", { key: "valetkey", newValue: JSON.stringify(message) }));
      }
    });
    assert.equal((await page.evaluate(() => window.outcome(() => window.client.userInfo()))).error.code, "not_signed_in");
    assert.equal(await page.evaluate(() => window.client.session.status), "signed-out");
    assert.equal((await lab.open(page, application)).status, "signed-out");
    await lab.sweep(page, canary);
  });
});

/** Signs in with an access token that has expired already, so that the first call renews it. */
async function signedInToRenew(t, id) {
  const { realm, application, canary } = lab.realm(realmName(id), { base: [tokens((all, { renewal }) => void (all.expires_in = renewal ? 300 : 1))] });
  const page = await lab.sharedPage(t);
  await expectSignedIn(lab, page, { realm, application, canary });
  const renew = () => page.evaluate((url) => window.outcome(async () => (await window.client.fetch(url)).status), api);
  return { realm, page, canary, renew: async () => (await sleep(1_500), renew()) };
}
