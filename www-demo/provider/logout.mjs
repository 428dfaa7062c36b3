// RP-Initiated Logout's pages and the error page, in the shape oidc-provider asks for them.

import { errorPage, logoutPage, signedOutPage } from "./pages.mjs";
import { sendPage } from "./send-page.mjs";

export function logout(demoOrigin) {
  return {
    logoutSource: (ctx, form) => {
      const application = ctx.oidc.client?.clientName;
      sendPage(ctx, demoOrigin, logoutPage({ host: ctx.host, form, application }));
    },
    postLogoutSuccessSource: (ctx) => {
      const application = ctx.oidc.client?.clientName ?? "the application";
      sendPage(ctx, demoOrigin, signedOutPage({ host: ctx.host, application, back: `${demoOrigin}/` }));
    },
  };
}

export function renderError(demoOrigin) {
  return (ctx, { error, error_description: description }) => {
    sendPage(ctx, demoOrigin, errorPage({ host: ctx.host, error, description, back: `${demoOrigin}/` }));
  };
}
