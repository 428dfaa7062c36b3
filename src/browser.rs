//! The platform over web APIs: one API a file. Works in a SharedWorker, a dedicated Worker and a page alike.

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

use wasm_bindgen::JsValue;

use crate::platform::{Task, Tasks};

/// The browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct Browser;

impl Tasks for Browser {
    fn spawn(&self, task: Task) {
        wasm_bindgen_futures::spawn_local(task);
    }
}

/// Sets a member of a plain object, which does not fail.
pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = js_sys::Reflect::set(object, &JsValue::from_str(name), value);
}

/// Sets members of a plain object to strings.
fn set_all(object: &JsValue, members: &[(&str, &str)]) {
    for (name, value) in members {
        set(object, name, &JsValue::from_str(value));
    }
}

/// A property of the global object, or `undefined`: a page may have removed anything, and a getter may throw.
fn global(name: &str) -> JsValue {
    property(&js_sys::global(), name)
}

/// A property of a value, or `undefined`.
pub(crate) fn property(of: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}
