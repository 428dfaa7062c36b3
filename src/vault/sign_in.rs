//! Sign-in, the way out: the authorization request, and who waits for its response.

use alloc::{borrow::ToOwned, rc::Rc, string::String};

use super::{
    Vault, flight,
    trace::Step,
    transaction::{Mode, Transaction, Waiting},
};
use crate::{
    config,
    error::{Cancellation, Configuration, Error, Usage, Violation},
    platform::Platform,
    protocol::{
        authorization::{self, AuthorizationRequest, Nonce, Prompting, State, is_reserved},
        discovery::ProviderMetadata,
        json::{self, Value},
        pkce::CodeVerifier,
        pushed,
        text::parts,
        url::{decode_form, is_local_path},
    },
};

/// Sign-ins that can be waited for at once.
const MAX_TICKETS: usize = 32;

/// A longer path is no page's, and it would be stored.
const MAX_RETURN_TO: usize = 64 * 1024;

/// What one sign-in asks for.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each of them is an option")]
pub struct SignInOptions {
    /// How the browser goes to the provider.
    pub mode: Mode,
    /// Where to be afterwards: a path of this origin.
    pub return_to: Option<String>,
    /// Scopes in place of the configured ones.
    pub scope: Option<String>,
    /// Parameters of the authorization request.
    pub prompting: Prompting,
    /// The signed-in user's ID token goes along as `id_token_hint`.
    pub id_token_hint: bool,
    /// Nobody else than the user who is signed in may come back: the session is only to become a better one.
    pub same_user: bool,
    /// The vault will still be there when the browser comes back.
    pub lasting: bool,
    /// Somebody has just clicked: this is no redirect that the application starts by itself.
    pub attended: bool,
}

/// Where to send the browser for a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The authorization request.
    pub url: String,
    /// The name under which the page may wait for the sign-in, see [`Vault::outcome`].
    pub ticket: u64,
}

impl<P: Platform> Vault<P> {
    /// Prepares a sign-in. Returns where to send the browser.
    ///
    /// # Errors
    ///
    /// `CallbackUriMissing`; `ScopeInvalid`, `PromptInvalid`, `ParameterReserved`, `OptionInvalid`; `SignInLoop`; what is wrong with the provider's
    /// metadata or prevents its being read; `DpopUnsupported`, `PushedRequestsUnsupported`, and why a pushed request was refused; `RandomUnavailable`, `StorageUnavailable`; `Superseded` by a sign-out.
    pub async fn sign_in(&self, options: SignInOptions) -> Result<Departure, Error> {
        let SignInOptions { mode, return_to, scope, mut prompting, id_token_hint, same_user, lasting, attended } =
            options;
        let redirect_uri = mode.redirect_uri(self.config()).ok_or(Usage::CallbackUriMissing)?;
        let sign_outs = self.inner.state.borrow().sign_outs;
        let scope = match scope {
            Some(scope) => config::scope(&scope)?,
            None => self.config().scope.clone(),
        };
        let scope = self.whole_scope(scope, same_user);
        check(mode, &mut prompting)?;
        if id_token_hint {
            let generation = self.signed_in()?;
            prompting.id_token_hint = self.with_session(generation, |session| session.id_token.clone());
        }
        let row = self.row(attended)?;
        let metadata = self.metadata().await?;
        let pushed_to = metadata.pushed_request_endpoint.as_ref();
        let pushing = metadata.pushed_requests_required || self.config().pushed_requests_required;
        let pushed_to = if pushing { Some(pushed_to.ok_or(Violation::PushedRequestsUnsupported)?) } else { None };
        self.check_extra(&metadata, &prompting)?;
        let verifier = CodeVerifier::from_random(&self.random()?);
        let key = self.new_key(&metadata).await?;
        // Bound from the start where the key is certain to be there in the end (RFC 9449 §10): no script that finds the stored
        // copy and the code can redeem them elsewhere. The key itself is never stored with them.
        let code_is_bound = key.is_some() && (lasting || mode != Mode::Redirect || !self.config().stored_transactions);
        let mut transaction = Transaction {
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
            mode,
            same_user: same_user.then(|| self.subject()).flatten(),
            key,
            code_is_bound,
            waiting: None,
            verifier,
        };
        let thumbprint = transaction.key.as_ref().filter(|_| code_is_bound).map(|key| key.public.thumbprint());
        let challenge = transaction.verifier.challenge();
        let request = AuthorizationRequest {
            client_id: &self.config().client_id,
            redirect_uri: redirect_uri.as_str(),
            scope: &transaction.scope,
            state: &transaction.state,
            nonce: &transaction.nonce,
            challenge: &challenge,
            response_mode: self.config().response_mode,
            key: thumbprint.as_deref(),
            targets: &self.config().targets,
            prompting: &prompting,
        };
        let parameters = request.parameters();
        let endpoint = &metadata.authorization_endpoint;
        let url = match pushed_to {
            Some(pushed_to) => {
                let key = transaction.key.as_ref().filter(|_| code_is_bound);
                let response = self.send(pushed::request(pushed_to, &parameters), key, None, None).await?;
                let request_uri = pushed::process(&response)?;
                self.note(Step::RequestPushed, None);
                pushed::url(endpoint, &self.config().client_id, &request_uri)
            }
            None => authorization::url(endpoint, &parameters),
        };
        // A frame comes back while this vault is there, or never.
        if self.config().stored_transactions && mode != Mode::Silent {
            let record = transaction.to_record(self.config());
            self.platform().put(transaction.state.as_str(), &record, transaction.expires()).await?;
        }
        // A sign-out ends what is in flight, and this had begun already.
        if self.inner.state.borrow().sign_outs != sign_outs {
            let _ = self.platform().take(transaction.state.as_str()).await;
            return Err(Cancellation::Superseded.into());
        }
        let ticket = {
            let mut state = self.inner.state.borrow_mut();
            state.last_ticket += 1;
            let waiting = Waiting { ticket: state.last_ticket, arrival: flight::Arrival::default() };
            if state.tickets.len() >= MAX_TICKETS {
                state.tickets.remove(0);
            }
            state.tickets.push((waiting.ticket, waiting.arrival.clone()));
            transaction.waiting = Some(waiting);
            state.last_ticket
        };
        let dropped = self.inner.state.borrow_mut().transactions.add(transaction);
        drop(dropped);
        // While the user is at the provider, so that the way back needs the token request alone.
        self.fetch_keys_ahead(&metadata);
        self.note(Step::SignInStarted, Some(mode.name().to_owned()));
        Ok(Departure { url, ticket })
    }

