//! Who is signed in, as a value.

use alloc::{string::String, sync::Arc, vec::Vec};

use super::config::Isolation;
use crate::error::Error;

/// A snapshot of the session. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Session {
    /// Before [`Client::ready`](super::Client::ready) is done; on a server for ever.
    #[default]
    Loading,
    /// Nobody is signed in.
    SignedOut(Arc<SignedOut>),
    /// Somebody is signed in.
    SignedIn(Arc<SignedIn>),
}

impl Session {
    /// Whether somebody is signed in.
    #[must_use]
    pub const fn is_signed_in(&self) -> bool {
        matches!(self, Self::SignedIn(_))
    }

    /// Whether it is not known yet.
    #[must_use]
    pub const fn is_loading(&self) -> bool {
        matches!(self, Self::Loading)
    }

    /// The claims of the user who is signed in.
    #[must_use]
    pub fn claims(&self) -> Option<&Claims> {
        match self {
            Self::SignedIn(session) => Some(&session.claims),
            _ => None,
        }
    }

    /// Why the sign-in that this page load was to finish did not succeed.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Loading => None,
            Self::SignedOut(session) => session.error.as_ref(),
            Self::SignedIn(session) => session.error.as_ref(),
        }
    }
}

/// Nobody is signed in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignedOut {
    /// Where the vault runs.
    pub isolation: Isolation,
    /// Why the last session ended, if one did since the vault was started: `signed_out`, `provider_signed_out`,
    /// `provider_session_changed`, `renewal_refused`.
    pub reason: Option<String>,
    /// What [`Client::ready`](super::Client::ready) tried in order to restore a session.
    pub restore_failure: Option<RestoreFailure>,
    /// Why the sign-in that this page load was to finish did not succeed, e.g. `access_denied` or `state_unknown`.
    pub error: Option<Error>,
}

/// Somebody is signed in. Holds no token.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignedIn {
    /// Where the vault runs.
    pub isolation: Isolation,
    /// The claims of the verified ID token.
    pub claims: Claims,
    /// The scopes the provider granted; may be fewer than were asked for (RFC 6749 §5.1).
    pub scope: Vec<String>,
    /// When the access token expires, in milliseconds since 1970 on this device's clock; `None` when the provider did not say. The
    /// session usually outlives it: the vault renews the token when it is next needed.
    pub access_token_expires_at: Option<f64>,
    /// How the access token is sent: `Bearer`, or `DPoP` when it is bound to the vault's key (RFC 9449).
    pub token_type: String,
    /// The authorization details that the provider granted, as JSON (RFC 9396 §7); may be others than were asked for.
    pub authorization_details: Option<String>,
    /// Whether the page may have the access token.
    pub access_token_exposed: bool,
    /// Whether the vault holds a refresh token, and so can renew the access token.
    pub renewable: bool,
    /// There while the access token cannot be renewed for now.
    pub renewal_postponed: Option<RenewalPostponed>,
    /// The provider's word for the state of its own session (OpenID Connect Session Management §2).
    pub session_state: Option<String>,
    /// How this page came by the session: `redirect`, `popup`, `silent`, `memory` or `persisted`.
    pub restored_by: String,
    /// A callback that this page load brought and that was refused. The session it could not replace is untouched.
    pub error: Option<Error>,
}

/// The access token could not be renewed for now. The session goes on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RenewalPostponed {
    /// Why, e.g. `offline`, `provider_unreachable`, `server_unavailable`.
    pub code: String,
    /// When it is tried again, in milliseconds since 1970; sooner when the page is shown again or the device is back online.
    pub retry_at: f64,
}

/// A way of restoring a session that was tried and failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestoreFailure {
    /// `silent` or `persisted`.
    pub by: String,
    /// Why, e.g. `login_required`, `silent_blocked`, `silent_timed_out`, `restore_suspended`.
    pub code: String,
    /// What is worth knowing beside the code.
    pub detail: Option<String>,
}

/// The claims of a verified ID token, or of the UserInfo endpoint (OpenID Connect Core §2, §5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    json: String,
    texts: Vec<String>,
}

impl Claims {
    /// `texts`: the claims that are strings, each name followed by its value.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server nobody is ever signed in"))]
    pub(super) const fn new(json: String, texts: Vec<String>) -> Self {
        Self { json, texts }
    }

    /// All of them, as JSON.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// A claim that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.chunks_exact(2).find_map(|claim| match claim {
            [other, value] if other == name => Some(value.as_str()),
            _ => None,
        })
    }

    /// Subject: the user, unique and never reassigned within the issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// The user's full name, if the provider tells it (scope `profile`).
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// The name by which the user wishes to be referred to (scope `profile`). Not unique.
    #[must_use]
    pub fn preferred_username(&self) -> Option<&str> {
        self.text("preferred_username")
    }

    /// The user's e-mail address (scope `email`). Not an identifier: that is [`Claims::subject`] with the issuer.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// The URL of a picture of the user (scope `profile`).
    #[must_use]
    pub fn picture(&self) -> Option<&str> {
        self.text("picture")
    }

    /// The claims as a type of the application's.
    ///
    /// # Errors
    /// What serde says of claims that do not fit the type; on a server, that there are none.
    #[cfg(feature = "serde")]
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        super::face::parse(&self.json)
    }
}
