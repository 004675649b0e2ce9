//! cargo-fuzz's way to [`petit_fuzz::replies`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| petit_fuzz::replies(bytes));
