import type { OidcError, OidcErrorCode } from "./error.js";

/** What {@link createOidcClient} is told. Read once, then frozen; an unknown or mistyped member is refused by name. */
export interface OidcClientOptions {
  /**
   * The provider's Issuer Identifier, exactly as the provider writes it (a trailing slash counts).
   * Its metadata is read from `<issuer>/.well-known/openid-configuration`.
   */
  issuer: string;

  /** The client ID under which this application is registered as a public client. */
  clientId: string;

  /**
   * Where the provider sends the browser back to; must be registered there, character for character.
   * Absolute, of this page's origin, without fragment. Default: the origin's root (`https://app.example.com/`).
   */
  redirectUri?: string;

  /**
   * The URL of the package's static `callback.html`, served with `callback.js` beside it, for sign-ins by popup and in a hidden
   * frame; must be registered at the provider as a redirect URI. Of this page's origin. With it, a session that the vault
   * has lost is restored by a silent sign-in (see {@link OidcClientOptions.restore}). Default: none, and neither mode works.
   */
  callbackUri?: string;

  /**
   * What `ready()` does when the vault knows nobody. `silent`: where somebody was signed in before in this browser, a silent
   * sign-in in a hidden frame, once per page load and for at most 13 seconds; after three failures in a row it is left until
   * the next sign-in. Needs `callbackUri`. `memory`: nothing. Default: `silent` with `callbackUri`.
   */
  restore?: "silent" | "memory";

  /**
   * Watches the provider's own session by its `check_session_iframe` (OpenID Connect Session Management 1.0), and signs out when
   * it has ended or is another user's. Needs `callbackUri`, and third-party cookies where the provider is of another site.
   * Default: `false`.
   */
  monitorSession?: boolean;

  /** Space-separated scopes; must contain `openid`. Default: `openid profile email`. */
  scope?: string;

  /**
   * The APIs that may be called with the access token: absolute `https` URLs (an origin, or an origin and a path prefix).
   * {@link OidcClient.fetch} refuses every other URL. An API that needs an access token of its own says what it is asked for
   * with, see {@link ResourceOptions}. Default: none.
   */
  resources?: readonly (string | ResourceOptions)[];

  /**
   * Tokens that only the vault's own key can use (DPoP, RFC 9449). `auto` (the default): where the provider announces it
   * (`dpop_signing_alg_values_supported`) and the page has WebCrypto; a bearer token in answer is refused. `required`: a provider
   * that does not announce it is refused, too. `off`: bearer tokens.
   */
  dpop?: "auto" | "required" | "off";

  /**
   * Pushed authorization requests (RFC 9126). `auto` (the default): where the provider requires them. `required`: always; a
   * provider without is refused.
   */
  par?: "auto" | "required";

  /**
   * How the authorization response comes back: in the query (the default) or the fragment of the redirect URI, as parameters or
   * as a signed JWT (JARM). An answer in any other form is refused.
   */
  responseMode?: "query" | "fragment" | "query.jwt" | "fragment.jwt";

  /**
   * `memory` (the default): no token is ever stored. `dpop`: the refresh token and the ID token are kept in IndexedDB beside the
   * key that the refresh token is bound to, so that the session survives the end of the vault. Every script of the origin can
   * read them, and use the key while it runs there; the key itself cannot be taken out. Only with DPoP, and in a SharedWorker.
   */
  persist?: "memory" | "dpop";

  /**
   * Lets the page have the access token, see {@link OidcClient.getAccessToken}, and with it every script in the page.
   * Default: `false`.
   */
  exposeAccessToken?: boolean;

  /**
   * Asked when an API answers that the user has to authenticate again or more strongly (RFC 9470), or that the token is for less
   * (`insufficient_scope`, RFC 6750 §3.1), or when the provider wants the user's consent before it gives a token for the API: sign in for it by popup or redirect, or leave it? The request is then sent once more. Ask the user
   * first: an API could otherwise open windows. For a popup, answer in the handler of a click. Default: the API's answer is
   * passed on.
   */
  stepUp?: (demand: StepUpDemand) => StepUpChoice | Promise<StepUpChoice>;

  /** Where the provider sends the browser after sign-out; must be registered there. Default: none, the provider shows its own page. */
  postLogoutRedirectUri?: string;

