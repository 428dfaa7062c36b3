//! The provider's metadata and keys: fetched once, kept for a while, fetched by one at a time.

use alloc::{borrow::ToOwned, boxed::Box, rc::Rc, string::String};

use super::{Cached, Vault, flight::Arrival, trace::Step};
use crate::{
    error::{Error, Violation},
    platform::Platform,
    protocol::{discovery, discovery::ProviderMetadata, jose::jwks::JwkSet, time::Instant, url::Url},
};

/// Metadata is used for an hour before it is fetched again.
const METADATA_LIFETIME: u64 = 60 * 60 * 1000;

/// Keys are used for ten minutes before they are fetched again: a key that the provider withdrew must stop working.
const KEYS_LIFETIME: u64 = 10 * 60 * 1000;

/// Keys are fetched early, because a token did not fit, at most this often: forged tokens must not cause a storm.
const KEYS_COOL_DOWN: u64 = 15 * 1000;

impl<T> Cached<T> {
    fn fresh(&self, now: Instant, lifetime: u64) -> Option<Rc<T>> {
        (self.fetched.millis_since(now) < lifetime).then(|| Rc::clone(&self.value))
    }
}

impl<P: Platform> Vault<P> {
    /// The provider's metadata.
    pub(super) async fn metadata(&self) -> Result<Rc<ProviderMetadata>, Error> {
        if self.known_metadata().is_none() {
            self.metadata_flight().await?;
        }
        self.known_metadata().ok_or_else(|| Violation::MetadataNotFound.into())
    }

    /// The provider's page that knows whether its session has changed (OpenID Connect Session Management §3.3).
    ///
    /// # Errors
    ///
    /// What is wrong with the provider's metadata or prevents its being read.
    pub async fn check_session_iframe(&self) -> Result<Option<String>, Error> {
        Ok(self.metadata().await?.check_session_iframe.as_ref().map(|url| url.as_str().to_owned()))
    }

    /// Has the metadata fetched, unless it is on its way already.
    pub(super) fn metadata_flight(&self) -> Arrival {
        let this = self.clone();
        self.join(&self.inner.metadata_flight, Box::pin(async move { this.fetch_metadata().await }))
    }

    fn known_metadata(&self) -> Option<Rc<ProviderMetadata>> {
        let now = self.platform().instant();
        self.inner.state.borrow().metadata.as_ref().and_then(|cached| cached.fresh(now, METADATA_LIFETIME))
    }

    async fn fetch_metadata(&self) -> Result<(), Error> {
        let metadata = if let Some(given) = &self.config().metadata {
            given.clone()
        } else {
            let request = discovery::request(&self.config().issuer);
            self.note(Step::MetadataRequested, Some(request.url.clone()));
            let response = self.platform().send(request).await?;
            let metadata = discovery::process(&self.config().issuer, &response, self.config().transport)?;
            self.note(Step::MetadataReceived, None);
            metadata
        };
        let fetched = self.platform().instant();
        self.inner.state.borrow_mut().metadata = Some(Cached { value: Rc::new(metadata), fetched });
        Ok(())
    }

    /// The provider's keys that are in hand, if they are fresh.
    pub(super) fn known_keys(&self) -> Option<Rc<JwkSet>> {
        let now = self.platform().instant();
        self.inner.state.borrow().keys.as_ref().and_then(|cached| cached.fresh(now, KEYS_LIFETIME))
    }

    /// The provider's keys, fetched anew unless they are on their way already.
    pub(super) async fn fetch_keys(&self, metadata: &Rc<ProviderMetadata>) -> Result<Rc<JwkSet>, Error> {
        if let Err(error) = self.keys_flight(metadata).await {
            // What never came has told nothing about the token.
            self.inner.state.borrow_mut().keys_refetched = None;
            return Err(error);
        }
        self.known_keys().ok_or_else(|| Violation::JwkSetUnavailable.into())
    }

    fn keys_flight(&self, metadata: &Rc<ProviderMetadata>) -> Arrival {
        let (this, metadata) = (self.clone(), Rc::clone(metadata));
        let work = async move {
            let request = JwkSet::request(&metadata);
            this.note(Step::JwkSetRequested, Some(request.url.clone()));
            let keys = JwkSet::process(&this.platform().send(request).await?)?;
            this.note(Step::JwkSetReceived, None);
            let fetched = this.platform().instant();
            this.inner.state.borrow_mut().keys = Some(Cached { value: Rc::new(keys), fetched });
            Ok(())
        };
        self.join(&self.inner.keys_flight, Box::pin(work))
    }

    /// Has the keys fetched while something else goes on, if none are in hand.
    pub(super) fn fetch_keys_ahead(&self, metadata: &Rc<ProviderMetadata>) {
        if self.known_keys().is_none() {
            // What goes wrong is told to whoever needs the keys.
            drop(self.keys_flight(metadata));
        }
    }

    /// Whether keys may be fetched again only because a token did not fit those in hand (OpenID Connect Core §10.1.1).
    pub(super) fn may_refetch_keys(&self) -> bool {
        let now = self.platform().instant();
        let mut state = self.inner.state.borrow_mut();
        // Those that are on their way may be newer than those in hand.
        let under_way = self.inner.keys_flight.current().is_some();
        let cooled = under_way || state.keys_refetched.is_none_or(|last| last.millis_since(now) >= KEYS_COOL_DOWN);
        if cooled {
            state.keys_refetched = Some(now);
        }
        cooled
    }
}

/// A method and a URL, for the trace: without its query, which may hold anything.
pub(super) fn request_line(method: &str, url: &Url) -> String {
    let mut line = method.to_owned();
    line.push(' ');
    line.push_str(&url.location());
    line
}
