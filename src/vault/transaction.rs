//! Sign-ins in flight: what must be remembered between the authorization request and its response.

use alloc::{rc::Rc, string::String, vec::Vec};

use sha2::{Digest, Sha256};

use super::flight::Arrival;
use crate::{
    config::Config,
    error::Cancellation,
    platform::KeyPair,
    protocol::{
        authorization::{Nonce, State},
        discovery::ProviderMetadata,
        jose::base64url,
        pkce::CodeVerifier,
        time::Timestamp,
        url::{Url, decimal, decode_form, encode_form},
    },
    secret::Secret,
};

/// A sign-in must be finished within this many seconds.
pub(crate) const LIFETIME: u64 = 3600;

/// What a stored copy means may change: one that another version of this library left behind is not read.
const VERSION: &str = "3";

/// More sign-ins at once are no person's: the oldest is forgotten.
const MAX_TRANSACTIONS: usize = 16;

/// How the browser goes to the provider and comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The page itself leaves.
    #[default]
    Redirect,
    /// A window of its own, which ends on the static callback page.
    Popup,
    /// A hidden frame, which ends on the static callback page; nobody is shown anything.
    Silent,
}

impl Mode {
    const ALL: [Self; 3] = [Self::Redirect, Self::Popup, Self::Silent];

    /// Its name at the JavaScript boundary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Popup => "popup",
            Self::Silent => "silent",
        }
    }

    /// The mode of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Where the provider sends the browser back to.
    pub(crate) fn redirect_uri(self, config: &Config) -> Option<&Url> {
        if self == Self::Redirect { Some(&config.redirect_uri) } else { config.callback_uri.as_ref() }
    }
}

/// Whoever waits for a sign-in to be finished. Told that it was given up, if nobody says anything else.
pub(crate) struct Waiting {
    pub(crate) ticket: u64,
    pub(crate) arrival: Arrival,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.arrival.land(Err(Cancellation::Superseded.into()));
    }
}

/// One sign-in in flight. Single use.
pub(crate) struct Transaction {
    pub(crate) state: State,
    pub(crate) nonce: Nonce,
    pub(crate) verifier: CodeVerifier,
    pub(crate) return_to: String,
    pub(crate) scope: String,
    pub(crate) max_age: Option<u64>,
    pub(crate) acr_values: Option<String>,
    pub(crate) started: Timestamp,
    /// Whether the response must carry `iss`, as the provider announced when the request was made (RFC 9207 §2.4).
    pub(crate) issuer_parameter: bool,
    /// The metadata the request was made with: a later fetch must not redirect the code elsewhere. Memory only.
    pub(crate) metadata: Option<Rc<ProviderMetadata>>,
    /// The token endpoint that the stored copy names: never where the code goes, only what must not have changed.
    pub(crate) token_endpoint: Option<String>,
    /// How many sign-ins in a row led up to this one, see `row`.
    pub(crate) row: u8,
    pub(crate) mode: Mode,
    /// Nobody but this user, who was signed in then, may come back.
    pub(crate) same_user: Option<String>,
    /// The key that the tokens will be bound to. Memory only: no script finds it in the storage.
    pub(crate) key: Option<KeyPair>,
    /// Whether the code is bound to that key as well (RFC 9449 §10).
    pub(crate) code_is_bound: bool,
    /// Who waits for it. Memory only.
    pub(crate) waiting: Option<Waiting>,
}

/// Eight characters that differ between clients of different providers or with different client IDs.
pub(crate) fn tag(config: &Config) -> String {
    let mut hash = Sha256::new();
    hash.update(config.issuer.as_str());
    hash.update([0]);
    hash.update(&config.client_id);
    hash.finalize().chunks(6).next().map(base64url::encode).unwrap_or_default()
}

impl Transaction {
    pub(crate) fn expires(&self) -> Timestamp {
        self.started.plus(LIFETIME)
    }

