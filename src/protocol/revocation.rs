//! Token revocation (RFC 7009).

use alloc::{borrow::ToOwned, string::String};

use crate::{
    error::{Error, Violation},
    protocol::{
        http::{Document, Request, Response},
        token_error,
        url::{Url, encode_form},
    },
    secret::Secret,
};

/// What kind of token is revoked (RFC 7009 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// An access token.
    AccessToken,
    /// A refresh token; mostly the access tokens of the same grant end with it (RFC 7009 §2.1).
    RefreshToken,
}

impl TokenType {
    const fn hint(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }
}

/// Asks for the end of a token. A public client names itself (RFC 7009 §2.1).
#[must_use]
pub fn request(endpoint: &Url, client_id: &str, token: &Secret<String>, kind: TokenType) -> Request {
    let form =
        encode_form([("token", token.expose().as_str()), ("token_type_hint", kind.hint()), ("client_id", client_id)]);
    Request::post(Document::Revocation, endpoint.as_str().to_owned(), form)
}

/// Reads the answer. 200 means that the token is of no use any more, also when it was of none before; the body is ignored
/// (RFC 7009 §2.2).
///
/// # Errors
///
/// `ServerUnavailable`: the token must be assumed to exist still (RFC 7009 §2.2.1); the provider's refusal, such as
/// `unsupported_token_type`; `RevocationStatus`.
pub fn process(response: &Response) -> Result<(), Error> {
    if let Some(error) = response.unavailable() {
        return Err(error);
    }
    if response.status == 200 {
        return Ok(());
    }
    let refusal = response.json(Document::Revocation).and_then(|object| token_error::from_object(&object));
    Err(refusal.unwrap_or_else(|_| Violation::RevocationStatus.about(response.status_text())))
}
