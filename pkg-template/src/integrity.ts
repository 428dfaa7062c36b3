// The option `vaultIntegrity`. Loaded only with it.

import { fetchIntact } from "./intact.js";

/** No worker can be given a hash of its script: this looks at what lies at its URL before one is started. */
export function check(url: string, integrity: string): Promise<unknown> {
  return fetchIntact(url, integrity, "vault.js");
}
