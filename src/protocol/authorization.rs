//! The authorization request and response (OpenID Connect Core §3.1.2, RFC 6749 §4.1, RFC 9207).

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use crate::{
    error::{Error, Violation},
    protocol::{
        issuer::Issuer,
        jose::base64url,
        pkce::CodeChallenge,
        token::Target,
        token_error,
        url::{Url, append_parameter, decimal, decode_form},
    },
    secret::Secret,
};

/// Random bytes that a `state` or a `nonce` is made of.
pub const ENTROPY: usize = 32;

/// A longer query is not looked at.
const MAX_QUERY: usize = 64 * 1024;

/// A longer value is no provider's.
const MAX_VALUE: usize = 16 * 1024;

/// A longer `session_state` is no provider's.
const MAX_SESSION_STATE: usize = 1024;

/// Parameters that this library sends itself, or that would undo what it checks. Compared without case, so that no
/// provider that ignores case can be handed a second one.
const RESERVED: &[&str] = &[
    "acr_values",
    "authorization_details",
    "claims",
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "post_logout_redirect_uri",
    "prompt",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "ui_locales",
];

/// Whether an extra parameter of this name is refused.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

/// The `state` of a request of ours: an unguessable handle of the transaction, and nothing else (RFC 9700 §4.7).
///
/// It begins with a prefix of ours and a tag of the client, since a page may hold other OAuth clients, also of this
/// library, whose callbacks must be left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(String);

impl State {
    /// How every state of this library begins.
    pub const PREFIX: &'static str = "vk_";

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

/// A prefix, a tag and random bytes in base64url.
pub(crate) fn handle(prefix: &str, tag: &str, bytes: &[u8; ENTROPY]) -> String {
    let mut handle = prefix.to_owned();
    handle.push_str(tag);
    handle.push_str(&base64url::encode(bytes));
    handle
}

/// Whether a text is what [`handle`] makes of this prefix and tag.
pub(crate) fn is_handle(text: &str, prefix: &str, tag: &str) -> bool {
    text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(tag)).is_some_and(|random| {
        random.len() == 43 && random.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    })
}

/// The `nonce` that binds an ID token to its request (OpenID Connect Core §15.5.2).
#[derive(Clone, Debug)]
pub struct Nonce(Secret<String>);

impl Nonce {
    /// A nonce made from random bytes.
    #[must_use]
    pub fn from_random(bytes: &[u8; ENTROPY]) -> Self {
        Self(Secret::new(base64url::encode(bytes)))
    }

    /// A nonce that was made earlier.
    #[must_use]
    pub const fn restore(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// The value of the parameter.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether a claim carries this nonce.
    #[must_use]
    pub fn equals(&self, claim: &str) -> bool {
        self.0.equals(claim)
    }
}

/// What one sign-in asks for beyond what every sign-in does.
#[derive(Clone, Debug, Default)]
pub struct Prompting {
    /// `prompt`
    pub prompt: Option<String>,
    /// `max_age`, in seconds; zero is meaningful.
    pub max_age: Option<u64>,
    /// `acr_values`
    pub acr_values: Option<String>,
    /// `login_hint`
    pub login_hint: Option<String>,
    /// `ui_locales`
    pub ui_locales: Option<String>,
    /// `claims`, as JSON (OpenID Connect Core §5.5)
    pub claims: Option<String>,
    /// `authorization_details`, as JSON (RFC 9396 §2)
    pub authorization_details: Option<String>,
    /// `id_token_hint`
    pub id_token_hint: Option<Secret<String>>,
    /// Parameters of the provider's own.
    pub extra: Vec<(String, String)>,
}

/// An authorization request.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest<'a> {
    /// `client_id`
    pub client_id: &'a str,
    /// `redirect_uri`
    pub redirect_uri: &'a str,
    /// `scope`
    pub scope: &'a str,
    /// `state`
    pub state: &'a State,
    /// `nonce`
    pub nonce: &'a Nonce,
    /// `code_challenge`
    pub challenge: &'a CodeChallenge,
    /// How the response comes back.
    pub response_mode: ResponseMode,
    /// The thumbprint of the key that the code is bound to (RFC 9449 §10)
    pub key: Option<&'a str>,
    /// The resources that access tokens will be asked for.
    pub targets: &'a [Target],
    /// What this sign-in asks for.
    pub prompting: &'a Prompting,
}

impl AuthorizationRequest<'_> {
    /// The parameters, in this order.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&str, String)> {
        let mut parameters: Vec<(&str, String)> = Vec::new();
        let mut add = |name, value: &str| parameters.push((name, value.to_owned()));
        add("response_type", "code");
        add("client_id", self.client_id);
        add("redirect_uri", self.redirect_uri);
        add("scope", self.scope);
        add("state", self.state.as_str());
        add("nonce", self.nonce.expose());
        add("code_challenge", self.challenge.as_str());
        add("code_challenge_method", CodeChallenge::METHOD);
        let prompting = self.prompting;
        let response_mode = self.response_mode.parameter().map(ToOwned::to_owned);
        let max_age = prompting.max_age.map(decimal);
        // Not another target's: the token that the code is exchanged for is the first one's.
        let audience = self.targets.first().and_then(|target| target.audience.clone());
        let key = self.key.map(ToOwned::to_owned);
        let optional = [
            ("response_mode", &response_mode),
            ("dpop_jkt", &key),
            ("audience", &audience),
            ("prompt", &prompting.prompt),
            ("max_age", &max_age),
            ("acr_values", &prompting.acr_values),
            ("login_hint", &prompting.login_hint),
            ("ui_locales", &prompting.ui_locales),
            ("claims", &prompting.claims),
            ("authorization_details", &prompting.authorization_details),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                add(name, value);
            }
        }
        if let Some(hint) = &prompting.id_token_hint {
            add("id_token_hint", hint.expose());
        }
        // RFC 8707 §2.1: all that will be asked for.
        let mut named: Vec<&str> = Vec::new();
        for resource in self.targets.iter().filter_map(|target| target.resource.as_deref()) {
            if !named.contains(&resource) {
                named.push(resource);
                add("resource", resource);
            }
        }
        for (name, value) in &prompting.extra {
            parameters.push((name, value.clone()));
        }
        parameters
    }
}

