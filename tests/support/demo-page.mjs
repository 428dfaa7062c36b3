// The demo's page, and the provider's as one gets there from it.

import { interceptNavigation } from "./browser.mjs";

const SETTLED = /^(Signed in as |Nobody is signed in)/u;

export class DemoPage {
  constructor(page, urls) {
    this.page = page;
    this.urls = urls;
    this.context = page.context();
    this.status = page.getByRole("status");
    this.alert = page.locator("#alert");
    this.errorCode = page.locator("#alert .alert-code code");
    this.answer = page.locator("#answer-body");
  }

  /** Opens a path of the demo, or a whole address, and waits until the page knows who is signed in. */
  async load(address = "") {
    // `about:blank` in between: an address that differs in its fragment alone would be no page load.
    await this.page.goto("about:blank");
    await this.page.goto(new URL(address, this.urls.demo).href);
    await this.settled();
  }

  async reload() {
    await this.page.reload();
    await this.settled();
  }

  async settled() {
    await this.status.filter({ hasText: SETTLED }).waitFor();
  }

  /** As a user who is in another window now, and back in 1.2 seconds: an isolated page goes by that, since it cannot see its popups. */
  async lookAway() {
    await this.page.evaluate(() => {
      let focused = false;
      document.hasFocus = () => focused;
      setTimeout(() => (focused = true), 1200);
    });
    await this.page.waitForTimeout(1300);
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** What is said beside a term, such as `Session from`. */
  fact(term) {
    return this.page.locator("#facts dt", { hasText: term }).locator("xpath=following-sibling::dd[1]");
  }

  step(name) {
    return this.page.locator(`#steps [data-step=${name}]`);
  }

  async waitForStatus(text) {
    await this.status.filter({ hasText: text }).waitFor();
  }

  /** As far as the provider's login page. */
  async goToProvider() {
    await this.button("Sign in").click();
    await this.page.getByLabel("Username").waitFor();
  }

  async logIn(username = "ada.lovelace") {
    await this.page.getByLabel("Username").fill(username);
    await this.page.getByLabel("Password").fill("x");
    await this.button("Continue").click();
  }

  /** The whole sign-in, at a provider that does not know the person yet. */
  async signIn(username) {
    await this.goToProvider();
    await this.logIn(username);
    await this.button("Allow").click();
    await this.waitForStatus("Signed in as");
  }

  /** Starts a sign-in whose authorization URL is not opened, and answers that URL. */
  startSignIn() {
    return interceptNavigation(this.context, `${this.urls.issuer}/auth?`, () => this.button("Sign in").click());
  }
}
