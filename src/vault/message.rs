//! What crosses the port between page and vault: a closed list.
//!
//! Written down here once; `pkg-template/src/port.ts` types it for the page, and a test compares the two. No message
//! holds a token, but for the answer to `accessToken`, which the configuration has to allow. (The URL of a sign-out does hold the ID token as its hint: by then the session has ended.)

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::trace;
use crate::protocol::{session::Session, time::Instant, token::TokenType};

/// A kind of message and its members; `?` marks those that may be absent.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The value of the member `kind`.
    pub kind: &'static str,
    /// The other members.
    pub members: &'static [&'static str],
}

/// What a page may ask. Each but those without an `id`, and `abort`, is answered by the reply with its `id`.
pub const COMMANDS: &[Shape] = &[
    Shape { kind: "ready", members: &["id", "url"] },
    Shape { kind: "overhear", members: &["id", "url"] },
    Shape { kind: "signIn", members: &["id", "options"] },
    Shape { kind: "outcome", members: &["id", "ticket"] },
    Shape { kind: "cancel", members: &["ticket"] },
    Shape { kind: "signOut", members: &["id", "options"] },
    Shape { kind: "wake", members: &[] },
    Shape { kind: "signedOut", members: &["tag", "revoke"] },
    Shape { kind: "providerSignedOut", members: &["iss", "sid"] },
    Shape { kind: "fetch", members: &["id", "url", "method", "headers", "body?", "init"] },
    Shape { kind: "accessToken", members: &["id", "resource?"] },
    Shape { kind: "userInfo", members: &["id"] },
    Shape { kind: "renew", members: &["id"] },
    Shape { kind: "trace", members: &["id"] },
    Shape { kind: "monitoring", members: &["id"] },
    Shape { kind: "abort", members: &["id"] },
    Shape { kind: "close", members: &[] },
];

/// What the vault answers.
pub const REPLIES: &[Shape] =
    &[Shape { kind: "value", members: &["id", "value?"] }, Shape { kind: "error", members: &["id", "error"] }];

/// What the vault tells every page unasked.
pub const EVENTS: &[Shape] = &[
    Shape { kind: "alive", members: &["lock"] },
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
    /// A client signs out: also where another vault has a session of it.
    SignedOut {
        /// Which client.
        tag: String,
        /// Its tokens are to be left to expire.
        keep_tokens: bool,
    },
    /// The vault took a step.
    Trace(trace::Entry),
}

/// Who is signed in, without any token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// Nobody.
    SignedOut {
        /// Why the last session ended, if this vault has seen one.
        ended: Option<Ended>,
    },
    /// Somebody.
    SignedIn {
        /// The claims of the ID token, as a JSON object.
        claims: String,
        /// The granted scopes.
        scope: Vec<String>,
        /// When the access token ends, in milliseconds since 1970 on this device's clock.
        access_token_expires_at: Option<u64>,
        /// How the access token is sent: bound to a key or not.
        token_type: TokenType,
        /// The granted `authorization_details` as JSON (RFC 9396 §7).
        authorization_details: Option<String>,
        /// Whether the page may have the access token.
        exposed: bool,
        /// Whether there is a refresh token.
        renewable: bool,
        /// Why the access token could not be renewed, and when that is tried again, in milliseconds since 1970.
        postponed: Option<(&'static str, u64)>,
        /// The provider's word for the state of its session.
        session_state: Option<String>,
    },
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The application signed out, in whichever tab.
    SignedOut,
    /// The provider reported its own sign-out (Front-Channel Logout).
    ProviderSignedOut,
    /// The provider's session is another one now, or none (Session Management).
    ProviderSessionChanged,
    /// The provider refused to renew it, or broke a rule in doing so.
    RenewalRefused,
}

impl Ended {
    /// Its name at the JavaScript boundary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::ProviderSignedOut => "provider_signed_out",
            Self::ProviderSessionChanged => "provider_session_changed",
            Self::RenewalRefused => "renewal_refused",
        }
    }
}

impl Snapshot {
    pub(crate) fn of(
        session: Option<&Session>,
        (token_type, exposed): (TokenType, bool),
        ended: Option<Ended>,
        postponed: Option<(&'static str, Instant)>,
        now: Instant,
        unix_millis: u64,
    ) -> Self {
        session.map_or(Self::SignedOut { ended }, |session| Self::SignedIn {
            postponed: postponed.map(|(code, until)| (code, unix_millis + until.millis_left(now))),
            session_state: session.session_state.clone(),
            claims: session.claims.as_json().to_owned(),
            scope: session.scope.clone(),
            token_type,
            exposed,
            authorization_details: session.authorization_details.clone(),
            access_token_expires_at: session.lifetime.map(|lifetime| unix_millis + lifetime.ends.millis_left(now)),
            renewable: session.refresh_token.is_some(),
        })
    }
}
