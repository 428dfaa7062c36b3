//! Sign-in by redirect: out with an authorization request, back with a callback.

use alloc::{borrow::ToOwned, boxed::Box, rc::Rc, string::String};

use super::{
    Callback, Vault,
    address::{Brought, scrubbed},
    flight::{self, Flight},
    message::Snapshot,
    trace::Step,
    transaction::Transaction,
};
use crate::{
    config,
    error::{Cancellation, Configuration, Error, Violation},
    platform::Platform,
    protocol::{
        authorization::{self, AuthorizationRequest, CallbackParameters, Nonce, Prompting, State, is_reserved},
        id_token::{Expectation, Occasion},
        pkce::CodeVerifier,
        session::{Lifetime, Session},
        text::parts,
        token,
        url::{Transport, Url, decode_form, is_local_path},
    },
};

/// Callbacks that are remembered, so that a second use can be told from an unknown one.
const MAX_CALLBACKS: usize = 16;

/// A longer path is no page's, and it would be stored.
const MAX_RETURN_TO: usize = 64 * 1024;

/// What one sign-in asks for.
#[derive(Clone, Debug, Default)]
pub struct SignInOptions {
    /// Where to be afterwards: a path of this origin.
    pub return_to: Option<String>,
    /// Scopes in place of the configured ones.
    pub scope: Option<String>,
    /// Parameters of the authorization request.
    pub prompting: Prompting,
    /// Somebody has just clicked: this is no redirect that the application starts by itself.
    pub attended: bool,
}

/// What a page learns when it has loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Who is signed in.
    pub snapshot: Snapshot,
    /// What to put into the address bar, when this page load brought a callback: a path of this origin.
    pub location: Option<String>,
    /// Why the sign-in that this page load was to finish did not succeed.
    pub error: Option<Error>,
}

impl<P: Platform> Vault<P> {
    /// Prepares a sign-in. Returns the URL to send the browser to.
    ///
    /// # Errors
    ///
    /// `ScopeInvalid`, `PromptInvalid`, `ParameterReserved`; `SignInLoop`; what is wrong with the provider's metadata or
    /// prevents its being read; `RandomUnavailable`, `StorageUnavailable`; `Superseded` by a sign-out.
    pub async fn sign_in(&self, options: SignInOptions) -> Result<String, Error> {
        let SignInOptions { return_to, scope, prompting, attended } = options;
        let sign_outs = self.inner.state.borrow().sign_outs;
        let scope = match scope {
            Some(scope) => config::scope(&scope)?,
            None => self.config().scope.clone(),
        };
        // OpenID Connect Core §3.1.2.1
        if prompting
            .prompt
            .as_deref()
            .is_some_and(|prompt| prompt != "none" && parts(prompt, b' ').any(|p| p == "none"))
        {
            return Err(Configuration::PromptInvalid.into());
        }
        if let Some((name, _)) = prompting.extra.iter().find(|(name, _)| is_reserved(name)) {
            return Err(Configuration::ParameterReserved.about(name.clone()));
        }
        let row = self.row(attended)?;
        let metadata = self.metadata().await?;
        // RFC 6749 §3.1: no parameter twice, neither with those that the endpoint's own query has.
        let endpoint_query = metadata.authorization_endpoint.query().and_then(decode_form).unwrap_or_default();
        let in_query = |name: &str| endpoint_query.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        if let Some((name, _)) = prompting.extra.iter().find(|(name, _)| in_query(name)) {
            return Err(Configuration::ParameterReserved.about(name.clone()));
        }
        let verifier = CodeVerifier::from_random(&self.random()?);
        let transaction = Transaction {
            state: State::from_random(&self.inner.tag, &self.random()?),
            nonce: Nonce::from_random(&self.random()?),
            return_to: self.return_to(return_to),
            scope,
            max_age: prompting.max_age,
            acr_values: prompting.acr_values.clone(),
            started: self.platform().now(),
            issuer_parameter: metadata.issuer_parameter,
            metadata: Some(Rc::clone(&metadata)),
            token_endpoint: None,
            row,
            verifier,
        };
        let url = AuthorizationRequest {
            client_id: &self.config().client_id,
            redirect_uri: self.config().redirect_uri.as_str(),
            scope: &transaction.scope,
            state: &transaction.state,
            nonce: &transaction.nonce,
            challenge: &transaction.verifier.challenge(),
            prompting: &prompting,
        }
        .url(&metadata);
        if self.config().stored_transactions {
            let record = transaction.to_record(self.config());
            self.platform().put(transaction.state.as_str(), &record, transaction.expires()).await?;
        }
        // A sign-out ends what is in flight, and this had begun already.
        if self.inner.state.borrow().sign_outs != sign_outs {
            let _ = self.platform().take(transaction.state.as_str()).await;
            return Err(Cancellation::Superseded.into());
        }
        self.inner.state.borrow_mut().transactions.add(transaction);
        // While the user is at the provider, so that the way back needs the token request alone.
        self.fetch_keys_ahead(&metadata);
        self.note(Step::SignInStarted, None);
        Ok(url)
    }

