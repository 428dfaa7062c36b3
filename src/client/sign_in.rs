//! What a sign-in and a sign-out are asked for with.

use alloc::{boxed::Box, string::String};
use core::fmt;

use super::config::Members;

/// How to sign in, and what to ask the provider for.
#[derive(Clone, Debug)]
pub struct SignIn(Members);

impl Default for SignIn {
    fn default() -> Self {
        Self::redirect()
    }
}

impl SignIn {
    fn by(mode: &str) -> Self {
        Self(Members::default().text("mode", mode))
    }

    /// This page leaves for the provider, and a later one comes back.
    #[must_use]
    pub fn redirect() -> Self {
        Self::by("redirect")
    }

    /// In a window of its own; to be asked for in the very handler of a click. Needs [`Config::callback_uri`](super::Config::callback_uri).
    #[must_use]
    pub fn popup() -> Self {
        Self::by("popup")
    }

    /// In a hidden frame: nobody is shown anything, and the provider says so if it had to (`login_required`). Needs
    /// [`Config::callback_uri`](super::Config::callback_uri).
    #[must_use]
    pub fn silent() -> Self {
        Self::by("silent")
    }

    /// Where to be after sign-in: a path of this origin, with query and fragment. Default: the current page.
    #[must_use]
    pub fn return_to(self, path: &str) -> Self {
        Self(self.0.text("returnTo", path))
    }

    /// `none`, `login`, `consent`, `select_account`, space-separated (OpenID Connect Core §3.1.2.1), or `create` for a new account.
    #[must_use]
    pub fn prompt(self, prompt: &str) -> Self {
        Self(self.0.text("prompt", prompt))
    }

    /// The longest time since the user last authenticated, in seconds; 0 asks for a fresh login. Enforced on `auth_time`.
    #[must_use]
    pub fn max_age(self, seconds: u32) -> Self {
        Self(self.0.number("maxAge", seconds))
    }

    /// Authentication context classes wanted, space-separated, best first. The ID token must then carry one of them.
    #[must_use]
    pub fn acr_values(self, values: &str) -> Self {
        Self(self.0.text("acrValues", values))
    }

    /// A hint to the provider who is about to sign in.
    #[must_use]
    pub fn login_hint(self, hint: &str) -> Self {
        Self(self.0.text("loginHint", hint))
    }

    /// Languages for the provider's pages, space-separated, best first.
    #[must_use]
    pub fn ui_locales(self, locales: &str) -> Self {
        Self(self.0.text("uiLocales", locales))
    }

    /// Scopes for this sign-in in place of [`Config::scope`](super::Config::scope).
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        Self(self.0.text("scope", scope))
    }

    /// Claims to ask for by name, as JSON (OpenID Connect Core §5.5).
    #[must_use]
    pub fn claims(self, json: &str) -> Self {
        Self(self.0.json("claims", json))
    }

    /// What access is asked for in detail, as a JSON array (RFC 9396). What was granted is in the session.
    #[must_use]
    pub fn authorization_details(self, json: &str) -> Self {
        Self(self.0.json("authorizationDetails", json))
    }

    /// Tells the provider who is signed in here, by the ID token in the request. It is in the URL that the browser goes to, unless the
    /// request is pushed ([`Config::par`](super::Config::par)).
    #[must_use]
    pub fn id_token_hint(self) -> Self {
        Self(self.0.flag("idTokenHint", true))
    }

    /// Refuses a sign-in as somebody else than is signed in now (`user_changed`).
    #[must_use]
    pub fn same_user(self) -> Self {
        Self(self.0.flag("sameUser", true))
    }

    /// Further parameters of the authorization request, by name. Parameters the library sends itself are refused.
    #[must_use]
    pub fn extra_params<'a>(self, params: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let all = params.into_iter().fold(Members::default(), |all, (name, value)| all.text(name, value));
        Self(self.0.json("extraParams", &all.end()))
    }

    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server nobody signs in"))]
    pub(super) fn into_json(self) -> String {
        self.0.end()
    }
}

/// How to sign out.
#[derive(Clone, Debug, Default)]
pub struct SignOut(Members);

impl SignOut {
    /// Here, at the provider, and with the tokens revoked.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where to be after the provider has sent the browser back: a path of this origin. Default: where that leads.
    #[must_use]
    pub fn return_to(self, path: &str) -> Self {
        Self(self.0.text("returnTo", path))
    }

    /// Ends the session here alone: the provider is not visited and its own session stays.
    #[must_use]
    pub fn local(self) -> Self {
        Self(self.0.flag("local", true))
    }

    /// Leaves the tokens as they are at the provider (RFC 7009): they live there until they expire.
    #[must_use]
    pub fn without_revocation(self) -> Self {
        Self(self.0.flag("revoke", false))
    }

    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server nobody signs out"))]
    pub(super) fn into_json(self) -> String {
        self.0.end()
    }
}

/// How to take part in a sign-in that somebody else asks for.
#[derive(Default)]
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server nobody signs in"))]
pub struct Initiation {
    pub(super) login_hint: bool,
    pub(super) confirm: Option<Confirm>,
}

/// Asked with the return-to and the hint.
pub(super) type Confirm = Box<dyn FnMut(String, Option<String>) -> bool>;

impl Initiation {
    /// Everything is accepted that names the configured issuer, and no hint is passed on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Passes the initiator's `login_hint` on to the provider. Whoever can make a link can then propose an account to the user.
    #[must_use]
    pub fn login_hint(self) -> Self {
        Self { login_hint: true, ..self }
    }

    /// Asked before the browser leaves, with where to be afterwards and the hint.
    #[must_use]
    pub fn confirm(self, confirm: impl FnMut(String, Option<String>) -> bool + 'static) -> Self {
        Self { confirm: Some(Box::new(confirm)), ..self }
    }
}

impl fmt::Debug for Initiation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Initiation").field("login_hint", &self.login_hint).finish_non_exhaustive()
    }
}
