//! Keys of the client's own, and proofs that it has them (RFC 9449).
//!
//! A proof is made for a request that is sent at once, and for no other: nothing here signs what somebody else chose (§11.2).

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use super::Vault;
use crate::{
    config::Dpop,
    error::{Cancellation, Error, Usage, Violation},
    platform::{KeyPair, Platform},
    protocol::{
        challenge::Challenge,
        discovery::ProviderMetadata,
        dpop::{self, Proof},
        http::{Aside, Document, Request, Response},
        time::Timestamp,
        token::TokenType,
        url::{Transport, Url},
    },
    secret::Secret,
};

/// Servers whose nonces are remembered.
const MAX_SERVERS: usize = 16;

/// A server whose clock is not further off than this, in seconds, is not why a proof was refused.
const SKEW: u64 = 5;

/// What a server has said of proofs. What one says is never told to another (§9).
#[derive(Default)]
pub(super) struct Server {
    origin: String,
    /// One that takes access tokens is another server than the one that gives them, on the same origin too (§9).
    is_resource: bool,
    /// The nonce it gave last.
    nonce: Option<String>,
    /// What its clock showed when ours showed that.
    clocks: Option<(Timestamp, Timestamp)>,
}

impl Server {
    /// Our time on its clock.
    fn now(&self, now: Timestamp) -> Timestamp {
        match self.clocks {
            Some((theirs, ours)) if theirs >= ours => now.plus(theirs.as_seconds() - ours.as_seconds()),
            Some((theirs, ours)) => now.minus(ours.as_seconds() - theirs.as_seconds()),
            None => now,
        }
    }
}

/// How access tokens are sent that are bound to this key, or to none.
pub(super) const fn token_type(key: Option<&KeyPair>) -> TokenType {
    if key.is_some() { TokenType::Dpop } else { TokenType::Bearer }
}

impl<P: Platform> Vault<P> {
    /// A key for a sign-in, where its tokens are to be bound to one. A fresh one each time: what was learned of an old one is
    /// of no use (§11.9).
    pub(super) async fn new_key(&self, metadata: &ProviderMetadata) -> Result<Option<KeyPair>, Error> {
        let dpop = self.config().dpop;
        match metadata.dpop_algorithm.filter(|_| dpop != Dpop::Off) {
            Some(algorithm) => match self.platform().generate(algorithm).await {
                // A page without WebCrypto can be signed in all the same, unless it insists.
                Err(_) if dpop == Dpop::Auto => Ok(None),
                outcome => outcome.map(Some),
            },
            None if dpop == Dpop::Required => Err(Violation::DpopUnsupported.into()),
            None => Ok(None),
        }
    }

    /// A proof for a request that is about to be sent.
    pub(super) async fn proof(
        &self,
        key: Option<&KeyPair>,
        method: &str,
        url: &str,
        access_token: Option<&Secret<String>>,
    ) -> Result<Option<String>, Error> {
        let Some(key) = key else {
            return Ok(None);
        };
        let url = Url::parse(url, Transport::DangerInsecure).map_err(|_| Usage::RequestInvalid.about("url"))?;
        let id = self.random()?;
        let input = {
            let state = self.inner.state.borrow();
            let origin = url.origin();
            let is_resource = access_token.is_some();
            let server =
                state.servers.iter().find(|server| server.origin == origin && server.is_resource == is_resource);
            let now = self.platform().now();
            Proof {
                jwk: &key.public,
                method,
                url: &url,
                issued_at: server.map_or(now, |server| server.now(now)),
                id: &id,
                nonce: server.and_then(|server| server.nonce.as_deref()),
                access_token,
            }
            .signing_input()
        };
        let signature = key.signer.sign(input.clone().into_bytes()).await?;
        Ok(Some(dpop::compact(input, &signature)))
    }

    /// Sends a request to the provider, with a proof where there is a key. One that is refused for want of what came with the
    /// refusal is sent once more. None is sent for a session that has ended.
    pub(super) async fn send(
        &self,
        mut request: Request,
        key: Option<&KeyPair>,
        access_token: Option<&Secret<String>>,
        session: Option<u64>,
    ) -> Result<Response, Error> {
        let mut last = key.is_none();
        loop {
            let lessons = self.lessons();
            request.proof = self.proof(key, request.method(), &request.url, access_token).await?;
            if let Some(generation) = session {
                // A signature takes its time, and so did the answer before.
                self.with_session(generation, |_| ()).ok_or(Cancellation::Superseded)?;
            }
            let response = self.platform().send(request.clone()).await?;
            let refused = key.is_some() && refuses_proof(&response);
            self.heed(&request.url, access_token.is_some(), &response.aside, refused);
            if last || !refused || self.lessons() == lessons {
                return Ok(response);
            }
            last = true;
        }
    }

    /// How often something new was learned of servers. A proof that was refused is worth another one if that has happened
    /// since it was made, also by the answer to another request.
    pub(super) fn lessons(&self) -> u32 {
        self.inner.state.borrow().lessons
    }

    /// Takes to heart what a server says of proofs.
    pub(super) fn heed(&self, url: &str, is_resource: bool, aside: &Aside, refused: bool) {
        let nonce = aside.nonce.as_deref().and_then(dpop::nonce);
        let now = self.platform().now();
        // A clock is of interest where it may be the reason (§11.1).
        let date = aside.date.filter(|_| refused).map(Timestamp::from_seconds);
        if nonce.is_none() && date.is_none() {
            return;
        }
        let mut state = self.inner.state.borrow_mut();
        let origin = origin_of(url);
        let known = |server: &Server| server.origin == origin && server.is_resource == is_resource;
        let index = state.servers.iter().position(known);
        let mut server = match index {
            Some(index) => state.servers.remove(index),
            None => Server { origin, is_resource, ..Server::default() },
        };
        if let Some(nonce) = nonce.filter(|nonce| server.nonce.as_deref() != Some(*nonce)) {
            server.nonce = Some(nonce.to_owned());
            state.lessons += 1;
        }
        if let Some(date) = date.filter(|date| server.now(now).distance(*date) > SKEW) {
            server.clocks = Some((date, now));
            state.lessons += 1;
        }
        if state.servers.len() >= MAX_SERVERS {
            state.servers.remove(0);
        }
        state.servers.push(server);
    }
}

/// Whether a provider wants another proof (§8), or found something wrong with it (§5).
fn refuses_proof(response: &Response) -> bool {
    let in_header =
        response.aside.challenge.as_deref().and_then(|header| Challenge::read(header, TokenType::Dpop.name()));
    let is_one = |error: &str| error == Challenge::USE_DPOP_NONCE || error == Challenge::INVALID_DPOP_PROOF;
    let in_body = || {
        let body = response.json(Document::TokenResponse).ok();
        body.is_some_and(|body| body.string("error").ok().flatten().is_some_and(is_one))
    };
    matches!(response.status, 400 | 401)
        && (in_header.and_then(|challenge| challenge.error).is_some_and(|error| is_one(&error)) || in_body())
}

fn origin_of(url: &str) -> String {
    Url::parse(url, Transport::DangerInsecure).map(|url| url.origin()).unwrap_or_default()
}

/// What is kept of servers.
pub(super) type Servers = Vec<Server>;
