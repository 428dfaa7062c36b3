// How a page learns that its vault has ended: no engine says so, and WebKit ends a SharedWorker with the process of the page
// that started it, while others have their ports to it. Loaded when the vault has said which lock it holds.

import type { Connection } from "./connection.js";

/** A vault that lives answers within this time, in milliseconds. */
const PATIENCE = 2000;

/** Aborts with the vault that a connection has now. */
const ends = new WeakMap<Connection, AbortSignal>();

export const endOf = (vault: Connection): AbortSignal | undefined => ends.get(vault);

/** Calls `ended` when the vault that holds this lock is gone. */
export function watch(lock: string, vault: Connection, signal: AbortSignal, ended: () => void): void {
  // WebKit lets another worker take the place of the one that has ended, on the same port: what that one was asked it does not know.
  if (ends.get(vault) === signal) return ended();
  ends.set(vault, signal);
  const free = (): void => {
    // The browser takes locks away for other reasons, too (Clear-Site-Data): it is asked whether it is still there.
    const timer = setTimeout(ended, PATIENCE);
    vault.ask({ kind: "trace" }).then(
      () => clearTimeout(timer),
      () => {},
    );
  };
  navigator.locks.request(lock, { __proto__: null, signal } as LockOptions, free).catch(() => {});
}
