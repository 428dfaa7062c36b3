#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_fuzz::signed_response::run(data));
