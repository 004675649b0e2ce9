//! The one shape in which the errors of all crates reach JavaScript.

use serde::Serialize;

use crate::sanitize;

/// Maximum length of a message, in characters: some twenty names of the maximum length, or the output of an engine that
/// failed.
const MAX_MESSAGE_CHARS: usize = 6_000;

/// An error as a plain object for JavaScript. A field that does not apply is `None`, which becomes `undefined`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ErrorReport {
    /// Stable name of the kind of error, in `snake_case`.
    pub code: &'static str,
    /// One sentence that says what happened, and where. At most 6,000 characters on one line.
    pub message: String,
    /// Whether a retry can succeed and does no harm.
    pub retryable: bool,
    /// HTTP status of TD's reply.
    pub status: Option<u16>,
    /// How long TD asked to wait before a retry, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The column that the error is about.
    pub column: Option<String>,
    /// The row that the error is about; the first row is 0.
    pub row: Option<u64>,
    /// The id of the job that the error is about.
    pub job: Option<String>,
}

impl ErrorReport {
    /// A report of an error that is not retryable and has no other fields. Sanitizes the message, because it may contain
    /// names, schemas and text of servers of any length.
    pub fn new(code: &'static str, message: &str) -> Self {
        Self {
            code,
            message: sanitize(message, MAX_MESSAGE_CHARS),
            retryable: false,
            status: None,
            retry_after_ms: None,
            column: None,
            row: None,
            job: None,
        }
    }
}
