import assert from "node:assert/strict";
import test from "node:test";
import { useDemo } from "../support/demo.mjs";
import { callbackUrlFor } from "../support/provider-trip.mjs";

const TTL = 3;
const demo = useDemo({ accessTokenTtl: TTL });

async function whileStopped(act) {
  await demo.provider.stop();
  try {
    await act();
  } finally {
    await demo.provider.start();
  }
}

test("a provider that is down is named when one signs in, and signing in works once it is back", async (t) => {
  const tab = await demo.open(t);
  await whileStopped(async () => {
    await tab.load();
    await tab.button("Sign in").click();
    await tab.errorCode.waitFor();
    assert.equal(await tab.errorCode.innerText(), "provider_unreachable");
    assert.match(await tab.alert.innerText(), /running/u);
    assert.equal(tab.page.url(), demo.urls.demo);
  });
  await tab.signIn();
  assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace");
});

test("a renewal that finds the provider down says so and keeps the session until the provider refuses for good", async (t) => {
  const tab = await demo.open(t);
  await tab.signIn();
  await tab.page.waitForTimeout((TTL + 0.3) * 1000);
  await whileStopped(async () => {
    await tab.button("Call the API").click();
    await tab.alert.filter({ hasText: /\S/u }).waitFor();
    assert.equal(await tab.status.innerText(), "Signed in as Ada Lovelace");
  });
  // After its restart the provider knows no token any more: only then is the session over, without anybody asking.
  await tab.waitForStatus("Nobody is signed in");
  assert.match(await tab.page.locator("#status-detail").innerText(), /^The provider has ended the session\./u);
});

test("a callback whose token request finds the provider down says so, and signs nobody in", async (t) => {
  const tab = await demo.open(t);
  const callback = await callbackUrlFor(await tab.startSignIn());
  await whileStopped(async () => {
    await tab.load(callback);
    assert.equal(await tab.errorCode.innerText(), "provider_unreachable");
    assert.equal(await tab.status.innerText(), "Nobody is signed in");
  });
});