  /** The provider's metadata, given instead of fetched. `issuer` in it must equal the option `issuer`. */
  metadata?: Readonly<Record<string, unknown>>;

  /**
   * Where the vault that holds the tokens runs. `auto` (the default) takes a SharedWorker, or a dedicated Worker where
   * there is none; `shared` and `worker` insist on theirs; `page` runs the vault in the page itself, where every script
   * of the page can in principle reach its memory. The session says what was taken.
   */
  isolation?: "auto" | "shared" | "worker" | "page";

  /**
   * A sign-in in flight (state, nonce, code verifier, return-to) is kept in the vault's memory. `stored` (the default)
   * also keeps a copy in IndexedDB until the browser is back, for at most an hour, so that the sign-in survives the loss
   * of the vault; `memory` keeps none.
   */
  transactions?: "stored" | "memory";

  /**
   * How far this device's clock may be from the provider's, in seconds: 0 to 350. Default: 300.
   * OpenID Connect Core §3.1.3.7 (9, 10).
   */
  clockTolerance?: number;

  /** The URL of `vault.js`, when the bundler does not place it (plain esbuild, a CDN-less static server). Same origin. */
  vaultUrl?: string | URL;

  /**
   * The hash that `vault.js` must have: `integrity["vault.js"]` of `valetkey/integrity.json`. Then it is fetched and compared
   * before a vault is started, and another file is refused with `vault_mismatch`. For a `vault.js` that is served as the
   * package has it: webpack's minifier rewrites it, see the README. Not with `isolation: "page"`. Default: not compared.
   * `vault.wasm` is always compared.
   */
  vaultIntegrity?: string;

  /**
   * Called in place of `location.assign` to go to the provider, for sign-in and sign-out: a host application (Capacitor,
   * Electron, a test) may open the URL its own way.
   */
  navigate?: (url: string) => void;

  /**
   * Accepts plain `http` for the issuer, its endpoints, the redirect URI and the resources. Without it only loopback
   * hosts may use `http`. For a development machine on a local network, never for production: anyone on the path can
   * then read the tokens.
   */
  dangerAllowInsecureHttp?: boolean;

  /**
   * Lets a page that another origin has framed start a sign-in. Without it {@link OidcClient.signIn} rejects there with
   * `framed_by_stranger`: the other page could have its visitors click what they do not see. Only for an application
   * that is made to be embedded, with a `frame-ancestors` that names who may.
   */
  dangerAllowFraming?: boolean;
}

/** An API with an access token of its own: obtained with the refresh token when it is first called. */
export interface ResourceOptions {
  /** Where it is: an absolute `https` URL, an origin or an origin and a path prefix. */
  url: string;
  /** The scopes of its access token, space-separated. They are asked for at sign-in as well. */
  scope?: string;
  /** The name of the API at the provider, an absolute URI (`resource`, RFC 8707). */
  resource?: string;
  /** The same for providers that have `audience` in its place. */
  audience?: string;
}

/** What an API wants before it answers otherwise. All of it comes from the API. */
export interface StepUpDemand {
  /** The URL that was called. */
  readonly url: string;
  /**
   * What the API said; or what the provider did when it was asked for an access token to this API (`consent_required` and the like):
   * then the user is to agree to it.
   */
  readonly error: "insufficient_user_authentication" | "insufficient_scope" | "consent_required" | "interaction_required" | "login_required";
  /** Authentication context classes that would do, space-separated, best first. */
  readonly acrValues?: string;
  /** The longest time since the user last authenticated, in seconds. */
  readonly maxAge?: number;
  /** Scopes that would do, space-separated. */
  readonly scope?: string;
}

/** What to do about a {@link StepUpDemand}. */
export type StepUpChoice = "popup" | "redirect" | "refuse";

