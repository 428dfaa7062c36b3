// The application of the tests' own (support/app-site.mjs), as a test drives it in any engine.

import assert from "node:assert/strict";

export class App {
  constructor(tab, world) {
    Object.assign(this, { tab, world });
  }

  async load(path = "/") {
    // `about:blank` in between: an address that differs in its fragment alone would be no page load.
    await this.tab.go("about:blank");
    await this.tab.go(new URL(path, this.world.site.origin).href);
    await this.loaded();
  }

  async reload() {
    await this.tab.reload();
    await this.loaded();
  }

  /** The page has made its clients, and has not been told to leave. */
  loaded() {
    return this.tab.until((origin) => location.origin === origin && window.loaded === true && !window.left, this.world.site.origin);
  }

  /** Makes a client: `{ value: session }` or `{ error }`. */
  make(options) {
    return this.tab.evaluate((options) => window.make("main", options), options);
  }

  /** What became of the client that the page made when it loaded. */
  async made() {
    const { value, error } = await this.tab.evaluate(() => window.made.main);
    assert.equal(error ?? undefined, undefined, JSON.stringify(error));
    return value;
  }

  session() {
    return this.tab.evaluate(() => window.sessionOf("main"));
  }

  /** Waits until this page shows that somebody is signed in, or that nobody is. */
  status(status) {
    return this.tab.until((status) => window.loaded === true && window.sessionOf("main").status === status, status);
  }

  call(method, ...given) {
    return this.tab.evaluate(({ method, given }) => window.call("main", method, ...given), { method, given });
  }

  /** Calls what leaves the page, after this has returned: an answer that the navigation overtakes may never arrive. */
  begin(method, ...given) {
    return this.tab.evaluate(({ method, given }) => {
      window.left = true;
      setTimeout(() => window.call("main", method, ...given));
    }, { method, given });
  }

  /** The same from a button that is really clicked, as a popup needs it. What comes of it: {@link App.acted}. */
  clickFor(method, ...given) {
    return this.#clickFor("call", [method, ...given]);
  }

  /** Likewise, a call of an API. */
  clickToFetch(url, init) {
    return this.#clickFor("fetchAs", [url, init]);
  }

  async #clickFor(what, given) {
    await this.tab.evaluate(({ what, given }) => {
      const button = document.createElement("button");
      button.id = "act";
      button.addEventListener("click", () => {
        button.remove();
        window.acted = window[what]("main", ...given);
      });
      document.body.append(button);
    }, { what, given });
    await this.tab.click("#act");
  }

  acted() {
    return this.tab.evaluate(async () => JSON.parse(JSON.stringify(await window.acted)));
  }

  fetch(url, init) {
    return this.tab.evaluate(({ url, init }) => window.fetchAs("main", url, init), { url, init });
  }

  /** The same of a call that leaves the page. */
  beginFetch(url, init) {
    return this.tab.evaluate(({ url, init }) => {
      window.left = true;
      setTimeout(() => window.fetchAs("main", url, init));
    }, { url, init });
  }

  /** Whether the engine knows SharedWorkers that outlive their pages. Others may keep one that long by chance. */
  vaultOutlivesPages() {
    return this.tab.evaluate(() => {
      let asked = false;
      try {
        new SharedWorker("/nothing.js", { get extendedLifetime() { return (asked = true); } });
      } catch {
        // The page's policy does not allow it, which is judged after the options were read.
      }
      return asked;
    });
  }

  /** Starts a sign-in that the options' `capture: true` keeps here, and answers where it would have led. */
  async authorizationUrl() {
    const { error } = await this.call("signIn");
    assert.equal(error ?? undefined, undefined, JSON.stringify(error));
    return this.tab.evaluate(() => window.navigated);
  }

  /** Goes to the provider and comes back signed in. */
  async signIn() {
    await this.begin("signIn");
    await this.finishSignIn();
  }

  /** Answers whatever the provider asks, until the application is back. */
  async finishSignIn() {
    for (;;) {
      const asked = await this.tab.until(() => {
        if (window.loaded === true && !window.left) return "nothing";
        const form = document.querySelector("button[form=login], button[form=confirm], button[form=allow]")?.form.id;
        // When it was answered it stays for a moment; and again, should the answer have been lost.
        if (form === undefined || Date.now() - window.asked < 3_000) return false;
        window.asked = Date.now();
        return form;
      });
      if (asked === "nothing") return;
      if (asked === "login") await atProvider(this.tab).logIn();
      else if (asked === "confirm") await atProvider(this.tab).confirm();
      else await atProvider(this.tab).answer("allow");
    }
  }

  /** Signs in once more, at a provider that knows the person already and asks for nothing. */
  async signInAgain() {
    await this.begin("signIn");
    await this.tab.until(() => window.loaded === true && !window.left && window.made.main.value?.restoredBy === "redirect");
  }

  /** Signs out here and at the provider. */
  async signOut() {
    await this.begin("signOut");
    await this.tab.submit("button[name=logout]");
    await this.loaded();
  }
}

/** What a person does at the provider, in the tab or popup that shows it. */
export const atProvider = (tab) => ({
  async logIn(username = "ada.lovelace") {
    await tab.fill("#username", username);
    await tab.fill("#password", "x");
    await tab.submit("button[form=login]");
  },
  async confirm() {
    await tab.fill("#code", "123456");
    await tab.submit("button[form=confirm]");
  },
  /** `allow` or `deny`. */
  answer: (how) => tab.submit(`button[form=${how}]`),
});
