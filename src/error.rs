//! What can go wrong, sorted by who must act.
//!
//! Each reason stands here once, with its stable code, one sentence and a hint for the person who can change something.
//! The TypeScript catalogue of the npm package and `docs/errors.md` are generated from this list.
//! Nothing in an error is secret: `detail` holds names, URLs without query, and values that are public by nature.

use alloc::{borrow::Cow, boxed::Box, string::String};
use core::fmt;

/// Declares one enum of reasons together with the code, sentence and hint of each.
macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident { $( $variant:ident = $code:literal, $sentence:literal, $hint:literal; )* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( #[doc = $sentence] $variant, )*
        }

        impl $name {
            /// Every reason of this kind, in the order of the list.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// The stable, machine-readable name.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$variant => $code, )* }
            }

            /// What happened, in one sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $( Self::$variant => $sentence, )* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $( Self::$variant => $hint, )* }
            }
        }
    };
}

reasons! {
    /// The developer must change the configuration.
    Configuration {
        OptionUnknown = "option_unknown",
            "an option has a name that Valetkey does not know",
            "Compare the spelling with the documentation. An unknown option is refused, since it may be a security setting that would silently do nothing.";
        OptionInvalid = "option_invalid",
            "an option has a value of the wrong type or form",
            "The detail names the option. Give it a value of the documented type.";
        IssuerInvalid = "issuer_invalid",
            "the issuer is not an absolute URL without query and fragment",
            "Copy the value of `issuer` from the provider's /.well-known/openid-configuration, character for character.";
        InsecureHttp = "insecure_http",
            "a URL uses plain http on a host that is not loopback",
            "Use https. On a development network only, `dangerAllowInsecureHttp: true` accepts plain http.";
        ClientIdInvalid = "client_id_invalid",
            "the client ID is empty or has characters that a client ID cannot have",
            "Use the client ID that the provider gave this application at registration.";
        RedirectUriInvalid = "redirect_uri_invalid",
            "the redirect URI is not an absolute URL without fragment",
            "Give an absolute URL such as https://app.example.com/ and register it at the provider, character for character.";
        RedirectUriForeign = "redirect_uri_foreign",
            "the redirect URI is of another origin than this page",
            "The browser must come back to this application: use a redirect URI of the page's own origin.";
        RedirectUriShared = "redirect_uri_shared",
            "two clients of different providers have the same redirect URI",
            "Give each provider a redirect URI with a path of its own: else one provider could have the other's code sent to itself (mix-up, RFC 9700 §4.4).";
        MetadataAmbiguous = "metadata_ambiguous",
            "two clients have the same issuer and different metadata",
            "An issuer is one provider with one set of endpoints (RFC 9207 §4): give all its clients the same `metadata`, or none.";
        PostLogoutRedirectUriInvalid = "post_logout_redirect_uri_invalid",
            "the post-logout redirect URI is not an absolute URL without fragment",
            "Give an absolute URL and register it at the provider as a post-logout redirect URI.";
        ResourceInvalid = "resource_invalid",
            "an entry of `resources` is not an absolute URL without query and fragment",
            "List each API by origin or by origin and path prefix, e.g. https://api.example.com/v1/.";
        ScopeInvalid = "scope_invalid",
            "the scope is not a space-separated list of scope tokens that contains `openid`",
            "Add `openid`: without it the provider returns no ID token, and nobody knows who signed in.";
        ClockToleranceInvalid = "clock_tolerance_invalid",
            "the clock tolerance is not a number of seconds from 0 to 350",
            "Leave the option out, or give seconds (not milliseconds).";
        ParameterReserved = "parameter_reserved",
            "an extra parameter is one that Valetkey sends itself",
            "Use the option of that name, or leave it out. State, nonce and code challenge cannot be set.";
        PromptInvalid = "prompt_invalid",
            "`prompt` combines `none` with another value",
            "`none` asks for no interaction at all, so it must stand alone (OpenID Connect Core §3.1.2.1).";
        IsolationUnavailable = "isolation_unavailable",
            "the isolation that the options insist on does not exist in this browser",
            "Use `isolation: \"auto\"` to fall back to a dedicated Worker, or tell the user that this browser is not supported.";
        VaultUrlForeign = "vault_url_foreign",
            "the vault script is of another origin than this page",
            "Browsers start workers from the page's own origin only: copy vault.js beside the application and point `vaultUrl` at it.";
    }
}

