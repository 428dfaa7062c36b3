// Rich Authorization Requests (RFC 9396) of one type: a transfer, with the sum and whom it goes to.

import { errors } from "oidc-provider";
import { TRANSFER } from "./registrations.mjs";

/** For oidc-provider's `features.richAuthorizationRequests`. What the consent page has shown is what is granted. */
export const authorizationDetails = {
  enabled: true,
  types: {
    [TRANSFER]: {
      validate(ctx, { amount, to }) {
        if (typeof to !== "string" || !/^\d+\.\d\d$/u.test(amount)) {
          throw new errors.InvalidAuthorizationDetails("a transfer needs an amount such as 10.00, and somebody to go to");
        }
      },
    },
  },
  authorizationDetailsForGrantSource: (ctx) => detailsIn(ctx.oidc.params.authorization_details),
  authorizationDetailsForAccessToken: (ctx, token, source) => source.rar,
  authorizationDetailsForIntrospection: (ctx, token) => token.rar,
};

/** The details that a request asks for. */
export function detailsIn(text) {
  return text === undefined ? [] : JSON.parse(text);
}
