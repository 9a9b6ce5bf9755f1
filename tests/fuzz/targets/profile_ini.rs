#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kxi_auth_fuzz::fuzz::run("profile_ini", data));
