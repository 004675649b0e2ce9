//! cargo-fuzz's way to [`petit_fuzz::segments`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| petit_fuzz::segments(bytes));