reasons! {
    /// The developer called something that cannot be done now, or not like this.
    Usage {
        NotSignedIn = "not_signed_in",
            "nobody is signed in",
            "Check `session.status` first, or call `signIn()`.";
        ResourceNotListed = "resource_not_listed",
            "the URL is not under any of the listed resources, so it gets no access token",
            "Add the API to `resources`, or use the plain `fetch` for URLs that need no token.";
        RequestInvalid = "request_invalid",
            "the request cannot be sent with an access token",
            "The detail names the part. Valetkey sends the Authorization header itself and takes absolute http(s) URLs only.";
        AccessTokenNotExposed = "access_token_not_exposed",
            "the access token stays in the vault",
            "Use `client.fetch`, which sends it to the listed resources. Where something else must send it (a WebSocket, a library that takes a token), `exposeAccessToken: true` lets the page have it, and with it every script in the page.";
        UserInfoEndpointMissing = "user_info_endpoint_missing",
            "the provider has no UserInfo endpoint",
            "Its metadata has no `userinfo_endpoint`. The ID token's claims are in the session.";
        AccessTokenExpired = "access_token_expired",
            "the access token has expired and there is no refresh token to renew it with",
            "Call `signIn()` again, or have the provider issue refresh tokens to this client (often the scope `offline_access`).";
        NotInBrowser = "not_in_browser",
            "this needs a browser page",
            "Importing Valetkey on a server is fine, using it is not: call it from code that runs in the browser only.";
        FramedByStranger = "framed_by_stranger",
            "a page of another origin has framed this one",
            "A sign-in could be clicked into being there. Forbid the framing (Content-Security-Policy: frame-ancestors 'self'), or accept it with `dangerAllowFraming: true`.";
        SignInLoop = "sign_in_loop",
            "sign-ins followed one another at once, to no avail and without anybody's click",
            "The application calls `signIn()` by itself whenever nobody is signed in. The detail is why the last one failed; none means that it calls `signIn()` although somebody is signed in. Show `session.error`, and call `signIn()` when the user clicks.";
        CallbackUriMissing = "callback_uri_missing",
            "a popup or a frame needs the option `callbackUri`",
            "Serve the package's callback.html and callback.js beside the application, register that URL at the provider, and give it as `callbackUri`.";
        RestoreSuspended = "restore_suspended",
            "the silent sign-in failed several times in a row and is not tried again by itself",
            "The detail is why it failed last. The next sign-in by hand ends this.";
        SessionMonitoringUnavailable = "session_monitoring_unavailable",
            "the provider's session cannot be watched",
            "The detail says why: the provider announces no `check_session_iframe`, or its page did not answer or is of no use. Blocked third-party cookies do that.";
        CommandInvalid = "command_invalid",
            "the vault was sent a message it does not understand",
            "The page shell and vault.js are of different versions: rebuild, or copy vault.js again.";
    }
}

