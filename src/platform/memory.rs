//! A world in memory: the clock stands until it is moved, the network says what a script says, and a stuck future is
//! found instead of waited for. Whole flows run in it in microseconds.

use alloc::{boxed::Box, collections::BTreeMap, rc::Rc, string::String, vec::Vec};
use core::{
    cell::{Cell, RefCell},
    fmt,
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll, Waker},
};

use super::{Clock, KeyPair, Random, ResourceRequest, Task, Tasks, Timer};
use crate::{
    error::{Error, Platform as PlatformError},
    protocol::{
        http::Request,
        time::{Instant, Timestamp},
    },
};

mod keys;
mod network;
mod storage;

use network::{ApiScript, Script};
pub use network::{MemoryAnswer, MemoryBody};

/// The world. Cheap to clone; the clones are the same world.
#[derive(Clone)]
pub struct World(Rc<Inner>);

struct Inner {
    unix_millis: Cell<u64>,
    elapsed: Cell<u64>,
    seed: Cell<u64>,
    broken_random: Cell<bool>,
    repeating_random: Cell<bool>,
    tasks: RefCell<Vec<Task>>,
    script: RefCell<Box<Script>>,
    held: Cell<bool>,
    held_part: RefCell<Option<String>>,
    held_apis: Cell<bool>,
    requests: RefCell<Vec<Request>>,
    calls: RefCell<Vec<ResourceRequest<MemoryBody>>>,
    api: RefCell<Box<ApiScript>>,
    kept: RefCell<BTreeMap<String, (String, KeyPair)>>,
    no_crypto: Cell<bool>,
    verdict: Cell<Option<bool>>,
    store: RefCell<BTreeMap<String, (String, Timestamp)>>,
    broken_store: Cell<bool>,
    cleared: Cell<bool>,
    held_store: Cell<bool>,
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("World")
    }
}

impl World {
    /// A world at a moment, in seconds since 1970, where nothing can be reached.
    #[must_use]
    pub fn at(unix_seconds: u64) -> Self {
        Self(Rc::new(Inner {
            unix_millis: Cell::new(unix_seconds * 1000),
            elapsed: Cell::new(0),
            seed: Cell::new(0x9e37_79b9_7f4a_7c15),
            broken_random: Cell::new(false),
            repeating_random: Cell::new(false),
            tasks: RefCell::default(),
            script: RefCell::new(Box::new(|_| Err(PlatformError::ProviderUnreachable.into()))),
            held: Cell::new(false),
            held_part: RefCell::default(),
            held_apis: Cell::new(false),
            requests: RefCell::default(),
            calls: RefCell::default(),
            api: RefCell::new(Box::new(|_| MemoryAnswer::new(200))),
            kept: RefCell::default(),
            no_crypto: Cell::new(false),
            verdict: Cell::new(None),
            store: RefCell::default(),
            broken_store: Cell::new(false),
            cleared: Cell::new(false),
            held_store: Cell::new(false),
        }))
    }

    /// Lets this much time pass, in seconds, on both clocks.
    pub fn pass(&self, seconds: u64) {
        self.0.unix_millis.set(self.0.unix_millis.get() + seconds * 1000);
        self.0.elapsed.set(self.0.elapsed.get() + seconds * 1000);
    }

    /// Sets the wall clock, and leaves the monotonic one alone, as a user or a time server does, or a device that slept.
    pub fn set_wall_clock(&self, unix_seconds: u64) {
        self.0.unix_millis.set(unix_seconds * 1000);
    }

    /// Breaks the random numbers, each filling being of one byte alone, or mends them.
    pub fn break_random(&self, broken: bool) {
        self.0.broken_random.set(broken);
    }

    /// Has the random numbers be the same ones again and again, or mends them.
    pub fn repeat_random(&self, repeating: bool) {
        self.0.seed.set(self.0.seed.get().rotate_left(7));
        self.0.repeating_random.set(repeating);
    }

    /// Runs a future, and every task it starts, until it is done.
    ///
    /// # Panics
    ///
    /// When nothing moves any more: something waits for what never comes.
    #[allow(clippy::panic, reason = "a test that is stuck has failed")]
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..1000 {
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                self.settle();
                return value;
            }
            self.poll_tasks();
        }
        panic!("stuck: the future waits for something that never comes");
    }

    /// Runs the tasks as far as they get.
    pub fn settle(&self) {
        for _ in 0..100 {
            self.poll_tasks();
        }
    }

    fn poll_tasks(&self) {
        let mut context = Context::from_waker(Waker::noop());
        let tasks = core::mem::take(&mut *self.0.tasks.borrow_mut());
        for mut task in tasks {
            if task.as_mut().poll(&mut context).is_pending() {
                self.0.tasks.borrow_mut().push(task);
            }
        }
    }
}

impl Clock for World {
    fn unix_millis(&self) -> u64 {
        self.0.unix_millis.get()
    }

    fn instant(&self) -> Instant {
        Instant::new(self.0.elapsed.get(), self.0.unix_millis.get())
    }
}

impl Timer for World {
    fn sleep(&self, millis: u64) -> impl Future<Output = ()> + 'static {
        let world = self.clone();
        let until = world.0.elapsed.get() + millis.min(Self::LONGEST);
        poll_fn(move |_| if world.0.elapsed.get() < until { Poll::Pending } else { Poll::Ready(()) })
    }
}

impl Random for World {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error> {
        let before = self.0.seed.get();
        let [constant, ..] = before.to_le_bytes();
        for byte in bytes {
            // xorshift64: different each time, the same each run.
            let mut seed = self.0.seed.get();
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            self.0.seed.set(seed);
            let [first, ..] = seed.to_le_bytes();
            *byte = if self.0.broken_random.get() { constant } else { first };
        }
        if self.0.repeating_random.get() {
            self.0.seed.set(before);
        }
        Ok(())
    }
}

impl Tasks for World {
    fn spawn(&self, task: Task) {
        self.0.tasks.borrow_mut().push(task);
    }
}
