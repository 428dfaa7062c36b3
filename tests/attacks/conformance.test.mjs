// The relying-party modules of the OpenID Foundation's conformance suite, and those that it lacks, judged by its own rule:
// after bad input nothing is sent to UserInfo, or anywhere else, within its waiting time.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import test from "node:test";
import { accepted, attacks, expectSignedIn, realmName, refused } from "../hostile/attack.mjs";
import { QUIET, useLab } from "../hostile/lab.mjs";
import { modules, renewalModules, suite } from "../hostile/switches/conformance.mjs";

const lab = useLab();
const inSuite = (setting = {}) => ({ ...setting, base: setting.base ?? suite });

attacks("sign-in", () => {
  for (const [name, module] of Object.entries(modules)) {
    const setting = inSuite(module.setting);
    if (module.refused) refused(lab, "CONFORMANCE", name, { ...module, defects: module.refused, setting });
    else accepted(lab, "CONFORMANCE", name, { peculiarities: module.accepted, setting, logins: module.logins, check: (seen) => module.check?.(seen).forEach(([actual, expected]) => assert.equal(actual, expected)) });
  }
});

attacks("renewal", () => {
  for (const [name, module] of Object.entries(renewalModules)) {
    test(`CONFORMANCE ${name}: ${module.code ?? "accepted"}`, async (t) => {
      const { realm, application, canary } = lab.realm(realmName("CONFORMANCE"), inSuite());
      const page = await lab.sharedPage(t);
      await expectSignedIn(lab, page, { realm, application, canary });
      realm.set(...(module.refused ?? module.accepted));
      const { error } = await page.evaluate(() => window.outcome(() => window.client.renew()));
      assert.equal(error?.code, module.code);
      if (module.code) await sleep(QUIET);
      else assert.equal((await page.evaluate(() => window.outcome(() => window.client.userInfo()))).value?.sub, realm.subject);
      const bearers = new Set(realm.requests("userInfo").map(({ headers }) => headers.authorization));
      assert.equal(bearers.size, module.code ? 1 : 2, "UserInfo is asked with the new access token, or not at all");
      assert.equal(realm.requests("token").length, 2);
      assert.equal(await page.evaluate(() => window.client.session.status), module.code ? "signed-out" : "signed-in");
      await lab.sweep(page, canary);
    });
  }
});

attacks("logout and third-party-initiated login", () => {
  for (const [name, defect] of Object.entries({
    "oidcc-client-test-rp-init-logout": [],
    "oidcc-client-test-rp-init-logout-other-state": [{ logoutRedirect: (url) => withState(url, "random") }],
    "oidcc-client-test-rp-init-logout-no-state": [{ logoutRedirect: (url) => withState(url) }],
  })) {
    test(`CONFORMANCE ${name}: signed out`, async (t) => {
      const { realm, application, canary } = lab.realm(realmName("CONFORMANCE"), inSuite());
      const page = await lab.sharedPage(t);
      await expectSignedIn(lab, page, { realm, application, canary });
      realm.set(...defect);
      const reported = application.next();
      await page.evaluate(() => void setTimeout(() => window.client.signOut()));
      const report = await reported;
      assert.equal(report.status, "signed-out");
      assert.equal(report.error, undefined);
      const [{ query }] = realm.requests("endSession");
      assert.equal(query.get("post_logout_redirect_uri"), application.page);
      assert.equal(canary.all.get(query.get("id_token_hint")), "id-token");
      assert.ok(query.get("state"));
      await page.waitForFunction(() => window.loaded);
      // A state that is not ours is left where it is.
      if (defect.length === 0) assert.equal(page.url(), application.page);
    });
  }

  test("CONFORMANCE own-rpinit-logout-unreachable: signed out here all the same", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("CONFORMANCE"), inSuite());
    const context = await lab.context(t);
    const page = await lab.page(context);
    await expectSignedIn(lab, page, { realm, application, canary });
    realm.set({ endSessionAnswer: () => ({ stream: (outgoing) => outgoing.socket.destroy() }) });
    const failed = page.waitForEvent("requestfailed", (request) => request.url().startsWith(`${realm.issuer}logout`));
    await page.evaluate(() => void setTimeout(() => window.client.signOut()));
    await failed;
    assert.equal((await lab.open(await lab.page(context), application)).status, "signed-out");
  });

  test("CONFORMANCE oidcc-client-test-3rd-party-init-login: a sign-in at the provider that is configured, and at no other", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("CONFORMANCE"), inSuite());
    const page = await lab.sharedPage(t);
    // What an application does at its initiate_login_uri (OpenID Connect Core §4).
    const initiate = async (issuer) => {
      await lab.open(page, application, `?iss=${encodeURIComponent(issuer)}`);
      return page.evaluate((own) => {
        if (new URLSearchParams(location.search).get("iss") !== own) return false;
        setTimeout(() => window.client.signIn());
        return true;
      }, realm.issuer);
    };
    assert.equal(await initiate("https://evil.test/"), false);
    assert.equal(realm.requests("authorize").length, 0);
    assert.equal(await initiate(realm.issuer), true);
    const report = await application.next();
    assert.equal(report.status, "signed-in");
    assert.equal(report.userInfo.value.sub, realm.subject);
    await lab.sweep(page, canary);
  });
});

function withState(url, state) {
  const changed = new URL(url);
  if (state === undefined) changed.searchParams.delete("state");
  else changed.searchParams.set("state", state);
  return changed.href;
}
