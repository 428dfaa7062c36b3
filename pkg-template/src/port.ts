// The messages on the port between page and vault. The list is `src/vault/message.rs`; a test compares the two.

import type { ErrorData } from "./error.js";
import type { IdTokenClaims, SignInOptions, SignOutOptions, TraceStep } from "./types.js";

export type Command =
  | { kind: "ready"; id: number; url: string }
  | { kind: "signIn"; id: number; options: SignInOptions & { attended?: boolean } }
  | { kind: "signOut"; id: number; options: SignOutOptions }
  | { kind: "fetch"; id: number; url: string; method: string; headers: readonly [string, string][]; body?: ArrayBuffer; init: RequestInit }
  | { kind: "userInfo"; id: number }
  | { kind: "renew"; id: number }
  | { kind: "trace"; id: number }
  | { kind: "abort"; id: number }
  | { kind: "close" };

export type Reply =
  | { kind: "value"; id: number; value?: unknown }
  | { kind: "error"; id: number; error: ErrorData };

export type VaultEvent =
  | { kind: "hello" }
  | { kind: "session"; session: Snapshot }
  | { kind: "trace"; step: TraceStep }
  | { kind: "failed"; error: ErrorData };

/** Who is signed in, as the vault tells it. */
export type Snapshot =
  | { status: "signed-out" }
  | { status: "signed-in"; claims: IdTokenClaims; scope: string[]; accessTokenExpiresAt?: number; renewable: boolean };

/** The value of the reply to `ready`. */
export interface Arrival {
  session: Snapshot;
  /** What to put into the address bar. */
  location?: string;
  error?: ErrorData;
}

/** The value of the reply to `fetch`. */
export interface ResponseData {
  status: number;
  statusText: string;
  url: string;
  headers: [string, string][];
  body: ArrayBuffer | ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A command without what {@link Connection} adds. */
export type Request = Command extends infer C ? (C extends { id: number } ? Omit<C, "id"> : never) : never;
