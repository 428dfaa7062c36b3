// What `client.fetch` is given: all that `fetch` takes, sent as `fetch` sends it. Each case is done by both and compared.

import assert from "node:assert/strict";
import test from "node:test";
import { digest, bytes } from "../support/fetch-api.mjs";
import { useFetchPair } from "../support/fetch-pair.mjs";

const pair = useFetchPair();
const { alike } = pair;
const refused = { error: "TypeError" };

alike("a string, a URL object, and what else has a text", async (fetch, origin) => {
  const inputs = [`${origin}/echo?a=b#c`, new URL("/echo?a=b", origin), { toString: () => `${origin}/echo?from=object` }, `  ${origin}/x/../echo?ä={}|^  `];
  return Promise.all(inputs.map(async (input) => {
    const response = await fetch(input);
    return [response.url, (await response.json()).url];
  }));
});

alike("a Request, alone, with another init, and of a class of one's own", async (fetch, origin) => {
  class Mine extends Request {}
  const request = () => new Request(`${origin}/echo`, { method: "PUT", body: "mine", headers: { "x-mine": "request" } });
  const answers = [fetch(request()), fetch(request(), { method: "POST", body: "init's", headers: { "x-mine": "init" } }), fetch(request(), { headers: {} }), fetch(new Mine(request()), {}), fetch(new Request(`${origin}/echo`, { method: "POST" }))];
  return Promise.all(answers.map(async (answer) => (await answer).json()));
});

alike("a request of another frame", async (fetch, origin) => {
  const frame = document.body.appendChild(document.createElement("iframe"));
  const { Request, Blob, Uint8Array } = frame.contentWindow;
  const answers = [new Request(`${origin}/echo`, { method: "PUT", body: "theirs" })].map((request) => fetch(request));
  for (const body of [new Blob(["blob"], { type: "text/x-theirs" }), Uint8Array.of(97, 98)]) answers.push(fetch(`${origin}/echo`, { method: "POST", body }));
  const found = await Promise.all(answers.map(async (answer) => (await answer).json()));
  frame.remove();
  return found;
});

alike("methods are written as fetch writes them", async (fetch, origin) => {
  const methods = await Promise.all(["get", "post", "Put", "DELETE", "PATCH"].map(async (method) => (await (await fetch(`${origin}/echo`, { method })).json()).method));
  return methods;
}, { value: ["GET", "POST", "PUT", "DELETE", "PATCH"] });

alike("headers in each form", async (fetch, origin) => {
  const forms = [{ "X-Mine": " a " }, [["x-mine", "a"], ["X-MINE", "b"]], new Headers({ "x-mine": "ä" })];
  return Promise.all(forms.map(async (headers) => (await (await fetch(`${origin}/echo`, { headers })).json()).mine));
});

const BODIES = {
  "a text": () => "text",
  "an empty text": () => "",
  "a text with what no UTF-8 can hold": () => "a\ud800b",
  "a form of parameters": () => new URLSearchParams({ a: "1", b: "ä &" }),
  "a blob": () => new Blob(["blob"]),
  "a blob with a type": () => new Blob(["blob"], { type: "text/x-mine" }),
  "an empty blob": () => new Blob([]),
  "a file": () => new File(["file"], "name.txt", { type: "text/plain" }),
  "a form with files": () => {
    const form = new FormData();
    form.set("field", "ä");
    form.append("file", new File(["one"], "one.txt", { type: "text/x-one" }));
    form.append("file", new Blob(["two"]), "zwei ä.bin");
    return form;
  },
  "an empty form": () => new FormData(),
  "a buffer": () => Uint8Array.of(1, 2, 250).buffer,
  "an empty buffer": () => new ArrayBuffer(0),
  "a part of a buffer": () => new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 3),
  "a view of wider numbers": () => new Uint16Array([1, 258]),
  "a DataView": () => new DataView(new ArrayBuffer(4), 1, 2),
  "an object that is none of these": () => ({}),
  "a number": () => 7,
  "nothing": () => null,
};
for (const [name, make] of Object.entries(BODIES)) {
  const act = `async (fetch, origin) => {
    const make = ${make};
    const plain = fetch(origin + "/echo", { method: "POST", body: make() });
    const named = fetch(origin + "/echo", { method: "PUT", body: make(), headers: { "content-type": "text/x-named" } });
    const request = fetch(new Request(origin + "/echo", { method: "POST", body: make() }));
    return Promise.all([plain, named, request].map(async (answer) => (await answer).json()));
  }`;
  alike(`body: ${name}`, act);
}

test("a file of thirty megabytes is sent whole", async () => {
  const act = async (fetch, origin) => {
    const piece = new TextEncoder().encode("0123456789abcdef".repeat(65_536));
    const file = new File(Array.from({ length: 30 }, () => piece), "large");
    const response = await fetch(`${origin}/echo`, { method: "POST", body: file });
    return (await response.json()).body;
  };
  assert.deepEqual(await pair.act("vault", act), { value: digest(bytes(30 * 1024 * 1024)) });
});

alike("what is sent is what the body held when it was called", async (fetch, origin) => {
  const body = Uint8Array.of(97, 98, 99);
  const url = new URL("/echo?then", origin);
  const form = new FormData();
  form.set("a", "then");
  const headers = { "x-mine": "then" };
  const init = { method: "POST", body, headers };
  const answers = [fetch(url, init), fetch(url, { method: "POST", body: form })];
  body.fill(120);
  url.search = "?now";
  form.set("a", "now");
  headers["x-mine"] = "now";
  init.method = "DELETE";
  return Promise.all(answers.map(async (answer) => (await answer).json()));
});

