// `client.fetch` given up, before it begins, while it waits and while its body comes: beside the browser's own.

import assert from "node:assert/strict";
import test from "node:test";
import { LIMIT, useFetchPair } from "../support/fetch-pair.mjs";

const pair = useFetchPair();
const { alike } = pair;
const METHODS = ["arrayBuffer", "blob", "bytes", "formData", "json", "text"];
const mine = { error: "Error", message: "mine" };

async function eventually(condition) {
  for (let waited = 0; waited < 100 && !condition(); waited += 1) await pair.app.page.waitForTimeout(30);
  assert.ok(condition());
}
const abandoned = (path) => eventually(() => pair.api.abandoned.get(path) === 1);
const asked = (path) => eventually(() => pair.api.asked.get(path) === 1);

alike("a signal that is aborted already", (fetch, origin) => fetch(`${origin}/json`, { signal: AbortSignal.abort() }), { error: "AbortError" });
alike("the same, with a reason", (fetch, origin) => fetch(`${origin}/json`, { signal: AbortSignal.abort(new Error("mine")) }), mine);
alike("the signal of a Request", (fetch, origin) => fetch(new Request(`${origin}/json`, { signal: AbortSignal.abort(new Error("mine")) })), mine);
alike("a signal beside that of a Request counts alone", async (fetch, origin) => {
  const request = () => new Request(`${origin}/json`, { signal: AbortSignal.abort(new Error("the request's")) });
  const { signal } = new AbortController();
  return [(await fetch(request(), { signal })).status, (await fetch(request(), { signal: null })).status, (await window.outcome(() => fetch(new Request(`${origin}/json`), { signal: AbortSignal.abort(new Error("mine")) }))).message];
}, { value: [200, 200, "mine"] });
alike("what is wrong is said before what is aborted", (fetch) => fetch("http://", { signal: AbortSignal.abort() }), { error: "TypeError" });
alike("a time limit", (fetch, origin) => fetch(`${origin}/never`, { signal: AbortSignal.timeout(50) }), { error: "TimeoutError" });
alike("several signals in one", async (fetch, origin) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("mine")), 50);
  return fetch(`${origin}/never`, { signal: AbortSignal.any([AbortSignal.timeout(20_000), controller.signal]) });
}, mine);
alike("one signal for many", async (fetch, origin) => {
  const controller = new AbortController();
  const all = Array.from({ length: 5 }, () => window.outcome(() => fetch(`${origin}/never`, { signal: controller.signal })));
  setTimeout(() => controller.abort(), 50);
  return (await Promise.all(all)).map(({ error }) => error);
}, { value: Array(5).fill("AbortError") });
alike("nothing is aborted by what is aborted too late", async (fetch, origin) => {
  const controller = new AbortController();
  const response = await fetch(`${origin}/bytes?length=300000`, { signal: controller.signal });
  const { length } = await response.text();
  controller.abort();
  return [length, response.bodyUsed, response.status];
}, { value: [300_000, true, 200] });
// The standard has it so; Chromium's own leaves the stream as it is.
test("the stream of a request that is aborted already is cancelled", { timeout: LIMIT }, async () => {
  const act = async (fetch, origin) => {
    let reason;
    const body = new ReadableStream({ cancel: (given) => void (reason = given.message) });
    const { message } = await window.outcome(() => fetch(`${origin}/json`, { method: "POST", body, duplex: "half", signal: AbortSignal.abort(new Error("mine")) }));
    return [message, reason];
  };
  assert.deepEqual(await pair.act("vault", act), { value: ["mine", "mine"] });
});

for (const path of ["json", "bytes?length=300000"]) {
  for (const method of METHODS) {
    alike(`/${path}: ${method}() of what was aborted before it was read`, `async (fetch, origin) => {
      const found = [];
      for (const reason of [undefined, new Error("mine")]) {
        const controller = new AbortController();
        const response = await fetch(origin + "/${path}", { signal: controller.signal });
        const clone = response.clone();
        controller.abort(reason);
        found.push(await outcome(() => response.${method}()), await outcome(() => clone.${method}()));
      }
      return found;
    }`);
  }
}
// Chromium's own rejects even so; the standard, and its tests, have nothing to end there.
test("an empty body is none that could be ended", { timeout: LIMIT }, async () => {
  const act = async (fetch, origin) => {
    const controller = new AbortController();
    const response = await fetch(`${origin}/bytes?length=0&sized`, { signal: controller.signal });
    controller.abort();
    return response.text();
  };
  assert.deepEqual(await pair.act("vault", act), { value: "" });
});

