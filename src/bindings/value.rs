//! Plain JavaScript objects: reading members, setting members.

use alloc::{string::String, vec::Vec};

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::{bare, own, set};

/// A member of an object; `undefined` when there is none, or no object.
pub(super) fn member(of: &JsValue, name: &str) -> JsValue {
    own(of, name)
}

/// A member that is a string.
pub(super) fn text(of: &JsValue, name: &str) -> Option<String> {
    member(of, name).as_string()
}

/// The pairs of strings of an array of arrays.
pub(super) fn pairs(value: &JsValue) -> Vec<(String, String)> {
    let Some(array) = value.dyn_ref::<Array>() else {
        return Vec::new();
    };
    array
        .iter()
        .filter_map(|pair| {
            let pair: Array = pair.dyn_into().ok()?;
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}

/// A plain object that is being filled.
pub(super) struct Building(Object);

impl Building {
    pub(super) fn new() -> Self {
        Self(bare())
    }

    /// Sets a member.
    pub(super) fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        set(&self.0, name, &value.into());
        self
    }

    /// Sets a member, if there is a value.
    pub(super) fn maybe(self, name: &str, value: Option<impl Into<JsValue>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn build(self) -> JsValue {
        self.0.into()
    }
}
