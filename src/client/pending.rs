//! What the vault has been asked.

use alloc::boxed::Box;
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use crate::error::Error;

/// The answer to what a [`Client`](super::Client) was asked, once it is there. It was asked when this was made: whether anybody waits
/// for it changes nothing, but what is dropped before is taken back where it can be.
#[must_use = "the error would be lost"]
pub struct Pending<T>(Pin<Box<dyn Future<Output = Result<T, Error>>>>);

impl<T> Pending<T> {
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
