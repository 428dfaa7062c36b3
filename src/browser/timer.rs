//! `setTimeout`.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, millis: i32) -> wasm_bindgen::JsValue;
}

/// A promise that rejects after this many milliseconds.
pub(super) fn deadline(millis: i32) -> Promise {
    Promise::new(&mut |_, reject| {
        set_timeout(&reject, millis);
    })
}
