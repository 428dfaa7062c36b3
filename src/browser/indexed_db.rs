//! The store of transactions in IndexedDB: the one storage that workers and pages share, and whose transactions make
//! taking a value atomic between them.
//!
//! A key is the time of expiry and the name, so that whatever has expired is one range.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use js_sys::Promise;
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};

use super::{
    Browser,
    crypto::{Keys, key_pair},
    settled,
};
use crate::{
    error::{Error, Platform as PlatformError},
    platform::{Clock, KeyPair, MAX_STORED, Store},
    protocol::{jose::algorithm::Algorithm, text::parts, time::Timestamp, url::decimal},
    secret::Secret,
};

#[wasm_bindgen(module = "/src/browser/indexed_db.js")]
extern "C" {
    fn put(name: &str, value: &str, expires: &str, now: &str, limit: usize) -> Promise;
    fn take(name: &str) -> Promise;
    fn names() -> Promise;
    fn exists() -> Promise;
    fn keep(name: &str, value: &str, keys: &Keys) -> Promise;
    fn kept(name: &str) -> Promise;
    fn forget(name: &str) -> Promise;

    type Kept;

    #[wasm_bindgen(method, getter)]
    fn value(this: &Kept) -> String;

    #[wasm_bindgen(method, getter)]
    fn algorithm(this: &Kept) -> String;

    #[wasm_bindgen(method, getter)]
    fn keys(this: &Kept) -> Keys;
}

/// The database of this library, which all pages and workers of the origin share.
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexedDb;

impl Store for IndexedDb {
    async fn put(&self, key: &str, value: &Secret<String>, expires: Timestamp) -> Result<(), Error> {
        let (expires, now) = (decimal(expires.as_seconds()), decimal(Browser::<Self>::default().now().as_seconds()));
        text(put(key, value.expose(), &expires, &now, MAX_STORED)).await.map(drop)
    }

    async fn take(&self, key: &str) -> Result<Option<Secret<String>>, Error> {
        Ok(text(take(key)).await?.map(Secret::new))
    }

    async fn is_intact(&self) -> bool {
        text(exists()).await.is_ok_and(|answer| answer.is_some())
    }

    async fn keep(&self, name: &str, value: &Secret<String>, key: &KeyPair) -> Result<(), Error> {
        let keys = key.signer.as_any().downcast_ref::<Keys>().ok_or(PlatformError::StorageUnavailable)?;
        text(keep(name, value.expose(), keys)).await.map(drop)
    }

    async fn kept(&self, name: &str) -> Result<Option<(Secret<String>, KeyPair)>, Error> {
        let kept = settled(kept(name), PlatformError::StorageUnavailable).await?;
        if kept.is_falsy() {
            return Ok(None);
        }
        let kept: Kept = kept.unchecked_into();
        let algorithm = Algorithm::from_name(&kept.algorithm());
        Ok(algorithm.map(|algorithm| (Secret::new(kept.value()), key_pair(algorithm, kept.keys()))))
    }

    async fn forget(&self, name: &str) {
        let _ = text(forget(name)).await;
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
