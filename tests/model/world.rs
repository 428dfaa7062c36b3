//! The world of a story: three clocks, a network that can do anything to a request, a store that takes its time, and tasks
//! that run in any order, each only when it was woken.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::poll_fn,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use valetkey::{
    error::{Error, Platform as PlatformError},
    platform::{
        Answer, Clock, Crypto, Http, KeyPair, MAX_STORED, Random, ResourceRequest, Resources, Signer, Signing, Store,
        Task, Tasks, Timer,
    },
    protocol::{
        dpop::PublicJwk,
        http::{Aside, Request, Response},
        jose::{algorithm::Algorithm, jws::SignatureCheck},
        time::{Instant, Timestamp},
    },
    secret::Secret,
};

use crate::{
    provider::{Provider, numbers, response},
    watch::Watch,
};

const START: u64 = 1_790_000_000_000;

/// A request whose answer is not there by then has timed out, in milliseconds, as in the browser.
const TIMEOUT: u64 = 30_000;

/// So many turns are taken by nothing that ends.
const ENDLESS: usize = 20_000;

/// What becomes of a request that nobody decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Fair,
    /// Answers wait until one of them is let through, or its time is up.
    Slow,
    Offline,
    /// The provider is reached, its answer gets lost.
    AnswersLost,
    /// A gateway says 503 in the provider's place.
    Busy {
        retry_after: Option<u64>,
    },
    /// The provider is reached, and a gateway says 502 all the same.
    BadGateway,
    /// The provider is reached, and half of its answer arrives.
    CutOff,
}

/// What is done to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The provider answers; the answer is still on its way.
    Processed,
    Answered,
    Lost,
}

/// A request on its way, and back.
struct Exchange {
    request: Request,
    deadline: u64,
    /// The provider's answer, once it has made one.
    answer: Option<Response>,
    outcome: Option<Result<Response, Error>>,
    waker: Option<Waker>,
}

struct Running {
    host: usize,
    task: Task,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub struct World {
    /// The provider's clock, which is right; and this device's two.
    truth: Cell<u64>,
    wall: Cell<u64>,
    elapsed: Cell<u64>,
    /// Whether the wall clock was ever set.
    pub honest: Cell<bool>,
    seed: Cell<u64>,
    weather: Cell<Weather>,
    tasks: RefCell<Vec<Running>>,
    spawned: RefCell<Vec<Running>>,
    timers: RefCell<Vec<(u64, usize, Waker)>>,
    exchanges: RefCell<Vec<Exchange>>,
    store: RefCell<BTreeMap<String, (String, Timestamp)>>,
    pub provider: Provider,
    pub watch: Watch,
}

impl World {
    pub fn new(seed: u64, provider: Provider) -> Rc<Self> {
        Rc::new(Self {
            truth: Cell::new(START),
            wall: Cell::new(START),
            elapsed: Cell::new(0),
            honest: Cell::new(true),
            seed: Cell::new(seed | 1),
            weather: Cell::new(Weather::Fair),
            tasks: RefCell::default(),
            spawned: RefCell::default(),
            timers: RefCell::default(),
            exchanges: RefCell::default(),
            store: RefCell::default(),
            provider,
            watch: Watch::default(),
        })
    }

    fn random(&self) -> u64 {
        // xorshift64: a story that is told again is the same one.
        let mut seed = self.seed.get();
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        self.seed.set(seed);
        seed
    }

    fn below(&self, bound: usize) -> usize {
        usize::try_from(self.random() >> 33).unwrap() % bound
    }

    // Time.

    pub fn truth(&self) -> u64 {
        self.truth.get()
    }

    pub fn elapsed(&self) -> u64 {
        self.elapsed.get()
    }

    fn advance(&self, millis: u64) {
        for clock in [&self.truth, &self.wall, &self.elapsed] {
            clock.set(clock.get() + millis);
        }
        let now = self.elapsed.get();
        self.timers.borrow_mut().retain(|(until, _, waker)| {
            if *until <= now {
                waker.wake_by_ref();
            }
            *until > now
        });
        for exchange in self.exchanges.borrow_mut().iter_mut().filter(|exchange| exchange.deadline <= now) {
            if exchange.outcome.is_none() {
                self.watch.count(|counts| counts.timeouts += 1);
                exchange.end(Err(PlatformError::TimedOut.into()));
            }
        }
    }

