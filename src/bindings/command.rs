//! Commands of a page: read from the messages on its port.

use alloc::{string::String, vec::Vec};

use wasm_bindgen::JsValue;

use super::value::{member, pairs, text};
use crate::{
    error::{Configuration, Error},
    protocol::authorization::Prompting,
    vault::{SignInOptions, SignOutOptions},
};

/// What a page asks; see `vault::message` for the list.
pub(super) enum Command {
    Ready { url: String },
    SignIn { options: JsValue },
    SignOut { options: JsValue },
    Fetch(Fetch),
    UserInfo,
    Renew,
    Trace,
    Abort,
    Close,
}

pub(super) struct Fetch {
    pub(super) url: String,
    pub(super) method: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: JsValue,
    pub(super) init: JsValue,
}

impl Command {
    /// Reads a message. `None` when it is none of the list.
    pub(super) fn read(message: &JsValue) -> Option<Self> {
        Some(match text(message, "kind")?.as_str() {
            "ready" => Self::Ready { url: text(message, "url")? },
            "signIn" => Self::SignIn { options: member(message, "options") },
            "signOut" => Self::SignOut { options: member(message, "options") },
            "fetch" => Self::Fetch(Fetch {
                url: text(message, "url")?,
                method: text(message, "method")?,
                headers: pairs(&member(message, "headers")),
                body: member(message, "body"),
                init: member(message, "init"),
            }),
            "userInfo" => Self::UserInfo,
            "renew" => Self::Renew,
            "trace" => Self::Trace,
            "abort" => Self::Abort,
            "close" => Self::Close,
            _ => return None,
        })
    }
}

/// The options of a sign-in.
pub(super) fn sign_in_options(options: &JsValue) -> Result<SignInOptions, Error> {
    let string = |name: &'static str| optional_text(options, name);
    Ok(SignInOptions {
        return_to: string("returnTo")?,
        scope: string("scope")?,
        prompting: Prompting {
            prompt: string("prompt")?,
            max_age: seconds(options, "maxAge")?,
            acr_values: string("acrValues")?,
            login_hint: string("loginHint")?,
            ui_locales: string("uiLocales")?,
            extra: pairs(&member(options, "extraParams")),
        },
        attended: member(options, "attended").as_bool().unwrap_or(false),
    })
}

/// The options of a sign-out.
pub(super) fn sign_out_options(options: &JsValue) -> Result<SignOutOptions, Error> {
    Ok(SignOutOptions {
        return_to: optional_text(options, "returnTo")?,
        local: member(options, "local").as_bool().unwrap_or(false),
    })
}

fn optional_text(options: &JsValue, name: &'static str) -> Result<Option<String>, Error> {
    let value = member(options, name);
    if value.is_undefined() {
        return Ok(None);
    }
    value.as_string().map(Some).ok_or_else(|| Configuration::OptionInvalid.about(name))
}

fn seconds(options: &JsValue, name: &'static str) -> Result<Option<u64>, Error> {
    let value = member(options, name);
    if value.is_undefined() {
        return Ok(None);
    }
    match value.as_f64() {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range and whole, as checked")]
        Some(number) if (0.0..1e9).contains(&number) && f64::from(number as u32).to_bits() == number.to_bits() => {
            Ok(Some(u64::from(number as u32)))
        }
        _ => Err(Configuration::OptionInvalid.about(name)),
    }
}
