// What the page shell loads when it is needed lies beside `vault.js` in a Rust application: there is no bundler to place it elsewhere.

import type { ErrorData } from "./error.js";

let directory: URL | undefined;

/** Says where the files are. */
export function placedAt(url: URL): void {
  directory = url;
}

/** In place of `import("./file.js")` in `src/client/shell.js`; see tools/build/crate.mjs. */
export async function load(file: string): Promise<unknown> {
  try {
    return await import(new URL(file, directory).href);
  } catch {
    throw { code: "vault_unreachable", detail: file.slice(2) } satisfies ErrorData;
  }
}
