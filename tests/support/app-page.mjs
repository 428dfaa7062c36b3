// The application of the tests' own, as a test drives it.

export class AppPage {
  constructor(page, { site, issuer, api }) {
    Object.assign(this, { page, site, issuer, api, context: page.context() });
  }

  async load(path = "/") {
    await this.page.goto("about:blank");
    await this.page.goto(new URL(path, this.site.origin).href);
    await this.loaded();
  }

  async reload() {
    await this.page.reload();
    await this.loaded();
  }

  async loaded() {
    await this.page.waitForFunction(() => window.loaded);
  }

  /** Makes a client: `{ value: session }` or `{ error }`. */
  make(options, name = "main") {
    return this.page.evaluate(([name, options]) => window.make(name, options), [name, options]);
  }

  /** What became of a client that the page made when it loaded. */
  made(name = "main") {
    return this.page.evaluate((name) => window.made[name], name);
  }

  session(name = "main") {
    return this.page.evaluate((name) => window.sessionOf(name), name);
  }

  call(method, given = [], name = "main") {
    return this.page.evaluate(([name, method, given]) => window.call(name, method, ...given), [name, method, given]);
  }

  /** Calls what leaves the page. Only after this has returned: an answer that the navigation overtakes may never arrive. */
  begin(method, given = [], name = "main") {
    return this.page.evaluate(([name, method, given]) => void setTimeout(() => window.call(name, method, ...given)), [name, method, given]);
  }

  fetch(url, init, name = "main") {
    return this.page.evaluate(([name, url, init]) => window.fetchAs(name, url, init), [name, url, init]);
  }

  /** Starts a sign-in that the options' `capture: true` keeps here, and answers where it would have led. */
  async authorizationUrl(options = {}, name = "main") {
    const { error } = await this.call("signIn", [options], name);
    if (error) throw new Error(`signIn: ${error.code ?? error.message}`);
    return this.page.evaluate(() => window.navigated);
  }

  /** Goes to the provider and comes back signed in. The page must make its clients when it loads. */
  async signIn({ username = "ada.lovelace", options = {}, name = "main" } = {}) {
    await this.begin("signIn", [options], name);
    await this.page.getByLabel("Username").or(this.page.getByRole("button", { name: "Allow" })).first().waitFor();
    if (await this.page.getByLabel("Username").isVisible()) {
      await this.page.getByLabel("Username").fill(username);
      await this.page.getByLabel("Password").fill("x");
      await this.page.getByRole("button", { name: "Continue" }).click();
    }
    await this.confirmed();
    await this.page.getByRole("button", { name: "Allow" }).click();
    await this.page.waitForURL((url) => url.origin === this.site.origin && !url.pathname.endsWith("callback.html"));
    await this.loaded();
  }

  /** Types a code where the provider asks for one, and goes on. */
  async confirmed(page = this.page) {
    const code = page.getByLabel("Code");
    await code.or(page.getByRole("button", { name: "Allow" })).first().waitFor();
    if (!(await code.isVisible())) return;
    await code.fill("123456");
    await page.getByRole("button", { name: "Confirm" }).click();
  }

  /** Signs in once more, at a provider that knows the person already and asks for nothing. */
  async signInAgain(name = "main") {
    await this.begin("signIn", [], name);
    await this.page.waitForFunction((name) => window.made?.[name]?.value?.restoredBy === "redirect", name);
  }

  /** Signs out here and at the provider. */
  async signOut(name = "main") {
    await this.begin("signOut", [], name);
    await this.page.getByRole("button", { name: "Yes, sign me out" }).click();
    await this.page.waitForURL((url) => url.origin === this.site.origin);
    await this.loaded();
  }
}