for (const way of ["browser", "vault"]) {
  test(`${way}: while it waits, the API sees the connection end`, { timeout: LIMIT }, async () => {
    const act = async (fetch, origin) => {
      window.controller = new AbortController();
      window.waiting = window.outcome(() => fetch(`${origin}/never`, { method: "POST", body: "x", signal: window.controller.signal }));
    };
    await pair.act(way, act);
    await asked("/never");
    await pair.app.page.evaluate(() => window.controller.abort(new Error("mine")));
    assert.deepEqual(await pair.app.page.evaluate(() => window.waiting), mine);
    await abandoned("/never");
  });

  for (const method of METHODS) {
    test(`${way}: ${method}() while the body comes: the reason, and the API sees the connection end`, { timeout: LIMIT }, async () => {
      const act = `async (fetch, origin) => {
        window.controller = new AbortController();
        const response = await fetch(origin + "/pieces", { signal: controller.signal });
        window.waiting = outcome(() => response.${method}());
      }`;
      await pair.act(way, act);
      await pair.app.page.evaluate(() => window.controller.abort(new Error("mine")));
      assert.deepEqual(await pair.app.page.evaluate(() => window.waiting), mine);
      await abandoned("/pieces");
    });
  }

  test(`${way}: a reader is told the reason; so are both halves of a body in two`, { timeout: LIMIT }, async () => {
    const act = async (fetch, origin) => {
      const controller = new AbortController();
      const response = await fetch(`${origin}/pieces`, { signal: controller.signal });
      const clone = response.clone();
      const [one, two] = [response.body.getReader(), clone.body.getReader()];
      const first = new TextDecoder().decode((await one.read()).value);
      const waiting = [window.outcome(() => one.read()), window.outcome(async () => (await two.read(), two.read()))];
      setTimeout(() => controller.abort(new Error("mine")), 50);
      return [first, ...(await Promise.all(waiting)), await window.outcome(() => one.closed)];
    };
    assert.deepEqual(await pair.act(way, act), { value: ["first ", mine, mine, mine] });
    await abandoned("/pieces");
  });

  test(`${way}: a body that is cancelled ends at the API, too`, { timeout: LIMIT }, async () => {
    const act = async (fetch, origin) => {
      const { body } = await fetch(`${origin}/pieces`);
      await body.cancel("enough");
      return body.locked;
    };
    assert.deepEqual(await pair.act(way, act), { value: false });
    await abandoned("/pieces");
  });
}

test("what nobody holds any longer ends; what somebody still reads does not", { timeout: LIMIT }, async () => {
  const act = async (fetch, origin) => {
    await fetch(`${origin}/pieces`);
    window.reader = (await fetch(`${origin}/events`)).body.getReader();
    await window.reader.read();
  };
  await pair.act("vault", act);
  const session = await pair.app.context.newCDPSession(pair.app.page);
  for (let round = 0; round < 5; round += 1) {
    await session.send("HeapProfiler.collectGarbage");
    await pair.app.page.waitForTimeout(100);
  }
  await session.detach();
  await abandoned("/pieces");
  pair.api.more.get("/events")("data: still\n\n");
  const read = async () => new TextDecoder().decode((await window.reader.read()).value);
  assert.deepEqual(await pair.act("vault", read), { value: "data: still\n\n" });
  assert.equal(pair.api.abandoned.get("/events"), undefined);
  pair.api.more.get("/events")();
});

test("a page that goes takes its requests with it, those whose body comes and those that wait", { timeout: LIMIT }, async () => {
  const act = async (fetch, origin) => {
    window.held = await fetch(`${origin}/pieces`);
    void fetch(`${origin}/never`).catch(() => {});
  };
  await pair.act("vault", act);
  await asked("/never");
  // Another tab keeps the vault alive.
  const other = await pair.app.context.newPage();
  await other.goto(pair.world.site.origin);
  await other.waitForFunction(() => window.loaded);
  await pair.app.page.close();
  await abandoned("/pieces");
  await abandoned("/never");
  assert.equal(await other.evaluate(() => window.clients.main.session.status), "signed-in");
});
