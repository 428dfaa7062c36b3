//! Refusals of the provider: `error` and `error_description` (RFC 6749 §4.1.2.1, §5.2; OpenID Connect Core §3.1.2.6).

use alloc::string::String;

use crate::{
    error::{Error, Provider, Refusal},
    protocol::json::Object,
};

/// Longer words of a provider are cut.
const MAX_TEXT: usize = 500;

/// Sorts a refusal. Its words come from outside: they are bounded, and characters that the grammar of RFC 6749 §4.1.2.1
/// does not allow are replaced. `error_uri` is not kept at all, so nobody can navigate to it.
#[must_use]
pub fn refusal(error: &str, description: Option<&str>) -> Error {
    let reason = Provider::ALL.iter().copied().find(|reason| reason.code() == error).unwrap_or(Provider::Other);
    Error::refused(reason, Refusal { error: plain(error), description: description.map(plain) })
}

/// The refusal in the body of a failed response (RFC 6749 §5.2).
///
/// # Errors
///
/// `MemberMissing` or `MemberInvalid` when the object holds none.
pub fn from_object(object: &Object) -> Result<Error, Error> {
    let error = object.required_string("error")?;
    Ok(refusal(error, object.string("error_description").unwrap_or_default()))
}

fn plain(text: &str) -> String {
    let allowed = |character: char| matches!(character, ' '..='~') && !matches!(character, '"' | '\\');
    text.chars().take(MAX_TEXT).map(|character| if allowed(character) { character } else { '?' }).collect()
}
