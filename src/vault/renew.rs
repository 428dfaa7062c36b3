//! Renewal of the access token with the refresh token (RFC 6749 §6, OpenID Connect Core §12).

use alloc::{borrow::ToOwned, boxed::Box, string::String};

use super::{Vault, message::Event, trace::Step};
use crate::{
    error::{Cancellation, Error, Provider, Reason, Usage, Violation},
    platform::Platform,
    protocol::{
        id_token::{Expectation, Occasion},
        session::Session,
        token,
    },
    secret::Secret,
};

impl<P: Platform> Vault<P> {
    /// The access token, renewed first if it is due.
    pub(super) async fn access_token(&self) -> Result<Secret<String>, Error> {
        let generation = self.signed_in()?;
        let now = self.platform().instant();
        let due = self.with_session(generation, |session| session.is_due(now)).unwrap_or_default();
        if due && let Err(error) = self.renew().await {
            // A renewal that failed for now does not matter while the token still lives.
            let now = self.platform().instant();
            let live = self.with_session(generation, |session| session.is_live(now)).unwrap_or_default();
            if !live {
                return Err(error);
            }
        }
        self.with_session(generation, |session| session.access_token.clone())
            .ok_or_else(|| Cancellation::Superseded.into())
    }

    /// Renews the access token with the refresh token, whether it is due or not.
    ///
    /// # Errors
    ///
    /// [`Usage::NotSignedIn`], [`Usage::AccessTokenExpired`] without a refresh token, and whatever the provider answers.
    pub async fn renew(&self) -> Result<(), Error> {
        // One flight for all: a refresh token that rotates must never be used twice (RFC 9700 §4.14.2).
        let this = self.clone();
        self.join(&self.inner.renewal_flight, Box::pin(async move { this.renewal().await })).await
    }

    async fn renewal(&self) -> Result<(), Error> {
        let generation = self.signed_in()?;
        let refresh_token = self
            .with_session(generation, |session| session.refresh_token.clone())
            .flatten()
            .ok_or(Usage::AccessTokenExpired)?;
        self.note(Step::RenewalStarted, None);
        let outcome = self.exchange(generation, &refresh_token).await;
        match &outcome {
            Ok(()) => {
                self.note(Step::Renewed, None);
                self.tell(&Event::Session(self.snapshot()));
            }
            Err(error) => {
                self.note(Step::RenewalFailed, Some(error.code().to_owned()));
                let current = self.with_session(generation, |_| ()).is_some();
                if current && ends_session(error) {
                    self.replace_session(None);
                }
            }
        }
        outcome
    }

    async fn exchange(&self, generation: u64, refresh_token: &Secret<String>) -> Result<(), Error> {
        let metadata = self.metadata().await?;
        let requested = self.platform().instant();
        let request = token::refresh_request(&metadata, &self.config().client_id, refresh_token);
        let response = token::process(&self.platform().send(request).await?)?;

        // Core §12.2: an ID token may come with it, and is then verified like the first one.
        let verified = if let Some(raw) = &response.id_token {
            let known = |session: &mut Session| {
                (session.claims.clone(), session.audience.clone(), session.nonce.clone(), session.auth_time)
            };
            let (claims, audience, nonce, auth_time) =
                self.with_session(generation, known).ok_or(Cancellation::Superseded)?;
            let expectation = Expectation {
                issuer: &self.config().issuer,
                client_id: &self.config().client_id,
                now: self.platform().now(),
                tolerance: self.config().clock_tolerance,
                access_token: &response.access_token,
                occasion: Occasion::Renewal {
                    subject: claims.subject(),
                    audience: &audience,
                    nonce: &nonce,
                    auth_time,
                },
            };
            Some((self.verify(&metadata, raw, &expectation).await?, raw.clone()))
        } else {
            None
        };

        self.with_session(generation, |session| {
            if let Some((id_token, raw)) = verified {
                session.claims = id_token.claims;
                session.id_token = raw;
            }
            session.renew(response, requested);
        })
        .ok_or_else(|| Cancellation::Superseded.into())
    }
}

/// Whether a failed renewal ends the session: the provider refused the refresh token for good, or sent an answer that
/// broke a rule. A network that is down, a server that is busy and a timeout do not.
fn ends_session(error: &Error) -> bool {
    match error.reason() {
        Reason::Provider(refusal) => !matches!(
            refusal,
            Provider::ServerError | Provider::TemporarilyUnavailable | Provider::InvalidRequest | Provider::Other
        ),
        // An answer that was cut off, or that a proxy put in the provider's place, says nothing about the session.
        Reason::Protocol(violation) => !matches!(
            violation,
            Violation::JsonMalformed
                | Violation::JsonNotAnObject
                | Violation::ContentTypeMismatch
                | Violation::TokenResponseStatus
                | Violation::MetadataNotFound
                | Violation::JwkSetUnavailable
        ),
        _ => false,
    }
}
