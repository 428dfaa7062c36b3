//! The configuration: read once, checked whole, then fixed.
//!
//! It travels as JSON in the name of the worker that runs the vault, so that a page that asks for other settings is given
//! another vault, and never the tokens of this one.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use crate::{
    error::{Configuration, Error},
    protocol::{
        discovery::{self, ProviderMetadata},
        issuer::Issuer,
        json::{Object, Value},
        text::parts,
        time::ClockTolerance,
        url::{Transport, Url, UrlError},
    },
};

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The provider.
    pub issuer: Issuer,
    /// This client at the provider.
    pub client_id: String,
    /// Where the provider sends the browser back to.
    pub redirect_uri: Url,
    /// The static page on which popups and frames end.
    pub callback_uri: Option<Url>,
    /// What is asked for, when a sign-in does not say otherwise.
    pub scope: String,
    /// Where the access token may go.
    pub resources: Vec<Url>,
    /// Where the provider sends the browser after sign-out.
    pub post_logout_redirect_uri: Option<Url>,
    /// The provider's metadata, if it is given rather than fetched.
    pub metadata: Option<ProviderMetadata>,
    /// Whether a transaction is also kept in storage while the browser is at the provider.
    pub stored_transactions: bool,
    /// How far the clocks may be apart.
    pub clock_tolerance: ClockTolerance,
    /// Which URL schemes are taken.
    pub transport: Transport,
}

/// The members of the JSON form; any other is refused.
const MEMBERS: &[&str] = &[
    "issuer",
    "clientId",
    "redirectUri",
    "callbackUri",
    "scope",
    "resources",
    "postLogoutRedirectUri",
    "metadata",
    "transactions",
    "clockTolerance",
    "dangerAllowInsecureHttp",
];

impl Config {
    /// Reads the JSON form on a page of `origin`.
    ///
    /// # Errors
    ///
    /// A [`Configuration`] reason, or what is wrong with the metadata given.
    pub fn parse(json: &str, origin: &str) -> Result<Self, Error> {
        let object = Object::parse(json.as_bytes(), "configuration")?;
        if let Some((name, _)) = object.iter().find(|(name, _)| !MEMBERS.contains(name)) {
            return Err(Configuration::OptionUnknown.about(name.to_owned()));
        }
        let mistyped = |error: Error| Configuration::OptionInvalid.about(error.detail().unwrap_or_default().to_owned());
        let text = |name| object.string(name).map_err(mistyped);

        let insecure = object.boolean("dangerAllowInsecureHttp").map_err(mistyped)?.unwrap_or(false);
        let transport = if insecure { Transport::DangerInsecure } else { Transport::Secure };
        let url = |name, text: &str, otherwise: Configuration| match Url::parse(text, transport) {
            Ok(url) if url.fragment().is_none() => Ok(url),
            Err(UrlError::Insecure) => Err(Configuration::InsecureHttp.about(name)),
            _ => Err(otherwise.about(text.to_owned())),
        };

        let issuer = Issuer::parse(text("issuer")?.unwrap_or_default(), transport)?;
        let client_id = text("clientId")?.unwrap_or_default();
        // RFC 6749 appendix A.1
        if client_id.is_empty() || !client_id.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(Configuration::ClientIdInvalid.into());
        }
        let own = |name, text: &str| {
            let url = url(name, text, Configuration::RedirectUriInvalid)?;
            if url.origin() == origin { Ok(url) } else { Err(Configuration::RedirectUriForeign.about(url.origin())) }
        };
        let redirect_uri = own("redirectUri", text("redirectUri")?.unwrap_or_default())?;
        let callback_uri = text("callbackUri")?.map(|text| own("callbackUri", text)).transpose()?;
        let resources = object
            .strings("resources")
            .map_err(mistyped)?
            .unwrap_or_default()
            .into_iter()
            .map(|resource| {
                let url = url("resources", resource, Configuration::ResourceInvalid)?;
                if url.query().is_some() {
                    Err(Configuration::ResourceInvalid.about(resource.to_owned()))
                } else {
                    Ok(url)
                }
            })
            .collect::<Result<_, _>>()?;
        let metadata = match object.member("metadata") {
            None => None,
            Some(Value::Object(metadata)) => Some(discovery::from_object(&issuer, metadata, transport)?),
            Some(_) => return Err(Configuration::OptionInvalid.about("metadata")),
        };
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri,
            callback_uri,
            scope: scope(text("scope")?.unwrap_or("openid profile email"))?,
            resources,
            post_logout_redirect_uri: text("postLogoutRedirectUri")?
                .map(|text| url("postLogoutRedirectUri", text, Configuration::PostLogoutRedirectUriInvalid))
                .transpose()?,
            metadata,
            stored_transactions: match text("transactions")? {
                None | Some("stored") => true,
                Some("memory") => false,
                Some(_) => return Err(Configuration::OptionInvalid.about("transactions")),
            },
            clock_tolerance: match object.member("clockTolerance") {
                None => ClockTolerance::DEFAULT,
                Some(Value::Number(number)) => number
                    .seconds()
                    .and_then(ClockTolerance::from_seconds)
                    .ok_or(Configuration::ClockToleranceInvalid)?,
                Some(_) => return Err(Configuration::ClockToleranceInvalid.into()),
            },
            transport,
            issuer,
        })
    }
}

/// A scope that asks for an ID token: scope tokens (RFC 6749 §3.3) separated by one space each, `openid` among them.
///
/// # Errors
///
/// `ScopeInvalid`.
pub fn scope(text: &str) -> Result<String, Error> {
    let valid_token = |token: &str| {
        !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
    };
    if parts(text, b' ').all(valid_token) && parts(text, b' ').any(|token| token == "openid") {
        Ok(text.to_owned())
    } else {
        Err(Configuration::ScopeInvalid.into())
    }
}
