//! What the vault needs of the world, as traits: `browser` implements them with web APIs, `memory` with a scripted world
//! for tests.

use alloc::{boxed::Box, rc::Rc, string::String, vec::Vec};
use core::{any::Any, fmt, future::Future, pin::Pin};

use crate::{
    error::Error,
    protocol::{
        dpop::PublicJwk,
        http::{Aside, Request, Response},
        jose::{algorithm::Algorithm, jws::SignatureCheck},
        time::{Instant, Timestamp},
    },
    secret::{Secret, leaving_no_trace},
};

#[cfg(any(test, feature = "test-util"))]
pub mod memory;

/// The world as one value.
pub trait Platform: Clock + Timer + Random + Tasks + Http + Resources + Crypto + Store + 'static {}

impl<T: Clock + Timer + Random + Tasks + Http + Resources + Crypto + Store + 'static> Platform for T {}

/// What time it is.
pub trait Clock {
    /// The wall clock, in milliseconds since 1970. It may be wrong, and it may jump.
    fn unix_millis(&self) -> u64;

    /// Both clocks: how much time has passed.
    fn instant(&self) -> Instant;

    /// The wall clock in seconds.
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.unix_millis() / 1000)
    }
}

/// Waiting.
pub trait Timer {
    /// The longest time that may be asked for, in milliseconds: timers of browsers overflow.
    const LONGEST: u64 = 1 << 30;

    /// Resolves after about so many milliseconds of the monotonic clock, at most [`Timer::LONGEST`]. Late, where the
    /// browser throttles timers or the device sleeps: whoever waits looks at the clock again.
    fn sleep(&self, millis: u64) -> impl Future<Output = ()> + 'static;
}

/// Secure random bytes.
pub trait Random {
    /// Fills `bytes`.
    ///
    /// # Errors
    ///
    /// `RandomUnavailable`; nothing falls back to anything weaker.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error>;
}

/// A task that runs on its own.
pub type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Tasks that go on when whoever started them has gone: a renewal must not die with the tab that asked for it.
pub trait Tasks {
    /// Runs a task.
    fn spawn(&self, task: Task);
}

/// Requests to the provider: without cookies, without following redirects, not cached, bounded in time and size.
pub trait Http {
    /// Sends a request.
    ///
    /// # Errors
    ///
    /// A [`Platform`](crate::error::Platform) reason.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, Error>>;
}

/// A request of the application to one of its APIs.
#[derive(Debug)]
pub struct ResourceRequest<A> {
    /// The absolute URL, as the browser serialises it.
    pub url: String,
    /// The method.
    pub method: String,
    /// The headers, without any that the vault sends itself.
    pub headers: Vec<(String, String)>,
    /// The value of the `Authorization` header; the vault sets it.
    pub authorization: Option<Secret<String>>,
    /// The value of the `DPoP` header (RFC 9449 §4.1); the vault sets it.
    pub proof: Option<String>,
    /// What the vault does not look at: the body, the abort signal, the cache mode.
    pub attachment: A,
}

/// Requests of the application to its APIs.
pub trait Resources {
    /// What a request carries that the vault does not look at.
    type Attachment;
    /// What comes back; the vault looks at none of it but the status.
    type Answer: Answer;

    /// Sends a request that refuses redirects.
    ///
    /// # Errors
    ///
    /// A [`Platform`](crate::error::Platform) reason.
    fn fetch(&self, request: &ResourceRequest<Self::Attachment>) -> impl Future<Output = Result<Self::Answer, Error>>;

    /// Whether a request can be sent again: not one whose body is a stream.
    fn is_repeatable(attachment: &Self::Attachment) -> bool;
}

/// The answer of an API.
pub trait Answer {
    /// The HTTP status.
    fn status(&self) -> u16;

    /// What it says of the credential.
    fn aside(&self) -> Aside;

    /// Nobody will read it.
    fn discard(self);
}

/// A private key: it signs, and nobody is shown it.
pub trait Signer {
    /// Signs a message.
    fn sign(&self, message: Vec<u8>) -> Signing;

    /// The platform's own form of it.
    fn as_any(&self) -> &dyn Any;
}

/// A signature that is being made.
pub type Signing = Pin<Box<dyn Future<Output = Result<Vec<u8>, Error>>>>;

/// A key of this library's own. Cheap to clone; the clones are the same key.
#[derive(Clone)]
pub struct KeyPair {
    /// What may be known of it.
    pub public: PublicJwk,
    /// What signs.
    pub signer: Rc<dyn Signer>,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.public.fmt(formatter)
    }
}

/// Keys, signatures that the crate does not verify itself, and hashes.
pub trait Crypto {
    /// A new key, which cannot be taken out of the platform.
    ///
    /// # Errors
    ///
    /// `CryptoUnavailable`.
    fn generate(&self, algorithm: Algorithm) -> impl Future<Output = Result<KeyPair, Error>>;

    /// Whether the signature is valid. Never asked about ES256.
    ///
    /// # Errors
    ///
    /// `CryptoUnavailable`.
    fn verify(&self, check: SignatureCheck) -> impl Future<Output = Result<bool, Error>>;

    /// The hash that this algorithm uses, of these bytes.
    ///
    /// # Errors
    ///
    /// `CryptoUnavailable`.
    fn hash(&self, algorithm: Algorithm, bytes: &[u8]) -> impl Future<Output = Result<Vec<u8>, Error>> {
        core::future::ready(Ok(leaving_no_trace(|| algorithm.hash(bytes))))
    }
}

/// So many values are kept; more sign-ins at once are no person's, in however many tabs.
pub const MAX_STORED: usize = 64;

/// Where transactions wait while the browser is at the provider.
pub trait Store {
    /// Keeps a value until it is taken or has expired. Expired values are removed on the way, and of more than
    /// [`MAX_STORED`] those that expire first.
    ///
    /// # Errors
    ///
    /// `StorageUnavailable`.
    fn put(&self, key: &str, value: &Secret<String>, expires: Timestamp) -> impl Future<Output = Result<(), Error>>;

    /// Takes a value out, for good: of several callers at once only one is given it.
    ///
    /// # Errors
    ///
    /// `StorageUnavailable`.
    fn take(&self, key: &str) -> impl Future<Output = Result<Option<Secret<String>>, Error>>;

    /// Whether what was put here is still here, as far as can be told: not where the user or the server has cleared the
    /// site's data meanwhile.
    fn is_intact(&self) -> impl Future<Output = bool> {
        core::future::ready(true)
    }

    /// Keeps a value and a key until they are replaced or forgotten: the opt-in of a session that outlives its vault.
    ///
    /// # Errors
    ///
    /// `StorageUnavailable`.
    fn keep(&self, name: &str, value: &Secret<String>, key: &KeyPair) -> impl Future<Output = Result<(), Error>>;

    /// What is kept under this name.
    ///
    /// # Errors
    ///
    /// `StorageUnavailable`.
    fn kept(&self, name: &str) -> impl Future<Output = Result<Option<(Secret<String>, KeyPair)>, Error>>;

    /// Forgets what is kept under this name.
    fn forget(&self, name: &str) -> impl Future<Output = ()>;

    /// The keys of the values that are waiting.
    ///
    /// # Errors
    ///
    /// `StorageUnavailable`.
    fn keys(&self) -> impl Future<Output = Result<Vec<String>, Error>>;
}
