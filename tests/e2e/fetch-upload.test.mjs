// A body that is sent while it is made: a stream, which browsers send over HTTP/2 alone.

import assert from "node:assert/strict";
import { createSecureServer } from "node:http2";
import test, { after, before } from "node:test";
import { chromium } from "playwright-core";
import { generate } from "selfsigned";
import { AppPage } from "../support/app-page.mjs";
import { FLAGS, freshContext } from "../support/browser.mjs";
import { digest, bytes } from "../support/fetch-api.mjs";
import { LIMIT } from "../support/fetch-pair.mjs";
import { startAll } from "../support/start-all.mjs";
import { startWorld } from "../support/world.mjs";

const used = {};
const closing = [];
/** The pieces that the API was sent so far, and whether they ended or were given up. */
let received;

async function startApi() {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], { keyType: "ec", algorithm: "sha256" });
  const server = createSecureServer({ key, cert });
  server.on("stream", (stream, headers) => {
    const readable = { "access-control-allow-origin": headers.origin ?? "*", "access-control-allow-headers": "authorization, content-type", "access-control-allow-methods": "*", "cross-origin-resource-policy": "cross-origin" };
    stream.on("error", () => {});
    if (headers[":method"] === "OPTIONS") return void stream.respond({ ":status": 204, ...readable }, { endStream: true });
    received = { pieces: [], type: headers["content-type"], length: headers["content-length"], authorization: headers.authorization, over: undefined };
    const { pieces } = received;
    stream.on("data", (piece) => pieces.push(piece));
    const request = received;
    stream.on("close", () => (request.over = stream.rstCode === 0 ? "ended" : "aborted"));
    stream.on("end", () => {
      if (stream.destroyed) return;
      stream.respond({ ":status": 200, ...readable });
      stream.end(`${Buffer.concat(pieces).length} ${digest(Buffer.concat(pieces))}`);
    });
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  const sessions = new Set();
  server.on("session", (session) => sessions.add(session));
  return {
    origin: `https://localhost:${server.address().port}`,
    stop: () => new Promise((resolve) => {
      for (const session of sessions) session.destroy();
      server.close(resolve);
    }),
  };
}

before(async () => {
  const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: [...FLAGS, "--ignore-certificate-errors"] });
  await startAll(used, { browser: launch, world: startWorld, api: startApi });
  const { world, api } = used;
  world.site.allow(api.origin);
  world.site.clients = { main: { ...world.options, resources: [`${api.origin}/`] } };
  const context = await freshContext(used.browser, { after: (close) => closing.push(close) });
  used.app = new AppPage(await context.newPage(), world);
  await used.app.load();
  await used.app.signIn();
  await used.app.page.evaluate(() => {
    window.ways = { vault: window.clients.main.fetch, browser: window.fetch.bind(window) };
    /** A body that is written to by the test. */
    window.written = () => {
      const { readable, writable } = new TransformStream();
      window.writer = writable.getWriter();
      return readable;
    };
  });
}, { timeout: LIMIT });

after(async () => {
  for (const close of closing) await close();
  await used.browser?.close();
  await Promise.all([used.world?.stop(), used.api?.stop()]);
});

async function eventually(condition) {
  for (let waited = 0; waited < 100 && !condition(); waited += 1) await used.app.page.waitForTimeout(30);
  assert.ok(condition());
}

const begin = (way, init = {}) =>
  used.app.page.evaluate(([way, origin, init]) => {
    window.controller = new AbortController();
    const asked = window.ways[way](`${origin}/`, { method: "POST", body: window.written(), duplex: "half", signal: window.controller.signal, ...init });
    window.sending = asked.then(async (response) => ({ text: await response.text() }), (error) => ({ error: error.message.includes("mine") ? "mine" : error.name }));
  }, [way, used.api.origin, init]);
const write = (text) => used.app.page.evaluate((text) => void window.writer.write(new TextEncoder().encode(text)).catch(() => {}), text);
const sending = () => used.app.page.evaluate(() => window.sending);
const got = () => Buffer.concat(received?.pieces ?? []).toString();

for (const way of ["browser", "vault"]) {
  test(`${way}: pieces arrive one by one, each before the next is written`, { timeout: LIMIT }, async () => {
    received = undefined;
    await begin(way, { headers: { "content-type": "text/x-mine" } });
    for (const text of ["one ", "two ", "three"]) {
      await write(text);
      await eventually(() => got().endsWith(text));
    }
    await used.app.page.evaluate(() => void window.writer.close());
    assert.deepEqual(await sending(), { text: `13 ${digest("one two three")}` });
    assert.deepEqual([received.type, received.length, received.authorization?.slice(0, 7)], ["text/x-mine", undefined, way === "vault" ? "Bearer " : undefined]);
  });

  test(`${way}: an abort while it is sent ends it at the API, and at its source`, { timeout: LIMIT }, async () => {
    received = undefined;
    await begin(way);
    await write("one");
    await eventually(() => got() === "one");
    await used.app.page.evaluate(() => window.controller.abort(new Error("mine")));
    assert.deepEqual(await sending(), { error: "mine" });
    await eventually(() => received.over !== undefined);
    assert.equal(await used.app.page.evaluate(() => Promise.race([window.writer.closed.catch(() => "told"), new Promise((resolve) => setTimeout(resolve, 3_000, "not told"))])), "told");
  });

  test(`${way}: a source that fails is a TypeError, and no whole body at the API`, { timeout: LIMIT }, async () => {
    received = undefined;
    await begin(way);
    await write("one");
    await eventually(() => got() === "one");
    await used.app.page.evaluate(() => void window.writer.abort(new Error("broken")));
    assert.deepEqual(await sending(), { error: "TypeError" });
    await eventually(() => received.over === "aborted");
  });
}

test("a stream of twenty megabytes arrives whole", { timeout: LIMIT }, async () => {
  const text = await used.app.page.evaluate(async (origin) => {
    const piece = new TextEncoder().encode("0123456789abcdef".repeat(4_096));
    let left = 320;
    const body = new ReadableStream({ pull: (controller) => (left-- > 0 ? controller.enqueue(piece) : controller.close()) });
    return (await window.ways.vault(`${origin}/`, { method: "PUT", body, duplex: "half" })).text();
  }, used.api.origin);
  assert.equal(text, `${320 * 65_536} ${digest(bytes(320 * 65_536))}`);
});

test("a Request whose body is a stream is sent, too", { timeout: LIMIT }, async () => {
  const text = await used.app.page.evaluate(async (origin) => {
    const body = new Response("of a request").body;
    return (await window.ways.vault(new Request(`${origin}/`, { method: "POST", body, duplex: "half" }))).text();
  }, used.api.origin);
  assert.equal(text, `12 ${digest("of a request")}`);
});
