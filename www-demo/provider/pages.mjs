// The pages a person sees at the provider: login, consent, logout, and what went wrong.

import { html, trustedHtml } from "./html.mjs";

const SCOPES = {
  openid: ["Know who you are", "Your user name, as the subject of the ID token"],
  profile: ["Read your profile", "Your name"],
  email: ["Read your e-mail address", "A made-up one at example.com"],
  "accounts:read": ["Read your account", "Your visits to the API, as it counts them"],
  "files:read": ["Read your files", "There are none"],
};

function page({ title, host, content }) {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} – Demo Provider</title>
    <link rel="icon" href="/assets/provider.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/assets/theme.css">
    <link rel="stylesheet" href="/assets/pages.css">
  </head>
  <body>
    <main class="card">
      <header>
        <img src="/assets/provider.svg" alt="" width="28" height="28">
        <p><strong>Demo Provider</strong> <span>${host}</span></p>
      </header>
      ${content}
    </main>
  </body>
</html>
`.toString();
}

/** `problem` is what was wrong with the last attempt; `create`: the application asks for a new account. */
export function loginPage({ host, action, application, username = "", problem, create = false }) {
  const atPassword = username && !problem;
  const title = create ? "Create an account" : "Sign in";
  return page({
    title,
    host,
    content: html`
      <h1>${title}</h1>
      <p class="lead">to continue to <strong>${application}</strong></p>
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <form method="post" action="${action}" id="login">
        <label for="username">Username</label>
        <input id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none"
          spellcheck="false" maxlength="100" aria-describedby="username-hint" required
          ${problem && trustedHtml('aria-invalid="true"')} ${!atPassword && trustedHtml("autofocus")}>
        <p class="hint" id="username-hint">Any name will do: it becomes the subject (<code>sub</code>).</p>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password"
          aria-describedby="password-hint" required ${atPassword && trustedHtml("autofocus")}>
        <p class="hint" id="password-hint">Any password will do; it is not kept. The application never sees it.</p>
      </form>
      <form method="post" action="${action}/abort" id="abort"></form>
      <div class="actions">
        <button class="primary" type="submit" form="login">Continue</button>
        <button type="submit" form="abort">Cancel</button>
      </div>`,
  });
}

/** The second of two ways to sign in, for who has been through the first one. */
export function confirmPage({ host, action, application, subject, problem }) {
  return page({
    title: "Confirm",
    host,
    content: html`
      <h1>Confirm that it is you</h1>
      <p class="lead"><strong>${application}</strong> asks for a stronger sign-in. You are signed in as <strong>${subject}</strong>.</p>
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <form method="post" action="${action}" id="confirm">
        <label for="code">Code</label>
        <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="6"
          aria-describedby="code-hint" required autofocus>
        <p class="hint" id="code-hint">Any six digits will do: nobody has sent you any.</p>
      </form>
      <form method="post" action="${action}/abort" id="abort"></form>
      <div class="actions">
        <button class="primary" type="submit" form="confirm">Confirm</button>
        <button type="submit" form="abort">Cancel</button>
      </div>`,
  });
}

/** `details`: of a rich authorization request (RFC 9396). */
export function consentPage({ host, action, application, subject, scopes, resources, details = [] }) {
  return page({
    title: "Allow access",
    host,
    content: html`
      <h1>Allow access?</h1>
      <p class="lead"><strong>${application}</strong> asks for access. You are signed in as <strong>${subject}</strong>.</p>
      <ul class="scopes">
        ${scopes.map((scope) => {
          const [title, detail] = SCOPES[scope] ?? [scope, ""];
          return html`<li><strong>${title}</strong> <code>${scope}</code>${detail && html`<span>${detail}</span>`}</li>`;
        })}
        ${details.map(({ amount, to }) => html`<li><strong>Transfer ${amount}</strong><span>to ${to}, this once</span></li>`)}
      </ul>
      ${resources.length > 0 && html`<p class="hint">The access token will be for <code>${resources.join(" ")}</code>.</p>`}
      <form method="post" action="${action}" id="allow"></form>
      <form method="post" action="${action}/abort" id="deny"></form>
      <div class="actions">
        <button class="primary" type="submit" form="allow">Allow</button>
        <button type="submit" form="deny">Deny</button>
      </div>`,
  });
}

/** `form` is oidc-provider's own, with the id `op.logoutForm`. */
export function logoutPage({ host, form, application }) {
  return page({
    title: "Sign out",
    host,
    content: html`
      <h1>Sign out?</h1>
      <p class="lead">${application ? html`<strong>${application}</strong> has signed you out.` : "You are about to sign out."}
        Do you want to end your session at the provider as well?</p>
      ${trustedHtml(form)}
      <div class="actions">
        <button class="primary" type="submit" form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>
        <button type="submit" form="op.logoutForm">No, stay signed in</button>
      </div>`,
  });
}

export function signedOutPage({ host, application, back }) {
  return page({
    title: "Signed out",
    host,
    content: html`
      <h1>You are signed out</h1>
      <p class="lead">Your session at the provider is over.</p>
      <div class="actions"><a class="button" href="${back}">Back to ${application}</a></div>`,
  });
}

export function errorPage({ host, error, description, back }) {
  return page({
    title: "Something went wrong",
    host,
    content: html`
      <h1>This did not work</h1>
      <p class="problem" role="alert">${description || "The request could not be processed."} <code>${error}</code></p>
      <div class="actions"><a class="button" href="${back}">Back to the application</a></div>`,
  });
}

/** For who follows the address that the demo prints. */
export function aboutPage({ host, back }) {
  return page({
    title: "About",
    host,
    content: html`
      <h1>Nothing to do here</h1>
      <p class="lead">This is the demo’s OpenID Provider: it logs people in on behalf of applications, and applications find
        it by its <a href="/.well-known/openid-configuration">metadata</a>.</p>
      <div class="actions"><a class="button" href="${back}">To the application</a></div>`,
  });
}