/** An element of `authorization_details` (RFC 9396 §2). */
export interface AuthorizationDetail {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** An access token in the page. */
export interface ExposedAccessToken {
  readonly accessToken: string;
  /** `DPoP`: of no use without the key, which stays in the vault. */
  readonly tokenType: "Bearer" | "DPoP";
}

/** The claims of a verified ID token (OpenID Connect Core §2, §5.1). */
export interface IdTokenClaims {
  /** Issuer Identifier; equal to the option `issuer`. */
  readonly iss: string;
  /** Subject: the user, unique and never reassigned within the issuer. */
  readonly sub: string;
  /** Audience: this client, as a string or within an array. */
  readonly aud: string | readonly string[];
  /** Expiry of the ID token, in seconds since 1970. It is not the lifetime of the session. */
  readonly exp: number;
  /** When the ID token was issued, in seconds since 1970. */
  readonly iat: number;
  /** When the user last authenticated, in seconds since 1970. */
  readonly auth_time?: number;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly azp?: string;
  readonly sid?: string;
  readonly name?: string;
  readonly given_name?: string;
  readonly family_name?: string;
  readonly preferred_username?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly picture?: string;
  readonly locale?: string;
  readonly [claim: string]: unknown;
}

/** The claims of the UserInfo endpoint (OpenID Connect Core §5.3.2). `sub` equals the session's. */
export interface UserInfo {
  readonly sub: string;
  readonly name?: string;
  readonly given_name?: string;
  readonly family_name?: string;
  readonly preferred_username?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly picture?: string;
  readonly locale?: string;
  readonly [claim: string]: unknown;
}

/** Where the vault runs: a SharedWorker, a dedicated Worker, or the page itself. */
export type Isolation = "shared" | "worker" | "page";

/** Before {@link OidcClient.ready} has settled. */
export interface LoadingSession {
  readonly status: "loading";
}

/**
 * Why a session ended: the application signed out, in whichever tab; the provider told of its own sign-out (Front-Channel
 * Logout); the provider's session is another one now (`monitorSession`); the provider refused to renew it.
 */
export type SignedOutReason = "signed_out" | "provider_signed_out" | "provider_session_changed" | "renewal_refused";

/** The access token could not be renewed for now. The session goes on. */
export interface RenewalPostponed {
  /** Why, e.g. `offline`, `provider_unreachable`, `server_unavailable`. */
  readonly code: OidcErrorCode;
  /** When it is tried again, in milliseconds since 1970; sooner when the page is shown again or the device is back online. */
  readonly retryAt: number;
}

/** A way of restoring a session that was tried and failed. */
export interface RestoreFailure {
  readonly by: "silent" | "persisted";
  /** Why, e.g. `login_required`, `silent_blocked`, `silent_timed_out`, `restore_suspended`. */
  readonly code: OidcErrorCode;
  readonly detail?: string;
}

/** Nobody is signed in. */
export interface SignedOutSession {
  readonly status: "signed-out";
  readonly isolation: Isolation;
  /** Why the last session ended, if one did since the vault was started. */
  readonly reason?: SignedOutReason;
  /** What `ready()` tried in order to restore a session. */
  readonly restoreFailure?: RestoreFailure;
  /** Why the sign-in that this page load was to finish did not succeed, e.g. `access_denied` or `state_unknown`. */
  readonly error?: OidcError;
}

/** Somebody is signed in. Holds no token. */
export interface SignedInSession {
  readonly status: "signed-in";
  readonly isolation: Isolation;
  /** The claims of the verified ID token. */
  readonly claims: IdTokenClaims;
  /** The scopes the provider granted; may be fewer than were asked for (RFC 6749 §5.1). */
  readonly scope: readonly string[];
  /**
   * When the access token expires, in milliseconds since 1970 on this device's clock; absent when the provider did not
   * say. The session usually outlives it: the vault renews the token when it is next needed.
   */
  readonly accessTokenExpiresAt?: number;
  /** How the access token is sent: `DPoP` when it is bound to the vault's key. */
  readonly tokenType: "Bearer" | "DPoP";
  /** The authorization details that the provider granted (RFC 9396 §7); may be others than were asked for. */
  readonly authorizationDetails?: readonly AuthorizationDetail[];
  /** Whether the page may have the access token ({@link OidcClientOptions.exposeAccessToken}). */
  readonly accessTokenExposed?: true;
  /** Whether the vault holds a refresh token, and so can renew the access token. */
  readonly renewable: boolean;
  /** There while the access token cannot be renewed for now. */
  readonly renewalPostponed?: RenewalPostponed;
  /** The provider's word for the state of its own session (OpenID Connect Session Management §2). */
  readonly sessionState?: string;
  /** How this page came by the session: the sign-in that it finished, the vault's memory, or what was kept (`persist`). */
  readonly restoredBy: "redirect" | "popup" | "silent" | "memory" | "persisted";
  /** A callback that this page load brought and that was refused. The session it could not replace is untouched. */
  readonly error?: OidcError;
}

/** A snapshot of the session: an immutable value, a new one after each change. */
export type Session = LoadingSession | SignedOutSession | SignedInSession;

/** A session that is no longer loading. */
export type SettledSession = SignedOutSession | SignedInSession;

export interface SignInOptions {
  /**
   * How to go to the provider. `redirect` (the default): this page leaves. `popup`: a window of its own; call it in the very
   * handler of a click. `silent`: a hidden frame, nobody is shown anything, and the provider says so if it had to
   * (`login_required`). The two need the option `callbackUri`.
   */
  mode?: "redirect" | "popup" | "silent";
  /** Gives up a sign-in by popup or in a frame: it rejects with the signal's reason, and its callback will be refused. */
  signal?: AbortSignal;
  /** Where to be after sign-in: a path of this origin, with query and fragment. Default: the current page. */
  returnTo?: string;
  /** `none`, `login`, `consent`, `select_account`, space-separated (OpenID Connect Core §3.1.2.1), or `create` for a new account. */
  prompt?: string;
  /** The longest time since the user last authenticated, in seconds; 0 asks for a fresh login. Enforced on `auth_time`. */
  maxAge?: number;
  /** Authentication context classes wanted, space-separated, best first. The ID token must then carry one of them. */
  acrValues?: string;
  /** A hint to the provider who is about to sign in. */
  loginHint?: string;
  /** Languages for the provider's pages, space-separated, best first. */
  uiLocales?: string;
  /** Scopes for this sign-in in place of the option `scope`. */
  scope?: string;
  /** Claims to ask for by name (OpenID Connect Core §5.5). */
  claims?: Readonly<Record<string, unknown>>;
  /** What access is asked for in detail (RFC 9396). What was granted is in the session. */
  authorizationDetails?: readonly AuthorizationDetail[];
  /**
   * Tells the provider who is signed in here, by the ID token in the request. It is in the URL that the browser goes to, unless the
   * request is pushed (`par`). Default: `false`.
   */
  idTokenHint?: boolean;
  /** Refuses a sign-in as somebody else than is signed in now (`user_changed`). Default: `false`. */
  sameUser?: boolean;
  /** Further parameters of the authorization request. Parameters the library sends itself are refused here. */
  extraParams?: Readonly<Record<string, string>>;
}

export interface SignOutOptions {
  /** Where to be after the provider has sent the browser back: a path of this origin. Default: where that leads. */
  returnTo?: string;
  /** Ends the session here alone: the provider is not visited and its own session stays. Default: `false`. */
  local?: boolean;
  /** Has the tokens revoked at the provider, where it can (RFC 7009). Default: `true`. */
  revoke?: boolean;
}

/** What came of a sign-out that did not leave the page. The session here has ended in any case. */
export interface SignOutResult {
  /**
   * Whether the provider has revoked the tokens, or there were none. `false`: it has no revocation endpoint, it refused, or
   * it did not answer within 3 seconds; the tokens are gone here, and live there until they expire.
   */
  readonly revoked: boolean;
}

/** What {@link OidcClient.onEvent} tells. None of them holds a secret. */
export type OidcEvent =
  | { readonly type: "signed_in" | "user_changed" | "renewing" | "renewed"; readonly at: number }
  | { readonly type: "signed_out"; readonly at: number; readonly reason: SignedOutReason }
  | { readonly type: "renewal_postponed"; readonly at: number; readonly code: OidcErrorCode }
  | { readonly type: "restored"; readonly at: number; readonly by: SignedInSession["restoredBy"] }
  | { readonly type: "error"; readonly at: number; readonly error: OidcError };

/** How to take part in a sign-in that somebody else asks for. */
export interface InitiationOptions {
  /**
   * Passes the initiator's `login_hint` on to the provider. Whoever can make a link can then propose an account to the user.
   * Default: `false`.
   */
  loginHint?: boolean;
  /** Asked before the browser leaves. Default: everything is accepted that names the configured issuer. */
  confirm?: (request: { readonly returnTo: string; readonly loginHint?: string }) => boolean | Promise<boolean>;
}

/** One step of the protocol as the vault took it. Never holds a token, a code, a state, a nonce or a verifier. */
export interface TraceStep {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  readonly step: TraceStepName;
  /** What is worth knowing of it: a host, an HTTP status, an error code. */
  readonly detail?: string;
}

export type TraceStepName =
  | "vault_started"
  | "metadata_requested"
  | "metadata_received"
  | "jwk_set_requested"
  | "jwk_set_received"
  | "sign_in_started"
  | "callback_received"
  | "callback_refused"
  | "token_requested"
  | "token_received"
  | "id_token_verified"
  | "session_started"
  | "renewal_started"
  | "renewed"
  | "renewal_failed"
  | "renewal_postponed"
  | "resource_requested"
  | "resource_answered"
  | "user_info_requested"
  | "user_info_received"
  | "sign_out_started"
  | "revocation_requested"
  | "revoked"
  | "revocation_failed"
  | "user_changed"
  | "restored"
  | "request_pushed"
  | "sign_in_cancelled"
  | "session_ended";

/** A client of one provider for one application. */
export interface OidcClient {
  /** The session as it is now. The same object until it changes, so it fits `useSyncExternalStore` and its like. */
  readonly session: Session;

