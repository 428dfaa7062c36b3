//! Sign-ins in a row: where an application starts one whenever nobody is signed in, and the provider answers at once with
//! a refusal, the browser would go to and fro for ever.
//!
//! Each sign-in carries its number in the row to its own end, in the transaction: so it is counted where the vault does
//! not outlive the trip, and sign-ins of several tabs side by side are no row.

use alloc::borrow::ToOwned;

use super::Vault;
use crate::{
    error::{Error, Usage},
    platform::Platform,
    protocol::time::{Instant, Timestamp},
};

/// After so many sign-ins in a row the next one is refused, when the last one failed.
const MAX_FAILED: u8 = 5;

/// The same when it succeeded, and is followed by another one in spite of the session. More, since whoever tests an
/// application does that, too.
const MAX_SUCCEEDED: u8 = 20;

/// A sign-in that took longer than this, in seconds, is a person's doing.
const QUICK: u64 = 60;

/// A sign-in that is started longer than this, in seconds, after the last one came back does not follow from it: a page
/// that goes to and fro by itself does so at once.
const SOON: u64 = 5;

/// A sign-in that came back.
#[derive(Clone, Copy)]
pub(super) struct Trip {
    /// How many there were in a row, this one included.
    row: u8,
    ended: Instant,
    /// Why it failed.
    failure: Option<&'static str>,
}

impl<P: Platform> Vault<P> {
    /// How many sign-ins in a row led up to one that is started now. One that somebody clicked for follows from none.
    pub(super) fn row(&self, attended: bool) -> Result<u8, Error> {
        let state = self.inner.state.borrow();
        let now = self.platform().instant();
        let recent = |trip: &Trip| trip.ended.millis_since(now) < SOON * 1000;
        // A success was to no avail if the application starts another sign-in in spite of the session.
        let in_vain = |trip: &Trip| trip.failure.is_some() || state.session.is_some();
        match state.last_trip.filter(|trip| !attended && recent(trip) && in_vain(trip)) {
            Some(trip) if trip.row >= trip.failure.map_or(MAX_SUCCEEDED, |_| MAX_FAILED) => Err(match trip.failure {
                Some(code) => Usage::SignInLoop.about(code.to_owned()),
                None => Usage::SignInLoop.into(),
            }),
            Some(trip) => Ok(trip.row),
            None => Ok(0),
        }
    }

    /// A sign-in, started then as the next one after so many in a row, has come back.
    pub(super) fn came_back(&self, row: u8, started: Timestamp, failure: Option<&Error>) {
        let quick = self.platform().now() <= started.plus(QUICK);
        let trip = Trip {
            row: if quick { row.saturating_add(1) } else { 1 },
            ended: self.platform().instant(),
            failure: failure.map(Error::code),
        };
        self.inner.state.borrow_mut().last_trip = Some(trip);
    }
}
