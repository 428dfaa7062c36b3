// The `browser` suite: wasm-bindgen-test-runner serves the tests, and Playwright opens the page. A driver of the browser's
// own, which the runner could use, has to fit its version.

import { run } from "./run.mjs";

/** Milliseconds for the page to load, and for its tests. */
const PATIENCE = 120_000;

/** Answers `{ code, output }`, as running `cargo test` with that selection does. */
export async function runInPage({ chromium, runner, selection, limit }) {
  const build = ["test", "--locked", "--no-run", "--message-format=json-render-diagnostics", ...selection];
  const { code, answer } = await run("cargo", build, { output: "answer", limit });
  if (code !== 0) return { code, output: "" };

  const executable = executableIn(answer);
  const first = await serveAndOpen({ chromium, runner, executable });
  // Where not one test has said anything, it was the browser or its page that did not start.
  if (/^test \S+ \.\.\. /m.test(first.output)) return first;
  console.log(`No test ran: once more. ${first.output}`);
  return serveAndOpen({ chromium, runner, executable });
}

async function serveAndOpen({ chromium, runner, executable }) {
  // The runner is started here and not by cargo: it serves until it is stopped, and stopping cargo would not stop it.
  let page;
  const server = await run(runner, [executable], {
    output: "keep",
    limit: 2 * PATIENCE,
    env: { NO_HEADLESS: "1", WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0" },
    onLine(line, child) {
      const address = /now available at (http:\S+)/.exec(line);
      if (address === null || page !== undefined) return;
      page = outputOf(chromium, address[1]).catch((error) => `${error.message}\n`);
      page.then(() => child.kill());
    },
  });
  const output = page === undefined ? server.output : await page;
  console.log(output);
  return { code: /^test result: ok\./m.test(output) ? 0 : 1, output };
}

/** The test binary among cargo's messages. */
function executableIn(answer) {
  const messages = answer.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  return messages.map(({ executable }) => executable).filter((path) => typeof path === "string").pop();
}

async function outputOf(executablePath, url) {
  // Not at the top: what is imported there has to be installed before the set-up.
  const { chromium } = await import("playwright-core");
  const { FLAGS } = await import("../tests/support/browser.mjs");
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const page = await browser.newPage();
    page.on("console", (message) => console.log(message.text()));
    page.on("pageerror", (error) => console.log(error));
    await page.goto(url, { timeout: PATIENCE });
    const output = page.locator("#output", { hasText: "test result: " });
    await output.waitFor({ timeout: PATIENCE });
    return await output.textContent();
  } finally {
    await browser.close();
  }
}
