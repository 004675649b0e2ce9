//! Errors of the codec, as data.

use parquet::errors::ParquetError;
use petit_text::{ErrorReport, pluralize, quoted};
use thiserror::Error as ThisError;

/// The codec's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every error of the codec.
///
/// Each kind has a stable [`code`](Error::code). The place of an error (column, row) is in fields, never only in the text.
/// Row numbers count from 0 within the job result.
#[derive(Debug, Clone, PartialEq, ThisError)]
pub enum Error {
    /// The gzip stream is damaged, or the bytes are not gzip.
    #[error("the job result is not valid gzip: {reason} (at byte {offset})")]
    Gzip {
        /// What the decoder reported.
        reason: String,
        /// Bytes of compressed input that precede the error.
        offset: u64,
    },
    /// The bytes end inside a gzip member or a row.
    #[error("the job result is truncated {reason}, after {}", pluralize(*.rows, "whole row"))]
    Truncated {
        /// Where the bytes end.
        reason: String,
        /// Whole rows that precede the end.
        rows: u64,
    },
    /// The MessagePack is not a sequence of row arrays.
    #[error("row {row}: invalid MessagePack: {reason}")]
    MessagePack {
        /// The row, from 0.
        row: u64,
        /// What the decoder found.
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
        /// The type of the value, and the values that the column accepts.
        reason: String,
        /// The reason with the value, which only [`with_value`](Error::with_value) shows.
        shown: Option<String>,
    },
    /// A result schema or table schema cannot be parsed.
    #[error("cannot read the schema: {reason}")]
    Schema {
        /// What is wrong, with the text in question.
        reason: String,
    },
    /// The Parquet encoder failed.
    #[error("cannot write Parquet: {reason}")]
    Parquet {
        /// What the encoder reported.
        reason: String,
    },
    /// A file cannot be read as Parquet.
    #[error("this is not a complete Parquet file: {reason}")]
    NotParquet {
        /// What is wrong.
        reason: String,
    },
    /// An option has an invalid value.
    #[error("{reason}")]
    InvalidOption {
        /// The option's name and what is wrong with its value.
        reason: String,
    },
    /// The result of one of petit's own queries has an unexpected shape.
    #[error("{action}: unexpected result: {reason}")]
    UnexpectedResult {
        /// The purpose of the query: "count the rows".
        action: &'static str,
        /// What is wrong with the result.
        reason: String,
    },
    /// A result that must be small is too large to be read whole.
    #[error("{reason}")]
    TooLarge {
        /// What is too large, and a remedy.
        reason: String,
    },
}

impl Error {
    /// The error with the value that it is about.
    #[must_use]
    pub fn with_value(mut self) -> Self {
        if let Self::Value { reason, shown, .. } = &mut self
            && let Some(shown) = shown.take()
        {
            *reason = shown;
        }
        self
    }

    /// The stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Gzip { .. } => "corrupt_gzip",
            Self::Truncated { .. } => "truncated_result",
            Self::MessagePack { .. } => "malformed_msgpack",
            Self::Value { code, .. } => code,
            Self::Schema { .. } => "bad_schema",
            Self::Parquet { .. } => "parquet",
            Self::NotParquet { .. } => "not_parquet",
            Self::InvalidOption { .. } => "invalid_option",
            Self::UnexpectedResult { .. } => "unexpected_reply",
            Self::TooLarge { .. } => "not_allowed",
        }
    }

    /// The error as plain data for JavaScript. No error of the codec is retryable.
    pub fn report(&self) -> ErrorReport {
        let mut report = ErrorReport::new(self.code(), &self.to_string());
        match self {
            Self::Value { column, row, .. } => {
                report.column = Some(column.clone());
                report.row = Some(*row);
            }
            Self::MessagePack { row, .. } => report.row = Some(*row),
            Self::Gzip { .. }
            | Self::Truncated { .. }
            | Self::Schema { .. }
            | Self::Parquet { .. }
            | Self::NotParquet { .. }
            | Self::InvalidOption { .. }
            | Self::UnexpectedResult { .. }
            | Self::TooLarge { .. } => {}
        }
        report
    }
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        error.report()
    }
}

impl From<ParquetError> for Error {
    fn from(error: ParquetError) -> Self {
        Self::Parquet {
            reason: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_the_column_and_the_row() {
        let error = Error::Value {
            code: "out_of_range",
            column: "id".into(),
            row: 7,
            reason: "an integer does not fit bigint".into(),
            shown: Some("18446744073709551615 does not fit bigint".into()),
        };
        let message = error.report().message;
        assert_eq!(
            message,
            "column \"id\", row 7: an integer does not fit bigint"
        );
        let report = error.with_value().report();
        assert_eq!((report.code, report.row), ("out_of_range", Some(7)));
        assert_eq!(report.column.as_deref(), Some("id"));
        assert_eq!(
            report.message,
            "column \"id\", row 7: 18446744073709551615 does not fit bigint"
        );
    }
}
