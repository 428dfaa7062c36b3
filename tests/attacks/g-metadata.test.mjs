// ATTACKS group G, the provider's metadata: what it may not say. Refused before the browser goes anywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accepted, attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { HOSTS, originOf, QUIET, useLab } from "../hostile/lab.mjs";
import { refusedInTurn } from "../hostile/series.mjs";
import { answer, body, metadata, metadataText } from "../hostile/switches/answers.mjs";

const lab = useLab();
const ENDPOINTS = ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint", "revocation_endpoint", "check_session_iframe", "pushed_authorization_request_endpoint", "registration_endpoint"];
const atStart = { at: "start" };
const evilSawNothing = (marker) => assert.deepEqual(lab.network.log.filter(({ host, url }) => host.endsWith(HOSTS.evil) && url.includes(marker)), []);

/** Refused before navigation: the page stays, and neither scripts nor requests come of the URLs. */
const refusedBeforehand = (id, what, table, marker = id.toLowerCase()) =>
  refusedInTurn(lab, id, what, table, {
    ...atStart,
    async check({ page, name }) {
      assert.match(page.url(), /^https:\/\/app\.test\//u, name);
      assert.equal(await page.evaluate(() => window.attacked), undefined, name);
      evilSawNothing(marker);
    },
  });

attacks("metadata", () => {
  refusedInTurn(lab, "G-14", "an endpoint over plain http", Object.fromEntries(ENDPOINTS.map((name) => [name, ["insecure_http", metadata((honest) => ({ [name]: (honest[name] ?? `${honest.issuer}x`).replace("https:", "http:") }))]])), {
    ...atStart,
    check: ({ realm }) => assert.deepEqual(lab.network.plain.filter((url) => url.includes(`/${realm.name}/`)), []),
  });

  // OpenID Connect Discovery §4.3: identical, character for character.
  const issuer = (change) => ["metadata_issuer_mismatch", metadata((honest) => ({ issuer: change(honest.issuer) }))];
  refusedBeforehand("G-15", "an issuer that is nearly ours", {
    "without the slash": issuer((text) => text.replace(/\/$/u, "")),
    "with a slash more": issuer((text) => `${text}/`),
    "in another case": issuer((text) => text.replace("op.test", "OP.test")),
    "with the default port": issuer((text) => text.replace("op.test", "op.test:443")),
    "with a path more": issuer((text) => `${text}x/`),
    "without the path": issuer(() => "https://op.test/"),
    "over http": issuer((text) => text.replace("https", "http")),
    "of another host": issuer((text) => text.replace("op.test", "evil.test")),
    "of a host that begins alike": issuer((text) => text.replace("op.test", "op.test.evil.test")),
    "with white space": issuer((text) => `${text} `),
    "none": ["member_missing", metadata({ issuer: undefined })],
    "an array of it": ["member_invalid", metadata((honest) => ({ issuer: [honest.issuer] }))],
  });
  refusedBeforehand("G-21", "an issuer that only normalising makes ours", {
    "with a dot at the end of the host": issuer((text) => text.replace("op.test", "op.test.")),
    "percent-encoded": issuer((text) => text.replace("op.test", "%6Fp.test")),
    "with a full-width letter": issuer((text) => text.replace("op.test", "ｏp.test")),
    "with a Cyrillic letter": issuer((text) => text.replace("op.test", "оp.test")),
    "in punycode": issuer((text) => text.replace("op.test", "xn--p-jtb.test")),
    "with a soft hyphen": issuer((text) => text.replace("op.test", "o\u{ad}p.test")),
    "with a dot segment": issuer((text) => text.replace("op.test/", "op.test/./")),
  });
  for (const [what, wrong] of Object.entries({ "not ASCII": "https://оp.test/", "with user information": "https://op.test@evil.test/", "with a space": "https://op.test /", "with a backslash": "https://op.test\\@evil.test/" })) {
    test(`G-21 a configured issuer ${what}: issuer_invalid`, async (t) => {
      const { application } = lab.realm(realmName("G-21"), { options: { issuer: wrong } });
      const page = await lab.page(await lab.context(t));
      const report = await lab.attempt(page, application);
      assert.equal(report.error?.code, "issuer_invalid", JSON.stringify(report));
      assert.deepEqual(lab.network.log.filter(({ host, path }) => host === HOSTS.evil && path.includes("openid-configuration")), []);
    });
  }

  const SCHEMES = {
    "a script": "javascript:window.attacked=1//",
    "a script in another case, after white space": "\tJavaScript:window.attacked=1",
    "data": "data:text/html,<script>opener.attacked=1</script>",
    "a blob": "blob:https://app.test/0b0b0b0b-0000-4000-8000-000000000000",
    "a view of a source": "view-source:https://op.test/",
    "relative to the scheme": "//evil.test/g-16",
    "relative": "/g-16/authorize",
    "with user information": "https://op.test@evil.test/g-16",
    "with a backslash": "https://op.test\\@evil.test/g-16",
    "with a fragment": "https://op.test/g-16#fragment",
    "of another scheme": "ftp://op.test/g-16",
    "empty": "",
    "with a line break": "https://op.test/g-16\r\nx",
  };
  // Each of the URLs that a browser is sent to, or a frame would be.
  for (const name of ["authorization_endpoint", "end_session_endpoint", "check_session_iframe"]) {
    refusedBeforehand("G-16", `${name}: where no browser may be sent`, Object.fromEntries(Object.entries(SCHEMES).map(([what, url]) => [what, ["member_invalid", metadata({ [name]: url })]])));
  }

  refusedBeforehand("G-17", "a document that is no metadata", {
    "HTML": ["content_type_mismatch", answer("discovery", { headers: { "content-type": "text/html" }, body: "<h1>Sign in</h1>" })],
    "HTML that calls itself JSON": ["json_malformed", body("discovery", "<h1>Sign in</h1>")],
    "404": ["metadata_not_found", answer("discovery", { status: 404 })],
    "401": ["metadata_not_found", answer("discovery", { status: 401 })],
    "206": ["metadata_not_found", answer("discovery", { status: 206 })],
    "503": ["server_unavailable", answer("discovery", { status: 503 })],
    "an array": ["json_not_an_object", metadataText((text) => `[${text}]`)],
    "null": ["json_not_an_object", metadataText(() => "null")],
    "UTF-16": ["json_malformed", metadataText((text) => Buffer.from(text, "utf16le"))],
  });
  const wrongTypes = {
    issuer: 1,
    authorization_endpoint: ["https://op.test/g-17"],
    token_endpoint: { url: "https://op.test/g-17" },
    jwks_uri: 1,
    userinfo_endpoint: false,
    end_session_endpoint: 0,
    response_types_supported: "code",
    code_challenge_methods_supported: "S256",
    id_token_signing_alg_values_supported: { 0: "RS256" },
    authorization_response_iss_parameter_supported: "true",
    scopes_supported: "x",
    response_modes_supported: "query",
    grant_types_supported: [1],
    subject_types_supported: {},
  };
  refusedBeforehand("G-17", "a member of the wrong type", Object.fromEntries(Object.entries(wrongTypes).map(([name, value]) => [name, ["member_invalid", metadata({ [name]: value })]])));

  // Nothing in a URL is a name of a provider: only the configured one is contacted.
  test("G-18 an issuer in the page's address, in whatever parameter: it is never contacted", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("G-18"));
    const page = await lab.page(await lab.context(t));
    const evil = encodeURIComponent(`${originOf(HOSTS.evil)}/g-18/`);
    for (const address of [`?iss=${evil}`, `?issuer=${evil}`, `?iss=${evil}&login_hint=ada%40evil.test&target_link_uri=${evil}`, `?code=x&state=y&iss=${evil}`, `#iss=${evil}`]) {
      const report = await lab.open(page, application, address);
      assert.equal(report.status, "signed-out", address);
    }
    realm.set({ response: (honest) => (honest.set("iss", `${originOf(HOSTS.evil)}/g-18/`), honest) });
    const report = await lab.attempt(page, application);
    assert.equal(report.error?.code, "issuer_parameter_mismatch", JSON.stringify(report));
    await sleep(QUIET);
    evilSawNothing("g-18");
    assert.equal(realm.requests("token").length, 0);
    await lab.sweep(page, canary);
    realm.set();
    await expectSignedIn(lab, page, { realm, application, canary });
  });

  // A dedicated worker ends with its page, so the second page has the stored copy alone, and fetches the metadata anew.
  for (const isolation of ["shared", "worker"]) {
    test(`G-20 metadata that drops RFC 9207 while the user is at the provider, ${isolation} vault: issuer_parameter_missing`, async (t) => {
      const { realm, application, canary } = lab.realm(realmName("G-20"), { options: { isolation } });
      const page = await lab.page(await lab.context(t));
      realm.set({
        response: (honest, { realm: at }) => {
          at.downgraded = true;
          honest.delete("iss");
          return honest;
        },
        metadata: (honest, { realm: at }) => (at.downgraded ? { ...honest, authorization_response_iss_parameter_supported: undefined } : honest),
      });
      const report = await lab.attempt(page, application);
      assert.equal(report.error?.code, "issuer_parameter_missing", JSON.stringify(report));
      await sleep(QUIET);
      assert.equal(realm.requests(["token", "userInfo"]).length, 0);
      await lab.sweep(page, canary);
      realm.downgraded = false;
      realm.set();
      await expectSignedIn(lab, page, { realm, application, canary });
    });
  }
  refusedBeforehand("G-20", "metadata below the least that is asked for", {
    "PKCE without S256": ["pkce_unsupported", metadata({ code_challenge_methods_supported: ["plain"] })],
    "no PKCE method": ["pkce_unsupported", metadata({ code_challenge_methods_supported: [] })],
    "no code flow": ["code_flow_unsupported", metadata({ response_types_supported: ["id_token", "id_token token"] })],
  });
  refusedInTurn(lab, "G-20", "metadata that allows no signature but weak ones", {
    "none": ["algorithm_not_allowed", metadata({ id_token_signing_alg_values_supported: ["none"] })],
    "HMAC": ["algorithm_not_allowed", metadata({ id_token_signing_alg_values_supported: ["HS256"] })],
  }, { setting: { options: { isolation: "worker" } } });

  accepted(lab, "G-17", "metadata with members that nobody knows", { peculiarities: [metadata({ "https://example.com/x": [{}], "subject_types_supported": ["pairwise"] })] });
});
