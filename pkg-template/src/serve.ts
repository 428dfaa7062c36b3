// The vault on its side of the ports, in a worker or in a page.

import init, { VaultHost } from "#bindgen";
import type { ErrorData } from "./error.js";
import type { VaultEvent } from "./port.js";

// The build puts the module's bytes here, one character each: a file of its own would cost a round trip on every first
// visit, and base64 a third of its size.
declare const VALETKEY_WASM: string;

const ports = new Set<MessagePort>();
let failure: ErrorData | undefined;
let host: Promise<VaultHost> | undefined;

/** Serves a page on a port, with the one vault of this realm. */
export function serve(name: string, port: MessagePort): void {
  ports.add(port);
  host ??= start(name);
  void host.then(
    (vault) => (failure ? tell(port, failure) : vault.connect(port)),
    (error: unknown) => tell(port, startFailure(error)),
  );
}

/** Finishes a sign-in on behalf of the static callback page. */
export async function receive(url: string): Promise<unknown> {
  return host && !failure ? (await host).callback(url) : undefined;
}

/** After a trap the vault's memory cannot be relied upon: every page is told, and the next one gets a fresh vault. */
export function crash(): void {
  failure = { code: "vault_crashed" };
  for (const port of ports) tell(port, failure);
}

async function start(name: string): Promise<VaultHost> {
  const bytes = Uint8Array.from(VALETKEY_WASM, (character) => character.charCodeAt(0));
  await init({ module_or_path: bytes });
  return new VaultHost(name, location.origin);
}

function tell(port: MessagePort, error: ErrorData): void {
  port.postMessage({ kind: "failed", error } satisfies VaultEvent);
}

function startFailure(error: unknown): ErrorData {
  if (typeof WebAssembly === "undefined") return { code: "wasm_unavailable" };
  // Each engine has its own words for what the policy forbids; all of them name it.
  if (/unsafe-eval|content security policy|CSP/i.test(String(error))) return { code: "wasm_blocked" };
  return { code: "vault_crashed", detail: (error as Error)?.name ?? "start" };
}
