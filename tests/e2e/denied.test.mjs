import assert from "node:assert/strict";
import test from "node:test";
import { useDemo } from "../support/demo.mjs";

const demo = useDemo();

for (const [where, deny] of [
  ["login", async (tab) => tab.button("Cancel").click()],
  ["consent", async (tab) => {
    await tab.logIn();
    await tab.button("Deny").click();
  }],
]) {
  test(`a person who cancels at the ${where} is told so, is not signed in, and can try again`, async (t) => {
    const tab = await demo.open(t);
    await tab.goToProvider();
    const requests = await demo.requestsDuring(async () => {
      await deny(tab);
      await tab.errorCode.waitFor();
    });
    assert.equal(await tab.errorCode.innerText(), "access_denied");
    assert.equal(await tab.status.innerText(), "Nobody is signed in");
    assert.equal(tab.page.url(), demo.urls.demo);
    assert.equal(requests.token, 0);
    await tab.step("callback_refused").waitFor();

    await tab.button("Sign in").click();
    if (where === "login") await tab.logIn();
    await tab.button("Allow").click();
    await tab.waitForStatus("Signed in as Ada Lovelace");
    assert.equal(await tab.alert.innerText(), "");
  });
}

test("a reload after a refusal does not show it again", async (t) => {
  const tab = await demo.open(t);
  await tab.goToProvider();
  await tab.button("Cancel").click();
  await tab.errorCode.waitFor();
  await tab.reload();
  assert.equal(await tab.alert.innerText(), "");
});

test("a wrong user name is the provider's affair: the sign-in goes on", async (t) => {
  const tab = await demo.open(t);
  await tab.goToProvider();
  await tab.logIn("Ünï");
  await tab.page.getByRole("alert").filter({ hasText: "plain letters" }).waitFor();
  await tab.logIn("grace");
  await tab.button("Allow").click();
  await tab.waitForStatus("Signed in as Grace");
});
