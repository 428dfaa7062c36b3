//! Transactions in IndexedDB.

use futures::future::join_all;
use valetkey::{
    platform::{Clock, Store},
    secret::Secret,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::BROWSER;

async fn put(key: &str, value: &str, lifetime: i64) {
    let now = BROWSER.now();
    let expires = if lifetime < 0 { now.minus(lifetime.unsigned_abs()) } else { now.plus(lifetime.unsigned_abs()) };
    BROWSER.put(key, &Secret::new(value.to_owned()), expires).await.unwrap();
}

async fn take(key: &str) -> Option<String> {
    BROWSER.take(key).await.unwrap().map(|value| value.expose().clone())
}

#[wasm_bindgen_test]
async fn value_is_taken_once() {
    put("once", "a value with = & and ü", 60).await;
    assert!(BROWSER.keys().await.unwrap().contains(&"once".to_owned()));
    assert_eq!(take("once").await.as_deref(), Some("a value with = & and ü"));
    assert_eq!(take("once").await, None);
}

#[wasm_bindgen_test]
async fn of_many_who_take_at_once_one_gets_it() {
    put("many", "x", 60).await;
    let taken = join_all((0..20).map(|_| take("many"))).await;
    assert_eq!(taken.iter().filter(|value| value.is_some()).count(), 1);
}

#[wasm_bindgen_test]
async fn expired_value_goes_when_another_comes() {
    put("old", "x", -10).await;
    put("new", "y", 60).await;
    assert_eq!(take("old").await, None);
    assert_eq!(take("new").await.as_deref(), Some("y"));
}

#[wasm_bindgen_test]
async fn unknown_key_is_absent() {
    assert_eq!(take("never put").await, None);
}
