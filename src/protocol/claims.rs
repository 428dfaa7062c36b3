//! Claims that were verified.

use alloc::{borrow::ToOwned, string::String};

use crate::{
    error::{Error, Violation},
    protocol::json::Object,
};

/// The claims of a verified ID token or of a UserInfo response: the JSON text as it was verified, for the application,
/// and what the vault itself needs of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    text: String,
    subject: String,
}

impl Claims {
    /// Keeps an object that was read from `bytes`.
    pub(crate) fn new(bytes: &[u8], subject: &str) -> Result<Self, Error> {
        let text = core::str::from_utf8(bytes).map_err(|_| Violation::JsonMalformed)?;
        Ok(Self { text: text.to_owned(), subject: subject.to_owned() })
    }

    /// The claims as a JSON object, without duplicate members.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.text
    }

    /// `sub`: the user, unique within the issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `sid`: the provider's session (OpenID Connect Front-Channel Logout §3).
    #[must_use]
    pub fn session_id(&self) -> Option<String> {
        let claims = Object::parse(self.text.as_bytes(), "claims").ok()?;
        claims.string("sid").ok().flatten().map(ToOwned::to_owned)
    }
}

/// The subject of a token: 1 to 255 ASCII characters, compared with case (OpenID Connect Core §2).
pub(crate) fn subject(object: &Object) -> Result<&str, Error> {
    match object.string("sub") {
        Ok(Some(subject)) if (1..=255).contains(&subject.len()) && subject.is_ascii() => Ok(subject),
        _ => Err(Violation::SubjectInvalid.into()),
    }
}
