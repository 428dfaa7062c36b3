#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| valetkey_fuzz::challenge::run(data));
