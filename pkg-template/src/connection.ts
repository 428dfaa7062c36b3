// The port to the vault: commands out, replies and events in.

import { type ErrorData, explained } from "./error.js";
import type { PageOptions } from "./options.js";
import type { Reply, Request, Signal, VaultEvent } from "./port.js";
import { type Host, scriptOf, spawn } from "./spawn.js";
import type { Isolation } from "./types.js";

/** A vault that has not said a word after this time, in milliseconds, never will. */
const START_TIMEOUT = 30_000;

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * A message as it was sent: without prototypes, so that what is not in it is not found on `Object.prototype` either, and
 * frozen, so that what the application is given is what the vault said.
 */
function settled<T>(message: T): T {
  const prototype = typeof message === "object" && message !== null && Object.getPrototypeOf(message);
  const plain = prototype === Object.prototype;
  if (!plain && !Array.isArray(message)) return message;
  if (plain) Object.setPrototypeOf(message, null);
  for (const name of Object.keys(message as object)) settled((message as Record<string, unknown>)[name]);
  return Object.freeze(message);
}

/** The vault as the page sees it. A vault that crashed is replaced by a fresh one at the next command. */
export class Connection {
  /** Where the vault runs, or ran last. */
  isolation!: Isolation;
  /** Whether the vault will outlive its last page for a while. */
  lasting: boolean | undefined;
  #host: Host | undefined;
  #watching = new AbortController();
  #lastId = 0;
  readonly #pending = new Map<number, Pending>();
  readonly #options: PageOptions;
  readonly #hear: (event: VaultEvent) => void;

  constructor(options: PageOptions, hear: (event: VaultEvent) => void) {
    this.#options = options;
    this.#hear = hear;
    if (!options.vaultIntegrity) this.#open();
  }

  /** Sends a command; resolves to the value of its reply. */
  async ask<T>(request: Request, transfer: Transferable[] = [], signal?: AbortSignal): Promise<T> {
    const { vaultIntegrity } = this.#options;
    if (!this.#host && vaultIntegrity) {
      const { check } = await import("./integrity.js");
      await check(scriptOf(this.#options), vaultIntegrity).catch(async (data: ErrorData) => {
        throw await explained(data);
      });
      signal?.throwIfAborted();
    }
    const { port } = this.#open();
    const id = ++this.#lastId;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as Pending["resolve"], reject });
      signal?.addEventListener("abort", () => {
        port.postMessage({ kind: "abort", id });
        if (this.#pending.delete(id)) reject(signal.reason);
      });
      port.postMessage({ ...request, id }, transfer);
    });
  }

  /** Sends a command that is not answered, to a vault that is there. */
  tell(signal: Signal): void {
    this.#host?.port.postMessage(signal);
  }

  /** Tells a shared vault that this page has gone, or will be frozen. A vault of this page alone goes with it. */
  close(): void {
    if (this.#host?.isolation !== "shared") return;
    this.tell({ kind: "close" });
    // Out of the back/forward cache the page comes back to what nobody answers any more.
    this.#leave({ code: "superseded" });
  }

  #open(): Host {
    if (this.#host) return this.#host;
    const host = spawn(this.#options);
    this.#host = host;
    this.isolation = host.isolation;
    this.lasting = host.lasting;
    const late = setTimeout(() => this.#fail(host, { code: "vault_unreachable" }), START_TIMEOUT);
    void host.failed.then(() => this.#fail(host, { code: "vault_unreachable" }));
    host.port.onmessage = (event: MessageEvent<Reply | VaultEvent>) => {
      const data = settled(event.data);
      if (data.kind === "value") this.#settle(data.id)?.resolve(data.value);
      else if (data.kind === "error") this.#refuse(this.#settle(data.id), data.error);
      else if (data.kind === "failed") this.#fail(host, data.error);
      else if (data.kind === "alive") return this.#watch(host, data.lock);
      else this.#hear(data);
      clearTimeout(late);
    };
    return host;
  }

  /** Nobody waits for this vault any longer. */
  #leave(data: ErrorData): void {
    // Who waits for a lock is not kept in the back/forward cache.
    this.#watching.abort();
    this.#watching = new AbortController();
    this.#host = undefined;
    this.#pending.forEach((pending) => this.#refuse(pending, data));
    this.#pending.clear();
  }

  #watch(host: Host, lock: string): void {
    const ended = (): void => this.#fail(host, { code: "vault_crashed", detail: "ended" });
    // This host's, even if it is left by the time that the file is there.
    const { signal } = this.#watching;
    void import("./alive.js").then(({ watch }) => watch(lock, this, signal, ended));
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #refuse(pending: Pending | undefined, data: ErrorData): void {
    if (pending) void explained(data).then(pending.reject);
  }

  /** The vault is lost. */
  #fail(host: Host, data: ErrorData): void {
    if (this.#host !== host) return;
    this.#leave(data);
    host.port.close();
    this.#hear({ kind: "failed", error: data });
  }
}
