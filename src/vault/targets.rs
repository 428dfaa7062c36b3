//! Access tokens for several resources out of one sign-in (RFC 8707): each is asked for when it is wanted.

use alloc::{boxed::Box, rc::Rc};

use super::{Vault, flight, message::Ended, renew};
use crate::{
    error::{Cancellation, Error, Provider, Reason, Usage},
    platform::Platform,
    protocol::{session::Session, time::Instant},
    secret::Secret,
};
use alloc::string::String;

/// The target of the sign-in's own access token.
pub(super) const MAIN: usize = 0;

/// A resource has a token replaced at most this often, in milliseconds.
const COOL_DOWN: u64 = 10_000;

/// The refresh token is used by one request at a time: whoever holds this may send it.
pub(super) struct Turn(flight::Arrival);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.land(Ok(()));
    }
}

impl<P: Platform> Vault<P> {
    /// The access token for a target, fetched or renewed first if need be.
    pub(super) async fn access_token(&self, target: usize) -> Result<Secret<String>, Error> {
        if target == MAIN {
            return self.main_access_token().await;
        }
        let generation = self.signed_in()?;
        let now = self.platform().instant();
        let known = self.with_session(generation, |session| session.other(target, now).cloned());
        if let Some(token) = known.flatten() {
            return Ok(token);
        }
        let mut outcome = Ok(());
        for _ in 0..renew::MAX_RENEWALS {
            outcome = self.obtain(generation, target).await;
            // The device may have slept until the answer came: then its token has ended as well.
            let now = self.platform().instant();
            let ended = self.with_session(generation, |session| session.other_has_ended_early(target, now));
            if outcome.is_err() || ended != Some(true) {
                break;
            }
        }
        let now = self.platform().instant();
        let obtained = |session: &mut Session| {
            let (_, access) = session.others.iter().find(|(index, _)| *index == target)?;
            // A request that failed for now does not matter while the former token still lives.
            let lives = access.lifetime.is_none_or(|lifetime| !lifetime.ends.has_come(now));
            (outcome.is_ok() || lives).then(|| access.token.clone())
        };
        let obtained = self.with_session(generation, obtained).flatten();
        obtained.ok_or_else(|| outcome.err().unwrap_or_else(|| Cancellation::Superseded.into()))
    }

    /// Puts another access token in the place of one that a resource has refused, unless that has happened meanwhile. Not time
    /// and again: a resource that refuses every token would have one made for each call.
    pub(super) async fn replace_access_token(&self, target: usize, refused: &Secret<String>) -> Result<(), Error> {
        let generation = self.signed_in()?;
        let is_current = self.with_session(generation, |session| {
            let current = match session.others.iter().find(|(index, _)| *index == target) {
                Some((_, access)) => &access.token,
                None => &session.access_token,
            };
            current.equals(refused.expose())
        });
        let now = self.platform().instant();
        // What is under way already is for all who want it.
        let flight =
            if target == MAIN { Some(&self.inner.renewal_flight) } else { self.inner.target_flights.get(target) };
        if is_current == Some(true) && flight.is_some_and(|flight| flight.current().is_none()) {
            let mut state = self.inner.state.borrow_mut();
            if state.replaced.iter().any(|(replaced, until)| *replaced == target && !until.has_come(now)) {
                return Err(Usage::AccessTokenExpired.into());
            }
            state.replaced.retain(|(replaced, _)| *replaced != target);
            state.replaced.push((target, now.plus_millis(COOL_DOWN)));
        }
        match is_current {
            Some(true) if target == MAIN => self.renew_if_allowed().await,
            Some(true) => self.obtain(generation, target).await,
            _ => Ok(()),
        }
    }

    /// Has an access token for a target fetched, by one request for all who ask.
    async fn obtain(&self, generation: u64, target: usize) -> Result<(), Error> {
        let flight = self.inner.target_flights.get(target).ok_or(Usage::ResourceNotListed)?;
        loop {
            let now = self.platform().instant();
            let failed = {
                let state = self.inner.state.borrow();
                let is_believed =
                    |(failed, _, until): &&(usize, Error, Instant)| *failed == target && !until.has_come(now);
                state.failed_targets.iter().find(is_believed).map(|(_, error, _)| error.clone())
            };
            // Many calls at once are no reason for a storm.
            if let Some(error) = failed {
                return Err(error);
            }
            let this = self.clone();
            let outcome = self.join(flight, Box::pin(async move { this.obtaining(target).await })).await;
            // The flight under way may have been a former session's.
            let not_ours = outcome.as_ref().is_err_and(|error| error.is(Cancellation::Superseded));
            if !not_ours || self.with_session(generation, |_| ()).is_none() {
                return outcome;
            }
        }
    }

    async fn obtaining(&self, target: usize) -> Result<(), Error> {
        let generation = self.signed_in()?;
        let renewable = self.with_session(generation, |session| session.refresh_token.is_some());
        if renewable != Some(true) {
            return Err(Usage::AccessTokenExpired.into());
        }
        let mut retry_after = None;
        let outcome = self.exchange(generation, target, &mut retry_after).await;
        if let Err(error) = &outcome {
            self.with_session(generation, |_| ()).ok_or(Cancellation::Superseded)?;
            // What is refused for one resource leaves the others.
            let refused_here = matches!(error.reason(), Reason::Provider(refusal) if refusal != Provider::InvalidGrant);
            if renew::ends_session(error) && !refused_here {
                self.end_session(Ended::RenewalRefused);
            } else {
                let pause = renew::PAUSE.max(retry_after.unwrap_or_default() * 1000);
                let until = self.platform().instant().plus_millis(pause);
                let mut state = self.inner.state.borrow_mut();
                state.failed_targets.retain(|(failed, _, _)| *failed != target);
                state.failed_targets.push((target, error.clone(), until));
            }
        }
        outcome
    }

    /// Waits until nobody else uses the refresh token: one that rotates must never be sent twice (RFC 9700 §4.14.2).
    pub(super) async fn turn(&self) -> Turn {
        let turn = Turn(flight::Arrival::default());
        let before = self.inner.state.borrow_mut().turn.replace(turn.0.clone());
        if let Some(before) = before {
            let _ = before.await;
        }
        turn
    }
}

/// One flight for each target.
pub(super) fn flights(targets: usize) -> alloc::vec::Vec<Rc<flight::Flight>> {
    (0..targets).map(|_| Rc::default()).collect()
}
