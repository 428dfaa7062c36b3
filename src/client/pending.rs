//! What the vault has been asked.

use alloc::boxed::Box;
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use crate::error::Error;

/// The answer to what a [`Client`](super::Client) was asked, once it is there. It was asked when this was made, not when it is first
/// polled. Dropped before, it takes back what can be taken back: a call is aborted, a sign-in by popup or in a frame is given up (the
/// popup closes). Everything else goes on.
#[must_use = "the error would be lost"]
pub struct Pending<T>(Pin<Box<dyn Future<Output = Result<T, Error>>>>);

impl<T> Pending<T> {
    /// One that has failed already.
    pub fn failed(error: Error) -> Self
    where
        T: 'static,
    {
        Self::new(core::future::ready(Err(error)))
    }

    pub(super) fn new(future: impl Future<Output = Result<T, Error>> + 'static) -> Self {
        Self(Box::pin(future))
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pending")
    }
}
