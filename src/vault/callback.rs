//! Sign-in, the way back: what a page load brings, the token request, and the session that begins.

use alloc::{borrow::ToOwned, boxed::Box, rc::Rc, string::String};

use super::{
    Callback, Vault,
    address::{Brought, is_at, scrubbed},
    flight::{self, Flight},
    message::Snapshot,
    trace::Step,
    transaction::{Mode, Transaction},
};
use crate::{
    error::{Cancellation, Error, Usage, Violation},
    platform::Platform,
    protocol::{
        authorization::{self, CallbackParameters, State},
        id_token::{Expectation, Occasion},
        session::{Lifetime, Session},
        token,
        url::{Transport, Url},
    },
};

/// Callbacks that are remembered, so that a second use can be told from an unknown one.
const MAX_CALLBACKS: usize = 16;

/// How long a vault leaves a callback to the one that began the sign-in, in milliseconds.
const PRECEDENCE: u64 = 500;

/// What a page learns when it has loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Who is signed in.
    pub snapshot: Snapshot,
    /// What to put into the address bar, when this page load brought a callback: a path of this origin.
    pub location: Option<String>,
    /// Why the sign-in that this page load was to finish did not succeed.
    pub error: Option<Error>,
    /// How the sign-in that this page load was to finish was started.
    pub mode: Mode,
}

impl<P: Platform> Vault<P> {
    /// Tells a page that has loaded at `href` who is signed in, and finishes a sign-in if that URL is its callback.
    ///
    /// A callback that is refused changes no session.
    pub async fn ready(&self, href: &str) -> Arrival {
        // The page's own URL: what scheme it has is not for the vault to judge.
        let Ok(url) = Url::parse(href, Transport::DangerInsecure) else {
            return self.arrival(None, None);
        };
        let mut mode = Mode::Redirect;
        let outcome = match self.brought(&url).await {
            Brought::Nothing => return self.arrival(None, None),
            Brought::SignedOut(state) => {
                return self.arrive_signed_out(&state, scrubbed(&url)).await;
            }
            Brought::Refused(error) => {
                // Whose answer it was cannot be told. A forgery that is taken for the latest sign-in's makes no row longer.
                let latest = self.inner.state.borrow().transactions.latest();
                if let Some((row, started)) = latest {
                    self.came_back(row, started, Some(&error));
                }
                Err(error)
            }
            Brought::Response(state, parameters) => {
                let outcome = self.receive(state.clone(), parameters, &url).await;
                mode = self.mode_of(&state);
                outcome
            }
        };
        let arrival = match outcome {
            Ok(return_to) => self.arrival(Some(return_to), None),
            Err(error) => {
                self.note(Step::CallbackRefused, Some(error.code().to_owned()));
                self.arrival(Some(scrubbed(&url)), Some(error))
            }
        };
        Arrival { mode, ..arrival }
    }

    /// The same for a URL that the static callback page tells every vault of the origin. The one that began the sign-in goes
    /// first: its page is the one that waits.
    pub async fn overhear(&self, href: &str) -> Arrival {
        if let Ok(url) = Url::parse(href, Transport::DangerInsecure)
            && let Brought::Response(state, _) = self.brought(&url).await
            && !self.inner.state.borrow().transactions.has(&state)
        {
            self.platform().sleep(PRECEDENCE).await;
        }
        self.ready(href).await
    }

    /// How the sign-in of this state was started, as far as that is known.
    fn mode_of(&self, state: &State) -> Mode {
        let vault = self.inner.state.borrow();
        vault.callbacks.iter().find(|callback| callback.state == *state).map_or(Mode::Redirect, |known| known.mode)
    }

    pub(super) fn arrival(&self, location: Option<String>, error: Option<Error>) -> Arrival {
        Arrival { snapshot: self.snapshot(), location, error, mode: Mode::Redirect }
    }

