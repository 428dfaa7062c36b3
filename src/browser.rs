//! The platform over web APIs: one API a file. Works in a SharedWorker, a dedicated Worker and a page alike.
//!
//! What takes several steps in the browser is written in JavaScript, in the file beside: each step would cost the module an
//! import, a conversion and mostly a future.

mod clock;
mod crypto;
mod fetch;
mod indexed_db;
mod random;
mod resource;
mod timer;

#[cfg(feature = "page")]
pub mod session_storage;

pub use resource::{Attachment, ResourceAnswer};

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::{
    error::Platform as PlatformError,
    platform::{Task, Tasks},
};

/// The browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct Browser;

impl Tasks for Browser {
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
