import { Connection } from "./connection.js";
import { type ErrorData, explained, type OidcError } from "./error.js";
import type { authorizedFetch } from "./fetch.js";
import { copy, navigateHere, type PageOptions, read, readOptions, readSignOutOptions } from "./options.js";
import type { Arrival, Snapshot, VaultEvent } from "./port.js";
import type { OidcClient, OidcClientOptions, OidcEvent, RestoreFailure, Session, SettledSession, SignedInSession, SignInOptions, SignOutResult, TraceStep, UserInfo } from "./types.js";

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
    signInAsInitiated: refuse,
    signOut: refuse,
    fetch: refuse,
    resume: refuse,
    getAccessToken: refuse,
    userInfo: refuse,
    renew: refuse,
    trace: refuse,
    onEvent: nothing,
    onTrace: nothing,
  };
}

/** Resolves when the page is shown: at once, unless it was prerendered. */
function activated(): Promise<void> {
  // Compared with `true`: markup can give the document an element of this name, and nobody would be signed in again.
  if ((document as { prerendering?: boolean }).prerendering !== true) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("prerenderingchange", () => resolve()));
}

type Listeners<T> = Set<(value: T) => void>;

function add<T>(listeners: Listeners<T>, listener: (value: T) => void): () => void {
  // A function of its own, so that the same listener may subscribe twice.
  const subscriber = (value: T): void => listener(value);
  listeners.add(subscriber);
  return () => void listeners.delete(subscriber);
}

/** What a listener of the application throws is its own affair, and reported as any uncaught error is. */
function tell<T>(listeners: Listeners<T>, value: T): void {
  for (const listener of [...listeners]) {
    try {
      listener(value);
    } catch (error) {
      reportError(error);
    }
  }
}

/** Once it is there a call takes what it is given at once, as `fetch` does, and waits for no module. */
let send: typeof authorizedFetch | undefined;
const loadFetch = async (): Promise<typeof authorizedFetch> => (send = (await import("./fetch.js")).authorizedFetch);

class Client implements OidcClient {
  #session: Session = Object.freeze({ status: "loading" });
  #ready: Promise<SettledSession> | undefined;
  #abandon: (() => void) | undefined;
  readonly #listeners: Listeners<Session> = new Set();
  readonly #traceListeners: Listeners<TraceStep> = new Set();
  readonly #eventListeners: Listeners<OidcEvent> = new Set();
  #events: Promise<typeof import("./events.js")> | undefined;
  /** The sign-in of this page that is under way. */
  #under: SignInOptions["mode"];
  readonly #options: PageOptions;
  readonly #vault: Connection;