reasons! {
    /// The provider refused (RFC 6749 §4.1.2.1, §5.2; OpenID Connect Core §3.1.2.6).
    Provider {
        AccessDenied = "access_denied",
            "the user or the provider denied the sign-in",
            "Nobody was signed in. Offer the user to try again.";
        LoginRequired = "login_required",
            "the provider needs the user to log in",
            "Expected after `prompt: \"none\"` when nobody is logged in there: call `signIn()` without it.";
        InteractionRequired = "interaction_required",
            "the provider needs to show the user a page",
            "Expected after `prompt: \"none\"`: call `signIn()` without it.";
        ConsentRequired = "consent_required",
            "the provider needs the user's consent",
            "Call `signIn()` without `prompt: \"none\"`, or grant consent for this client at the provider.";
        AccountSelectionRequired = "account_selection_required",
            "the provider needs the user to choose an account",
            "Call `signIn({ prompt: \"select_account\" })`.";
        InvalidRequest = "invalid_request",
            "the provider found the request malformed",
            "Read the provider's description and its log: often the redirect URI or a required parameter.";
        InvalidClient = "invalid_client",
            "the provider did not accept this client",
            "Register the application as a public client (token endpoint authentication `none`) and check the client ID.";
        InvalidGrant = "invalid_grant",
            "the provider did not accept the code or the refresh token",
            "It expired, was used before or was revoked, or the redirect URI differs: the user must sign in again.";
        UnauthorizedClient = "unauthorized_client",
            "this client may not use the authorization code flow",
            "Allow the grant types `authorization_code` and `refresh_token` for this client at the provider.";
        UnsupportedGrantType = "unsupported_grant_type",
            "the provider does not support this grant type for the client",
            "Allow the grant types `authorization_code` and `refresh_token` for this client at the provider.";
        UnsupportedResponseType = "unsupported_response_type",
            "the provider does not support the response type `code` for this client",
            "Allow the authorization code flow for this client at the provider.";
        InvalidScope = "invalid_scope",
            "the provider does not know a scope or does not grant it to this client",
            "Compare the option `scope` with what the client may ask for.";
        InvalidTarget = "invalid_target",
            "the provider does not know the resource or does not grant it to this client",
            "Compare the `resource` parameter with the APIs registered at the provider (RFC 8707 §2).";
        InvalidAuthorizationDetails = "invalid_authorization_details",
            "the provider does not grant these authorization details",
            "Compare `authorizationDetails` with the types that the provider knows (RFC 9396 §5).";
        InvalidDpopProof = "invalid_dpop_proof",
            "the provider refused the proof that the token's key is here",
            "If this happens to a few users only, the clock of their device is wrong: the provider can do without it by sending nonces (RFC 9449 §8).";
        UseDpopNonce = "use_dpop_nonce",
            "the provider wants a nonce in the proof that this page cannot read, or wants another one each time",
            "It must send `Access-Control-Expose-Headers: DPoP-Nonce` (RFC 9449 §8).";
        UnmetAuthenticationRequirements = "unmet_authentication_requirements",
            "the provider cannot authenticate the user as strongly as was asked for",
            "Ask for an `acrValues` that the provider offers and the user can fulfil.";
        ServerError = "server_error",
            "the provider had an internal error",
            "Try again later; the provider's log tells more.";
        TemporarilyUnavailable = "temporarily_unavailable",
            "the provider is overloaded or under maintenance",
            "Try again later.";
        Other = "provider_error",
            "the provider refused for a reason of its own",
            "The members `error` and `errorDescription` hold what it said.";
    }
}