    /// Tells a page that has loaded at `href` who is signed in, and finishes a sign-in if that URL is its callback.
    ///
    /// A callback that is refused changes no session.
    pub async fn ready(&self, href: &str) -> Arrival {
        // The page's own URL: what scheme it has is not for the vault to judge.
        let Ok(url) = Url::parse(href, Transport::DangerInsecure) else {
            return self.arrival(None, None);
        };
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
            Brought::Response(state, parameters) => self.receive(state, parameters).await,
        };
        match outcome {
            Ok(return_to) => self.arrival(Some(return_to), None),
            Err(error) => {
                self.note(Step::CallbackRefused, Some(error.code().to_owned()));
                self.arrival(Some(scrubbed(&url)), Some(error))
            }
        }
    }

    pub(super) fn arrival(&self, location: Option<String>, error: Option<Error>) -> Arrival {
        Arrival { snapshot: self.snapshot(), location, error }
    }

    /// Processes a callback once, however many pages bring it.
    async fn receive(&self, state: State, parameters: CallbackParameters) -> Result<String, Error> {
        let known = {
            let vault = self.inner.state.borrow();
            let callback = vault.callbacks.iter().find(|callback| callback.state == state);
            callback.map(|callback| callback.flight.current())
        };
        let outcome = match known {
            Some(Some(under_way)) => under_way,
            Some(None) => return Err(Violation::CallbackReplayed.into()),
            None => self.begin(state.clone(), parameters),
        }
        .await;
        if outcome.as_ref().is_err_and(|error| error.is(Violation::StateUnknown)) {
            // It was used by nobody: forged callbacks must not push out those that were.
            self.inner.state.borrow_mut().callbacks.retain(|callback| callback.state != state);
        }
        outcome.map(|()| self.finished(&state))
    }

    /// Begins to finish a sign-in whose callback has come for the first time.
    fn begin(&self, state: State, parameters: CallbackParameters) -> flight::Arrival {
        let flight = Rc::new(Flight::default());
        {
            let mut vault = self.inner.state.borrow_mut();
            if vault.callbacks.len() >= MAX_CALLBACKS {
                vault.callbacks.remove(0);
            }
            vault.callbacks.push(Callback { state: state.clone(), flight: Rc::clone(&flight), location: None });
        }
        let this = self.clone();
        self.join(&flight, Box::pin(async move { this.finish(&state, &parameters).await }))
    }

    /// Where the user wanted to be who is back with this state.
    fn finished(&self, state: &State) -> String {
        let vault = self.inner.state.borrow();
        let callback = vault.callbacks.iter().find(|callback| callback.state == *state);
        self.return_to(callback.and_then(|callback| callback.location.clone()))
    }

    /// Finishes a sign-in.
    async fn finish(&self, state: &State, parameters: &CallbackParameters) -> Result<(), Error> {
        let sign_outs = self.inner.state.borrow().sign_outs;
        let transaction = self.claim(state).await?;
        let (row, started) = (transaction.row, transaction.started);
        let outcome = self.redeem(transaction, parameters, sign_outs).await;
        self.came_back(row, started, outcome.as_ref().err());
        let location = outcome?;
        let mut vault = self.inner.state.borrow_mut();
        if let Some(callback) = vault.callbacks.iter_mut().find(|callback| callback.state == *state) {
            callback.location = Some(location);
        }
        Ok(())
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
        let request = token::code_request(
            &metadata,
            &self.config().client_id,
            self.config().redirect_uri.as_str(),
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
        let id_token = self.verify(&metadata, &raw, &expectation).await?;
        if self.inner.state.borrow().sign_outs != sign_outs {
            return Err(Cancellation::Superseded.into());
        }
        self.replace_session(Some(Session {
            claims: id_token.claims,
            audience: id_token.audience,
            auth_time: id_token.auth_time,
            nonce: transaction.nonce,
            scope: response.scope.unwrap_or_else(|| token::scopes(&transaction.scope)),
            id_token: raw,
            access_token: response.access_token,
            lifetime: response.expires_in.map(|seconds| Lifetime::starting(requested, seconds)),
            refresh_token: response.refresh_token,
        }));
        Ok(transaction.return_to)
    }

    /// Takes the transaction of a state out of memory and storage, so that nobody can use it again.
    async fn claim(&self, state: &State) -> Result<Transaction, Error> {
        let remembered = self.inner.state.borrow_mut().transactions.take(state);
        let transaction = if let Some(transaction) = remembered {
            if self.config().stored_transactions {
                // The vault's own record was the one that counts: nobody need wait for the copy to be erased.
                let (this, state) = (self.clone(), state.clone());
                self.spawn(async move {
                    let _ = this.platform().take(state.as_str()).await;
                });
            }
            transaction
        } else if self.config().stored_transactions {
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

    /// A place to return to that is certainly of this origin; else where the redirect URI is. Applied when it is given
    /// and again when it is used: in between it may have been in storage (RFC 9700 §4.11.1).
    pub(super) fn return_to(&self, wanted: Option<String>) -> String {
        wanted
            .filter(|path| path.len() <= MAX_RETURN_TO && is_local_path(path))
            .unwrap_or_else(|| self.config().redirect_uri.path().to_owned())
    }
}
