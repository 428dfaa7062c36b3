import { Connection } from "./connection.js";
import { type ErrorData, explained, type OidcError } from "./error.js";
import { authorizedFetch } from "./fetch.js";
import { framedByStranger } from "./framing.js";
import { navigateHere, readOptions, readSignInOptions, readSignOutOptions } from "./options.js";
import type { Arrival, Snapshot, VaultEvent } from "./port.js";
import type { OidcClient, OidcClientOptions, Session, SettledSession, TraceStep, UserInfo } from "./types.js";

/**
 * Makes a client. Cheap and synchronous: it starts the vault, or finds the one that another tab or the page before this
 * one has left running, and returns. See {@link OidcClient.ready}.
 *
 * @throws {OidcError} when an option is unknown or mistyped, or the browser lacks what the options insist on.
 */
export function createOidcClient(options: OidcClientOptions): OidcClient {
  // On a server there is nobody to sign in: the client exists, and refuses to do anything.
  if (typeof document === "undefined") return serverClient();
  return new Client(options);
}

function serverClient(): OidcClient {
  const refuse = async (): Promise<never> => {
    throw await explained({ code: "not_in_browser" });
  };
  const nothing = (): (() => void) => () => {};
  return {
    session: Object.freeze({ status: "loading" }),
    ready: refuse,
    subscribe: nothing,
    signIn: refuse,
    signOut: refuse,
    fetch: refuse,
    userInfo: refuse,
    renew: refuse,
    trace: refuse,
    onTrace: nothing,
  };
}

/** Resolves when the page is shown: at once, unless it was prerendered. */
function activated(): Promise<void> {
  // Compared with `true`: markup can give the document an element of this name, and nobody would be signed in again.
  if ((document as { prerendering?: boolean }).prerendering !== true) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("prerenderingchange", () => resolve()));
}

/** Calls a listener of the application: what it throws is its own affair, and reported as any uncaught error is. */
function call<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    reportError(error);
  }
}

class Client implements OidcClient {
  #session: Session = Object.freeze({ status: "loading" });
  #ready: Promise<SettledSession> | undefined;
  #abandon: (() => void) | undefined;
  readonly #listeners = new Set<(session: Session) => void>();
  readonly #traceListeners = new Set<(step: TraceStep) => void>();
  readonly #navigate: (url: string) => void;
  readonly #framing: boolean;
  readonly #vault: Connection;

  constructor(given: OidcClientOptions) {
    const options = readOptions(given);
    this.#navigate = options.navigate;
    this.#framing = options.dangerAllowFraming;
    this.#vault = new Connection(options, (event) => this.#hear(event));
    addEventListener("pagehide", () => this.#vault.close());
    addEventListener("pageshow", ({ persisted }) => {
      // Back out of the back/forward cache: whatever was under way was left, and much may have happened since.
      if (persisted) this.#restored();
    });
    Object.freeze(this);
  }

  get session(): Session {
    return this.#session;
  }

  ready = (): Promise<SettledSession> => {
    this.#ready ??= this.#arrive("redirect").catch((error: unknown) => {
      // The next call tries again, with a fresh vault.
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  };

  subscribe = (listener: (session: Session) => void): (() => void) => {
    // A function of its own, so that the same listener may subscribe twice.
    const subscriber = (session: Session): void => listener(session);
    this.#listeners.add(subscriber);
    return () => void this.#listeners.delete(subscriber);
  };

  signIn: OidcClient["signIn"] = async (given = {}) => {
    if (!this.#framing && framedByStranger()) throw await explained({ code: "framed_by_stranger" });
    const here = location.pathname + location.search + location.hash;
    const { mode: _, extraParams, ...options } = readSignInOptions(given);
    const { url } = await this.#vault.ask<{ url: string }>({
      kind: "signIn",
      options: { returnTo: here, ...options, attended: navigator.userActivation?.isActive, ...((extraParams && { extraParams: Object.entries(extraParams) }) as object) },
    });
    await this.#leave(url);
  };

  signOut: OidcClient["signOut"] = async (given = {}) => {
    const { url } = await this.#vault.ask<{ url?: string }>({ kind: "signOut", options: { ...readSignOutOptions(given) } });
    if (url) await this.#leave(url);
  };

  fetch: OidcClient["fetch"] = (input, init) => authorizedFetch(this.#vault, input, init);

  userInfo = (): Promise<UserInfo> => this.#vault.ask<UserInfo>({ kind: "userInfo" });

  renew = (): Promise<void> => this.#vault.ask({ kind: "renew" });

  trace = (): Promise<readonly TraceStep[]> => this.#vault.ask<TraceStep[]>({ kind: "trace" });

  onTrace = (listener: (step: TraceStep) => void): (() => void) => {
    const subscriber = (step: TraceStep): void => listener(step);
    this.#traceListeners.add(subscriber);
    return () => void this.#traceListeners.delete(subscriber);
  };

  /** Asks the vault who is signed in, and lets it finish the sign-in if this page is the return from one. */
  async #arrive(finishedBy: "redirect" | "memory"): Promise<SettledSession> {
    // Nothing is redeemed for a page that nobody looks at yet.
    await activated();
    const arrival = await this.#vault.ask<Arrival>({ kind: "ready", url: location.href });
    // With the origin, or a `<base>` would make another site's URL of it, which the browser refuses.
    if (arrival.location !== undefined) history.replaceState(history.state, "", location.origin + arrival.location);
    const cameBack = arrival.location !== undefined && !arrival.error && arrival.session.status === "signed-in";
    const error = arrival.error && (await explained(arrival.error));
    return this.#settle(arrival.session, cameBack ? finishedBy : "memory", error);
  }

  #settle(snapshot: Snapshot, restoredBy: "redirect" | "memory", error?: OidcError): SettledSession {
    const { isolation } = this.#vault;
    // Without a prototype, as what it is made of: a promise of it does not ask `Object.prototype` for `then`.
    const session: SettledSession = Object.freeze({
      __proto__: null,
      ...(snapshot.status === "signed-in" ? { ...snapshot, restoredBy } : snapshot),
      isolation,
      ...(error && { error }),
    });
    this.#publish(session);
    return session;
  }

  #publish(session: Session): void {
    this.#session = session;
    for (const listener of [...this.#listeners]) call(listener, session);
  }

  #hear(event: VaultEvent): void {
    if (event.kind === "trace") {
      for (const listener of [...this.#traceListeners]) call(listener, event.step);
    } else if (event.kind === "session") {
      // Before `ready` has answered, the page does not know yet how it came by the session.
      if (this.#session.status === "loading") return;
      const before = this.#session;
      this.#settle(event.session, before.status === "signed-in" ? before.restoredBy : "memory");
    } else if (event.kind === "failed") {
      void this.#lost(event.error);
    }
  }

  /** The vault is gone, and with it the session. */
  async #lost(data: ErrorData): Promise<void> {
    if (this.#session.status !== "signed-in") return;
    const { isolation } = this.#session;
    this.#publish(Object.freeze({ status: "signed-out", isolation, error: await explained(data) }));
  }

  /** Goes to the provider. Pending until the page is left, or was come back to. */
  #leave(url: string): Promise<void> {
    const abandoned = new Promise<void>((resolve, reject) => {
      this.#abandon = () => void explained({ code: "sign_in_abandoned" }).then(reject);
      if (this.#navigate !== navigateHere) resolve();
    });
    this.#navigate(url);
    return abandoned;
  }

  #restored(): void {
    this.#abandon?.();
    this.#abandon = undefined;
    if (this.#ready) this.#ready = this.#arrive("memory");
    this.#ready?.catch(() => {});
  }
}
