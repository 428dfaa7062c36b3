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

use js_sys::Object;
use wasm_bindgen::{JsCast as _, JsValue};

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

/// A plain object without a prototype: in a page, a script may have put anything there, and setters would be told.
pub(crate) fn bare() -> Object {
    Object::create(JsValue::NULL.unchecked_ref())
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

/// A member of a plain object, or `undefined`; what it may inherit is none.
pub(crate) fn own(of: &JsValue, name: &str) -> JsValue {
    match of.dyn_ref::<Object>() {
        Some(object) if Object::has_own(object, &JsValue::from_str(name)) => property(of, name),
        _ => JsValue::UNDEFINED,
    }
}

/// A property of a value, or `undefined`.
pub(crate) fn property(of: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}
