//! Revocation of tokens that nobody will use any more (RFC 7009): best effort, and never waited for longer than a bound.

use alloc::{borrow::ToOwned, rc::Rc, string::String, vec::Vec};

use super::{Vault, flight::Arrival, trace::Step};
use crate::{
    error::{Error, Platform as PlatformError},
    platform::Platform,
    protocol::{
        discovery::ProviderMetadata,
        revocation::{self, TokenType},
        url::Url,
    },
    secret::Secret,
};

/// Nobody waits longer for it, in milliseconds.
const PATIENCE: u64 = 3000;

impl<P: Platform> Vault<P> {
    /// Has tokens revoked at the provider, if it revokes any. Whoever wants may wait for the outcome.
    pub(super) fn revoke(
        &self,
        metadata: &Rc<ProviderMetadata>,
        refresh_token: Option<Secret<String>>,
        access_tokens: Vec<Secret<String>>,
    ) -> Arrival {
        let arrival = Arrival::default();
        let Some(endpoint) = metadata.revocation_endpoint.clone() else {
            arrival.land(Ok(()));
            return arrival;
        };
        let (this, landing) = (self.clone(), arrival.clone());
        self.spawn(async move {
            // The refresh token first: mostly the access token ends with it (RFC 7009 §2.1), and it is worth more.
            let first = match &refresh_token {
                Some(token) => this.revoke_one(&endpoint, token, TokenType::RefreshToken).await,
                None => Ok(()),
            };
            let mut outcome = first;
            for token in &access_tokens {
                let revoked = this.revoke_one(&endpoint, token, TokenType::AccessToken).await;
                outcome = outcome.and(revoked);
            }
            landing.land(outcome);
        });
        let (this, landing) = (self.clone(), arrival.clone());
        self.spawn(async move {
            this.platform().sleep(PATIENCE).await;
            landing.land(Err(PlatformError::TimedOut.into()));
        });
        arrival
    }

    async fn revoke_one(&self, endpoint: &Url, token: &Secret<String>, kind: TokenType) -> Result<(), Error> {
        self.note(Step::RevocationRequested, None);
        let request = revocation::request(endpoint, &self.config().client_id, token, kind);
        let outcome = match self.platform().send(request).await {
            Ok(response) => revocation::process(&response),
            Err(error) => Err(error),
        };
        match &outcome {
            Ok(()) => self.note(Step::Revoked, None),
            Err(error) => self.note(Step::RevocationFailed, Some(error.code().to_owned())),
        }
        outcome
    }
}
