import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageDirectory } from "../../support/app-site.mjs";
import { eventually } from "../driver.mjs";

export const subject = "API calls";

/** Signed in, with the echo API as the one that gets the token. */
async function signedIn({ open, world, echo }) {
  world.site.allow(echo.origin);
  world.site.clients = { main: { ...world.options, resources: [`${echo.origin}/`] } };
  const app = await open();
  await app.signIn();
  return app;
}

export const scenarios = {
  async "the API answers"({ open }) {
    const app = await open();
    await app.signIn();
    const { value } = await app.fetch(`${app.world.api}me`);
    assert.deepEqual([value.status, value.url, JSON.parse(value.text).account.subject], [200, `${app.world.api}me`, "ada.lovelace"]);
    assert.equal((await app.call("userInfo")).value.sub, "ada.lovelace");
  },

  async "a body is sent as it is, and answered"(scene) {
    const app = await signedIn(scene);
    const answer = await app.tab.evaluate(async (url) => {
      const body = Uint8Array.from({ length: 256 }, (_, index) => index);
      return [...new Uint8Array(await (await window.clients.main.fetch(url, { method: "POST", body })).arrayBuffer())];
    }, `${scene.echo.origin}/echo`);
    assert.deepEqual(answer, Array.from({ length: 256 }, (_, index) => index));
  },

  async "a body of three megabytes arrives whole"(scene) {
    const app = await signedIn(scene);
    const digest = await app.tab.evaluate(async (url) => {
      const bytes = await (await window.clients.main.fetch(url)).arrayBuffer();
      return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))];
    }, `${scene.echo.origin}/large`);
    assert.equal(Buffer.from(digest).toString("hex"), scene.echo.digest);
  },

  async "a body whose end takes its time"(scene) {
    const app = await signedIn(scene);
    await app.tab.evaluate((url) => {
      window.pieces = [];
      window.reading = (async () => {
        const reader = (await window.clients.main.fetch(url)).body.pipeThrough(new TextDecoderStream()).getReader();
        for (let read = await reader.read(); !read.done; read = await reader.read()) window.pieces.push(read.value);
        return window.pieces.join("");
      })();
    }, `${scene.echo.origin}/pieces`);
    const early = await eventually(() => app.tab.evaluate(() => window.pieces.length > 0), 2_000);
    scene.echo.finish();
    assert.equal(await app.tab.evaluate(() => window.reading), "first last");
    scene.found(early ? "its pieces are handed over as they come" : "it is handed over when all of it is there");
  },

  async "an abort in the middle of the body ends the request"(scene) {
    const app = await signedIn(scene);
    const { begun, abandoned } = scene.echo;
    await app.tab.evaluate((url) => {
      window.controller = new AbortController();
      window.outcome = window.clients.main.fetch(url, { signal: window.controller.signal }).then((response) => response.text()).then(() => "read", (error) => error.name);
    }, `${scene.echo.origin}/endless`);
    assert.ok(await eventually(() => scene.echo.begun > begun));
    await app.tab.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
    await app.tab.evaluate(() => window.controller.abort());
    assert.equal(await app.tab.evaluate(() => window.outcome), "AbortError");
    assert.ok(await eventually(() => scene.echo.abandoned > abandoned));
  },

  async "a vault that ends while a body comes: who reads is told so"(scene) {
    const { world, echo } = scene;
    const vault = await readFile(join(packageDirectory, "vault.js"));
    world.site.files.set("/valetkey/vault.js", { body: `new BroadcastChannel("mortal").onmessage = () => close();\n${vault}` });
    world.site.allow(echo.origin);
    world.site.clients = { main: { ...world.options, resources: [`${echo.origin}/`] } };
    const app = await scene.open();
    await app.signIn();
    await app.tab.evaluate(async (url) => {
      const reader = (await window.clients.main.fetch(url)).body.getReader();
      window.reading = (async () => {
        for (;;) if ((await reader.read()).done) return "read";
      })().catch((error) => error.name);
    }, `${echo.origin}/endless`);
    await app.tab.evaluate(() => void new BroadcastChannel("mortal").postMessage("now"));
    assert.equal(await app.tab.evaluate(() => window.reading), "TypeError");
  },

  async "bodies of every kind are sent as fetch sends them"(scene) {
    const app = await signedIn(scene);
    const [found, own] = await app.tab.evaluate(async (url) => {
      const form = new FormData();
      form.set("field", "ä");
      form.set("file", new File(["file"], "name.txt", { type: "text/x-mine" }));
      const bodies = ["text ä", "", new URLSearchParams({ a: "1 2" }), new Blob(["blob"], { type: "text/x-mine" }), new Blob(["plain"]), Uint8Array.of(97, 98, 99).subarray(1), new Uint16Array([1, 2]).buffer, form];
      const send = (fetch) => Promise.all(bodies.map(async (body) => (await (await fetch(url, { method: "POST", body })).text()).replaceAll(/-{4,}[\w]+/gu, "boundary")));
      return [await send(window.clients.main.fetch), await send(window.fetch.bind(window))];
    }, `${scene.echo.origin}/typed`);
    scene.same(found, own);
  },

  async "a Response is as fetch gives it"(scene) {
    const app = await signedIn(scene);
    const [found, own] = await app.tab.evaluate(async (url) => {
      const look = async (fetch) => {
        const response = await fetch(`${url}#fragment`, { method: "POST", body: "x" });
        const { status, statusText, ok, type, redirected, bodyUsed } = response;
        const clone = response.clone();
        const refused = (act) => act().then(() => "read", (error) => error.name);
        const texts = [await response.text(), await clone.text(), response.bodyUsed, await refused(() => response.text())];
        const large = await fetch(`${url.replace("echo", "large")}`);
        const [one, two] = large.body.tee().map((half) => new Response(half).arrayBuffer());
        return [status, statusText, ok, type, redirected, response.url, clone.url, bodyUsed, texts, (await one).byteLength, (await two).byteLength, response instanceof Response, Object.prototype.toString.call(response)];
      };
      return [await look(window.clients.main.fetch), await look(window.fetch.bind(window))];
    }, `${scene.echo.origin}/echo`);
    scene.same(found, own);
  },

  async "an abort rejects with its reason: before, while it waits, while the body comes"(scene) {
    const { world } = scene;
    const app = await signedIn(scene);
    const found = await app.tab.evaluate(async (url) => {
      const { fetch } = window.clients.main;
      const outcome = (promise) => promise.then(() => "answered", (error) => error.code ?? error.message);
      const reason = new Error("mine");
      const before = await outcome(fetch(url, { signal: AbortSignal.abort(reason) }));
      const controller = new AbortController();
      const response = await fetch(url, { signal: controller.signal });
      const reading = outcome(response.text());
      controller.abort(reason);
      const waiting = new AbortController();
      const asked = outcome(fetch(`${url}?silent`, { signal: waiting.signal }));
      setTimeout(() => waiting.abort(reason), 100);
      return [before, await reading, await asked];
    }, `${scene.echo.origin}/endless`);
    // An application in Rust has no reasons of its own, only a future that it drops or a request that it aborts; a body is the browser's.
    const refused = world.site.face === "rust" ? "aborted" : "mine";
    assert.deepEqual(found, [refused, "mine", refused]);
  },

  async "a stream as a body"(scene) {
    const app = await signedIn(scene);
    const answer = await app.tab.evaluate(async (url) => {
      const body = new Blob(["one ", "two"]).stream();
      return window.clients.main.fetch(url, { method: "POST", body, duplex: "half" }).then((response) => response.text(), (error) => error.name);
    }, `${scene.echo.origin}/echo`);
    // An engine that streams does so over HTTP/2 alone, and this server has none.
    assert.ok(["one two", "TypeError"].includes(answer), answer);
    scene.found(answer === "TypeError" ? "it is sent while it is made, over HTTP/2 alone, as this engine's own fetch does" : "it is read whole, then sent");
  },

  async "a URL that is not listed gets no token and no request"({ open, requestsDuring, world }) {
    const app = await open();
    await app.signIn();
    const { api } = await requestsDuring(async () => {
      for (const url of [`${world.site.origin}/me`, `${world.issuer}/me`, "http://127.0.0.1:9/me"]) {
        assert.equal((await app.fetch(url)).error.code, "resource_not_listed", url);
      }
    });
    assert.equal(api, 0);
  },
};