    /// Lets milliseconds pass in one leap, as a page sees it that was frozen.
    pub fn pass(&self, millis: u64) {
        self.drain();
        self.advance(millis);
    }

    /// Lets time pass with timers that run.
    pub fn live(&self, seconds: u64) {
        let end = self.elapsed.get() + seconds * 1000;
        loop {
            self.settle();
            let now = self.elapsed.get();
            let timers = self.timers.borrow().iter().map(|(until, ..)| *until).min();
            let exchanges = self.exchanges.borrow();
            let deadlines = exchanges.iter().filter(|exchange| exchange.outcome.is_none()).map(|e| e.deadline).min();
            let next = timers.into_iter().chain(deadlines).min().unwrap_or(u64::MAX).clamp(now, end);
            drop(exchanges);
            self.advance(next - now);
            if next == end {
                return self.settle();
            }
        }
    }

    /// The device sleeps: the monotonic clock and the timers stand still.
    pub fn sleep_device(&self, seconds: u64) {
        self.drain();
        for clock in [&self.truth, &self.wall] {
            clock.set(clock.get() + seconds * 1000);
        }
        self.watch.jumped(self.elapsed());
    }

    /// Sets the wall clock to so many seconds from the truth.
    pub fn set_clock(&self, seconds: i64) {
        self.honest.set(false);
        self.wall.set(self.truth.get().saturating_add_signed(seconds * 1000));
        self.watch.jumped(self.elapsed());
    }

    // The network.

    pub fn set_weather(&self, weather: Weather) {
        self.weather.set(weather);
    }

    /// The requests that are under way, oldest first.
    pub fn under_way(&self) -> Vec<usize> {
        let exchanges = self.exchanges.borrow();
        (0..exchanges.len()).filter(|index| exchanges[*index].outcome.is_none()).collect()
    }

    pub fn decide(&self, index: usize, fate: Fate) {
        if fate != Fate::Lost {
            self.process(index);
        }
        let mut exchanges = self.exchanges.borrow_mut();
        let exchange = &mut exchanges[index];
        match fate {
            Fate::Processed => {}
            Fate::Answered => {
                let answer = exchange.answer.clone().unwrap();
                exchange.end(Ok(answer));
            }
            Fate::Lost => exchange.end(Err(PlatformError::ProviderUnreachable.into())),
        }
    }

    /// A request that its sender has given up may still reach the provider.
    pub fn arrive_late(&self, selector: u8) {
        let given_up: Vec<_> = {
            let exchanges = self.exchanges.borrow();
            let given_up = |index: &usize| exchanges[*index].outcome.is_some() && exchanges[*index].answer.is_none();
            (0..exchanges.len()).filter(given_up).collect()
        };
        if !given_up.is_empty() {
            self.process(given_up[usize::from(selector) % given_up.len()]);
        }
    }

    fn process(&self, index: usize) {
        let request = {
            let exchanges = self.exchanges.borrow();
            exchanges[index].answer.is_none().then(|| exchanges[index].request.clone())
        };
        if let Some(request) = request {
            let answer = self.provider.answer(&request, self.truth.get());
            self.exchanges.borrow_mut()[index].answer = Some(answer);
        }
    }

    /// What the weather does to a request.
    fn weather(&self, index: usize) {
        let weather = self.weather.get();
        if matches!(weather, Weather::AnswersLost | Weather::BadGateway | Weather::CutOff) {
            self.process(index);
            self.watch.count(|counts| counts.answers_lost += 1);
        }
        let outcome = match weather {
            Weather::Fair => return self.decide(index, Fate::Answered),
            Weather::Slow => return,
            Weather::Offline => Err(PlatformError::Offline.into()),
            Weather::AnswersLost => Err(PlatformError::ProviderUnreachable.into()),
            Weather::Busy { retry_after } => Ok(Response { retry_after, ..response(503, "{}") }),
            Weather::BadGateway => Ok(Response { content_type: None, ..response(502, "<h1>502</h1>") }),
            Weather::CutOff => {
                let mut answer = self.exchanges.borrow()[index].answer.clone().unwrap();
                answer.body.truncate(answer.body.len() / 2);
                Ok(answer)
            }
        };
        self.exchanges.borrow_mut()[index].end(outcome);
    }

