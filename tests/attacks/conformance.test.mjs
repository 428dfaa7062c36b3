// The relying-party modules of the OpenID Foundation's conformance suite, and those that it lacks, judged by its own rule:
// after bad input nothing is sent to UserInfo, or anywhere else, within its waiting time.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import test from "node:test";
import { accepted, attacks, expectSignedIn, realmName, refused } from "../hostile/attack.mjs";
import { QUIET, useLab } from "../hostile/lab.mjs";
import { apiUrl, call, signIn } from "../hostile/resource.mjs";
import { dpopModules, jarmModules, modules, renewalModules, suite } from "../hostile/switches/conformance.mjs";
import { providerSession, questions } from "../hostile/switches/session.mjs";
import { FRAMED, FRONT_CHANNEL_PAGE, serveFrontChannel, withWindows } from "../hostile/windows.mjs";

const lab = useLab();
const inSuite = (setting = {}) => ({ ...setting, base: setting.base ?? suite });

attacks("sign-in", () => {
  for (const [name, module] of Object.entries(modules)) {
    const setting = inSuite(module.setting);
    if (module.refused) refused(lab, "CONFORMANCE", name, { ...module, defects: module.refused, setting });
    else accepted(lab, "CONFORMANCE", name, { peculiarities: module.accepted, setting, logins: module.logins, check: (seen) => module.check?.(seen).forEach(([actual, expected]) => assert.equal(actual, expected)) });
  }
});

attacks("signed responses", () => {
  for (const [name, module] of Object.entries(jarmModules)) {
    const setting = inSuite(module.setting);
    if (module.refused) refused(lab, "CONFORMANCE", name, { ...module, defects: module.refused, setting });
    else accepted(lab, "CONFORMANCE", name, { peculiarities: module.accepted, setting });
  }
});

// The suite's resource server compares `htu` literally, wants `ath` at a resource and nowhere else, each `jti` once, and the
// one key that the request has named: so does the laboratory's.
attacks("DPoP", () => {
  for (const [name, { setting, peculiarities = [], refused: defects, code, sent }] of Object.entries(dpopModules)) {
    test(`CONFORMANCE ${name}: ${code ?? "accepted"}`, async (t) => {
      const made = lab.realm(realmName("CONFORMANCE"), setting);
      const { realm, application, canary } = made;
      const page = await lab.sharedPage(t);
      realm.set(...(defects ?? peculiarities));
      if (defects) {
        const report = await lab.attempt(page, application);
        assert.equal(report.error?.code, code, JSON.stringify(report));
        await sleep(QUIET);
        assert.deepEqual([realm.requests("token").length, realm.requests("userInfo").length], [sent, 0]);
        realm.set();
      }
      await signIn(lab, page, made);
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
      assert.equal((await page.evaluate(() => window.outcome(() => window.client.renew()))).error, undefined);
      assert.deepEqual(await call(page, apiUrl(realm)), { value: 200 });
      assert.deepEqual([realm.proofs.problems, realm.proofs.strayNonces], [[], []]);
      const { authorization } = realm;
      assert.ok(realm.proofs.of(["par", "token"]).slice(-2).every(({ thumbprint }) => thumbprint === authorization.dpop_jkt));
      await lab.sweep(page, canary);
    });
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
    await lab.open(page, application, "?iss=https%3A%2F%2Fevil.test%2F");
    assert.equal(await page.evaluate(() => window.client.signInAsInitiated()), false);
    assert.equal(realm.requests("authorize").length, 0);
    await lab.open(page, application, `?iss=${encodeURIComponent(realm.issuer)}`);
    const reported = application.next();
    await page.evaluate(() => void setTimeout(() => window.client.signInAsInitiated()));
    const report = await reported;
    assert.equal(report.status, "signed-in");
    assert.equal(report.userInfo.value.sub, realm.subject);
    await lab.sweep(page, canary);
  });

  for (const [name, by] of Object.entries({ "oidcc-client-test-rp-frontchannel-rpinitlogout": "the application", "oidcc-client-test-rp-frontchannel-opinitlogout": "the provider" })) {
    test(`CONFORMANCE ${name}: signed out`, async (t) => {
      await serveFrontChannel(lab);
      const { realm, application, canary } = lab.realm(realmName("CONFORMANCE"), inSuite());
      const context = await lab.context(t);
      const page = await lab.page(context);
      await expectSignedIn(lab, page, { realm, application, canary });
      const notice = `${FRONT_CHANNEL_PAGE}?${new URLSearchParams({ iss: realm.issuer, sid: `sid-${realm.name}` })}`;
      // What the suite shows at the end of a session: the relying party's page in a frame, then the way back.
      realm.set({
        endSessionAnswer: (_, { request }) => ({
          headers: { "content-type": "text/html" },
          body: `<!doctype html><iframe src="${notice.replace("&", "&amp;")}" onload="setTimeout(() => { ${request.query.has("post_logout_redirect_uri") ? `location = '${request.query.get("post_logout_redirect_uri")}'` : ""} }, 300)"></iframe>`,
        }),
      });
      if (by === "the application") {
        const reported = application.next();
        await page.evaluate(() => void setTimeout(() => window.client.signOut()));
        assert.equal((await reported).status, "signed-out");
        assert.equal(canary.all.get(realm.requests("endSession")[0].query.get("id_token_hint")), "id-token");
        await lab.sweep(page, canary);
        return;
      }
      const provider = await context.newPage();
      await provider.goto(`${realm.issuer}logout`);
      await page.waitForFunction(() => window.client.session.status === "signed-out");
      assert.equal(await page.evaluate(() => window.client.session.reason), "provider_signed_out");
      await lab.sweep(page, canary);
    });
  }

  test("CONFORMANCE oidcc-client-test-session-management: asked before and after, then signed out", async (t) => {
    const provider = providerSession();
    const { realm, application, canary } = lab.realm(realmName("CONFORMANCE"), withWindows({ base: [...suite, provider.base], options: { monitorSession: true } }));
    const page = await lab.page(await lab.context(t));
    assert.equal((await lab.attempt(page, application)).status, "signed-in");
    const answered = async (answer) => page.waitForFunction((word) => window.answers.includes(word), answer, { timeout: 30_000 });
    await page.evaluate(() => {
      window.answers = [];
      addEventListener("message", ({ data }) => window.answers.push(data));
    });
    await answered("unchanged");
    provider.ended = true;
    provider.state = "state-2";
    await answered("changed");
    await page.waitForFunction(() => window.client.session.status === "signed-out");
    assert.equal(await page.evaluate(() => window.client.session.reason), "provider_session_changed");
    assert.deepEqual([...new Set(questions(realm).map(({ asked }) => asked))], [`${realm.clientId} state-1`]);
    await lab.sweep(page, canary, { allow: FRAMED });
  });
});

function withState(url, state) {
  const changed = new URL(url);
  if (state === undefined) changed.searchParams.delete("state");
  else changed.searchParams.set("state", state);
  return changed.href;
}
