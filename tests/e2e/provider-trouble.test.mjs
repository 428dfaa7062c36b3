import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test, { after, before, beforeEach } from "node:test";
import { bindLocalhost } from "../../www-demo/local-server.mjs";
import { packageDirectory } from "../support/app-site.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld();

/** A provider whose metadata a test makes up: `answer(request)` is `{ status, headers, body }`. */
let fake;
let answer;

async function startFake(port = 0) {
  fake = await bindLocalhost(port, { name: "fake provider", variable: "none" });
  fake.serve(async (request, response) => {
    const { status = 200, headers = {}, body } = await answer(request);
    response.writeHead(status, { "content-type": "application/json", "access-control-allow-origin": "*", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body ?? {}));
  });
}
before(() => startFake());
// A page that embeds nothing foreign (Cross-Origin-Embedder-Policy) cannot ask without CORS, and so not find out either
// whether a server is there that lacks its headers.
beforeEach(() => world.site.allow(fake.origin, { embeds: true }));
after(() => fake?.close());

const metadata = (changes = {}) => ({
  issuer: fake.origin,
  authorization_endpoint: `${fake.origin}/auth`,
  token_endpoint: `${fake.origin}/token`,
  jwks_uri: `${fake.origin}/jwks`,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
  code_challenge_methods_supported: ["S256"],
  ...changes,
});

async function signInError(t, options = {}) {
  const app = await world.open(t);
  const made = await app.make({ ...world.options, issuer: fake.origin, capture: true, ...options });
  if (made.error) return made.error;
  assert.equal(made.value.status, "signed-out");
  const { error } = await app.call("signIn");
  assert.ok(error, "the sign-in starts although it should not");
  return error;
}

/** What the provider answers to a request for its metadata, and what must be said of it. */
const troubles = [
  ["metadata without CORS headers", () => ({ headers: { "access-control-allow-origin": "https://other.example" }, body: metadata() }), "cors_blocked"],
  ["metadata of another issuer", () => ({ body: metadata({ issuer: "https://other.example" }) }), "metadata_issuer_mismatch"],
  ["metadata whose issuer has a slash more", () => ({ body: metadata({ issuer: `${fake.origin}/` }) }), "metadata_issuer_mismatch"],
  ["a provider that supports plain PKCE alone", () => ({ body: metadata({ code_challenge_methods_supported: ["plain"] }) }), "pkce_unsupported"],
  ["a provider without the code flow", () => ({ body: metadata({ response_types_supported: ["id_token"] }) }), "code_flow_unsupported"],
  ["no metadata at that address", () => ({ status: 404, body: "" }), "metadata_not_found"],
  ["a web page in place of the metadata", () => ({ headers: { "content-type": "text/html" }, body: "<!doctype html>" }), "content_type_mismatch"],
  ["metadata that is cut off", () => ({ body: JSON.stringify(metadata()).slice(0, -20) }), "json_malformed"],
  ["metadata larger than any provider's", () => ({ body: JSON.stringify(metadata()) + " ".repeat(512 * 1024) }), "response_too_large"],
  ["metadata with a member twice", () => ({ body: JSON.stringify(metadata()).replace("{", '{"issuer":"https://other.example",') }), "json_duplicate_member"],
  ["metadata without a token endpoint", () => ({ body: metadata({ token_endpoint: undefined }) }), "member_missing"],
  ["an endpoint by plain http on another host", () => ({ body: metadata({ token_endpoint: "http://id.example/token" }) }), /^(insecure_http|member_invalid)$/u],
  ["metadata that have moved", () => ({ status: 302, headers: { location: `${fake.origin}/elsewhere` } }), "redirect_refused"],
  ["a provider that is overloaded", () => ({ status: 503 }), "server_unavailable"],
];

for (const [what, answered, code] of troubles) {
  test(`${what}: the sign-in says ${code}`, async (t) => {
    answer = answered;
    const error = await signInError(t);
    if (code instanceof RegExp) assert.match(error.code, code);
    else assert.equal(error.code, code);
    assert.notEqual(error.hint, "");
  });
}

test("metadata without CORS headers, for a page with an embedder policy: provider_unreachable, whose hint names CORS", async (t) => {
  world.site.allow(fake.origin);
  answer = troubles[0][1];
  const { code, hint } = await signInError(t);
  assert.equal(code, "provider_unreachable");
  assert.match(hint, /CORS/u);
});

test("a wrong path in the issuer is said to find no metadata", async (t) => {
  const error = await signInError(t, { issuer: `${world.issuer}/realms/wrong` });
  // This provider says 404 without CORS headers there, so that the status cannot be read.
  assert.ok(["metadata_not_found", "cors_blocked"].includes(error.code), error.code);
});

test("a provider that takes too long is given up", async (t) => {
  // The vault as it is, in a hurry.
  const [vault, wasm] = await Promise.all(["vault.js", "vault.wasm"].map((name) => readFile(join(packageDirectory, name))));
  world.site.files.set("/vault.wasm", { body: wasm });
  world.site.files.set("/hurried.js", { body: `const patience = AbortSignal.timeout;\nAbortSignal.timeout = () => patience.call(AbortSignal, 200);\n${vault}` });
  answer = () => new Promise((resolve) => setTimeout(resolve, 3000, { body: metadata() }));
  const error = await signInError(t, { vaultUrl: "/hurried.js" });
  assert.equal(error.code, "timed_out");
});

test("plain http is refused, by the name of what is wrong", async (t) => {
  const error = await signInError(t, { issuer: "http://id.example" });
  assert.equal(error.code, "insecure_http");
});

test("a provider that is down is said to be unreachable; when it is back, the next sign-in works", async (t) => {
  answer = () => ({ body: metadata() });
  await fake.close();
  const app = await world.open(t);
  try {
    assert.equal((await app.make({ ...world.options, issuer: fake.origin, capture: true })).value.status, "signed-out");
    assert.equal((await app.call("signIn")).error.code, "provider_unreachable");
  } finally {
    await startFake(fake.port);
  }
  assert.equal(new URL(await app.authorizationUrl()).origin, fake.origin);
});
