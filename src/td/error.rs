//! Errors of calls to TD, as data.

use petit_text::ErrorReport;
use serde::{Serialize, Serializer};
use thiserror::Error as ThisError;

/// The result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every error of an account, a call, a job or a session.
///
/// Each kind has a stable [`code`](Error::code). The job of an error is in a field, never only in the text.
#[derive(Debug, Clone, PartialEq, ThisError)]
pub enum Error {
    /// An option has an invalid value.
    #[error("{reason}")]
    InvalidOption {
        /// The option's name and what is wrong with its value.
        reason: String,
    },
    /// An account's endpoint or key is invalid_name.
    #[error("{reason}")]
    Account {
        /// `missing_key`, `bad_key`, `bad_endpoint` or `insecure_endpoint`.
        code: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// TD replied with an error status.
    #[error("{action}: {message} (HTTP {status})")]
    Http {
        /// The purpose of the call: "list the tables of db".
        action: String,
        /// The HTTP status.
        status: u16,
        /// The message of the body, or the name of the status.
        message: String,
        /// `Retry-After` in milliseconds, whether it was sent in seconds or as a date.
        retry_after_ms: Option<u64>,
        /// Whether a repeat of the request does no harm.
        repeatable: bool,
    },
    /// The request got no reply.
    #[error("{action}: {reason}")]
    Network {
        /// The purpose of the call.
        action: String,
        /// `network`, `proxy_refused`, `untrusted_certificate` or `wrong_protocol`.
        code: &'static str,
        /// What the platform reported: connection refused or reset, unknown host, timeout.
        reason: String,
        /// Whether a repeat of the request does no harm.
        repeatable: bool,
    },
    /// The endpoint redirects a call to an address that petit does not follow.
    #[error("{action}: the endpoint redirects to {target}, {reason}")]
    Redirected {
        /// The purpose of the call.
        action: String,
        /// The address without its query.
        target: String,
        /// Why petit does not follow.
        reason: &'static str,
    },
    /// TD's reply does not have the shape that the call expects.
    #[error("{action}: unexpected reply: {reason}")]
    Reply {
        /// The purpose of the call.
        action: String,
        /// What is missing or invalid.
        reason: String,
    },
    /// A job ended with status `error` or `killed`, or a bulk import session fell back to an earlier status.
    #[error("{reason}")]
    Job {
        /// `job_failed`, `job_killed`, `perform_failed`, `commit_failed` or `verification_failed`.
        code: &'static str,
        /// The job's id, if it is known.
        job: Option<String>,
        /// What TD reported about it.
        reason: String,
    },
}

/// Whether the message of a 400 says that the account runs its maximum number of workflow attempts
/// (`ResourceLimitExceededException` of digdag). It is the only 400 that is transient.
fn is_too_many(message: &str) -> bool {
    message.contains("Too many attempts running")
}

impl Error {
    /// The stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidOption { .. } => "invalid_option",
            Self::Account { code, .. } | Self::Network { code, .. } | Self::Job { code, .. } => {
                code
            }
            Self::Http {
                status: 400,
                message,
                ..
            } if is_too_many(message) => "too_many_attempts",
            Self::Http { status: 401, .. } => "unauthorized",
            Self::Http { status: 403, .. } => "forbidden",
            Self::Http { status: 404, .. } => "not_found",
            Self::Http { status: 407, .. } => "proxy_refused",
            Self::Http { status: 409, .. } => "conflict",
            Self::Http { status: 429, .. } => "too_many_requests",
            Self::Http { status: 500.., .. } => "server_error",
            Self::Http { .. } => "request_refused",
            Self::Redirected { .. } => "redirected",
            Self::Reply { .. } => "unexpected_reply",
        }
    }

    /// Whether the same call may be retried: the error is transient, and a repeat does no harm.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Http {
                status, repeatable, ..
            } => *repeatable && matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            Self::Network { repeatable, .. } => *repeatable,
            Self::InvalidOption { .. }
            | Self::Account { .. }
            | Self::Redirected { .. }
            | Self::Reply { .. }
            | Self::Job { .. } => false,
        }
    }

    /// The error as plain data for JavaScript.
    pub fn report(&self) -> ErrorReport {
        let mut report = ErrorReport::new(self.code(), &self.to_string());
        report.retryable = self.is_retryable();
        match self {
            Self::Http {
                status,
                retry_after_ms,
                ..
            } => {
                report.status = Some(*status);
                report.retry_after_ms = *retry_after_ms;
            }
            Self::Job { job, .. } => report.job.clone_from(job),
            Self::InvalidOption { .. }
            | Self::Account { .. }
            | Self::Network { .. }
            | Self::Redirected { .. }
            | Self::Reply { .. } => {}
        }
        report
    }
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        error.report()
    }
}

/// An error inside other data, such as the next step of a job, is serialized as its report.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.report().serialize(serializer)
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
    fn only_transient_errors_of_repeatable_calls_are_retryable() {
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(http(status, true).is_retryable(), "{status}");
            assert!(!http(status, false).is_retryable(), "{status}");
        }
        for status in [400, 401, 403, 404, 409, 422, 501] {
            assert!(!http(status, true).is_retryable(), "{status}");
        }
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
    fn only_the_limit_of_attempts_is_a_transient_400() {
        assert!(is_too_many(
            "Too many attempts running. Limit: 100, Current: 100"
        ));
        assert!(!is_too_many("400 Client Error: Bad Request"));
    }
}