  /**
   * Resolves when it is known whether somebody is signed in; finishes a redirect sign-in first, if this page load is the
   * return from one. Call it before the application's router starts: it takes the authorization response out of the URL.
   * A sign-in that failed is in the session's `error`; a promise rejection means the vault cannot work here at all.
   */
  ready(): Promise<SettledSession>;

  /** Calls `listener` after every change of {@link session}. Returns the function that ends it. */
  subscribe(listener: (session: Session) => void): () => void;

  /**
   * Goes to the provider to sign in. By redirect the page is left, so the promise only ever rejects, unless `navigate` is given.
   * By popup and silently it resolves when the session is there, and rejects with why it is not: `popup_blocked`,
   * `popup_closed`, `login_required`, `silent_blocked`, `silent_timed_out`, `user_changed`. Also with `sign_in_loop`, when
   * sign-ins that nobody clicked for follow one another to no avail.
   */
  signIn(options?: SignInOptions): Promise<void>;

  /**
   * On a page that is registered at the provider as `initiate_login_uri`: signs in if this page load is a sign-in that a third
   * party asks for (OpenID Connect Core §4). Resolves to `false` if it is none, names another issuer, or was not confirmed.
   */
  signInAsInitiated(options?: InitiationOptions): Promise<boolean>;

  /**
   * Ends the session in every tab, has the tokens revoked, then ends it at the provider (RP-Initiated Logout), unless `local`.
   * Resolves when the page is not left.
   */
  signOut(options?: SignOutOptions): Promise<SignOutResult>;

