// The vault on its side of the ports, in a worker or in a page.

import { instantiate, vault, type VaultHost } from "#bindgen";
import type { ErrorData } from "./error.js";
import { fetchIntact } from "./intact.js";
import type { Arrival, Reply, VaultEvent } from "./port.js";

const ports = new Set<MessagePort>();
const hosts = new Map<string, Promise<VaultHost>>();
let module: Promise<unknown> | undefined;
let crashed = false;

/** Serves a page on a port, with the vault of this name. `wasm` is where the module is. */
export function serve(name: string, port: MessagePort, wasm: string): void {
  ports.add(port);
  const host = hosts.get(name) ?? start(name, wasm);
  hosts.set(name, host);
  void host.then(
    (served) => (crashed ? tell(port, { code: "vault_crashed" }) : served.connect(port)),
    (error: unknown) => {
      tell(port, startFailure(error));
      // Whoever comes next tries again.
      hosts.delete(name);
      module = undefined;
    },
  );
}

/** After a trap the vaults' memory cannot be relied upon: every page is told, and the next one gets a fresh vault. */
export function crash(): void {
  crashed = true;
  for (const port of ports) tell(port, { code: "vault_crashed" });
}

/** Has the vaults look at a URL as if a page had loaded there. Resolves when one of them finds its own callback in it. */
export async function receive(url: string): Promise<Arrival | undefined> {
  const arrivals = await Promise.all([...hosts.values()].map(async (host) => visit(await host, url)));
  return arrivals.find((arrival) => arrival?.location !== undefined);
}

function visit(host: VaultHost, url: string): Promise<Arrival | undefined> {
  const { port1, port2 } = new MessageChannel();
  host.connect(port2);
  return new Promise((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<Reply | VaultEvent>) => {
      if (data.kind !== "value" && data.kind !== "error") return;
      port1.postMessage({ kind: "close" });
      resolve(data.kind === "value" ? (data.value as Arrival) : undefined);
    };
    port1.postMessage({ kind: "ready", id: 0, url });
  });
}

async function start(name: string, wasm: string): Promise<VaultHost> {
  module ??= load(wasm);
  await module;
  return vault(name, location.origin);
}

/** Compiled from the bytes: none of them is to be had before all were checked, so nothing could be compiled on the way. */
async function load(wasm: string): Promise<void> {
  const response = await fetchIntact(wasm, WASM_INTEGRITY, "vault.wasm");
  await instantiate(await response.arrayBuffer());
}

function tell(port: MessagePort, error: ErrorData): void {
  port.postMessage({ kind: "failed", error } satisfies VaultEvent);
}

function startFailure(error: unknown): ErrorData {
  if (typeof WebAssembly === "undefined") return { code: "wasm_unavailable" };
  // Each engine has its own words for what the policy forbids; all of them name it.
  if (/unsafe-eval|content security policy|CSP/i.test(String(error))) return { code: "wasm_blocked" };
  return error instanceof Error ? { code: "vault_unreachable", detail: "vault.wasm" } : (error as ErrorData);
}
