// ATTACKS M-08 and M-11: how far a session reaches. Not into another site's frame, and not over the browser's end.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { HOSTS, originOf, useLab } from "../hostile/lab.mjs";
import { record } from "../hostile/record.mjs";
import { listenTo } from "../hostile/sweep.mjs";
import { FLAGS } from "../support/browser.mjs";

const lab = useLab();

/** Everything a browser wrote to disk, by file. */
async function filesOf(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => [entry.name, await readFile(join(entry.parentPath ?? entry.path, entry.name)).catch(() => "")]));
}

/** A browser with a profile on disk, that can be opened again: `open()` is `{ context, page }`. */
async function profile(t, flags = []) {
  const directory = await mkdtemp(join(tmpdir(), "valetkey-profile-"));
  t.after(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const open = async () => {
    const context = await chromium.launchPersistentContext(directory, { executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: [...FLAGS, ...lab.network.flags, ...flags], ignoreHTTPSErrors: true });
    context.setDefaultTimeout(60_000);
    t.after(() => context.close().catch(() => {}));
    const page = await context.newPage();
    page.said = listenTo(page);
    return { context, page };
  };
  return Object.assign(open, { directory });
}

attacks("partitions", () => {
  test("M-08 in a frame of another site the session of the application is not there, nor the other way round", async (t) => {
    const { realm, application, canary } = lab.realm(realmName("M-08"), { headers: { "content-security-policy": "" }, options: { dangerAllowFraming: true } });
    // The driver switches the partitions off, in a list of which the last one given counts.
    const { context, page } = await (await profile(t, ["--disable-features=HttpsUpgrades"]))();
    await expectSignedIn(lab, page, { realm, application, canary });
    const evil = await context.newPage();
    await evil.goto(originOf(HOSTS.evil));
    const frame = async (address) => {
      const report = application.next();
      await evil.evaluate((url) => { document.body.append(Object.assign(document.createElement("iframe"), { src: url })); }, address);
      return report;
    };
    const framed = await frame(application.page);
    assert.deepEqual([framed.status, framed.isolation], ["signed-out", "shared"], JSON.stringify(framed));
    // A sign-in of the frame's own stays in there.
    await page.evaluate(() => window.client.signOut({ local: true }));
    assert.equal((await frame(`${application.page}?start`)).status, "signed-in");
    assert.equal((await lab.open(page, application)).status, "signed-out");
    record(t, "M-08", "browsers keep workers and storage apart by the site at the top: a framed application has a vault of its own, so neither the session nor a sign-out is shared with the same application in a tab");
    await lab.sweep(page, canary);
  });

  test("M-11 the browser is closed and opened again: signed out, and the profile on disk holds no token", async (t) => {
    const open = await profile(t);
    const { realm, application, canary } = lab.realm(realmName("M-11"));
    const first = await open();
    await expectSignedIn(lab, first.page, { realm, application, canary });
    await first.context.close();

    const found = new Set();
    for (const [name, content] of await filesOf(open.directory)) {
      for (const [secret, kind] of canary.all) if (content.includes(secret)) found.add(`${kind} in ${name.replace(/\d+/gu, "N")}`);
    }
    assert.deepEqual([...found].filter((place) => /^(access|refresh|id-token) /u.test(place)), []);
    record(t, "M-11", `after the browser has ended nobody is signed in and no token is on disk; spent values of the sign-in may be there until the browser tidies up (${[...found].sort().join(", ") || "none found"})`);

    const second = await open();
    const report = await lab.open(second.page, application);
    assert.equal(report.status, "signed-out", JSON.stringify(report));
    await expectSignedIn(lab, second.page, { realm, application, canary });
  });
});
