//! Replies and events: written as messages for the page, in JSON. No token is among what they are made of, but for the one
//! reply that the configuration has to allow.

use alloc::string::String;

use super::writer::{Members, array, text};
use crate::{
    error::Error,
    protocol::{challenge::Challenge, url::decimal},
    vault::{
        Arrival, Departure, ExposedToken, SignedOut,
        message::{Ended, Event, Snapshot},
        trace::Entry,
    },
};

/// The reply to a command that succeeded.
pub(super) fn value(value: &str) -> String {
    message("value").with("value", value).end()
}

/// The reply to a command that succeeded, and has no value.
pub(super) fn done() -> String {
    message("value").end()
}

/// The reply to a command that failed.
pub(super) fn error(error: &Error) -> String {
    message("error").with("error", &failure(error)).end()
}

pub(super) fn event(event: &Event) -> String {
    match event {
        Event::Session(snapshot) => message("session").with("session", &session(snapshot)).end(),
        Event::SignedOut { tag, keep_tokens } => {
            message("signedOut").text("tag", Some(tag)).with("revoke", boolean(!keep_tokens)).end()
        }
        Event::Trace(entry) => message("trace").with("step", &step(entry)).end(),
    }
}

fn message(kind: &str) -> Members {
    Members::default().text("kind", Some(kind))
}

/// An error: its code, and what is worth knowing. The sentence and the hint for people live in the page.
fn failure(error: &Error) -> String {
    let refusal = error.refusal();
    Members::default()
        .text("code", Some(error.code()))
        .text("detail", error.detail())
        .text("error", refusal.map(|refusal| refusal.error.as_str()))
        .text("errorDescription", refusal.and_then(|refusal| refusal.description.as_deref()))
        .end()
}

pub(super) fn arrival(arrival: &Arrival) -> String {
    let members =
        Members::default().with("session", &session(&arrival.snapshot)).text("location", arrival.location.as_deref());
    let members = if arrival.location.is_some() { members.text("mode", Some(arrival.mode.name())) } else { members };
    let members = if arrival.restored { members.text("restoredBy", Some("persisted")) } else { members };
    let members = match &arrival.restore_failure {
        Some(error) => {
            let failure = Members::default()
                .text("by", Some("persisted"))
                .text("code", Some(error.code()))
                .text("detail", error.detail());
            members.with("restoreFailure", &failure.end())
        }
        None => members,
    };
    match &arrival.error {
        Some(error) => members.with("error", &failure(error)),
        None => members,
    }
    .end()
}

pub(super) fn url(url: Option<&str>) -> String {
    Members::default().text("url", url).end()
}

pub(super) fn departure(departure: &Departure) -> String {
    Members::default().text("url", Some(&departure.url)).with("ticket", &decimal(departure.ticket)).end()
}

/// What a resource wants of the user.
pub(super) fn demand(demand: &Challenge) -> String {
    let members = Members::default()
        .text("error", demand.error.as_deref())
        .text("scope", demand.scope.as_deref())
        .text("acrValues", demand.acr_values.as_deref());
    match demand.max_age {
        Some(seconds) => members.with("maxAge", &decimal(seconds)),
        None => members,
    }
    .end()
}

/// The one reply that holds a token: the configuration allows it.
pub(super) fn access_token(exposed: &ExposedToken) -> String {
    Members::default()
        .text("accessToken", Some(exposed.access_token.expose()))
        .text("tokenType", Some(exposed.token_type.name()))
        .end()
}

pub(super) fn signed_out(outcome: &SignedOut) -> String {
    Members::default().text("url", outcome.url.as_deref()).with("revoked", boolean(outcome.revoked)).end()
}

const fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

pub(super) fn trace(entries: &[Entry]) -> String {
    array(entries.iter().map(step))
}

fn session(snapshot: &Snapshot) -> String {
    match snapshot {
        Snapshot::SignedOut { ended } => {
            Members::default().text("status", Some("signed-out")).text("reason", ended.map(Ended::name)).end()
        }
        Snapshot::SignedIn {
            claims,
            scope,
            access_token_expires_at,
            token_type,
            authorization_details,
            exposed,
            renewable,
            postponed,
            session_state,
        } => {
            let members = Members::default()
                .text("status", Some("signed-in"))
                // They were read by the strict reader before; `JSON.parse` reads the same from them.
                .with("claims", claims)
                .with("scope", &array(scope.iter().map(|scope| text(scope))))
                .text("tokenType", Some(token_type.name()))
                .with("renewable", boolean(*renewable))
                .text("sessionState", session_state.as_deref());
            let members = if *exposed { members.with("accessTokenExposed", boolean(true)) } else { members };
            let members = match authorization_details {
                Some(details) => members.with("authorizationDetails", details),
                None => members,
            };
            let members = match access_token_expires_at {
                Some(millis) => members.with("accessTokenExpiresAt", &decimal(*millis)),
                None => members,
            };
            match postponed {
                Some((code, until)) => {
                    let postponed = Members::default().text("code", Some(code)).with("retryAt", &decimal(*until));
                    members.with("renewalPostponed", &postponed.end())
                }
                None => members,
            }
            .end()
        }
    }
}

fn step(entry: &Entry) -> String {
    Members::default()
        .with("at", &decimal(entry.at))
        .text("step", Some(entry.step.name()))
        .text("detail", entry.detail.as_deref())
        .end()
}
