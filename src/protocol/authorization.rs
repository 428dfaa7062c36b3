//! The authorization request and response (OpenID Connect Core §3.1.2, RFC 6749 §4.1, RFC 9207).

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use crate::{
    error::{Error, Violation},
    protocol::{
        discovery::ProviderMetadata,
        issuer::Issuer,
        jose::base64url,
        pkce::CodeChallenge,
        token_error,
        url::{append_parameter, decimal, decode_form},
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
    /// What this sign-in asks for.
    pub prompting: &'a Prompting,
}

impl AuthorizationRequest<'_> {
    /// The URL to send the browser to. A query that the endpoint has already is kept (RFC 6749 §3.1).
    #[must_use]
    pub fn url(&self, metadata: &ProviderMetadata) -> String {
        let endpoint = &metadata.authorization_endpoint;
        let mut url = endpoint.as_str().to_owned();
        let mut separator = endpoint.parameter_separator();
        let mut add = |name: &str, value: &str| {
            append_parameter(&mut url, separator.replace('&'), name, value);
        };
        add("response_type", "code");
        add("client_id", self.client_id);
        add("redirect_uri", self.redirect_uri);
        add("scope", self.scope);
        add("state", self.state.as_str());
        add("nonce", self.nonce.expose());
        add("code_challenge", self.challenge.as_str());
        add("code_challenge_method", CodeChallenge::METHOD);
        let prompting = self.prompting;
        let max_age = prompting.max_age.map(decimal);
        let optional = [
            ("prompt", &prompting.prompt),
            ("max_age", &max_age),
            ("acr_values", &prompting.acr_values),
            ("login_hint", &prompting.login_hint),
            ("ui_locales", &prompting.ui_locales),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                add(name, value);
            }
        }
        for (name, value) in &prompting.extra {
            add(name, value);
        }
        url
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
        let parameters = decode_form(query).ok_or(Violation::CallbackMalformed)?;
        Ok(Self(parameters.into_iter().map(|(name, value)| (name, Secret::new(value))).collect()))
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