reasons! {
    /// An answer broke a rule; nothing of it was used.
    Violation {
        // The authorization response
        StateUnknown = "state_unknown",
            "the callback belongs to no sign-in that was started here",
            "Start the sign-in again. It was started in another browser, its record was cleared, or the link was forged.";
        StateMissing = "state_missing",
            "the provider came back without `state` while a sign-in was waiting",
            "The provider or a proxy dropped the `state` parameter; it must be returned unchanged (RFC 6749 §4.1.2).";
        TransactionExpired = "transaction_expired",
            "the sign-in was started too long ago",
            "Start the sign-in again: it must be finished within an hour.";
        CallbackReplayed = "callback_replayed",
            "this callback was already used",
            "A callback URL works once. Nothing needs to be done if the user is signed in; otherwise start the sign-in again.";
        RedirectUriMismatch = "redirect_uri_mismatch",
            "the callback arrived at another URL than the redirect URI it was meant for",
            "Do not redirect the redirect URI elsewhere before `ready()` has run.";
        ParameterRepeated = "parameter_repeated",
            "a parameter of the callback occurs more than once",
            "The callback was tampered with, or `redirectUri` contains parameters that the provider adds too (RFC 6749 §3.1).";
        CallbackTooLarge = "callback_too_large",
            "the callback is larger than any provider's",
            "The callback was tampered with.";
        CallbackMalformed = "callback_malformed",
            "the callback carries both a code and an error, or neither",
            "The callback was tampered with, or the provider does not follow RFC 6749 §4.1.2.";
        FrontChannelToken = "front_channel_token",
            "the callback carries tokens, or arrived in the fragment where the query was asked for, or the other way round",
            "Only the authorization code flow is accepted (RFC 9700 §2.1.2), and the answer in the part of the URL that `responseMode` names.";
        ResponseModeMismatch = "response_mode_mismatch",
            "the callback is signed although that was not asked for, or is not although it was",
            "The provider does not honour `responseMode`, or the callback was forged.";
        ResponseExpired = "authorization_response_expired",
            "the signed callback has expired",
            "Start the sign-in again. If this happens to a few users only, the clock of their device is wrong.";
        DpopKeyLost = "dpop_key_lost",
            "the key that the sign-in was bound to is gone",
            "The vault that started it has ended, since the user took long at the provider. Start the sign-in again: the provider mostly knows the user by now.";
        IssuerParameterMissing = "issuer_parameter_missing",
            "the callback has no `iss` although the provider announces it",
            "The callback may come from another provider (RFC 9207 §2.4).";
        IssuerParameterMismatch = "issuer_parameter_mismatch",
            "the `iss` of the callback is not the configured issuer",
            "The callback comes from another provider (mix-up attack, RFC 9207), or `issuer` is misspelt.";

        // Documents
        TokenEndpointChanged = "token_endpoint_changed",
            "the provider's token endpoint is another one than when the sign-in was started",
            "Start the sign-in again: the provider's metadata was changed in between. The code was not sent anywhere.";
        JsonMalformed = "json_malformed",
            "a document is not well-formed JSON",
            "The detail names the document. Open its URL: is it an error page?";
        JsonDuplicateMember = "json_duplicate_member",
            "a JSON object has the same member twice",
            "Parsers disagree on such objects, so they are refused (RFC 7519 §4). The provider must be mended.";
        JsonTooComplex = "json_too_complex",
            "a JSON document is nested too deeply or has too many members",
            "No provider needs this much: the document is broken or hostile.";
        JsonNotAnObject = "json_not_an_object",
            "a JSON document is not an object",
            "The detail names the document. Open its URL: is it the right one?";
        ContentTypeMismatch = "content_type_mismatch",
            "an answer is not of the content type that its endpoint must send",
            "The detail names the document. Often a proxy or a login page answers in place of the provider.";
        MemberMissing = "member_missing",
            "a required member is missing",
            "The detail names the member.";
        MemberInvalid = "member_invalid",
            "a member has the wrong type or form",
            "The detail names the member.";

        // Provider metadata
        MetadataNotFound = "metadata_not_found",
            "there is no provider metadata at the issuer",
            "The issuer URL is probably wrong: <issuer>/.well-known/openid-configuration must answer 200. Mind the path and the trailing slash.";
        MetadataIssuerMismatch = "metadata_issuer_mismatch",
            "the provider's metadata names another issuer",
            "Set `issuer` to exactly the value in the metadata, trailing slash included (OpenID Connect Discovery §4.3).";
        PkceUnsupported = "pkce_unsupported",
            "the provider does not support PKCE with S256",
            "Its metadata lists other methods only. Enable S256 at the provider; Valetkey does not sign in without (RFC 9700 §2.1.1).";
        CodeFlowUnsupported = "code_flow_unsupported",
            "the provider does not support the response type `code`",
            "Enable the authorization code flow at the provider.";
        SignedRequestRequired = "signed_request_required",
            "the provider takes signed authorization requests only",
            "An application in a browser has no key to sign them with. Allow unsigned requests for this client, pushed ones if need be (RFC 9126).";
        DpopUnsupported = "dpop_unsupported",
            "the provider announces no DPoP with an algorithm that is known here, and `dpop: \"required\"` insists on it",
            "Enable DPoP at the provider (`dpop_signing_alg_values_supported`), or use `dpop: \"auto\"`.";
        PushedRequestsUnsupported = "par_unsupported",
            "the provider has no endpoint for pushed authorization requests, and `par: \"required\"` insists on it",
            "Enable pushed authorization requests at the provider, or use `par: \"auto\"`.";
        PushedResponseInvalid = "par_response_invalid",
            "the answer to a pushed authorization request is none",
            "RFC 9126 §2.2 wants the status 201, `request_uri` and `expires_in`. The detail names what is wrong.";

        // The token response
        TokenResponseStatus = "token_response_status",
            "the token endpoint answered with an unexpected HTTP status",
            "The detail is the status. Look into the provider's log.";
        TokenTypeUnsupported = "token_type_unsupported",
            "the access token is of a type that was not asked for",
            "Only `Bearer` and `DPoP` are supported (RFC 6749 §7.1).";
        DpopDowngraded = "dpop_downgraded",
            "the access token is not bound to the key that was shown",
            "The provider announces DPoP and answered with a bearer token, which was not used (RFC 9449 §5). Allow DPoP for this client, or use `dpop: \"off\"`.";
        AccessTokenMalformed = "access_token_malformed",
            "the access token has characters that cannot be sent in a header",
            "The provider must issue tokens of visible ASCII characters (RFC 6750 §2.1).";
        IdTokenMissing = "id_token_missing",
            "the token response has no ID token",
            "Ask for the scope `openid`, and use a provider that speaks OpenID Connect, not OAuth alone.";

        // JOSE
        JwsMalformed = "jws_malformed",
            "a token is not a compact JWS",
            "Three base64url parts without padding are required (RFC 7515 §7.1). Encrypted tokens are not supported.";
        JwsTooLarge = "jws_too_large",
            "a token is larger than any provider's",
            "The answer is broken or hostile.";
        AlgorithmNotAllowed = "algorithm_not_allowed",
            "the token is signed with an algorithm that is not accepted",
            "Have the provider sign ID tokens with an asymmetric algorithm that its own metadata lists, such as RS256, PS256, ES256 or EdDSA. `none` and HMAC are never accepted.";
        CriticalHeader = "critical_header",
            "the token's header has a critical extension",
            "No critical extension is supported, and the rule is to refuse it (RFC 7515 §4.1.11).";
        TokenTypeConfusion = "token_type_confusion",
            "a token of another kind stands in the place of the ID token",
            "The header's `typ`, or an `events` claim, says that this is not an ID token (RFC 8725 §3.11).";
        JwkSetUnavailable = "jwk_set_unavailable",
            "the provider's keys cannot be fetched",
            "The detail is the HTTP status of `jwks_uri`.";
        KeyNotFound = "key_not_found",
            "none of the provider's keys fits the token",
            "The key ID is unknown even after fetching the keys anew. Does `jwks_uri` belong to this issuer?";
        SignatureInvalid = "signature_invalid",
            "the token's signature is wrong",
            "The token was not issued by this provider, or was changed on the way.";

        // ID token claims, OpenID Connect Core §3.1.3.7
        IssuerMismatch = "id_token_issuer_mismatch",
            "the ID token is from another issuer",
            "`iss` must equal the configured issuer, character for character.";
        AudienceMismatch = "audience_mismatch",
            "the ID token is for another client",
            "`aud` does not contain this client ID. Check the option `clientId`.";
        AudienceUntrusted = "audience_untrusted",
            "the ID token is also for clients that are not trusted",
            "`aud` must hold this client alone: any other audience could pass the token on as its own.";
        AuthorizedPartyMismatch = "authorized_party_mismatch",
            "the ID token was issued to another client",
            "`azp` is not this client ID.";
        SubjectInvalid = "subject_invalid",
            "the ID token has no valid subject",
            "`sub` must be 1 to 255 ASCII characters (OpenID Connect Core §2).";
        IdTokenExpired = "id_token_expired",
            "the ID token has expired",
            "If this happens to a few users only, the clock of their device is wrong.";
        IssuedInFuture = "issued_in_future",
            "the ID token was issued in the future",
            "The clock of this device or of the provider is wrong by more than `clockTolerance` seconds.";
        IssuedTooLongAgo = "issued_too_long_ago",
            "the ID token was issued too long ago",
            "A fresh one was asked for. The clock of this device is wrong, or an old token was replayed.";
        NotYetValid = "not_yet_valid",
            "the ID token is not valid yet",
            "`nbf` is in the future: the clock of this device or of the provider is wrong.";
        NonceMismatch = "nonce_mismatch",
            "the ID token does not carry the nonce of this sign-in",
            "The code or the token belongs to another sign-in (code injection), or the provider drops `nonce`.";
        AccessTokenHashMismatch = "access_token_hash_mismatch",
            "the access token is not the one the ID token was issued with",
            "`at_hash` does not match (OpenID Connect Core §3.1.3.6).";
        AuthTimeMissing = "auth_time_missing",
            "the ID token does not say when the user authenticated although `maxAge` was asked for",
            "The provider must return `auth_time` when `max_age` is sent (OpenID Connect Core §2).";
        AuthTimeTooOld = "auth_time_too_old",
            "the user authenticated longer ago than `maxAge` allows",
            "The provider did not honour `max_age`.";
        AcrNotMet = "acr_not_met",
            "the user was not authenticated as strongly as was asked for",
            "`acr` is none of the `acrValues` that were asked for.";

        // Renewal, OpenID Connect Core §12.2
        SubjectChanged = "subject_changed",
            "the renewed ID token is about another user",
            "The session was ended.";
        NonceChanged = "nonce_changed",
            "the renewed ID token has another nonce",
            "The session was ended.";
        AuthTimeChanged = "auth_time_changed",
            "the renewed ID token has another authentication time",
            "The session was ended.";
        AudienceChanged = "audience_changed",
            "the renewed ID token has another audience",
            "The session was ended.";

        // Revocation, RFC 7009
        RevocationStatus = "revocation_status",
            "the revocation endpoint refused",
            "The detail is the HTTP status. The tokens are gone here; at the provider they live until they expire.";

        // UserInfo
        UserInfoStatus = "user_info_status",
            "the UserInfo endpoint refused",
            "The detail is the HTTP status. 401 often means that the access token is for an API only (a `resource` was asked for).";
        UserInfoSubjectMismatch = "user_info_subject_mismatch",
            "the UserInfo answer is about another user",
            "Its `sub` must equal the ID token's (OpenID Connect Core §5.3.2).";
    }
}

