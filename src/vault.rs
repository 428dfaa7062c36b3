//! The engine: it holds the tokens, and everything that needs one happens here.
//!
//! [`Vault`] is generic over [`Platform`], so whole flows run natively against a scripted provider and a simulated clock.
//! Its methods are the commands that a page can send; no reply and no event of them contains a token.

mod address;
mod callback;
mod fetch;
mod flight;
pub mod message;
mod metadata;
mod persist;
mod proof;
mod renew;
mod revoke;
mod row;
mod sign_in;
mod sign_out;
mod targets;
pub mod trace;
mod transaction;
mod verify;

use alloc::{boxed::Box, rc::Rc, string::String, vec::Vec};
use core::{cell::RefCell, fmt, mem};

use crate::{
    config::Config,
    error::{Error, Platform as PlatformError, Usage},
    platform::{KeyPair, Platform},
    protocol::{
        authorization::{ENTROPY, State as RequestState},
        discovery::ProviderMetadata,
        jose::jwks::JwkSet,
        session::Session,
        time::Instant,
    },
};
use flight::{Flight, Work};
use message::{Ended, Event, Snapshot};
use trace::{Step, Trace};
use transaction::Transactions;

pub use callback::Arrival;
pub use fetch::{Answered, ExposedToken};
pub use sign_in::{Departure, SignInOptions};
pub use sign_out::{SignOutOptions, SignedOut};
pub use transaction::Mode;

/// A vault: one client of one provider, and its session.
///
/// Cheap to clone; the clones are the same vault.
pub struct Vault<P: Platform> {
    inner: Rc<Inner<P>>,
}

struct Inner<P: Platform> {
    /// Marks the `state` of requests of this client: a page may hold several.
    tag: String,
    config: Config,
    platform: P,
    observer: Box<dyn Fn(&Event)>,
    state: RefCell<State>,
    metadata_flight: Rc<Flight>,
    keys_flight: Rc<Flight>,
    renewal_flight: Rc<Flight>,
    target_flights: Vec<Rc<Flight>>,
    restore_flight: Rc<Flight>,
}

/// What changes. Borrowed for moments only, never across an `await`.
#[derive(Default)]
struct State {
    session: Option<Session>,
    /// The key that its tokens are bound to.
    key: Option<KeyPair>,
    /// Whoever uses the refresh token, or waits to, the latest.
    turn: Option<flight::Arrival>,
    /// Targets whose access token was refused, with the error and until when it is believed.
    failed_targets: Vec<(usize, Error, Instant)>,
    /// Targets whose access token a resource has had replaced, and until when it can do so no more.
    replaced: Vec<(usize, Instant)>,
    /// What servers have said of proofs.
    servers: proof::Servers,
    /// Counts what was new of it.
    lessons: u32,
    /// The session is one that an earlier vault had kept.
    restored: bool,
    /// Why a session that was kept could not be restored.
    restore_failure: Option<Error>,
    /// Why the last one ended.
    ended: Option<Ended>,
    /// A renewal that failed for now.
    postponed: Option<renew::Postponed>,
    /// Lands when that, or the lifetime of the access token, has changed.
    rescheduled: flight::Arrival,
    /// Counts the sessions that began or ended, so that a late answer finds out that its session is gone.
    generation: u64,
    /// Counts the sign-outs, so that a sign-in under way finds out that it is no longer wanted.
    sign_outs: u64,
    /// Sign-outs that are still erasing the stored copies of sign-ins.
    forgetting: u32,
    transactions: Transactions,
    callbacks: Vec<Callback>,
    /// The sign-ins that somebody may wait for, the latest last.
    tickets: Vec<(u64, flight::Arrival)>,
    last_ticket: u64,
    last_trip: Option<row::Trip>,
    /// What the generator gave last, to notice one that repeats itself.
    last_random: [u8; ENTROPY],
    metadata: Option<Cached<ProviderMetadata>>,
    keys: Option<Cached<JwkSet>>,
    /// When keys were last fetched only because a token did not fit those in hand.
    keys_refetched: Option<Instant>,
    trace: Trace,
}

struct Cached<T> {
    value: Rc<T>,
    fetched: Instant,
}

/// A callback of ours that arrived. Whoever brings it again while it is processed waits for the same outcome; whoever
/// brings it later is told that it was used.
struct Callback {
    state: RequestState,
    flight: Rc<Flight>,
    /// Where the user wanted to be, once the sign-in is finished.
    location: Option<String>,
    /// How the browser came back, as far as that is known.
    mode: Mode,
}

impl<P: Platform> Clone for Vault<P> {
    fn clone(&self) -> Self {
        Self { inner: Rc::clone(&self.inner) }
    }
}

impl<P: Platform> fmt::Debug for Vault<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Vault")
    }
}

