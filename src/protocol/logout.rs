//! RP-Initiated Logout (OpenID Connect RP-Initiated Logout 1.0 §2).

use alloc::{borrow::ToOwned, string::String};

use crate::{
    protocol::{
        authorization::{ENTROPY, handle, is_handle},
        url::{Url, append_parameter},
    },
    secret::Secret,
};

/// The `state` of a logout request: it tells a return from the provider from any other page load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutState(String);

impl LogoutState {
    const PREFIX: &'static str = "vo_";

    /// A state made from random bytes.
    #[must_use]
    pub fn from_random(tag: &str, bytes: &[u8; ENTROPY]) -> Self {
        Self(handle(Self::PREFIX, tag, bytes))
    }

    /// Reads a state, if it has the form of ours.
    #[must_use]
    pub fn recognise(tag: &str, text: &str) -> Option<Self> {
        is_handle(text, Self::PREFIX, tag).then(|| Self(text.to_owned()))
    }

    /// The value of the parameter.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The URL to send the browser to. A GET: a cross-site POST would arrive without the provider's `SameSite=Lax` session
/// cookie, and the provider would have nobody to sign out.
#[must_use]
pub fn url(
    endpoint: &Url,
    client_id: &str,
    id_token_hint: &Secret<String>,
    post_logout: Option<(&Url, &LogoutState)>,
) -> String {
    let mut url = endpoint.as_str().to_owned();
    append_parameter(&mut url, endpoint.parameter_separator(), "client_id", client_id);
    append_parameter(&mut url, Some('&'), "id_token_hint", id_token_hint.expose());
    if let Some((redirect_uri, state)) = post_logout {
        append_parameter(&mut url, Some('&'), "post_logout_redirect_uri", redirect_uri.as_str());
        append_parameter(&mut url, Some('&'), "state", state.as_str());
    }
    url
}
