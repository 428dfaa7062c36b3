//! One flight at a time: whoever asks for what is already on its way waits for that.
//!
//! A flight brings nothing but its outcome: what it found it leaves in the state of the vault. So there is one kind of
//! flight, and its code is there once.

use alloc::{boxed::Box, rc::Rc, vec::Vec};
use core::{
    cell::RefCell,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use crate::{error::Error, platform::Task};

/// What is done on a flight.
pub(crate) type Work = Pin<Box<dyn Future<Output = Outcome>>>;

pub(crate) type Outcome = Result<(), Error>;

/// A place for one running task and those who wait for its outcome.
#[derive(Default)]
pub(crate) struct Flight {
    current: RefCell<Option<Arrival>>,
}

/// Resolves to the outcome of a flight, which goes on whether or not anybody waits.
#[derive(Clone, Default)]
pub(crate) struct Arrival(Rc<Landing>);

#[derive(Default)]
struct Landing {
    outcome: RefCell<Option<Outcome>>,
    waiting: RefCell<Vec<Waker>>,
}

impl Flight {
    /// The flight under way, if one is.
    pub(crate) fn current(&self) -> Option<Arrival> {
        self.current.borrow().clone()
    }

    /// The flight under way, or a new one.
    ///
    /// `launch` is given the task of a new flight and runs it detached: it does not end with whoever asked first.
    pub(crate) fn join(this: &Rc<Self>, work: Work, launch: impl FnOnce(Task)) -> Arrival {
        this.current().unwrap_or_else(|| {
            let arrival = Arrival::default();
            *this.current.borrow_mut() = Some(arrival.clone());
            let (place, landing) = (Rc::clone(this), Rc::clone(&arrival.0));
            launch(Box::pin(async move {
                let outcome = work.await;
                *place.current.borrow_mut() = None;
                Arrival(landing).land(outcome);
            }));
            arrival
        })
    }
}

impl Arrival {
    /// Tells everybody who waits. The first outcome is the one that counts.
    pub(crate) fn land(&self, outcome: Outcome) {
        self.0.outcome.borrow_mut().get_or_insert(outcome);
        for waker in mem::take(&mut *self.0.waiting.borrow_mut()) {
            waker.wake();
        }
    }
}

impl Future for Arrival {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let outcome = self.0.outcome.borrow().clone();
        if outcome.is_none() {
            self.0.waiting.borrow_mut().push(context.waker().clone());
        }
        outcome.map_or(Poll::Pending, Poll::Ready)
    }
}
