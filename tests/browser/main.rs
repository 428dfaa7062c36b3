//! The web adapters in a real browser, and the vault behind a message port.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on has failed, and says where"
)]

mod clock;
mod crypto;
mod fetch;
mod indexed_db;
mod port;
mod random;
mod session_storage;
mod wycheproof;

/// With the storage that it has in a worker.
pub(crate) const BROWSER: valetkey::browser::Browser<valetkey::browser::IndexedDb> =
    valetkey::browser::Browser(valetkey::browser::IndexedDb);

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
