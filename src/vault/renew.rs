//! Renewal of the access token with the refresh token (RFC 6749 §6, OpenID Connect Core §12).
//!
//! A token is renewed ahead of its end while the vault lives, and when it is used. Only the provider's own refusal ends the
//! session; whatever else fails is tried again, less and less often.

use alloc::{borrow::ToOwned, boxed::Box, string::String, vec};
use core::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use super::{
    Vault,
    flight::Arrival,
    message::{Ended, Event},
    proof::token_type,
    targets::MAIN,
    trace::Step,
};
use crate::{
    error::{Cancellation, Error, Provider, Reason, Usage, Violation},
    platform::Platform,
    protocol::{
        id_token::Occasion,
        session::{Access, Lifetime, Session},
        time::Instant,
        token,
    },
    secret::Secret,
};

/// After a failure nothing is sent for this long, in milliseconds, whoever asks.
pub(super) const PAUSE: u64 = 1000;

/// By itself the vault waits twice as long after each failure, up to this, in milliseconds.
const LONGEST_PAUSE: u64 = 5 * 60 * 1000;

/// A call has the token renewed so often until it has one that lives.
pub(super) const MAX_RENEWALS: usize = 3;

/// A renewal that failed for now.
#[derive(Clone)]
pub(super) struct Postponed {
    pub(super) error: Error,
    /// When the vault tries again by itself.
    pub(super) until: Instant,
    /// Before this it does not try again, even if the token is wanted.
    not_before: Instant,
    /// The pause after the next failure, in milliseconds.
    pause: u64,
}

