// As its README has it.

import { createOidc, oidcEarlyInit } from "oidc-spa/core";
import { program } from "./oidc-spa-program.mjs";

export const open = program(createOidc, oidcEarlyInit, () => ({}));
