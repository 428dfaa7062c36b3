//! OpenID Provider metadata (OpenID Connect Discovery §3, §4; RFC 8414).

use alloc::{borrow::ToOwned, vec::Vec};

use crate::{
    error::{Configuration, Error, Violation},
    protocol::{
        authorization, dpop,
        http::{Document, Request, Response},
        issuer::Issuer,
        jose::algorithm::Algorithm,
        json::Object,
        pkce::CodeChallenge,
        url::{Transport, Url, UrlError, decode_form},
    },
};

/// What the provider says of itself, as far as it is used. All of it was checked; nothing of a document that fails a
/// check is kept (OpenID Connect Discovery §4.3).
#[derive(Clone, Debug)]
pub struct ProviderMetadata {
    /// The issuer, equal to the configured one.
    pub issuer: Issuer,
    /// Where the browser is sent to sign in.
    pub authorization_endpoint: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token_endpoint: Url,
    /// Where the provider's public keys are.
    pub jwks_uri: Url,
    /// Where claims about the user are.
    pub userinfo_endpoint: Option<Url>,
    /// Where the browser is sent to sign out (RP-Initiated Logout §2.1).
    pub end_session_endpoint: Option<Url>,
    /// Where tokens are revoked (RFC 7009 §2, RFC 8414 §2).
    pub revocation_endpoint: Option<Url>,
    /// Where authorization requests are handed over beforehand (RFC 9126 §5).
    pub pushed_request_endpoint: Option<Url>,
    /// Whether they must be.
    pub pushed_requests_required: bool,
    /// The algorithm for DPoP proofs; `None` when the provider announces none of ours (RFC 9449 §5.1).
    pub dpop_algorithm: Option<Algorithm>,
    /// The page that knows whether the provider's session has changed (OpenID Connect Session Management §3.3).
    pub check_session_iframe: Option<Url>,
    /// Whether authorization responses carry `iss` (RFC 9207 §3).
    pub issuer_parameter: bool,
    /// The algorithms of ID tokens that both sides know; none listed by the provider means any of ours.
    pub id_token_algorithms: Vec<Algorithm>,
}

/// The request for the metadata of `issuer`.
#[must_use]
pub fn request(issuer: &Issuer) -> Request {
    Request::get(Document::Metadata, issuer.metadata_url())
}

/// Checks the answer to [`request`].
///
/// # Errors
///
/// `ServerUnavailable`, `MetadataNotFound`, `ContentTypeMismatch`, the JSON errors, and what [`from_object`] finds.
pub fn process(issuer: &Issuer, response: &Response, transport: Transport) -> Result<ProviderMetadata, Error> {
    if let Some(error) = response.unavailable() {
        return Err(error);
    }
    if response.status != 200 {
        return Err(Violation::MetadataNotFound.about(response.status_text()));
    }
    from_object(issuer, &response.json(Document::Metadata)?, transport)
}

