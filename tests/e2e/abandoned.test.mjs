import assert from "node:assert/strict";
import test, { after, before, beforeEach } from "node:test";
import { bindLocalhost } from "../../www-demo/local-server.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld();

/** A provider whose sign-in page leads nowhere: the browser stays where it is, as it does when the user goes back. And an API that never answers. */
let fake;
let called = () => {};
before(async () => {
  fake = await bindLocalhost(0, { name: "fake provider", variable: "none" });
  fake.serve((request, response) => {
    if (request.url.startsWith("/auth")) return response.writeHead(204).end();
    if (request.method === "OPTIONS") return response.writeHead(204, { "access-control-allow-origin": "*", "access-control-allow-headers": "authorization" }).end();
    if (request.url === "/never") return called();
    const metadata = { issuer: fake.origin, authorization_endpoint: `${fake.origin}/auth`, token_endpoint: `${fake.origin}/token`, jwks_uri: `${fake.origin}/jwks` };
    response.writeHead(200, { "content-type": "application/json", "access-control-allow-origin": "*" }).end(JSON.stringify(metadata));
  });
});
beforeEach(() => world.site.allow(fake.origin));
after(() => fake?.close());

test("a sign-in that the user came back from, out of the back/forward cache, rejects with sign_in_abandoned", async (t) => {
  const app = await world.open(t);
  await app.make({ ...world.options, issuer: fake.origin });
  const asked = app.page.waitForResponse((response) => response.url().startsWith(`${fake.origin}/auth?`));
  await app.page.evaluate(() => {
    window.signedIn = window.call("main", "signIn");
  });
  await asked;
  // Playwright's browsers keep no page in that cache: what the page would be told when it comes back.
  await app.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  const { error } = await app.page.evaluate(() => window.signedIn);
  assert.equal(error?.code, "sign_in_abandoned");
});

test("a call that was under way when the page went into the back/forward cache rejects; after the return the next one is answered", async (t) => {
  world.site.clients = { main: { ...world.options, resources: [world.api, `${fake.origin}/`] } };
  const app = await world.open(t);
  await app.signIn();
  const reached = new Promise((resolve) => (called = resolve));
  await app.page.evaluate((url) => void (window.underWay = window.fetchAs("main", url)), `${fake.origin}/never`);
  await reached;
  for (const type of ["pagehide", "pageshow"]) await app.page.evaluate((type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true })), type);
  assert.equal((await app.page.evaluate(() => window.underWay)).error?.code, "superseded");
  assert.equal((await app.call("ready")).value.status, "signed-in");
  assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
});
