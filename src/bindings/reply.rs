//! Replies and events: written as messages for the page. No token is among what they are made of.

use alloc::string::String;

use js_sys::{Array, JSON};
use wasm_bindgen::JsValue;

use super::value::Building;
use crate::{
    error::Error,
    protocol::claims::Claims,
    vault::{
        Arrival,
        message::{Event, Snapshot},
        trace::Entry,
    },
};

/// The reply to a command.
pub(super) fn reply(id: &JsValue, outcome: Result<JsValue, Error>) -> JsValue {
    match outcome {
        Ok(value) => message("value").with("id", id).with("value", value).build(),
        Err(failure) => message("error").with("id", id).with("error", error(&failure)).build(),
    }
}

pub(super) fn event(event: &Event) -> JsValue {
    match event {
        Event::Session(snapshot) => message("session").with("session", session(snapshot)).build(),
        Event::Trace(entry) => message("trace").with("step", step(entry)).build(),
    }
}

pub(super) fn hello() -> JsValue {
    message("hello").build()
}

fn message(kind: &str) -> Building {
    Building::new().with("kind", kind)
}

/// An error: its code, and what is worth knowing. The sentence and the hint for people live in the page.
pub(super) fn error(error: &Error) -> JsValue {
    let refusal = error.refusal();
    Building::new()
        .with("code", error.code())
        .maybe("detail", error.detail())
        .maybe("error", refusal.map(|refusal| refusal.error.as_str()))
        .maybe("errorDescription", refusal.and_then(|refusal| refusal.description.as_deref()))
        .build()
}

pub(super) fn arrival(arrival: &Arrival) -> JsValue {
    Building::new()
        .with("session", session(&arrival.snapshot))
        .maybe("location", arrival.location.as_deref())
        .maybe("error", arrival.error.as_ref().map(error))
        .build()
}

pub(super) fn url(url: Option<&str>) -> JsValue {
    Building::new().maybe("url", url).build()
}

/// Claims as an object. They were read by the strict reader before; `JSON.parse` reads the same from them.
pub(super) fn claims(claims: &Claims) -> JsValue {
    parsed(claims.as_json())
}

pub(super) fn trace(entries: impl IntoIterator<Item = Entry>) -> JsValue {
    entries.into_iter().map(|entry| step(&entry)).collect::<Array>().into()
}

fn session(snapshot: &Snapshot) -> JsValue {
    match snapshot {
        Snapshot::SignedOut => Building::new().with("status", "signed-out").build(),
        Snapshot::SignedIn { claims, scope, access_token_expires_at, renewable } => Building::new()
            .with("status", "signed-in")
            .with("claims", parsed(claims))
            .with("scope", scope.iter().map(|scope| JsValue::from_str(scope)).collect::<Array>())
            .maybe("accessTokenExpiresAt", access_token_expires_at.map(number))
            .with("renewable", *renewable)
            .build(),
    }
}

fn step(entry: &Entry) -> JsValue {
    Building::new()
        .with("at", number(entry.at))
        .with("step", entry.step.name())
        .maybe("detail", entry.detail.as_deref().map(String::from))
        .build()
}

fn parsed(json: &str) -> JsValue {
    JSON::parse(json).unwrap_or(JsValue::NULL)
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact until the year 287396")]
const fn number(millis: u64) -> f64 {
    millis as f64
}