/// The URL to send the browser to. A query that the endpoint has already is kept (RFC 6749 §3.1).
#[must_use]
pub fn url(endpoint: &Url, parameters: &[(&str, String)]) -> String {
    let mut url = endpoint.as_str().to_owned();
    let mut separator = endpoint.parameter_separator();
    for (name, value) in parameters {
        append_parameter(&mut url, separator.replace('&'), name, value);
    }
    url
}

/// How the authorization response comes back (OAuth 2.0 Multiple Response Types §2.1, JARM §2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query.
    #[default]
    Query,
    /// In the fragment, which no server sees.
    Fragment,
    /// In the query, signed.
    QueryJwt,
    /// In the fragment, signed.
    FragmentJwt,
}

impl ResponseMode {
    const ALL: [Self; 4] = [Self::Query, Self::Fragment, Self::QueryJwt, Self::FragmentJwt];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::QueryJwt => "query.jwt",
            Self::FragmentJwt => "fragment.jwt",
        }
    }

    /// The mode of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// What is said of it in the request: nothing where it is the default.
    fn parameter(self) -> Option<&'static str> {
        (self != Self::Query).then(|| self.name())
    }

    /// Whether the response is in the fragment.
    #[must_use]
    pub const fn is_fragment(self) -> bool {
        matches!(self, Self::Fragment | Self::FragmentJwt)
    }

    /// Whether the response is signed.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::QueryJwt | Self::FragmentJwt)
    }
}

/// The parameters that came back, decoded once, before it is known whether they mean us.
#[derive(Debug)]
pub struct CallbackParameters(Vec<(String, Secret<String>)>);

impl CallbackParameters {
    /// Reads the query (or the fragment) of a callback URL.
    ///
    /// # Errors
    ///
    /// `CallbackTooLarge`; `CallbackMalformed` when it is not UTF-8.
    pub fn parse(query: &str) -> Result<Self, Error> {
        if query.len() > MAX_QUERY {
            return Err(Violation::CallbackTooLarge.into());
        }
        decode_form(query).map(Self::from_pairs).ok_or_else(|| Violation::CallbackMalformed.into())
    }

    /// Parameters that were read otherwise.
    #[must_use]
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
    }

    /// The first value of a parameter.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.expose().as_str())
    }

    /// Whether any of these parameters is there.
    #[must_use]
    pub fn has_any(&self, names: &[&str]) -> bool {
        self.0.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    /// The first state of ours among the values of `state`.
    #[must_use]
    pub fn state(&self, tag: &str) -> Option<State> {
        self.0.iter().filter(|(name, _)| name == "state").find_map(|(_, value)| State::recognise(tag, value.expose()))
    }

    /// `session_state`, if it is one: without spaces (OpenID Connect Session Management §2), and no longer than any.
    #[must_use]
    pub fn session_state(&self) -> Option<String> {
        let value = self.single("session_state").ok().flatten()?;
        (value.len() <= MAX_SESSION_STATE && value.bytes().all(|byte| byte.is_ascii_graphic()))
            .then(|| value.to_owned())
    }

    /// The one value of a parameter; an empty one counts as absent (RFC 6749 §3.1).
    fn single(&self, name: &'static str) -> Result<Option<&str>, Error> {
        let mut values = self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.expose().as_str());
        let value = values.next();
        if values.next().is_some() {
            return Err(Violation::ParameterRepeated.about(name));
        }
        if value.is_some_and(|value| value.len() > MAX_VALUE) {
            return Err(Violation::CallbackTooLarge.about(name));
        }
        Ok(value.filter(|value| !value.is_empty()))
    }
}

/// Checks an authorization response whose `state` was matched with its transaction, and takes the code out of it.
///
/// # Errors
///
/// `FrontChannelToken`, `ParameterRepeated`, `CallbackTooLarge`, `IssuerParameterMissing`, `IssuerParameterMismatch`,
/// `CallbackMalformed`, or the provider's refusal.
pub fn process(
    parameters: &CallbackParameters,
    issuer: &Issuer,
    issuer_parameter_expected: bool,
) -> Result<Secret<String>, Error> {
    // RFC 9700 §2.1.2: a token that came through the front channel is never used, nor is what came with it.
    if parameters.has_any(&["access_token", "id_token", "refresh_token"]) {
        return Err(Violation::FrontChannelToken.into());
    }
    parameters.single("state")?;
    let (code, error) = (parameters.single("code")?, parameters.single("error")?);
    // RFC 9207 §2.4, before the error is believed: it may not be this provider's.
    match parameters.single("iss")? {
        None if issuer_parameter_expected => return Err(Violation::IssuerParameterMissing.into()),
        Some(claimed) if !issuer.matches(claimed) => {
            return Err(Violation::IssuerParameterMismatch.into());
        }
        _ => {}
    }
    match (code, error) {
        (Some(code), None) => Ok(Secret::new(code.to_owned())),
        (None, Some(error)) => Err(token_error::refusal(error, parameters.single("error_description")?)),
        _ => Err(Violation::CallbackMalformed.into()),
    }
}
