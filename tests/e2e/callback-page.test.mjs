import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { packageDirectory } from "../support/app-site.mjs";
import { callbackUrlFor } from "../support/provider-trip.mjs";
import { publicClient, useWorld } from "../support/world.mjs";

const world = useWorld({ extraClients: (origin) => [publicClient("by-page", `${origin}/callback.html`)] });

async function serveCallbackPage() {
  for (const name of ["callback.html", "callback.js"]) {
    world.site.files.set(`/${name}`, { body: await readFile(join(packageDirectory, name)) });
  }
  const options = { ...world.options, clientId: "by-page", redirectUri: `${world.site.origin}/callback.html`, resources: [], postLogoutRedirectUri: undefined };
  world.site.clients = { main: options };
  return options;
}

test("with the static callback page, a sign-in ends signed in at the place the user came from", async (t) => {
  await serveCallbackPage();
  const app = await world.open(t, "/orders?open=1#last");
  const requests = await world.requestsDuring(() => app.signIn());
  assert.equal(app.page.url(), `${world.site.origin}/orders?open=1#last`);
  const { value } = await app.made();
  assert.deepEqual([value.status, value.claims.sub], ["signed-in", "ada.lovelace"]);
  assert.equal(requests.token, 1);
});

test("the callback page takes the response out of the address bar and loads nothing but its own script", async (t) => {
  await serveCallbackPage();
  const app = await world.open(t);
  const loaded = [];
  app.page.on("request", (request) => loaded.push(new URL(request.url())));
  await app.signIn();
  const start = loaded.findIndex(({ pathname }) => pathname === "/callback.html");
  const end = loaded.findIndex(({ pathname }, index) => index > start && pathname === "/");
  assert.deepEqual(loaded.slice(start, end).map(({ pathname }) => pathname), ["/callback.html", "/callback.js"]);
  const session = await app.context.newCDPSession(app.page);
  const { entries } = await session.send("Page.getNavigationHistory");
  assert.deepEqual(entries.filter(({ url }) => /[?&]code=/u.test(url)), []);
});

test("the callback page works under a strict policy", async (t) => {
  await serveCallbackPage();
  world.site.headersFor = (path) => (path.startsWith("/callback") ? { "content-security-policy": "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'" } : {});
  const app = await world.open(t);
  await app.signIn();
  assert.equal((await app.made()).value.status, "signed-in");
});

test("a callback that was forged is not followed: the page says so and offers the way back", async (t) => {
  const options = await serveCallbackPage();
  const app = await world.open(t);
  await app.make({ ...options, capture: true }, "waiting");
  const callback = new URL(await callbackUrlFor(await app.authorizationUrl({}, "waiting")));
  callback.searchParams.set("iss", "https://evil.example");
  const requests = await world.requestsDuring(async () => {
    const other = await app.context.newPage();
    await other.goto(callback.href);
    await other.getByText("could not be finished").waitFor();
    assert.equal(await other.getByRole("link").isVisible(), true);
    assert.equal(other.url(), options.redirectUri);
  });
  assert.equal(requests.token, 0);
});

test("the callback page without a response says that there is nothing to finish", async (t) => {
  const options = await serveCallbackPage();
  const app = await world.open(t);
  await app.page.goto(options.redirectUri);
  await app.page.getByText("could not be finished").waitFor();
});
