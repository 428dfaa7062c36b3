//! The page side for front ends in Rust: a client of one provider for one application.
//!
//! The names, the errors and the behaviour are those of the npm package: both are the same page shell and the same vault. What the
//! shell does (navigate, open a popup or a frame, replace the history entry) is JavaScript, the file `shell.js` beside this one,
//! which wasm-bindgen places next to the application; the rest it loads from where `vault.js` is.
//!
//! ```no_run
//! # async fn example() -> Result<(), valetkey::Error> {
//! use valetkey::{Client, Config, Session, SignIn};
//!
//! let config = Config::new("https://id.example.com", "spa").resource("https://api.example.com/");
//! let client = Client::new(config)?;
//!
//! // Also finishes a redirect, if this page load is one.
//! if let Session::SignedOut(_) = client.ready().await? {
//!     client.sign_in(SignIn::redirect().return_to("/inbox")).await?;
//! }
//! let orders = client.fetch("https://api.example.com/orders").await?;
//! assert!(orders.ok());
//! # Ok(())
//! # }
//! ```
//!
//! On a server (any target but wasm32) a client can be made, its session is [`Session::Loading`] for ever, and whatever it is asked
//! for fails with `not_in_browser`: a page that is rendered there shows what is to be seen before anybody is known.

mod config;
mod pending;
mod request;
mod response;
mod session;
#[cfg(target_arch = "wasm32")]
mod shell;
mod sign_in;
mod step_up;
mod subscription;
mod trace;

#[cfg(not(target_arch = "wasm32"))]
#[path = "client/server.rs"]
mod face;
#[cfg(target_arch = "wasm32")]
#[path = "client/web.rs"]
mod face;

use alloc::{string::String, vec::Vec};

pub use config::{Config, Dpop, Isolation, Par, Persist, Resource, ResponseMode, Restore, Transactions};
pub use pending::Pending;
pub use request::Request;
pub use response::Response;
pub use session::{Claims, RenewalPostponed, RestoreFailure, Session, SignedIn, SignedOut};
pub use sign_in::{Initiation, SignIn, SignOut};
pub use step_up::{StepUpChoice, StepUpDemand};
pub use subscription::{Sessions, Subscription};
pub use trace::{Event, TraceStep};

use crate::error::Error;

/// An access token in the page, see [`Client::access_token`].
#[derive(Clone, PartialEq, Eq)]
pub struct ExposedAccessToken {
    /// The token. A secret.
    pub access_token: String,
    /// `Bearer`, or `DPoP`: of no use without the key, which stays in the vault.
    pub token_type: String,
}

impl core::fmt::Debug for ExposedAccessToken {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("ExposedAccessToken").field("token_type", &self.token_type).finish_non_exhaustive()
    }
}

/// A client of one provider for one application. A clone is the same client.
///
/// Every method that asks the vault does so at once, not when its future is first polled: a popup has to open within the click.
/// A future that is dropped takes its request back, where there is something to take back: a call is aborted, a sign-in by popup or
/// in a frame is given up.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    face: face::Face,
}

impl Client {
    /// Makes a client. Cheap: it starts the vault, or finds the one that another tab or the page before this one has left running.
    ///
    /// # Errors
    /// When an option makes no sense (`option_invalid`, with its name), or the browser lacks what the options insist on
    /// (`isolation_unavailable`). Whether the provider is what it should be is for [`Client::ready`] and [`Client::sign_in`] to say.
    pub fn new(config: Config) -> Result<Self, Error> {
        Ok(Self { face: face::Face::new(config)? })
    }

    /// The session as it is now.
    #[must_use]
    pub fn session(&self) -> Session {
        self.face.session()
    }

    /// Waits until it is known whether somebody is signed in; finishes a sign-in by redirect first, if this page load is the return
    /// from one. Call it before the application's router starts: it takes the authorization response out of the URL.
    ///
    /// # Errors
    /// The vault cannot work here at all (`vault_unreachable`, `wasm_blocked`, …). A sign-in that failed is in the session's `error`.
    pub fn ready(&self) -> Pending<Session> {
        self.face.ready()
    }

    /// Calls `listener` after every change of the session, until the subscription is dropped.
    #[must_use = "dropping the subscription ends it"]
    pub fn subscribe(&self, listener: impl FnMut(Session) + 'static) -> Subscription {
        self.face.subscribe(listener)
    }

