// `isolation: "page"`: the vault in the page itself. Loaded only when it is asked for.

import { load } from "./module.js";
import { crash, listen, serve as serveIn } from "./serve.js";

/** Serves the page on a port. */
export function serve(name: string, port: MessagePort, wasm: string): void {
  serveIn(name, port, () => load(wasm));
}

/** Only what comes out of a module such as the vault's; the application's errors are its own. */
const trapped = (error: unknown): void => {
  if (error instanceof WebAssembly.RuntimeError) crash();
};
if (typeof WebAssembly !== "undefined") {
  addEventListener("error", ({ error }) => trapped(error));
  addEventListener("unhandledrejection", ({ reason }) => trapped(reason));
}
listen();
