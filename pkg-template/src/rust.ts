// The page shell as the crate `valetkey` has it, which wasm-bindgen places beside a Rust application: bundled into src/client/shell.js, and
// for a vault in the page into shell-with-page.js. Conversions to what src/client/web.rs reads, and nothing else.

import { createOidcClient } from "./client.js";
import type { ErrorData, OidcErrorCode } from "./error.js";
import { OidcError } from "./error.js";
import { json } from "./json.js";
import { placedAt } from "./rust-assets.js";
import { hostedBy } from "./rust-page.js";
import type { IdTokenClaims, InitiationOptions, OidcClient, OidcClientOptions, OidcEvent, Session, SignedInSession, SignedOutSession, SignInOptions, SignOutOptions, StepUpChoice, StepUpDemand, TraceStep } from "./types.js";
import type { VaultHost } from "#bindgen";

/** A session with what is nested in it spread out, and what is JSON as text. */
const seen = (session: Session) => {
  const { claims, scope, authorizationDetails, renewalPostponed, restoreFailure, error, ...plain } = session as Partial<Omit<SignedInSession, "status"> & Omit<SignedOutSession, "status">>;
  // Without a prototype: a promise of it does not ask `Object.prototype` for `then`.
  return {
    __proto__: null,
    status: session.status,
    ...plain,
    claims: claims && json(claims),
    texts: claims && textsOf(claims),
    scopes: scope,
    authorizationDetails: authorizationDetails && json(authorizationDetails),
    postponedCode: renewalPostponed?.code,
    retryAt: renewalPostponed?.retryAt,
    failedBy: restoreFailure?.by,
    failedCode: restoreFailure?.code,
    failedDetail: restoreFailure?.detail,
    error,
  };
};

/** The claims that are strings: each name and its value. */
const textsOf = (claims: IdTokenClaims): string[] => Object.entries(claims).flatMap((entry) => (typeof entry[1] === "string" ? (entry as string[]) : []));

/** What an application in Rust is told: an error of ours, whatever the browser made of it. `otherwise`: what it is if it is none of these. */
const known = (error: unknown, otherwise: OidcErrorCode): ErrorData => {
  if (error instanceof OidcError) return error as ErrorData;
  const { cause, name, message, code } = Object(error) as Error & Partial<ErrorData>;
  // Of `fetch`, which rejects as the browser's own does.
  if (cause instanceof OidcError) return cause as ErrorData;
  if (typeof code === "string" && !(error instanceof Error)) return { code };
  // JSON of the application's that is none.
  return { code: name === "SyntaxError" ? "option_invalid" : otherwise, detail: message ?? String(error) };
};

/** Acts at once: a popup has to open within the click. What the browser refuses by itself is a file that is not beside the vault. */
const orKnown = async <T>(act: () => Promise<T>, otherwise: OidcErrorCode = "vault_unreachable"): Promise<T> => {
  try {
    return await act();
  } catch (error) {
    throw known(error, otherwise);
  }
};

/** Where `vault.js` and the files beside it are, in a directory that may or may not be written with a slash at its end. */
function placeOf(assets: string): URL {
  try {
    const directory = new URL(assets.replace(/\/?$/, "/"), document.baseURI);
    placedAt(directory);
    return new URL("vault.js", directory);
  } catch {
    throw new OidcError({ code: "option_invalid", detail: "assets" });
  }
}

/** A listener in Rust must not be called once it is gone, not even when another listener of the same change has ended it. */
function whileWanted<T>(listener: (value: T) => void, begin: (listener: (value: T) => void) => () => void): () => void {
  let wanted = true;
  const end = begin((value) => wanted && listener(value));
  return () => {
    wanted = false;
    end();
  };
}

/** `host` makes a vault in the application's own module, where it was built with one. */
export function create(given: string, navigate?: (url: string) => void, stepUp?: (demand: StepUpDemand) => Promise<StepUpChoice>, host?: (config: string, origin: string) => VaultHost): Face {
  try {
    const { assets = "/valetkey/", ...options } = JSON.parse(given) as OidcClientOptions & { assets?: string };
    const inPage = options.isolation === "page";
    hostedBy(host);
    // On a server there is no page to find them from, and nobody to sign in.
    const placed = !inPage && typeof document !== "undefined" && { vaultUrl: placeOf(assets) };
    if (inPage && !host) throw new OidcError({ code: "isolation_unavailable", detail: "page" });
    return new Face(createOidcClient({ ...options, ...placed, ...(navigate && { navigate }), ...(stepUp && { stepUp }) }));
  } catch (error) {
    throw known(error, "option_invalid");
  }
}

export class Face {
  readonly #client: OidcClient;

  constructor(client: OidcClient) {
    this.#client = client;
  }

  session() {
    return seen(this.#client.session);
  }

  ready() {
    // As it is by then: who asks later wants to know who is signed in now.
    return orKnown(() => this.#client.ready().then(() => seen(this.#client.session)));
  }

  subscribe(listener: () => void) {
    return whileWanted(listener, this.#client.subscribe);
  }

  signIn(options: string, signal: AbortSignal) {
    return orKnown(() => this.#client.signIn({ ...(JSON.parse(options) as SignInOptions), signal }));
  }

  signInAsInitiated(loginHint: boolean, confirm?: (returnTo: string, loginHint?: string) => boolean) {
    const options: InitiationOptions = { loginHint, ...(confirm && { confirm: (request) => confirm(request.returnTo, request.loginHint) }) };
    return orKnown(() => this.#client.signInAsInitiated(options));
  }

  signOut(options: string) {
    return orKnown(() => this.#client.signOut(JSON.parse(options) as SignOutOptions).then(({ revoked }) => revoked));
  }

  /** `headers`: each name followed by its value. `input` may be a request, to which they and the body are added. */
  fetch(input: RequestInfo, method: string | undefined, headers: readonly string[], body: BodyInit | undefined, signal: AbortSignal) {
    return orKnown(() => {
      const pairs = headers.flatMap((name, index) => (index % 2 ? [] : [[name, headers[index + 1]!] as [string, string]]));
      if (input instanceof Request) {
        const all = new Headers(input.headers);
        for (const [name, value] of pairs) all.set(name, value);
        const added = { ...(pairs.length > 0 && { headers: all }), ...(body !== undefined && { body }) };
        // The reason may be anything: here it has a name.
        return this.#client.fetch(input, { ...added, signal: AbortSignal.any([input.signal, signal]) }).catch((error: unknown) => {
          throw input.signal.aborted ? { code: "aborted" } : error;
        });
      }
      const streamed = body instanceof ReadableStream && { duplex: "half" };
      return this.#client.fetch(input, { headers: pairs, signal, ...(method !== undefined && { method }), ...(body !== undefined && { body }), ...streamed });
      // Else it is a request that cannot be made.
    }, "request_invalid");
  }

  resume() {
    return orKnown(() => this.#client.resume());
  }

  accessToken(resource?: string) {
    return orKnown(() => this.#client.getAccessToken(resource === undefined ? {} : { resource }));
  }

  userInfo() {
    return orKnown(() => this.#client.userInfo().then((claims) => ({ __proto__: null, claims: json(claims), texts: textsOf(claims as IdTokenClaims) })));
  }

  renew() {
    return orKnown(() => this.#client.renew());
  }

  trace() {
    return orKnown(() => this.#client.trace());
  }

  onEvent(listener: (event: OidcEvent) => void) {
    return whileWanted(listener, this.#client.onEvent);
  }

  onTrace(listener: (step: TraceStep) => void) {
    return whileWanted(listener, this.#client.onTrace);
  }
}
