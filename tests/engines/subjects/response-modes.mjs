import assert from "node:assert/strict";
import { serveCallbackPage, withoutOpenerPolicy } from "../../support/callback-page.mjs";
import { atProvider } from "../app.mjs";

export const subject = "Response modes";

const PLACE = "/orders?open=1#last";

/** By redirect, back to where the user was. */
const byRedirect = (responseMode) => async ({ open, world, requestsDuring }) => {
  world.site.clients = { main: { ...world.options, responseMode } };
  const app = await open(PLACE);
  const { token } = await requestsDuring(() => app.signIn());
  const { status, restoredBy } = await app.made();
  assert.deepEqual([status, restoredBy, token], ["signed-in", "redirect", 1]);
  assert.equal(await app.tab.url(), world.site.origin + PLACE);
  assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
};

/** By a window and then a frame, both at the static callback page. */
const byCallbackPage = (responseMode) => async ({ open, world, profile, same }) => {
  await serveCallbackPage(world, { responseMode });
  withoutOpenerPolicy(world);
  const app = await open(PLACE);
  const popup = await profile.opened(() => app.clickFor("signIn", { mode: "popup" }));
  await atProvider(popup).logIn();
  await atProvider(popup).answer("allow");
  await app.status("signed-in");
  same(await app.acted(), {});
  await app.call("signOut", { local: true, revoke: false });
  assert.equal((await app.call("signIn", { mode: "silent" })).error ?? undefined, undefined);
  assert.deepEqual([(await app.session()).restoredBy, await app.tab.url()], ["silent", world.site.origin + PLACE]);
};

export const scenarios = {
  "`fragment`: by redirect, and nothing is left in the address bar": byRedirect("fragment"),
  "`query.jwt`: by redirect, and nothing is left in the address bar": byRedirect("query.jwt"),
  "`fragment.jwt`: by redirect, and nothing is left in the address bar": byRedirect("fragment.jwt"),
  "`fragment`: by popup and frame, at the callback page": byCallbackPage("fragment"),
  "`query.jwt`: by popup and frame, at the callback page": byCallbackPage("query.jwt"),

  async "a plain answer where a signed one was asked for is refused"({ open, world, requestsDuring }) {
    world.site.clients = {};
    const app = await open();
    const options = { ...world.options, responseMode: "fragment.jwt" };
    await app.make({ ...options, capture: true });
    const state = new URL(await app.authorizationUrl()).searchParams.get("state");
    world.site.clients = { main: options };
    const { token } = await requestsDuring(() => app.load(`/#code=plain&state=${state}&iss=${encodeURIComponent(world.issuer)}`));
    const { status, error } = await app.tab.evaluate(() => window.made.main.value);
    assert.deepEqual([status, error?.code, token], ["signed-out", "response_mode_mismatch", 0]);
  },
};
