// `fetch` by way of the vault. What differs from the browser's own, and why: docs/fetch.md.

import { text } from "./checks.js";
import type { Connection } from "./connection.js";
import type { OidcError } from "./error.js";
import type { read } from "./options.js";
import type { ResponseData } from "./port.js";
import { Answer, arrived, arriving, type Failure } from "./response.js";
import type { ExposedAccessToken } from "./types.js";

/**
 * What the vault says of a request that got no answer; `fetch` says `TypeError` to all of it. Of a request to the
 * provider, for a renewal, it says in `detail` which one.
 */
const NETWORK_CODES = ["offline", "provider_unreachable", "redirect_refused"];

function isNetworkError(error: unknown): error is OidcError {
  const { code, detail } = Object(error) as Partial<OidcError>;
  return error instanceof Error && NETWORK_CODES.includes(code as string) && detail === undefined;
}

/** The members of `RequestInit` that every engine knows. */
const MEMBERS = [
  "body", "cache", "credentials", "duplex", "headers", "integrity", "keepalive", "method", "mode", "priority", "redirect",
  "referrer", "referrerPolicy", "signal", "window",
] as const;

/** As an engine is given them. */
type Members = { -readonly [M in (typeof MEMBERS)[number]]?: unknown };

/**
 * A copy, each member of it read once: what is checked is what is sent, whatever a getter or a Proxy answers the second
 * time. What a script has added to `Object.prototype` is no member.
 */
function membersOf(init: RequestInit): Members {
  const taken = { __proto__: null } as Members;
  for (const name of MEMBERS) {
    if (name in Object.prototype && !Object.hasOwn(init, name)) continue;
    const value: unknown = (init as Members)[name];
    if (value !== undefined) taken[name] = value;
  }
  return taken;
}

/** Without what a script may have added to `Object.prototype`. */
const own = <T extends object>(value: T): T => ({ __proto__: null, ...value });

/** Only the engine's own requests have a URL by this; an object that pretends to be one has none. */
const urlOf = Object.getOwnPropertyDescriptor(Request.prototype, "url")!.get!;

function isRequest(input: unknown): input is Request {
  try {
    urlOf.call(input);
    return true;
  } catch {
    return false;
  }
}

/** Whether the engine sends streams (one that does not makes a text of them, and a text has a type), and transfers them. */
let streams: boolean | undefined;

function canSendStreams(): boolean {
  if (streams === undefined) {
    const body = new ReadableStream();
    streams = !new Request(location.origin, own({ method: "POST", body, duplex: "half" } as RequestInit)).headers.has("content-type");
    try {
      const unused = new ReadableStream();
      structuredClone(unused, own({ transfer: [unused] }));
    } catch {
      streams = false;
    }
  }
  return streams;
}

