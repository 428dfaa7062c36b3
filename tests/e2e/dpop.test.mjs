import assert from "node:assert/strict";
import test, { describe } from "node:test";
import { serveCallbackPage, windowClients } from "../support/callback-page.mjs";
import { hashOfToken, readProof } from "../support/proofs.mjs";
import { useWorld } from "../support/world.mjs";

/** Seconds: soon over, but longer than what a test does meanwhile. */
const TTL = 6;

async function signedIn(world, t, options = {}) {
  world.site.clients = { main: { ...world.options, ...options } };
  const app = await world.open(t);
  await app.signIn();
  return app;
}

const me = (world, app) => app.fetch(`${world.api}me`);
const schemeOf = ({ value, error }) => (value ? JSON.parse(value.text).scheme : error);
const proofsSeen = (world) => Promise.all(world.calls.seen.map(({ proof }) => readProof(proof)));
/** The thumbprint that an access token of the provider's is bound to. */
const boundTo = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url")).cnf?.jkt;
const thumbprints = async (world) => [...new Set((await proofsSeen(world)).map(({ thumbprint }) => thumbprint))];

describe("a provider that offers DPoP, and nonces", () => {
  const world = useWorld({ dpop: true, extraClients: windowClients, apiNonce: "offered", accessTokenTtl: TTL });

  test("by default tokens are bound, and each call of the API carries a proof of its own", async (t) => {
    const app = await signedIn(world, t);
    assert.equal((await app.session()).tokenType, "DPoP");
    for (let call = 0; call < 3; call += 1) assert.equal(schemeOf(await me(world, app)), "DPoP");
    const { seen } = world.calls;
    assert.deepEqual([...new Set(seen.map(({ scheme }) => scheme))], ["DPoP"]);
    const proofs = await proofsSeen(world);
    assert.equal(new Set(proofs.map(({ claims }) => claims.jti)).size, proofs.length);
    for (const [index, { header, claims, thumbprint }] of proofs.entries()) {
      assert.deepEqual(Object.keys(header).sort(), ["alg", "jwk", "typ"]);
      assert.deepEqual([header.typ, header.alg, Object.keys(header.jwk).sort()], ["dpop+jwt", "ES256", ["crv", "kty", "x", "y"]]);
      assert.deepEqual([claims.htm, claims.htu, claims.ath], ["GET", `${world.api}me`, hashOfToken(seen[index].token)]);
      assert.equal(thumbprint, boundTo(seen[index].token));
    }
  });

  test("a nonce that came with one answer is in the next proof, and costs no request", async (t) => {
    const app = await signedIn(world, t);
    await me(world, app);
    await me(world, app);
    const proofs = await proofsSeen(world);
    assert.equal(proofs.length, 2);
    assert.equal(proofs[0].claims.nonce, undefined);
    assert.equal(typeof proofs[1].claims.nonce, "string");
  });

  test("UserInfo is asked by DPoP as well", async (t) => {
    await serveCallbackPage(world);
    const app = await world.open(t);
    await app.signIn();
    assert.equal((await app.session()).tokenType, "DPoP");
    assert.equal((await app.call("userInfo")).value.sub, "ada.lovelace");
  });

  test("a renewed token is bound to the same key, and the API takes it", async (t) => {
    const app = await signedIn(world, t);
    await me(world, app);
    await app.page.waitForTimeout((TTL + 0.3) * 1000);
    assert.equal(schemeOf(await me(world, app)), "DPoP");
    const tokens = new Set(world.calls.seen.map(({ token }) => token));
    assert.equal(tokens.size, 2);
    assert.deepEqual(await thumbprints(world), [boundTo([...tokens][1])]);
  });

  test("after a reload, and in another tab, it is the same session with the same key", async (t) => {
    const app = await signedIn(world, t);
    await me(world, app);
    await app.reload();
    assert.equal((await app.made()).value.tokenType, "DPoP");
    assert.equal(schemeOf(await me(world, app)), "DPoP");
    const other = await world.openIn(app.context);
    assert.equal(schemeOf(await me(world, other)), "DPoP");
    assert.equal((await thumbprints(world)).length, 1);
  });

  test("each sign-in has a key of its own", async (t) => {
    const app = await signedIn(world, t);
    await me(world, app);
    await app.reload();
    await app.signInAgain();
    await me(world, app);
    assert.equal((await thumbprints(world)).length, 2);
  });

  test("the code is bound to the key that the request names, where the vault will still be there", async (t) => {
    world.site.clients = { main: { ...world.options, capture: true } };
    const app = await world.open(t);
    const asked = async (name) => new URL(await app.authorizationUrl({}, name)).searchParams.get("dpop_jkt");
    assert.match(await asked("main"), /^[\w-]{43}$/u);
    // A worker of this page's alone ends with it, and its key does, too.
    await app.make({ ...world.options, capture: true, isolation: "worker" }, "worker");
    assert.equal(await asked("worker"), null);
  });

  for (const isolation of ["worker", "page"]) {
    test(`a sign-in whose vault ends on the way is bound to a new key (${isolation})`, async (t) => {
      const app = await signedIn(world, t, { isolation });
      assert.equal((await app.session()).tokenType, "DPoP");
      assert.equal(schemeOf(await me(world, app)), "DPoP");
    });
  }

  for (const isolation of ["shared", "worker", "page"]) {
    test(`silently: other tokens, bound to another key (${isolation})`, async (t) => {
      const resources = [{ url: world.api, resource: world.api }];
      await serveCallbackPage(world, { isolation, resources, scope: "openid profile accounts:read" });
      const app = await world.open(t);
      await app.signIn();
      assert.equal(schemeOf(await me(world, app)), "DPoP");
      assert.deepEqual(await app.call("signIn", [{ mode: "silent" }]), { value: undefined });
      assert.equal((await app.session()).tokenType, "DPoP");
      assert.equal(schemeOf(await me(world, app)), "DPoP");
      assert.equal((await thumbprints(world)).length, 2);
      assert.equal((await app.call("userInfo")).value.sub, "ada.lovelace");
    });

    test(`by popup tokens are bound as well (${isolation})`, async (t) => {
      await serveCallbackPage(world, { isolation });
      const app = await world.open(t);
      const opened = app.context.waitForEvent("page");
      const outcome = app.call("signIn", [{ mode: "popup" }]);
      const popup = await opened;
      await popup.getByLabel("Username").fill("ada.lovelace");
      await popup.getByLabel("Password").fill("x");
      await popup.getByRole("button", { name: "Continue" }).click();
      await popup.getByRole("button", { name: "Allow" }).click();
      assert.deepEqual(await outcome, { value: undefined });
      assert.equal((await app.session()).tokenType, "DPoP");
      assert.equal((await app.call("userInfo")).value.sub, "ada.lovelace");
    });
  }

  test("`off`: bearer tokens, and no proof", async (t) => {
    const app = await signedIn(world, t, { dpop: "off" });
    assert.equal((await app.session()).tokenType, "Bearer");
    assert.equal(schemeOf(await me(world, app)), "Bearer");
    assert.deepEqual(world.calls.seen.map(({ scheme, proof }) => [scheme, proof]), [["Bearer", undefined]]);
    await app.page.waitForTimeout((TTL + 0.3) * 1000);
    assert.equal(schemeOf(await me(world, app)), "Bearer");
  });

  test("a token that was taken out of the page is of no use elsewhere", async (t) => {
    const app = await signedIn(world, t, { exposeAccessToken: true });
    const { accessToken } = (await app.call("getAccessToken")).value;
    for (const scheme of ["Bearer", "DPoP"]) assert.equal((await fetch(`${world.api}me`, { headers: { authorization: `${scheme} ${accessToken}` } })).status, 401);
    assert.equal(schemeOf(await me(world, app)), "DPoP");
  });

  test("a call with a body whose token is refused is sent once more, whole, with another proof", async (t) => {
    const app = await signedIn(world, t);
    world.calls.refuseNext(1, () => 'DPoP error="invalid_token"');
    const { value } = await app.fetch(`${world.api}transfers`, { method: "POST", body: "all of it" });
    assert.equal(value.status, 200);
    assert.equal(world.calls.seen.length, 2);
    assert.notEqual(world.calls.seen[0].proof, world.calls.seen[1].proof);
  });
});

