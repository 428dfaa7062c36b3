//! Calls with the access token: to the listed resources, and to the UserInfo endpoint.

use alloc::borrow::ToOwned;

use super::{
    Vault,
    metadata::{location, request_line},
    trace::Step,
};
use crate::{
    error::{Cancellation, Error, Usage},
    platform::{Answer as _, Platform, ResourceRequest, Resources},
    protocol::{
        claims::Claims,
        session::Session,
        url::{Url, decimal},
        user_info::{self, Answer, bearer},
    },
};

/// Headers that carry a credential: the vault sets them, nobody else.
const CREDENTIAL_HEADERS: &[&str] = &["authorization", "dpop"];

impl<P: Platform> Vault<P> {
    /// Calls an API with the access token.
    ///
    /// # Errors
    ///
    /// `NotSignedIn`, `RequestInvalid`, `ResourceNotListed`, `AccessTokenExpired`, `Superseded`, what prevented a
    /// renewal, or what the platform found.
    pub async fn fetch(
        &self,
        mut request: ResourceRequest<<P as Resources>::Attachment>,
    ) -> Result<<P as Resources>::Answer, Error> {
        // Everything about the request is decided on the one text that is then sent.
        let url = Url::parse(&request.url, self.config().transport).map_err(|_| Usage::RequestInvalid.about("url"))?;
        if !self.config().resources.iter().any(|resource| url.is_under(resource)) {
            return Err(Usage::ResourceNotListed.about(location(&url)));
        }
        let taken = request
            .headers
            .iter()
            .find_map(|(name, _)| CREDENTIAL_HEADERS.iter().find(|header| header.eq_ignore_ascii_case(name)));
        if let Some(name) = taken {
            return Err(Usage::RequestInvalid.about(*name));
        }
        request.authorization = Some(bearer(&self.access_token().await?));
        self.note(Step::ResourceRequested, Some(request_line(&request.method, &url)));
        let answer = self.platform().fetch(request).await?;
        self.note(Step::ResourceAnswered, Some(decimal(u64::from(answer.status()))));
        Ok(answer)
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
        let access_token = self.access_token().await?;
        self.note(Step::UserInfoRequested, None);
        let response = self.platform().send(user_info::request(endpoint, &access_token)).await?;
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
