//! The network of a world in memory: a script answers for the provider, and one for the APIs.

use alloc::{
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use core::{future::poll_fn, task::Poll};

use super::World;
use crate::{
    error::Error,
    platform::{Answer, Http, ResourceRequest, Resources},
    protocol::http::{Aside, Request, Response},
};

/// What the network does with a request.
pub(super) type Script = dyn FnMut(&Request) -> Result<Response, Error>;

/// What an API does with a request.
pub(super) type ApiScript = dyn FnMut(&ResourceRequest<MemoryBody>) -> MemoryAnswer;

impl World {
    /// What the network answers from now on.
    pub fn answer_with(&self, script: impl FnMut(&Request) -> Result<Response, Error> + 'static) {
        *self.0.script.borrow_mut() = Box::new(script);
    }

    /// What the APIs answer from now on.
    pub fn apis_answer_with(&self, script: impl FnMut(&ResourceRequest<MemoryBody>) -> MemoryAnswer + 'static) {
        *self.0.api.borrow_mut() = Box::new(script);
    }

    /// Holds every answer of the provider back, or lets them through again.
    pub fn hold_answers(&self, held: bool) {
        self.0.held.set(held);
    }

    /// Holds the answers to requests back whose URL or form contains this, or lets them through again.
    pub fn hold_answers_to(&self, part: Option<&str>) {
        *self.0.held_part.borrow_mut() = part.map(ToString::to_string);
    }

    /// Holds every answer of the APIs back, or lets them through again.
    pub fn hold_apis(&self, held: bool) {
        self.0.held_apis.set(held);
    }

    /// The requests sent to the provider so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.0.requests.borrow().clone()
    }

    /// The calls of APIs so far: method, URL, `Authorization`.
    #[must_use]
    pub fn calls(&self) -> Vec<(String, String, Option<String>)> {
        let calls = self.0.calls.borrow();
        calls
            .iter()
            .map(|call| {
                let authorization = call.authorization.as_ref().map(|value| value.expose().clone());
                (call.method.clone(), call.url.clone(), authorization)
            })
            .collect()
    }

    /// The proofs of the calls of APIs so far, in their order.
    #[must_use]
    pub fn proofs(&self) -> Vec<Option<String>> {
        self.0.calls.borrow().iter().map(|call| call.proof.clone()).collect()
    }
}

impl Http for World {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        self.0.requests.borrow_mut().push(request.clone());
        let held = || {
            let form = request.form.as_ref().map(|form| form.expose().as_str()).unwrap_or_default();
            let is_meant = |part: &String| form.contains(part) || request.url.contains(part);
            self.0.held.get() || self.0.held_part.borrow().as_ref().is_some_and(is_meant)
        };
        poll_fn(|_| if held() { Poll::Pending } else { Poll::Ready(()) }).await;
        (self.0.script.borrow_mut())(&request)
    }
}

/// What a call of an API carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemoryBody {
    /// What can be sent again, or nothing.
    #[default]
    Kept,
    /// A stream, which is gone when it was sent.
    Stream,
}

/// The answer of an API: a status, and what it says of the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryAnswer {
    /// The status.
    pub status: u16,
    /// What is said of the credential.
    pub aside: Aside,
}

impl MemoryAnswer {
    /// An answer that says nothing of the credential.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, aside: Aside::default() }
    }

    /// The same with a challenge.
    #[must_use]
    pub fn challenging(status: u16, challenge: &str) -> Self {
        Self { status, aside: Aside { challenge: Some(challenge.to_string()), ..Aside::default() } }
    }
}

impl Answer for MemoryAnswer {
    fn status(&self) -> u16 {
        self.status
    }

    fn aside(&self) -> Aside {
        self.aside.clone()
    }

    fn discard(self) {}
}

impl Resources for World {
    type Attachment = MemoryBody;
    type Answer = MemoryAnswer;

    async fn fetch(&self, request: &ResourceRequest<MemoryBody>) -> Result<MemoryAnswer, Error> {
        let sent = ResourceRequest {
            url: request.url.clone(),
            method: request.method.clone(),
            headers: request.headers.clone(),
            authorization: request.authorization.clone(),
            proof: request.proof.clone(),
            attachment: request.attachment,
        };
        let answer = (self.0.api.borrow_mut())(&sent);
        self.0.calls.borrow_mut().push(sent);
        poll_fn(|_| if self.0.held_apis.get() { Poll::Pending } else { Poll::Ready(()) }).await;
        Ok(answer)
    }

    fn is_repeatable(body: &MemoryBody) -> bool {
        *body == MemoryBody::Kept
    }
}
