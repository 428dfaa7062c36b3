import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import test, { after, before, beforeEach } from "node:test";
import { bindLocalhost } from "../../www-demo/local-server.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld();
const large = randomBytes(3_000_000);
let echo;
/** Requests whose connection was closed before they were answered in full. */
let abandoned = 0;

/** An API that asks for no token: `/echo` answers what it was sent, `/large` much, `/slow` a piece now and the rest never. */
async function answer(request, response) {
  response.setHeader("access-control-allow-origin", world.site.origin);
  response.setHeader("access-control-allow-headers", "authorization, content-type, x-mine");
  response.setHeader("access-control-allow-methods", "GET, POST, PUT, DELETE");
  response.setHeader("access-control-expose-headers", "x-received");
  if (request.method === "OPTIONS") return response.writeHead(204).end();
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { authorization = "", "x-mine": mine = "", "content-type": type = "" } = request.headers;
  response.setHeader("x-received", [request.method, authorization.slice(0, 7), mine, type].join("|"));
  if (request.url === "/large") return response.end(large);
  if (request.url === "/empty") return response.writeHead(204).end();
  if (request.url === "/moved") return response.writeHead(302, { location: "/echo" }).end();
  if (request.url === "/slow") {
    response.on("close", () => (abandoned += response.writableFinished ? 0 : 1));
    return response.write("first");
  }
  return response.end(Buffer.concat(chunks));
}

before(async () => {
  echo = await bindLocalhost(0, { name: "echo", variable: "none" });
  echo.serve(answer);
});
beforeEach(() => world.site.allow(echo.origin));
after(() => echo?.close());

async function signedIn(t) {
  world.site.clients = { main: { ...world.options, resources: [`${echo.origin}/`] } };
  const app = await world.open(t);
  await app.signIn();
  return app;
}

/** Runs in the page: the client's own `fetch`, as an application has it. */
const inPage = (app, act) => app.page.evaluate(act, echo.origin);

test("a binary body is sent as it is, with the application's own headers beside the token", async (t) => {
  const app = await signedIn(t);
  const got = await inPage(app, async (origin) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const response = await window.clients.main.fetch(`${origin}/echo`, { method: "PUT", body: bytes, headers: { "x-mine": "yes", "content-type": "application/x-bytes" } });
    return { received: response.headers.get("x-received"), ok: response.ok, bytes: [...new Uint8Array(await response.arrayBuffer())] };
  });
  assert.deepEqual(got, { received: "PUT|Bearer |yes|application/x-bytes", ok: true, bytes: Array.from({ length: 256 }, (_, index) => index) });
});

test("forms, JSON and blobs keep the content type that fetch gives them", async (t) => {
  const app = await signedIn(t);
  const types = await inPage(app, async (origin) => {
    const form = new FormData();
    form.set("file", new Blob(["x"], { type: "text/x-mine" }), "name.txt");
    const bodies = [new URLSearchParams({ a: "1" }), form, new Blob(["x"], { type: "text/x-mine" }), "text"];
    const answers = await Promise.all(bodies.map((body) => window.clients.main.fetch(`${origin}/echo`, { method: "POST", body })));
    return answers.map((response) => response.headers.get("x-received").split("|")[3].split(";")[0]);
  });
  assert.deepEqual(types, ["application/x-www-form-urlencoded", "multipart/form-data", "text/x-mine", "text/plain"]);
});

test("a large body arrives whole", async (t) => {
  const app = await signedIn(t);
  const digest = await inPage(app, async (origin) => {
    const bytes = await (await window.clients.main.fetch(`${origin}/large`)).arrayBuffer();
    return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))];
  });
  assert.equal(Buffer.from(digest).toString("hex"), createHash("sha256").update(large).digest("hex"));
});

test("an answer without a body is one", async (t) => {
  const app = await signedIn(t);
  assert.deepEqual(await inPage(app, async (origin) => {
    const response = await window.clients.main.fetch(`${origin}/empty`, { method: "DELETE" });
    return [response.status, response.body];
  }), [204, null]);
});

test("a redirect of the API is refused, and its target is not asked", async (t) => {
  const app = await signedIn(t);
  assert.deepEqual(await inPage(app, (origin) => window.clients.main.fetch(`${origin}/moved`).then(() => "followed", (error) => [error.name, error.cause?.code])), ["TypeError", "redirect_refused"]);
});

test("the first piece of a body can be read before the last one is there", async (t) => {
  const app = await signedIn(t);
  assert.equal(await inPage(app, async (origin) => {
    const reader = (await window.clients.main.fetch(`${origin}/slow`)).body.getReader();
    const { value } = await reader.read();
    void reader.cancel();
    return new TextDecoder().decode(value);
  }), "first");
});

for (const [how, end] of [
  ["aborting the request", () => window.controller.abort()],
  ["cancelling the body", () => void window.reader.cancel()],
]) {
  test(`${how} in the middle of the body ends the request at the API`, async (t) => {
    const app = await signedIn(t);
    abandoned = 0;
    await inPage(app, async (origin) => {
      window.controller = new AbortController();
      const response = await window.clients.main.fetch(`${origin}/slow`, { signal: window.controller.signal });
      window.reader = response.body.getReader();
      await window.reader.read();
    });
    assert.equal(abandoned, 0);
    await app.page.evaluate(end);
    for (let waited = 0; waited < 20 && abandoned === 0; waited += 1) await app.page.waitForTimeout(50);
    assert.equal(abandoned, 1);
  });
}

test("aborting in the middle of the body makes reading it reject", async (t) => {
  const app = await signedIn(t);
  const outcome = await inPage(app, async (origin) => {
    const controller = new AbortController();
    const response = await window.clients.main.fetch(`${origin}/slow`, { signal: controller.signal });
    const reading = response.text().then(() => "read", (error) => error.name);
    controller.abort();
    return Promise.race([reading, new Promise((resolve) => setTimeout(resolve, 1000, "pending"))]);
  });
  assert.equal(outcome, "AbortError");
});
