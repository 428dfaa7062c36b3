// Generated from src/error.rs by tests/catalogue.rs (`UPDATE=1 cargo test --test catalogue`). Not edited by hand.

/** For each code: what happened, and what to do about it. */
export const texts = {
  option_unknown: ["an option has a name that Valetkey does not know", "Compare the spelling with the documentation. An unknown option is refused, since it may be a security setting that would silently do nothing."],
  option_invalid: ["an option has a value of the wrong type or form", "The detail names the option. Give it a value of the documented type."],
  issuer_invalid: ["the issuer is not an absolute URL without query and fragment", "Copy the value of `issuer` from the provider's /.well-known/openid-configuration, character for character."],
  insecure_http: ["a URL uses plain http on a host that is not loopback", "Use https. On a development network only, `dangerAllowInsecureHttp: true` accepts plain http."],
  client_id_invalid: ["the client ID is empty or has characters that a client ID cannot have", "Use the client ID that the provider gave this application at registration."],
  redirect_uri_invalid: ["the redirect URI is not an absolute URL without fragment", "Give an absolute URL such as https://app.example.com/ and register it at the provider, character for character."],
  redirect_uri_foreign: ["the redirect URI is of another origin than this page", "The browser must come back to this application: use a redirect URI of the page's own origin."],
  redirect_uri_shared: ["two clients of different providers have the same redirect URI", "Give each provider a redirect URI with a path of its own: else one provider could have the other's code sent to itself (mix-up, RFC 9700 §4.4)."],
  metadata_ambiguous: ["two clients have the same issuer and different metadata", "An issuer is one provider with one set of endpoints (RFC 9207 §4): give all its clients the same `metadata`, or none."],
  post_logout_redirect_uri_invalid: ["the post-logout redirect URI is not an absolute URL without fragment", "Give an absolute URL and register it at the provider as a post-logout redirect URI."],
  resource_invalid: ["an entry of `resources` is not an absolute URL without query and fragment", "List each API by origin or by origin and path prefix, e.g. https://api.example.com/v1/."],
  scope_invalid: ["the scope is not a space-separated list of scope tokens that contains `openid`", "Add `openid`: without it the provider returns no ID token, and nobody knows who signed in."],
  clock_tolerance_invalid: ["the clock tolerance is not a number of seconds from 0 to 350", "Leave the option out, or give seconds (not milliseconds)."],
  parameter_reserved: ["an extra parameter is one that Valetkey sends itself", "Use the option of that name, or leave it out. State, nonce and code challenge cannot be set."],
  prompt_invalid: ["`prompt` combines `none` with another value", "`none` asks for no interaction at all, so it must stand alone (OpenID Connect Core §3.1.2.1)."],
  isolation_unavailable: ["the isolation that the options insist on does not exist in this browser", "Use `isolation: \"auto\"` to fall back to a dedicated Worker, or tell the user that this browser is not supported."],
  vault_url_foreign: ["the vault script is of another origin than this page", "Browsers start workers from the page's own origin only: copy vault.js beside the application and point `vaultUrl` at it."],
  not_signed_in: ["nobody is signed in", "Check `session.status` first, or call `signIn()`."],
  resource_not_listed: ["the URL is not under any of the listed resources, so it gets no access token", "Add the API to `resources`, or use the plain `fetch` for URLs that need no token."],
  request_invalid: ["the request cannot be sent with an access token", "The detail names the part. Valetkey sends the Authorization header itself and takes absolute http(s) URLs only."],
  access_token_not_exposed: ["the access token stays in the vault", "Use `client.fetch`, which sends it to the listed resources. Where something else must send it (a WebSocket, a library that takes a token), `exposeAccessToken: true` lets the page have it, and with it every script in the page."],
  user_info_endpoint_missing: ["the provider has no UserInfo endpoint", "Its metadata has no `userinfo_endpoint`. The ID token's claims are in the session."],
  access_token_expired: ["the access token has expired and there is no refresh token to renew it with", "Call `signIn()` again, or have the provider issue refresh tokens to this client (often the scope `offline_access`)."],
  not_in_browser: ["this needs a browser page", "Importing Valetkey on a server is fine, using it is not: call it from code that runs in the browser only."],
  framed_by_stranger: ["a page of another origin has framed this one", "A sign-in could be clicked into being there. Forbid the framing (Content-Security-Policy: frame-ancestors 'self'), or accept it with `dangerAllowFraming: true`."],
  sign_in_loop: ["sign-ins followed one another at once, to no avail and without anybody's click", "The application calls `signIn()` by itself whenever nobody is signed in. The detail is why the last one failed; none means that it calls `signIn()` although somebody is signed in. Show `session.error`, and call `signIn()` when the user clicks."],
  callback_uri_missing: ["a popup or a frame needs the option `callbackUri`", "Serve the package's callback.html and callback.js beside the application, register that URL at the provider, and give it as `callbackUri`."],
  restore_suspended: ["the silent sign-in failed several times in a row and is not tried again by itself", "The detail is why it failed last. The next sign-in by hand ends this."],
  session_monitoring_unavailable: ["the provider's session cannot be watched", "The detail says why: the provider announces no `check_session_iframe`, or its page did not answer or is of no use. Blocked third-party cookies do that."],
  command_invalid: ["the vault was sent a message it does not understand", "The page shell and vault.js are of different versions: rebuild, or copy vault.js again."],
  access_denied: ["the user or the provider denied the sign-in", "Nobody was signed in. Offer the user to try again."],
  login_required: ["the provider needs the user to log in", "Expected after `prompt: \"none\"` when nobody is logged in there: call `signIn()` without it."],
  interaction_required: ["the provider needs to show the user a page", "Expected after `prompt: \"none\"`: call `signIn()` without it."],
  consent_required: ["the provider needs the user's consent", "Call `signIn()` without `prompt: \"none\"`, or grant consent for this client at the provider."],
  account_selection_required: ["the provider needs the user to choose an account", "Call `signIn({ prompt: \"select_account\" })`."],
  invalid_request: ["the provider found the request malformed", "Read the provider's description and its log: often the redirect URI or a required parameter."],
  invalid_client: ["the provider did not accept this client", "Register the application as a public client (token endpoint authentication `none`) and check the client ID."],
  invalid_grant: ["the provider did not accept the code or the refresh token", "It expired, was used before or was revoked, or the redirect URI differs: the user must sign in again."],
  unauthorized_client: ["this client may not use the authorization code flow", "Allow the grant types `authorization_code` and `refresh_token` for this client at the provider."],
  unsupported_grant_type: ["the provider does not support this grant type for the client", "Allow the grant types `authorization_code` and `refresh_token` for this client at the provider."],
  unsupported_response_type: ["the provider does not support the response type `code` for this client", "Allow the authorization code flow for this client at the provider."],
  invalid_scope: ["the provider does not know a scope or does not grant it to this client", "Compare the option `scope` with what the client may ask for."],
  invalid_target: ["the provider does not know the resource or does not grant it to this client", "Compare the `resource` parameter with the APIs registered at the provider (RFC 8707 §2)."],
  invalid_authorization_details: ["the provider does not grant these authorization details", "Compare `authorizationDetails` with the types that the provider knows (RFC 9396 §5)."],
  invalid_dpop_proof: ["the provider refused the proof that the token's key is here", "If this happens to a few users only, the clock of their device is wrong: the provider can do without it by sending nonces (RFC 9449 §8)."],
  use_dpop_nonce: ["the provider wants a nonce in the proof that this page cannot read, or wants another one each time", "It must send `Access-Control-Expose-Headers: DPoP-Nonce` (RFC 9449 §8)."],
  unmet_authentication_requirements: ["the provider cannot authenticate the user as strongly as was asked for", "Ask for an `acrValues` that the provider offers and the user can fulfil."],
  server_error: ["the provider had an internal error", "Try again later; the provider's log tells more."],
  temporarily_unavailable: ["the provider is overloaded or under maintenance", "Try again later."],
  provider_error: ["the provider refused for a reason of its own", "The members `error` and `errorDescription` hold what it said."],
  state_unknown: ["the callback belongs to no sign-in that was started here", "Start the sign-in again. It was started in another browser, its record was cleared, or the link was forged."],
  state_missing: ["the provider came back without `state` while a sign-in was waiting", "The provider or a proxy dropped the `state` parameter; it must be returned unchanged (RFC 6749 §4.1.2)."],
  transaction_expired: ["the sign-in was started too long ago", "Start the sign-in again: it must be finished within an hour."],
  callback_replayed: ["this callback was already used", "A callback URL works once. Nothing needs to be done if the user is signed in; otherwise start the sign-in again."],
  redirect_uri_mismatch: ["the callback arrived at another URL than the redirect URI it was meant for", "Do not redirect the redirect URI elsewhere before `ready()` has run."],
  parameter_repeated: ["a parameter of the callback occurs more than once", "The callback was tampered with, or `redirectUri` contains parameters that the provider adds too (RFC 6749 §3.1)."],
  callback_too_large: ["the callback is larger than any provider's", "The callback was tampered with."],
  callback_malformed: ["the callback carries both a code and an error, or neither", "The callback was tampered with, or the provider does not follow RFC 6749 §4.1.2."],
  front_channel_token: ["the callback carries tokens, or arrived in the fragment where the query was asked for, or the other way round", "Only the authorization code flow is accepted (RFC 9700 §2.1.2), and the answer in the part of the URL that `responseMode` names."],
  response_mode_mismatch: ["the callback is signed although that was not asked for, or is not although it was", "The provider does not honour `responseMode`, or the callback was forged."],
  authorization_response_expired: ["the signed callback has expired", "Start the sign-in again. If this happens to a few users only, the clock of their device is wrong."],
  dpop_key_lost: ["the key that the sign-in was bound to is gone", "The vault that started it has ended, since the user took long at the provider. Start the sign-in again: the provider mostly knows the user by now."],
  issuer_parameter_missing: ["the callback has no `iss` although the provider announces it", "The callback may come from another provider (RFC 9207 §2.4)."],
  issuer_parameter_mismatch: ["the `iss` of the callback is not the configured issuer", "The callback comes from another provider (mix-up attack, RFC 9207), or `issuer` is misspelt."],
  token_endpoint_changed: ["the provider's token endpoint is another one than when the sign-in was started", "Start the sign-in again: the provider's metadata was changed in between. The code was not sent anywhere."],
  json_malformed: ["a document is not well-formed JSON", "The detail names the document. Open its URL: is it an error page?"],
  json_duplicate_member: ["a JSON object has the same member twice", "Parsers disagree on such objects, so they are refused (RFC 7519 §4). The provider must be mended."],
  json_too_complex: ["a JSON document is nested too deeply or has too many members", "No provider needs this much: the document is broken or hostile."],
  json_not_an_object: ["a JSON document is not an object", "The detail names the document. Open its URL: is it the right one?"],
  content_type_mismatch: ["an answer is not of the content type that its endpoint must send", "The detail names the document. Often a proxy or a login page answers in place of the provider."],
  member_missing: ["a required member is missing", "The detail names the member."],
  member_invalid: ["a member has the wrong type or form", "The detail names the member."],
  metadata_not_found: ["there is no provider metadata at the issuer", "The issuer URL is probably wrong: <issuer>/.well-known/openid-configuration must answer 200. Mind the path and the trailing slash."],
  metadata_issuer_mismatch: ["the provider's metadata names another issuer", "Set `issuer` to exactly the value in the metadata, trailing slash included (OpenID Connect Discovery §4.3)."],
  pkce_unsupported: ["the provider does not support PKCE with S256", "Its metadata lists other methods only. Enable S256 at the provider; Valetkey does not sign in without (RFC 9700 §2.1.1)."],
  code_flow_unsupported: ["the provider does not support the response type `code`", "Enable the authorization code flow at the provider."],
  signed_request_required: ["the provider takes signed authorization requests only", "An application in a browser has no key to sign them with. Allow unsigned requests for this client, pushed ones if need be (RFC 9126)."],
  dpop_unsupported: ["the provider announces no DPoP with an algorithm that is known here, and `dpop: \"required\"` insists on it", "Enable DPoP at the provider (`dpop_signing_alg_values_supported`), or use `dpop: \"auto\"`."],
  par_unsupported: ["the provider has no endpoint for pushed authorization requests, and `par: \"required\"` insists on it", "Enable pushed authorization requests at the provider, or use `par: \"auto\"`."],
  par_response_invalid: ["the answer to a pushed authorization request is none", "RFC 9126 §2.2 wants the status 201, `request_uri` and `expires_in`. The detail names what is wrong."],
  token_response_status: ["the token endpoint answered with an unexpected HTTP status", "The detail is the status. Look into the provider's log."],
  token_type_unsupported: ["the access token is of a type that was not asked for", "Only `Bearer` and `DPoP` are supported (RFC 6749 §7.1)."],
  dpop_downgraded: ["the access token is not bound to the key that was shown", "The provider announces DPoP and answered with a bearer token, which was not used (RFC 9449 §5). Allow DPoP for this client, or use `dpop: \"off\"`."],
  access_token_malformed: ["the access token has characters that cannot be sent in a header", "The provider must issue tokens of visible ASCII characters (RFC 6750 §2.1)."],
  id_token_missing: ["the token response has no ID token", "Ask for the scope `openid`, and use a provider that speaks OpenID Connect, not OAuth alone."],
  jws_malformed: ["a token is not a compact JWS", "Three base64url parts without padding are required (RFC 7515 §7.1). Encrypted tokens are not supported."],
  jws_too_large: ["a token is larger than any provider's", "The answer is broken or hostile."],
  algorithm_not_allowed: ["the token is signed with an algorithm that is not accepted", "Have the provider sign ID tokens with an asymmetric algorithm that its own metadata lists, such as RS256, PS256, ES256 or EdDSA. `none` and HMAC are never accepted."],
  critical_header: ["the token's header has a critical extension", "No critical extension is supported, and the rule is to refuse it (RFC 7515 §4.1.11)."],
  token_type_confusion: ["a token of another kind stands in the place of the ID token", "The header's `typ`, or an `events` claim, says that this is not an ID token (RFC 8725 §3.11)."],
  jwk_set_unavailable: ["the provider's keys cannot be fetched", "The detail is the HTTP status of `jwks_uri`."],
  key_not_found: ["none of the provider's keys fits the token", "The key ID is unknown even after fetching the keys anew. Does `jwks_uri` belong to this issuer?"],
  signature_invalid: ["the token's signature is wrong", "The token was not issued by this provider, or was changed on the way."],
  id_token_issuer_mismatch: ["the ID token is from another issuer", "`iss` must equal the configured issuer, character for character."],
  audience_mismatch: ["the ID token is for another client", "`aud` does not contain this client ID. Check the option `clientId`."],
  audience_untrusted: ["the ID token is also for clients that are not trusted", "`aud` must hold this client alone: any other audience could pass the token on as its own."],
  authorized_party_mismatch: ["the ID token was issued to another client", "`azp` is not this client ID."],
  subject_invalid: ["the ID token has no valid subject", "`sub` must be 1 to 255 ASCII characters (OpenID Connect Core §2)."],
  id_token_expired: ["the ID token has expired", "If this happens to a few users only, the clock of their device is wrong."],
  issued_in_future: ["the ID token was issued in the future", "The clock of this device or of the provider is wrong by more than `clockTolerance` seconds."],
  issued_too_long_ago: ["the ID token was issued too long ago", "A fresh one was asked for. The clock of this device is wrong, or an old token was replayed."],
  not_yet_valid: ["the ID token is not valid yet", "`nbf` is in the future: the clock of this device or of the provider is wrong."],
  nonce_mismatch: ["the ID token does not carry the nonce of this sign-in", "The code or the token belongs to another sign-in (code injection), or the provider drops `nonce`."],
  access_token_hash_mismatch: ["the access token is not the one the ID token was issued with", "`at_hash` does not match (OpenID Connect Core §3.1.3.6)."],
  auth_time_missing: ["the ID token does not say when the user authenticated although `maxAge` was asked for", "The provider must return `auth_time` when `max_age` is sent (OpenID Connect Core §2)."],
  auth_time_too_old: ["the user authenticated longer ago than `maxAge` allows", "The provider did not honour `max_age`."],
  acr_not_met: ["the user was not authenticated as strongly as was asked for", "`acr` is none of the `acrValues` that were asked for."],
  subject_changed: ["the renewed ID token is about another user", "The session was ended."],
  nonce_changed: ["the renewed ID token has another nonce", "The session was ended."],
  auth_time_changed: ["the renewed ID token has another authentication time", "The session was ended."],
  audience_changed: ["the renewed ID token has another audience", "The session was ended."],
  revocation_status: ["the revocation endpoint refused", "The detail is the HTTP status. The tokens are gone here; at the provider they live until they expire."],
  user_info_status: ["the UserInfo endpoint refused", "The detail is the HTTP status. 401 often means that the access token is for an API only (a `resource` was asked for)."],
  user_info_subject_mismatch: ["the UserInfo answer is about another user", "Its `sub` must equal the ID token's (OpenID Connect Core §5.3.2)."],
  superseded: ["the session ended while this was under way", "The user signed out, or somebody else signed in, in this or another tab."],
  user_changed: ["somebody else is signed in at the provider", "A silent sign-in never changes the user. Call `signIn()` by redirect or popup, or `signOut()`."],
  popup_closed: ["the popup was closed before the sign-in was finished", "Nothing is wrong: offer the user to sign in again."],
  aborted: ["the application took its request back", "Nothing is wrong. In JavaScript the promise rejects with the signal's reason, as that of `fetch` does."],
  sign_in_abandoned: ["the user came back without finishing the sign-in", "Nothing is wrong: offer the user to sign in again."],
  provider_unreachable: ["the server cannot be reached", "Is it running, is the host name right, is its certificate valid, does the page's Content-Security-Policy (connect-src) allow it? In a page with a Cross-Origin-Embedder-Policy: does it send CORS headers?"],
  cors_blocked: ["the server answers, but does not let this page read the answer", "Allow this page's origin in the provider's CORS settings (often called web origins or allowed origins)."],
  offline: ["this device is offline", "Try again when the connection is back."],
  redirect_refused: ["the server answered with an HTTP redirect, which requests that carry a credential do not follow", "Use the final URL: mind a trailing slash, http instead of https, or a login page in front of the API."],
  timed_out: ["the server did not answer in time", "Try again later."],
  response_too_large: ["the answer is larger than any provider's", "The answer is broken or hostile. The detail names the document."],
  server_unavailable: ["the server has an internal error or is overloaded", "Try again later. The detail is the HTTP status."],
  popup_blocked: ["the browser did not open the popup", "Call `signIn({ mode: \"popup\" })` in the very handler of a click, before anything is awaited, or use the redirect."],
  popup_timed_out: ["the sign-in in the popup took too long", "Nothing came back within an hour. Offer the user to sign in again."],
  silent_timed_out: ["the provider did not answer the silent sign-in in time", "Try again later; `signIn()` by redirect says more."],
  silent_blocked: ["the frame of the silent sign-in shows another page than the callback", "The provider, or this page's Content-Security-Policy (frame-src), forbids the frame, or the provider shows an error or a login page there instead of answering `prompt=none`. Open the authorization URL with `prompt=none` in a tab to see it. X-Frame-Options or frame-ancestors of the provider must allow this page's origin, and in a page with a Cross-Origin-Embedder-Policy the provider must send Cross-Origin-Resource-Policy: cross-origin."],
  storage_unavailable: ["the browser does not let this page store anything", "Private windows and blocked site data do this. `transactions: \"memory\"` needs no storage where the vault outlives the trip to the provider."],
  random_unavailable: ["the browser has no secure random numbers", "Nothing can be done safely without them: use another browser."],
  crypto_unavailable: ["WebCrypto is missing or does not know the signature algorithm", "Plain http pages have no WebCrypto: use https, or have the provider sign with ES256, which needs none."],
  wasm_unavailable: ["this browser has no WebAssembly", "Use a browser of this decade. Some browsers switch WebAssembly off in their strictest mode."],
  wasm_blocked: ["the Content-Security-Policy does not allow WebAssembly", "Add 'wasm-unsafe-eval' to script-src, in the policy sent with vault.js as well."],
  vault_unreachable: ["the vault could not be started", "Are vault.js and its .wasm file served beside the application with the right content types, and does the Content-Security-Policy allow them (worker-src, and connect-src 'self' for the .wasm file)? Set `vaultUrl` if the bundler does not place vault.js."],
  vault_mismatch: ["a file of the vault is not the one it was built with, and was not used", "The detail names the file. Most often files of two versions lie side by side, a minifier has rewritten vault.js, or the server sends another page in the file's place: deploy vault.js and vault.wasm of one version, as they are. If none of that explains it, somebody has changed the file."],
  vault_crashed: ["the vault stopped working, and its session is lost", "Please report this with the browser's version. The next call starts a fresh vault."],
} as const satisfies Record<string, readonly [sentence: string, hint: string]>;

