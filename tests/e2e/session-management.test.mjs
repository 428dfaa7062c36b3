import assert from "node:assert/strict";
import test from "node:test";
import { serveCallbackPage, windowClients } from "../support/callback-page.mjs";
import { useWorld } from "../support/world.mjs";

const world = useWorld({ extraClients: windowClients });

test("a provider without check_session_iframe: the application is told, and nothing else changes", async (t) => {
  const options = await serveCallbackPage(world, { monitorSession: true });
  const app = await world.open(t);
  await app.signIn();
  const told = await app.page.evaluate(async ({ options }) => {
    const { createOidcClient } = await import("/valetkey/index.js");
    const client = createOidcClient(options);
    const failed = new Promise((resolve) => client.onEvent(({ error }) => error && resolve({ code: error.code, detail: error.detail })));
    await client.ready();
    return failed;
  }, { options });
  assert.deepEqual(told, { code: "session_monitoring_unavailable", detail: "check_session_iframe" });
  assert.equal((await app.session()).status, "signed-in");
});
