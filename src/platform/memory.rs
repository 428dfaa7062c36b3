//! A world in memory: the clock stands until it is moved, the network says what a script says, and a stuck future is
//! found instead of waited for. Whole flows run in it in microseconds.

use alloc::{
    boxed::Box,
    collections::BTreeMap,
    rc::Rc,
    string::{String, ToString},
    vec::Vec,
};
use core::{
    cell::{Cell, RefCell},
    fmt,
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll, Waker},
};

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};

use super::{
    Answer, Clock, Crypto, Http, KeyPair, MAX_STORED, Random, ResourceRequest, Resources, Signer, Signing, Store, Task,
    Tasks, Timer,
};
use crate::{
    error::{Error, Platform as PlatformError},
    protocol::{
        dpop::PublicJwk,
        http::{Aside, Request, Response},
        jose::{algorithm::Algorithm, base64url, jws::SignatureCheck},
        time::{Instant, Timestamp},
    },
    secret::Secret,
};

/// What the network does with a request.
type Script = dyn FnMut(&Request) -> Result<Response, Error>;

/// What an API does with a request.
type ApiScript = dyn FnMut(&ResourceRequest<()>) -> MemoryAnswer;

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
    requests: RefCell<Vec<Request>>,
    calls: RefCell<Vec<ResourceRequest<()>>>,
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

    /// What the network answers from now on.
    pub fn answer_with(&self, script: impl FnMut(&Request) -> Result<Response, Error> + 'static) {
        *self.0.script.borrow_mut() = Box::new(script);
    }

    /// What the APIs answer from now on.
    pub fn apis_answer_with(&self, script: impl FnMut(&ResourceRequest<()>) -> MemoryAnswer + 'static) {
        *self.0.api.borrow_mut() = Box::new(script);
    }

    /// Takes WebCrypto away for keys, or gives it back.
    pub fn break_crypto(&self, broken: bool) {
        self.0.no_crypto.set(broken);
    }

    /// The proofs of the calls of APIs so far, in their order.
    #[must_use]
    pub fn proofs(&self) -> Vec<Option<String>> {
        self.0.calls.borrow().iter().map(|call| call.proof.clone()).collect()
    }

    /// What is kept of sessions, by name.
    #[must_use]
    pub fn kept_records(&self) -> Vec<(String, String)> {
        self.0.kept.borrow().iter().map(|(name, (record, _))| (name.clone(), record.clone())).collect()
    }

    /// Changes what is kept of sessions, as a script of the page could.
    pub fn tamper_with_kept(&self, change: impl Fn(&str) -> String) {
        for (record, _) in self.0.kept.borrow_mut().values_mut() {
            *record = change(record);
        }
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

    /// Holds every answer of the provider back, or lets them through again.
    pub fn hold_answers(&self, held: bool) {
        self.0.held.set(held);
    }

    /// What [`Crypto::verify`] finds from now on; `None` is: no WebCrypto.
    pub fn set_verdict(&self, verdict: Option<bool>) {
        self.0.verdict.set(verdict);
    }

    /// Breaks or mends the random numbers.
    pub fn break_random(&self, broken: bool) {
        self.0.broken_random.set(broken);
    }

    /// Has the random numbers be the same ones again and again, or mends them.
    pub fn repeat_random(&self, repeating: bool) {
        self.0.seed.set(self.0.seed.get().rotate_left(7));
        self.0.repeating_random.set(repeating);
    }

    /// Breaks or mends the store.
    pub fn break_store(&self, broken: bool) {
        self.0.broken_store.set(broken);
    }

    /// Has the store take its time, or go on.
    pub fn hold_store(&self, held: bool) {
        self.0.held_store.set(held);
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

    /// What is in the store.
    #[must_use]
    pub fn stored(&self) -> Vec<(String, String)> {
        self.0.store.borrow().iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect()
    }

    /// Clears the store away, as the user does, or a server with `Clear-Site-Data`.
    pub fn clear_store(&self) {
        self.0.store.borrow_mut().clear();
        self.0.cleared.set(true);
    }

    /// Changes what is in the store, as a script of the page could.
    pub fn tamper_with_store(&self, change: impl Fn(&str) -> String) {
        for (value, _) in self.0.store.borrow_mut().values_mut() {
            *value = change(value);
        }
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

    async fn store_works(&self) -> Result<(), Error> {
        poll_fn(|_| if self.0.held_store.get() { Poll::Pending } else { Poll::Ready(()) }).await;
        if self.0.broken_store.get() { Err(PlatformError::StorageUnavailable.into()) } else { Ok(()) }
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
        for byte in bytes {
            // xorshift64: different each time, the same each run.
            let mut seed = self.0.seed.get();
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            self.0.seed.set(seed);
            let [first, ..] = seed.to_le_bytes();
            *byte = if self.0.broken_random.get() { 0 } else { first };
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

impl Http for World {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        self.0.requests.borrow_mut().push(request.clone());
        poll_fn(|_| if self.0.held.get() { Poll::Pending } else { Poll::Ready(()) }).await;
        (self.0.script.borrow_mut())(&request)
    }
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
    type Attachment = ();
    type Answer = MemoryAnswer;

    async fn fetch(&self, request: &ResourceRequest<()>) -> Result<MemoryAnswer, Error> {
        let sent = ResourceRequest {
            url: request.url.clone(),
            method: request.method.clone(),
            headers: request.headers.clone(),
            authorization: request.authorization.clone(),
            proof: request.proof.clone(),
            attachment: (),
        };
        let answer = (self.0.api.borrow_mut())(&sent);
        self.0.calls.borrow_mut().push(sent);
        Ok(answer)
    }

    fn is_repeatable((): &()) -> bool {
        true
    }
}

/// A key in memory.
struct MemoryKey(SigningKey);

impl Signer for MemoryKey {
    fn sign(&self, message: Vec<u8>) -> Signing {
        let signature: Signature = self.0.sign(&message);
        Box::pin(core::future::ready(Ok(signature.to_bytes().to_vec())))
    }

    fn as_any(&self) -> &dyn core::any::Any {
        self
    }
}

impl Crypto for World {
    async fn generate(&self, algorithm: Algorithm) -> Result<KeyPair, Error> {
        if self.0.no_crypto.get() || algorithm != Algorithm::Es256 {
            return Err(PlatformError::CryptoUnavailable.into());
        }
        let mut bytes = [0; 32];
        self.fill(&mut bytes)?;
        let key = SigningKey::from_slice(&bytes).map_err(|_| PlatformError::CryptoUnavailable)?;
        let point = key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().map(|x| base64url::encode(x)), point.y().map(|y| base64url::encode(y)));
        let json = alloc::format!(
            r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
            x.unwrap_or_default(),
            y.unwrap_or_default()
        );
        Ok(KeyPair { public: PublicJwk::new(algorithm, json), signer: Rc::new(MemoryKey(key)) })
    }

    async fn verify(&self, _: SignatureCheck) -> Result<bool, Error> {
        self.0.verdict.get().ok_or_else(|| PlatformError::CryptoUnavailable.into())
    }
}

impl Store for World {
    async fn put(&self, key: &str, value: &Secret<String>, expires: Timestamp) -> Result<(), Error> {
        self.store_works().await?;
        self.0.cleared.set(false);
        let now = self.now();
        let mut store = self.0.store.borrow_mut();
        store.retain(|_, (_, expires)| *expires > now);
        while store.len() >= MAX_STORED {
            let first = store.iter().min_by_key(|(_, (_, expires))| *expires).map(|(key, _)| key.clone());
            store.remove(&first.unwrap_or_default());
        }
        store.insert(key.to_string(), (value.expose().clone(), expires));
        Ok(())
    }

    async fn take(&self, key: &str) -> Result<Option<Secret<String>>, Error> {
        self.store_works().await?;
        Ok(self.0.store.borrow_mut().remove(key).map(|(value, _)| Secret::new(value)))
    }

    async fn is_intact(&self) -> bool {
        !self.0.cleared.get()
    }

    async fn keep(&self, name: &str, value: &Secret<String>, key: &KeyPair) -> Result<(), Error> {
        self.store_works().await?;
        self.0.kept.borrow_mut().insert(name.to_string(), (value.expose().clone(), key.clone()));
        Ok(())
    }

    async fn kept(&self, name: &str) -> Result<Option<(Secret<String>, KeyPair)>, Error> {
        self.store_works().await?;
        let kept = self.0.kept.borrow();
        Ok(kept.get(name).map(|(value, key)| (Secret::new(value.clone()), key.clone())))
    }

    async fn forget(&self, name: &str) {
        self.0.kept.borrow_mut().remove(name);
    }

    async fn keys(&self) -> Result<Vec<String>, Error> {
        self.store_works().await?;
        Ok(self.0.store.borrow().keys().cloned().collect())
    }
}
