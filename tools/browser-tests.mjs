// The `browser` suite where no chromedriver fits the Chromium at hand: wasm-bindgen-test-runner serves the tests, and
// Playwright opens the page.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./run.mjs";

/** Answers `{ code, output }`, as running `cargo test` with that selection does. */
export async function runInPage({ chromium, runner, selection, limit }) {
  const build = ["test", "--locked", "--no-run", "--message-format=json-render-diagnostics", ...selection];
  const { code, answer } = await run("cargo", build, { output: "answer", limit });
  if (code !== 0) return { code, output: "" };

  // The runner is started here and not by cargo: it serves until it is stopped, and stopping cargo would not stop it.
  let page;
  const server = await run(runner, [executableIn(answer)], {
    output: "keep",
    limit,
    env: { NO_HEADLESS: "1", WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0" },
    onLine(line, child) {
      const address = /now available at (http:\S+)/.exec(line);
      if (address === null || page !== undefined) return;
      page = outputOf(chromium, address[1]);
      const stop = () => child.kill();
      page.then(stop, stop);
    },
  });
  if (page === undefined) {
    console.log(server.output);
    return { code: 1, output: server.output };
  }
  const output = await page;
  console.log(output);
  return { code: /^test result: ok\./m.test(output) ? 0 : 1, output };
}

/** The test binary among cargo's messages. */
function executableIn(answer) {
  const messages = answer.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  return messages.map(({ executable }) => executable).filter((path) => typeof path === "string").pop();
}

async function outputOf(executablePath, url) {
  const { chromium } = await import("playwright-core");
  const { args } = JSON.parse(readFileSync(join(root, "webdriver.json"), "utf8"))["goog:chromeOptions"];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    page.on("console", (message) => console.log(message.text()));
    page.on("pageerror", (error) => console.log(error));
    await page.goto(url);
    const output = page.locator("#output", { hasText: "test result: " });
    await output.waitFor({ timeout: 120_000 });
    return await output.textContent();
  } finally {
    await browser.close();
  }
}
