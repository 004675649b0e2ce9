//! Fuzz targets: each takes any input, and panics if the code breaks a promise.
//!
//! The promises: no panic, no endless loop, memory in proportion to the input, and errors that are short, have a code, and
//! contain no terminal control characters. `tests/corpus.rs` runs the targets over seeds, crashers and mutations of both;
//! `npm run fuzz` runs them under libFuzzer.
#![allow(clippy::panic, reason = "a panic reports a broken promise")]

mod bytes;
mod names;
mod text;

use petit_text::ErrorReport;

pub use bytes::{inflate, rows, segments, small, splitter};
pub use names::plans;
pub use text::{replies, schema};

/// A target, which takes any bytes, and panics if a promise is broken.
pub type Target = fn(&[u8]);

/// All targets, by name.
pub const TARGETS: [(&str, Target); 8] = [
    ("inflate", inflate),
    ("plans", plans),
    ("replies", replies),
    ("rows", rows),
    ("schema", schema),
    ("segments", segments),
    ("small", small),
    ("splitter", splitter),
];

/// Maximum length of a message, in characters.
const MESSAGE_CHARS: usize = 6_001;

/// Checks that an error has a code and a safe message.
fn check_error<'a, E>(error: &'a E)
where
    ErrorReport: From<&'a E>,
{
    let report = ErrorReport::from(error);
    assert!(!report.code.is_empty());
    check_message(&report.message);
}

/// Checks that a message is short, and contains no control characters.
fn check_message(message: &str) {
    let chars = message.chars().count();
    assert!(chars <= MESSAGE_CHARS, "a message of {chars} characters");
    let turns = |char| matches!(char, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let steers = |char: char| char.is_control() || turns(char);
    assert!(!message.chars().any(steers), "{message:?}");
}