impl<P: Platform> Vault<P> {
    /// The access token of the sign-in, renewed first if it is due.
    pub(super) async fn main_access_token(&self) -> Result<Secret<String>, Error> {
        let generation = self.signed_in()?;
        let is = |look: fn(&Session, Instant) -> bool| {
            let now = self.platform().instant();
            self.with_session(generation, |session| look(session, now)).unwrap_or_default()
        };
        let mut due = is(Session::is_due);
        for _ in 0..MAX_RENEWALS {
            if !due {
                break;
            }
            if let Err(error) = self.renew_if_allowed().await
                // A renewal that failed for now does not matter while the token still lives.
                && !is(Session::is_live)
            {
                return Err(error);
            }
            // The device may have slept until the answer came: then its token has ended as well.
            due = is(Session::has_ended_early);
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

    /// Renews, unless that has just failed: many calls that want a token are no reason for a storm.
    pub(super) async fn renew_if_allowed(&self) -> Result<(), Error> {
        let now = self.platform().instant();
        let postponed = self.inner.state.borrow().postponed.clone();
        match postponed.filter(|postponed| !postponed.not_before.has_come(now)) {
            Some(postponed) => Err(postponed.error),
            None => self.renew().await,
        }
    }

    /// A page is looked at again, or the device is back online: what a timer has slept through is made up for.
    pub async fn wake(&self) {
        let now = self.platform().instant();
        let due = {
            let state = self.inner.state.borrow();
            let ahead = state.session.as_ref().and_then(Session::ahead);
            state.postponed.is_some() || ahead.is_some_and(|ahead| ahead.has_come(now))
        };
        if due {
            let _ = self.renew_if_allowed().await;
        }
    }

    /// Renews the session that has just begun ahead of each end of its access token, until it ends itself.
    pub(super) fn keep(&self) {
        let this = self.clone();
        let Ok(generation) = self.signed_in() else {
            return;
        };
        self.spawn(async move {
            while let Some(wait) = this.until_renewal(generation) {
                if wait > 0 {
                    this.rest(wait).await;
                } else {
                    // What failed is told to the pages, and tried again.
                    let _ = this.renew().await;
                }
            }
        });
    }

    /// Sleeps, unless a renewal that a page asked for changes what is to be waited for.
    async fn rest(&self, millis: u64) {
        let mut changed = Arrival::default();
        self.inner.state.borrow_mut().rescheduled = changed.clone();
        let mut sleep = pin!(self.platform().sleep(millis));
        poll_fn(|context| {
            let awake = Pin::new(&mut changed).poll(context).is_ready() || sleep.as_mut().poll(context).is_ready();
            if awake { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Milliseconds until the session of this generation is to be renewed; `None` when it never is.
    fn until_renewal(&self, generation: u64) -> Option<u64> {
        let now = self.platform().instant();
        let postponed = self.inner.state.borrow().postponed.as_ref().map(|postponed| postponed.until);
        self.with_session(generation, |session| {
            session.refresh_token.as_ref()?;
            // Without a lifetime there is nothing to wait for, but the next answer may have one.
            Some(postponed.or_else(|| session.ahead()).map_or(P::LONGEST, |at| at.millis_left(now)))
        })
        .flatten()
    }

    async fn renewal(&self) -> Result<(), Error> {
        let generation = self.signed_in()?;
        let renewable = self.with_session(generation, |session| session.refresh_token.is_some());
        if renewable != Some(true) {
            return Err(Usage::AccessTokenExpired.into());
        }
        self.note(Step::RenewalStarted, None);
        let mut retry_after = None;
        let outcome = self.exchange(generation, MAIN, &mut retry_after).await;
        let current = self.with_session(generation, |_| ()).is_some();
        match &outcome {
            Ok(()) => {
                self.inner.state.borrow_mut().postponed = None;
                self.note(Step::Renewed, None);
                self.tell(&Event::Session(self.snapshot()));
            }
            Err(error) if current && !ends_session(error) => {
                self.postpone(error, retry_after.unwrap_or_default() * 1000);
                self.note(Step::RenewalPostponed, Some(error.code().to_owned()));
                self.tell(&Event::Session(self.snapshot()));
            }
            Err(error) => {
                self.note(Step::RenewalFailed, Some(error.code().to_owned()));
                if current {
                    self.end_session(Ended::RenewalRefused);
                }
            }
        }
        let rescheduled = self.inner.state.borrow().rescheduled.clone();
        rescheduled.land(Ok(()));
        outcome
    }

    /// Tries again later: not all clients of a provider that was down at the same moment.
    fn postpone(&self, error: &Error, retry_after: u64) {
        let former = self.inner.state.borrow().postponed.as_ref().map(|postponed| postponed.pause);
        let pause = former.unwrap_or(PAUSE);
        let jitter = self.random().ok().and_then(|bytes| bytes.first().copied()).unwrap_or_default();
        // Between the whole pause and half as much again.
        let wait = (pause + pause * u64::from(jitter) / 512).max(retry_after);
        let now = self.platform().instant();
        self.inner.state.borrow_mut().postponed = Some(Postponed {
            error: error.clone(),
            until: now.plus_millis(wait),
            not_before: now.plus_millis(PAUSE.max(retry_after)),
            pause: (pause * 2).min(LONGEST_PAUSE),
        });
    }

    /// Exchanges the refresh token for an access token to a target.
    pub(super) async fn exchange(
        &self,
        generation: u64,
        target: usize,
        retry_after: &mut Option<u64>,
    ) -> Result<(), Error> {
        let metadata = self.metadata().await?;
        let turn = self.turn().await;
        // The session may have ended while the metadata was on its way.
        let refresh_token = self.with_session(generation, |session| session.refresh_token.clone()).flatten();
        let refresh_token = refresh_token.ok_or(Cancellation::Superseded)?;
        let requested = self.platform().instant();
        let key = self.inner.state.borrow().key.clone();
        let wanted = self.config().refresh_target(target);
        let request = token::refresh_request(&metadata, &self.config().client_id, &refresh_token, &wanted);
        let answer = self.send(request, key.as_ref(), None, Some(generation)).await?;
        *retry_after = answer.retry_after;
        let mut response = token::process(&answer, token_type(key.as_ref()))?;
        // The one that was sent may be used up now (RFC 9700 §4.14.2): whatever becomes of the rest, it is not sent again. Nor
        // is the new one, once another target's request has had its turn: it is put into the session here, and not later.
        let refresh_token = response.refresh_token.take();
        self.with_session(generation, |session| session.rotate(refresh_token.clone()));
        drop(turn);
        self.persist();

        // Core §12.2: an ID token may come with it, and is then verified like the first one.
        let known = |session: &mut Session| {
            (session.claims.clone(), session.audience.clone(), session.nonce.clone(), session.auth_time)
        };
        let verified = match (&response.id_token, self.with_session(generation, known)) {
            (Some(raw), Some((claims, audience, nonce, auth_time))) => {
                let subject = claims.subject();
                let occasion = Occasion::Renewal { subject, audience: &audience, nonce: &nonce, auth_time };
                let verified = self.verify(&metadata, raw, &response.access_token, occasion).await;
                verified.map(|id_token| Some((id_token, raw.clone())))
            }
            _ => Ok(None),
        };

        if self.with_session(generation, |_| ()).is_none() {
            // The session has ended meanwhile: nobody will use them.
            self.revoke(&metadata, refresh_token, vec![response.access_token]);
            return Err(Cancellation::Superseded.into());
        }
        let verified = verified?;
        self.with_session(generation, |session| {
            if let Some((id_token, raw)) = verified {
                session.claims = id_token.claims;
                session.id_token = raw;
            }
            if target == MAIN {
                session.renew(response, requested);
            } else {
                let lifetime = response.expires_in.map(|seconds| Lifetime::starting(requested, seconds));
                session.set_other(target, Access { token: response.access_token, lifetime });
            }
        });
        Ok(())
    }
}

/// Whether a failed renewal ends the session: the provider refused the refresh token for good, or sent an answer that
/// broke a rule. A network that is down, a server that is busy and a timeout do not.
pub(super) fn ends_session(error: &Error) -> bool {
    match error.reason() {
        Reason::Provider(refusal) => !matches!(
            refusal,
            Provider::ServerError
                | Provider::TemporarilyUnavailable
                | Provider::InvalidRequest
                // The proof was not good enough; nothing was said of the refresh token.
                | Provider::UseDpopNonce
                | Provider::InvalidDpopProof
                | Provider::Other
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
                // Nor does a key that is younger than the key set that a cache of the provider's still gives out.
                | Violation::KeyNotFound
                // Nor does this device's clock, which may have been set, nor an answer that came just before it slept.
                | Violation::IssuedInFuture
                | Violation::IssuedTooLongAgo
                | Violation::IdTokenExpired
                | Violation::NotYetValid
        ),
        _ => false,
    }
}
