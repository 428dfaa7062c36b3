//! An API that wants more of the user than was done at sign-in.

use alloc::string::String;

/// What an API wants of the user; see [`Config::step_up`](super::Config::step_up).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepUpDemand {
    /// The URL that was called.
    pub url: String,
    /// What the API said: `insufficient_user_authentication` (RFC 9470) or `insufficient_scope` (RFC 6750 §3.1); or what the provider
    /// did when it was asked for an access token to this API (`consent_required` and the like): then the user is to agree to it.
    pub error: String,
    /// Authentication context classes that would do, space-separated, best first.
    pub acr_values: Option<String>,
    /// The longest time since the user last authenticated, in seconds.
    pub max_age: Option<u32>,
    /// Scopes that would do, space-separated.
    pub scope: Option<String>,
}

/// What to do about a [`StepUpDemand`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepUpChoice {
    /// Sign in for it in a window of its own. Answer so in the handler of a click.
    Popup,
    /// Sign in for it by leaving the page; [`Client::resume`](super::Client::resume) then sends the request again.
    Redirect,
    /// Leave it: the API's answer is passed on.
    Refuse,
}

impl StepUpChoice {
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server no API is called"))]
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Popup => "popup",
            Self::Redirect => "redirect",
            Self::Refuse => "refuse",
        }
    }
}
