import assert from "node:assert/strict";

export const subject = "Sign-in";

export const scenarios = {
  async "by redirect, back to where the user was, with one token request"({ open, requestsDuring }) {
    const app = await open("/some/place?filter=a%20b#part");
    assert.equal((await app.made()).status, "signed-out");
    const { token } = await requestsDuring(() => app.signIn());
    const { status, claims, restoredBy, isolation } = await app.made();
    assert.deepEqual([status, claims?.sub, restoredBy, isolation], ["signed-in", "ada.lovelace", "redirect", "shared"]);
    assert.equal(await app.tab.url(), `${app.world.site.origin}/some/place?filter=a%20b#part`);
    assert.equal(token, 1);
  },

  async "under a policy without eval"({ open }) {
    const app = await open();
    // In a task of the page's own: what a driver calls directly is held against no policy.
    assert.equal(await app.tab.evaluate(() => new Promise((resolve) => setTimeout(() => {
      try {
        resolve(new Function("return 'made'")());
      } catch (error) {
        resolve(error.name);
      }
    }))), "EvalError");
    await app.signIn();
    assert.equal((await app.made()).status, "signed-in");
  },

  async "Trusted Types are required of the page"({ open, found }) {
    const app = await open();
    await app.signIn();
    assert.equal((await app.made()).status, "signed-in");
    const refused = await app.tab.evaluate(() => {
      try {
        document.createElement("p").innerHTML = "<b>";
        return false;
      } catch {
        return true;
      }
    });
    found(refused ? "yes" : "no");
  },

  async "ID tokens signed with RS256, ES256 and Ed25519 are verified"({ open, world, requestsDuring, same }) {
    for (const clientId of ["RS256", "ES256", "EdDSA"]) {
      world.site.clients = { main: { issuer: world.issuer, clientId, scope: "openid" } };
      const app = await open();
      const { token } = await requestsDuring(() => app.signIn());
      same((await app.made()).claims.aud, clientId);
      assert.equal(token, 1);
      assert.ok((await app.call("trace")).value.some(({ step }) => step === "id_token_verified"));
    }
  },

  async "storage that outlives the page holds no token, code, state or verifier"({ open }) {
    const app = await open();
    await app.signIn();
    assert.equal((await app.fetch(`${app.world.api}me`)).value.status, 200);
    const dump = await app.tab.evaluate(async () => {
      const settled = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const rows = [];
      for (const { name } of await indexedDB.databases()) {
        const database = await settled(indexedDB.open(name));
        for (const storeName of database.objectStoreNames) {
          const store = database.transaction(storeName).objectStore(storeName);
          rows.push(...(await settled(store.getAllKeys())), ...(await settled(store.getAll())));
        }
        database.close();
      }
      return { rows, local: { ...localStorage }, session: { ...sessionStorage }, caches: await caches.keys(), cookie: document.cookie, state: history.state };
    });
    assert.deepEqual([dump.rows, dump.local, dump.session, dump.caches, dump.cookie, dump.state], [[], {}, {}, [], "", null]);
  },
};
