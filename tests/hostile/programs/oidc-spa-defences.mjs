// With the defences that it offers and that need nothing of the provider: a frozen runtime, and placeholders in place of
// the tokens. Not DPoP: the laboratory's provider does not speak it.

import { createOidc, oidcEarlyInit } from "oidc-spa/core";
import { browserRuntimeFreeze } from "oidc-spa/browser-runtime-freeze";
import { tokenSubstitution } from "oidc-spa/token-substitution";
import { program } from "./oidc-spa-program.mjs";

export const open = program(createOidc, oidcEarlyInit, () => ({
  ...browserRuntimeFreeze(),
  ...tokenSubstitution({ trustedExternalResourceServers: ["api.test"] }),
}));
