//! One flight at a time: whoever asks for what is already on its way waits for that.

use alloc::{boxed::Box, rc::Rc, vec::Vec};
use core::{
    cell::RefCell,
    future::{Future, poll_fn},
    mem,
    task::{Poll, Waker},
};

use crate::platform::Task;

/// A place for one running task and those who wait for its outcome.
pub(crate) struct Flight<T> {
    current: RefCell<Option<Rc<Landing<T>>>>,
}

struct Landing<T> {
    outcome: RefCell<Option<T>>,
    waiting: RefCell<Vec<Waker>>,
}

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self { current: RefCell::new(None) }
    }
}

impl<T: Clone + 'static> Flight<T> {
    /// The outcome of the flight under way, if one is.
    pub(crate) fn current(&self) -> Option<impl Future<Output = T> + use<T>> {
        self.current.borrow().clone().map(land)
    }

    /// The outcome of the flight under way, or of a new one.
    ///
    /// `launch` is given the task of a new flight and runs it detached: it does not end with whoever asked first.
    pub(crate) async fn join<F>(this: &Rc<Self>, flight: F, launch: impl FnOnce(Task)) -> T
    where
        F: Future<Output = T> + 'static,
    {
        let running = this.current.borrow().clone();
        land(running.unwrap_or_else(|| {
            let landing = Rc::new(Landing { outcome: RefCell::new(None), waiting: RefCell::default() });
            *this.current.borrow_mut() = Some(Rc::clone(&landing));
            let (place, target) = (Rc::clone(this), Rc::clone(&landing));
            launch(Box::pin(async move {
                let outcome = flight.await;
                *place.current.borrow_mut() = None;
                *target.outcome.borrow_mut() = Some(outcome);
                for waker in mem::take(&mut *target.waiting.borrow_mut()) {
                    waker.wake();
                }
            }));
            landing
        }))
        .await
    }
}

fn land<T: Clone>(landing: Rc<Landing<T>>) -> impl Future<Output = T> {
    poll_fn(move |context| {
        let outcome = landing.outcome.borrow().clone();
        if outcome.is_none() {
            landing.waiting.borrow_mut().push(context.waker().clone());
        }
        outcome.map_or(Poll::Pending, Poll::Ready)
    })
}
