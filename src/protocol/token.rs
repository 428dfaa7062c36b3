//! The token endpoint (RFC 6749 §4.1.3, §5, §6; OpenID Connect Core §3.1.3).

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use crate::{
    error::{Error, Violation},
    protocol::{
        discovery::ProviderMetadata,
        http::{Document, Request, Response},
        json::{Object, Value},
        pkce::CodeVerifier,
        text::parts,
        token_error,
        url::encode_form,
    },
    secret::Secret,
};

/// Longer tokens would not fit into the header of any server.
const MAX_TOKEN: usize = 64 * 1024;

/// Exchanges an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5). `redirect_uri` is always sent: OpenID Connect Core
/// §3.1.3.2 requires it, though OAuth 2.1 does not.
#[must_use]
pub fn code_request(
    metadata: &ProviderMetadata,
    client_id: &str,
    redirect_uri: &str,
    code: &Secret<String>,
    verifier: &CodeVerifier,
    target: &Target,
) -> Request {
    let parameters = [
        ("grant_type", "authorization_code"),
        ("client_id", client_id),
        ("code", code.expose()),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier.expose()),
    ];
    // The scope was asked for in the authorization request.
    let form =
        encode_form(parameters.into_iter().chain(target.resource.as_deref().map(|resource| ("resource", resource))));
    Request::post(Document::TokenResponse, metadata.token_endpoint.as_str().to_owned(), form)
}

/// Exchanges a refresh token (RFC 6749 §6), for an access token to `target` (RFC 8707 §2.2).
#[must_use]
pub fn refresh_request(
    metadata: &ProviderMetadata,
    client_id: &str,
    refresh_token: &Secret<String>,
    target: &Target,
) -> Request {
    let parameters =
        [("grant_type", "refresh_token"), ("client_id", client_id), ("refresh_token", refresh_token.expose())];
    let form = encode_form(parameters.into_iter().chain(target.parameters()));
    Request::post(Document::TokenResponse, metadata.token_endpoint.as_str().to_owned(), form)
}

/// What an access token is for: a resource, as the provider names it, and scopes. Empty: what the sign-in asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// `scope`
    pub scope: Option<String>,
    /// `resource` (RFC 8707 §2)
    pub resource: Option<String>,
    /// `audience`, which some providers have in its place
    pub audience: Option<String>,
}

impl Target {
    fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = [("scope", &self.scope), ("resource", &self.resource), ("audience", &self.audience)];
        named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }
}

/// The type of an access token: how it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// Whoever has it can use it (RFC 6750).
    Bearer,
    /// It is bound to a key (RFC 9449).
    Dpop,
}

impl TokenType {
    /// Its name, which is the scheme it is sent with as well.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }

    /// The value of an `Authorization` header.
    #[must_use]
    pub fn authorization(self, access_token: &Secret<String>) -> Secret<String> {
        let (scheme, token) = (self.name(), access_token.expose());
        // Sized beforehand: a string that grows leaves a copy of the token behind.
        let mut value = String::with_capacity(scheme.len() + 1 + token.len());
        value.push_str(scheme);
        value.push(' ');
        value.push_str(token);
        Secret::new(value)
    }
}

/// A successful token response. Not to be used before the ID token in it was verified.
#[derive(Debug)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: Secret<String>,
    /// How long the access token is said to live, in seconds.
    pub expires_in: Option<u64>,
    /// The refresh token, if one was issued.
    pub refresh_token: Option<Secret<String>>,
    /// The ID token, not yet verified.
    pub id_token: Option<Secret<String>>,
    /// The granted scopes; absent means: as requested (RFC 6749 §5.1).
    pub scope: Option<Vec<String>>,
    /// The granted `authorization_details` as JSON (RFC 9396 §7).
    pub authorization_details: Option<String>,
}

/// Checks the answer of the token endpoint.
///
/// # Errors
///
/// The provider's refusal, `ServerUnavailable`, `TokenResponseStatus`, `ContentTypeMismatch`, the JSON errors,
/// `MemberMissing`, `MemberInvalid`, `TokenTypeUnsupported`, `DpopDowngraded`, `AccessTokenMalformed`.
pub fn process(response: &Response, expected: TokenType) -> Result<TokenResponse, Error> {
    if let Some(error) = response.unavailable() {
        return Err(error);
    }
    if response.status != 200 {
        // RFC 6749 §5.2 has 400 and 401; others are seen, and so are errors without a body.
        let refusal = response.json(Document::TokenResponse).and_then(|object| token_error::from_object(&object));
        return Err(refusal.unwrap_or_else(|_| Violation::TokenResponseStatus.about(response.status_text())));
    }
    let object = response.json(Document::TokenResponse)?;
    if object.member("error").is_some() {
        return Err(token_error::from_object(&object)?);
    }
    // RFC 6749 §7.1: a token of a type that is not understood must not be used. The type is compared without case.
    let token_type = object.required_string("token_type")?;
    if !token_type.eq_ignore_ascii_case(expected.name()) {
        // RFC 9449 §5: a token that anybody could use is not what was asked for.
        let downgraded = expected == TokenType::Dpop && token_type.eq_ignore_ascii_case(TokenType::Bearer.name());
        return Err(if downgraded { Violation::DpopDowngraded } else { Violation::TokenTypeUnsupported }.into());
    }
    Ok(TokenResponse {
        access_token: token(&object, "access_token")?.ok_or_else(|| Violation::MemberMissing.about("access_token"))?,
        expires_in: expires_in(&object)?,
        refresh_token: token(&object, "refresh_token")?,
        id_token: token(&object, "id_token")?,
        scope: object.string("scope")?.map(scopes),
        authorization_details: match object.member("authorization_details") {
            None => None,
            Some(details @ Value::Array(_)) => Some(details.to_json()),
            Some(_) => return Err(Violation::MemberInvalid.about("authorization_details")),
        },
    })
}

/// The scopes of a space-separated list.
#[must_use]
pub fn scopes(list: &str) -> Vec<String> {
    parts(list, b' ').filter(|scope| !scope.is_empty()).map(ToOwned::to_owned).collect()
}

/// A token: visible ASCII (RFC 6749 appendix A.12), so it can be sent in a header and cannot break out of it.
fn token(object: &Object, name: &'static str) -> Result<Option<Secret<String>>, Error> {
    let Some(text) = object.string(name)? else {
        return Ok(None);
    };
    if text.is_empty() || text.len() > MAX_TOKEN || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(if name == "access_token" {
            Violation::AccessTokenMalformed.into()
        } else {
            Violation::MemberInvalid.about(name)
        });
    }
    Ok(Some(Secret::new(text.to_owned())))
}

/// RFC 6749 §5.1 has a number; some providers send its digits as a string. Anything else is refused, so that a lifetime
/// that was not understood never turns into an unlimited one.
fn expires_in(object: &Object) -> Result<Option<u64>, Error> {
    const MAX: u64 = 1 << 31;
    let seconds = match object.member("expires_in") {
        Some(Value::String(digits)) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits.parse().unwrap_or(MAX))
        }
        _ => object.seconds("expires_in")?,
    };
    Ok(seconds.map(|seconds| seconds.min(MAX)))
}
