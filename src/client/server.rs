//! On a server, where there is nobody to sign in: nothing works, and everything says so.

#![allow(
    clippy::unused_self,
    clippy::unused_async,
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "the signatures are those of the browser's side"
)]

use alloc::{rc::Rc, string::String, vec::Vec};
use core::{any::Any, convert::Infallible, future::ready};

use super::{
    Claims, Config, Event, ExposedAccessToken, Initiation, Pending, Request, Response, Session, SignIn, SignOut,
    StepUpDemand, Subscription, TraceStep,
};
use crate::error::{Error, Usage};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Face;

/// The error of every command.
fn refused<T: 'static>() -> Pending<T> {
    Pending::new(ready(Err(Usage::NotInBrowser.into())))
}

/// One of the application's that nobody will ever call.
pub(super) type Function = Rc<dyn Any>;

pub(super) fn navigating(navigate: impl Fn(String) + 'static) -> Function {
    Rc::new(navigate)
}

pub(super) fn stepping_up<F>(ask: impl Fn(StepUpDemand) -> F + 'static) -> Function {
    Rc::new(ask)
}

impl Face {
    pub(super) fn new(_: Config) -> Result<Self, Error> {
        Ok(Self)
    }

    pub(super) const fn session(&self) -> Session {
        Session::Loading
    }

    pub(super) fn ready(&self) -> Pending<Session> {
        refused()
    }

    pub(super) fn subscribe(&self, _: impl FnMut(Session) + 'static) -> Subscription {
        Subscription::none()
    }

    pub(super) fn sign_in(&self, _: SignIn) -> Pending<()> {
        refused()
    }

    pub(super) fn sign_in_as_initiated(&self, _: Initiation) -> Pending<bool> {
        refused()
    }

    pub(super) fn sign_out(&self, _: SignOut) -> Pending<bool> {
        refused()
    }

    pub(super) fn fetch(&self, _: Request) -> Pending<Response> {
        refused()
    }

    pub(super) fn resume(&self) -> Pending<Option<Response>> {
        refused()
    }

    pub(super) fn access_token(&self, _: Option<&str>) -> Pending<ExposedAccessToken> {
        refused()
    }

    pub(super) fn user_info(&self) -> Pending<Claims> {
        refused()
    }

    pub(super) fn renew(&self) -> Pending<()> {
        refused()
    }

    pub(super) fn trace(&self) -> Pending<Vec<TraceStep>> {
        refused()
    }

    pub(super) fn on_trace(&self, _: impl FnMut(TraceStep) + 'static) -> Subscription {
        Subscription::none()
    }

    pub(super) fn on_event(&self, _: impl FnMut(Event) + 'static) -> Subscription {
        Subscription::none()
    }
}

/// No API has ever answered here.
#[derive(Debug)]
pub(super) struct Answer(Infallible);

impl Answer {
    pub(super) const fn status(&self) -> u16 {
        match self.0 {}
    }

    pub(super) const fn url(&self) -> String {
        match self.0 {}
    }

    pub(super) const fn header(&self, _: &str) -> Option<String> {
        match self.0 {}
    }

    pub(super) async fn text(&self) -> Result<String, Error> {
        match self.0 {}
    }

    pub(super) async fn bytes(&self) -> Result<Vec<u8>, Error> {
        match self.0 {}
    }
}

#[cfg(feature = "serde")]
pub(super) fn parse<T: serde::de::DeserializeOwned>(_: &str) -> Result<T, String> {
    Err("not_in_browser".into())
}

#[cfg(feature = "serde")]
pub(super) fn to_json<T: serde::Serialize + ?Sized>(_: &T) -> Result<String, String> {
    Err("not_in_browser".into())
}
