//! The UserInfo endpoint (OpenID Connect Core §5.3).

use alloc::{borrow::ToOwned, string::String};

use crate::{
    error::{Error, Violation},
    protocol::{
        claims::Claims,
        http::{Document, Request, Response},
        url::Url,
    },
    secret::Secret,
};

/// Asks for the claims, with the access token in the header (RFC 6750 §2.1).
#[must_use]
pub fn request(endpoint: &Url, access_token: &Secret<String>) -> Request {
    Request {
        authorization: Some(bearer(access_token)),
        ..Request::get(Document::UserInfo, endpoint.as_str().to_owned())
    }
}

/// The value of an `Authorization` header with a bearer token.
#[must_use]
pub fn bearer(access_token: &Secret<String>) -> Secret<String> {
    // Sized beforehand: a string that grows leaves a copy of the token behind.
    let mut value = String::with_capacity("Bearer ".len() + access_token.expose().len());
    value.push_str("Bearer ");
    value.push_str(access_token.expose());
    Secret::new(value)
}

/// Checks the answer: `sub` must be there and equal the ID token's, else nothing of it may be used (§5.3.2).
///
/// # Errors
///
/// `ServerUnavailable`, `UserInfoStatus`, `UserInfoSigned`, `ContentTypeMismatch`, the JSON errors,
/// `UserInfoSubjectMismatch`.
pub fn process(response: &Response, subject: &str) -> Result<Claims, Error> {
    if let Some(error) = response.unavailable() {
        return Err(error);
    }
    if response.status != 200 {
        return Err(Violation::UserInfoStatus.about(response.status_text()));
    }
    if response.essence() == "application/jwt" {
        return Err(Violation::UserInfoSigned.into());
    }
    let object = response.json(Document::UserInfo)?;
    if object.string("sub").ok().flatten() != Some(subject) {
        return Err(Violation::UserInfoSubjectMismatch.into());
    }
    Claims::new(&response.body, subject)
}
