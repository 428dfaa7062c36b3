//! Sign-out: here first, then at the provider (RP-Initiated Logout 1.0).

use alloc::{borrow::ToOwned, string::String};

use super::{Arrival, Vault, trace::Step, transaction};
use crate::{
    error::Error,
    platform::Platform,
    protocol::{logout, logout::LogoutState},
    secret::Secret,
};

/// How to sign out.
#[derive(Clone, Debug, Default)]
pub struct SignOutOptions {
    /// Where to be afterwards: a path of this origin.
    pub return_to: Option<String>,
    /// Leave the provider's session alone.
    pub local: bool,
}

impl<P: Platform> Vault<P> {
    /// Ends the session, and every sign-in in flight. Returns the URL to send the browser to, if the provider is to know.
    ///
    /// The session ends before anything else is tried: the provider may not answer.
    ///
    /// # Errors
    ///
    /// `RandomUnavailable`.
    pub async fn sign_out(&self, options: SignOutOptions) -> Result<Option<String>, Error> {
        self.note(Step::SignOutStarted, None);
        let id_token = {
            let mut state = self.inner.state.borrow_mut();
            state.sign_outs += 1;
            state.transactions.clear();
            state.session.as_ref().map(|session| session.id_token.clone())
        };
        self.replace_session(None);
        if self.config().stored_transactions {
            self.forget_stored_transactions().await;
        }
        match id_token {
            Some(id_token) if !options.local => self.logout_url(&id_token, options.return_to).await,
            _ => Ok(None),
        }
    }

    /// Erases the stored copies of this client's sign-ins in flight. Best effort: what stays expires.
    async fn forget_stored_transactions(&self) {
        for key in self.stored_transactions().await {
            let _ = self.platform().take(&key).await;
        }
    }

    async fn logout_url(&self, id_token: &Secret<String>, return_to: Option<String>) -> Result<Option<String>, Error> {
        // A provider that cannot be reached, or has no such endpoint, leaves it at the local sign-out.
        let Ok(metadata) = self.metadata().await else {
            return Ok(None);
        };
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
