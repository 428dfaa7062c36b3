// What src/browser/fetch.rs and src/browser/resource.rs have the browser do, in the language of its APIs: each function is
// one call of the module, where every property and every promise on the way would be another.
// A promise rejects with the code of a reason of `error::Platform`.
// Objects have no prototype: in a page, a script may have put anything on that of all objects, and be told what they hold.

/** A provider that takes longer for a whole answer, in milliseconds, will not give one. */
const TIMEOUT = 30_000;

/** How long to find out why a request failed. */
const PROBE_TIMEOUT = 5_000;

/** No cookie, no cache, no referrer, a deadline for the whole answer. */
const init = (mode, timeout) => ({
  __proto__: null,
  cache: "no-store",
  credentials: "omit",
  mode,
  referrerPolicy: "no-referrer",
  signal: AbortSignal.timeout(timeout),
});

/** Sends a request to a provider, and reads the answer: status, content type and body. */
export async function send(url, form, authorization, proof, mayBeAhead, keepalive, limit) {
  let response;
  try {
    response = await ((mayBeAhead && sentAhead(url)) || fetch(url, built(form, authorization, proof, keepalive)));
    // Asked for by `redirect: "manual"`: the target has seen nothing, neither header nor body.
    if (response.type === "opaqueredirect") throw "redirect_refused";
    return await read(response, limit);
  } catch (error) {
    if (typeof error === "string") throw error;
    if (error?.name === "TimeoutError") throw "timed_out";
    if (isOffline()) throw "offline";
    // An answer that began and broke off: the server is there, and lets this page read it. There is nothing to find out.
    throw response ? "provider_unreachable" : await diagnose(url);
  }
}

/**
 * The answer to this very request, if the worker's script sent it while the module was still on its way. Taken up once,
 * and for metadata alone: no request that carries anything is answered by what stands in a global. Not in a page, where
 * anybody may have put it there.
 */
function sentAhead(url) {
  if (typeof document !== "undefined") return undefined;
  const ahead = globalThis.valetkeyAhead;
  if (ahead?.url !== url) return undefined;
  globalThis.valetkeyAhead = undefined;
  return ahead.response;
}

function built(form, authorization, proof, keepalive) {
  const headers = new Headers();
  // One of the content types that need no preflight.
  if (form !== undefined) headers.set("content-type", "application/x-www-form-urlencoded");
  if (authorization !== undefined) headers.set("authorization", authorization);
  if (proof !== undefined) headers.set("dpop", proof);
  return { __proto__: null, ...init("cors", TIMEOUT), redirect: "manual", method: form === undefined ? "GET" : "POST", body: form, headers, keepalive };
}

/** An answer; its body is given up as soon as it is too large. */
async function read(response, limit) {
  const chunks = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let step = await reader?.read(); step?.value; step = await reader.read()) {
    length += step.value.length;
    if (length > limit) {
      await reader.cancel().catch(() => {});
      throw "response_too_large";
    }
    chunks.push(step.value);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return { __proto__: null, status: response.status, contentType: response.headers.get("content-type") ?? undefined, retryAfter: retryAfter(response.headers), ...aside(response), body };
}

/** What an answer says of the credential, as far as CORS lets it be read. */
export function aside({ headers }) {
  const date = Date.parse(headers.get("date")) / 1000;
  return {
    __proto__: null,
    nonce: headers.get("dpop-nonce") ?? undefined,
    challenge: headers.get("www-authenticate") ?? undefined,
    date: date > 0 ? date : undefined,
  };
}

/** Nobody will read it. */
export function discard(response) {
  response.body?.cancel().catch(() => {});
}

/** `Retry-After` in whole seconds, at most an hour; a number of seconds or a date (RFC 9110 §10.2.3). */
function retryAfter(headers) {
  const given = headers.get("retry-after");
  const seconds = /^\d+$/.test(given) ? Number(given) : (Date.parse(given) - Date.now()) / 1000;
  return seconds > 0 ? Math.ceil(Math.min(seconds, 3600)) : undefined;
}

/**
 * Finds out what the browser does not tell: whether the server is there at all. A request without CORS gets no answer that
 * could be read, but it fails only if there is none.
 */
async function diagnose(url) {
  try {
    await fetch(url, init("no-cors", PROBE_TIMEOUT));
    return "cors_blocked";
  } catch {
    return "provider_unreachable";
  }
}

const isOffline = () => globalThis.navigator?.onLine === false;

/** The members of a request that the application chooses and the vault passes on. Redirects and referrer are not among them. */
const CHOSEN = ["cache", "credentials", "integrity", "keepalive", "mode", "priority"];

/** A request to an API. Throws where the browser takes none of that sort. */
export function build(url, method, fields, authorization, proof, chosen, body, signal) {
  const headers = new Headers();
  for (const [name, value] of new URLSearchParams(fields)) headers.append(name, value);
  if (authorization !== undefined) headers.set("authorization", authorization);
  if (proof !== undefined) headers.set("dpop", proof);
  const own = { __proto__: null, method, headers, signal, mode: "cors", redirect: "manual", referrerPolicy: "no-referrer" };
  for (const member of CHOSEN) if (Object.hasOwn(Object(chosen), member)) own[member] = chosen[member];
  // No token goes where the answer cannot be read.
  if (own.mode === "no-cors") throw new TypeError("no-cors");
  if (body !== undefined) own.body = body;
  if (body instanceof ReadableStream) own.duplex = "half";
  return new Request(url, own);
}

/** Sends it. Answers `null` when it was aborted. */
export async function call(request) {
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (error?.name === "AbortError") return null;
    throw isOffline() ? "offline" : "provider_unreachable";
  }
  if (response.type === "opaqueredirect") throw "redirect_refused";
  return response;
}
