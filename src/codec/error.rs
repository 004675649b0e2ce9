//! What can go wrong, as data.

use serde::Serialize;
use thiserror::Error as ThisError;

use crate::text::{counted, printable, quoted};

/// Characters of a message that leaves the core at most: some twenty names of the greatest length, or what an engine wrote
/// about its failure.
const MESSAGE_CHARS: usize = 6_000;

/// petit's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything the core can refuse or fail at.
///
/// Each kind has a stable [`code`](Error::code); the places it happened at (table, column, row, job, session, part) are
/// fields, never only text. Row numbers count from 0 within the job result.
#[derive(Debug, Clone, PartialEq, ThisError)]
pub enum Error {
    /// The gzip stream is damaged, or holds something else.
    #[error("the job result is not sound gzip: {reason} (at byte {offset})")]
    Gzip {
        /// What zlib objected to.
        reason: String,
        /// Bytes of compressed input used before it.
        offset: u64,
    },
    /// The bytes end inside a gzip member or a row.
    #[error("the job result ends too early: {reason}, after {}", counted(*.rows, "whole row"))]
    Truncated {
        /// Where it ends.
        reason: String,
        /// Rows read before the end.
        rows: u64,
    },
    /// The MessagePack is not a sequence of row arrays.
    #[error("row {row}: not the MessagePack of a job result: {reason}")]
    MessagePack {
        /// The row it happened in.
        row: u64,
        /// What was found.
        reason: String,
    },
    /// A value does not fit its column.
    #[error("column {}, row {row}: {reason}", quoted(column))]
    Value {
        /// Stable code of the kind: `type_mismatch`, `out_of_range` or `invalid_utf8`.
        code: &'static str,
        /// The column's name.
        column: String,
        /// The row, from 0.
        row: u64,
        /// What was found and what the column takes.
        reason: String,
    },
    /// A result schema or table schema cannot be understood.
    #[error("cannot read the schema: {reason}")]
    Schema {
        /// What is wrong, with the text in question.
        reason: String,
    },
    /// Parquet could not be written.
    #[error("cannot write Parquet: {reason}")]
    Parquet {
        /// What the encoder said.
        reason: String,
    },
    /// An option has a value that cannot be used.
    #[error("{reason}")]
    InvalidOption {
        /// The option's name and the trouble.
        reason: String,
    },
    /// An account cannot be used as it was given.
    #[error("{reason}")]
    Account {
        /// `missing_key`, `bad_endpoint` or `insecure_endpoint`.
        code: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// What was asked for would do harm, or no account can do it.
    #[error("{reason}")]
    Refused {
        /// What is wrong, and what would help.
        reason: String,
    },
    /// TD answered with an error status.
    #[error("{action}: {message} (HTTP {status})")]
    Http {
        /// What was asked for, in words: "list the tables of db".
        action: String,
        /// The HTTP status.
        status: u16,
        /// What the body said; else the status's name.
        message: String,
        /// `Retry-After` in milliseconds, if sent in seconds or as a date.
        retry_after_ms: Option<u64>,
        /// Whether the same request may be sent again without harm.
        repeatable: bool,
    },
    /// The request did not get an answer.
    #[error("{action}: {reason}")]
    Network {
        /// What was asked for, in words.
        action: String,
        /// What the platform said: refused, reset, no such host, timed out.
        reason: String,
        /// Whether the same request may be sent again without harm.
        repeatable: bool,
    },
    /// TD answered something that is no answer to the question.
    #[error("{action}: unexpected answer: {reason}")]
    Reply {
        /// What was asked for, in words.
        action: String,
        /// What is missing or odd.
        reason: String,
    },
    /// A job ended in `error` or `killed`, or a bulk import session went back instead of on.
    #[error("{reason}")]
    Job {
        /// `job_failed`, `job_killed`, `perform_failed`, `commit_failed` or `verification_failed`.
        code: &'static str,
        /// The job's id, if known.
        job: Option<String>,
        /// What TD said about it.
        reason: String,
    },
}

/// An [`Error`] as the plain object that JavaScript sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorReport {
    /// Stable, `snake_case`.
    pub code: &'static str,
    /// One sentence: what happened, and where.
    pub message: String,
    /// Whether trying the same again can help and does no harm.
    pub retryable: bool,
    /// HTTP status, when TD answered with one.
    pub status: Option<u16>,
    /// How long TD asked to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The column at fault.
    pub column: Option<String>,
    /// The row at fault, from 0.
    pub row: Option<u64>,
    /// The job at fault.
    pub job: Option<String>,
}

/// Whether the message of a 400 says that the account runs as many attempts as it may: the one refusal that passes by
/// itself (`ResourceLimitExceededException` of digdag).
fn is_too_many(message: &str) -> bool {
    message.contains("Too many attempts running")
}

