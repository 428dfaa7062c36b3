//! The JavaScript boundary of the vault: conversions, and nothing else.

mod command;
mod host;
mod reply;
mod writer;

#[cfg(feature = "js")]
pub use host::vault;
pub use host::{Browsing, VaultHost};
