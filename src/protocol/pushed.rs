//! Pushed authorization requests (RFC 9126).

use alloc::{borrow::ToOwned, string::String};

use super::{
    http::{Document, Request, Response},
    json::Value,
    token_error,
    url::{Url, append_parameter, encode_form},
};
use crate::error::{Error, Violation};

/// RFC 9126 §2.2: a handle, not a document.
const MAX_REQUEST_URI: usize = 512;

/// Hands the parameters of an authorization request to the provider (§2.1).
#[must_use]
pub fn request(endpoint: &Url, parameters: &[(&str, String)]) -> Request {
    let form = encode_form(parameters.iter().map(|(name, value)| (*name, value.as_str())));
    Request::post(Document::PushedRequest, endpoint.as_str().to_owned(), form)
}

/// The `request_uri` that stands for them (§2.2). It is used at once, and once.
///
/// # Errors
///
/// `ServerUnavailable`, the provider's refusal, `PushedResponseInvalid`, `ContentTypeMismatch`, the JSON errors.
pub fn process(response: &Response) -> Result<String, Error> {
    if let Some(error) = response.unavailable() {
        return Err(error);
    }
    let invalid = |what: &'static str| Violation::PushedResponseInvalid.about(what);
    if response.status != 201 {
        let refusal = response.json(Document::PushedRequest).and_then(|object| token_error::from_object(&object));
        return Err(refusal.unwrap_or_else(|_| Violation::PushedResponseInvalid.about(response.status_text())));
    }
    let object = response.json(Document::PushedRequest)?;
    let lives = matches!(object.member("expires_in"), Some(Value::Number(number)) if number.seconds().is_some_and(|seconds| seconds > 0));
    if !lives {
        return Err(invalid("expires_in"));
    }
    let request_uri = object.string("request_uri").ok().flatten().ok_or_else(|| invalid("request_uri"))?;
    // Not a place that somebody fetches (RFC 9101 §5.2): only the provider itself knows what it stands for.
    let handle = request_uri.bytes().all(|byte| byte.is_ascii_graphic()) && request_uri.starts_with("urn:");
    if !handle || request_uri.len() > MAX_REQUEST_URI {
        return Err(invalid("request_uri"));
    }
    Ok(request_uri.to_owned())
}

/// The URL to send the browser to: nothing but the client and the handle (§4).
#[must_use]
pub fn url(endpoint: &Url, client_id: &str, request_uri: &str) -> String {
    let mut url = endpoint.as_str().to_owned();
    append_parameter(&mut url, endpoint.parameter_separator(), "client_id", client_id);
    append_parameter(&mut url, Some('&'), "request_uri", request_uri);
    url
}
