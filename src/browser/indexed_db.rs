//! The store of transactions in IndexedDB: the one storage that workers and pages share, and whose transactions make
//! taking a value atomic between them.
//!
//! A key is the time of expiry and the name, so that whatever has expired is one range.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Browser, settled};
use crate::{
    error::{Error, Platform as PlatformError},
    platform::{Clock, MAX_STORED, Store},
    protocol::{text::parts, time::Timestamp, url::decimal},
    secret::Secret,
};

#[wasm_bindgen(module = "/src/browser/indexed_db.js")]
extern "C" {
    fn put(name: &str, value: &str, expires: &str, now: &str, limit: usize) -> Promise;
    fn take(name: &str) -> Promise;
    fn names() -> Promise;
    fn exists() -> Promise;
}

impl Store for Browser {
    async fn put(&self, key: &str, value: &Secret<String>, expires: Timestamp) -> Result<(), Error> {
        let (expires, now) = (decimal(expires.as_seconds()), decimal(self.now().as_seconds()));
        text(put(key, value.expose(), &expires, &now, MAX_STORED)).await.map(drop)
    }

    async fn take(&self, key: &str) -> Result<Option<Secret<String>>, Error> {
        Ok(text(take(key)).await?.map(Secret::new))
    }

    async fn is_intact(&self) -> bool {
        text(exists()).await.is_ok_and(|answer| answer.is_some())
    }

    async fn keys(&self) -> Result<Vec<String>, Error> {
        let names = text(names()).await?.unwrap_or_default();
        Ok(parts(&names, b'\n').filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect())
    }
}

/// The text that a promise resolves to, if it is one.
async fn text(promise: Promise) -> Result<Option<String>, Error> {
    Ok(settled(promise, PlatformError::StorageUnavailable).await?.as_string())
}