describe("a provider and an API that take no proof without their nonce", () => {
  const world = useWorld({ dpop: true, dpopNonce: "required", apiNonce: "required", accessTokenTtl: TTL });

  test("one more request to each of them, and from then on none", async (t) => {
    world.site.clients = { main: world.options };
    const app = await world.open(t);
    assert.equal((await world.requestsDuring(() => app.signIn())).token, 2);
    assert.equal((await world.requestsDuring(async () => assert.equal(schemeOf(await me(world, app)), "DPoP"))).api, 2);
    assert.equal((await world.requestsDuring(async () => assert.equal(schemeOf(await me(world, app)), "DPoP"))).api, 1);
    await app.page.waitForTimeout((TTL + 0.3) * 1000);
    const { token, api } = await world.requestsDuring(async () => assert.equal(schemeOf(await me(world, app)), "DPoP"));
    assert.deepEqual([token, api], [1, 1]);
  });

  test("twenty calls at once: none fails, and each is sent twice at the most", async (t) => {
    const app = await signedIn(world, t);
    const { api } = await world.requestsDuring(async () => {
      const answers = await app.page.evaluate((url) => Promise.all(Array.from({ length: 20 }, () => window.fetchAs("main", url))), `${world.api}me`);
      assert.deepEqual(answers.map(({ value }) => value?.status), Array(20).fill(200));
    });
    assert.ok(api <= 40, `${api} requests`);
  });

  test("`required` is content with it", async (t) => {
    const app = await signedIn(world, t, { dpop: "required" });
    assert.equal(schemeOf(await me(world, app)), "DPoP");
  });
});

describe("a provider without DPoP", () => {
  const world = useWorld();

  test("`auto`: bearer tokens", async (t) => {
    const app = await signedIn(world, t);
    assert.equal((await app.session()).tokenType, "Bearer");
    assert.equal(schemeOf(await me(world, app)), "Bearer");
  });

  test("`required`: nobody is sent there", async (t) => {
    world.site.clients = { main: { ...world.options, dpop: "required", capture: true } };
    const app = await world.open(t);
    assert.equal((await app.call("signIn")).error.code, "dpop_unsupported");
    assert.equal(await app.page.evaluate(() => window.navigated), undefined);
  });
});
