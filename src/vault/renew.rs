//! Renewal of the access token with the refresh token (RFC 6749 §6, OpenID Connect Core §12).

use alloc::{borrow::ToOwned, string::String};

use super::{Vault, flight::Flight, trace::Step};
use crate::{
    error::{Cancellation, Error, Provider, Reason, Usage},
    platform::Platform,
    protocol::{
        id_token::{Expectation, Occasion},
        token,
    },
    secret::Secret,
};

impl<P: Platform> Vault<P> {
    /// The access token, renewed first if it is due.
    pub(super) async fn access_token(&self) -> Result<Secret<String>, Error> {
        let generation = self.signed_in()?;
        let due = self.inner.state.borrow().session.as_ref().is_some_and(|s| s.is_due(self.platform().instant()));
        if due {
            // One flight for all: a refresh token that rotates must never be used twice (RFC 9700 §4.14.2).
            let this = self.clone();
            let launch = |task| self.platform().spawn(task);
            let renewed = Flight::join(&self.inner.renewal_flight, async move { this.renew().await }, launch).await;
            if let Err(error) = renewed {
                return self.access_token_after_failure(generation, error);
            }
        }
        self.usable_access_token(generation)
    }

    /// A renewal that failed for now does not matter while the token still lives.
    fn access_token_after_failure(&self, generation: u64, error: Error) -> Result<Secret<String>, Error> {
        let now = self.platform().instant();
        let state = self.inner.state.borrow();
        match &state.session {
            Some(session) if state.generation == generation && session.lifetime.is_none_or(|l| now < l.ends) => {
                Ok(session.access_token.clone())
            }
            _ => Err(error),
        }
    }

    /// The access token, if the session is still the one that was meant.
    fn usable_access_token(&self, generation: u64) -> Result<Secret<String>, Error> {
        let state = self.inner.state.borrow();
        match &state.session {
            Some(session) if state.generation == generation => Ok(session.access_token.clone()),
            _ => Err(Cancellation::Superseded.into()),
        }
    }

    async fn renew(&self) -> Result<(), Error> {
        let generation = self.signed_in()?;
        let refresh_token = {
            let state = self.inner.state.borrow();
            state.session.as_ref().and_then(|session| session.refresh_token.clone())
        };
        let refresh_token = refresh_token.ok_or(Usage::AccessTokenExpired)?;
        self.note(Step::RenewalStarted, None);
        let outcome = self.exchange(generation, &refresh_token).await;
        match &outcome {
            Ok(()) => {
                self.note(Step::Renewed, None);
                (self.inner.observer)(&super::Event::Session(self.snapshot()));
            }
            Err(error) => {
                self.note(Step::RenewalFailed, Some(error.code().to_owned()));
                let current = self.inner.state.borrow().generation == generation;
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
            let (claims, audience, nonce, auth_time) = {
                let state = self.inner.state.borrow();
                let session = state.session.as_ref().filter(|_| state.generation == generation);
                let session = session.ok_or(Cancellation::Superseded)?;
                (session.claims.clone(), session.audience.clone(), session.nonce.clone(), session.auth_time)
            };
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

        let mut state = self.inner.state.borrow_mut();
        let current = state.generation == generation;
        let session = state.session.as_mut().filter(|_| current).ok_or(Cancellation::Superseded)?;
        if let Some((id_token, raw)) = verified {
            session.claims = id_token.claims;
            session.id_token = raw;
        }
        session.renew(response, requested);
        Ok(())
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
        Reason::Protocol(violation) => is_about_the_id_token(violation),
        _ => false,
    }
}

fn is_about_the_id_token(violation: crate::error::Violation) -> bool {
    use crate::error::Violation as V;
    // An answer that was cut off, or that a proxy put in the provider's place, says nothing about the session.
    !matches!(
        violation,
        V::JsonMalformed
            | V::JsonNotAnObject
            | V::ContentTypeMismatch
            | V::TokenResponseStatus
            | V::MetadataNotFound
            | V::JwkSetUnavailable
            | V::MemberMissing
    )
}
