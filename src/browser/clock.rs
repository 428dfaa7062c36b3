//! `Date.now()` and `performance.now()`.

use wasm_bindgen::prelude::wasm_bindgen;

use super::Browser;
use crate::{platform::Clock, protocol::time::Instant};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

impl<S: 'static> Clock for Browser<S> {
    fn unix_millis(&self) -> u64 {
        whole(js_sys::Date::now())
    }

    fn instant(&self) -> Instant {
        Instant::new(whole(performance_now()), self.unix_millis())
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates; a clock that shows no number, or a negative one, shows zero"
)]
const fn whole(millis: f64) -> u64 {
    millis as u64
}
