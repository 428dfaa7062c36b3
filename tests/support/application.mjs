// An application that uses the package as its README says, and what is expected of it in a browser, however it was built.

import assert from "node:assert/strict";

/** Its sources. `more` is the text of further options, `imports` of what they need. */
export const applicationFiles = ({ options, issuer, api }, { imports = "", more = "", script = "/src/main.js", head = "" } = {}) => ({
  "index.html": `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>An application</title>
    <link rel="icon" href="data:,">
    ${head}
    <script type="module" src="${script}"></script>
  </head>
  <body>
    <p id="status"></p>
    <p id="answer"></p>
    <button id="sign-in">Sign in</button>
    <button id="call">Call</button>
    <button id="sign-out">Sign out</button>
  </body>
</html>
`,
  "src/config.js": `export const issuer = ${JSON.stringify(issuer)};
export const clientId = ${JSON.stringify(options.clientId)};
export const api = ${JSON.stringify(api)};
`,
  "src/main.js": `import { createOidcClient } from "valetkey";
import { api, clientId, issuer } from "./config.js";
${imports}

const oidc = createOidcClient({
  issuer,
  clientId,
  scope: "openid profile email accounts:read",
  resources: [api],
  postLogoutRedirectUri: location.origin + "/",
  isolation: localStorage.getItem("isolation") ?? "auto",
  ${more}
});

const show = (id, text) => (document.getElementById(id).textContent = text);
const failed = (error) => show("status", "failed: " + (error.code ?? error.message) + " " + error.message);
const on = (id, act) => document.getElementById(id).addEventListener("click", () => act().catch(failed));
on("sign-in", () => oidc.signIn());
on("sign-out", () => oidc.signOut());
on("call", async () => {
  const response = await oidc.fetch(api + "me");
  show("answer", response.status + " " + (await response.json()).account.subject);
});

try {
  const session = await oidc.ready();
  const who = session.status === "signed-in" ? session.claims.name : "nobody";
  show("status", who + ", " + session.isolation + (session.error ? ", " + session.error.code : ""));
} catch (error) {
  failed(error);
}
`,
});

/** The setting of an application that has its vault.js compared. */
export const comparing = { imports: 'import integrity from "valetkey/integrity.json";', more: 'vaultIntegrity: integrity["vault.js"],' };

/** Signs in for real, calls the API, reloads, and signs out. */
export async function expectWorking(context, world, { isolation = "shared", ignore = /net::ERR_ABORTED$/u } = {}) {
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("requestfailed", (request) => problems.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("response", (response) => response.status() >= 400 && problems.push(`${response.url()}: ${response.status()}`));
  await context.addInitScript((isolation) => localStorage.setItem("isolation", isolation), isolation);
  const status = (text) => page.locator("#status", { hasText: text });

  await page.goto(world.site.origin);
  await page.locator("#status").filter({ hasText: /./u }).waitFor().catch(() => assert.fail(`Nothing is shown (${isolation}). ${problems.join("\n")}`));
  assert.equal(await page.locator("#status").innerText(), `nobody, ${isolation}`, problems.join("\n"));
  await page.click("#sign-in");
  await page.getByLabel("Username").fill("ada.lovelace");
  await page.getByLabel("Password").fill("x");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await status(`Ada Lovelace, ${isolation}`).waitFor();
  assert.equal(page.url(), `${world.site.origin}/`);
  await page.click("#call");
  await page.locator("#answer", { hasText: "200 ada.lovelace" }).waitFor();
  await page.reload();
  await status(isolation === "shared" ? "Ada Lovelace, shared" : `nobody, ${isolation}`).waitFor();
  if (isolation === "shared") {
    await page.click("#sign-out");
    await page.getByRole("button", { name: "Yes, sign me out" }).click();
    await status(`nobody, ${isolation}`).waitFor();
  }
  assert.deepEqual(problems.filter((problem) => !ignore.test(problem)), []);
  await page.close();
}