    /// No parameter twice (RFC 6749 §3.1), neither with those that the endpoint's own query has.
    fn check_extra(&self, metadata: &ProviderMetadata, prompting: &Prompting) -> Result<(), Error> {
        let audience = self.config().targets.first().and_then(|target| target.audience.as_ref()).map(|_| "audience");
        let endpoint_query = metadata.authorization_endpoint.query().and_then(decode_form).unwrap_or_default();
        let taken = |name: &str| {
            let mut names = endpoint_query.iter().map(|(other, _)| other.as_str()).chain(audience);
            names.any(|other| other.eq_ignore_ascii_case(name))
        };
        match prompting.extra.iter().find(|(name, _)| taken(name)) {
            Some((name, _)) => Err(Configuration::ParameterReserved.about(name.clone())),
            None => Ok(()),
        }
    }

    fn subject(&self) -> Option<String> {
        self.inner.state.borrow().session.as_ref().map(|session| session.claims.subject().to_owned())
    }

    /// A scope and what the resources need: all is consented to at once. And what the session has, if it is only to become a
    /// better one.
    fn whole_scope(&self, mut scope: String, same_user: bool) -> String {
        let state = self.inner.state.borrow();
        let held = state.session.as_ref().filter(|_| same_user).map(|session| session.scope.as_slice());
        let held = held.unwrap_or_default().iter().map(String::as_str);
        let needed = self.config().targets.iter().filter_map(|target| target.scope.as_deref());
        for token in needed.chain(held).flat_map(|wanted| parts(wanted, b' ')) {
            if !parts(&scope, b' ').any(|known| known == token) {
                scope.push(' ');
                scope.push_str(token);
            }
        }
        scope
    }

    /// Waits until a sign-in is finished, in whichever window that happens.
    ///
    /// # Errors
    ///
    /// Why it failed; `Superseded` when it was given up, or is not known.
    pub async fn outcome(&self, ticket: u64) -> Result<(), Error> {
        let known = {
            let state = self.inner.state.borrow();
            state.tickets.iter().find(|(other, _)| *other == ticket).map(|(_, arrival)| arrival.clone())
        };
        match known {
            Some(arrival) => arrival.await,
            None => Err(Cancellation::Superseded.into()),
        }
    }

    /// Gives a sign-in up: its callback will be refused.
    pub async fn cancel(&self, ticket: u64) {
        let cancelled = self.inner.state.borrow_mut().transactions.cancel(ticket);
        if let Some(transaction) = cancelled {
            self.note(Step::SignInCancelled, Some(transaction.mode.name().to_owned()));
            if self.config().stored_transactions {
                let _ = self.platform().take(transaction.state.as_str()).await;
            }
        }
    }

    /// A place to return to that is certainly of this origin; else where the redirect URI is. Applied when it is given
    /// and again when it is used: in between it may have been in storage (RFC 9700 §4.11.1).
    pub(super) fn return_to(&self, wanted: Option<String>) -> String {
        wanted
            .filter(|path| path.len() <= MAX_RETURN_TO && is_local_path(path))
            .unwrap_or_else(|| self.config().redirect_uri.path().to_owned())
    }
}

/// What the application asks for must make sense.
fn check(mode: Mode, prompting: &mut Prompting) -> Result<(), Error> {
    // OpenID Connect Core §3.1.2.1
    if prompting.prompt.as_deref().is_some_and(|prompt| prompt != "none" && parts(prompt, b' ').any(|p| p == "none")) {
        return Err(Configuration::PromptInvalid.into());
    }
    if mode == Mode::Silent && prompting.prompt.replace("none".to_owned()).is_some_and(|prompt| prompt != "none") {
        return Err(Configuration::PromptInvalid.into());
    }
    if let Some((name, _)) = prompting.extra.iter().find(|(name, _)| is_reserved(name)) {
        return Err(Configuration::ParameterReserved.about(name.clone()));
    }
    check_json(prompting)
}

/// The parameters that are JSON: `claims` is an object (OpenID Connect Core §5.5), `authorization_details` an array of objects
/// with a `type` each (RFC 9396 §2).
fn check_json(prompting: &Prompting) -> Result<(), Error> {
    let read = |text: &Option<String>| text.as_ref().map(|text| json::parse(text.as_bytes()));
    if !matches!(read(&prompting.claims), None | Some(Ok(Value::Object(_)))) {
        return Err(Configuration::OptionInvalid.about("claims"));
    }
    let typed = |value: &Value| matches!(value, Value::Object(object) if matches!(object.member("type"), Some(Value::String(_))));
    match read(&prompting.authorization_details) {
        None => Ok(()),
        Some(Ok(Value::Array(details))) if !details.is_empty() && details.iter().all(typed) => Ok(()),
        Some(_) => Err(Configuration::OptionInvalid.about("authorizationDetails")),
    }
}