    /// The session as it is now, and then after every change. Who is slow is told of the last change alone.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions::of(self)
    }

    /// Goes to the provider to sign in. By redirect the page is left, so the future only ever fails, unless
    /// [`Config::navigate`] is given. By popup and silently it is done when the session is there. A popup must be asked for in the very
    /// handler of a click.
    ///
    /// # Errors
    /// `popup_blocked`, `popup_closed`, `login_required`, `silent_blocked`, `silent_timed_out`, `user_changed`; `sign_in_loop`, when
    /// sign-ins that nobody clicked for follow one another to no avail; what the provider or its metadata are refused for.
    pub fn sign_in(&self, options: SignIn) -> Pending<()> {
        self.face.sign_in(options)
    }

    /// On a page that is registered at the provider as `initiate_login_uri`: signs in if this page load is a sign-in that a third
    /// party asks for (OpenID Connect Core §4). `false` if it is none, names another issuer, or was not confirmed.
    ///
    /// # Errors
    /// Those of [`Client::sign_in`].
    pub fn sign_in_as_initiated(&self, options: Initiation) -> Pending<bool> {
        self.face.sign_in_as_initiated(options)
    }

    /// Ends the session in every tab, has the tokens revoked (RFC 7009), then ends it at the provider (OpenID Connect RP-Initiated
    /// Logout), unless [`SignOut::local`]. Done when the page is not left; answers whether the tokens are revoked, or there were none.
    ///
    /// # Errors
    /// The vault cannot be reached. The session here has ended in any other case.
    pub fn sign_out(&self, options: SignOut) -> Pending<bool> {
        self.face.sign_out(options)
    }

    /// Calls an API with the access token, which the vault attaches: for URLs under [`Config::resource`] alone. Redirects are refused.
    ///
    /// # Errors
    /// `not_signed_in`, `resource_not_listed`, `request_invalid`, `access_token_expired`; `offline` and `provider_unreachable` when the
    /// API gave no answer. An answer with a status of failure is an answer.
    pub fn fetch(&self, request: impl Into<Request>) -> Pending<Response> {
        self.face.fetch(request.into())
    }

    /// Sends the request again for which [`Config::step_up`] had the page left, once, and answers what came of it; `None` if there is
    /// none, or nobody is signed in. Call it after [`Client::ready`].
    ///
    /// # Errors
    /// Those of [`Client::fetch`].
    pub fn resume(&self) -> Pending<Option<Response>> {
        self.face.resume()
    }

    /// The access token, for what has to send it itself: a WebSocket, a library. `resource`: a URL under one of the resources, whose
    /// token it is to be; default: the first.
    ///
    /// # Errors
    /// `access_token_not_exposed`, unless [`Config::expose_access_token`] is set; else those of [`Client::fetch`].
    pub fn access_token(&self, resource: Option<&str>) -> Pending<ExposedAccessToken> {
        self.face.access_token(resource)
    }

    /// The claims of the UserInfo endpoint, checked to be about the same subject (OpenID Connect Core §5.3.2).
    ///
    /// # Errors
    /// `not_signed_in`, `user_info_endpoint_missing`, and what the answer is refused for.
    pub fn user_info(&self) -> Pending<Claims> {
        self.face.user_info()
    }

    /// Renews the access token now, whether it is due or not; [`Client::fetch`] does it by itself when it is.
    ///
    /// # Errors
    /// `access_token_expired` when the provider gave no refresh token; what the provider or the network say.
    pub fn renew(&self) -> Pending<()> {
        self.face.renew()
    }

    /// The last steps the vault took, oldest first, at most 100.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub fn trace(&self) -> Pending<Vec<TraceStep>> {
        self.face.trace()
    }

    /// Calls `listener` for each step from now on, in whichever tab it was asked for, until the subscription is dropped.
    #[must_use = "dropping the subscription ends it"]
    pub fn on_trace(&self, listener: impl FnMut(TraceStep) + 'static) -> Subscription {
        self.face.on_trace(listener)
    }

    /// Calls `listener` for what happens to the session, in whichever tab it was brought about, until the subscription is dropped.
    #[must_use = "dropping the subscription ends it"]
    pub fn on_event(&self, listener: impl FnMut(Event) + 'static) -> Subscription {
        self.face.on_event(listener)
    }
}
