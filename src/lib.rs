//! OpenID Connect for single-page apps.
//!
//! A public client signs in with the authorization code flow and PKCE; everything the provider answers is verified; the
//! tokens stay in a *vault*, which calls the listed APIs with them, renews them and forgets them on sign-out.
//!
//! - [`protocol`]: the rules of the specifications, sans-IO: bytes and `now` in, values or a named violation out.
//! - [`vault`]: the engine: who is signed in, transactions, tokens, renewal, authorised fetch.
//! - [`platform`]: what the vault needs of the world, as traits.
//! - `browser`: the traits over web APIs (features `js` and `page`, wasm32 only).
//! - `bindings`: the vault on message ports (features `js` and `page`, wasm32 only).
//! - [`client`]: the page side for front ends in Rust (feature `client`, on by default).
//! - [`config`], [`error`], [`secret`]: what all of them share.
//!
//! The npm package runs this crate in a `SharedWorker`. See ARCHITECTURE.md for the whole picture and SECURITY.md for
//! what it protects against and what nothing in a browser can.
#![no_std]

extern crate alloc;

#[cfg(any(test, feature = "test-util"))]
extern crate std;

pub mod config;
pub mod error;
pub mod platform;
pub mod protocol;
pub mod secret;
pub mod vault;

#[cfg(all(target_arch = "wasm32", any(feature = "js", feature = "page")))]
pub mod browser;

#[cfg(all(target_arch = "wasm32", any(feature = "js", feature = "page")))]
pub mod bindings;

#[cfg(feature = "client")]
pub mod client;

#[cfg(feature = "client")]
pub use client::{
    Claims, Client, Config, Dpop, Isolation, Par, Pending, Persist, Request, Resource, Response, ResponseMode, Restore,
    Session, Sessions, SignIn, SignOut, StepUpChoice, StepUpDemand, Subscription, Transactions,
};
#[cfg(feature = "client")]
pub use error::Error;
