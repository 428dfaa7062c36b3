//! The UserInfo endpoint (OpenID Connect Core §5.3).

use alloc::{borrow::ToOwned, string::String};

use crate::{
    error::{Error, Violation},
    protocol::{
        claims::Claims,
        http::{Document, Request, Response},
        id_token::audience,
        issuer::Issuer,
        jose::jws::{CompactJws, VerifiedPayload},
        json::Object,
        token::TokenType,
        url::Url,
    },
    secret::Secret,
};

/// Asks for the claims, with the access token in the header (RFC 6750 §2.1).
#[must_use]
pub fn request(endpoint: &Url, access_token: &Secret<String>, token_type: TokenType) -> Request {
    Request {
        authorization: Some(token_type.authorization(access_token)),
        ..Request::get(Document::UserInfo, endpoint.as_str().to_owned())
    }
}

/// What an answer holds (§5.3.2): a JSON object, or a JWT, which has to be verified first.
#[derive(Debug)]
pub enum Answer {
    /// `application/json`
    Plain(Object),
    /// `application/jwt`
    Signed(CompactJws),
}

/// Reads the answer.
///
/// # Errors
///
/// `ServerUnavailable`, `UserInfoStatus`, `ContentTypeMismatch`, the JSON errors, and what [`CompactJws::parse`] finds.
pub fn read(response: &Response) -> Result<Answer, Error> {
    if let Some(error) = response.unavailable() {
        return Err(error);
    }
    if response.status != 200 {
        return Err(Violation::UserInfoStatus.about(response.status_text()));
    }
    if response.essence() == "application/jwt" {
        let token = core::str::from_utf8(&response.body).map_err(|_| Violation::JwsMalformed)?;
        return CompactJws::parse(token).map(Answer::Signed);
    }
    response.json(Document::UserInfo).map(Answer::Plain)
}

/// Checks the claims that `text` was read as: `sub` must be there and equal the ID token's, else nothing of them may be
/// used (§5.3.2).
///
/// # Errors
///
/// `UserInfoSubjectMismatch`.
pub fn validate(object: &Object, text: &[u8], subject: &str) -> Result<Claims, Error> {
    if object.string("sub").ok().flatten() != Some(subject) {
        return Err(Violation::UserInfoSubjectMismatch.into());
    }
    Claims::new(text, subject)
}

/// Checks the claims of a JWT whose signature was verified: it must be from the issuer, for this client (§5.3.2), and no
/// other kind of token (RFC 8725 §3.11).
///
/// # Errors
///
/// `TokenTypeConfusion`, `IssuerMismatch`, `AudienceMismatch`, and those of [`validate`].
pub fn validate_signed(
    token: &VerifiedPayload,
    issuer: &Issuer,
    client_id: &str,
    subject: &str,
) -> Result<Claims, Error> {
    let name = Document::UserInfo.name();
    if token.header.token_type.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("JWT")) {
        return Err(Violation::TokenTypeConfusion.about("typ"));
    }
    let object = Object::parse(&token.payload, name)?;
    if !issuer.matches(object.required_string("iss")?) {
        return Err(Violation::IssuerMismatch.about(name));
    }
    if !audience(&object)?.contains(&client_id) {
        return Err(Violation::AudienceMismatch.about(name));
    }
    validate(&object, &token.payload, subject)
}
