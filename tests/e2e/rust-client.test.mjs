// What the client for Rust front ends has of its own; the rest is held by the scenarios of tests/engines.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";
import { bindLocalhost } from "../../www-demo/local-server.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld();
beforeEach(() => Object.assign(world.site, { face: "rust", clients: { main: world.options } }));

test("a listener hears until its subscription is dropped, and for as long as the page lives when that is forgotten", async (t) => {
  const app = await world.open(t);
  const errors = [];
  app.page.on("pageerror", ({ message }) => errors.push(message));
  await app.signIn();
  await app.page.evaluate(() => {
    window.heard = { kept: [], dropped: [] };
    const { main } = window.clients;
    main.subscribe(({ status }) => window.heard.dropped.push(status));
    main.subscribeForEver(({ status }) => window.heard.kept.push(status));
    main.unsubscribe();
  });
  await app.call("signOut", [{ local: true, revoke: false }]);
  await app.page.waitForFunction(() => window.heard.kept.length > 0);
  assert.deepEqual(await app.page.evaluate(() => window.heard), { kept: ["signed-out"], dropped: [] });
  assert.deepEqual(errors, []);
});

test("a body that breaks off is the network's fault, one that is read twice the application's", async (t) => {
  const api = await bindLocalhost(0, { name: "API", variable: "none" });
  t.after(() => api.close());
  api.serve(({ method, url }, response) => {
    response.writeHead(200, { "access-control-allow-origin": "*", "access-control-allow-headers": "authorization", ...(method === "GET" && { "content-length": "8" }) });
    if (method !== "GET" || url !== "/broken") return response.end(method === "GET" ? "complete" : "");
    response.write("half");
    setTimeout(() => response.destroy(), 100);
  });
  world.site.allow(api.origin);
  world.site.clients = { main: { ...world.options, resources: [`${api.origin}/`] } };
  const app = await world.open(t);
  await app.signIn();
  assert.deepEqual((await app.call("readAsText", [`${api.origin}/whole`, 2])).value, ["complete", "request_invalid"]);
  assert.deepEqual((await app.call("readAsText", [`${api.origin}/broken`, 1])).value, ["provider_unreachable"]);
});

test("ready() that is asked again answers who is signed in by now", async (t) => {
  const app = await world.open(t);
  await app.signIn();
  assert.equal((await app.call("ready")).value.status, "signed-in");
  await app.call("signOut", [{ local: true, revoke: false }]);
  assert.equal((await app.call("ready")).value.status, "signed-out");
});

test("a directory of the vault that is none is an option that is invalid", async (t) => {
  const app = await world.open(t);
  const options = { ...world.options, redirectUri: `${world.site.origin}/other`, assets: "http://[" };
  const { error } = await app.page.evaluate((options) => window.make("other", options), options);
  assert.deepEqual([error.code, error.detail], ["option_invalid", "assets"]);
});

test("a vault in the page is refused where the application was built without one", async (t) => {
  world.site.clients = { main: { ...world.options, isolation: "page" } };
  const app = await world.open(t);
  const { error } = await app.page.evaluate(() => window.made.main);
  assert.deepEqual([error.code, error.detail], ["isolation_unavailable", "page"]);
});

test("a file that is missing beside the vault is told, and the session goes on", async (t) => {
  world.site.files.set("/valetkey/popup.js", { status: 404, body: "" });
  world.site.clients = { main: { ...world.options, callbackUri: world.callbackUri } };
  const app = await world.open(t);
  await app.signIn();
  await app.page.evaluate(() => document.addEventListener("click", () => (window.outcome = window.call("main", "signIn", { mode: "popup" }))));
  await app.page.mouse.click(5, 5);
  const { error } = await app.page.evaluate(() => window.outcome);
  assert.equal(error.code, "vault_unreachable");
  assert.match(error.detail, /popup\.js/);
  assert.equal((await app.call("ready")).value.status, "signed-in");
});
