//! The platform over web APIs: one API a file. Works in a SharedWorker, a dedicated Worker and a page alike.
//!
//! What takes several steps in the browser is written in JavaScript, in the file beside: each step would cost the module an
//! import, a conversion and mostly a future.

mod clock;
mod crypto;
mod fetch;
#[cfg(feature = "js")]
mod indexed_db;
mod random;
mod resource;
mod timer;

#[cfg(feature = "page")]
pub mod session_storage;

#[cfg(feature = "js")]
pub use indexed_db::IndexedDb;
pub use resource::{Attachment, ResourceAnswer};

use alloc::{string::String, vec::Vec};

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::{
    error::{Error, Platform as PlatformError},
    platform::{KeyPair, Store, Task, Tasks},
    protocol::time::Timestamp,
    secret::Secret,
};

/// The browser, with one of its storages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Browser<S>(pub S);

impl<S: Store> Store for Browser<S> {
    async fn put(&self, key: &str, value: &Secret<String>, expires: Timestamp) -> Result<(), Error> {
        self.0.put(key, value, expires).await
    }

    async fn take(&self, key: &str) -> Result<Option<Secret<String>>, Error> {
        self.0.take(key).await
    }

    async fn is_intact(&self) -> bool {
        self.0.is_intact().await
    }

    async fn keep(&self, name: &str, value: &Secret<String>, key: &KeyPair) -> Result<(), Error> {
        self.0.keep(name, value, key).await
    }

    async fn kept(&self, name: &str) -> Result<Option<(Secret<String>, KeyPair)>, Error> {
        self.0.kept(name).await
    }

    async fn forget(&self, name: &str) {
        self.0.forget(name).await;
    }

    async fn keys(&self) -> Result<Vec<String>, Error> {
        self.0.keys().await
    }
}

impl<S: 'static> Tasks for Browser<S> {
    fn spawn(&self, task: Task) {
        wasm_bindgen_futures::spawn_local(task);
    }
}

/// The value of a promise. A rejection with the code of a reason means that reason, any other means `otherwise`.
async fn settled(promise: Promise, otherwise: PlatformError) -> Result<JsValue, PlatformError> {
    JsFuture::from(promise).await.map_err(|thrown| {
        let code = thrown.as_string();
        PlatformError::ALL.iter().copied().find(|reason| code.as_deref() == Some(reason.code())).unwrap_or(otherwise)
    })
}