reasons! {
    /// The user or the page ended it.
    Cancellation {
        Superseded = "superseded",
            "the session ended while this was under way",
            "The user signed out, or somebody else signed in, in this or another tab.";
        UserChanged = "user_changed",
            "somebody else is signed in at the provider",
            "A silent sign-in never changes the user. Call `signIn()` by redirect or popup, or `signOut()`.";
        PopupClosed = "popup_closed",
            "the popup was closed before the sign-in was finished",
            "Nothing is wrong: offer the user to sign in again.";
        Aborted = "aborted",
            "the application took its request back",
            "Nothing is wrong. In JavaScript the promise rejects with the signal's reason, as that of `fetch` does.";
        SignInAbandoned = "sign_in_abandoned",
            "the user came back without finishing the sign-in",
            "Nothing is wrong: offer the user to sign in again.";
    }
}

reasons! {
    /// The browser or the network failed.
    Platform {
        ProviderUnreachable = "provider_unreachable",
            "the server cannot be reached",
            "Is it running, is the host name right, is its certificate valid, does the page's Content-Security-Policy (connect-src) allow it? In a page with a Cross-Origin-Embedder-Policy: does it send CORS headers?";
        CorsBlocked = "cors_blocked",
            "the server answers, but does not let this page read the answer",
            "Allow this page's origin in the provider's CORS settings (often called web origins or allowed origins).";
        Offline = "offline",
            "this device is offline",
            "Try again when the connection is back.";
        RedirectRefused = "redirect_refused",
            "the server answered with an HTTP redirect, which requests that carry a credential do not follow",
            "Use the final URL: mind a trailing slash, http instead of https, or a login page in front of the API.";
        TimedOut = "timed_out",
            "the server did not answer in time",
            "Try again later.";
        ResponseTooLarge = "response_too_large",
            "the answer is larger than any provider's",
            "The answer is broken or hostile. The detail names the document.";
        ServerUnavailable = "server_unavailable",
            "the server has an internal error or is overloaded",
            "Try again later. The detail is the HTTP status.";
        PopupBlocked = "popup_blocked",
            "the browser did not open the popup",
            "Call `signIn({ mode: \"popup\" })` in the very handler of a click, before anything is awaited, or use the redirect.";
        PopupTimedOut = "popup_timed_out",
            "the sign-in in the popup took too long",
            "Nothing came back within an hour. Offer the user to sign in again.";
        SilentTimedOut = "silent_timed_out",
            "the provider did not answer the silent sign-in in time",
            "Try again later; `signIn()` by redirect says more.";
        SilentBlocked = "silent_blocked",
            "the frame of the silent sign-in shows another page than the callback",
            "The provider, or this page's Content-Security-Policy (frame-src), forbids the frame, or the provider shows an error or a login page there instead of answering `prompt=none`. Open the authorization URL with `prompt=none` in a tab to see it. X-Frame-Options or frame-ancestors of the provider must allow this page's origin, and in a page with a Cross-Origin-Embedder-Policy the provider must send Cross-Origin-Resource-Policy: cross-origin.";
        StorageUnavailable = "storage_unavailable",
            "the browser does not let this page store anything",
            "Private windows and blocked site data do this. `transactions: \"memory\"` needs no storage where the vault outlives the trip to the provider.";
        RandomUnavailable = "random_unavailable",
            "the browser has no secure random numbers",
            "Nothing can be done safely without them: use another browser.";
        CryptoUnavailable = "crypto_unavailable",
            "WebCrypto is missing or does not know the signature algorithm",
            "Plain http pages have no WebCrypto: use https, or have the provider sign with ES256, which needs none.";
        WasmUnavailable = "wasm_unavailable",
            "this browser has no WebAssembly",
            "Use a browser of this decade. Some browsers switch WebAssembly off in their strictest mode.";
        WasmBlocked = "wasm_blocked",
            "the Content-Security-Policy does not allow WebAssembly",
            "Add 'wasm-unsafe-eval' to script-src, in the policy sent with vault.js as well.";
        VaultUnreachable = "vault_unreachable",
            "the vault could not be started",
            "Are vault.js and its .wasm file served beside the application with the right content types, and does the Content-Security-Policy allow them (worker-src, and connect-src 'self' for the .wasm file)? Set `vaultUrl` if the bundler does not place vault.js.";
        VaultMismatch = "vault_mismatch",
            "a file of the vault is not the one it was built with, and was not used",
            "The detail names the file. Most often files of two versions lie side by side, a minifier has rewritten vault.js, or the server sends another page in the file's place: deploy vault.js and vault.wasm of one version, as they are. If none of that explains it, somebody has changed the file.";
        VaultCrashed = "vault_crashed",
            "the vault stopped working, and its session is lost",
            "Please report this with the browser's version. The next call starts a fresh vault.";
    }
}

