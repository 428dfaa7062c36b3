// ATTACKS F-11: the vault runs out of memory on what a provider sends, and WebAssembly traps. The module is the package's
// own, with its memory bounded: an answer within every limit, which any vault takes, is then more than there is room for.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { HOSTS, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { tokens } from "../hostile/switches/tokens.mjs";

const lab = useLab();
const packageFile = (name) => readFile(fileURLToPath(new URL(`../../pkg/${name}`, import.meta.url)));

/** An unsigned LEB128 number of a module: `[value, where it ends]` (WebAssembly core specification §5.2.2). */
function number(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
}
const written = (value) => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...written(value >>> 7)]);

/** The module with a memory that can grow by so many pages of 64 KB, and no more (§5.5.8). */
function bounded(module, pages) {
  let at = 8;
  while (at < module.length) {
    const section = at;
    const [length, start] = number(module, at + 1);
    if (module[section] === 5) {
      const [least] = number(module, start + 2);
      const content = [1, 1, ...written(least), ...written(least + pages)];
      return Buffer.concat([module.subarray(0, section), Buffer.from([5, ...written(content.length), ...content]), module.subarray(start + length)]);
    }
    at = start + length;
  }
  throw new Error("The module has no memory.");
}

const integrityOf = (bytes) => `sha384-${createHash("sha384").update(bytes).digest("base64")}`;

async function serveBounded(pages) {
  const directory = `/valetkey/bounded-${pages}/`;
  const [script, module] = await Promise.all([packageFile("vault.js"), packageFile("vault.wasm")]);
  const other = bounded(module, pages);
  // The script takes the module whose hash it holds, and no other.
  const body = script.toString().replace(integrityOf(module), integrityOf(other));
  lab.handlers[HOSTS.app].files.set(`${directory}vault.js`, { body });
  lab.handlers[HOSTS.app].files.set(`${directory}vault.wasm`, { body: other });
  return `${directory}vault.js`;
}

/** 400 KB of a member that nobody knows: within the limit of a document. */
const large = tokens((all) => void (all.padding = "x".repeat(400 * 1024)));

attacks("crash", () => {
  test("F-11 the answer that the bounded vault has no room for is taken by any other", async (t) => {
    const made = lab.realm(realmName("F-11"), { base: [large] });
    await expectSignedIn(lab, await lab.page(await lab.context(t)), made);
  });

  for (const isolation of ["shared", "worker"]) {
    test(`F-11 no room for an answer, ${isolation} vault: vault_crashed, a fresh vault, and other tabs go on`, async (t) => {
      const vaultUrl = await serveBounded(6);
      const { realm, application, canary } = lab.realm(realmName("F-11"), { options: { vaultUrl, isolation } });
      const context = await lab.context(t);
      const [page, other] = [await lab.page(context), await lab.page(context)];
      await expectSignedIn(lab, page, { realm, application, canary });
      await lab.open(other, application);
      const sharing = isolation === "shared";
      assert.equal(await other.evaluate(() => window.client.session.status), sharing ? "signed-in" : "signed-out");

      realm.set(large);
      const report = await lab.attempt(page, application);
      assert.deepEqual([report.phase, report.error?.code], ["ready", "vault_crashed"], JSON.stringify(report));
      // A dedicated worker's last error is shown in its page's console, as any worker's is.
      assert.deepEqual(report.troubles.filter((trouble) => !trouble.endsWith("RuntimeError: unreachable")), []);
      if (sharing) {
        await other.waitForFunction(() => window.client.session.status === "signed-out");
        assert.equal(await other.evaluate(() => window.client.session.error?.code), "vault_crashed");
      }
      const next = await other.evaluate(() => window.outcome(() => window.client.userInfo()));
      assert.equal(next.error?.code, "not_signed_in", "a fresh vault, with half of no session");
      assert.deepEqual(await other.evaluate(() => window.troubles), []);

      realm.set();
      const again = await lab.attempt(page, application);
      assert.deepEqual([again.status, again.error, again.userInfo?.value?.sub], ["signed-in", undefined, realm.subject], JSON.stringify(again));
      assert.equal(realm.requests("token").length, 3, "each code was sent once");
      if (sharing) await other.waitForFunction(() => window.client.session.status === "signed-in");
      // A vault that died could neither name the place to go on from nor, perhaps, erase the copy of what it had claimed.
      await page.evaluate(() => window.client.signOut({ local: true }));
      await lab.sweep(page, canary, { allow: { entries: ["code", "state"] } });
      record(t, "F-11", "a vault that traps is given up whole: every tab is told, the session is lost, and the next call starts a fresh one. The address of the callback that it died over, with a code that is spent, stays where it is");
    });
  }
});
