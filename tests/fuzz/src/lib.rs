//! petit under hostile bytes: each target takes any input and panics when the core does something it promises not to do.
//!
//! The promises: no panic, no endless loop, memory in proportion to the input, and errors that are short, name their kind
//! and hold nothing that steers a terminal. `tests/corpus.rs` runs the targets over seeds, crashers and mutations of
//! both; `npm run fuzz` runs them under libFuzzer.
#![allow(
    clippy::panic,
    reason = "a panic is how a target tells of a broken promise"
)]

mod bytes;
mod names;
mod text;

use petit_text::ErrorReport;

pub use bytes::{rows, segments, small, splitter};
pub use names::plans;
pub use text::{replies, schema};

/// A target: takes any bytes, panics if a promise is broken.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: [(&str, Target); 7] = [
    ("plans", plans),
    ("replies", replies),
    ("rows", rows),
    ("schema", schema),
    ("segments", segments),
    ("small", small),
    ("splitter", splitter),
];

/// Characters of a message at most.
const MESSAGE_CHARS: usize = 6_001;

/// Checks that an error can be shown to a person.
fn check_error<'a, E>(error: &'a E)
where
    ErrorReport: From<&'a E>,
{
    let report = ErrorReport::from(error);
    assert!(!report.code.is_empty());
    check_message(&report.message);
}

/// Checks that a text can be shown to a person: not too long, and nothing in it commands the terminal.
fn check_message(message: &str) {
    let chars = message.chars().count();
    assert!(chars <= MESSAGE_CHARS, "a message of {chars} characters");
    let turns = |char| matches!(char, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let steers = |char: char| char.is_control() || turns(char);
    assert!(!message.chars().any(steers), "{message:?}");
}