    /// Processes a callback once, however many pages bring it.
    async fn receive(&self, state: State, parameters: CallbackParameters, url: &Url) -> Result<String, Error> {
        let known = {
            let vault = self.inner.state.borrow();
            let callback = vault.callbacks.iter().find(|callback| callback.state == state);
            callback.map(|callback| callback.flight.current())
        };
        let outcome = match known {
            Some(Some(under_way)) => under_way,
            Some(None) => return Err(Violation::CallbackReplayed.into()),
            None => self.begin(state.clone(), parameters, url.clone()),
        }
        .await;
        if outcome.as_ref().is_err_and(|error| error.is(Violation::StateUnknown)) {
            // It was used by nobody: forged callbacks must not push out those that were.
            self.inner.state.borrow_mut().callbacks.retain(|callback| callback.state != state);
        }
        outcome.map(|()| self.finished(&state))
    }

    /// Begins to finish a sign-in whose callback has come for the first time.
    fn begin(&self, state: State, parameters: CallbackParameters, url: Url) -> flight::Arrival {
        let flight = Rc::new(Flight::default());
        {
            let mut vault = self.inner.state.borrow_mut();
            if vault.callbacks.len() >= MAX_CALLBACKS {
                vault.callbacks.remove(0);
            }
            let mode = Mode::Redirect;
            vault.callbacks.push(Callback { state: state.clone(), flight: Rc::clone(&flight), location: None, mode });
        }
        let this = self.clone();
        self.join(&flight, Box::pin(async move { this.finish(&state, &parameters, &url).await }))
    }

    /// Where the user wanted to be who is back with this state.
    fn finished(&self, state: &State) -> String {
        let vault = self.inner.state.borrow();
        let callback = vault.callbacks.iter().find(|callback| callback.state == *state);
        self.return_to(callback.and_then(|callback| callback.location.clone()))
    }

    /// Finishes a sign-in.
    async fn finish(&self, state: &State, parameters: &CallbackParameters, url: &Url) -> Result<(), Error> {
        let sign_outs = self.inner.state.borrow().sign_outs;
        let mut transaction = self.claim(state).await?;
        let (row, started, mode) = (transaction.row, transaction.started, transaction.mode);
        let waiting = transaction.waiting.take();
        let outcome = match mode.redirect_uri(self.config()) {
            // Each sign-in ends where it said it would (RFC 6749 §3.1.2).
            Some(redirect_uri) if is_at(url, redirect_uri) => self.redeem(transaction, parameters, sign_outs).await,
            _ => Err(Violation::RedirectUriMismatch.into()),
        };
        self.came_back(row, started, outcome.as_ref().err());
        if let Some(waiting) = waiting {
            waiting.arrival.land(outcome.clone().map(drop));
        }
        let mut vault = self.inner.state.borrow_mut();
        if let Some(callback) = vault.callbacks.iter_mut().find(|callback| callback.state == *state) {
            callback.mode = mode;
            callback.location = outcome.as_ref().ok().cloned();
        }
        outcome.map(drop)
    }

