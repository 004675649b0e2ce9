//! Why a request got no answer.

use super::Call;
use crate::Error;
use petit_text::printable;

/// Characters of the platform's own words that a message shows at most.
const REASON_CHARS: usize = 200;

/// What the platform said about a request that failed on the way.
///
/// Node hides the reason in the error's `cause`; browsers do not tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkFailure {
    /// The error's own message: `fetch failed`.
    pub message: String,
    /// The code of its cause: `ECONNREFUSED`.
    pub code: Option<String>,
    /// The message of its cause.
    pub detail: Option<String>,
}

impl NetworkFailure {
    /// The error of a call that failed so.
    ///
    /// It may be tried again if a repeat does no harm: for any call if this one never reached the server. Trouble with
    /// certificates, and headers too large to be read, do not pass, and are final.
    pub fn error(&self, call: &Call) -> Error {
        let code = self.code.as_deref().unwrap_or_default();
        let repeatable = call.is_repeatable() || was_not_sent(code);
        Error::Network {
            action: call.action(),
            reason: self.reason(),
            repeatable: repeatable && !is_certificate_trouble(code) && !is_oversized(code),
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
        let detail = printable(detail, REASON_CHARS);
        match (in_words(code), code, detail.as_str()) {
            (words, "", "") => words.into(),
            (_, "", detail) => format!("no answer: {detail}"),
            (words, code, "") => format!("{words} ({})", printable(code, REASON_CHARS)),
            (words, code, detail) if detail.contains(code) => format!("{words} ({detail})"),
            (words, code, detail) => {
                format!("{words} ({}: {detail})", printable(code, REASON_CHARS))
            }
        }
    }
}

fn in_words(code: &str) -> &'static str {
    match code {
        "ECONNREFUSED" => "connection refused",
        "ENOTFOUND" => "no such host",
        "EAI_AGAIN" => "the host's address cannot be looked up now",
        "ECONNRESET" | "EPIPE" | "UND_ERR_SOCKET" => "the connection was cut",
        "ETIMEDOUT" | "UND_ERR_CONNECT_TIMEOUT" => "no connection in time",
        "UND_ERR_HEADERS_TIMEOUT" | "UND_ERR_BODY_TIMEOUT" => "no answer in time",
        "EHOSTUNREACH" | "ENETUNREACH" => "the host cannot be reached",
        code if is_oversized(code) => "an answer whose headers are too large",
        code if is_certificate_trouble(code) => "the host's certificate is not trusted",
        _ => "no answer",
    }
}

/// Whether the failure came before anything was sent.
fn was_not_sent(code: &str) -> bool {
    matches!(
        code,
        "ECONNREFUSED"
            | "ENOTFOUND"
            | "EAI_AGAIN"
            | "EHOSTUNREACH"
            | "ENETUNREACH"
            | "UND_ERR_CONNECT_TIMEOUT"
    )
}

fn is_oversized(code: &str) -> bool {
    matches!(code, "UND_ERR_HEADERS_OVERFLOW" | "HPE_HEADER_OVERFLOW")
}

fn is_certificate_trouble(code: &str) -> bool {
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
                "the connection was cut (UND_ERR_SOCKET: other side closed)",
            ),
            (
                failure("fetch failed", "ENOTFOUND", ""),
                "no such host (ENOTFOUND)",
            ),
            (
                failure("Failed to fetch", "", ""),
                "no answer: Failed to fetch",
            ),
            (failure("", "", ""), "no answer"),
            (failure("x", "EWHAT", "\u{1b}odd"), "no answer (EWHAT: odd)"),
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
        ] {
            assert_ne!(in_words(code), "no answer", "{code}");
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
