//! Sign-out: here first, then at the provider (RP-Initiated Logout 1.0).

use alloc::{borrow::ToOwned, string::String};
use core::mem;

use super::{
    Arrival, Vault,
    message::{Ended, Event},
    trace::Step,
    transaction,
};
use crate::{
    error::Error,
    platform::Platform,
    protocol::{discovery::ProviderMetadata, logout, logout::LogoutState, session::Session},
    secret::Secret,
};

/// How to sign out.
#[derive(Clone, Debug, Default)]
pub struct SignOutOptions {
    /// Where to be afterwards: a path of this origin.
    pub return_to: Option<String>,
    /// Leave the provider's session alone.
    pub local: bool,
    /// Leave the tokens to expire at the provider.
    pub keep_tokens: bool,
    /// Why, if not because the application wants it.
    pub reason: Option<Ended>,
}

/// What came of a sign-out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// Where to send the browser, if the provider is to know.
    pub url: Option<String>,
    /// Whether no token is left at the provider: all were revoked, or there was none. Not waited for where the browser goes
    /// to the provider.
    pub revoked: bool,
}

impl<P: Platform> Vault<P> {
    /// Ends the session, and every sign-in in flight, in this vault and in every other of this client and origin.
    ///
    /// The session ends before anything else is tried: the provider may not answer.
    ///
    /// # Errors
    ///
    /// `RandomUnavailable`.
    pub async fn sign_out(&self, options: SignOutOptions) -> Result<SignedOut, Error> {
        self.note(Step::SignOutStarted, None);
        let session = self.end(options.reason.unwrap_or(Ended::SignedOut));
        self.tell(&Event::SignedOut { tag: self.inner.tag.clone(), keep_tokens: options.keep_tokens });
        if self.config().stored_transactions {
            self.forget_stored_transactions().await;
        }
        if self.config().persistent {
            // The page may leave now, and the vault with it.
            self.platform().forget(&self.inner.tag).await;
        }
        let Some(session) = session else {
            return Ok(SignedOut { url: None, revoked: true });
        };
        // A provider that cannot be reached leaves it at the local sign-out.
        let Ok(metadata) = self.metadata().await else {
            return Ok(SignedOut { url: None, revoked: false });
        };
        let id_token = session.id_token.clone();
        let (refresh_token, access_tokens) = session.into_tokens();
        let revocation = (!options.keep_tokens).then(|| self.revoke(&metadata, refresh_token, access_tokens));
        if !options.local
            && let Some(url) = self.logout_url(&metadata, &id_token, options.return_to).await?
        {
            return Ok(SignedOut { url: Some(url), revoked: false });
        }
        let revoked = match revocation {
            Some(revocation) => metadata.revocation_endpoint.is_some() && revocation.await.is_ok(),
            None => false,
        };
        Ok(SignedOut { url: None, revoked })
    }

    /// Another vault of this client has signed out. The tokens here are others than there.
    pub fn signed_out_elsewhere(&self, tag: &str, keep_tokens: bool) {
        if tag == self.inner.tag {
            let session = self.end(Ended::SignedOut).filter(|_| !keep_tokens);
            if let Some((refresh_token, access_tokens)) = session.map(Session::into_tokens) {
                let this = self.clone();
                self.spawn(async move {
                    if let Ok(metadata) = this.metadata().await {
                        drop(this.revoke(&metadata, refresh_token, access_tokens));
                    }
                });
            }
            if self.config().stored_transactions {
                // A sign-in of this vault's may have been stored since that one looked.
                let this = self.clone();
                self.spawn(async move { this.forget_stored_transactions().await });
            }
        }
    }

    /// The provider says that it has ended this session (Front-Channel Logout 1.0 §2). Both parameters must fit: `iss` alone
    /// is known to everybody.
    pub async fn provider_signed_out(&self, issuer: &str, session_id: &str) {
        let ours = self.inner.state.borrow().session.as_ref().is_some_and(|session| {
            self.config().issuer.matches(issuer) && session.claims.session_id().is_some_and(|sid| sid == session_id)
        });
        if ours {
            let reason = Some(Ended::ProviderSignedOut);
            let _ = self.sign_out(SignOutOptions { local: true, reason, ..SignOutOptions::default() }).await;
        }
    }

    /// Ends the session here, and every sign-in in flight; the stored copies are then to be forgotten. Answers what the
    /// session held.
    fn end(&self, why: Ended) -> Option<Session> {
        let (session, given_up) = {
            let mut state = self.inner.state.borrow_mut();
            state.sign_outs += 1;
            state.forgetting += u32::from(self.config().stored_transactions);
            (state.session.take(), mem::take(&mut state.transactions))
        };
        drop(given_up);
        if session.is_some() {
            self.session_ended(why);
        } else {
            // One that is kept, and was not taken up (yet), has ended as well.
            self.forget_persisted();
        }
        session
    }

    /// Erases the stored copies of this client's sign-ins in flight. Best effort: what stays expires. Until it is done, a
    /// callback is not answered from them.
    async fn forget_stored_transactions(&self) {
        for key in self.stored_transactions().await {
            let _ = self.platform().take(&key).await;
        }
        self.inner.state.borrow_mut().forgetting -= 1;
    }

    /// Where the provider signs out, if it does.
    async fn logout_url(
        &self,
        metadata: &ProviderMetadata,
        id_token: &Secret<String>,
        return_to: Option<String>,
    ) -> Result<Option<String>, Error> {
        let Some(endpoint) = &metadata.end_session_endpoint else {
            return Ok(None);
        };
        let state = LogoutState::from_random(&self.inner.tag, &self.random()?);
        if let (Some(return_to), true) = (return_to, self.config().stored_transactions) {
            let record = Secret::new(self.return_to(Some(return_to)));
            let expires = self.platform().now().plus(transaction::LIFETIME);
            let _ = self.platform().put(state.as_str(), &record, expires).await;
        }
        let post_logout = self.config().post_logout_redirect_uri.as_ref().map(|uri| (uri, &state));
        Ok(Some(logout::url(endpoint, &self.config().client_id, id_token, post_logout)))
    }

    /// The page has loaded as the return from a sign-out. A state that is not known means nothing and triggers nothing.
    pub(super) async fn arrive_signed_out(&self, state: &LogoutState, location: String) -> Arrival {
        let wanted = if self.config().stored_transactions {
            self.platform().take(state.as_str()).await.ok().flatten()
        } else {
            None
        };
        let location = match wanted {
            Some(return_to) => self.return_to(Some(return_to.expose().to_owned())),
            None => location,
        };
        self.arrival(Some(location), None)
    }
}
