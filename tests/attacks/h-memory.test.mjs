// ATTACKS H-03, H-04, H-38: what a debugger finds in the memory of the page, and of the vault after its session has ended.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { useLab } from "../hostile/lab.mjs";
import { memoriesOf, snapshotOf, workerSession } from "../hostile/memory.mjs";
import { record } from "../hostile/record.mjs";
import { heapOf } from "../hostile/sweep.mjs";

const lab = useLab();
const TOKENS = ["access", "refresh", "id-token"];
const SECRETS = [...TOKENS, "verifier", "code"];

async function signedIn(t, id, options = {}) {
  const made = lab.realm(realmName(id), { options });
  const page = await lab.page(await lab.context(t));
  await expectSignedIn(lab, page, made);
  return { ...made, page };
}

/** The kinds of secrets that are in a text. */
const kindsIn = (text, canary, kinds = SECRETS) => [...new Set([...canary.all].filter(([secret, kind]) => kinds.includes(kind) && text.includes(secret)).map(([, kind]) => kind))];

attacks("the page's memory", () => {
  for (const isolation of ["shared", "worker"]) {
    test(`H-03 heap snapshot of the main thread, ${isolation}: no token, no verifier, no code`, async (t) => {
      const { page, canary } = await signedIn(t, "h-03", { isolation });
      assert.deepEqual(kindsIn(await heapOf(page), canary), []);
      // The same look finds what is there: the claims that the page was given.
      assert.deepEqual(kindsIn(await heapOf(page), canary, ["nonce"]), ["nonce"]);
      record(t, "H-03", `${isolation} vault: the heap of the page's thread holds the claims, and no token, verifier or code`);
    });

    test(`H-04 WebAssembly memory in the page's realm, ${isolation}: there is none`, async (t) => {
      const { page } = await signedIn(t, "h-04", { isolation });
      const session = await page.context().newCDPSession(page);
      assert.equal((await memoriesOf(session)).length, 0);
    });
  }

  test("H-04 WebAssembly memory in the page's realm, page: found, with the tokens", async (t) => {
    const { page, canary } = await signedIn(t, "h-04", { isolation: "page" });
    const session = await page.context().newCDPSession(page);
    const memory = (await memoriesOf(session)).join("\n");
    assert.ok(kindsIn(memory, canary).includes("access"), "the look would find a token");
    record(t, "H-04", `\`isolation: "page"\`: the page's WebAssembly memory holds ${kindsIn(memory, canary).join(", ")}, within reach of a debugger and of a script that wrapped WebAssembly early`);
  });
}, { atOnce: 3 });

attacks("the vault's memory after the session", () => {
  const ends = {
    "local sign-out": (page) => page.evaluate(() => window.client.signOut({ local: true })),
    "a renewal that the provider refused": async (page, realm) => {
      realm.set({ tokenAnswer: () => ({ status: 400, headers: { "content-type": "application/json", "access-control-allow-origin": "*" }, body: '{"error":"invalid_grant"}' }) });
      await page.evaluate(() => window.outcome(() => window.client.renew()));
      await page.waitForFunction(() => window.client.session.status === "signed-out");
    },
  };
  for (const isolation of ["shared", "worker"]) {
    for (const [what, end] of Object.entries(ends)) {
      test(`H-38 WebAssembly memory of the vault after ${what}, ${isolation}: no token, no verifier, no code`, async (t) => {
        const made = lab.realm(realmName("h-38"), { options: { isolation }, base: what.startsWith("a renewal") ? [short] : [] });
        const browser = await lab.launch();
        t.after(() => browser.close());
        const page = await lab.page(await lab.context(t, { browser }));
        await expectSignedIn(lab, page, made);
        const vault = await workerSession(browser, /vault\.js/u);
        const before = kindsIn((await memoriesOf(vault)).join("\n"), made.canary);
        assert.ok(before.includes("access") && before.includes("refresh"), `the look would find them: ${before}`);
        assert.ok(!before.includes("code") && !before.includes("verifier"), `spent, and still there: ${before}`);
        await end(page, made.realm);
        assert.deepEqual(kindsIn((await memoriesOf(vault)).join("\n"), made.canary), []);
        const snapshot = await snapshotOf(vault);
        assert.match(snapshot, /well-known\/openid-configuration/u, "the look would find a string");
        const strings = kindsIn(snapshot, made.canary);
        record(t, "H-38", `JavaScript strings of the ${isolation} vault after ${what}: ${strings.join(", ") || "none"} found in its heap snapshot`);
      });
    }
  }
}, { atOnce: 2 });

/** A token that is renewed the next time it is needed: that of the sign-in, and of its renewal. */
const short = { tokens: (honest) => ({ ...honest, expires_in: 1 }) };
