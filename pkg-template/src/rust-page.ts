// `isolation: "page"` in a Rust application: the vault is in the application's own module, so there is nothing to load and no crash
// of the vault's that would not be the application's.

import type { VaultHost } from "#bindgen";
import { listen, serve as serveBy } from "./serve.js";

let make: ((config: string, origin: string) => VaultHost) | undefined;

/** Says who makes vaults. */
export function hostedBy(maker: typeof make): void {
  if (maker && !make) listen();
  make ??= maker;
}

export function serve(name: string, port: MessagePort): void {
  serveBy(name, port, async () => make!);
}
