// Chromium, for the tests that need a browser.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Failure, answerOf } from "./run.mjs";
import { aptInstall, distribution, onPath } from "./system.mjs";

/** The first version whose SharedWorker knows `extendedLifetime`, which the end-to-end tests rely on. */
const OLDEST = 148;
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];
const MAC = ["Google Chrome", "Chromium", "Microsoft Edge"].map((name) => `Applications/${name}.app/Contents/MacOS/${name}`);
const PLACES = ["/opt/google/chrome/chrome", "/snap/bin/chromium"].concat(
  MAC.map((path) => `/${path}`),
  MAC.map((path) => join(homedir(), path)),
);
const ADVICE =
  `No Chromium ${OLDEST} or newer was found: install Google Chrome or Chromium, or run \`npx playwright-core install --with-deps ` +
  "chromium`, or set CHROMIUM to the path of one, then run this again.";

/** Answers `{ chromium, version }`, with Chromium installed first where Debian's packages have it. */
export async function ensureBrowser(say = console.log) {
  let browser = await findChromium();
  if (browser === undefined) {
    // Ubuntu's package of that name only asks for a snap, which a container cannot have.
    const names = distribution();
    if (!names.includes("debian") || names[0] === "ubuntu") throw new Failure(ADVICE);
    say("Installing Chromium…");
    if (!(await aptInstall(["chromium"]))) throw new Failure(ADVICE);
    browser = await findChromium();
    if (browser === undefined) throw new Failure(ADVICE);
  } else {
    say(`Chromium ${browser.version}: ${browser.chromium}`);
  }
  return browser;
}

async function findChromium() {
  if (process.env.CHROMIUM) {
    const chosen = await versionOf(process.env.CHROMIUM);
    if (chosen === undefined) throw new Failure(`CHROMIUM is set to ${process.env.CHROMIUM}, which is no Chromium that starts.`);
    return { chromium: process.env.CHROMIUM, version: chosen };
  }
  const candidates = NAMES.map(onPath).concat(PLACES, await ofPlaywright());
  for (const chromium of candidates) {
    if (chromium === undefined || !existsSync(chromium)) continue;
    const version = await versionOf(chromium);
    if (version !== undefined && major(version) >= OLDEST) return { chromium, version };
  }
  return undefined;
}

/** Where `npx playwright-core install chromium` puts its own. */
async function ofPlaywright() {
  try {
    const { chromium } = await import("playwright-core");
    return chromium.executablePath();
  } catch {
    return undefined;
  }
}

/** The version a program says it has. Also tells a browser from a script that only says how to get one. */
async function versionOf(path) {
  const answer = await answerOf(path, ["--version"], { limit: 20000 });
  const match = /(?:chrom|edge)\D*(\d+(?:\.\d+)+)/i.exec(answer === undefined ? "" : answer);
  return match === null ? undefined : match[1];
}

const major = (version) => Number(version.split(".")[0]);
