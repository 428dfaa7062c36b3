import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { forbidFrames, serveCallbackPage, windowClients } from "../support/callback-page.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld({ extraClients: windowClients });

/** What is said of an error that a call ended in. */
const explained = (app, options, method, given) =>
  app.page.evaluate(
    async ([options, method, given]) => {
      const [{ createOidcClient }, { explain }] = await Promise.all([import("/valetkey/index.js"), import("/valetkey/explain.js")]);
      try {
        const client = createOidcClient(options);
        const session = await client.ready();
        if (session.error) throw session.error;
        await client[method](...given);
        return "no error";
      } catch (error) {
        return { code: error.code, explanations: explain(error, options) };
      }
    },
    [options, method, given],
  );

/** One client on a page: each test makes its own. */
async function optionsAlone() {
  const options = await serveCallbackPage(world, { restore: "memory" });
  world.site.clients = {};
  return options;
}

test("a frame that this page's policy forbids: the directive that is missing", async (t) => {
  const options = await optionsAlone();
  forbidFrames(world);
  const { code, explanations } = await explained(await world.open(t), options, "signIn", [{ mode: "silent" }]);
  assert.equal(code, "silent_blocked");
  assert.equal(explanations.length, 1);
  assert.match(explanations[0].fix, /frame-src/u);
});

test("nobody at the provider of this very site: no word of cookies", async (t) => {
  const options = await optionsAlone();
  const { code, explanations } = await explained(await world.open(t), options, "signIn", [{ mode: "silent" }]);
  assert.equal(code, "login_required");
  assert.deepEqual(explanations.map(({ cause }) => /cookie/u.test(cause)), [false]);
});

test("an issuer with another trailing slash: what the provider calls itself", async (t) => {
  const options = await optionsAlone();
  const { code, explanations } = await explained(await world.open(t), { ...options, issuer: `${options.issuer}/` }, "signIn", [{}]);
  assert.equal(code, "metadata_issuer_mismatch");
  assert.match(explanations[0].cause, new RegExp(options.issuer, "u"));
  assert.match(explanations[0].fix, /slash/u);
});

test("what there is nothing more to say of has its own hint", async (t) => {
  const options = await optionsAlone();
  const { code, explanations } = await explained(await world.open(t), options, "userInfo", []);
  assert.equal(code, "not_signed_in");
  assert.deepEqual(explanations, [{ cause: "nobody is signed in", fix: "Check `session.status` first, or call `signIn()`." }]);
});

test("every code that is explained is one that there is, and every explanation is whole", async (t) => {
  await serveCallbackPage(world);
  const source = await readFile(new URL("../../pkg-template/src/explain.ts", import.meta.url), "utf8");
  const explainedCodes = [...source.matchAll(/codes: \[([^\]]+)\]/gu)].flatMap(([, list]) => [...list.matchAll(/"([^"]+)"/gu)].map(([, code]) => code));
  const app = await world.open(t);
  const all = await app.page.evaluate(async () => {
    const [{ explain }, { texts }] = await Promise.all([import("/valetkey/explain.js"), import("/valetkey/messages.js")]);
    return Object.entries(texts).map(([code, [message, hint]]) => ({ code, hint, explanations: explain({ code, message, hint }, { issuer: "https://id.example.com" }) }));
  });
  const codes = all.map(({ code }) => code);
  assert.deepEqual(explainedCodes.filter((code) => !codes.includes(code)), []);
  for (const { code, explanations } of all) {
    assert.ok(explanations.length > 0 && explanations.every(({ cause, fix }) => cause && fix && !/undefined|null/u.test(cause + fix)), code);
  }
});

test("whatever refuses an option, its error is of the class that the application imports", async (t) => {
  world.site.clients = { main: world.options };
  const app = await world.open(t);
  for (const [method, given] of [["signIn", { pormpt: "login" }], ["signOut", { retrunTo: "/" }], ["getAccessToken", { resorce: "/" }]]) {
    const { error } = await app.call(method, [given]);
    // The page tells a code of its own class of errors alone.
    assert.deepEqual([error.code, error.detail], ["option_unknown", Object.keys(given)[0]], method);
  }
});
