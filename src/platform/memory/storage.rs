//! The storage of a world in memory.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::{future::poll_fn, task::Poll};

use super::World;
use crate::{
    error::{Error, Platform as PlatformError},
    platform::{Clock, KeyPair, MAX_STORED, Store},
    protocol::time::Timestamp,
    secret::Secret,
};

impl World {
    /// Breaks or mends the store.
    pub fn break_store(&self, broken: bool) {
        self.0.broken_store.set(broken);
    }

    /// Has the store take its time, or go on.
    pub fn hold_store(&self, held: bool) {
        self.0.held_store.set(held);
    }

    /// What is in the store.
    #[must_use]
    pub fn stored(&self) -> Vec<(String, String)> {
        self.0.store.borrow().iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect()
    }

    /// Clears the store away, as the user does, or a server with `Clear-Site-Data`.
    pub fn clear_store(&self) {
        self.0.store.borrow_mut().clear();
        self.0.cleared.set(true);
    }

    /// Changes what is in the store, as a script of the page could.
    pub fn tamper_with_store(&self, change: impl Fn(&str) -> String) {
        for (value, _) in self.0.store.borrow_mut().values_mut() {
            *value = change(value);
        }
    }

    /// What is kept of sessions, by name.
    #[must_use]
    pub fn kept_records(&self) -> Vec<(String, String)> {
        self.0.kept.borrow().iter().map(|(name, (record, _))| (name.clone(), record.clone())).collect()
    }

    /// Changes what is kept of sessions, as a script of the page could.
    pub fn tamper_with_kept(&self, change: impl Fn(&str) -> String) {
        for (record, _) in self.0.kept.borrow_mut().values_mut() {
            *record = change(record);
        }
    }

    async fn store_works(&self) -> Result<(), Error> {
        poll_fn(|_| if self.0.held_store.get() { Poll::Pending } else { Poll::Ready(()) }).await;
        if self.0.broken_store.get() { Err(PlatformError::StorageUnavailable.into()) } else { Ok(()) }
    }
}

impl Store for World {
    async fn put(&self, key: &str, value: &Secret<String>, expires: Timestamp) -> Result<(), Error> {
        self.store_works().await?;
        self.0.cleared.set(false);
        let now = self.now();
        let mut store = self.0.store.borrow_mut();
        store.retain(|_, (_, expires)| *expires > now);
        while store.len() >= MAX_STORED {
            let first = store.iter().min_by_key(|(_, (_, expires))| *expires).map(|(key, _)| key.clone());
            store.remove(&first.unwrap_or_default());
        }
        store.insert(key.to_string(), (value.expose().clone(), expires));
        Ok(())
    }

    async fn take(&self, key: &str) -> Result<Option<Secret<String>>, Error> {
        self.store_works().await?;
        Ok(self.0.store.borrow_mut().remove(key).map(|(value, _)| Secret::new(value)))
    }

    async fn is_intact(&self) -> bool {
        !self.0.cleared.get()
    }

    async fn keep(&self, name: &str, value: &Secret<String>, key: &KeyPair) -> Result<(), Error> {
        self.store_works().await?;
        self.0.kept.borrow_mut().insert(name.to_string(), (value.expose().clone(), key.clone()));
        Ok(())
    }

    async fn kept(&self, name: &str) -> Result<Option<(Secret<String>, KeyPair)>, Error> {
        self.store_works().await?;
        let kept = self.0.kept.borrow();
        Ok(kept.get(name).map(|(value, key)| (Secret::new(value.clone()), key.clone())))
    }

    async fn forget(&self, name: &str) {
        self.0.kept.borrow_mut().remove(name);
    }

    async fn keys(&self) -> Result<Vec<String>, Error> {
        self.store_works().await?;
        Ok(self.0.store.borrow().keys().cloned().collect())
    }
}
