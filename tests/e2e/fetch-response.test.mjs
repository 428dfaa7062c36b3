// What `client.fetch` resolves to, beside what `fetch` resolves to.

import assert from "node:assert/strict";
import test from "node:test";
import { LIMIT, useFetchPair } from "../support/fetch-pair.mjs";

const pair = useFetchPair();
const { alike } = pair;

alike("status, text, type, URL and class", async (fetch, origin) => {
  const found = [];
  for (const [status, text] of [[200, "Fine"], [201, ""], [204, "None"], [205, "Again"], [206, "Part"], [400, "Bad"], [404, "Not here"], [418, "Tea"], [500, "Broken"], [599, "Strange"], [999, "Stranger"]]) {
    const response = await fetch(`${origin}/status?status=${status}&text=${encodeURIComponent(text)}#fragment`);
    const { ok, url, redirected, type, bodyUsed } = response;
    found.push([response.status, response.statusText, ok, url, redirected, type, bodyUsed, await response.text()]);
  }
  const response = await fetch(`${origin}/json`);
  return [found, response instanceof Response, Object.prototype.toString.call(response), String(response)];
});

alike("not modified, where the application asks by itself", async (fetch, origin) => {
  const response = await fetch(`${origin}/status?status=304`, { headers: { "if-none-match": '"a"' } });
  return [response.status, response.ok, await response.text()];
}, { value: [304, false, ""] });

// Chromium's own has an empty body there, which the standard does not.
test("what has no body has none, as the Fetch standard says, and can be cloned", async () => {
  const act = async (fetch, origin) => {
    const answers = [fetch(`${origin}/status?status=204`), fetch(`${origin}/status?status=304`, { headers: { "if-none-match": '"a"' } }), fetch(`${origin}/json`, { method: "HEAD" })];
    return Promise.all(answers.map(async (answer) => [(await answer).status, (await answer).body, (await answer).clone().body]));
  };
  assert.deepEqual(await pair.act("vault", act), { value: [[204, null, null], [304, null, null], [200, null, null]] });
});

alike("headers: those that may be seen, doubled ones joined", async (fetch, origin) => {
  const { headers } = await fetch(`${origin}/headers`);
  const seen = [...headers].filter(([name]) => name !== "content-length");
  return [seen, headers.get("X-Twice"), headers.has("x-hidden"), headers.has("set-cookie")];
});

alike("HEAD has headers and no body", async (fetch, origin) => {
  const response = await fetch(`${origin}/bytes?length=70000&sized`, { method: "HEAD" });
  return [response.status, response.headers.get("content-length"), await response.text()];
}, { value: [200, "70000", ""] });

alike("an empty body is one", async (fetch, origin) => {
  const response = await fetch(`${origin}/bytes?length=0&sized`);
  return [response.body instanceof ReadableStream, (await response.body.getReader().read()).done];
}, { value: [true, true] });

for (const path of ["bytes?length=1", "bytes?length=1000", "bytes?length=1000&sized", "bytes?length=65536&sized", "bytes?length=65537&sized", "bytes?length=300000", "bytes?length=5000000&sized", "gzip"]) {
  alike(`every way to read /${path}`, `async (fetch, origin) => {
    const digest = async (buffer) => [buffer.byteLength, ...new Uint8Array(await crypto.subtle.digest("SHA-256", buffer))].join();
    const get = () => fetch(origin + "/${path}");
    const blob = await (await get()).blob();
    const read = async (reader, into) => {
      const parts = [];
      for (let step = await reader.read(into?.()); !step.done; step = await reader.read(into?.())) parts.push(step.value);
      return new Blob(parts).arrayBuffer();
    };
    const later = await get();
    const piped = (await get()).body.pipeThrough(new TextDecoderStream());
    const found = [
      (await (await get()).text()).length,
      await digest(await (await get()).arrayBuffer()),
      await digest((await (await get()).bytes()).buffer),
      [blob.type, await digest(await blob.arrayBuffer())],
      await digest(await read((await get()).body.getReader())),
      await digest(await read((await get()).body.getReader({ mode: "byob" }), () => new Uint8Array(1 << 16))),
      await digest(await new Response(piped.pipeThrough(new TextEncoderStream())).arrayBuffer()),
      await digest(await Array.fromAsync(later.body).then((parts) => new Blob(parts).arrayBuffer())),
      await Promise.all((await get()).body.tee().map((half) => new Response(half).arrayBuffer().then(digest))),
    ];
    return found;
  }`);
}

alike("json, and what is none", async (fetch, origin) => [await (await fetch(`${origin}/json`)).json(), (await window.outcome(async () => (await fetch(`${origin}/not-json`)).json())).error], { value: [{ a: [1, 2] }, "SyntaxError"] });

alike("formData of both kinds", async (fetch, origin) => {
  const form = new FormData();
  form.set("field", "ä");
  form.set("file", new File(["file"], "name.txt", { type: "text/x-mine" }));
  const mirrored = await (await fetch(`${origin}/mirror`, { method: "POST", body: form })).formData();
  const file = mirrored.get("file");
  const parameters = await (await fetch(`${origin}/form`)).formData();
  return [mirrored.get("field"), file.name, file.type, await file.text(), [...parameters], (await window.outcome(async () => (await fetch(`${origin}/json`)).formData())).error];
}, { value: ["ä", "name.txt", "text/x-mine", "file", [["a", "1"], ["b", "two words"]], "TypeError"] });

