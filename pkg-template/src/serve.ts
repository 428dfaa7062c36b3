// The vault on its side of the ports, in a worker or in a page.

import type { VaultHost } from "#bindgen";
import type { ErrorData } from "./error.js";
import type { Arrival, Reply, Signal, VaultEvent } from "./port.js";

const ports = new Set<MessagePort>();
const hosts = new Map<string, Promise<VaultHost>>();
let module: Promise<MakeVault> | undefined;
let crashed = false;

/** Makes a vault for a configuration, as JSON, on pages of an origin. */
export type MakeVault = (config: string, origin: string) => VaultHost;

/** Serves a page on a port, with the vault of this name. `load` has the module there that makes vaults. */
export function serve(name: string, port: MessagePort, load: () => Promise<MakeVault>): void {
  ports.add(port);
  const host = hosts.get(name) ?? start(name, load);
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

/**
 * Listens to what concerns every vault of the origin, in whichever worker or page it is: the callback page, which knows no
 * configuration, the page that a provider signs out by, and the sign-outs of others.
 */
export function listen(): void {
  channel = new BroadcastChannel("valetkey");
  channel.addEventListener("message", ({ data }: MessageEvent<Shout | undefined>) => {
    const { url, signedOut, revoke, providerSignedOut } = { __proto__: null, ...data } as Shout;
    if (typeof url === "string") {
      void receive(url).then((arrival) => {
        // Every page of the origin hears this: where to go on, and nothing of who has signed in.
        if (arrival) channel?.postMessage({ answers: url, location: arrival.error ? undefined : arrival.location, mode: arrival.mode });
      });
    }
    if (typeof signedOut === "string") tellAll({ kind: "signedOut", tag: signedOut, revoke: revoke !== false });
    if (providerSignedOut) tellAll({ kind: "providerSignedOut", iss: String(providerSignedOut.iss), sid: String(providerSignedOut.sid) });
  });
}

interface Shout {
  url?: unknown;
  signedOut?: unknown;
  revoke?: unknown;
  providerSignedOut?: { iss?: unknown; sid?: unknown };
}

let channel: BroadcastChannel | undefined;

function tellAll(signal: Signal, except?: VaultHost): void {
  for (const host of hosts.values()) {
    void host.then(
      (vault) => vault !== except && vault.hear(signal),
      () => {},
    );
  }
}

/** Has the vaults look at a URL as if a page had loaded there. Resolves when one of them finds its own callback in it. */
async function receive(url: string): Promise<Arrival | undefined> {
  const arrivals = await Promise.all([...hosts.values()].map(async (host) => host.then((vault) => visit(vault, url), () => undefined)));
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
    port1.postMessage({ kind: "overhear", id: 0, url });
  });
}

async function start(name: string, load: () => Promise<MakeVault>): Promise<VaultHost> {
  module ??= load();
  const host = (await module)(name, location.origin);
  host.onsignedout = (tag, revoke) => {
    tellAll({ kind: "signedOut", tag, revoke }, host);
    channel?.postMessage({ signedOut: tag, revoke });
  };
  return host;
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
