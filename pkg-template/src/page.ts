// `isolation: "page"`: the vault in the page itself. Loaded only when it is asked for.

import { crash, serve as serveIn } from "./serve.js";

/** Serves the page on a port. */
export function serve(name: string, port: MessagePort): void {
  serveIn(name, port);
}

addEventListener("error", ({ error }) => {
  // Only what comes out of the vault's own module; the application's errors are its own.
  if (typeof WebAssembly !== "undefined" && error instanceof WebAssembly.RuntimeError) crash();
});
