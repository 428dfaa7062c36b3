//! What a signed-in client holds, and when it must be renewed: plain arithmetic.

use alloc::{string::String, vec::Vec};

use crate::{
    protocol::{
        authorization::Nonce,
        claims::Claims,
        time::{Instant, Timestamp},
        token::TokenResponse,
    },
    secret::Secret,
};

/// When an access token is to be renewed, and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// From here on it is renewed ahead of its use, so that no call has to wait.
    pub ahead: Instant,
    /// From here on it is renewed before it is used, so that it is still good when it arrives.
    pub due: Instant,
    /// From here on it is of no use.
    pub ends: Instant,
    /// Whether it lives for seconds only: another one would not live for longer.
    pub is_brief: bool,
}

impl Lifetime {
    /// Seconds before its end at which a token is due.
    const MARGIN: u64 = 5;

    /// Seconds before its end at which it is renewed ahead.
    const AHEAD: u64 = 60;

    /// No token is renewed ahead sooner than this, in seconds: one that lives for seconds only is renewed when it is used.
    const SOONEST: u64 = 30;

    /// The lifetime of a token that was requested at `requested` and is said to live for `seconds`. `expires_in` counts
    /// from the response (RFC 6749 §5.1); counting from the request errs on the safe side.
    #[must_use]
    pub fn starting(requested: Instant, seconds: u64) -> Self {
        let ahead = seconds.saturating_sub(Self::AHEAD.min(seconds / 4)).max(Self::SOONEST);
        Self {
            ahead: requested.plus_seconds(ahead),
            // A token that lives for seconds only would otherwise be due from the start.
            due: requested.plus_seconds(seconds.saturating_sub(Self::MARGIN.min(seconds / 2))),
            ends: requested.plus_seconds(seconds),
            is_brief: seconds < Self::SOONEST,
        }
    }

    /// Whether the token is to be renewed before it is used.
    #[must_use]
    pub fn is_due(&self, now: Instant) -> bool {
        self.due.has_come(now)
    }

    /// Whether the token has ended, though it was to live for a while.
    #[must_use]
    pub fn has_ended_early(&self, now: Instant) -> bool {
        !self.is_brief && self.ends.has_come(now)
    }
}

/// An access token for one of several resources, beside the one of the sign-in.
#[derive(Debug)]
pub struct Access {
    /// The token.
    pub token: Secret<String>,
    /// How long it lives; `None` when the provider did not say.
    pub lifetime: Option<Lifetime>,
}

/// The tokens and claims of a signed-in user.
#[derive(Debug)]
pub struct Session {
    /// The claims of the ID token the user signed in with, or of the last renewed one.
    pub claims: Claims,
    /// The nonce of the sign-in: a renewed ID token may repeat it (OpenID Connect Core §12.2).
    pub nonce: Nonce,
    /// `aud` of the first ID token.
    pub audience: Vec<String>,
    /// `auth_time` of the first ID token.
    pub auth_time: Option<Timestamp>,
    /// The granted scopes.
    pub scope: Vec<String>,
    /// The raw ID token, the hint for sign-out.
    pub id_token: Secret<String>,
    /// The access token.
    pub access_token: Secret<String>,
    /// How long the access token lives; `None` when the provider did not say: it is then used until it is refused.
    pub lifetime: Option<Lifetime>,
    /// Access tokens for other targets than the sign-in's, by the target's index in the configuration.
    pub others: Vec<(usize, Access)>,
    /// The granted `authorization_details` as JSON (RFC 9396 §7).
    pub authorization_details: Option<String>,
    /// The refresh token, if there is one.
    pub refresh_token: Option<Secret<String>>,
    /// The provider's word for the state of its own session (OpenID Connect Session Management §2).
    pub session_state: Option<String>,
}

impl Session {
    /// The tokens that have to be revoked when the session is over: the refresh token, and the access tokens.
    #[must_use]
    pub fn into_tokens(self) -> (Option<Secret<String>>, Vec<Secret<String>>) {
        let others = self.others.into_iter().map(|(_, access)| access.token);
        (self.refresh_token, core::iter::once(self.access_token).chain(others).collect())
    }

    /// Whether the access token is to be renewed before it is used.
    #[must_use]
    pub fn is_due(&self, now: Instant) -> bool {
        self.lifetime.is_some_and(|lifetime| lifetime.is_due(now))
    }

    /// Whether the access token has ended, though it was to live for a while.
    #[must_use]
    pub fn has_ended_early(&self, now: Instant) -> bool {
        self.lifetime.is_some_and(|lifetime| lifetime.has_ended_early(now))
    }

    /// When the access token is to be renewed ahead of its use; `None` without a refresh token.
    #[must_use]
    pub fn ahead(&self) -> Option<Instant> {
        self.lifetime.filter(|_| self.refresh_token.is_some()).map(|lifetime| lifetime.ahead)
    }

    /// Whether the access token can still be used.
    #[must_use]
    pub fn is_live(&self, now: Instant) -> bool {
        self.lifetime.is_none_or(|lifetime| !lifetime.ends.has_come(now))
    }

    /// A new refresh token replaces the old one; without a new one the old one stays (RFC 6749 §6).
    pub fn rotate(&mut self, refresh_token: Option<Secret<String>>) {
        if refresh_token.is_some() {
            self.refresh_token = refresh_token;
        }
    }

    /// Takes over the tokens of a renewal.
    pub fn renew(&mut self, response: TokenResponse, requested: Instant) {
        self.access_token = response.access_token;
        self.lifetime = response.expires_in.map(|seconds| Lifetime::starting(requested, seconds));
        self.rotate(response.refresh_token);
        if let Some(scope) = response.scope {
            self.scope = scope;
        }
        if response.authorization_details.is_some() {
            self.authorization_details = response.authorization_details;
        }
    }

    /// The access token for another target, while it can be used.
    #[must_use]
    pub fn other(&self, target: usize, now: Instant) -> Option<&Secret<String>> {
        let (_, access) = self.others.iter().find(|(index, _)| *index == target)?;
        access.lifetime.is_none_or(|lifetime| !lifetime.is_due(now)).then_some(&access.token)
    }

    /// Whether the access token for another target has ended, though it was to live for a while.
    #[must_use]
    pub fn other_has_ended_early(&self, target: usize, now: Instant) -> bool {
        let other = self.others.iter().find(|(index, _)| *index == target).and_then(|(_, access)| access.lifetime);
        other.is_some_and(|lifetime| lifetime.has_ended_early(now))
    }

    /// Puts the access token for another target in the place of the former one.
    pub fn set_other(&mut self, target: usize, access: Access) {
        self.others.retain(|(index, _)| *index != target);
        self.others.push((target, access));
    }
}
