use valetkey::{browser::Browser, platform::Clock};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn wall_clock_shows_this_century() {
    let seconds = Browser.now().as_seconds();
    assert!((1_700_000_000..4_000_000_000).contains(&seconds), "{seconds}");
}

#[wasm_bindgen_test]
fn monotonic_clock_does_not_go_back() {
    let before = Browser.instant();
    assert!(before.has_come(Browser.instant()));
}
