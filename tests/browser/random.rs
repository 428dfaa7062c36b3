use valetkey::platform::Random;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::BROWSER;

#[wasm_bindgen_test]
fn bytes_differ_each_time() {
    let mut seen = std::collections::HashSet::new();
    for _ in 0..1000 {
        let mut bytes = [0; 32];
        BROWSER.fill(&mut bytes).unwrap();
        assert!(seen.insert(bytes));
    }
}
