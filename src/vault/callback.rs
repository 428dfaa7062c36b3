//! Sign-in, the way back: what a page load brings, the token request, and the session that begins.

use alloc::{borrow::ToOwned, boxed::Box, rc::Rc, string::String, vec, vec::Vec};

use super::{
    Callback, Vault,
    address::{Brought, Delivery, is_at, scrubbed},
    flight::{self, Flight},
    message::Snapshot,
    proof::token_type,
    trace::Step,
    transaction::{Mode, Transaction},
};
use crate::{
    error::{Cancellation, Error, Usage, Violation},
    platform::Platform,
    protocol::{
        authorization::{self, State},
        id_token::Occasion,
        session::{Lifetime, Session},
        signed_response,
        token::{self, Target},
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
    /// The session was taken up that an earlier vault had kept.
    pub restored: bool,
    /// Why that could not be done.
    pub restore_failure: Option<Error>,
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
            Brought::Nothing => {
                self.restore().await;
                return self.arrival(None, None);
            }
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
            Brought::Response(state, delivery) => {
                let outcome = self.receive(state.clone(), delivery, &url).await;
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
        let state = self.inner.state.borrow();
        let (restored, restore_failure) = (state.restored, state.restore_failure.clone());
        drop(state);
        Arrival { snapshot: self.snapshot(), location, error, mode: Mode::Redirect, restored, restore_failure }
    }

    /// Processes a callback once, however many pages bring it.
    async fn receive(&self, state: State, delivery: Delivery, url: &Url) -> Result<String, Error> {
        let known = {
            let vault = self.inner.state.borrow();
            let callback = vault.callbacks.iter().find(|callback| callback.state == state);
            callback.map(|callback| callback.flight.current())
        };
        let outcome = match known {
            Some(Some(under_way)) => under_way,
            Some(None) => return Err(Violation::CallbackReplayed.into()),
            None => self.begin(state.clone(), delivery, url.clone()),
        }
        .await;
        if outcome.as_ref().is_err_and(|error| error.is(Violation::StateUnknown)) {
            // It was used by nobody: forged callbacks must not push out those that were.
            self.inner.state.borrow_mut().callbacks.retain(|callback| callback.state != state);
        }
        outcome.map(|()| self.finished(&state))
    }

    /// Begins to finish a sign-in whose callback has come for the first time.
    fn begin(&self, state: State, delivery: Delivery, url: Url) -> flight::Arrival {
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
        self.join(&flight, Box::pin(async move { this.finish(&state, &delivery, &url).await }))
    }

    /// Where the user wanted to be who is back with this state.
    fn finished(&self, state: &State) -> String {
        let vault = self.inner.state.borrow();
        let callback = vault.callbacks.iter().find(|callback| callback.state == *state);
        self.return_to(callback.and_then(|callback| callback.location.clone()))
    }

    /// Finishes a sign-in.
    async fn finish(&self, state: &State, delivery: &Delivery, url: &Url) -> Result<(), Error> {
        let sign_outs = self.inner.state.borrow().sign_outs;
        let mut transaction = self.claim(state).await?;
        let (row, started, mode) = (transaction.row, transaction.started, transaction.mode);
        let waiting = transaction.waiting.take();
        let outcome = match mode.redirect_uri(self.config()) {
            // Each sign-in ends where it said it would (RFC 6749 §3.1.2).
            Some(redirect_uri) if is_at(url, redirect_uri) => self.redeem(transaction, delivery, sign_outs).await,
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
    async fn redeem(&self, transaction: Transaction, delivery: &Delivery, sign_outs: u64) -> Result<String, Error> {
        self.note(Step::CallbackReceived, None);
        let issuer = &self.config().issuer;
        if let Delivery::Plain(parameters) = delivery {
            // Before anything is asked for on its account.
            authorization::process(parameters, issuer, transaction.issuer_parameter)?;
        }
        let metadata = if let Some(metadata) = &transaction.metadata {
            Rc::clone(metadata)
        } else {
            let metadata = self.metadata().await?;
            if transaction.token_endpoint.as_deref() != Some(metadata.token_endpoint.as_str()) {
                return Err(Violation::TokenEndpointChanged.into());
            }
            metadata
        };
        let signed;
        let (parameters, issuer_expected) = match delivery {
            // What was expected when the request was made; the provider's own word of now counts as well.
            Delivery::Plain(parameters) => (parameters, transaction.issuer_parameter || metadata.issuer_parameter),
            Delivery::Signed(token) => {
                let token = self.verify_signature(&metadata, token.clone()).await?;
                let (now, tolerance) = (self.platform().now(), self.config().clock_tolerance);
                signed = signed_response::process(&token, issuer, &self.config().client_id, now, tolerance)?;
                (&signed, true)
            }
        };
        let code = authorization::process(parameters, issuer, issuer_expected)?;
        if transaction.code_is_bound && transaction.key.is_none() {
            return Err(Violation::DpopKeyLost.into());
        }
        // The vault that started the sign-in has ended; the code is bound to no key, and a new one will do.
        let key = match transaction.key.clone() {
            None => self.new_key(&metadata).await?,
            key => key,
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
            self.config().targets.first().unwrap_or(&Target::default()),
        );
        let response = token::process(&self.send(request, key.as_ref(), None, None).await?, token_type(key.as_ref()))?;
        self.note(Step::TokenReceived, None);
        let raw = response.id_token.ok_or(Violation::IdTokenMissing)?;
        let occasion = Occasion::SignIn {
            nonce: &transaction.nonce,
            started: transaction.started,
            max_age: transaction.max_age,
            acr_values: transaction.acr_values.as_deref(),
        };
        let verified = self.verify(&metadata, &raw, &response.access_token, occasion).await;
        let subject = verified.as_ref().ok().map(|id_token| id_token.claims.subject());
        if let Some(refusal) = self.unwanted(sign_outs, &transaction, subject) {
            // Nobody will use them.
            self.revoke(&metadata, response.refresh_token, vec![response.access_token]);
            return Err(refusal.into());
        }
        // Whoever gave an ID token that breaks a rule is sent nothing more.
        let id_token = verified?;
        let session = Session {
            claims: id_token.claims,
            audience: id_token.audience,
            auth_time: id_token.auth_time,
            nonce: transaction.nonce,
            scope: response.scope.unwrap_or_else(|| token::scopes(&transaction.scope)),
            id_token: raw,
            access_token: response.access_token,
            lifetime: response.expires_in.map(|seconds| Lifetime::starting(requested, seconds)),
            others: Vec::new(),
            authorization_details: response.authorization_details,
            refresh_token: response.refresh_token,
            session_state: parameters.session_state(),
        };
        self.begin_session(session, key);
        Ok(transaction.return_to)
    }

    /// Why a sign-in that has succeeded at the provider must not become the session.
    fn unwanted(&self, sign_outs: u64, transaction: &Transaction, subject: Option<&str>) -> Option<Cancellation> {
        let state = self.inner.state.borrow();
        if state.sign_outs != sign_outs {
            return Some(Cancellation::Superseded);
        }
        // Nobody has seen that there is another user now.
        let changed = |expected: &str| subject.is_some_and(|subject| subject != expected);
        // Who it was then is known also where the vault and its session have ended meanwhile.
        let wanted = transaction.same_user.as_deref();
        let only_same = transaction.mode == Mode::Silent || wanted.is_some();
        let present = state.session.as_ref().filter(|_| only_same).map(|session| session.claims.subject());
        (wanted.is_some_and(changed) || present.is_some_and(changed)).then_some(Cancellation::UserChanged)
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
