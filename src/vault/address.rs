//! What the URL of a page brings: a callback of ours, or somebody else's, or nothing.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::Vault;
use crate::{
    error::{Error, Violation},
    platform::Platform,
    protocol::{
        authorization::{CallbackParameters, State},
        jose::jws::CompactJws,
        logout::LogoutState,
        signed_response,
        text::parts,
        url::{Url, decode_form, is_local_path},
    },
};

/// The parameters of an authorization response, also of other response types and of extensions: they leave the address
/// bar. Everything else in the URL is the application's.
const RESPONSE_PARAMETERS: &[&str] = &[
    "access_token",
    "code",
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "id_token",
    "iss",
    "response",
    "scope",
    "session_state",
    "state",
    "token_type",
];

/// What the URL of a page brings.
pub(super) enum Brought {
    Nothing,
    /// An authorization response with a state of ours.
    Response(State, Delivery),
    /// Something that is meant for us and must not be used.
    Refused(Error),
    /// The return from a sign-out at the provider.
    SignedOut(LogoutState),
}

/// An authorization response as it came.
pub(super) enum Delivery {
    /// As parameters of the URL.
    Plain(CallbackParameters),
    /// Signed, and not verified yet.
    Signed(CompactJws),
}

impl<P: Platform> Vault<P> {
    /// Sorts what the URL brings. Another library's `code` and `state` are nothing of ours.
    pub(super) async fn brought(&self, url: &Url) -> Brought {
        let mode = self.config().response_mode;
        let (query, fragment) = (url.query().unwrap_or_default(), url.fragment().unwrap_or_default());
        let (response, elsewhere) = if mode.is_fragment() { (fragment, query) } else { (query, fragment) };
        let parameters = match CallbackParameters::parse(response) {
            Ok(parameters) => parameters,
            Err(error) if self.is_redirect_uri(url) && self.has_raw_state(response) => return Brought::Refused(error),
            Err(_) => return Brought::Nothing,
        };
        if let Some(state) = parameters.state(&self.inner.tag) {
            if !self.is_redirect_uri(url) {
                return Brought::Refused(Violation::RedirectUriMismatch.into());
            }
            if mode.is_signed() {
                return Brought::Refused(Violation::ResponseModeMismatch.into());
            }
            return Brought::Response(state, Delivery::Plain(parameters));
        }
        let token = |parameters: &CallbackParameters| parameters.first("response").map(CompactJws::parse).transpose();
        let named = |token: CompactJws| Some((signed_response::claimed_state(&token, &self.inner.tag)?, token));
        let brought = token(&parameters);
        if let Some((state, token)) = brought.clone().ok().flatten().and_then(named) {
            return if !self.is_redirect_uri(url) {
                Brought::Refused(Violation::RedirectUriMismatch.into())
            } else if mode.is_signed() {
                Brought::Response(state, Delivery::Signed(token))
            } else {
                Brought::Refused(Violation::ResponseModeMismatch.into())
            };
        }
        // What cannot be read says nobody's name: it is the answer to whoever waits for one.
        if let Err(error) = brought
            && mode.is_signed()
            && self.is_redirect_uri(url)
            && self.is_waiting().await
        {
            return Brought::Refused(error);
        }
        // Where the answer was not asked for, a state of ours is another flow's answer (RFC 9700 §2.1.2).
        let elsewhere = CallbackParameters::parse(elsewhere).ok();
        if elsewhere.as_ref().is_some_and(|other| {
            other.state(&self.inner.tag).is_some() || token(other).ok().flatten().and_then(named).is_some()
        }) {
            return Brought::Refused(Violation::FrontChannelToken.into());
        }
        // The return from a sign-out is always in the query.
        let in_query = elsewhere.as_ref().filter(|_| mode.is_fragment()).unwrap_or(&parameters);
        let signed_out = in_query.first("state").and_then(|state| LogoutState::recognise(&self.inner.tag, state));
        if let Some(state) = signed_out {
            return Brought::SignedOut(state);
        }
        // It begins as ours do, and goes on otherwise: it was changed on its way.
        if parameters.first("state").is_some_and(|state| self.is_tagged(state)) && self.is_redirect_uri(url) {
            return Brought::Refused(Violation::StateUnknown.into());
        }
        // One that is signed may tell no state of ours either.
        let answers: &[&str] = if mode.is_signed() { &["code", "error", "response"] } else { &["code", "error"] };
        let stateless = parameters.first("state").is_none() && parameters.has_any(answers);
        if stateless && self.is_redirect_uri(url) && self.is_waiting().await {
            return Brought::Refused(Violation::StateMissing.into());
        }
        Brought::Nothing
    }

    /// Whether a query that cannot be decoded holds a state of ours: then it is a callback all the same.
    fn has_raw_state(&self, query: &str) -> bool {
        parts(query, b'&').any(|pair| pair.strip_prefix("state=").is_some_and(|state| self.is_tagged(state)))
    }

    /// Whether a text begins as a state of this client does.
    fn is_tagged(&self, text: &str) -> bool {
        text.strip_prefix(State::PREFIX).is_some_and(|rest| rest.starts_with(&self.inner.tag))
    }

    /// Whether a URL is one of the redirect URIs, with parameters added.
    fn is_redirect_uri(&self, url: &Url) -> bool {
        let config = self.config();
        is_at(url, &config.redirect_uri) || config.callback_uri.as_ref().is_some_and(|uri| is_at(url, uri))
    }

    /// Whether any sign-in is in flight.
    async fn is_waiting(&self) -> bool {
        let remembered = !self.inner.state.borrow().transactions.is_empty();
        remembered || (self.config().stored_transactions && !self.stored_transactions().await.is_empty())
    }

    /// The keys of the stored copies of this client's sign-ins in flight.
    pub(super) async fn stored_transactions(&self) -> Vec<String> {
        let keys = self.platform().keys().await.unwrap_or_default();
        keys.into_iter().filter(|key| State::recognise(&self.inner.tag, key).is_some()).collect()
    }
}

/// Whether a URL is this redirect URI, with parameters added.
pub(super) fn is_at(url: &Url, expected: &Url) -> bool {
    let mut own = parts(expected.query().unwrap_or_default(), b'&').filter(|pair| !pair.is_empty());
    let present = url.query().unwrap_or_default();
    url.origin() == expected.origin()
        && url.path() == expected.path()
        && own.all(|pair| parts(present, b'&').any(|other| other == pair))
}

/// The path, query and fragment of a URL without what a provider added.
pub(super) fn scrubbed(url: &Url) -> String {
    let is_ours = |pair: &str| {
        decode_form(pair).is_none_or(|pairs| pairs.iter().any(|(name, _)| RESPONSE_PARAMETERS.contains(&name.as_str())))
    };
    let keep = |text: Option<&str>, mark: char, target: &mut String| {
        let kept = parts(text.unwrap_or_default(), b'&').filter(|pair| !pair.is_empty() && !is_ours(pair));
        for (index, pair) in kept.enumerate() {
            target.push(if index == 0 { mark } else { '&' });
            target.push_str(pair);
        }
    };
    let mut location = url.path().to_owned();
    keep(url.query(), '?', &mut location);
    keep(url.fragment(), '#', &mut location);
    if is_local_path(&location) { location } else { "/".to_owned() }
}
