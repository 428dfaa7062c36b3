// ATTACKS group J, where to be afterwards: the navigation never leads to another origin.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attacks, refused } from "../hostile/attack.mjs";
import { begin, callbackFor, inFlight, stage } from "../hostile/flow.mjs";
import { HOSTS, originOf, useLab } from "../hostile/lab.mjs";
import { members } from "../hostile/switches/metadata.mjs";

const lab = useLab();
const APP = originOf(HOSTS.app);

/** What is replaced, because some parser makes something else of it than a path. */
const REPLACED = [
  "javascript:alert(1)", "JaVaScRiPt:alert(1)", "\tjavascript:alert(1)", "java\nscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:https://app.test/x",
  "//evil.test", "///evil.test", "////evil.test", "/\\evil.test", "\\evil.test", "\\\\evil.test", "/\\/evil.test", "/\t/evil.test", "/\n/evil.test", "/ /evil.test",
  "https:evil.test", "https:/evil.test", "https://evil.test", "http://evil.test", "https://app.test@evil.test", "https://app.test.evil.test", " //evil.test", "\0//evil.test", "?next=//evil.test",
  "/..//evil.test", "/.//evil.test", "/./evil", "/x/..//evil.test", "/x/%2e%2e//evil.test", "/%2E//evil.test", "/x/.%2e//evil.test", "evil.test", "#x", "", "/\u2028x", "/é", "/\u202Ex",
];
/** What is a path of this origin, however it looks. */
const KEPT = ["/%09/evil.test", "/%2f%2fevil.test", "/%5cevil.test", "/x?next=//evil.test", "/x//evil.test", "/x#//evil.test", "/@evil.test", "/https://evil.test", "/orders?open=1#last"];

const chunks = (values, size) => Array.from({ length: Math.ceil(values.length / size) }, (_, at) => values.slice(at * size, (at + 1) * size));

function judge(address, given, kept, otherwise) {
  const { origin, href } = new URL(address);
  assert.equal(origin, APP, given);
  assert.equal(href, kept ? APP + given : otherwise, given);
}

/** Watches where pages go: nowhere but to the application. */
function watch(page) {
  const gone = [];
  page.on("request", (request) => {
    if (request.isNavigationRequest() && new URL(request.url()).origin !== APP) gone.push(request.url());
  });
  return gone;
}

