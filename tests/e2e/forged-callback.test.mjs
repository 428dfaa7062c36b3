import assert from "node:assert/strict";
import test from "node:test";
import { useDemo } from "../support/demo.mjs";
import { callbackUrlFor } from "../support/provider-trip.mjs";

const demo = useDemo();

/** A state of the right form, for this client, that was never used. */
const altered = (state) => state.slice(0, -10) + (state.at(-10) === "A" ? "B" : "A") + state.slice(-9);
const stateOf = (url) => new URL(url).searchParams.get("state");

/**
 * Each: what the address is made to be, from a state of a sign-in in flight and from the real callback that has not been
 * opened, and what must be said of it.
 */
const forgeries = [
  ["a code with an unknown state", ({ state }) => `?code=forged&state=${altered(state)}`, "state_unknown"],
  ["a refusal with an unknown state", ({ state }) => `?error=login_required&state=${altered(state)}`, "state_unknown"],
  ["a code without a state while a sign-in waits", () => "?code=forged", "state_missing"],
  ["a refusal without a state while a sign-in waits", () => "?error=access_denied", "state_missing"],
  ["the real callback with a second code", ({ callback }) => `${callback.search}&code=forged`, "parameter_repeated"],
  ["the real callback with a second state", ({ callback }) => `${callback.search}&state=other`, "parameter_repeated"],
  ["the real callback with another issuer", ({ callback }) => withParameter(callback, "iss", "https://evil.example"), "issuer_parameter_mismatch"],
  ["the real callback without its issuer", ({ callback }) => withParameter(callback, "iss"), "issuer_parameter_missing"],
  ["the real callback with a refusal beside the code", ({ callback }) => `${callback.search}&error=access_denied`, "callback_malformed"],
  ["the real callback without its code", ({ callback }) => withParameter(callback, "code"), "callback_malformed"],
  ["an access token beside the code", ({ callback }) => `${callback.search}&access_token=forged`, "front_channel_token"],
  ["tokens in the fragment with our state", ({ state }) => `#access_token=forged&token_type=bearer&state=${state}`, "front_channel_token"],
  ["the real answer in the fragment", ({ callback }) => `#${callback.search.slice(1)}`, "front_channel_token"],
  ["the real callback at another path", ({ callback }) => `elsewhere${callback.search}`, "redirect_uri_mismatch"],
];

function withParameter(url, name, value) {
  const changed = new URL(url);
  if (value === undefined) changed.searchParams.delete(name);
  else changed.searchParams.set(name, value);
  return changed.search;
}

test("a forged callback is refused by its own name, and no token is asked for", async (t) => {
  const tab = await demo.open(t);
  for (const [what, forge, code] of forgeries) {
    await t.test(`${what}: ${code}`, async () => {
      const authorization = await tab.startSignIn();
      const callback = new URL(await callbackUrlFor(authorization));
      const requests = await demo.requestsDuring(() => tab.load(forge({ state: stateOf(authorization), callback })));
      assert.equal(await tab.errorCode.innerText(), code);
      assert.equal(await tab.status.innerText(), "Nobody is signed in");
      assert.equal(requests.token, 0);
      assert.doesNotMatch(tab.page.url(), /[?&#](code|state|iss|access_token|error)=/u);
    });
  }
  await tab.signIn();
});

test("a forged callback leaves a session as it is", async (t) => {
  const tab = await demo.open(t);
  const { state } = Object.fromEntries(new URL(await tab.startSignIn()).searchParams);
  await tab.reload();
  await tab.signIn();
  for (const [address, code] of [
    [`?code=forged&state=${altered(state)}`, "state_unknown"],
    [`?error=login_required&state=${altered(state)}`, "state_unknown"],
    [`#access_token=forged&state=${state}`, "front_channel_token"],
    ["?code=forged", "state_missing"],
    [`?error=access_denied&iss=${encodeURIComponent(demo.urls.issuer)}&state=${state}`, "access_denied"],
  ]) {
    const requests = await demo.requestsDuring(() => tab.load(address));
    assert.equal(await tab.errorCode.innerText(), code, address);
    assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace", address);
    assert.equal(requests.token, 0, address);
  }
  await tab.button("Call the API").click();
  await tab.answer.filter({ hasText: '"visits"' }).waitFor();
});

test("a callback works once: opened again in a second tab it is a replay, and the session stays", async (t) => {
  const tab = await demo.open(t);
  const callback = await callbackUrlFor(await tab.startSignIn());
  await tab.load(callback);
  assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace");

  const requests = await demo.requestsDuring(async () => {
    const second = await demo.openIn(tab.context, callback);
    assert.equal(await second.errorCode.innerText(), "callback_replayed");
    assert.equal(await second.status.innerText(), "Signed in as Ada Lovelace");
    assert.equal(second.page.url(), demo.urls.demo);
  });
  assert.equal(requests.token, 0);
});

test("a callback that is opened in two tabs at once is redeemed once", async (t) => {
  const tab = await demo.open(t);
  const callback = await callbackUrlFor(await tab.startSignIn());
  const requests = await demo.requestsDuring(async () => {
    const tabs = await Promise.all([demo.openIn(tab.context, callback), demo.openIn(tab.context, callback)]);
    for (const { status } of tabs) assert.equal(await status.innerText(), "Signed in as Ada Lovelace");
  });
  assert.equal(requests.token, 1);
});

test("a callback that was started in another browser is not accepted", async (t) => {
  const attacker = await demo.open(t);
  const callback = await callbackUrlFor(await attacker.startSignIn(), { username: "mallory" });
  const victim = await demo.open(t);
  const requests = await demo.requestsDuring(() => victim.load(callback));
  assert.equal(await victim.errorCode.innerText(), "state_unknown");
  assert.equal(await victim.status.innerText(), "Nobody is signed in");
  assert.equal(requests.token, 0);
});

test("a code and state of another library are left alone, also while a sign-in waits", async (t) => {
  const tab = await demo.open(t);
  await tab.startSignIn();
  for (const address of ["?code=x&state=other", "?error=access_denied&state=other", "#access_token=x&state=other"]) {
    await tab.load(address);
    assert.equal(tab.page.url(), demo.urls.demo + address);
    assert.equal(await tab.alert.innerText(), "");
  }
});

test("a code that is not the provider's is refused by the provider, and nobody is signed in", async (t) => {
  const tab = await demo.open(t);
  const callback = new URL(await callbackUrlFor(await tab.startSignIn()));
  await tab.load(withParameter(callback, "code", "forged"));
  assert.equal(await tab.errorCode.innerText(), "invalid_grant");
  assert.equal(await tab.status.innerText(), "Nobody is signed in");
});

test("a code of another sign-in is refused: it was made for another code verifier", async (t) => {
  const attacker = await demo.open(t);
  const stolen = new URL(await callbackUrlFor(await attacker.startSignIn(), { username: "mallory" })).searchParams.get("code");
  const tab = await demo.open(t);
  const callback = new URL(await callbackUrlFor(await tab.startSignIn()));
  await tab.load(withParameter(callback, "code", stolen));
  assert.equal(await tab.errorCode.innerText(), "invalid_grant");
  assert.equal(await tab.status.innerText(), "Nobody is signed in");
});
