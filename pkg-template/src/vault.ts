// The vault worker's entry, shared or dedicated. A classic script: nothing to import, nothing for a bundler to resolve.

import { fetchMetadataAhead } from "./ahead.js";
import { load } from "./module.js";
import { crash, listen, serve } from "./serve.js";

interface WorkerScope extends EventTarget {
  readonly name: string;
  close(): void;
}

const scope = self as unknown as WorkerScope;

const wasm = new URL(new URLSearchParams(location.search).get("wasm") ?? "vault.wasm", location.href);
// On a first visit the network is what takes time: the metadata need not wait for the module that will read it.
fetchMetadataAhead(scope.name);

/** Held as long as this worker lives: the browser may end it, and then nobody else says so. */
const alive = new Promise<string>((resolve) => {
  const lock = `valetkey ${Math.random()}`;
  void navigator.locks?.request(lock, () => (resolve(lock), new Promise(() => {})));
});

const serveFirst = (event: Event): void => {
  const [port] = (event as MessageEvent).ports;
  if (!port) return;
  void alive.then((lock) => port.postMessage({ kind: "alive", lock }));
  serve(scope.name, port, () => load(wasm.href));
};
scope.addEventListener("connect", serveFirst);
scope.addEventListener("message", serveFirst);

const stop = (): void => {
  crash();
  // The next page that asks for a vault of this name is then given a fresh one.
  scope.close();
};
scope.addEventListener("error", stop);
scope.addEventListener("unhandledrejection", stop);

listen();
