//! What a client is told. What its values mean, and whether they make sense, is for the page shell and the vault to say.

use alloc::{borrow::ToOwned, rc::Rc, string::String};
use core::{fmt, future::Future};

use super::{
    face::{self, Function},
    step_up::{StepUpChoice, StepUpDemand},
};
use crate::protocol::json::quoted;

/// The members of a JSON object that is being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Members(String);

impl Members {
    pub(super) fn json(mut self, name: &str, json: &str) -> Self {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(&quoted(name));
        self.0.push(':');
        self.0.push_str(json);
        self
    }

    pub(super) fn text(self, name: &str, value: &str) -> Self {
        self.json(name, &quoted(value))
    }

    pub(super) fn flag(self, name: &str, value: bool) -> Self {
        self.json(name, if value { "true" } else { "false" })
    }

    pub(super) fn number(self, name: &str, value: u32) -> Self {
        self.json(name, &crate::protocol::url::decimal(value.into()))
    }

    pub(super) fn end(self) -> String {
        if self.0.is_empty() { "{}".to_owned() } else { self.0 + "}" }
    }
}

macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $( $(#[$doc:meta])* $variant:ident = $word:literal, )* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$doc])* $variant, )*
        }

        impl $name {
            /// Its name in the options, and in the session.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }
    };
}

names! {
    /// Where the vault that holds the tokens runs.
    Isolation {
        /// A SharedWorker, or a dedicated Worker where there is none.
        Auto = "auto",
        /// A SharedWorker: out of the page's reach, one for all tabs.
        Shared = "shared",
        /// A dedicated Worker: out of the page's reach, one for each tab.
        Worker = "worker",
        /// The page itself: the vault is linked into the application's own module (feature `page`), and every script of the page
        /// can in principle reach its memory.
        Page = "page",
    }
}

names! {
    /// Tokens that only the vault's own key can use (DPoP, RFC 9449).
    Dpop {
        /// Where the provider announces it. A bearer token in answer is refused.
        Auto = "auto",
        /// A provider that does not announce it is refused, too.
        Required = "required",
        /// Bearer tokens.
        Off = "off",
    }
}

names! {
    /// Pushed authorization requests (RFC 9126).
    Par {
        /// Where the provider requires them.
        Auto = "auto",
        /// Always; a provider without is refused.
        Required = "required",
    }
}

names! {
    /// How the authorization response comes back. An answer in any other form is refused.
    ResponseMode {
        /// As parameters of the redirect URI's query.
        Query = "query",
        /// As parameters of its fragment.
        Fragment = "fragment",
        /// In the query as a signed JWT (JARM).
        QueryJwt = "query.jwt",
        /// In the fragment as a signed JWT (JARM).
        FragmentJwt = "fragment.jwt",
    }
}

names! {
    /// What is kept of a session for after the vault's end.
    Persist {
        /// Nothing: no token is ever stored.
        Memory = "memory",
        /// The refresh token and the ID token, in IndexedDB beside the key that the refresh token is bound to. Every script of the
        /// origin can read them, and use the key while it runs there; the key itself cannot be taken out.
        Dpop = "dpop",
    }
}

names! {
    /// What [`Client::ready`](super::Client::ready) does when the vault knows nobody.
    Restore {
        /// Where somebody was signed in before in this browser, a silent sign-in in a hidden frame.
        Silent = "silent",
        /// Nothing.
        Memory = "memory",
    }
}

names! {
    /// Where a sign-in in flight is kept (state, nonce, code verifier, return-to).
    Transactions {
        /// In the vault's memory, and until the browser is back, for at most an hour, in storage: IndexedDB, or `sessionStorage`
        /// for a vault in the page.
        Stored = "stored",
        /// In the vault's memory alone.
        Memory = "memory",
    }
}

/// An API that may be called with an access token. From a URL: with the access token that everything else is called with.
#[derive(Clone, Debug)]
pub struct Resource {
    url: String,
    members: Members,
}

