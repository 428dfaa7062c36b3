// An API that wants more of the user than was done at sign-in (RFC 9470): here a code.

import assert from "node:assert/strict";
import { ACR } from "../../../www-demo/provider/acr.mjs";
import { serveCallbackPage, withoutOpenerPolicy } from "../../support/callback-page.mjs";
import { atProvider } from "../app.mjs";

export const subject = "Step-up";
export const world = "bound";

const TRANSFER = { method: "POST", body: JSON.stringify({ to: "Grace", amount: "1.00" }), headers: { "content-type": "application/json" } };
const PLACE = "/orders?open=1";

async function signedIn({ open, world }, stepUp) {
  const { clientId, scope } = world.options;
  await serveCallbackPage(world, { clientId, scope, resources: [world.api], stepUp });
  withoutOpenerPolicy(world);
  const app = await open(PLACE);
  await app.signIn();
  return app;
}

const transfers = ({ calls }) => calls.seen.filter(({ path }) => path === "/transfers").length;

/** The code is typed in the popup that `act` opens, and the call is answered. */
async function confirmed({ world, profile }, app, act) {
  const popup = await profile.opened(act);
  await atProvider(popup).confirm();
  const { value, error } = await app.acted();
  assert.equal(error ?? undefined, undefined, JSON.stringify(error));
  assert.deepEqual([value.status, JSON.parse(value.text).acr], [200, ACR.confirmed]);
  assert.equal(await app.tab.url(), world.site.origin + PLACE);
  assert.equal((await app.session()).claims.acr, ACR.confirmed);
}

export const scenarios = {
  async "by popup, once the user has agreed: the call is answered, and the page stays"(scene) {
    const { world } = scene;
    const app = await signedIn(scene, "ask");
    await app.clickToFetch(`${world.api}transfers`, TRANSFER);
    await confirmed(scene, app, () => app.tab.click("#agree"));
    // From now on it is enough.
    const before = transfers(world);
    assert.equal((await app.fetch(`${world.api}transfers`, TRANSFER)).value.status, 200);
    assert.equal(transfers(world), before + 1);
  },

  async "by popup at once, from the click that made the call"(scene) {
    const { world, found } = scene;
    const app = await signedIn(scene, "popup");
    await app.tab.evaluate(() => {
      const { open } = window;
      window.opened = new Promise((resolve) => {
        window.open = (...given) => {
          const made = open.call(window, ...given);
          resolve(made !== null);
          return made;
        };
      });
    });
    await app.clickToFetch(`${world.api}transfers`, TRANSFER);
    const opened = await app.tab.evaluate(() => window.opened);
    if (!opened) assert.equal((await app.acted()).error?.code, "popup_blocked");
    assert.equal((await app.session()).status, "signed-in");
    found(opened ? "opens" : "`popup_blocked`: to this engine it is no longer the user who asks");
  },

  async "by redirect: the page comes back where it was, and `resume()` sends the call"(scene) {
    const { world, found } = scene;
    const app = await signedIn(scene, "redirect");
    const lives = await app.vaultOutlivesPages();
    await app.beginFetch(`${world.api}transfers`, TRANSFER);
    await app.finishSignIn();
    assert.equal(await app.tab.url(), world.site.origin + PLACE);
    const { status, error } = await app.made();
    assert.deepEqual([status, error?.code], ["signed-in", undefined]);
    const [first, second] = await app.tab.evaluate(async () => {
      const responses = [await window.clients.main.resume(), await window.clients.main.resume()];
      return Promise.all(responses.map(async (response) => (response ? { status: response.status, text: await response.text() } : null)));
    });
    assert.deepEqual([first.status, JSON.parse(first.text).acr, second], [200, ACR.confirmed, null]);
    found(lives ? "yes" : "yes, by a new vault");
  },
};