alike("a buffer and a stream are as they were left by fetch", async (fetch, origin) => {
  const body = new Uint8Array(100_000);
  const response = await fetch(`${origin}/echo`, { method: "POST", body });
  const request = new Request(`${origin}/echo`, { method: "POST", body: "text" });
  await fetch(request);
  return [response.status, body.length, request.bodyUsed, (await window.outcome(() => fetch(request))).error];
}, { value: [200, 100_000, true, "TypeError"] });

for (const [name, act] of Object.entries({
  "a GET with a body": (fetch, origin) => fetch(`${origin}/echo`, { body: "x" }),
  "a GET with bytes": (fetch, origin) => fetch(`${origin}/echo`, { body: new Uint8Array(3) }),
  "a HEAD with a stream": (fetch, origin) => fetch(`${origin}/echo`, { method: "HEAD", body: new ReadableStream(), duplex: "half" }),
  "a method that no page may use": (fetch, origin) => fetch(`${origin}/echo`, { method: "TRACE" }),
  "a method that is none": (fetch, origin) => fetch(`${origin}/echo`, { method: "G T" }),
  "a header name that is none": (fetch, origin) => fetch(`${origin}/echo`, { headers: { "a b": "c" } }),
  "a header with a line break": (fetch, origin) => fetch(`${origin}/echo`, { headers: { "x-mine": "a\r\nauthorization: b" } }),
  "a URL with a password": (fetch, origin) => fetch(origin.replace("//", "//me:secret@")),
  "no URL": (fetch) => fetch("http://"),
  "a symbol": (fetch) => fetch(Symbol("x")),
  "an init that is none": (fetch, origin) => fetch(`${origin}/echo`, 7),
  "a mode of navigations": (fetch, origin) => fetch(`${origin}/echo`, { mode: "navigate" }),
  "a cache mode that is none": (fetch, origin) => fetch(`${origin}/echo`, { cache: "sometimes" }),
  "a cache mode for one's own origin": (fetch, origin) => fetch(`${origin}/echo`, { cache: "only-if-cached" }),
  "a priority that is none": (fetch, origin) => fetch(`${origin}/echo`, { priority: "highest" }),
  "a signal that is none": (fetch, origin) => fetch(`${origin}/echo`, { signal: {} }),
  "another origin in the mode of one's own": (fetch, origin) => fetch(`${origin}/echo`, { mode: "same-origin" }),
  "more than is kept alive": (fetch, origin) => fetch(`${origin}/echo`, { method: "POST", keepalive: true, body: new Uint8Array(70_000) }),
  "a stream without duplex": (fetch, origin) => fetch(`${origin}/echo`, { method: "POST", body: new ReadableStream() }),
  "a stream that is being read": (fetch, origin) => {
    const body = new ReadableStream();
    body.getReader();
    return fetch(`${origin}/echo`, { method: "POST", body, duplex: "half" });
  },
  "a stream that is kept alive": (fetch, origin) => fetch(`${origin}/echo`, { method: "POST", body: new ReadableStream(), duplex: "half", keepalive: true }),
  "a hash that does not fit": (fetch, origin) => fetch(`${origin}/json`, { integrity: "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" }),
})) alike(`refused with a TypeError: ${name}`, act, refused);

alike("members of init that change nothing here are taken all the same", async (fetch, origin) => {
  const init = { priority: "high", keepalive: true, cache: "reload", credentials: "omit", referrer: "about:client", mode: "cors", window: null, integrity: "" };
  const found = await (await fetch(`${origin}/echo`, init)).json();
  return [found.method, found.cookie];
}, { value: ["GET", undefined] });

alike("integrity: a hash that fits", async (fetch, origin) => {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode('{"a":[1,2]}'));
  const integrity = `sha256-${btoa(String.fromCharCode(...new Uint8Array(hash)))}`;
  return (await fetch(`${origin}/json`, { integrity })).json();
});

alike("credentials: a cookie is kept and sent where it is asked for", async (fetch, origin) => {
  await fetch(`${origin}/cookie`, { credentials: "include" });
  const cookie = async (credentials) => /kept=yes/u.test((await (await fetch(`${origin}/echo`, { credentials })).json()).cookie);
  return [await cookie("include"), await cookie("omit"), await cookie(undefined)];
}, { value: [true, false, false] });

alike("cache: what was answered once is answered again", async (fetch, origin) => {
  // Each of the two has a URL of its own: the cache is one.
  const url = `${origin}/cached?${Math.random()}`;
  const ask = async (cache) => (await fetch(url, { cache })).text();
  return [await ask("default"), await ask("default"), await ask("no-store"), await ask("default"), await ask("reload"), await ask("force-cache")];
}, { value: ["answer 1", "answer 1", "answer 2", "answer 1", "answer 3", "answer 3"] });

test("keepalive: a request outlives the page that made it; another one does not", async () => {
  const { page } = pair.app;
  await page.evaluate((origin) => {
    void window.ways.vault(`${origin}/silent`, { method: "POST", body: "last words", keepalive: true });
    void window.ways.vault(`${origin}/never`, { method: "POST", body: "not wanted" });
  }, pair.api.origin);
  const until = async (condition) => {
    for (let waited = 0; waited < 60 && !condition(); waited += 1) await page.waitForTimeout(50);
    assert.ok(condition());
  };
  await until(() => pair.api.asked.size === 2);
  await page.goto("about:blank");
  await until(() => pair.api.abandoned.get("/never") === 1);
  assert.equal(pair.api.abandoned.get("/silent"), undefined);
  await page.goBack();
  await pair.app.loaded();
});
