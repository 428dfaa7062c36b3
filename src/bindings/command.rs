//! Commands of a page: read from the messages on its port, as JSON.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use crate::{
    error::{Configuration, Error},
    protocol::{
        authorization::Prompting,
        json::{Object, Value},
    },
    vault::{Mode, SignInOptions, SignOutOptions, message::Ended},
};

/// What a page asks; see `vault::message` for the list.
pub(super) enum Command {
    Ready { url: String },
    Overhear { url: String },
    SignIn { options: Result<SignInOptions, Error> },
    Outcome { ticket: u64 },
    Cancel { ticket: u64 },
    SignOut { options: Result<SignOutOptions, Error> },
    Wake,
    SignedOut { tag: String, keep_tokens: bool },
    ProviderSignedOut { issuer: String, session_id: String },
    Fetch(Fetch),
    AccessToken { resource: Option<String> },
    UserInfo,
    Renew,
    Trace,
    Monitoring,
    Abort,
    Close,
}

/// The rest of it, which is no JSON, is with the call.
pub(super) struct Fetch {
    pub(super) url: String,
    pub(super) method: String,
    pub(super) headers: Vec<(String, String)>,
}

impl Command {
    /// Reads a message. `None` when it is none of the list.
    pub(super) fn read(message: &str) -> Option<Self> {
        let message = Object::parse(message.as_bytes(), "command").ok()?;
        let text = |name| message.string(name).ok().flatten().map(ToOwned::to_owned);
        let denied = |name| matches!(message.member(name), Some(Value::Boolean(false)));
        let options = || match message.member("options") {
            Some(Value::Object(options)) => Options(options),
            _ => Options(const { &Object::EMPTY }),
        };
        Some(match text("kind")?.as_str() {
            "ready" => Self::Ready { url: text("url")? },
            "overhear" => Self::Overhear { url: text("url")? },
            "signIn" => Self::SignIn { options: options().of_sign_in() },
            "outcome" => Self::Outcome { ticket: Options(&message).seconds("ticket").ok()?? },
            "cancel" => Self::Cancel { ticket: Options(&message).seconds("ticket").ok()?? },
            "signOut" => Self::SignOut { options: options().of_sign_out() },
            "wake" => Self::Wake,
            "signedOut" => Self::SignedOut { tag: text("tag")?, keep_tokens: denied("revoke") },
            "providerSignedOut" => Self::ProviderSignedOut { issuer: text("iss")?, session_id: text("sid")? },
            "fetch" => Self::Fetch(Fetch {
                url: text("url")?,
                method: text("method")?,
                headers: pairs(message.member("headers")),
            }),
            "accessToken" => Self::AccessToken { resource: text("resource") },
            "userInfo" => Self::UserInfo,
            "renew" => Self::Renew,
            "trace" => Self::Trace,
            "monitoring" => Self::Monitoring,
            "abort" => Self::Abort,
            "close" => Self::Close,
            _ => return None,
        })
    }
}

/// The options of a command. One that is there and of the wrong type is refused, `null` too.
struct Options<'a>(&'a Object);

impl Options<'_> {
    fn of_sign_in(&self) -> Result<SignInOptions, Error> {
        let mode = self.text("mode")?;
        Ok(SignInOptions {
            mode: match mode.as_deref() {
                Some(name) => Mode::from_name(name).ok_or_else(|| Configuration::OptionInvalid.about("mode"))?,
                None => Mode::Redirect,
            },
            return_to: self.text("returnTo")?,
            scope: self.text("scope")?,
            prompting: Prompting {
                prompt: self.text("prompt")?,
                max_age: self.seconds("maxAge")?,
                acr_values: self.text("acrValues")?,
                login_hint: self.text("loginHint")?,
                ui_locales: self.text("uiLocales")?,
                claims: self.text("claims")?,
                authorization_details: self.text("authorizationDetails")?,
                id_token_hint: None,
                extra: pairs(self.0.member("extraParams")),
            },
            id_token_hint: self.is_true("idTokenHint"),
            same_user: self.is_true("sameUser"),
            lasting: self.is_true("lasting"),
            attended: self.is_true("attended"),
        })
    }

    fn of_sign_out(&self) -> Result<SignOutOptions, Error> {
        let keep_tokens = matches!(self.0.member("revoke"), Some(Value::Boolean(false)));
        // The one reason that only a page can find out.
        let changed = self.text("reason")?.is_some_and(|reason| reason == Ended::ProviderSessionChanged.name());
        Ok(SignOutOptions {
            return_to: self.text("returnTo")?,
            local: self.is_true("local"),
            keep_tokens,
            reason: changed.then_some(Ended::ProviderSessionChanged),
        })
    }

    fn is_true(&self, name: &str) -> bool {
        matches!(self.0.member(name), Some(Value::Boolean(true)))
    }

    fn given(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    fn text(&self, name: &'static str) -> Result<Option<String>, Error> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Configuration::OptionInvalid.about(name)),
        }
    }

    /// Whole seconds, below 10⁹.
    fn seconds(&self, name: &'static str) -> Result<Option<u64>, Error> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                let whole = number.as_str().parse().ok().filter(|seconds| *seconds < 1_000_000_000);
                whole.map(Some).ok_or_else(|| Configuration::OptionInvalid.about(name))
            }
            Some(_) => Err(Configuration::OptionInvalid.about(name)),
        }
    }
}

/// The pairs of strings of an array of arrays.
fn pairs(value: Option<&Value>) -> Vec<(String, String)> {
    let Some(Value::Array(pairs)) = value else {
        return Vec::new();
    };
    pairs
        .iter()
        .filter_map(|pair| match pair {
            Value::Array(pair) => match pair.as_slice() {
                [Value::String(name), Value::String(value), ..] => Some((name.clone(), value.clone())),
                _ => None,
            },
            _ => None,
        })
        .collect()
}
