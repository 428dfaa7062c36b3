// An application in JavaScript and one in Rust on one origin, with the same options: one vault, and so one session.

import assert from "node:assert/strict";
import test from "node:test";
import { useWorld } from "../support/world.mjs";

const world = useWorld();

for (const [first, second] of [["js", "rust"], ["rust", "js"]]) {
  test(`who signs in by ${first} is signed in by ${second}, with no request, and signed out by it`, async (t) => {
    world.site.clients = { main: world.options };
    world.site.face = first;
    const app = await world.open(t);
    await app.signIn();
    world.site.face = second;
    const requests = await world.requestsDuring(async () => {
      const other = await world.openIn(app.context, "/other");
      assert.deepEqual([(await other.session()).status, (await other.session()).restoredBy], ["signed-in", "memory"]);
      assert.equal((await other.fetch(`${world.api}me`)).value.status, 200);
      await other.call("signOut", [{ local: true, revoke: false }]);
    });
    assert.deepEqual([requests.token, requests.all.to(world.issuer, "/auth").length], [0, 0]);
    await app.page.waitForFunction(() => window.sessionOf("main").status === "signed-out");
    assert.equal((await app.session()).reason, "signed_out");
  });
}
