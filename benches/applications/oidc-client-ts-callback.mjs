// The page that oidc-client-ts has its hidden frame come back to.

import { UserManager } from "oidc-client-ts";

new UserManager({}).signinSilentCallback();