alike("a blob has the type that the headers say", async (fetch, origin) => (await (await fetch(`${origin}/headers`)).blob()).type);

for (const path of ["json", "bytes?length=300000"]) {
  alike(`/${path} is read once`, `async (fetch, origin) => {
    const response = await fetch(origin + "/${path}");
    const before = response.bodyUsed;
    const { length } = await response.text();
    return [before, length, response.bodyUsed, response.body.locked, (await outcome(() => response.text())).error, (await outcome(() => response.clone())).error];
  }`);
  alike(`/${path}: clones, and clones of clones, each with a body of its own`, `async (fetch, origin) => {
    const response = await fetch(origin + "/${path}#here");
    const clone = response.clone();
    const again = clone.clone();
    const texts = await Promise.all([response, clone, again].map((one) => one.text()));
    return [texts.map(({ length }) => length), [response, clone, again].map(({ url, type, status, statusText, ok, redirected, bodyUsed }) => [url, type, status, statusText, ok, redirected, bodyUsed]), clone instanceof Response, [...clone.headers].length];
  }`);
  alike(`/${path}: a body that is being read is neither read nor cloned`, `async (fetch, origin) => {
    const response = await fetch(origin + "/${path}");
    const reader = response.body.getReader();
    const errors = [(await outcome(() => response.text())).error, (await outcome(() => response.clone())).error];
    await reader.read();
    reader.releaseLock();
    return [...errors, response.bodyUsed, (await outcome(() => response.text())).error];
  }`);
}

alike("a clone of an odd status", async (fetch, origin) => {
  const clone = (await fetch(`${origin}/status?status=999&body=x`)).clone();
  return [clone.status, clone.ok, await clone.text()];
}, { value: [999, false, "x"] });

alike("the platform takes the response for what it is", async (fetch, origin) => {
  const cache = await caches.open("responses");
  await cache.put("/kept", await fetch(`${origin}/json`));
  const kept = await (await cache.match("/kept")).json();
  await caches.delete("responses");
  const stream = new Response((await fetch(`${origin}/bytes?length=300000`)).body);
  return [kept, (await stream.text()).length];
}, { value: [{ a: [1, 2] }, 300_000] });

for (const length of [10, 200_000]) {
  alike(`a body that breaks off after ${length} bytes: the headers are there, and reading fails`, `async (fetch, origin) => {
    const response = await fetch(origin + "/broken?length=${length}");
    const again = await fetch(origin + "/broken?length=${length}");
    const reader = again.body.getReader();
    const read = async () => { while (!(await reader.read()).done); };
    return [response.status, (await outcome(() => response.text())).error, (await outcome(read)).error];
  }`, { value: [200, "TypeError", "TypeError"] });
}

alike("an answer without CORS headers is a TypeError", (fetch, origin) => fetch(`${origin}/unreadable`), { error: "TypeError" });

/** What is read from a body in the page, as it comes. */
const reading = (path) => `async (fetch, origin) => {
  window.pieces = [];
  const response = await fetch(origin + "${path}");
  window.readingPieces = (async () => {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) window.pieces.push(read.value);
    return window.pieces.join("");
  })();
  return response.status;
}`;
const seen = (count) => pair.app.page.waitForFunction((count) => window.pieces.length === count, count, { polling: 10 });

for (const way of ["browser", "vault"]) {
  test(`${way}: server-sent events arrive one by one, each before the next is sent`, { timeout: LIMIT }, async () => {
    assert.deepEqual(await pair.act(way, reading("/events")), { value: 200 });
    await seen(1);
    for (const count of [2, 3, 4]) {
      pair.api.more.get("/events")(`data: ${count}\n\n`);
      await seen(count);
    }
    pair.api.more.get("/events")();
    assert.equal(await pair.app.page.evaluate(() => window.readingPieces), "data: first\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n");
  });

  test(`${way}: headers are there before the first byte of the body is, and a small body is not waited for`, { timeout: LIMIT }, async () => {
    for (const path of ["/silent", "/slow-small"]) {
      if (path === "/silent") {
        // Node sends the headers with the first byte.
        setTimeout(() => pair.api.more.get(path)("x"), 300);
      }
      assert.deepEqual(await pair.act(way, reading(path)), { value: 200 });
      await seen(1);
      if (path === "/slow-small") pair.api.more.get(path)("67890");
      pair.api.more.get(path)();
      const text = await pair.app.page.evaluate(() => window.readingPieces);
      assert.equal(text, path === "/silent" ? "x" : "1234567890");
    }
  });

  test(`${way}: what nobody reads is not fetched without end`, { timeout: LIMIT }, async () => {
    const { api, app } = pair;
    const hold = async (fetch, origin) => void (window.held = (await fetch(`${origin}/endless`)).body.getReader());
    await pair.act(way, hold);
    await app.page.waitForTimeout(1_000);
    const held = api.sent;
    await app.page.waitForTimeout(500);
    assert.equal(api.sent, held);
    assert.ok(held < 30_000_000, `${held} bytes`);
    // It goes on where it stood, and ends when it is told to.
    const read = async () => {
      let length = 0;
      while (length < 40_000_000) length += (await window.held.read()).value.length;
      await window.held.cancel();
      return length >= 40_000_000;
    };
    assert.deepEqual(await pair.act(way, read), { value: true });
    for (let waited = 0; waited < 60 && !api.abandoned.get("/endless"); waited += 1) await app.page.waitForTimeout(50);
    assert.equal(api.abandoned.get("/endless"), 1);
  });
}
