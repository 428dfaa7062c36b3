// `fetch` by way of the vault.

import type { Connection } from "./connection.js";
import { OidcError } from "./error.js";
import type { ResponseData } from "./port.js";

/** Statuses whose response has no body, not even an empty one (Fetch standard, null body status). */
const NULL_BODY = [101, 103, 204, 205, 304];

/**
 * What the vault says of a request that got no answer; `fetch` says `TypeError` to all of it. Of a request to the
 * provider, for a renewal, it says in `detail` which one.
 */
const NETWORK_CODES = ["offline", "provider_unreachable", "redirect_refused"];

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
  try {
    response = await vault.ask<ResponseData>(command, body ? [body] : [], signal);
  } catch (error) {
    if (error instanceof OidcError && NETWORK_CODES.includes(error.code) && error.detail === undefined) {
      throw new TypeError(`Failed to fetch: ${error.message}`, { cause: error });
    }
    throw error;
  }
  const { status, statusText, headers, url, body: content } = response;
  const hasBody = method !== "HEAD" && !NULL_BODY.includes(status);
  // An abort while the body arrives makes reading it fail here, and ends the request there.
  const abortable = content instanceof ReadableStream && (given?.signal || input instanceof Request);
  const stream = abortable ? content.pipeThrough(new TransformStream(), own({ signal })) : content;
  const answer = new Response(hasBody ? stream : null, { status, statusText, headers });
  // The constructor takes no URL; applications read it all the same.
  Object.defineProperty(answer, "url", own({ value: url })!);
  return answer;
}
