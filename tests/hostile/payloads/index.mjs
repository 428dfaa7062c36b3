// The hostile scripts, each as one would be injected: a plain browser script. `positions` are where it can do anything at
// all: early, before any script of the page; late, into a page that is signed in.

import { readFileSync } from "node:fs";

const read = (name) => readFileSync(new URL(`${name}.js`, import.meta.url), "utf8");
const prelude = read("prelude");

export const EARLY = "early";
export const LATE = "late";

const table = [
  ["storage", "reads all storages, again and again"],
  ["graph", "walks everything from the globals and the client"],
  ["network", "wraps fetch, XMLHttpRequest, Request, Headers"],
  ["messages", "wraps workers, ports, channels and listeners"],
  ["channels", "listens on channels and to storage events"],
  ["worker-swap", "runs its own worker in place of the library's"],
  ["crypto", "wraps WebCrypto"],
  ["wasm", "wraps WebAssembly and searches its memories"],
  ["intrinsics", "wraps the language's own functions"],
  ["pollution", "puts accessors on Object.prototype"],
  ["reimport", "imports the modules again, makes its own client"],
  ["own-worker", "speaks to the library's worker in its language"],
  ["methods", "asks the library for tokens"],
  ["pristine", "works from a fresh frame's realm"],
  ["errors", "provokes errors, reads stacks and the console"],
  ["records", "reads addresses, timings, navigation entries"],
  ["departure", "signs out, and reads the address left for"],
  ["reconfigure", "turns the library's settings to its own host"],
  ["redeem", "redeems the code with a stored verifier"],
  ["service-worker", "registers a worker where the origin serves one"],
  ["silent", "signs in by itself in a frame"],
  ["proxy", "calls the API through the library"],
];

export const payloads = table.map(([name, does]) => ({ name, does, source: read(name) }));

/**
 * A payload as one script, with what it knows of its target. `window.attack.over()` settles when it has done what it can,
 * and all that it found has been sent.
 */
export const scriptOf = ({ name, source }, target) => `{
const target = ${JSON.stringify(target)}, payload = ${JSON.stringify(name)};
if (location.origin === new URL(target.redirectUri).origin) {
${prelude}
const attack = (async () => {
${source}
})().catch((error) => { bag.push("failed: " + error?.stack); }).then(flush);
const over = async () => {
  finished = true;
  await attack;
  flush();
  await Promise.all(sending);
};
Object.defineProperty(window, "attack", { __proto__: null, value: { over, prepared: () => prepared }, configurable: true });
}
}`;
