// The messages on the port between page and vault. The list is `src/vault/message.rs`; a test compares the two.

import type { ErrorData } from "./error.js";
import type { AuthorizationDetail, IdTokenClaims, RenewalPostponed, RestoreFailure, SignedOutReason, SignInOptions, SignOutOptions, StepUpDemand, TraceStep } from "./types.js";

export type Command =
  | { kind: "ready"; id: number; url: string }
  | { kind: "overhear"; id: number; url: string }
  | { kind: "signIn"; id: number; options: SignInRequest }
  | { kind: "outcome"; id: number; ticket: number }
  | { kind: "cancel"; ticket: number }
  | { kind: "signOut"; id: number; options: SignOutOptions & { reason?: SignedOutReason } }
  | { kind: "wake" }
  | { kind: "signedOut"; tag: string; revoke: boolean }
  | { kind: "providerSignedOut"; iss: string; sid: string }
  | { kind: "fetch"; id: number; url: string; method: string; headers: readonly [string, string][]; body?: ArrayBuffer | Blob | ReadableStream | string | [string, FormDataEntryValue][]; init: RequestInit }
  | { kind: "accessToken"; id: number; resource?: string }
  | { kind: "userInfo"; id: number }
  | { kind: "renew"; id: number }
  | { kind: "trace"; id: number }
  | { kind: "monitoring"; id: number }
  | { kind: "abort"; id: number }
  | { kind: "close" };

export type Reply =
  | { kind: "value"; id: number; value?: unknown }
  | { kind: "error"; id: number; error: ErrorData };

export type VaultEvent =
  | { kind: "alive"; lock: string }
  | { kind: "hello" }
  | { kind: "session"; session: Snapshot }
  | { kind: "trace"; step: TraceStep }
  | { kind: "failed"; error: ErrorData };

/** A sign-in, as the vault is asked for it: what is JSON to the provider is text here. */
export type SignInRequest = Omit<SignInOptions, "claims" | "authorizationDetails" | "extraParams" | "signal"> & {
  claims?: string;
  authorizationDetails?: string;
  extraParams?: [string, string][];
  attended?: boolean | undefined;
  lasting?: boolean | undefined;
};

/** Who is signed in, as the vault tells it. */
export type Snapshot =
  | { status: "signed-out"; reason?: SignedOutReason }
  | {
      status: "signed-in";
      claims: IdTokenClaims;
      scope: string[];
      accessTokenExpiresAt?: number;
      tokenType: "Bearer" | "DPoP";
      authorizationDetails?: readonly AuthorizationDetail[];
      accessTokenExposed?: true;
      renewable: boolean;
      renewalPostponed?: RenewalPostponed;
      sessionState?: string;
    };

/** The value of the reply to `signIn`: where to send the browser, and what to ask `outcome` for. */
export interface Departure {
  url: string;
  ticket: number;
}

/** The value of the reply to `ready`. */
export interface Arrival {
  session: Snapshot;
  /** What to put into the address bar. */
  location?: string;
  /** How the sign-in was started that this page load brought back. */
  mode?: "redirect" | "popup" | "silent";
  /** The vault took up a session that an earlier one had kept. */
  restoredBy?: "persisted";
  /** Why it could not. */
  restoreFailure?: RestoreFailure;
  error?: ErrorData;
}

/** The value of the reply to `fetch`. */
export interface ResponseData {
  status: number;
  statusText: string;
  type: ResponseType;
  url: string;
  headers: [string, string][];
  /** What the API wants of the user. */
  demand?: Omit<StepUpDemand, "url">;
  /** All of the body, where it is small. */
  body?: ArrayBuffer;
  /** Where the body comes, where it is not: {@link Piece}s. The other way go numbers, of bytes taken, or `null`: no more. */
  rest?: MessagePort;
}

/** A piece of a body; or the end of all pieces, `true` if that is the end of the body and `false` if it broke off. */
export type Piece = Uint8Array<ArrayBuffer> | boolean;

/** A command that is not answered. */
export type Signal = Exclude<Command, { id: number }>;

/** A command without what {@link Connection} adds. */
export type Request = Command extends infer C ? (C extends { id: number } ? Omit<C, "id"> : never) : never;
