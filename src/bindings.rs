//! The JavaScript boundary of the npm package: conversions, and nothing else.

mod command;
mod host;
mod reply;
mod writer;

pub use host::{VaultHost, vault};
