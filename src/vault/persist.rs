//! A session that outlives its vault: the opt-in `persist: "dpop"`.
//!
//! What is kept is a refresh token that only the key beside it can use, and the ID token that says whose it is. Neither is
//! believed when it comes back: the provider has to renew the one, and the other's signature is verified again.

use alloc::{borrow::ToOwned, boxed::Box, string::String};

use super::{Vault, proof::token_type, renew::ends_session, targets::MAIN, trace::Step};
use crate::{
    error::{Cancellation, Error, Reason, Violation},
    platform::{KeyPair, Platform},
    protocol::{
        authorization::Nonce,
        claims::Claims,
        id_token::{Occasion, audience},
        jose::jws::CompactJws,
        json::Object,
        session::{Lifetime, Session},
        time::Timestamp,
        token,
        url::{decode_form, encode_form},
    },
    secret::Secret,
};

/// What a record means may change: one that another version of this library left behind is not read.
const VERSION: &str = "1";

impl<P: Platform> Vault<P> {
    /// Keeps the session as it is now, where the configuration wants that and its refresh token is bound to a key. What is
    /// kept of another one is forgotten in any case.
    pub(super) fn persist(&self) {
        if !self.config().persistent {
            return;
        }
        let (kept, generation) = {
            let state = self.inner.state.borrow();
            let record = |session: &Session| {
                let Session { id_token, nonce, scope, .. } = session;
                Some((state.key.clone()?, self.record(session.refresh_token.as_ref()?, id_token, nonce, scope)))
            };
            (state.session.as_ref().and_then(record), state.generation)
        };
        let Some((key, record)) = kept else {
            return self.forget_persisted();
        };
        let this = self.clone();
        self.spawn(async move {
            let _ = this.platform().keep(&this.inner.tag, &record, &key).await;
            // It may have ended while the storage took its time.
            if this.inner.state.borrow().generation != generation {
                this.persist();
            }
        });
    }

    /// Forgets what is kept: the session has ended.
    pub(super) fn forget_persisted(&self) {
        if self.config().persistent {
            let this = self.clone();
            self.spawn(async move { this.platform().forget(&this.inner.tag).await });
        }
    }

    /// Takes up the session that an earlier vault has kept, if there is one and nobody is signed in. Once for a vault.
    pub(super) async fn restore(&self) {
        let wanted = {
            let state = self.inner.state.borrow();
            self.config().persistent && state.session.is_none() && state.ended.is_none()
        };
        if wanted {
            let this = self.clone();
            let outcome = self.join(&self.inner.restore_flight, Box::pin(async move { this.restoring().await })).await;
            self.inner.state.borrow_mut().restore_failure = outcome.err();
        }
    }

    fn record(
        &self,
        refresh_token: &Secret<String>,
        id_token: &Secret<String>,
        nonce: &Nonce,
        granted: &[String],
    ) -> Secret<String> {
        let mut scope = String::new();
        for part in granted {
            scope.push_str(part);
            scope.push(' ');
        }
        Secret::new(encode_form([
            ("version", VERSION),
            ("issuer", self.config().issuer.as_str()),
            ("client_id", &self.config().client_id),
            ("refresh_token", refresh_token.expose()),
            ("id_token", id_token.expose()),
            ("nonce", nonce.expose()),
            ("scope", &scope),
        ]))
    }

    async fn restoring(&self) -> Result<(), Error> {
        let Some((record, key)) = self.platform().kept(&self.inner.tag).await? else {
            return Ok(());
        };
        let outcome = self.take_up(&record, key).await;
        if let Err(error) = &outcome {
            self.note(Step::RenewalFailed, Some(error.code().to_owned()));
            // What is kept by now may be another session's.
            let superseded = matches!(error.reason(), Reason::Cancelled(_));
            if (ends_session(error) || superseded) && self.inner.state.borrow().session.is_none() {
                self.forget_persisted();
            }
        }
        outcome
    }

    async fn take_up(&self, record: &Secret<String>, key: KeyPair) -> Result<(), Error> {
        let present = || {
            let state = self.inner.state.borrow();
            (state.generation, state.sign_outs)
        };
        let begun = present();
        let malformed = || Violation::MemberInvalid.about("kept session");
        let fields = decode_form(record.expose()).ok_or_else(malformed)?;
        let field = |name: &str| {
            let field = fields.iter().find(|(field, _)| field == name);
            field.map(|(_, value)| value.clone()).ok_or_else(malformed)
        };
        let ours = field("version")? == VERSION
            && self.config().issuer.matches(&field("issuer")?)
            && field("client_id")? == self.config().client_id;
        if !ours {
            return Err(malformed());
        }
        let refresh_token = Secret::new(field("refresh_token")?);
        let kept = Secret::new(field("id_token")?);
        let nonce = Nonce::restore(field("nonce")?);
        let metadata = self.metadata().await?;

        // Whose session it was to be: what the provider says now is held against it.
        let token = CompactJws::parse(kept.expose())?;
        let object = Object::parse(token.unverified_payload(), "ID token")?;
        let subject = object.required_string("sub")?.to_owned();
        let audience = audience(&object)?.into_iter().map(ToOwned::to_owned).collect::<alloc::vec::Vec<_>>();
        let auth_time = object.seconds("auth_time")?.map(Timestamp::from_seconds);

        let requested = self.platform().instant();
        self.note(Step::RenewalStarted, None);
        let target = self.config().refresh_target(MAIN);
        let request = token::refresh_request(&metadata, &self.config().client_id, &refresh_token, &target);
        let answer = self.send(request, Some(&key), None, None).await?;
        let response = token::process(&answer, token_type(Some(&key)))?;
        // Without a new one the old one stays (RFC 6749 §6), and without a scope that.
        let refresh_token = response.refresh_token.unwrap_or(refresh_token);
        let scope = response.scope.unwrap_or_else(|| token::scopes(&field("scope").unwrap_or_default()));
        if present() == begun {
            // The one that was kept may be used up now (RFC 9700 §4.14.2), whatever becomes of the rest.
            let record = self.record(&refresh_token, &kept, &nonce, &scope);
            let _ = self.platform().keep(&self.inner.tag, &record, &key).await;
        }
        let (claims, id_token) = if let Some(raw) = &response.id_token {
            let occasion = Occasion::Renewal { subject: &subject, audience: &audience, nonce: &nonce, auth_time };
            let verified = self.verify(&metadata, raw, &response.access_token, occasion).await?;
            (verified.claims, raw.clone())
        } else {
            // It has expired by now, but who signed it is as true as it was.
            let known_to_us = self.config().issuer.matches(object.required_string("iss")?)
                && audience == [self.config().client_id.as_str()];
            let verified = self.verify_signature(&metadata, token).await?;
            if !known_to_us {
                return Err(malformed());
            }
            (Claims::new(&verified.payload, &subject)?, kept)
        };
        if present() != begun {
            self.revoke(&metadata, Some(refresh_token), alloc::vec![response.access_token]);
            return Err(Cancellation::Superseded.into());
        }
        self.note(Step::Restored, None);
        let session = Session {
            claims,
            audience,
            auth_time,
            nonce,
            scope,
            id_token,
            access_token: response.access_token,
            lifetime: response.expires_in.map(|seconds| Lifetime::starting(requested, seconds)),
            others: alloc::vec::Vec::new(),
            authorization_details: response.authorization_details,
            refresh_token: Some(refresh_token),
            session_state: None,
        };
        self.begin_session(session, Some(key));
        self.inner.state.borrow_mut().restored = true;
        Ok(())
    }
}
