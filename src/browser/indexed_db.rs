//! The store of transactions in IndexedDB: the one storage that workers and pages share, and whose transactions make
//! taking a value atomic between them.
//!
//! A key is the time of expiry and the name, so that whatever has expired is one range.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction,
    IdbTransactionMode,
};

use super::{Browser, global, timer};
use crate::{
    error::{Error, Platform as PlatformError},
    platform::{Clock, MAX_STORED, Store},
    protocol::{time::Timestamp, url::decimal},
    secret::Secret,
};

const DATABASE: &str = "valetkey";
const STORE: &str = "transactions";

/// A database that does not answer in this time, in milliseconds, is blocked.
const TIMEOUT: i32 = 10_000;

impl Store for Browser {
    async fn put(&self, key: &str, value: &Secret<String>, expires: Timestamp) -> Result<(), Error> {
        put(key, value, expires, self.now()).await.map_err(unavailable)
    }

    async fn take(&self, key: &str) -> Result<Option<Secret<String>>, Error> {
        take(key).await.map_err(unavailable)
    }

    async fn keys(&self) -> Result<Vec<String>, Error> {
        keys().await.map_err(unavailable)
    }
}

fn unavailable(_: JsValue) -> Error {
    PlatformError::StorageUnavailable.into()
}

async fn put(key: &str, value: &Secret<String>, expires: Timestamp, now: Timestamp) -> Result<(), JsValue> {
    let work = Work::begin().await?;
    let past = IdbKeyRange::upper_bound(&JsValue::from_str(&prefix(now)))?;
    work.store.delete(&past)?;
    let mut full_key = prefix(expires);
    full_key.push_str(key);
    // In the order of their expiry; and first, so that the new one is never among them.
    let keys = work.keys().await?;
    for key in keys.iter().take((keys.len() + 1).saturating_sub(MAX_STORED)) {
        work.store.delete(&JsValue::from_str(key))?;
    }
    work.store.put_with_key(&JsValue::from_str(value.expose()), &JsValue::from_str(&full_key))?;
    work.end().await
}

async fn take(key: &str) -> Result<Option<Secret<String>>, JsValue> {
    let work = Work::begin().await?;
    let found = work.keys().await?.into_iter().find(|full_key| name(full_key) == key);
    let Some(full_key) = found else {
        return Ok(None);
    };
    let full_key = JsValue::from_str(&full_key);
    let value = done(&work.store.get(&full_key)?).await?;
    work.store.delete(&full_key)?;
    work.end().await?;
    Ok(value.as_string().map(Secret::new))
}

async fn keys() -> Result<Vec<String>, JsValue> {
    let work = Work::begin().await?;
    Ok(work.keys().await?.iter().map(|full_key| name(full_key).to_string()).collect())
}

/// Twelve digits sort as the numbers do, until the year 33658.
fn prefix(expires: Timestamp) -> String {
    let digits = decimal(expires.as_seconds());
    let mut prefix: String = core::iter::repeat_n('0', 12_usize.saturating_sub(digits.len())).collect();
    prefix.push_str(&digits);
    prefix.push(' ');
    prefix
}

fn name(full_key: &str) -> &str {
    full_key.split_once(' ').map_or("", |(_, name)| name)
}

/// A transaction of the database, and the database with it.
struct Work {
    database: IdbDatabase,
    transaction: IdbTransaction,
    store: IdbObjectStore,
}

impl Work {
    async fn begin() -> Result<Self, JsValue> {
        let mut database = open().await?;
        let mut begun = database.transaction_with_str_and_mode(STORE, IdbTransactionMode::Readwrite);
        if begun.is_err() {
            // A database of this name without the store: somebody else's, or made when nothing could be written. Nothing
            // of ours is in it.
            database.close();
            let deleted: IdbRequest = factory()?.delete_database(DATABASE)?.into();
            done(&deleted).await?;
            database = open().await?;
            begun = database.transaction_with_str_and_mode(STORE, IdbTransactionMode::Readwrite);
        }
        let transaction = begun?;
        let store = transaction.object_store(STORE)?;
        Ok(Self { database, transaction, store })
    }

    async fn keys(&self) -> Result<Vec<String>, JsValue> {
        let keys: Array = done(&self.store.get_all_keys()?).await?.unchecked_into();
        Ok(keys.iter().filter_map(|key| key.as_string()).collect())
    }

    /// Waits until everything is written.
    async fn end(self) -> Result<(), JsValue> {
        in_time(&Promise::new(&mut |resolve, reject| {
            self.transaction.set_oncomplete(Some(&resolve));
            self.transaction.set_onabort(Some(&reject));
        }))
        .await
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // An open connection would block a page that deletes the database.
        self.database.close();
    }
}

fn factory() -> Result<IdbFactory, JsValue> {
    let factory = global("indexedDB");
    if factory.is_object() { Ok(factory.unchecked_into()) } else { Err(JsValue::UNDEFINED) }
}

/// Opens the database in whatever version it is: a later one of this library may have been here.
async fn open() -> Result<IdbDatabase, JsValue> {
    let request = factory()?.open(DATABASE)?;
    let upgrading: IdbOpenDbRequest = request.clone();
    let upgrade = Closure::once_into_js(move || {
        let created =
            upgrading.result().map(|database| database.unchecked_into::<IdbDatabase>().create_object_store(STORE));
        // If it failed, so will the opening.
        drop(created);
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    Ok(done(&request).await?.unchecked_into())
}

async fn done(request: &IdbRequest) -> Result<JsValue, JsValue> {
    in_time(&Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    }))
    .await?;
    request.result()
}

/// Another page may hold the database for as long as it likes, and engines have been seen to forget a request.
async fn in_time(step: &Promise) -> Result<(), JsValue> {
    JsFuture::from(Promise::race(&Array::of2(step, &timer::deadline(TIMEOUT)))).await.map(drop)
}
