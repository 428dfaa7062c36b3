// Login and consent: what happens between the authorization request and its answer.

import { readFile } from "node:fs/promises";
import { errors } from "oidc-provider";
import { ACR } from "./acr.mjs";
import { pageFor } from "./authentication.mjs";
import { detailsIn } from "./authorization-details.mjs";
import { aboutPage, confirmPage, consentPage, errorPage, loginPage } from "./pages.mjs";
import { subjectOf } from "./people.mjs";
import { sendPage } from "./send-page.mjs";

const ASSETS = {
  "/assets/theme.css": ["../theme.css", "text/css; charset=utf-8"],
  "/assets/pages.css": ["./pages.css", "text/css; charset=utf-8"],
  "/assets/provider.svg": ["./provider.svg", "image/svg+xml"],
};
const LARGEST_FORM = 10_000;

/** Koa middleware that serves `/interaction/<uid>` and the pages' own assets, and leaves everything else alone. */
export function interactions(provider, demoOrigin) {
  return async (ctx, next) => {
    if (Object.hasOwn(ASSETS, ctx.path)) {
      const [file, type] = ASSETS[ctx.path];
      ctx.set("Cache-Control", "no-cache");
      ctx.type = type;
      ctx.body = await readFile(new URL(file, import.meta.url));
      return;
    }
    if (ctx.path === "/") return sendPage(ctx, demoOrigin, aboutPage({ host: ctx.host, back: `${demoOrigin}/` }));

    const route = /^\/interaction\/([\w-]+)(\/abort)?$/u.exec(ctx.path);
    if (!route) return next();
    try {
      await interact(ctx, provider, demoOrigin, Boolean(route[2]));
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      // The page was left open too long, or opened a second time after it had been answered.
      ctx.status = 400;
      const description = "This sign-in is over or has expired. Start again from the application.";
      sendPage(ctx, demoOrigin, errorPage({ host: ctx.host, error: error.error, description, back: `${demoOrigin}/` }));
    }
  };
}

async function interact(ctx, provider, demoOrigin, abort) {
  const interaction = await provider.interactionDetails(ctx.req, ctx.res);
  const finish = async (result, options) => {
    ctx.status = 303;
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result, options));
  };

  if (ctx.method === "POST" && abort) {
    const error_description = `${interaction.prompt.name === "consent" ? "The consent" : "The login"} was cancelled.`;
    return finish({ error: "access_denied", error_description }, { mergeWithLastSubmission: false });
  }
  const page = interaction.prompt.name === "consent" ? "consent" : pageFor(interaction);
  if (page === "unmet") {
    const error_description = "There is no such way to sign in here.";
    return finish({ error: "unmet_authentication_requirements", error_description }, { mergeWithLastSubmission: false });
  }
  if (ctx.method === "GET" && !abort) {
    return sendPage(ctx, demoOrigin, await interactionPage(ctx, provider, interaction));
  }
  if (ctx.method !== "POST") {
    ctx.status = 405;
    return undefined;
  }
  if (page === "consent") {
    return finish({ consent: { grantId: await grantAll(provider, interaction) } }, { mergeWithLastSubmission: true });
  }

  const form = await readForm(ctx.req);
  if (page === "confirm") {
    if (!/^\d{6}$/u.test(form.get("code") ?? "")) {
      const problem = "The code has six digits.";
      ctx.status = 422;
      return sendPage(ctx, demoOrigin, await interactionPage(ctx, provider, interaction, { problem }));
    }
    const login = { accountId: interaction.session.accountId, acr: ACR.confirmed, amr: ["pwd", "otp"] };
    return finish({ login }, { mergeWithLastSubmission: true });
  }
  const subject = subjectOf(form.get("username"));
  if (!subject) {
    const problem = "Please type a user name of plain letters, digits, spaces and signs.";
    const username = form.get("username") ?? "";
    ctx.status = 422;
    return sendPage(ctx, demoOrigin, await interactionPage(ctx, provider, interaction, { problem, username }));
  }
  const created = interaction.prompt.name === "create" ? { create: {} } : {};
  return finish({ ...created, login: { accountId: subject, acr: ACR.password, amr: ["pwd"] } }, { mergeWithLastSubmission: false });
}

async function interactionPage(ctx, provider, interaction, { problem, username } = {}) {
  const { uid, prompt, params, session } = interaction;
  const client = await provider.Client.find(params.client_id);
  const shared = {
    host: ctx.host,
    action: `/interaction/${uid}`,
    application: client.clientName ?? client.clientId,
  };
  if (prompt.name !== "consent") {
    if (pageFor(interaction) === "confirm") return confirmPage({ ...shared, problem, subject: session.accountId });
    return loginPage({ ...shared, problem, username: username ?? params.login_hint, create: prompt.name === "create" });
  }
  const { missingOIDCScope = [], missingResourceScopes = {} } = prompt.details;
  const asked = new Set([...missingOIDCScope, ...Object.values(missingResourceScopes).flat()]);
  // With prompt=consent nothing may be missing: then what was asked for is shown again.
  const scopes = asked.size > 0 ? [...asked] : params.scope.split(" ");
  const details = detailsIn(params.authorization_details);
  return consentPage({ ...shared, subject: session.accountId, scopes, resources: Object.keys(missingResourceScopes), details });
}

/** Grants whatever the consent page listed, on top of what had been granted before. */
async function grantAll(provider, { grantId, session, params, prompt }) {
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes = {} } = prompt.details;
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(" "));
  if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(missingResourceScopes)) {
    grant.addResourceScope(resource, scopes.join(" "));
  }
  return grant.save();
}

async function readForm(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > LARGEST_FORM) throw new errors.InvalidRequest("the form is too large");
  }
  return new URLSearchParams(body);
}
