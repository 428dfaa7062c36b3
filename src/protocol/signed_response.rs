//! Authorization responses as JWTs (JWT Secured Authorization Response Mode, JARM).

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::{
    authorization::{CallbackParameters, State},
    id_token::audience,
    issuer::Issuer,
    jose::jws::{CompactJws, VerifiedPayload},
    json::{Object, Value},
    time::{ClockTolerance, Timestamp},
};
use crate::error::{Error, Violation};

/// The document's name in errors.
const NAME: &str = "authorization response";

/// The state of ours that a response seems to carry. Nothing is believed of it yet: it only names the sign-in whose provider
/// the signature is then held against (§2.4).
#[must_use]
pub fn claimed_state(token: &CompactJws, tag: &str) -> Option<State> {
    let object = Object::parse(token.unverified_payload(), NAME).ok()?;
    State::recognise(tag, object.string("state").ok().flatten()?)
}

/// The parameters in a response whose signature was verified (§2.4).
///
/// # Errors
///
/// `TokenTypeConfusion`, the JSON errors, `MemberMissing`, `MemberInvalid`, `IssuerParameterMismatch`, `AudienceMismatch`, `ResponseExpired`.
pub fn process(
    token: &VerifiedPayload,
    issuer: &Issuer,
    client_id: &str,
    now: Timestamp,
    tolerance: ClockTolerance,
) -> Result<CallbackParameters, Error> {
    // RFC 8725 §3.11: an ID token, which is signed with the same keys, is none.
    if token.header.token_type.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("JWT")) {
        return Err(Violation::TokenTypeConfusion.about(NAME));
    }
    let object = Object::parse(&token.payload, NAME)?;
    if !issuer.matches(object.required_string("iss")?) {
        return Err(Violation::IssuerParameterMismatch.about(NAME));
    }
    if audience(&object)? != [client_id] {
        return Err(Violation::AudienceMismatch.about(NAME));
    }
    let expires = object.seconds("exp")?.ok_or_else(|| Violation::MemberMissing.about("exp"))?;
    if tolerance.has_passed(Timestamp::from_seconds(expires), now) {
        return Err(Violation::ResponseExpired.into());
    }
    let parameters = object.iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name.to_owned(), text.clone())),
        _ => None,
    });
    Ok(CallbackParameters::from_pairs(parameters.collect::<Vec<(String, String)>>()))
}