impl Error {
    /// The stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Gzip { .. } => "corrupt_gzip",
            Self::Truncated { .. } => "truncated_result",
            Self::MessagePack { .. } => "malformed_msgpack",
            Self::Value { code, .. } | Self::Account { code, .. } | Self::Job { code, .. } => code,
            Self::Schema { .. } => "bad_schema",
            Self::Parquet { .. } => "parquet",
            Self::InvalidOption { .. } => "invalid_option",
            Self::Refused { .. } => "refused",
            Self::Http {
                status: 400,
                message,
                ..
            } if is_too_many(message) => "too_many_attempts",
            Self::Http { status: 401, .. } => "unauthorized",
            Self::Http { status: 403, .. } => "forbidden",
            Self::Http { status: 404, .. } => "not_found",
            Self::Http { status: 409, .. } => "conflict",
            Self::Http { status: 429, .. } => "too_many_requests",
            Self::Http { status: 500.., .. } => "server_error",
            Self::Http { .. } => "request_refused",
            Self::Network { .. } => "network",
            Self::Reply { .. } => "unexpected_reply",
        }
    }

    /// Whether the same call may be tried again: the trouble can pass, and a repeat does no harm.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Http {
                status, repeatable, ..
            } => *repeatable && matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            Self::Network { repeatable, .. } => *repeatable,
            Self::Gzip { .. }
            | Self::Truncated { .. }
            | Self::MessagePack { .. }
            | Self::Value { .. }
            | Self::Schema { .. }
            | Self::Parquet { .. }
            | Self::InvalidOption { .. }
            | Self::Account { .. }
            | Self::Refused { .. }
            | Self::Reply { .. }
            | Self::Job { .. } => false,
        }
    }

    /// The error as plain data for the other side of the boundary.
    pub fn report(&self) -> ErrorReport {
        let mut report = ErrorReport {
            code: self.code(),
            // Names, schemas and servers' own words may be in it, and be of any length.
            message: printable(&self.to_string(), MESSAGE_CHARS),
            retryable: self.is_retryable(),
            status: None,
            retry_after_ms: None,
            column: None,
            row: None,
            job: None,
        };
        match self {
            Self::Http {
                status,
                retry_after_ms,
                ..
            } => {
                report.status = Some(*status);
                report.retry_after_ms = *retry_after_ms;
            }
            Self::Value { column, row, .. } => {
                report.column = Some(column.clone());
                report.row = Some(*row);
            }
            Self::MessagePack { row, .. } => report.row = Some(*row),
            Self::Job { job, .. } => report.job.clone_from(job),
            Self::Gzip { .. }
            | Self::Truncated { .. }
            | Self::Schema { .. }
            | Self::Parquet { .. }
            | Self::InvalidOption { .. }
            | Self::Account { .. }
            | Self::Refused { .. }
            | Self::Network { .. }
            | Self::Reply { .. } => {}
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(status: u16, repeatable: bool) -> Error {
        Error::Http {
            action: "list the tables of db".into(),
            status,
            message: "no".into(),
            retry_after_ms: Some(2000),
            repeatable,
        }
    }

    #[test]
    fn only_passing_trouble_that_is_safe_to_repeat_is_retryable() {
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(http(status, true).is_retryable(), "{status}");
            assert!(!http(status, false).is_retryable(), "{status}");
        }
        for status in [400, 401, 403, 404, 409, 422, 501] {
            assert!(!http(status, true).is_retryable(), "{status}");
        }
    }

    #[test]
    fn a_report_names_the_place() {
        let error = Error::Value {
            code: "out_of_range",
            column: "id".into(),
            row: 7,
            reason: "18446744073709551615 does not fit bigint".into(),
        };
        let report = error.report();
        assert_eq!((report.code, report.row), ("out_of_range", Some(7)));
        assert_eq!(
            report.message,
            "column \"id\", row 7: 18446744073709551615 does not fit bigint"
        );
        assert_eq!(http(429, true).report().retry_after_ms, Some(2000));
    }

    #[test]
    fn statuses_have_stable_codes() {
        let codes = [401, 403, 404, 409, 429, 503, 418].map(|status| http(status, true).code());
        assert_eq!(
            codes,
            [
                "unauthorized",
                "forbidden",
                "not_found",
                "conflict",
                "too_many_requests",
                "server_error",
                "request_refused"
            ]
        );
    }

    #[test]
    fn only_one_refusal_passes_by_itself() {
        assert!(is_too_many(
            "Too many attempts running. Limit: 100, Current: 100"
        ));
        assert!(!is_too_many("400 Client Error: Bad Request"));
    }
}
