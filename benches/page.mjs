// What runs in the browser: the program, driven as an application would drive it, and a clock. The html sets `bench`;
// `report` is a binding the bench puts into every page, so reporting costs no request.

import { open } from "program";

const { issuer, api, metadata, vaultUrl } = globalThis.bench;
const parameters = new URLSearchParams(location.search);
// On the way back the navigation began at the application, went to the provider and was redirected here: only what comes
// after the last redirect is counted.
const start = performance.getEntriesByType("navigation")[0].fetchStart;
const since = parameters.has("code") ? start : 0;
const result = { start };
const finish = (outcome) => globalThis.report(JSON.stringify({ ...result, ...outcome }));

try {
  // "url" stops where the page would be left, "go" leaves it.
  const act = parameters.get("act");
  const program = open({
    issuer,
    clientId: parameters.get("client") ?? globalThis.bench.clientId,
    redirectUri: location.origin + location.pathname,
    api,
    metadata,
    vaultUrl,
    ...(act === "url" && { navigate: (url) => finish({ urlReady: performance.now(), url }) }),
  });
  const user = await program.user();
  const known = performance.now() - since;
  if (user) {
    finish({ userKnown: known, sub: user.sub });
  } else {
    result.signedOutKnown = known;
    if (act === "go") {
      // Sign-in is a click some time after the page has come to rest; what was loaded late must not count there.
      await new Promise((settled) => setTimeout(settled, Number(parameters.get("settle"))));
    }
    await program.signIn();
  }
} catch (error) {
  finish({ error: `${error?.code ?? error?.name}: ${error?.message}` });
}