/// Why something failed, by who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The developer must change the configuration.
    Configuration(Configuration),
    /// The developer called something that cannot be done now, or not like this.
    Usage(Usage),
    /// The provider refused.
    Provider(Provider),
    /// An answer broke a rule.
    Protocol(Violation),
    /// The user or the page ended it.
    Cancelled(Cancellation),
    /// The browser or the network failed.
    Platform(Platform),
}

/// Longer details are cut: they may come from outside.
const MAX_DETAIL: usize = 200;

/// What the provider said when it refused, already bounded and filtered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// `error`.
    pub error: String,
    /// `error_description`, if any.
    pub description: Option<String>,
}

/// An error of this library. One pointer wide: every `?` on the way copies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Description>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Description {
    reason: Reason,
    detail: Option<Cow<'static, str>>,
    refusal: Option<Refusal>,
}

impl Error {
    /// The one place where errors are made; not repeated at each of the many places that make one.
    #[inline(never)]
    fn new(reason: Reason, mut detail: Option<Cow<'static, str>>, refusal: Option<Refusal>) -> Self {
        if let Some(Cow::Owned(text)) = &mut detail
            && text.len() > MAX_DETAIL
        {
            *text = text.chars().take(MAX_DETAIL).collect();
        }
        Self(Box::new(Description { reason, detail, refusal }))
    }

