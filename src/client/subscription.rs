//! Listening to the session.

use alloc::{boxed::Box, rc::Rc};
use core::{
    cell::RefCell,
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use futures_core::Stream;

use super::{Client, Session};

/// What is being listened to, until this is dropped.
#[must_use = "dropping the subscription ends it"]
pub struct Subscription {
    end: Option<Box<dyn FnOnce()>>,
}

impl Subscription {
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "on a server there is nothing to listen to"))]
    pub(super) fn new(end: impl FnOnce() + 'static) -> Self {
        Self { end: Some(Box::new(end)) }
    }

    #[cfg_attr(target_arch = "wasm32", allow(dead_code, reason = "in a browser there is something to listen to"))]
    pub(super) const fn none() -> Self {
        Self { end: None }
    }

    /// Listens for as long as the page lives.
    pub fn forget(mut self) {
        // What ends it also owns the listener.
        core::mem::forget(self.end.take());
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Subscription")
    }
}

/// The session as it is now, and then after every change: a stream without end. See [`Client::sessions`].
#[derive(Debug)]
pub struct Sessions {
    latest: Rc<RefCell<Latest>>,
    _subscription: Subscription,
}

#[derive(Debug)]
struct Latest {
    /// Not told yet.
    session: Option<Session>,
    waker: Option<Waker>,
}

impl Sessions {
    pub(super) fn of(client: &Client) -> Self {
        let latest = Rc::new(RefCell::new(Latest { session: Some(client.session()), waker: None }));
        let heard = latest.clone();
        let subscription = client.subscribe(move |session| {
            let waker = {
                let mut latest = heard.borrow_mut();
                latest.session = Some(session);
                latest.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        Self { latest, _subscription: subscription }
    }
}

impl Stream for Sessions {
    type Item = Session;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Session>> {
        let mut latest = self.latest.borrow_mut();
        if let Some(session) = latest.session.take() {
            return Poll::Ready(Some(session));
        }
        latest.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