    /// The copy for storage. Where the code goes is never read from there: the endpoint in it can only prevent that it
    /// goes to another.
    pub(crate) fn to_record(&self, config: &Config) -> Secret<String> {
        let started = decimal(self.started.as_seconds());
        let endpoint = self.metadata.as_ref().map(|metadata| metadata.token_endpoint.as_str());
        let max_age = self.max_age.map(decimal).unwrap_or_default();
        Secret::new(encode_form([
            ("version", VERSION),
            ("issuer", config.issuer.as_str()),
            ("client_id", &config.client_id),
            ("nonce", self.nonce.expose()),
            ("verifier", self.verifier.expose()),
            ("return_to", &self.return_to),
            ("scope", &self.scope),
            ("max_age", &max_age),
            ("acr_values", self.acr_values.as_deref().unwrap_or_default()),
            ("started", &started),
            ("iss", if self.issuer_parameter { "1" } else { "" }),
            ("token_endpoint", endpoint.unwrap_or_default()),
            ("row", &decimal(self.row.into())),
            ("mode", self.mode.name()),
            ("same_user", self.same_user.as_deref().unwrap_or_default()),
            ("bound", if self.code_is_bound { "1" } else { "" }),
        ]))
    }

    /// Reads a copy. `None` when it is of another client or another version, or not whole.
    pub(crate) fn from_record(state: State, record: &Secret<String>, config: &Config) -> Option<Self> {
        let fields = decode_form(record.expose())?;
        let field = |name: &str| {
            let (_, value) = fields.iter().find(|(field, _)| field == name)?;
            Some(value.clone()).filter(|value| !value.is_empty())
        };
        if field("version")? != VERSION
            || !config.issuer.matches(&field("issuer")?)
            || field("client_id")? != config.client_id
        {
            return None;
        }
        Some(Self {
            state,
            nonce: Nonce::restore(field("nonce")?),
            verifier: CodeVerifier::restore(field("verifier")?)?,
            return_to: field("return_to")?,
            scope: field("scope")?,
            max_age: field("max_age").map(|text| text.parse()).transpose().ok()?,
            acr_values: field("acr_values"),
            started: Timestamp::from_seconds(field("started")?.parse().ok()?),
            issuer_parameter: field("iss").is_some(),
            metadata: None,
            token_endpoint: Some(field("token_endpoint")?),
            row: field("row")?.parse().ok()?,
            mode: Mode::from_name(&field("mode")?)?,
            same_user: field("same_user"),
            key: None,
            code_is_bound: field("bound").is_some(),
            waiting: None,
        })
    }
}

/// The sign-ins in flight that the vault remembers itself.
#[derive(Default)]
pub(crate) struct Transactions {
    pending: Vec<Transaction>,
}

impl Transactions {
    /// Answers the transaction that is forgotten for it, if any: to be dropped where the vault's state is not borrowed.
    pub(crate) fn add(&mut self, transaction: Transaction) -> Option<Transaction> {
        let full = self.pending.len() >= MAX_TRANSACTIONS;
        let forgotten = full.then(|| self.pending.remove(0));
        self.pending.push(transaction);
        forgotten
    }

    /// Takes the transaction of this state, for good.
    pub(crate) fn take(&mut self, state: &State) -> Option<Transaction> {
        let index = self.pending.iter().position(|transaction| transaction.state == *state)?;
        Some(self.pending.remove(index))
    }

    /// Whether the transaction of this state is here.
    pub(crate) fn has(&self, state: &State) -> bool {
        self.pending.iter().any(|transaction| transaction.state == *state)
    }

    /// Takes the transaction that waits under this ticket, for good.
    pub(crate) fn cancel(&mut self, ticket: u64) -> Option<Transaction> {
        let waits = |transaction: &Transaction| transaction.waiting.as_ref().is_some_and(|w| w.ticket == ticket);
        let index = self.pending.iter().position(waits)?;
        Some(self.pending.remove(index))
    }

    /// The number in its row of the sign-in that was started last, and when that was.
    pub(crate) fn latest(&self) -> Option<(u8, Timestamp)> {
        self.pending.last().map(|transaction| (transaction.row, transaction.started))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }
}
