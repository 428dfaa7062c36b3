//! Transactions in `sessionStorage`, for Rust pages (feature `page`).
#![cfg(feature = "page")]

use valetkey::{browser::session_storage::SessionStore, platform::Store, protocol::time::Timestamp, secret::Secret};
use wasm_bindgen_test::wasm_bindgen_test;

const STORE: SessionStore = SessionStore;

/// Seconds since 1970, far from now.
const LATER: u64 = 9_000_000_000;

async fn put(key: &str, value: &str, expires: u64) {
    STORE.put(key, &Secret::new(value.to_owned()), Timestamp::from_seconds(expires)).await.unwrap();
}

#[wasm_bindgen_test]
async fn value_is_taken_once_from_session_storage() {
    put("once", "value", LATER).await;
    assert!(STORE.keys().await.unwrap().contains(&"once".to_owned()));
    assert_eq!(STORE.take("once").await.unwrap().unwrap().expose(), "value");
    assert!(STORE.take("once").await.unwrap().is_none());
}

#[wasm_bindgen_test]
async fn expired_value_goes_from_session_storage() {
    put("old", "x", 1000).await;
    put("new", "y", LATER).await;
    assert!(STORE.take("old").await.unwrap().is_none());
    assert!(STORE.take("new").await.unwrap().is_some());
}
