//! The configuration: read once, checked whole, then fixed.
//!
//! It travels as JSON in the name of the worker that runs the vault, so that a page that asks for other settings is given
//! another vault, and never the tokens of this one.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use crate::{
    error::{Configuration, Error},
    protocol::{
        authorization::ResponseMode,
        discovery::{self, ProviderMetadata},
        issuer::Issuer,
        json::{Object, Value},
        text::{cut, parts},
        time::ClockTolerance,
        token::Target,
        url::{Transport, Url, UrlError},
    },
};

/// A checked configuration.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each of them is an option")]
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
    /// Where access tokens may go.
    pub resources: Vec<Resource>,
    /// What access tokens are asked for, one for each: the first is the sign-in's own.
    pub targets: Vec<Target>,
    /// The target whose access token is for the UserInfo endpoint.
    pub user_info_target: usize,
    /// How authorization responses come back.
    pub response_mode: ResponseMode,
    /// Whether tokens are bound to a key.
    pub dpop: Dpop,
    /// Whether authorization requests must be pushed, also where the provider leaves it open.
    pub pushed_requests_required: bool,
    /// Whether a DPoP-bound session is kept in storage.
    pub persistent: bool,
    /// Whether the page may have the access token.
    pub expose_access_token: bool,
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

/// An API that an access token may go to.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Where it is: an origin, or an origin and a path prefix.
    pub url: Url,
    /// Its token, by index in [`Config::targets`].
    pub target: usize,
}

/// Whether tokens are bound to a key (RFC 9449).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dpop {
    /// Where the provider announces it and the browser has WebCrypto.
    #[default]
    Auto,
    /// Always; a provider that cannot is refused.
    Required,
    /// Never.
    Off,
}

/// The members of a resource that is given as an object.
const RESOURCE_MEMBERS: &[&str] = &["url", "scope", "resource", "audience"];

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
    "dpop",
    "par",
    "persist",
    "responseMode",
    "exposeAccessToken",
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
        let given = match object.member("resources") {
            None => &[],
            Some(Value::Array(given)) => given.as_slice(),
            Some(_) => return Err(Configuration::OptionInvalid.about("resources")),
        };
        let mut resources = Vec::new();
        let mut targets: Vec<Target> = Vec::new();
        for given in given {
            let (text, target) = resource(given)?;
            let url = url("resources", text, Configuration::ResourceInvalid)?;
            if url.query().is_some() {
                return Err(Configuration::ResourceInvalid.about(text.to_owned()));
            }
            resources.push(Resource { url, target: index_of(&mut targets, target) });
        }
        // A token for one resource is for that one alone (RFC 8707 §2): UserInfo is at the provider.
        let user_info_target = match targets.first() {
            Some(first) if first.resource.is_none() => 0,
            _ => index_of(&mut targets, Target::default()),
        };
        let one_of = |name: &'static str, choices: &[&str]| match text(name)? {
            None => Ok(0),
            Some(chosen) => choices
                .iter()
                .position(|choice| *choice == chosen)
                .ok_or_else(|| Configuration::OptionInvalid.about(name)),
        };
        let flag = |name| object.boolean(name).map_err(mistyped).map(Option::unwrap_or_default);
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
            targets,
            user_info_target,
            response_mode: match text("responseMode")? {
                None => ResponseMode::Query,
                Some(name) => {
                    ResponseMode::from_name(name).ok_or_else(|| Configuration::OptionInvalid.about("responseMode"))?
                }
            },
            dpop: match one_of("dpop", &["auto", "required", "off"])? {
                0 => Dpop::Auto,
                1 => Dpop::Required,
                _ => Dpop::Off,
            },
            pushed_requests_required: one_of("par", &["auto", "required"])? == 1,
            persistent: one_of("persist", &["memory", "dpop"])? == 1,
            expose_access_token: flag("exposeAccessToken")?,
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

impl Config {
    /// What a refresh request asks for, to get an access token for this target. The first one was asked for with all scopes, and
    /// stays what it was.
    #[must_use]
    pub fn refresh_target(&self, index: usize) -> Target {
        let mut target = self.targets.get(index).cloned().unwrap_or_default();
        if index == 0 {
            target.scope = None;
        }
        target
    }
}

/// The URL of a resource, and what its access token is asked for with.
fn resource(given: &Value) -> Result<(&str, Target), Error> {
    let object = match given {
        Value::String(url) => return Ok((url, Target::default())),
        Value::Object(object) => object,
        _ => return Err(Configuration::OptionInvalid.about("resources")),
    };
    if let Some((name, _)) = object.iter().find(|(name, _)| !RESOURCE_MEMBERS.contains(name)) {
        return Err(Configuration::OptionUnknown.about(name.to_owned()));
    }
    let text = |name| object.string(name).map_err(|_| Configuration::OptionInvalid.about(name));
    let scope = text("scope")?;
    if scope.is_some_and(|scope| !is_scope(scope)) {
        return Err(Configuration::ScopeInvalid.into());
    }
    // RFC 8707 §2: an absolute URI without a fragment.
    let uri = text("resource")?;
    let absolute = |uri: &str| {
        let (scheme, rest) = cut(uri, b':');
        let named = scheme.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
        let valid = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
        rest.is_some() && named && valid && uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
    };
    if let Some(uri) = uri.filter(|uri| !absolute(uri)) {
        return Err(Configuration::ResourceInvalid.about(uri.to_owned()));
    }
    let target = Target {
        scope: scope.map(ToOwned::to_owned),
        resource: uri.map(ToOwned::to_owned),
        audience: text("audience")?.map(ToOwned::to_owned),
    };
    Ok((text("url")?.ok_or_else(|| Configuration::OptionInvalid.about("resources"))?, target))
}

fn index_of(targets: &mut Vec<Target>, target: Target) -> usize {
    targets.iter().position(|known| *known == target).unwrap_or_else(|| {
        targets.push(target);
        targets.len() - 1
    })
}

/// A scope that asks for an ID token: scope tokens (RFC 6749 §3.3) separated by one space each, `openid` among them.
///
/// # Errors
///
/// `ScopeInvalid`.
pub fn scope(text: &str) -> Result<String, Error> {
    if is_scope(text) && parts(text, b' ').any(|token| token == "openid") {
        Ok(text.to_owned())
    } else {
        Err(Configuration::ScopeInvalid.into())
    }
}

/// Scope tokens (RFC 6749 §3.3) separated by one space each.
fn is_scope(text: &str) -> bool {
    parts(text, b' ').all(|token| {
        !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
    })
}
