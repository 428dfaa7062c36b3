//! A store of transactions in `sessionStorage`, by `gloo-storage`, for a vault that runs in a Rust page: per tab, and
//! gone with it.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use gloo_storage::{SessionStorage, Storage};
use zeroize::Zeroizing;

use super::Browser;
use crate::{
    error::{Error, Platform as PlatformError},
    platform::{Clock, KeyPair, Store},
    protocol::{text::cut, time::Timestamp, url::decimal},
    secret::Secret,
};

/// What the names of this library's items begin with: the storage belongs to the whole origin.
const PREFIX: &str = "valetkey ";

/// Transactions in `sessionStorage`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionStore;

impl Store for SessionStore {
    async fn put(&self, key: &str, value: &Secret<String>, expires: Timestamp) -> Result<(), Error> {
        let now = Browser(Self).now();
        for name in names()? {
            if kept(&name).is_some_and(|(expires, _)| expires <= now) {
                SessionStorage::delete(&name);
            }
        }
        let text = Zeroizing::new(decimal(expires.as_seconds()) + " " + value.expose());
        SessionStorage::raw().set_item(&item(key), &text).map_err(|_| PlatformError::StorageUnavailable.into())
    }

    async fn take(&self, key: &str) -> Result<Option<Secret<String>>, Error> {
        let name = item(key);
        if !names()?.contains(&name) {
            return Ok(None);
        }
        // What is not in the form that `put` writes counts as absent, and goes.
        let kept = kept(&name);
        SessionStorage::delete(&name);
        Ok(kept.map(|(_, value)| value))
    }

    async fn keep(&self, _: &str, _: &Secret<String>, _: &KeyPair) -> Result<(), Error> {
        // A key has no text, and a tab of its own is no place for a session that outlives it.
        Err(PlatformError::StorageUnavailable.into())
    }

    async fn kept(&self, _: &str) -> Result<Option<(Secret<String>, KeyPair)>, Error> {
        Ok(None)
    }

    async fn forget(&self, _: &str) {}

    async fn keys(&self) -> Result<Vec<String>, Error> {
        Ok(names()?.iter().filter_map(|name| name.strip_prefix(PREFIX)).map(ToOwned::to_owned).collect())
    }
}

fn item(key: &str) -> String {
    PREFIX.to_owned() + key
}

/// Until when an item is kept, and what it holds: text, as `gloo-storage`'s own JSON would bring a reader and a writer of its own along.
fn kept(name: &str) -> Option<(Timestamp, Secret<String>)> {
    let text = Zeroizing::new(SessionStorage::raw().get_item(name).ok()??);
    let (expires, value) = cut(&text, b' ');
    Some((Timestamp::from_seconds(expires.parse().ok()?), Secret::new(value?.to_owned())))
}

fn names() -> Result<Vec<String>, Error> {
    let storage = web_sys::window().and_then(|window| window.session_storage().ok().flatten());
    let storage = storage.ok_or(PlatformError::StorageUnavailable)?;
    let names = (0..storage.length().unwrap_or_default()).filter_map(|index| storage.key(index).ok().flatten());
    Ok(names.filter(|name| name.starts_with(PREFIX)).collect())
}
