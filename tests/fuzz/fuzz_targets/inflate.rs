//! cargo-fuzz's way to [`petit_fuzz::inflate`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| petit_fuzz::inflate(bytes));
