use valetkey::platform::Clock;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::BROWSER;

#[wasm_bindgen_test]
fn wall_clock_shows_this_century() {
    let seconds = BROWSER.now().as_seconds();
    assert!((1_700_000_000..4_000_000_000).contains(&seconds), "{seconds}");
}

#[wasm_bindgen_test]
fn monotonic_clock_does_not_go_back() {
    let before = BROWSER.instant();
    assert!(before.has_come(BROWSER.instant()));
}
