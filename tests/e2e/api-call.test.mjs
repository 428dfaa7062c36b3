import assert from "node:assert/strict";
import { createServer } from "node:http";
import test from "node:test";
import { bindLocalhost } from "../../www-demo/local-server.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld();

async function signedIn(t) {
  world.site.clients = { main: world.options };
  const app = await world.open(t);
  await app.signIn();
  assert.equal((await app.session()).status, "signed-in");
  return app;
}

test("the API answers a call that goes through the vault", async (t) => {
  const app = await signedIn(t);
  const { value } = await app.fetch(`${world.api}me`);
  assert.equal(value.status, 200);
  assert.equal(value.url, `${world.api}me`);
  assert.match(value.type, /^application\/json/u);
  const answer = JSON.parse(value.text);
  assert.equal(answer.account.subject, "ada.lovelace");
  assert.equal(answer.verifiedBy, "jwt");
});

test("what the API refuses arrives as the response it is, challenge included", async (t) => {
  const app = await signedIn(t);
  const { value } = await app.fetch(`${world.api}admin`);
  assert.equal(value.status, 403);
  assert.equal(JSON.parse(value.text).error, "insufficient_scope");
  assert.equal((await app.fetch(`${world.api}nothing`)).value.status, 404);
});

test("HEAD has no body, and an abort rejects with the caller's reason", async (t) => {
  const app = await signedIn(t);
  assert.deepEqual(await app.fetch(`${world.api}me`, { method: "HEAD" }).then(({ value }) => [value.status, value.text]), [200, ""]);
  const aborted = await app.page.evaluate(async (url) => {
    const outcome = await window.call("main", "fetch", url, { signal: AbortSignal.abort(new Error("no longer wanted")) });
    return outcome.error.message;
  }, `${world.api}me`);
  assert.equal(aborted, "no longer wanted");
});

test("a URL of another origin gets no token and no request", async (t) => {
  const app = await signedIn(t);
  let hits = 0;
  const stranger = createServer((request, response) => {
    hits += 1;
    response.writeHead(200, { "access-control-allow-origin": "*", "access-control-allow-headers": "*" }).end("{}");
  });
  await new Promise((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  t.after(() => stranger.close());
  const { port } = stranger.address();

  for (const url of [`http://127.0.0.1:${port}/me`, `http://localhost:${port}/`, `${world.site.origin}/me`, `${world.issuer}/me`]) {
    const { error } = await app.fetch(url);
    assert.equal(error.code, "resource_not_listed", url);
    assert.match(error.hint, /resources/u);
  }
  assert.equal(hits, 0);
});

test("no trick of spelling makes another origin look like the listed one", async (t) => {
  world.site.clients = { main: { ...world.options, resources: [`${world.api}me/`] } };
  const app = await world.open(t);
  await app.signIn();
  const { host } = new URL(world.api);
  const urls = [`http://${host}@127.0.0.1:9/me/`, `http://${host}.evil.test/me/`, `${world.api}me/../admin`, `${world.api}me/%2e%2e/admin`, `${world.api}mean`, `${world.api}me\\..\\admin`];
  const requests = await world.requestsDuring(async () => {
    for (const url of urls) {
      const { value, error } = await app.fetch(url);
      assert.ok(error, `${url} was answered ${value?.status}`);
      assert.match(String(error.code), /^(resource_not_listed|request_invalid|undefined)$/u, url);
    }
  });
  assert.equal(requests.api, 0);
});

test("the caller cannot set the Authorization header", async (t) => {
  const app = await signedIn(t);
  for (const name of ["Authorization", "DPoP"]) {
    const { error } = await app.fetch(`${world.api}me`, { headers: { [name]: "Bearer of-mine" } });
    assert.equal(error.code, "request_invalid");
  }
});

test("an API that does not answer rejects with a TypeError, as fetch does", async (t) => {
  const nobody = await bindLocalhost(0, { name: "nobody", variable: "none" });
  await nobody.close();
  world.site.clients = { main: { ...world.options, resources: [world.api, `${nobody.origin}/`] } };
  const app = await world.open(t);
  await app.signIn();
  const { error } = await app.fetch(`${nobody.origin}/`);
  assert.equal(error.name, "TypeError");
  assert.equal(error.causeCode, "provider_unreachable");
});

test("a device that is offline rejects with a TypeError that says so", async (t) => {
  world.site.clients = { main: { ...world.options, isolation: "page" } };
  const app = await world.open(t);
  await app.signIn();
  await app.context.setOffline(true);
  const { error } = await app.fetch(`${world.api}me`);
  assert.equal(error.name, "TypeError");
  assert.equal(error.causeCode, "offline");
  await app.context.setOffline(false);
  assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
});

test("before anybody has signed in a call rejects with not_signed_in and sends nothing", async (t) => {
  const app = await world.open(t);
  await app.make(world.options);
  const requests = await world.requestsDuring(async () => {
    assert.equal((await app.fetch(`${world.api}me`)).error.code, "not_signed_in");
    assert.equal((await app.call("userInfo")).error.code, "not_signed_in");
  });
  assert.equal(requests.api, 0);
});