impl Resource {
    /// An API with an access token of its own, once it is said what that is asked for with: an absolute `https` URL, an origin or an
    /// origin and a path prefix.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), members: Members::default() }
    }

    fn with(self, name: &str, value: &str) -> Self {
        Self { members: self.members.text(name, value), ..self }
    }

    /// The scopes of its access token, space-separated. They are asked for at sign-in as well.
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        self.with("scope", scope)
    }

    /// The name of the API at the provider, an absolute URI (`resource`, RFC 8707).
    #[must_use]
    pub fn resource(self, uri: &str) -> Self {
        self.with("resource", uri)
    }

    /// The same for providers that have `audience` in its place.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        self.with("audience", audience)
    }

    /// As an application in JavaScript would write it: with the same options it has the same vault.
    fn into_json(self) -> String {
        if self.members.0.is_empty() { quoted(&self.url) } else { self.members.text("url", &self.url).end() }
    }
}

impl From<&str> for Resource {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

/// What [`Client::new`](super::Client::new) is told.
#[derive(Clone)]
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server nothing is made of it"))]
pub struct Config {
    members: Members,
    /// The resources, as JSON, divided by commas.
    resources: String,
    pub(super) navigate: Option<Function>,
    pub(super) step_up: Option<Function>,
}

/// The same values and the very same functions.
impl PartialEq for Config {
    fn eq(&self, other: &Self) -> bool {
        let same = |one: Option<&Function>, other: Option<&Function>| match (one, other) {
            (Some(one), Some(other)) => Rc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        self.members.0 == other.members.0
            && self.resources == other.resources
            && same(self.navigate.as_ref(), other.navigate.as_ref())
            && same(self.step_up.as_ref(), other.step_up.as_ref())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Config").field("members", &self.members.0).finish_non_exhaustive()
    }
}

impl Config {
    /// A client of one provider for one application.
    ///
    /// `issuer`: the provider's Issuer Identifier, exactly as the provider writes it (a trailing slash counts). Its metadata is read
    /// from `<issuer>/.well-known/openid-configuration`. `client_id`: under which this application is registered as a public client.
    #[must_use]
    pub fn new(issuer: &str, client_id: &str) -> Self {
        Self {
            members: Members::default().text("issuer", issuer).text("clientId", client_id),
            resources: String::new(),
            navigate: None,
            step_up: None,
        }
    }

    fn text(self, name: &str, value: &str) -> Self {
        Self { members: self.members.text(name, value), ..self }
    }

    fn flag(self, name: &str) -> Self {
        Self { members: self.members.flag(name, true), ..self }
    }

    /// Where the provider sends the browser back to; must be registered there, character for character. Absolute, of this page's
    /// origin, without fragment. Default: the origin's root (`https://app.example.com/`).
    #[must_use]
    pub fn redirect_uri(self, uri: &str) -> Self {
        self.text("redirectUri", uri)
    }

    /// The URL of the package's static `callback.html`, for sign-ins by popup and in a hidden frame; must be registered at the
    /// provider as a redirect URI. Of this page's origin. With it, a session that the vault has lost is restored by a silent sign-in
    /// (see [`Config::restore`]). Default: none, and neither mode works.
    #[must_use]
    pub fn callback_uri(self, uri: &str) -> Self {
        self.text("callbackUri", uri)
    }

    /// Space-separated scopes; must contain `openid`. Default: `openid profile email`.
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        self.text("scope", scope)
    }

    /// One more API that may be called with the access token. [`Client::fetch`](super::Client::fetch) refuses every other URL.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<Resource>) -> Self {
        if !self.resources.is_empty() {
            self.resources.push(',');
        }
        self.resources.push_str(&resource.into().into_json());
        self
    }

    /// Where the vault runs. Default: [`Isolation::Auto`].
    #[must_use]
    pub fn isolation(self, isolation: Isolation) -> Self {
        self.text("isolation", isolation.name())
    }

    /// The directory of the files `vault.js` and `vault.wasm`, of this page's origin; relative to the page's base URL. Default:
    /// `/valetkey/`, whichever page of the application is loaded.
    #[must_use]
    pub fn assets(self, directory: &str) -> Self {
        self.text("assets", directory)
    }

    /// Default: [`Restore::Silent`] with [`Config::callback_uri`].
    #[must_use]
    pub fn restore(self, restore: Restore) -> Self {
        self.text("restore", restore.name())
    }

