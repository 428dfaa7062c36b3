// ATTACKS group B, mix-up: an answer of one provider that is taken for another's, and providers that have one name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accepted, attacks, expectSignedIn, realmName, refused } from "../hostile/attack.mjs";
import { expectRefused, inFlight, stage } from "../hostile/flow.mjs";
import { key, signature } from "../hostile/keys.mjs";
import { HOSTS, originOf, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { apiUrl, boundSession, call, signIn } from "../hostile/resource.mjs";
import { dpop } from "../hostile/switches/dpop.mjs";
import { members } from "../hostile/switches/metadata.mjs";
import { errorResponse, response } from "../hostile/switches/response.mjs";
import { claim, signed } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const evil = originOf(HOSTS.evil);
const silent = members({ authorization_response_iss_parameter_supported: undefined });
const notAdvertised = { base: [silent] };
const atCallback = (id, what, code, defects, setting) => refused(lab, id, what, { defects, code, at: "callback", setting });

attacks("mix-up", () => {
  // RFC 9207 §2.4: compared as strings (RFC 3986 §6.2.1).
  const wrong = {
    "another provider's": () => `${evil}/`,
    "its origin alone": (iss) => new URL(iss).origin,
    "without its last slash": (iss) => iss.slice(0, -1),
    "with another slash": (iss) => `${iss}/`,
    "with an upper-case host": (iss) => iss.replace("op.test", "OP.test"),
    "with the default port": (iss) => iss.replace("op.test", "op.test:443"),
    "with a slash that is encoded": (iss) => iss.replace(/\/$/u, "%2F"),
    "with a letter that is encoded": (iss) => iss.replace("op.test", "%6Fp.test"),
    "with a letter of another script": (iss) => iss.replace("op.test", "оp.test"),
    "with a trailing dot": (iss) => iss.replace("op.test", "op.test."),
    "with one more segment": (iss) => `${iss}tenant/`,
    "with a query": (iss) => `${iss}?`,
    "with a space": (iss) => `${iss} `,
    "of plain http": (iss) => iss.replace("https:", "http:"),
    "with a user": (iss) => iss.replace("https://", "https://op@"),
  };
  atCallback("B-01", "iss of another provider", "issuer_parameter_mismatch", [response({ iss: `${evil}/` })]);
  atCallback("B-02", "iss missing although it is announced", "issuer_parameter_missing", [response({ iss: undefined })]);
  atCallback("B-02", "iss empty although it is announced", "issuer_parameter_missing", [response({ iss: "" })]);
  for (const [what, change] of Object.entries(wrong).slice(1)) {
    atCallback("B-03", `iss ${what}`, "issuer_parameter_mismatch", [response({ iss: change })]);
  }
  accepted(lab, "B-04", "iss that is right and not announced", { setting: notAdvertised });
  accepted(lab, "B-04", "no iss and none announced", { setting: notAdvertised, peculiarities: [response({ iss: undefined })] });
  atCallback("B-04", "iss that is wrong and not announced", "issuer_parameter_mismatch", [response({ iss: `${evil}/` })], notAdvertised);

  for (const error of ["access_denied", "login_required", "server_error"]) {
    atCallback("B-06", `${error} that says it is another provider's`, "issuer_parameter_mismatch", [errorResponse({ error, iss: `${evil}/` })]);
    atCallback("B-06", `${error} that does not say whose it is`, "issuer_parameter_missing", [errorResponse({ error, iss: undefined })]);
    atCallback("B-06", `${error} of the right provider`, error, [errorResponse({ error })]);
  }

  /** The honest provider, and the attacker's, which the user has chosen; both are registered with one redirect URI. */
  const two = (id, honestSetting = {}) => {
    const attackersName = realmName(id);
    const page = `${originOf(HOSTS.app)}/${attackersName}/`;
    const honest = lab.realm(realmName(id), { ...honestSetting, options: { redirectUri: page } });
    return { attackersName, honest };
  };
  /** RFC 9700 §4.4.1: the attacker's authorization endpoint sends the browser on to the honest one. */
  const sendsOn = (honest) => ({
    authorizeAnswer(_, { request }) {
      const query = new URLSearchParams(request.query);
      query.set("client_id", honest.realm.clientId);
      return { status: 302, headers: { location: `${honest.realm.issuer}authorize?${query}` } };
    },
  });
  /** The attacker's metadata name the honest authorization endpoint themselves. */
  const names = (honest) => members({ authorization_endpoint: `${honest.realm.issuer}authorize` });

  for (const [id, what, defect] of [
    ["B-05", "the attacker's authorization endpoint sends the user on to the honest one", sendsOn],
    ["B-10", "the attacker's metadata names the honest authorization endpoint", names],
  ]) {
    for (const announced of [true, false]) {
      test(`${id} ${what}, the attacker ${announced ? "announces iss" : "does not announce iss"}: issuer_parameter_mismatch`, async (t) => {
        const { attackersName, honest } = two(id);
        const attacker = lab.realm(attackersName, { host: HOSTS.otherProvider, base: announced ? [] : [silent] });
        attacker.realm.set(defect(honest));
        const context = await lab.context(t);
        const page = await lab.page(context);
        const report = await lab.attempt(page, attacker.application);
        assert.equal(report.error?.code, "issuer_parameter_mismatch", JSON.stringify(report));
        assert.equal(honest.realm.requests("authorize").length, 1, "the honest provider has issued a code");
        assert.deepEqual([attacker.realm.requests(["token", "userInfo"]).length, honest.realm.requests(["token", "userInfo"]).length], [0, 0]);
        await lab.sweep(page, honest.canary);
        attacker.realm.set();
        // Metadata are remembered for a while.
        await expectSignedIn(lab, await lab.page(await lab.context(t)), attacker);
      });
    }

    test(`${id} ${what}, and the honest one sends no iss: the two cannot have one redirect URI`, async (t) => {
      const { honest } = two(id, { base: [silent] });
      const staged = await stage(lab, t, id, { host: HOSTS.otherProvider });
      const { page, application } = staged;
      const outcome = (redirectUri) => page.evaluate(async (options) => {
        const { value, error } = await window.outcome(() => window.createOidcClient(options));
        return error?.code ?? value.session.status;
      }, { ...honest.application.options, redirectUri });
      for (const shared of [application.page, application.page.slice(0, -1), `${application.page}?tenant=honest`, `${application.page}#x`]) {
        assert.equal(await outcome(shared), "redirect_uri_shared", shared);
      }
      assert.equal(await outcome(`${application.page}of-the-honest-one`), "loading", "with one of its own it is made");
      record(t, id, "Two clients of different providers with one redirect URI are refused where they meet on one page. Where each page load makes only one of them, the response's iss is what protects, so providers without iss need redirect URIs of their own.");
    });
  }

  test("B-07 two clients, one issuer, other endpoints: metadata_ambiguous", async (t) => {
    const staged = await stage(lab, t, "B-07");
    const { page, application, realm } = staged;
    const given = { ...realm.honestMetadata };
    const evil = { ...given, token_endpoint: "https://evil.test/token" };
    const made = (changes) => page.evaluate(({ options, changes }) => Promise.all(changes.map(async (change) => {
      const { error } = await window.outcome(() => void window.createOidcClient({ ...options, ...change }));
      return error?.code ?? "made";
    })), { options: application.options, changes });
    const no = "metadata_ambiguous";
    assert.deepEqual(await made([{}, { metadata: given }, { metadata: evil }, { metadata: evil, clientId: "second" }]), ["made", no, no, no]);
    application.options = { ...application.options, metadata: given };
    await lab.open(page, application);
    const reversed = Object.fromEntries(Object.entries(given).reverse());
    assert.deepEqual(await made([{ metadata: reversed }, { clientId: "second" }, { metadata: evil }]), ["made", "made", no]);
    application.capture = false;
    await expectSignedIn(lab, page, staged);
  });

  const swapped = members({ token_endpoint: `${evil}/token` });
  for (const [isolation, expected] of [["shared", "signed-in"], ["worker", "token_endpoint_changed"], ["page", "token_endpoint_changed"]]) {
    test(`B-08 the token endpoint changes while the user is at the provider, vault in ${isolation}: ${expected}`, async (t) => {
      const staged = await stage(lab, t, "B-08", { options: { isolation } });
      const { page, realm, application } = staged;
      const { callback } = await inFlight(staged);
      const stolen = lab.network.log.length;
      realm.set(swapped);
      // A vault that outlived the trip has its own copy; another one finds that the two do not agree.
      if (expected === "signed-in") assert.equal((await lab.open(page, application, callback.href)).status, "signed-in");
      else await expectRefused(lab, staged, callback.href, expected);
      assert.deepEqual(lab.network.log.slice(stolen).filter(({ host }) => host === HOSTS.evil), []);
      await lab.sweep(page, staged.canary);
      realm.set();
      application.capture = false;
      await expectSignedIn(lab, await lab.page(await lab.context(t)), staged);
    });
  }

  const strangersKey = signed(({ realm, input }) => signature(realm.alg, key(realm.alg, "stranger"), input));
  refused(lab, "B-09", "an ID token of this issuer, signed by another provider's key under this one's key ID", { defects: [strangersKey], code: "signature_invalid" });
  refused(lab, "B-09", "an ID token of the other issuer, signed by this one's key", { defects: [claim("iss", `${originOf(HOSTS.otherProvider)}/b-09/`)], code: "id_token_issuer_mismatch" });
  test("B-09 two providers on one page: the key of one does not sign for the other", async (t) => {
    const first = await stage(lab, t, "B-09");
    const { page, application, realm } = first;
    const second = lab.realm(realmName("B-09"), { host: HOSTS.otherProvider });
    const signedIn = await lab.open(page, application, (await inFlight(first)).callback.href);
    assert.equal(signedIn.status, "signed-in");
    // The second has a key of its own, under the same key ID; what it sends is signed by the first's, which is in hand.
    Object.assign(second.realm, { keyId: realm.keyId, key: key(realm.alg, "second") });
    second.realm.set(signed(({ input }) => signature(realm.alg, realm.key, input)));
    const report = await lab.attempt(await lab.page(first.context), second.application);
    assert.equal(report.error?.code, "signature_invalid", JSON.stringify(report));
    second.realm.set();
    await expectSignedIn(lab, await lab.page(await lab.context(t)), second);
  });

  test("B-11 one client at two providers: a proof that one was sent is of no use at the other, and says nothing of who is there", async (t) => {
    const honest = await boundSession(lab, t, "B-11");
    const other = lab.realm(realmName("B-11"), { host: HOSTS.otherProvider, base: [dpop()] });
    const page = await lab.page(honest.context);
    await signIn(lab, page, other);
    assert.deepEqual([await call(honest.page, apiUrl(honest.realm)), await call(page, apiUrl(other.realm))], [{ value: 200 }, { value: 200 }]);
    const keys = [honest.realm, other.realm].map(({ proofs }) => [...new Set(proofs.all.map(({ thumbprint }) => thumbprint))]);
    assert.deepEqual(keys.map(({ length }) => length), [1, 1]);
    assert.notEqual(keys[0][0], keys[1][0]);
    // What the one was sent, shown to the other and to its API: another key, and another address.
    const { text } = other.realm.proofs.of("token").at(-1);
    const request = { at: Date.now(), host: HOSTS.provider, method: "POST", path: `/${honest.realm.name}/token`, url: `${honest.realm.issuer}token`, query: new URLSearchParams(), headers: { dpop: text }, body: "grant_type=refresh_token" };
    assert.equal((await honest.realm.handle(request)).status, 400);
    assert.match(honest.realm.proofs.problems.at(-1), /htu/u);
    record(t, "B-11", "each sign-in makes a key of its own: two providers of one client see different thumbprints, and a proof for one is neither of the other's address nor by a key that it knows");
  });
});
