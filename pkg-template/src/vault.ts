// The vault worker's entry, shared or dedicated. A classic script: nothing to import, nothing for a bundler to resolve.

import { fetchMetadataAhead } from "./ahead.js";
import { crash, receive, serve } from "./serve.js";

interface WorkerScope extends EventTarget {
  readonly name: string;
  close(): void;
}

const scope = self as unknown as WorkerScope;

const wasm = new URL(new URLSearchParams(location.search).get("wasm") ?? "vault.wasm", location.href);
// On a first visit the network is what takes time: the metadata need not wait for the module that will read it.
fetchMetadataAhead(scope.name);

const serveFirst = (event: Event): void => {
  const [port] = (event as MessageEvent).ports;
  if (port) serve(scope.name, port, wasm.href);
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

// The static callback page knows no configuration: it asks whichever vault started the sign-in.
const callbacks = new BroadcastChannel("valetkey");
callbacks.addEventListener("message", ({ data }: MessageEvent<{ url?: unknown }>) => {
  if (typeof data?.url !== "string") return;
  const { url } = data;
  void receive(url).then((arrival) => {
    // Every page of the origin hears this: where to go on, and nothing of who has signed in.
    if (arrival) callbacks.postMessage({ answers: url, location: arrival.error ? undefined : arrival.location });
  });
});