    /// An error as another part of this library tells it: in the page, of what happened in the vault.
    #[cfg(all(target_arch = "wasm32", feature = "client"))]
    pub(crate) fn told(code: &str, detail: Option<String>, error: Option<String>, description: Option<String>) -> Self {
        // All of them are published together, so a code that this one does not know is of a vault that is not its own.
        let reason = Reason::from_code(code).unwrap_or(Reason::Platform(Platform::VaultMismatch));
        let refusal = error.map(|error| Refusal { error, description });
        Self::new(reason, detail.map(Cow::Owned), refusal)
    }

    /// The provider's own words, beside the reason they were sorted under.
    #[must_use]
    pub fn refused(reason: Provider, refusal: Refusal) -> Self {
        Self::new(reason.into(), None, Some(refusal))
    }

    /// Why it failed, by who must act.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.0.reason
    }

    /// The stable, machine-readable name of the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.0.reason.code()
    }

    /// What is worth knowing beside the reason: the name of a member, a status, a host.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// What the provider said, if it was the provider who refused.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        self.0.refusal.as_ref()
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        self.0.reason.hint()
    }

    /// Whether `reason` is why it failed.
    #[must_use]
    pub fn is(&self, reason: impl Into<Reason>) -> bool {
        self.0.reason == reason.into()
    }
}

