// Firefox and WebKit, for the tests that run in every engine. Where one cannot be had, its tests are not run, and it is said why.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { answerOf } from "./run.mjs";
import { aptInstall, distribution, onPath } from "./system.mjs";

const DEBIAN = ["debian", "ubuntu"];
/** The parent of each `webkit2gtk-4.1`, of which there may be several. */
const LIBRARIES = ["/usr/lib", "/usr/libexec"];

/** Answers `{ engines: { FIREFOX, … } }`, the environment of the tests: where each engine is, or `…_MISSING`. */
export async function ensureEngines(say = console.log) {
  const found = await search();
  const packages = [];
  if (found.FIREFOX === undefined) packages.push("firefox-esr");
  if (found.WEBKIT_DRIVER === undefined || found.WEBKIT_BROWSER === undefined) packages.push("webkit2gtk-driver");
  if (found.XVFB === undefined) packages.push("xvfb");

  // Ubuntu's Firefox is a snap, which a container cannot have.
  const installable = distribution()[0] === "ubuntu" ? packages.filter((name) => name !== "firefox-esr") : packages;
  if (installable.length > 0 && distribution().some((name) => DEBIAN.includes(name))) {
    say(`Installing ${installable.join(", ")}…`);
    await aptInstall(installable);
    Object.assign(found, await search());
  }
  const missing = {
    FIREFOX_MISSING: found.FIREFOX === undefined ? "there is no Firefox: install it (Debian: firefox-esr), or set FIREFOX to its path" : undefined,
    WEBKIT_MISSING: webkitMissing(found),
  };
  if (missing.WEBKIT_MISSING !== undefined) found.WEBKIT_DRIVER = undefined;
  const reasons = Object.entries(missing).filter(([, reason]) => reason !== undefined);
  if (installable.length === 0) say(reasons.length === 0 ? `Engines: ${found.FIREFOX}, ${found.WEBKIT_DRIVER}` : "Engines: not all are here.");
  for (const [name, reason] of reasons) console.log(`      ${name.split("_")[0] === "FIREFOX" ? "Firefox" : "WebKit"}: its tests are not run, since ${reason}.`);
  return { engines: { ...found, ...missing } };
}

async function search() {
  return {
    FIREFOX: await firefox(),
    WEBKIT_DRIVER: process.env.WEBKIT_DRIVER || onPath("WebKitWebDriver"),
    WEBKIT_BROWSER: process.env.WEBKIT_BROWSER || miniBrowser(),
    XVFB: process.env.XVFB || onPath("Xvfb"),
  };
}

/** One that says its version: Ubuntu has a script of this name that only says how to get one. */
async function firefox() {
  const candidates = [process.env.FIREFOX, onPath("firefox-esr"), onPath("firefox"), "/Applications/Firefox.app/Contents/MacOS/firefox"];
  for (const path of candidates) {
    if (!path || !existsSync(path)) continue;
    if (/Firefox \d/.test((await answerOf(path, ["--version"], { limit: 20000 })) || "")) return path;
  }
  return undefined;
}

/** WebKitGTK's own little browser, the one that its driver starts. */
function miniBrowser() {
  const within = (directory) => (existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : []);
  const parents = LIBRARIES.concat(...LIBRARIES.map(within));
  const versions = ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"];
  const places = [].concat(...versions.map((version) => parents.map((parent) => join(parent, version, "MiniBrowser"))));
  return places.find((path) => existsSync(path));
}

function webkitMissing(found) {
  if (process.platform !== "linux") return "WebKitGTK is for Linux alone";
  const lacking = [["WEBKIT_DRIVER", "WebKitWebDriver"], ["WEBKIT_BROWSER", "MiniBrowser"], ["XVFB", "Xvfb"]].filter(([name]) => found[name] === undefined);
  if (lacking.length === 0) return undefined;
  return `${lacking.map(([, program]) => program).join(" and ")} ${lacking.length === 1 ? "is" : "are"} missing: install webkit2gtk-driver and xvfb`;
}
