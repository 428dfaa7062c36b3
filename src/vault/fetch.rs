//! Calls with the access token: to the listed resources, and to the UserInfo endpoint.

use alloc::{borrow::ToOwned, string::String};
use core::mem;

use super::{Vault, metadata::request_line, proof::token_type, targets::MAIN, trace::Step};
use crate::{
    error::{Cancellation, Error, Usage},
    platform::{Answer as _, Platform, ResourceRequest, Resources},
    protocol::{
        challenge::{Challenge, is_token},
        claims::Claims,
        session::Session,
        token::TokenType,
        url::{Url, decimal},
        user_info::{self, Answer},
    },
    secret::Secret,
};

/// Headers that carry a credential: the vault sets them, nobody else.
const CREDENTIAL_HEADERS: &[&str] = &["authorization", "dpop"];

/// What came of a call.
#[derive(Debug)]
pub struct Answered<A> {
    /// The answer of the API.
    pub answer: A,
    /// What it wants of the user before it answers otherwise (RFC 9470, RFC 6750 §3.1).
    pub demand: Option<Challenge>,
}

/// An access token, for a page that may have it.
#[derive(Debug)]
pub struct ExposedToken {
    /// The token.
    pub access_token: Secret<String>,
    /// How it is sent.
    pub token_type: TokenType,
}

impl<P: Platform> Vault<P> {
    /// Calls an API with the access token. A request that is refused for the token's or the proof's sake is sent once more
    /// with another one, if it can be repeated.
    ///
    /// # Errors
    ///
    /// `NotSignedIn`, `RequestInvalid`, `ResourceNotListed`, `AccessTokenExpired`, `Superseded`, what prevented a
    /// renewal, or what the platform found.
    pub async fn fetch(
        &self,
        mut request: ResourceRequest<<P as Resources>::Attachment>,
    ) -> Result<Answered<<P as Resources>::Answer>, Error> {
        // Everything about the request is decided on the one text that is then sent.
        let url = Url::parse(&request.url, self.config().transport).map_err(|_| Usage::RequestInvalid.about("url"))?;
        let target = self.target_of(&url)?;
        let taken = request
            .headers
            .iter()
            .find_map(|(name, _)| CREDENTIAL_HEADERS.iter().find(|header| header.eq_ignore_ascii_case(name)));
        if let Some(name) = taken {
            return Err(Usage::RequestInvalid.about(*name));
        }
        // It is written into the proof.
        if !request.method.bytes().all(is_token) {
            return Err(Usage::RequestInvalid.about("method"));
        }
        let generation = self.signed_in()?;
        let repeatable = P::is_repeatable(&request.attachment);
        let (mut proved_again, mut renewed) = (false, false);
        loop {
            let access_token = self.access_token(target).await?;
            let key = self.inner.state.borrow().key.clone();
            let lessons = self.lessons();
            request.proof = self.proof(key.as_ref(), &request.method, &request.url, Some(&access_token)).await?;
            // Another user's, by now?
            self.with_session(generation, |_| ()).ok_or(Cancellation::Superseded)?;
            request.authorization = Some(token_type(key.as_ref()).authorization(&access_token));
            self.note(Step::ResourceRequested, Some(request_line(&request.method, &url)));
            let answer = self.platform().fetch(&request).await?;
            self.note(Step::ResourceAnswered, Some(decimal(u64::from(answer.status()))));

            let aside = answer.aside();
            let scheme = token_type(key.as_ref()).name();
            let refused = matches!(answer.status(), 401 | 403);
            let challenge = aside.challenge.as_deref().filter(|_| refused);
            let challenge = challenge.and_then(|header| Challenge::read(header, scheme));
            let says = |error| challenge.as_ref().is_some_and(|challenge| challenge.says(error));
            let unproved = answer.status() == 401
                && (says(Challenge::USE_DPOP_NONCE)
                    || says(Challenge::INVALID_DPOP_PROOF)
                    || aside.challenge.is_none());
            if key.is_some() {
                self.heed(&request.url, true, &aside, unproved);
            }
            let again = if !repeatable || answer.status() != 401 {
                false
            } else if unproved {
                self.lessons() != lessons && !mem::replace(&mut proved_again, true)
            } else {
                // Once for a call.
                says(Challenge::INVALID_TOKEN)
                    && !mem::replace(&mut renewed, true)
                    && self.replace_access_token(target, &access_token).await.is_ok()
            };
            if !again {
                return Ok(Answered { answer, demand: challenge.filter(Challenge::is_for_user) });
            }
            answer.discard();
        }
    }

    /// The access token for a resource, where the configuration lets the page have it.
    ///
    /// # Errors
    ///
    /// `AccessTokenNotExposed`, `RequestInvalid`, `ResourceNotListed`, and those of a renewal.
    pub async fn exposed_access_token(&self, resource: Option<&str>) -> Result<ExposedToken, Error> {
        if !self.config().expose_access_token {
            return Err(Usage::AccessTokenNotExposed.into());
        }
        let target = match resource {
            Some(text) => {
                let url =
                    Url::parse(text, self.config().transport).map_err(|_| Usage::RequestInvalid.about("resource"))?;
                self.target_of(&url)?
            }
            None => MAIN,
        };
        let access_token = self.access_token(target).await?;
        let token_type = token_type(self.inner.state.borrow().key.as_ref());
        Ok(ExposedToken { access_token, token_type })
    }

    /// The target of the resource that a URL lies under: of several, the one that says most of it.
    fn target_of(&self, url: &Url) -> Result<usize, Error> {
        let resources = self.config().resources.iter().filter(|resource| url.is_under(&resource.url));
        let closest = resources.max_by_key(|resource| resource.url.path().len());
        closest.map(|resource| resource.target).ok_or_else(|| Usage::ResourceNotListed.about(url.location()))
    }

    /// The claims of the UserInfo endpoint.
    ///
    /// # Errors
    ///
    /// `NotSignedIn`, `UserInfoEndpointMissing`, `AccessTokenExpired`, `Superseded`, what prevented a renewal, and what
    /// [`user_info`] finds.
    pub async fn user_info(&self) -> Result<Claims, Error> {
        let generation = self.signed_in()?;
        let metadata = self.metadata().await?;
        let endpoint = metadata.userinfo_endpoint.as_ref().ok_or(Usage::UserInfoEndpointMissing)?;
        let renewable = self.with_session(generation, |session| session.refresh_token.is_some());
        let target = if renewable == Some(true) { self.config().user_info_target } else { MAIN };
        let access_token = self.access_token(target).await?;
        self.with_session(generation, |_| ()).ok_or(Cancellation::Superseded)?;
        let key = self.inner.state.borrow().key.clone();
        self.note(Step::UserInfoRequested, None);
        let request = user_info::request(endpoint, &access_token, token_type(key.as_ref()));
        let response = self.send(request, key.as_ref(), Some(&access_token), Some(generation)).await?;
        let subject = |session: &mut Session| session.claims.subject().to_owned();
        let subject = self.with_session(generation, subject).ok_or(Cancellation::Superseded)?;
        let claims = match user_info::read(&response)? {
            Answer::Plain(object) => user_info::validate(&object, &response.body, &subject)?,
            Answer::Signed(token) => {
                let token = self.verify_signature(&metadata, token).await?;
                user_info::validate_signed(&token, &self.config().issuer, &self.config().client_id, &subject)?
            }
        };
        // Another user's, by now?
        self.with_session(generation, |_| ()).ok_or(Cancellation::Superseded)?;
        self.note(Step::UserInfoReceived, None);
        Ok(claims)
    }
}
