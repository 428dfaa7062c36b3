// The applications of examples/, built by Trunk, against the demo's provider and API.

import assert from "node:assert/strict";
import test, { describe } from "node:test";
import { exampleDirectory } from "../../tools/build/examples.mjs";
import { useDemo } from "../support/demo.mjs";

for (const name of ["yew", "leptos"]) {
  // Built by the set-up of `npm test`, see tools/build/examples.mjs.
  const dist = exampleDirectory(name);
  describe(`the ${name} application`, () => {
    const demo = useDemo({ dist });
    const status = (tab, text) => tab.status.filter({ hasText: text }).waitFor();

    test("signs in by redirect, calls the API on its guarded route, lasts over a reload, and signs out", async (t) => {
      const tab = await demo.open(t, "account");
      await tab.page.getByText("Sign in to see your account.").waitFor();
      assert.equal(await tab.page.locator("#answer-body").count(), 0);
      await tab.signIn();
      assert.deepEqual([new URL(tab.page.url()).pathname, new URL(tab.page.url()).search], ["/account", ""]);
      await tab.button("Call the API").click();
      await tab.answer.filter({ hasText: "ada.lovelace" }).waitFor();
      assert.match(await tab.answer.innerText(), /"scheme":"DPoP"/u);
      const requests = await demo.requestsDuring(() => tab.reload());
      await status(tab, "Signed in as Ada Lovelace");
      assert.deepEqual([requests.token, requests.authorization], [0, 0]);
      await tab.button("Sign out").click();
      await tab.page.getByRole("button", { name: /yes|sign out|continue/iu }).click();
      await status(tab, "Nobody is signed in");
    });

    test("a guard without a fallback goes to the provider by itself, and leaves whoever signs out alone", async (t) => {
      const tab = await demo.open(t);
      await tab.page.getByRole("link", { name: "Members" }).click();
      await tab.page.getByLabel("Username").waitFor();
      await tab.logIn();
      await tab.button("Allow").click();
      await tab.page.getByText("For members.").waitFor();
      assert.equal(new URL(tab.page.url()).pathname, "/members");
      const other = await demo.openIn(tab.context, "members");
      await other.page.getByText("For members.").waitFor();
      await tab.button("Sign out").click();
      await tab.page.getByRole("button", { name: /yes|sign out|continue/iu }).click();
      await status(tab, "Nobody is signed in");
      await status(other, "Nobody is signed in");
      assert.equal(new URL(other.page.url()).pathname, "/members");
    });

    test("signs in by popup while the page stays", async (t) => {
      const tab = await demo.open(t);
      await tab.page.evaluate(() => (window.stayed = true));
      const [popup] = await Promise.all([tab.page.waitForEvent("popup"), tab.button("Sign in with a popup").click()]);
      await logInAt(popup);
      await status(tab, "Signed in as Ada Lovelace");
      assert.equal(await tab.page.evaluate(() => window.stayed), true);
    });

    test("a popup that is closed is told, and is no end", async (t) => {
      const tab = await demo.open(t);
      const [popup] = await Promise.all([tab.page.waitForEvent("popup"), tab.button("Sign in with a popup").click()]);
      await popup.getByLabel("Username").waitFor();
      await tab.lookAway();
      await popup.close();
      await tab.page.getByRole("alert").filter({ hasText: "popup_closed" }).waitFor();
      await tab.signIn();
    });

    test("an API that wants a stronger sign-in gets it, and answers", async (t) => {
      const tab = await demo.open(t, "account");
      await tab.signIn();
      await tab.page.goto(new URL("account", demo.urls.demo).href);
      const [popup] = await Promise.all([tab.page.waitForEvent("popup"), tab.button("See the transfers").click()]);
      await popup.getByLabel("Code").fill("123456");
      await popup.getByRole("button", { name: "Confirm" }).click();
      await tab.answer.filter({ hasText: "those of ada.lovelace" }).waitFor();
    });

    test("a sign-in in one tab is seen in another, and so is a sign-out", async (t) => {
      const tab = await demo.open(t);
      const other = await demo.openIn(tab.context);
      await tab.signIn();
      await status(other, "Signed in as Ada Lovelace");
      await other.button("Sign out").click();
      await status(tab, "Nobody is signed in");
    });

    test("no complaint in the console under the strictest policy", async (t) => {
      const tab = await demo.open(t);
      const complaints = [];
      tab.page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      tab.page.on("pageerror", (error) => complaints.push(error.message));
      await tab.signIn();
      assert.deepEqual(complaints, []);
    });
  });
}

async function logInAt(popup) {
  await popup.getByLabel("Username").fill("ada.lovelace");
  await popup.getByLabel("Password").fill("x");
  await popup.getByRole("button", { name: "Continue" }).click();
  await popup.getByRole("button", { name: "Allow" }).click();
}