  /**
   * `fetch` with the access token, for URLs under the option `resources` alone. The token is attached in the vault.
   * Redirects are refused. Network failures reject as `TypeError`, as `fetch` does.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;

  /**
   * Sends the request again for which {@link OidcClientOptions.stepUp} had the page left, once, and resolves to its answer; to
   * `undefined` if there is none, or nobody is signed in. Call it after {@link ready}.
   */
  resume(): Promise<Response | undefined>;

  /**
   * The access token, for what has to send it itself: a WebSocket, a library. Only with `exposeAccessToken`, else it rejects with
   * `access_token_not_exposed`. `resource`: a URL under one of the resources, whose token it is to be; default: the first.
   */
  getAccessToken(options?: { resource?: string | URL }): Promise<ExposedAccessToken>;

  /** The claims of the UserInfo endpoint, checked to be about the same subject. */
  userInfo(): Promise<UserInfo>;

  /**
   * Renews the access token now, whether it is due or not; {@link fetch} does it by itself when it is. Rejects with
   * `access_token_expired` when the provider gave no refresh token.
   */
  renew(): Promise<void>;

  /** Calls `listener` for what happens to the session, in whichever tab it was brought about. Returns the function that ends it. */
  onEvent(listener: (event: OidcEvent) => void): () => void;

  /** The last steps the vault took, oldest first, at most 100. */
  trace(): Promise<readonly TraceStep[]>;

  /** Calls `listener` for each step from now on, in whichever tab it was asked for. Returns the function that ends it. */
  onTrace(listener: (step: TraceStep) => void): () => void;
}