attacks("return-to", () => {
  for (const [id, values, kept] of [
    ...chunks(REPLACED, 8).map((values) => ["J-01", values, false]),
    ["J-01", KEPT, true],
    ["J-02", ["/.//evil.test", "/x/..//evil.test", "/x/%2e%2e//evil.test", "/..//evil.test"], false],
  ]) {
    test(`${id} signIn with returnTo ${JSON.stringify(values[0])} and ${values.length - 1} more: ${kept ? "a path of this origin" : "replaced"}`, async (t) => {
      const staged = await stage(lab, t, id);
      const gone = watch(staged.page);
      for (const returnTo of values) {
        const { callback } = await inFlight(staged, { returnTo });
        const report = await lab.open(staged.page, staged.application, callback.href);
        assert.equal(report.status, "signed-in", returnTo);
        judge(staged.page.url(), returnTo, kept, staged.application.page);
      }
      assert.deepEqual(gone, []);
    });
  }

  for (const values of chunks(["//evil.test", "https://evil.test/", "javascript:alert(1)", "/\\evil.test", "/x/..//evil.test", "\t//evil.test"], 2)) {
    test(`J-03 returnTo changed to ${values.map((value) => JSON.stringify(value)).join(" and ")} in the stored record: replaced when it is used`, async (t) => {
      // Where the vault does not outlive the page, the stored record is what counts.
      const staged = await stage(lab, t, "J-03", { options: { isolation: "page" } });
      const { page, application } = staged;
      for (const evil of [...values, "/kept"]) {
        const { callback } = await inFlight(staged, { returnTo: "/inbox" });
        assert.equal(await tamper(page, "return_to", evil), 1);
        const report = await lab.open(page, application, callback.href);
        assert.equal(report.status, "signed-in", JSON.stringify(report));
        judge(page.url(), evil, evil === "/kept", application.page);
      }
    });
  }

  for (const values of chunks(["//evil.test", "https://evil.test/", "javascript:alert(1)", "/\\evil.test", "/x/..//evil.test", "data:text/html,x", "/bye?x=1#y"], 2)) {
    test(`J-04 signOut with returnTo ${values.join(" and ")}: never another origin`, async (t) => {
      const staged = await stage(lab, t, "J-04");
      const { page, application, realm } = staged;
      const gone = watch(page);
      for (const returnTo of values) {
        await signedOutTo(staged, returnTo);
        judge(page.url(), returnTo, returnTo.startsWith("/bye"), application.page);
      }
      assert.deepEqual(gone, []);
      assert.equal(realm.requests("endSession").length, values.length);
    });
  }

  test("J-04 returnTo of a sign-out changed in the stored record: replaced", async (t) => {
    const staged = await stage(lab, t, "J-04");
    await signedOutTo(staged, "/bye", () => tamper(staged.page, undefined, "//evil.test/"));
    judge(staged.page.url(), "//evil.test/", false, staged.application.page);
  });

  test("J-04 a return from a sign-out that nobody started: nothing happens", async (t) => {
    const staged = await stage(lab, t, "J-04");
    const { page, application } = staged;
    const signedIn = await lab.open(page, application, (await inFlight(staged)).callback.href);
    assert.equal(signedIn.status, "signed-in");
    const { state } = await inFlight(staged);
    for (const forged of [state.replace("vk_", "vo_"), "vo_x", "//evil.test"]) {
      const report = await lab.open(page, application, `?state=${encodeURIComponent(forged)}`);
      assert.deepEqual([report.status, report.error, new URL(page.url()).origin], ["signed-in", undefined, APP]);
    }
  });

  // Addresses of the metadata that the browser is sent to: only https ones are addresses.
  for (const member of ["authorization_endpoint", "end_session_endpoint"]) {
    for (const [url, code] of [["javascript:alert(1)//", "member_invalid"], ["data:text/html,x", "member_invalid"], ["http://op.test/x", "insecure_http"], ["//evil.test/x", "member_invalid"]]) {
      refused(lab, "J-04", `${member} ${url}`, { defects: [members({ [member]: url })], code, at: "start", jwks: 0, freshTwin: true });
    }
  }

  test("J-04 target_link_uri, error_uri and the like in the address: not followed", async (t) => {
    const staged = await stage(lab, t, "J-04");
    const gone = watch(staged.page);
    for (const name of ["target_link_uri", "error_uri", "returnTo", "return_to", "post_logout_redirect_uri", "next"]) {
      const report = await lab.open(staged.page, staged.application, `?${name}=${encodeURIComponent("https://evil.test/")}`);
      assert.deepEqual([report.status, report.error], ["signed-out", undefined], name);
    }
    assert.deepEqual(gone, []);
    const finished = await lab.open(staged.page, staged.application, (await callbackFor(staged.realm, await begin(staged.page))).href);
    assert.equal(finished.status, "signed-in");
  });
});

/** Signs in and out again; the browser comes back from the provider. */
async function signedOutTo(staged, returnTo, meanwhile) {
  const { page, application, realm } = staged;
  const signedIn = await lab.open(page, application, (await inFlight(staged)).callback.href);
  assert.equal(signedIn.status, "signed-in", JSON.stringify(signedIn));
  const logout = await page.evaluate(async (given) => {
    await window.client.signOut({ returnTo: given });
    return window.navigated.at(-1);
  }, returnTo);
  await meanwhile?.();
  const report = await lab.open(page, application, (await callbackFor(realm, logout)).href);
  assert.deepEqual([report.status, report.error], ["signed-out", undefined]);
}

/** Changes a field of every record, or the whole of it, as a script of the page could; answers how many there were. */
function tamper(page, field, value) {
  return page.evaluate(async ({ field, value }) => {
    const settled = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }));
    const database = await settled(indexedDB.open("valetkey"));
    const store = database.transaction("transactions", "readwrite").objectStore("transactions");
    const keys = await settled(store.getAllKeys());
    for (const key of keys) {
      const record = new URLSearchParams(await settled(store.get(key)));
      if (field) record.set(field, value);
      await settled(store.put(field ? record.toString().replaceAll("+", "%20") : value, key));
    }
    database.close();
    return keys.length;
  }, { field, value });
}