    // Tasks.

    /// Runs a page's part of a call.
    pub fn run(&self, host: usize, call: impl Future<Output = ()> + 'static) {
        self.spawn(host, Box::pin(call));
    }

    fn spawn(&self, host: usize, task: Task) {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        self.spawned.borrow_mut().push(Running { host, task, woken });
    }

    /// Ends a host with everything that runs there; what it sent is on its way.
    pub fn kill(&self, host: usize) {
        let (mut tasks, mut spawned) = (self.tasks.borrow_mut(), self.spawned.borrow_mut());
        let (dead, alive) = tasks.drain(..).chain(spawned.drain(..)).partition(|running| running.host == host);
        *tasks = alive;
        drop((tasks, spawned));
        self.timers.borrow_mut().retain(|(_, other, _)| *other != host);
        let dead: Vec<Running> = dead;
        drop(dead);
    }

    fn woken(&self) -> Vec<usize> {
        self.tasks.borrow_mut().append(&mut self.spawned.borrow_mut());
        let tasks = self.tasks.borrow();
        (0..tasks.len()).filter(|index| tasks[*index].woken.0.load(Ordering::Relaxed)).collect()
    }

    fn poll(&self, index: usize) {
        let mut running = self.tasks.borrow_mut().swap_remove(index);
        running.woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&running.woken));
        if running.task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            self.tasks.borrow_mut().push(running);
        }
    }

    /// Runs what is ready to run, as a browser does before it freezes a page.
    fn drain(&self) {
        while let Some(index) = self.woken().first() {
            self.poll(*index);
        }
    }

    /// Does one of the things that can be done now. Answers whether there was one.
    pub fn turn(&self) -> bool {
        let woken = self.woken();
        let moving = if self.weather.get() == Weather::Slow { Vec::new() } else { self.under_way() };
        if woken.len() + moving.len() == 0 {
            return false;
        }
        let choice = self.below(woken.len() + moving.len());
        if choice < woken.len() {
            self.poll(woken[choice]);
        } else {
            self.weather(moving[choice - woken.len()]);
        }
        true
    }

    pub fn settle(&self) {
        for _ in 0..ENDLESS {
            if !self.turn() {
                return;
            }
        }
        self.watch.broken("something goes on for ever".to_owned());
    }

    /// Waits for others to be first, or not.
    async fn dawdle(&self) {
        for _ in 0..self.below(3) {
            let mut waited = false;
            poll_fn(|context| {
                context.waker().wake_by_ref();
                if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
    }
}

impl Exchange {
    fn end(&mut self, outcome: Result<Response, Error>) {
        self.outcome = Some(outcome);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// The world as one vault sees it: a worker, or the pages that share one.
pub struct Host {
    pub world: Rc<World>,
    pub number: usize,
}

impl Clock for Host {
    fn unix_millis(&self) -> u64 {
        self.world.wall.get()
    }

    fn instant(&self) -> Instant {
        Instant::new(self.world.elapsed.get(), self.world.wall.get())
    }
}

impl Timer for Host {
    fn sleep(&self, millis: u64) -> impl Future<Output = ()> + 'static {
        let (world, number) = (Rc::clone(&self.world), self.number);
        let until = world.elapsed.get() + millis.min(Self::LONGEST);
        poll_fn(move |context| {
            if world.elapsed.get() >= until {
                return Poll::Ready(());
            }
            world.timers.borrow_mut().push((until, number, context.waker().clone()));
            Poll::Pending
        })
    }
}

impl Random for Host {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error> {
        for byte in bytes {
            *byte = self.world.random().to_le_bytes()[0];
        }
        Ok(())
    }
}

impl Tasks for Host {
    fn spawn(&self, task: Task) {
        self.world.spawn(self.number, task);
    }
}

impl Http for Host {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let world = &self.world;
        world.watch.sent(world, self.number, &request);
        let index = world.exchanges.borrow().len();
        let deadline = world.elapsed.get() + TIMEOUT;
        let exchange = Exchange { request, deadline, answer: None, outcome: None, waker: None };
        world.exchanges.borrow_mut().push(exchange);
        let outcome = poll_fn(|context| {
            let mut exchanges = world.exchanges.borrow_mut();
            let exchange = &mut exchanges[index];
            exchange.waker = Some(context.waker().clone());
            exchange.outcome.clone().map_or(Poll::Pending, Poll::Ready)
        })
        .await;
        let request = world.exchanges.borrow()[index].request.clone();
        world.watch.arrived(world, self.number, &request, &outcome);
        outcome
    }
}

/// An API's answer, which is nothing but whether it takes the token.
pub struct Status {
    challenge: Option<String>,
}

impl Answer for Status {
    fn status(&self) -> u16 {
        if self.challenge.is_some() { 401 } else { 200 }
    }

    fn aside(&self) -> Aside {
        Aside { challenge: self.challenge.clone(), ..Aside::default() }
    }

    fn discard(self) {}
}

impl Resources for Host {
    type Attachment = ();
    type Answer = Status;

    async fn fetch(&self, request: &ResourceRequest<()>) -> Result<Status, Error> {
        let authorization = request.authorization.as_ref().map(|value| value.expose().clone()).unwrap_or_default();
        self.world.watch.called(&self.world, self.number, &request.url, &authorization, request.proof.as_deref());
        let (scheme, token) = authorization.split_once(' ').unwrap();
        let (family, access) = numbers(token);
        let stale = self.world.provider.is_stale(family, access);
        self.world.watch.count(|counts| counts.stale_calls += u64::from(stale));
        Ok(Status { challenge: stale.then(|| format!("{scheme} error=\"invalid_token\"")) })
    }

    fn is_repeatable((): &()) -> bool {
        true
    }
}

/// A key that signs with the same mark whatever it is, since nobody looks at it, and takes its time.
struct Mark(Rc<World>);

impl Signer for Mark {
    fn sign(&self, _: Vec<u8>) -> Signing {
        let world = Rc::clone(&self.0);
        Box::pin(async move {
            world.dawdle().await;
            Ok(vec![0x2a; 64])
        })
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Crypto for Host {
    async fn generate(&self, algorithm: Algorithm) -> Result<KeyPair, Error> {
        self.world.dawdle().await;
        let jwk = format!(r#"{{"crv":"P-256","kty":"EC","x":"{:x}","y":"{}"}}"#, self.world.random(), self.number);
        Ok(KeyPair { public: PublicJwk::new(algorithm, jwk), signer: Rc::new(Mark(Rc::clone(&self.world))) })
    }

    async fn verify(&self, _: SignatureCheck) -> Result<bool, Error> {
        self.world.dawdle().await;
        Ok(true)
    }
}

impl Store for Host {
    async fn put(&self, key: &str, value: &Secret<String>, expires: Timestamp) -> Result<(), Error> {
        self.world.dawdle().await;
        let now = self.now();
        {
            let mut store = self.world.store.borrow_mut();
            store.retain(|_, (_, expires)| *expires > now);
            assert!(store.len() < MAX_STORED, "no story has so many sign-ins");
            store.insert(key.to_owned(), (value.expose().clone(), expires));
        }
        self.world.dawdle().await;
        Ok(())
    }

    async fn take(&self, key: &str) -> Result<Option<Secret<String>>, Error> {
        self.world.dawdle().await;
        let taken = self.world.store.borrow_mut().remove(key).map(|(value, _)| Secret::new(value));
        self.world.dawdle().await;
        Ok(taken)
    }

    async fn keep(&self, _: &str, _: &Secret<String>, _: &KeyPair) -> Result<(), Error> {
        unreachable!("no story keeps a session")
    }

    async fn kept(&self, _: &str) -> Result<Option<(Secret<String>, KeyPair)>, Error> {
        unreachable!("no story keeps a session")
    }

    async fn forget(&self, _: &str) {}

    async fn keys(&self) -> Result<Vec<String>, Error> {
        self.world.dawdle().await;
        let keys = self.world.store.borrow().keys().cloned().collect();
        self.world.dawdle().await;
        Ok(keys)
    }
}
