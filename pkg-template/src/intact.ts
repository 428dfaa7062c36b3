// Files that have to be the very ones the package was built with.

import type { ErrorData } from "./error.js";

/** Fetches `url`, whose bytes must have this hash: the browser hands out none before it has seen them all. Rejects with {@link ErrorData}. */
export async function fetchIntact(url: string, integrity: string, detail: string): Promise<Response> {
  try {
    return await fetch(url, { integrity });
  } catch {
    // The browser says nothing of the kind of failure. Past its cache, which then has for the next attempt what the server has now.
    const there = await fetch(url, { cache: "reload" }).then(({ ok }) => ok, () => false);
    throw { code: there ? "vault_mismatch" : "vault_unreachable", detail } satisfies ErrorData;
  }
}
