// Where the vault runs: a SharedWorker, a dedicated Worker, or the page itself. All of them end in a port.

import { OidcError } from "./error.js";
import type { PageOptions } from "./options.js";
import type { Isolation } from "./types.js";

export interface Host {
  isolation: Isolation;
  port: MessagePort;
  /** Settles when the host could not be started. */
  failed: Promise<void>;
  /** Whether it will outlive its last page for a while. */
  lasting?: boolean;
}

/**
 * Trusted Types: a page that requires them for scripts takes a worker's URL from a policy alone. The URL is the package's
 * own or the option `vaultUrl`. Where the page's `trusted-types` does not list `valetkey`, the URL stays a string, and
 * the browser refuses it.
 */
function trusted(url: string): string {
  try {
    const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): Policy } }).trustedTypes;
    policy ??= types?.createPolicy("valetkey", { createScriptURL: (text: string) => text });
  } catch {
    // Not listed.
  }
  return policy?.createScriptURL(url) ?? url;
}

interface Policy {
  createScriptURL(url: string): string;
}

let policy: Policy | undefined;

const failure = (target: EventTarget): Promise<void> =>
  new Promise((resolve) => target.addEventListener("error", () => resolve()));

function assets({ vaultUrl }: PageOptions): { script: string; wasm: string; url: string } {
  // As assets by these very expressions: every bundler copies the files they name, and needs to know nothing of workers.
  const script = vaultUrl ?? new URL("./vault.js", import.meta.url).href;
  const wasm = vaultUrl ? new URL("vault.wasm", vaultUrl).href : new URL("./vault.wasm", import.meta.url).href;
  // Where a bundler has renamed the two, the script is told in its own URL: a worker of another URL is another worker.
  const url = new URL("vault.wasm", script).href === wasm ? script : `${script}?wasm=${encodeURIComponent(wasm)}`;
  return { script, wasm, url };
}

/** What a vault of these options is started from. */
export const scriptOf = (options: PageOptions): string => assets(options).url;

export function spawn(options: PageOptions): Host {
  const { name, isolation } = options;
  const { script, wasm, url } = assets(options);
  if (isolation === "page") return inPage(name, wasm);
  if (new URL(script).origin !== location.origin) {
    throw new OidcError({ code: "vault_url_foreign", detail: script }, "foreign vault.js", "Copy it here.");
  }
  if (isolation !== "worker" && typeof SharedWorker === "function") return inWorker("shared", name, url);
  if (isolation !== "shared" && typeof Worker === "function") return inWorker("worker", name, url);
  throw new OidcError({ code: "isolation_unavailable", detail: isolation }, "no worker", "Use `auto`.");
}

function inWorker(isolation: "shared" | "worker", name: string, url: string): Host {
  const { port1, port2 } = new MessageChannel();
  try {
    if (isolation === "shared") {
      // Kept alive for minutes after its last page has gone: over a reload, and over the trip to the provider.
      let lasting = false;
      const options = { __proto__: null, name, get extendedLifetime() { return (lasting = true); } } as WorkerOptions;
      const worker = new SharedWorker(trusted(url), options);
      return { isolation, port: worker.port, failed: failure(worker), lasting };
    }
    const worker = new Worker(trusted(url), { __proto__: null, name } as WorkerOptions);
    worker.postMessage(null, [port2]);
    return { isolation, port: port1, failed: failure(worker) };
  } catch {
    // Some policies are enforced by throwing, others by an event.
    return { isolation, port: port1, failed: Promise.resolve() };
  }
}

function inPage(name: string, wasm: string): Host {
  const { port1, port2 } = new MessageChannel();
  // Asynchronous throughout: what a bundler makes of the import may throw at once.
  const load = async (): Promise<void> => {
    const { serve } = await import("./page.js");
    serve(name, port2, wasm);
    await new Promise(() => {});
  };
  return { isolation: "page", port: port1, failed: load().catch(() => {}) };
}
