#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kxi_auth_core::fuzz::run("rejection", data));
