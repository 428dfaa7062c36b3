//! What crosses the port between page and vault: a closed list.
//!
//! Written down here once; `pkg-template/src/port.ts` types it for the page, and a test compares the two. No message
//! holds a token. (The URL of a sign-out does hold the ID token as its hint: by then the session has ended.)

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::trace;
use crate::protocol::{session::Session, time::Instant};

/// A kind of message and its members; `?` marks those that may be absent.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The value of the member `kind`.
    pub kind: &'static str,
    /// The other members.
    pub members: &'static [&'static str],
}

/// What a page may ask. Each but `abort` and `close` is answered by the reply with its `id`.
pub const COMMANDS: &[Shape] = &[
    Shape { kind: "ready", members: &["id", "url"] },
    Shape { kind: "signIn", members: &["id", "options"] },
    Shape { kind: "signOut", members: &["id", "options"] },
    Shape { kind: "fetch", members: &["id", "url", "method", "headers", "body?", "init"] },
    Shape { kind: "userInfo", members: &["id"] },
    Shape { kind: "renew", members: &["id"] },
    Shape { kind: "trace", members: &["id"] },
    Shape { kind: "abort", members: &["id"] },
    Shape { kind: "close", members: &[] },
];

/// What the vault answers.
pub const REPLIES: &[Shape] =
    &[Shape { kind: "value", members: &["id", "value?"] }, Shape { kind: "error", members: &["id", "error"] }];

/// What the vault tells every page unasked.
pub const EVENTS: &[Shape] = &[
    Shape { kind: "hello", members: &[] },
    Shape { kind: "session", members: &["session"] },
    Shape { kind: "trace", members: &["step"] },
    Shape { kind: "failed", members: &["error"] },
];

/// Something every page is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The session changed.
    Session(Snapshot),
    /// The vault took a step.
    Trace(trace::Entry),
}

/// Who is signed in, without any token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// Nobody.
    SignedOut,
    /// Somebody.
    SignedIn {
        /// The claims of the ID token, as a JSON object.
        claims: String,
        /// The granted scopes.
        scope: Vec<String>,
        /// When the access token ends, in milliseconds since 1970 on this device's clock.
        access_token_expires_at: Option<u64>,
        /// Whether there is a refresh token.
        renewable: bool,
    },
}

impl Snapshot {
    pub(crate) fn of(session: Option<&Session>, now: Instant, unix_millis: u64) -> Self {
        session.map_or(Self::SignedOut, |session| Self::SignedIn {
            claims: session.claims.as_json().to_owned(),
            scope: session.scope.clone(),
            access_token_expires_at: session.lifetime.map(|lifetime| unix_millis + lifetime.ends.millis_left(now)),
            renewable: session.refresh_token.is_some(),
        })
    }
}