/// Checks a metadata document that is already read, for instance one given in the configuration.
///
/// # Errors
///
/// `MetadataIssuerMismatch`, `MemberMissing`, `MemberInvalid`, `InsecureHttp`, `PkceUnsupported`, `CodeFlowUnsupported`,
/// `SignedRequestRequired`.
pub fn from_object(issuer: &Issuer, object: &Object, transport: Transport) -> Result<ProviderMetadata, Error> {
    // Discovery §4.3: identical to the issuer that was asked. Before anything else of the document is looked at.
    let claimed = object.required_string("issuer")?;
    if !issuer.matches(claimed) {
        return Err(Violation::MetadataIssuerMismatch.about(claimed.to_owned()));
    }
    let endpoints = Endpoints { object, transport };
    // Members that are not used (yet) are checked all the same: a document that is wrong in one place is not trusted.
    endpoints.optional("registration_endpoint")?;
    for unused in ["scopes_supported", "response_modes_supported", "grant_types_supported", "subject_types_supported"] {
        object.strings(unused)?;
    }
    let metadata = ProviderMetadata {
        issuer: issuer.clone(),
        authorization_endpoint: endpoints
            .visited("authorization_endpoint")?
            .ok_or_else(|| missing("authorization_endpoint"))?,
        token_endpoint: endpoints.required("token_endpoint")?,
        jwks_uri: endpoints.required("jwks_uri")?,
        userinfo_endpoint: endpoints.optional("userinfo_endpoint")?,
        end_session_endpoint: endpoints.visited("end_session_endpoint")?,
        revocation_endpoint: endpoints.optional("revocation_endpoint")?,
        pushed_request_endpoint: endpoints.optional("pushed_authorization_request_endpoint")?,
        pushed_requests_required: object.boolean("require_pushed_authorization_requests")?.unwrap_or(false),
        dpop_algorithm: object.strings("dpop_signing_alg_values_supported")?.and_then(|names| dpop::choose(&names)),
        check_session_iframe: endpoints.optional("check_session_iframe")?,
        issuer_parameter: object.boolean("authorization_response_iss_parameter_supported")?.unwrap_or(false),
        id_token_algorithms: algorithms(object)?,
    };
    if object.strings("response_types_supported")?.is_some_and(|types| !types.contains(&"code")) {
        return Err(Violation::CodeFlowUnsupported.into());
    }
    // RFC 9700 §4.8: a list without S256 is a downgrade. No list at all is common, and no reason to refuse (RFC 7636 §5).
    if object
        .strings("code_challenge_methods_supported")?
        .is_some_and(|methods| !methods.contains(&CodeChallenge::METHOD))
    {
        return Err(Violation::PkceUnsupported.into());
    }
    // RFC 9101 §10.5: a public client has no key to sign with.
    if object.boolean("require_signed_request_object")?.unwrap_or(false) {
        return Err(Violation::SignedRequestRequired.into());
    }
    if metadata.pushed_requests_required && metadata.pushed_request_endpoint.is_none() {
        return Err(missing("pushed_authorization_request_endpoint"));
    }
    Ok(metadata)
}

fn algorithms(object: &Object) -> Result<Vec<Algorithm>, Error> {
    Ok(match object.strings("id_token_signing_alg_values_supported")? {
        None => Algorithm::ALL.to_vec(),
        Some(names) => names.into_iter().filter_map(Algorithm::from_name).collect(),
    })
}

fn missing(name: &'static str) -> Error {
    Violation::MemberMissing.about(name)
}

struct Endpoints<'a> {
    object: &'a Object,
    transport: Transport,
}

impl Endpoints<'_> {
    fn required(&self, name: &'static str) -> Result<Url, Error> {
        self.optional(name)?.ok_or_else(|| missing(name))
    }

    /// An endpoint that the browser is sent to, with parameters of ours. What its query has already must be none of them:
    /// no parameter twice (RFC 6749 §3.1).
    fn visited(&self, name: &'static str) -> Result<Option<Url>, Error> {
        let url = self.optional(name)?;
        let query = url.as_ref().and_then(Url::query).unwrap_or_default();
        let parameters = decode_form(query).ok_or_else(|| Violation::MemberInvalid.about(name))?;
        if parameters.iter().any(|(parameter, _)| authorization::is_reserved(parameter)) {
            return Err(Violation::MemberInvalid.about(name));
        }
        Ok(url)
    }

    /// An endpoint is an https URL without fragment (RFC 6749 §3.1, OpenID Connect Discovery §3).
    fn optional(&self, name: &'static str) -> Result<Option<Url>, Error> {
        let Some(text) = self.object.string(name)? else {
            return Ok(None);
        };
        match Url::parse(text, self.transport) {
            Ok(url) if url.fragment().is_none() => Ok(Some(url)),
            Err(UrlError::Insecure) => Err(Configuration::InsecureHttp.about(name)),
            _ => Err(Violation::MemberInvalid.about(name)),
        }
    }
}
