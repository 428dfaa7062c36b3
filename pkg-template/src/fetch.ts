// `fetch` by way of the vault.

import type { Connection } from "./connection.js";
import type { OidcError } from "./error.js";
import type { ResponseData } from "./port.js";

/** Statuses whose response has no body, not even an empty one (Fetch standard, null body status). */
const NULL_BODY = [101, 103, 204, 205, 304];

/**
 * What the vault says of a request that got no answer; `fetch` says `TypeError` to all of it. Of a request to the
 * provider, for a renewal, it says in `detail` which one.
 */
const NETWORK_CODES = ["offline", "provider_unreachable", "redirect_refused"];

function isNetworkError(error: unknown): error is OidcError {
  const { code, detail } = Object(error) as Partial<OidcError>;
  return error instanceof Error && NETWORK_CODES.includes(code as string) && detail === undefined;
}

/** A plain object without what a script may have added to `Object.prototype`; anything else as it is. */
function own<T>(value: T): T {
  const plain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return plain ? { __proto__: null, ...value } : value;
}

export async function authorizedFetch(vault: Connection, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  // Built once by the browser: what is checked is what is sent, whatever the caller's objects answer the second time.
  const given = own(init);
  const request = new Request(input, given);
  const { method, signal, cache, credentials, integrity, keepalive } = request;
  signal.throwIfAborted();
  // Read rather than asked for: not every engine has `Request.body`. An empty body is sent as none is.
  const bytes = method === "GET" || method === "HEAD" ? undefined : await request.arrayBuffer();
  const body = bytes?.byteLength ? bytes : undefined;
  const command = {
    kind: "fetch",
    url: request.url,
    method,
    headers: [...request.headers],
    init: { cache, credentials, integrity, keepalive },
    ...(body && { body }),
  } as const;
  let response: ResponseData;
  // Also when the reply is there: the body may still be to come.
  const taken = new AbortController();
  signal.addEventListener("abort", () => taken.abort(signal.reason));
  try {
    response = await vault.ask<ResponseData>(command, body ? [body] : [], taken.signal);
  } catch (error) {
    if (isNetworkError(error)) {
      throw new TypeError(`Failed to fetch: ${error.message}`, { cause: error });
    }
    throw error;
  }
  const { status, statusText, headers, url, body: content } = response;
  const hasBody = method !== "HEAD" && !NULL_BODY.includes(status);
  const stream = content instanceof ReadableStream ? passedOn(content, signal, () => taken.abort()) : content;
  const answer = new Response(hasBody ? stream : null, { status, statusText, headers });
  // The constructor takes no URL; applications read it all the same.
  Object.defineProperty(answer, "url", own({ value: url })!);
  return answer;
}

/**
 * A body as it comes from the vault. That it is no longer wanted is said to the vault by name, too: Firefox does not tell
 * the other end of a stream it has transferred.
 */
function passedOn(content: ReadableStream<Uint8Array<ArrayBuffer>>, signal: AbortSignal, end: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = content.getReader();
  const cancel = (reason: unknown): void => {
    end();
    reader.cancel(reason).catch(() => {});
  };
  return new ReadableStream(
    own({
      start(controller: ReadableStreamDefaultController) {
        signal.addEventListener("abort", () => {
          controller.error(signal.reason);
          cancel(signal.reason);
        });
      },
      async pull(controller: ReadableStreamDefaultController) {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        // Nobody is left to be told of an abort.
        end();
        controller.close();
      },
      cancel,
    }),
  );
}
