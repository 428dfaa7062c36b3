//! `setTimeout`.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use super::Browser;
use crate::platform::Timer;

#[wasm_bindgen(module = "/src/browser/timer.js")]
extern "C" {
    fn sleep(millis: f64) -> Promise;
}

impl<S: 'static> Timer for Browser<S> {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
    fn sleep(&self, millis: u64) -> impl Future<Output = ()> + 'static {
        let promise = sleep(millis.min(Self::LONGEST) as f64);
        async move {
            let _ = JsFuture::from(promise).await;
        }
    }
}