/** The stable, machine-readable names of everything that can go wrong. */
export type OidcErrorCode =
  | "option_unknown"
  | "option_invalid"
  | "issuer_invalid"
  | "insecure_http"
  | "client_id_invalid"
  | "redirect_uri_invalid"
  | "redirect_uri_foreign"
  | "redirect_uri_shared"
  | "metadata_ambiguous"
  | "post_logout_redirect_uri_invalid"
  | "resource_invalid"
  | "scope_invalid"
  | "clock_tolerance_invalid"
  | "parameter_reserved"
  | "prompt_invalid"
  | "isolation_unavailable"
  | "vault_url_foreign"
  | "not_signed_in"
  | "resource_not_listed"
  | "request_invalid"
  | "access_token_not_exposed"
  | "user_info_endpoint_missing"
  | "access_token_expired"
  | "not_in_browser"
  | "framed_by_stranger"
  | "sign_in_loop"
  | "callback_uri_missing"
  | "restore_suspended"
  | "session_monitoring_unavailable"
  | "command_invalid"
  | "access_denied"
  | "login_required"
  | "interaction_required"
  | "consent_required"
  | "account_selection_required"
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "invalid_scope"
  | "invalid_target"
  | "invalid_authorization_details"
  | "invalid_dpop_proof"
  | "use_dpop_nonce"
  | "unmet_authentication_requirements"
  | "server_error"
  | "temporarily_unavailable"
  | "provider_error"
  | "state_unknown"
  | "state_missing"
  | "transaction_expired"
  | "callback_replayed"
  | "redirect_uri_mismatch"
  | "parameter_repeated"
  | "callback_too_large"
  | "callback_malformed"
  | "front_channel_token"
  | "response_mode_mismatch"
  | "authorization_response_expired"
  | "dpop_key_lost"
  | "issuer_parameter_missing"
  | "issuer_parameter_mismatch"
  | "token_endpoint_changed"
  | "json_malformed"
  | "json_duplicate_member"
  | "json_too_complex"
  | "json_not_an_object"
  | "content_type_mismatch"
  | "member_missing"
  | "member_invalid"
  | "metadata_not_found"
  | "metadata_issuer_mismatch"
  | "pkce_unsupported"
  | "code_flow_unsupported"
  | "signed_request_required"
  | "dpop_unsupported"
  | "par_unsupported"
  | "par_response_invalid"
  | "token_response_status"
  | "token_type_unsupported"
  | "dpop_downgraded"
  | "access_token_malformed"
  | "id_token_missing"
  | "jws_malformed"
  | "jws_too_large"
  | "algorithm_not_allowed"
  | "critical_header"
  | "token_type_confusion"
  | "jwk_set_unavailable"
  | "key_not_found"
  | "signature_invalid"
  | "id_token_issuer_mismatch"
  | "audience_mismatch"
  | "audience_untrusted"
  | "authorized_party_mismatch"
  | "subject_invalid"
  | "id_token_expired"
  | "issued_in_future"
  | "issued_too_long_ago"
  | "not_yet_valid"
  | "nonce_mismatch"
  | "access_token_hash_mismatch"
  | "auth_time_missing"
  | "auth_time_too_old"
  | "acr_not_met"
  | "subject_changed"
  | "nonce_changed"
  | "auth_time_changed"
  | "audience_changed"
  | "revocation_status"
  | "user_info_status"
  | "user_info_subject_mismatch"
  | "superseded"
  | "user_changed"
  | "popup_closed"
  | "aborted"
  | "sign_in_abandoned"
  | "provider_unreachable"
  | "cors_blocked"
  | "offline"
  | "redirect_refused"
  | "timed_out"
  | "response_too_large"
  | "server_unavailable"
  | "popup_blocked"
  | "popup_timed_out"
  | "silent_timed_out"
  | "silent_blocked"
  | "storage_unavailable"
  | "random_unavailable"
  | "crypto_unavailable"
  | "wasm_unavailable"
  | "wasm_blocked"
  | "vault_unreachable"
  | "vault_mismatch"
  | "vault_crashed";
