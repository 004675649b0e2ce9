//! Errors of planning, as data.

use petit_text::ErrorReport;
use thiserror::Error as ThisError;

/// The result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no plan. A problem of a single table is a [`Problem`](crate::Problem) inside the plan instead.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum Error {
    /// An option has an invalid value.
    #[error("{reason}")]
    InvalidOption {
        /// The option's name and what is wrong with its value.
        reason: String,
    },
    /// TD would store the destination's key, and the request does not allow it.
    #[error(
        "--via engine between two accounts makes Treasure Data store the destination's API key in the jobs of the source account"
    )]
    KeyInJob,
    /// A name or glob matches no table.
    #[error("{reason}")]
    NotFound {
        /// The name or glob, and what may be meant.
        reason: String,
    },
    /// The answer to a query is not what the query asks for.
    #[error("{reason}")]
    UnexpectedResult {
        /// What is wrong.
        reason: String,
    },
    /// The request would do harm, or is impossible for every account.
    #[error("{reason}")]
    Refused {
        /// What is wrong, and a remedy.
        reason: String,
    },
}

impl Error {
    /// The stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidOption { .. } => "invalid_option",
            Self::KeyInJob => "key_in_job",
            Self::NotFound { .. } => "not_found",
            Self::Refused { .. } => "not_allowed",
            Self::UnexpectedResult { .. } => "unexpected_reply",
        }
    }

    /// The error as plain data for JavaScript. No error of planning is retryable.
    pub fn report(&self) -> ErrorReport {
        ErrorReport::new(self.code(), &self.to_string())
    }
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        error.report()
    }
}
