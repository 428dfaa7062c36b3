// One small interface over the three engines. An engine is launched once and gives out profiles (cookies, storage and
// workers of their own); a profile gives out tabs.

import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds that a condition is waited for. Long: three engines share a machine that may have other work. */
const LIMIT = 30_000;

/** What the drivers have in common. */
export class Profile {
  #native;

  constructor(native) {
    this.#native = native;
  }

  /** A new tab, at `url` if it is given. */
  async open(url) {
    const tab = new Tab(await this.#native.open());
    if (url !== undefined) await tab.go(url);
    return tab;
  }

  /** The tab that `act` opens, such as a popup: it is found by its being new. */
  async opened(act) {
    const known = (await this.#native.tabs()).map(({ id }) => id);
    await act();
    const fresh = await eventually(async () => (await this.#native.tabs()).find(({ id }) => !known.includes(id)));
    if (fresh === undefined) throw new Error("No tab was opened.");
    return new Tab(fresh);
  }

  /** Whether a tab is still there: a popup closes itself. */
  async has(tab) {
    return (await this.#native.tabs()).some(({ id }) => id === tab.id);
  }

  close() {
    return this.#native.close();
  }
}

export class Tab {
  #native;

  constructor(native) {
    this.#native = native;
  }

  get id() {
    return this.#native.id;
  }

  go(url) {
    return this.#native.go(url);
  }

  reload() {
    return this.#native.reload();
  }

  /** Not waited for: what comes back may be a page that was kept as it was left. */
  back() {
    return this.#native.back();
  }

  /** Calls a function in the page with one plain value, and answers what it resolves to. A function and not its text: pages are served with a policy against the latter. */
  evaluate(act, given = null) {
    return this.#native.evaluate(act, given);
  }

  /** A real click, which counts as the user's, on what is there or will be. */
  async click(selector) {
    await this.see(selector);
    await this.#native.click(selector);
  }

  /** Writes into a field. */
  async fill(selector, text) {
    await this.see(selector);
    await this.evaluate(({ selector, text }) => void (document.querySelector(selector).value = text), { selector, text });
  }

  /** Presses a form's button without a click: a click is lost where a page moves its parts at that moment. */
  async submit(button) {
    await this.see(button);
    await this.evaluate((selector) => {
      const button = document.querySelector(selector);
      setTimeout(() => button.form.requestSubmit(button));
    }, button);
  }

  /** Waits until a page is there whole, with something in it. */
  see(selector) {
    return this.until((selector) => document.readyState === "complete" && document.querySelector(selector) !== null, selector);
  }

  /** Waits until a function of the page answers something true, over any number of pages, and answers it. */
  async until(condition, given) {
    let last;
    const value = await eventually(() => this.evaluate(condition, given).catch((error) => void (last = error)));
    if (value) return value;
    throw new Error(`Not so at ${await this.url().catch(() => "a tab that is gone")}: ${condition} (${JSON.stringify(given)})${last === undefined ? "" : `, ${last.message}`}`);
  }

  url() {
    return this.evaluate(() => location.href);
  }

  close() {
    return this.#native.close();
  }
}

/** The first true answer, or `undefined` when there is none in time. */
export async function eventually(ask, limit = LIMIT) {
  for (const end = Date.now() + limit; Date.now() < end; await sleep(30)) {
    const answer = await ask();
    if (answer) return answer;
  }
  return undefined;
}