impl<P: Platform> Vault<P> {
    /// A vault for a configuration. `observer` is told of every event. The provider's metadata is fetched at once, so
    /// that the first sign-in need not wait for it.
    pub fn new(config: Config, platform: P, observer: impl Fn(&Event) + 'static) -> Self {
        let vault = Self {
            inner: Rc::new(Inner {
                tag: transaction::tag(&config),
                platform,
                observer: Box::new(observer),
                state: RefCell::default(),
                metadata_flight: Rc::default(),
                keys_flight: Rc::default(),
                renewal_flight: Rc::default(),
                target_flights: targets::flights(config.targets.len()),
                restore_flight: Rc::default(),
                config,
            }),
        };
        vault.note(Step::VaultStarted, None);
        // What goes wrong is told to whoever needs the metadata.
        drop(vault.metadata_flight());
        vault
    }

    /// Who is signed in. Holds no token.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let state = self.inner.state.borrow();
        let postponed = state.postponed.as_ref().map(|postponed| (postponed.error.code(), postponed.until));
        let (now, unix_millis) = (self.inner.platform.instant(), self.inner.platform.unix_millis());
        let token = (proof::token_type(state.key.as_ref()), self.config().expose_access_token);
        Snapshot::of(state.session.as_ref(), token, state.ended, postponed, now, unix_millis)
    }

    /// The last steps, oldest first.
    #[must_use]
    pub fn trace(&self) -> Vec<trace::Entry> {
        self.inner.state.borrow().trace.entries()
    }

    fn platform(&self) -> &P {
        &self.inner.platform
    }

    fn config(&self) -> &Config {
        &self.inner.config
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.platform().spawn(Box::pin(task));
    }

    /// The flight under way, or a new one that does this work.
    fn join(&self, flight: &Rc<Flight>, work: Work) -> flight::Arrival {
        Flight::join(flight, work, |task| self.platform().spawn(task))
    }

    fn tell(&self, event: &Event) {
        (self.inner.observer)(event);
    }

    /// Records a step and tells the observer.
    fn note(&self, step: Step, detail: Option<String>) {
        let entry = trace::Entry { at: self.platform().unix_millis(), step, detail };
        self.inner.state.borrow_mut().trace.push(entry.clone());
        self.tell(&Event::Trace(entry));
    }

    /// Puts a session in the place of the present one, or of none, and tells the observer.
    fn begin_session(&self, session: Session, key: Option<KeyPair>) {
        let same_user = |former: &Session| former.claims.subject() == session.claims.subject();
        let changed = self.inner.state.borrow().session.as_ref().is_some_and(|former| !same_user(former));
        {
            let mut state = self.inner.state.borrow_mut();
            state.session = Some(session);
            state.key = key;
            state.failed_targets.clear();
            state.replaced.clear();
            state.restored = false;
            state.restore_failure = None;
            state.ended = None;
            state.postponed = None;
            state.generation += 1;
        }
        if changed {
            self.note(Step::UserChanged, None);
        }
        self.note(Step::SessionStarted, None);
        self.tell(&Event::Session(self.snapshot()));
        self.keep();
        self.persist();
    }

    /// Ends the session, if there is one, and tells the observer.
    fn end_session(&self, why: Ended) {
        let ended = self.inner.state.borrow_mut().session.take();
        if ended.is_some() {
            self.session_ended(why);
        }
    }

    /// The session was taken out of the state.
    fn session_ended(&self, why: Ended) {
        {
            let mut state = self.inner.state.borrow_mut();
            state.ended = Some(why);
            state.key = None;
            state.postponed = None;
            state.generation += 1;
        }
        self.forget_persisted();
        self.note(Step::SessionEnded, Some(why.name().into()));
        self.tell(&Event::Session(self.snapshot()));
    }

    /// Calls `look` with the session of this generation.
    fn with_session<T>(&self, generation: u64, look: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let mut state = self.inner.state.borrow_mut();
        let current = state.generation == generation;
        state.session.as_mut().filter(|_| current).map(look)
    }

    /// The generation of the session there is.
    fn signed_in(&self) -> Result<u64, Error> {
        let state = self.inner.state.borrow();
        if state.session.is_some() { Ok(state.generation) } else { Err(Usage::NotSignedIn.into()) }
    }

    fn random(&self) -> Result<[u8; ENTROPY], Error> {
        let mut bytes = [0; ENTROPY];
        self.platform().fill(&mut bytes)?;
        // A generator that is broken or was replaced returns constants, zeros most of all, or the same each time.
        let last = mem::replace(&mut self.inner.state.borrow_mut().last_random, bytes);
        if bytes == last || bytes.iter().all(|byte| Some(byte) == bytes.first()) {
            return Err(PlatformError::RandomUnavailable.into());
        }
        Ok(bytes)
    }
}