    /// Default: [`Dpop::Auto`].
    #[must_use]
    pub fn dpop(self, dpop: Dpop) -> Self {
        self.text("dpop", dpop.name())
    }

    /// Default: [`Par::Auto`].
    #[must_use]
    pub fn par(self, par: Par) -> Self {
        self.text("par", par.name())
    }

    /// Default: [`ResponseMode::Query`].
    #[must_use]
    pub fn response_mode(self, mode: ResponseMode) -> Self {
        self.text("responseMode", mode.name())
    }

    /// Default: [`Persist::Memory`].
    #[must_use]
    pub fn persist(self, persist: Persist) -> Self {
        self.text("persist", persist.name())
    }

    /// Default: [`Transactions::Stored`].
    #[must_use]
    pub fn transactions(self, transactions: Transactions) -> Self {
        self.text("transactions", transactions.name())
    }

    /// Lets the page have the access token ([`Client::access_token`](super::Client::access_token)), and with it every script in the page.
    #[must_use]
    pub fn expose_access_token(self) -> Self {
        self.flag("exposeAccessToken")
    }

    /// Watches the provider's own session by its `check_session_iframe` (OpenID Connect Session Management 1.0), and signs out when it
    /// has ended or is another user's. Needs [`Config::callback_uri`], and third-party cookies where the provider is of another site.
    #[must_use]
    pub fn monitor_session(self) -> Self {
        self.flag("monitorSession")
    }

    /// Where the provider sends the browser after sign-out; must be registered there. Default: none, the provider shows its own page.
    #[must_use]
    pub fn post_logout_redirect_uri(self, uri: &str) -> Self {
        self.text("postLogoutRedirectUri", uri)
    }

    /// The provider's metadata as JSON, given instead of fetched. `issuer` in it must equal the issuer of this configuration.
    #[must_use]
    pub fn metadata(self, json: &str) -> Self {
        Self { members: self.members.json("metadata", json), ..self }
    }

    /// How far this device's clock may be from the provider's, in seconds: 0 to 350. Default: 300
    /// (OpenID Connect Core §3.1.3.7 (9, 10)).
    #[must_use]
    pub fn clock_tolerance(self, seconds: u32) -> Self {
        Self { members: self.members.number("clockTolerance", seconds), ..self }
    }

    /// Called in place of `location.assign` to go to the provider, for sign-in and sign-out: a host application may open the URL its
    /// own way.
    #[must_use]
    pub fn navigate(self, navigate: impl Fn(String) + 'static) -> Self {
        Self { navigate: Some(face::navigating(navigate)), ..self }
    }

    /// Asked when an API answers that the user has to authenticate again or more strongly (RFC 9470), or that the token is for less
    /// (`insufficient_scope`, RFC 6750 §3.1), or when the provider wants the user's consent before it gives a token for the API. The
    /// request is then sent once more. Ask the user first: an API could otherwise open windows. For a popup, answer in the handler of
    /// a click. Default: the API's answer is passed on.
    #[must_use]
    pub fn step_up<F>(self, ask: impl Fn(StepUpDemand) -> F + 'static) -> Self
    where
        F: Future<Output = StepUpChoice> + 'static,
    {
        Self { step_up: Some(face::stepping_up(ask)), ..self }
    }

    /// Accepts plain `http` for the issuer, its endpoints, the redirect URI and the resources. Without it only loopback hosts may use
    /// `http`. For a development machine on a local network, never for production: anyone on the path can then read the tokens.
    #[must_use]
    pub fn danger_allow_insecure_http(self) -> Self {
        self.flag("dangerAllowInsecureHttp")
    }

    /// Lets a page that another origin has framed start a sign-in; without it that fails with `framed_by_stranger`. Only for an
    /// application that is made to be embedded, with a `frame-ancestors` that names who may.
    #[must_use]
    pub fn danger_allow_framing(self) -> Self {
        self.flag("dangerAllowFraming")
    }

    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server nothing is made of it"))]
    pub(super) fn into_json(self) -> String {
        if self.resources.is_empty() {
            return self.members.end();
        }
        self.members.json("resources", &("[".to_owned() + &self.resources + "]")).end()
    }
}
