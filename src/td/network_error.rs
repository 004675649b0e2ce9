//! Errors of requests that get no response.

use petit_text::sanitize;

use super::Call;
use crate::Error;

/// Maximum length of the platform's own message, in characters.
const MAX_REASON_CHARS: usize = 200;

/// The platform's description of a failed request.
///
/// Node.js has the reason in the `cause` of the error. Browsers hide it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkFailure {
    /// The message of the error: `fetch failed`.
    pub message: String,
    /// The code of its cause: `ECONNREFUSED`.
    pub code: Option<String>,
    /// The message of its cause.
    pub detail: Option<String>,
}

impl NetworkFailure {
    /// The error of a call that failed in this way.
    ///
    /// It is retryable if a repeat does no harm, which is the case for every call that never reached the server. Certificate
    /// errors and oversized headers are permanent, and thus not retryable.
    pub fn error(&self, call: &Call) -> Error {
        let code = self.code.as_deref().unwrap_or_default();
        let repeatable = call.is_repeatable() || was_not_sent(code);
        Error::Network {
            action: call.describe(),
            reason: self.reason(),
            repeatable: repeatable && !is_certificate_error(code) && !is_oversized(code),
        }
    }

    fn reason(&self) -> String {
        let code = self.code.as_deref().unwrap_or_default();
        let message = if code.is_empty() {
            self.message.as_str()
        } else {
            ""
        };
        let detail = self.detail.as_deref().unwrap_or(message);
        let detail = sanitize(detail, MAX_REASON_CHARS);
        match (describe_code(code), code, detail.as_str()) {
            (words, "", "") => words.into(),
            (_, "", detail) => format!("no response: {detail}"),
            (words, code, "") => format!("{words} ({})", sanitize(code, MAX_REASON_CHARS)),
            (words, code, detail) if detail.contains(code) => format!("{words} ({detail})"),
            (words, code, detail) => {
                format!("{words} ({}: {detail})", sanitize(code, MAX_REASON_CHARS))
            }
        }
    }
}

fn describe_code(code: &str) -> &'static str {
    match code {
        "ECONNREFUSED" => "connection refused",
        "ENOTFOUND" => "unknown host",
        "EAI_AGAIN" => "temporary failure of name resolution",
        "ECONNRESET" | "EPIPE" | "UND_ERR_SOCKET" => "connection lost",
        "ETIMEDOUT" | "UND_ERR_CONNECT_TIMEOUT" => "connection timeout",
        "UND_ERR_HEADERS_TIMEOUT" | "UND_ERR_BODY_TIMEOUT" => "response timeout",
        "EHOSTUNREACH" | "ENETUNREACH" => "host unreachable",
        "EMFILE" | "ENFILE" => {
            "this machine can open no more connections: raise the limit of open files (ulimit -n), or use a lower \
             --table-parallelism or --download-parallelism"
        }
        "ENOMEM" => "this machine has no more memory",
        code if is_oversized(code) => "the response headers are too large",
        code if is_certificate_error(code) => "the host's certificate is not trusted",
        _ => "no response",
    }
}

/// Whether the request failed before it was sent.
fn was_not_sent(code: &str) -> bool {
    matches!(
        code,
        "ECONNREFUSED"
            | "ENOTFOUND"
            | "EAI_AGAIN"
            | "EHOSTUNREACH"
            | "ENETUNREACH"
            | "EMFILE"
            | "ENFILE"
            | "UND_ERR_CONNECT_TIMEOUT"
    )
}

fn is_oversized(code: &str) -> bool {
    matches!(code, "UND_ERR_HEADERS_OVERFLOW" | "HPE_HEADER_OVERFLOW")
}

fn is_certificate_error(code: &str) -> bool {
    code.starts_with("CERT_")
        || code.starts_with("ERR_TLS_")
        || code.contains("SELF_SIGNED_CERT")
        || code.starts_with("UNABLE_TO_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SessionRef;

    fn failure(message: &str, code: &str, detail: &str) -> NetworkFailure {
        let present = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        NetworkFailure {
            message: message.into(),
            code: present(code),
            detail: present(detail),
        }
    }

    fn commit() -> Call {
        Call::CommitSession(SessionRef {
            session: "s".into(),
        })
    }

    #[test]
    fn the_reason_says_what_the_platform_hid() {
        let cases = [
            (
                failure(
                    "fetch failed",
                    "ECONNREFUSED",
                    "connect ECONNREFUSED 127.0.0.1:1",
                ),
                "connection refused (connect ECONNREFUSED 127.0.0.1:1)",
            ),
            (
                failure("fetch failed", "UND_ERR_SOCKET", "other side closed"),
                "connection lost (UND_ERR_SOCKET: other side closed)",
            ),
            (
                failure("fetch failed", "ENOTFOUND", ""),
                "unknown host (ENOTFOUND)",
            ),
            (
                failure("Failed to fetch", "", ""),
                "no response: Failed to fetch",
            ),
            (failure("", "", ""), "no response"),
            (
                failure("x", "EWHAT", "\u{1b}odd"),
                "no response (EWHAT: odd)",
            ),
        ];
        for (failure, reason) in cases {
            assert_eq!(
                failure.error(&commit()).to_string(),
                format!("commit bulk import session \"s\": {reason}")
            );
        }
    }

    #[test]
    fn each_known_code_has_words() {
        for code in [
            "EAI_AGAIN",
            "ECONNRESET",
            "EPIPE",
            "ETIMEDOUT",
            "UND_ERR_HEADERS_TIMEOUT",
            "EHOSTUNREACH",
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "CERT_HAS_EXPIRED",
            "EMFILE",
            "ENFILE",
            "ENOMEM",
        ] {
            assert_ne!(describe_code(code), "no response", "{code}");
        }
    }

    #[test]
    fn a_call_that_never_left_may_always_be_repeated() {
        let retryable =
            |call: &Call, code| failure("fetch failed", code, "").error(call).is_retryable();
        assert!(retryable(&commit(), "ECONNREFUSED"));
        assert!(!retryable(&commit(), "ECONNRESET"));
        assert!(!retryable(&commit(), ""));
        assert!(retryable(&Call::ListDatabases, "ECONNRESET"));
        assert!(!retryable(&Call::ListDatabases, "CERT_HAS_EXPIRED"));
        assert!(!retryable(
            &Call::ListDatabases,
            "ERR_TLS_CERT_ALTNAME_INVALID"
        ));
        assert!(!retryable(
            &Call::ListDatabases,
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
        ));
    }
}