/** `demanded` is told what an API wants of the user before it answers otherwise. */
export async function authorizedFetch(vault: Connection, input: RequestInfo | URL, init?: RequestInit, demanded?: (demand: NonNullable<ResponseData["demand"]>) => void): Promise<Response> {
  const { request, body: given, unsent, priority, abortable } = taken(input, init);
  const { method, signal, cache, credentials, integrity, keepalive, mode } = request;
  if (signal.aborted) {
    if (given instanceof ReadableStream) given.cancel(signal.reason).catch(() => {});
    throw signal.reason;
  }
  let body = given;
  if (unsent) body = await unsent();
  signal.throwIfAborted();
  const command = {
    kind: "fetch",
    url: request.url,
    method,
    headers: [...request.headers],
    init: { cache, credentials, integrity, keepalive, mode, ...(priority !== undefined && { priority }) },
    ...(body !== undefined && { body }),
  } as const;

  const failure: Failure = {};
  const { wanted, ended } = abortable ? watched(signal, failure) : UNWATCHED;
  try {
    const transfer = body instanceof ArrayBuffer || body instanceof ReadableStream ? [body] : [];
    const response = await vault.ask<ResponseData>(command, transfer, wanted);
    const { body: content, rest, demand } = response;
    if (demand) demanded?.(demand);
    if (rest) return new Answer(response, method, arriving(rest, wanted, ended, endOf(vault)), failure);
    if (content?.byteLength && wanted) return new Answer(response, method, arrived(content, wanted, ended), failure);
    ended();
    return new Answer(response, method, content ?? null, failure);
  } catch (error) {
    ended();
    if (isNetworkError(error)) throw new TypeError(`Failed to fetch: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Aborts when the vault is lost, where that is not the end of the page as well. */
async function endOf(vault: Connection): Promise<AbortSignal | undefined> {
  if (vault.isolation === "page") return undefined;
  return import("./alive.js").then(
    ({ endOf }) => endOf(vault),
    () => undefined,
  );
}

interface Watched {
  /** Aborts with the caller's signal. */
  wanted?: AbortSignal;
  /** Nothing is left to be aborted. */
  ended: () => void;
}

/** The caller's own signal may live as long as the page: nothing of a request stays with it after the body's end. */
function watched(signal: AbortSignal, failure: Failure): Watched {
  const over = new AbortController();
  const wanted = new AbortController();
  signal.addEventListener("abort", () => wanted.abort((failure.reason = signal.reason)), own({ signal: over.signal }));
  return { wanted: wanted.signal, ended: () => over.abort() };
}

const UNWATCHED: Watched = { ended() {} };

/** What can be sent to the vault; a form as its entries. */
type Sendable = ArrayBuffer | Blob | ReadableStream | string | [string, FormDataEntryValue][];

interface Taken {
  request: Request;
  body: Sendable | undefined;
  /** Where the body has to be read first. */
  unsent?: (() => Promise<Blob | undefined>) | undefined;
  priority?: RequestPriority | undefined;
  abortable: boolean;
}

/** What is to be fetched. Before anything is awaited: as `fetch` does, this takes it as it is at the time of the call. */
function taken(input: RequestInfo | URL, init: RequestInit | undefined): Taken {
  const members = typeof init === "object" && init !== null ? membersOf(init) : own<Members>({});
  const { body: given, priority, signal } = members;
  const whole = isRequest(input);
  // From the page's origin: a `<base>` may be another's.
  const target = whole ? input : new URL(`${input as string}`, location.origin).href;
  let body = attachable(given);
  const unsendable = body instanceof ReadableStream && !canSendStreams();
  // What the engine need not hold is left out. It checks the rest all the same, such as whether there may be a body. A
  // form's type, with its boundary, comes from where the form is written.
  if (body instanceof ArrayBuffer || Array.isArray(body) || unsendable) members.body = new ArrayBuffer(0);
  const request = new Request(target, (typeof init === "object" ? members : init) as RequestInit);
  const { method } = request;
  let unsent: Taken["unsent"];
  if (unsendable) {
    const stream = body as ReadableStream;
    body = undefined;
    unsent = () => new Response(stream).blob();
  } else if (body === undefined && method !== "GET" && method !== "HEAD" && (whole || given != null)) {
    // What a request holds by reference is in it by reference.
    unsent = async () => {
      const blob = await request.blob();
      return blob.size > 0 ? blob : undefined;
    };
  }
  return { request, body, unsent, priority: priority as RequestPriority, abortable: whole || signal != null };
}

/**
 * A body that need not be asked of the browser: by reference what it holds by reference, else a copy, since it may be
 * changed before it is sent.
 */
function attachable(body: unknown): Sendable | undefined {
  if (typeof body === "string" || body instanceof Blob || body instanceof ReadableStream) return body;
  if (body instanceof URLSearchParams) return `${body}`;
  if (body instanceof FormData) return [...body];
  if (body instanceof ArrayBuffer) return body.slice(0);
  // What is shared cannot be transferred, and no engine takes it.
  if (ArrayBuffer.isView(body) && body.buffer instanceof ArrayBuffer) return body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength);
  return undefined;
}

/** `take` is the page's own `read`: its errors are of the class that the application knows. */
export async function getAccessToken(vault: Connection, take: typeof read, given: { resource?: string | URL } = {}): Promise<ExposedAccessToken> {
  const { resource } = take(given, { resource: text });
  return vault.ask({ kind: "accessToken", ...(resource !== undefined && { resource: String(resource) }) });
}