    /// Signs in. Returns where the user wanted to be.
    async fn redeem(
        &self,
        transaction: Transaction,
        parameters: &CallbackParameters,
        sign_outs: u64,
    ) -> Result<String, Error> {
        self.note(Step::CallbackReceived, None);
        let issuer = &self.config().issuer;
        let mut code = authorization::process(parameters, issuer, transaction.issuer_parameter)?;
        let metadata = if let Some(metadata) = &transaction.metadata {
            Rc::clone(metadata)
        } else {
            let metadata = self.metadata().await?;
            // The stored copy said what to expect; the provider's own word counts as well.
            code = authorization::process(parameters, issuer, metadata.issuer_parameter)?;
            if transaction.token_endpoint.as_deref() != Some(metadata.token_endpoint.as_str()) {
                return Err(Violation::TokenEndpointChanged.into());
            }
            metadata
        };
        self.fetch_keys_ahead(&metadata);

        let requested = self.platform().instant();
        self.note(Step::TokenRequested, None);
        let redirect_uri = transaction.mode.redirect_uri(self.config()).ok_or(Usage::CallbackUriMissing)?;
        let request = token::code_request(
            &metadata,
            &self.config().client_id,
            redirect_uri.as_str(),
            &code,
            &transaction.verifier,
        );
        let response = token::process(&self.platform().send(request).await?)?;
        self.note(Step::TokenReceived, None);
        let raw = response.id_token.ok_or(Violation::IdTokenMissing)?;
        let expectation = Expectation {
            issuer,
            client_id: &self.config().client_id,
            now: self.platform().now(),
            tolerance: self.config().clock_tolerance,
            access_token: &response.access_token,
            occasion: Occasion::SignIn {
                nonce: &transaction.nonce,
                started: transaction.started,
                max_age: transaction.max_age,
                acr_values: transaction.acr_values.as_deref(),
            },
        };
        let verified = self.verify(&metadata, &raw, &expectation).await;
        let subject = verified.as_ref().ok().map(|id_token| id_token.claims.subject());
        if let Some(refusal) = self.unwanted(sign_outs, transaction.mode, subject) {
            // Nobody will use them.
            self.revoke(&metadata, response.refresh_token, response.access_token);
            return Err(refusal.into());
        }
        // Whoever gave an ID token that breaks a rule is sent nothing more.
        let id_token = verified?;
        self.begin_session(Session {
            claims: id_token.claims,
            audience: id_token.audience,
            auth_time: id_token.auth_time,
            nonce: transaction.nonce,
            scope: response.scope.unwrap_or_else(|| token::scopes(&transaction.scope)),
            id_token: raw,
            access_token: response.access_token,
            lifetime: response.expires_in.map(|seconds| Lifetime::starting(requested, seconds)),
            refresh_token: response.refresh_token,
            session_state: parameters.session_state(),
        });
        Ok(transaction.return_to)
    }

    /// Why a sign-in that has succeeded at the provider must not become the session.
    fn unwanted(&self, sign_outs: u64, mode: Mode, subject: Option<&str>) -> Option<Cancellation> {
        let state = self.inner.state.borrow();
        if state.sign_outs != sign_outs {
            return Some(Cancellation::Superseded);
        }
        // Nobody has seen that there is another user now.
        let changed = |session: &Session| subject.is_some_and(|subject| session.claims.subject() != subject);
        let changed = state.session.as_ref().is_some_and(changed);
        (mode == Mode::Silent && changed).then_some(Cancellation::UserChanged)
    }

    /// Takes the transaction of a state out of memory and storage, so that nobody can use it again.
    async fn claim(&self, state: &State) -> Result<Transaction, Error> {
        let remembered = self.inner.state.borrow_mut().transactions.take(state);
        let transaction = if let Some(transaction) = remembered {
            // Of several vaults that the callback is brought to, or that come after one another, one may send the code: the
            // one that is given the copy. What is in it does not count, and where the site's data was cleared meanwhile, there
            // is none.
            if self.config().stored_transactions && transaction.mode != Mode::Silent {
                let taken = self.platform().take(state.as_str()).await;
                if taken.is_ok_and(|copy| copy.is_none()) && self.platform().is_intact().await {
                    return Err(Violation::StateUnknown.into());
                }
            }
            transaction
        } else if self.config().stored_transactions && self.inner.state.borrow().forgetting == 0 {
            let record = self.platform().take(state.as_str()).await?.ok_or(Violation::StateUnknown)?;
            Transaction::from_record(state.clone(), &record, self.config()).ok_or(Violation::StateUnknown)?
        } else {
            return Err(Violation::StateUnknown.into());
        };
        if transaction.expires() <= self.platform().now() {
            return Err(Violation::TransactionExpired.into());
        }
        Ok(transaction)
    }
}