  constructor(given: OidcClientOptions) {
    this.#options = readOptions(given);
    this.#vault = new Connection(this.#options, (event) => this.#hear(event));
    addEventListener("pagehide", () => this.#vault.close());
    // What the vault's timers may have slept through.
    const wake = (): void => void (document.hidden === true || this.#vault.tell({ kind: "wake" }));
    addEventListener("online", wake);
    addEventListener("visibilitychange", wake);
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

  subscribe = (listener: (session: Session) => void): (() => void) => add(this.#listeners, listener);

  signIn: OidcClient["signIn"] = async (given = {}) => {
    // Read once; what of it is wrong is said by who uses it.
    const options = copy(given) as SignInOptions;
    const { mode } = Object(options) as SignInOptions;
    // Before anything is awaited: browsers open a window for a click alone.
    const popup = mode === "popup" ? open("", "_blank", "width=480,height=600") : null;
    this.#under = mode;
    try {
      const { signIn } = await import("./sign-in.js");
      const url = await signIn(this.#vault, read, options, popup, this.#options.dangerAllowFraming);
      if (url) await this.#leave(url);
    } catch (error) {
      // What this package's own files throw; the reason of a signal is whatever the application gave it.
      throw error && Object.hasOwn(error, "code") && !(error instanceof Error) ? await explained(error as ErrorData) : error;
    } finally {
      this.#under = undefined;
    }
  };

  signInAsInitiated: OidcClient["signInAsInitiated"] = async (given) =>
    (await import("./initiation.js")).signInAsInitiated(this.#options.issuer, this, given);

  signOut: OidcClient["signOut"] = async (given = {}) => {
    const { url, revoked } = await this.#vault.ask<SignOutResult & { url?: string }>({ kind: "signOut", options: { ...readSignOutOptions(given) } });
    if (url) await this.#leave(url);
    return { revoked };
  };

  fetch: OidcClient["fetch"] = async (input, init) => {
    const { stepUp } = this.#options;
    const call = send ?? (await loadFetch());
    return stepUp ? (await import("./step-up.js")).fetchSteppingUp(this, this.#vault, call, stepUp, input, init) : call(this.#vault, input, init);
  };

  resume: OidcClient["resume"] = async () => (await import("./step-up.js")).resume(this, this.#vault);

  getAccessToken: OidcClient["getAccessToken"] = async (given) => (await import("./fetch.js")).getAccessToken(this.#vault, read, given);

  userInfo = (): Promise<UserInfo> => this.#vault.ask<UserInfo>({ kind: "userInfo" });

  renew = (): Promise<void> => this.#vault.ask({ kind: "renew" });

  trace = (): Promise<readonly TraceStep[]> => this.#vault.ask<TraceStep[]>({ kind: "trace" });

  onEvent = (listener: (event: OidcEvent) => void): (() => void) => {
    // Once: one promise keeps what happens in its order.
    this.#events ??= import("./events.js");
    return add(this.#eventListeners, listener);
  };

  onTrace = (listener: (step: TraceStep) => void): (() => void) => add(this.#traceListeners, listener);

  /** Asks the vault who is signed in, and lets it finish the sign-in if this page is the return from one. */
  async #arrive(finishedBy: "redirect" | "memory", lost?: OidcError): Promise<SettledSession> {
    // On its way together with the vault: on a slow network it would cost a round trip once nobody is found to be signed in.
    import("./sign-in.js").catch(() => {});
    // Nothing is redeemed for a page that nobody looks at yet.
    await activated();
    const ready = { kind: "ready", url: location.href } as const;
    let arrival = await this.#vault.ask<Arrival>(ready);
    // With the origin, or a `<base>` would make another site's URL of it, which the browser refuses.
    if (arrival.location !== undefined) history.replaceState(history.state, "", location.origin + arrival.location);
    const cameBack = arrival.location !== undefined && !arrival.error && arrival.session.status === "signed-in";
    let restoredBy: SignedInSession["restoredBy"] = cameBack ? finishedBy : (arrival.restoredBy ?? "memory");
    let failure = arrival.restoreFailure;
    const { mark } = this.#options;
    if (mark && arrival.session.status === "signed-out" && !arrival.session.reason && arrival.location === undefined) {
      failure = await import("./silent.js").then(({ restore }) => restore(this.#vault, mark)).catch(() => undefined) ?? failure;
      arrival = await this.#vault.ask<Arrival>({ ...ready, url: location.origin });
      restoredBy = "silent";
    }
    const error = arrival.error ? await this.#complain(arrival.error) : lost;
    const session = this.#settle(arrival.session, restoredBy, error, failure);
    if (session.status === "signed-in") await this.#happen({ type: "restored", by: restoredBy });
    return session;
  }

  #settle(snapshot: Snapshot, restoredBy: SignedInSession["restoredBy"], error?: OidcError, restoreFailure?: RestoreFailure): SettledSession {
    const { isolation } = this.#vault;
    const { mark, monitorSession } = this.#options;
    const signedIn = snapshot.status === "signed-in";
    // Without a prototype, as what it is made of: a promise of it does not ask `Object.prototype` for `then`.
    const session = Object.freeze({
      __proto__: null,
      ...snapshot,
      ...(signedIn ? { restoredBy } : restoreFailure && { restoreFailure }),
      isolation,
      ...(error && { error }),
    }) as unknown as SettledSession;
    // Lost is not ended: a session that nobody ended may be restored.
    if (mark && (signedIn || snapshot.reason)) this.#remember(mark, signedIn);
    if (monitorSession && signedIn) {
      // Once.
      this.#options.monitorSession = false;
      void import("./monitor.js").then(({ monitorSession }) => monitorSession(this.#vault, this.#options.clientId, this, (data) => this.#complain(data)));
    }
    // What will be called next is there by then.
    if (signedIn) loadFetch().catch(() => {});
    this.#publish(session);
    return session;
  }

  /** A mark that somebody is signed in, for {@link OidcClientOptions.restore}. Not who, and no secret. */
  #remember(mark: string, signedIn: boolean): void {
    try {
      if (signedIn) localStorage[mark] = 0;
      else delete localStorage[mark];
    } catch {
      // Storage is blocked or full: the next page load will not restore by itself.
    }
  }

  /** Tells who listens of what has happened: here, or in the vault as a step of it. */
  #happen(happened: object): Promise<void> | undefined {
    return this.#events?.then(
      ({ eventOf }) => {
        const event = eventOf(happened);
        if (event) tell(this.#eventListeners, event);
      },
      () => {},
    );
  }

  async #complain(data: ErrorData): Promise<OidcError> {
    const error = await explained(data);
    await this.#happen({ type: "error", error });
    return error;
  }

  #publish(session: Session): void {
    this.#session = session;
    tell(this.#listeners, session);
  }

  #hear(event: VaultEvent): void {
    if (event.kind === "trace") {
      tell(this.#traceListeners, event.step);
      void this.#happen(event.step);
    } else if (event.kind === "session") {
      // Before `ready` has answered, the page does not know yet how it came by the session.
      if (this.#session.status === "loading") return;
      const before = this.#session;
      this.#settle(event.session, before.status === "signed-in" ? before.restoredBy : (this.#under ?? "memory"));
    } else if (event.kind === "failed") {
      void this.#lost(event.error);
    }
  }

  /** The vault is gone, and with it the session. */
  async #lost(data: ErrorData): Promise<void> {
    const error = await this.#complain(data);
    if (this.#session.status === "signed-in") this.#settle({ status: "signed-out" }, "memory", error);
    // One that the browser ended is followed by another, with which a tab may have signed in; a crash might come again.
    if (data.detail === "ended") this.#rejoin(error);
  }

  /** Goes to the provider. Pending until the page is left, or was come back to. */
  #leave(url: string): Promise<void> {
    const abandoned = new Promise<void>((resolve, reject) => {
      this.#abandon = () => void explained({ code: "sign_in_abandoned" }).then(reject);
      if (this.#options.navigate !== navigateHere) resolve();
    });
    this.#options.navigate(url);
    return abandoned;
  }

  #restored(): void {
    this.#abandon?.();
    this.#abandon = undefined;
    this.#rejoin();
  }

  /** Asks the vault that there is now. */
  #rejoin(lost?: OidcError): void {
    if (this.#ready) this.#ready = this.#arrive("memory", lost);
    // Whoever asks next has it tried again.
    this.#ready?.catch(() => (this.#ready = undefined));
  }
}
