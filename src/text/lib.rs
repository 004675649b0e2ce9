//! Text for messages, and what crosses to JavaScript: quoted, sanitized and redacted foreign text, counts, and reports of errors.
//!
//! A leaf crate: the other crates of petit depend on it, and it depends on none of them.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bigint;
mod redact;
mod report;
mod sanitize;

pub use bigint::{MAX_SAFE_INTEGER, bigint};
pub use redact::{REDACTED, Redactor};
pub use report::ErrorReport;
pub use sanitize::{pluralize, quoted, quoted_list, sanitize};
