import assert from "node:assert/strict";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { createApplication, temporaryDirectory } from "../support/packed.mjs";

let directory;
let valetkey;

before(async () => {
  directory = await temporaryDirectory();
  const application = await createApplication(directory.path, { "use.js": 'export * from "valetkey";\n' });
  valetkey = await import(join(application, "use.js"));
});
after(() => directory?.remove());

test("importing the package on a server works, and offers what it says it does", () => {
  assert.deepEqual(Object.keys(valetkey).sort(), ["OidcError", "createOidcClient"]);
});

test("a client on a server is loading, and refuses every call with not_in_browser", async () => {
  const oidc = valetkey.createOidcClient({ issuer: "https://id.example", clientId: "spa" });
  assert.deepEqual(oidc.session, { status: "loading" });
  for (const [method, ...given] of [["ready"], ["signIn"], ["signOut"], ["fetch", "https://api.example/"], ["userInfo"], ["trace"]]) {
    await assert.rejects(oidc[method](...given), (error) => {
      assert.ok(error instanceof valetkey.OidcError, method);
      assert.equal(error.code, "not_in_browser", method);
      assert.notEqual(error.message, "not_in_browser", "the sentence is there as well");
      assert.match(error.hint, /browser/u, method);
      return true;
    });
  }
});

test("subscribing on a server does nothing and can be undone", () => {
  const oidc = valetkey.createOidcClient({ issuer: "https://id.example", clientId: "spa" });
  oidc.subscribe(() => assert.fail("nothing happens"))();
  oidc.onTrace(() => assert.fail("nothing happens"))();
});
