import assert from "node:assert/strict";
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
    // Chromium reports whatever a constructed Response's stream fails with as a TypeError; its own fetch says AbortError.
    assert.match(await app.tab.evaluate(() => window.outcome), /^(AbortError|TypeError)$/u);
    assert.ok(await eventually(() => scene.echo.abandoned > abandoned));
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