macro_rules! kinds {
    ($($kind:ident in $variant:ident),* $(,)?) => {
        impl Reason {
            /// Every reason there is, kind after kind.
            pub fn all() -> impl Iterator<Item = Self> {
                core::iter::empty()$( .chain($kind::ALL.iter().copied().map(Self::$variant)) )*
            }

            /// The reason of a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                $( if let Some(reason) = $kind::ALL.iter().find(|reason| reason.code() == code) {
                    return Some(Self::$variant(*reason));
                } )*
                None
            }

            /// The stable, machine-readable name.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$variant(reason) => reason.code(), )* }
            }

            /// What happened, in one sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $( Self::$variant(reason) => reason.sentence(), )* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $( Self::$variant(reason) => reason.hint(), )* }
            }
        }

        $(
            impl From<$kind> for Reason {
                fn from(reason: $kind) -> Self {
                    Self::$variant(reason)
                }
            }

            impl From<$kind> for Error {
                #[inline(never)]
                fn from(reason: $kind) -> Self {
                    Self::new(Reason::$variant(reason), None, None)
                }
            }

            impl $kind {
                /// This reason, with what is worth knowing beside it. Never a secret.
                #[must_use]
                #[inline(never)]
                pub fn about(self, detail: impl Into<Cow<'static, str>>) -> Error {
                    Error::new(Reason::$variant(self), Some(detail.into()), None)
                }
            }
        )*
    };
}

kinds!(
    Configuration in Configuration,
    Usage in Usage,
    Provider in Provider,
    Violation in Protocol,
    Cancellation in Cancelled,
    Platform in Platform,
);

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.reason.sentence())?;
        if let Some(refusal) = self.refusal() {
            write!(formatter, " ({}", refusal.error)?;
            if let Some(description) = &refusal.description {
                write!(formatter, ": {description}")?;
            }
            formatter.write_str(")")?;
        } else if let Some(detail) = self.detail() {
            write!(formatter, " ({detail})")?;
        }
        Ok(())
    }
}

impl core::error::Error for Error {}
