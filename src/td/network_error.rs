//! Errors of requests that get no response.

use petit_text::sanitize;
use serde::Serialize;

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

/// The description of a network failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FailureDescription {
    /// What happened, with the platform's code and message.
    pub reason: String,
    /// Whether the same request may succeed later.
    pub is_transient: bool,
}

impl NetworkFailure {
    /// Describes the failure.
    pub fn describe(&self) -> FailureDescription {
        FailureDescription {
            reason: self.reason(),
            is_transient: self.is_transient(),
        }
    }

    /// The error of a call that failed in this way.
    ///
    /// It is retryable if it is transient and a repeat does no harm, which is the case for every call that never reached the
    /// server. A server that speaks another protocol, a certificate that is not trusted and a proxy that refuses are final:
    /// the next attempt would meet the same.
    pub fn error(&self, call: &Call) -> Error {
        let kind = self.kind();
        let repeatable = call.is_repeatable() || self.was_not_sent();
        Error::Network {
            action: call.describe(),
            code: kind.code(),
            reason: self.reason(),
            repeatable: repeatable && kind == Kind::Transient,
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        self.kind() == Kind::Transient
    }

    /// What happened, with the platform's code and message.
    pub fn reason(&self) -> String {
        let code = self.code.as_deref().unwrap_or_default();
        let message = if code.is_empty() {
            self.message.as_str()
        } else {
            ""
        };
        let detail = self.detail.as_deref().unwrap_or(message);
        let detail = sanitize(detail, MAX_REASON_CHARS);
        match (self.words(), code, detail.as_str()) {
            (words, "", "") => words.into(),
            (_, "", detail) => format!("no response: {detail}"),
            (words, code, "") => format!("{words} ({})", sanitize(code, MAX_REASON_CHARS)),
            (words, code, detail) if detail.contains(code) => format!("{words} ({detail})"),
            (words, code, detail) => {
                format!("{words} ({}: {detail})", sanitize(code, MAX_REASON_CHARS))
            }
        }
    }

    fn kind(&self) -> Kind {
        let code = self.code.as_deref().unwrap_or_default();
        match self.proxy_status() {
            Some(400..=499) => Kind::Proxy,
            Some(_) => Kind::Transient,
            None if is_certificate_error(code) => Kind::Certificate,
            None if self.is_wrong_protocol() => Kind::Protocol,
            None if is_oversized(code) => Kind::Oversized,
            None => Kind::Transient,
        }
    }

    fn words(&self) -> &'static str {
        let code = self.code.as_deref().unwrap_or_default();
        match (self.kind(), self.proxy_status()) {
            (_, Some(407)) => {
                "the proxy requires a user name and a password, or rejects the given ones"
            }
            (Kind::Proxy, _) => "the proxy refuses the connection to this host",
            (_, Some(_)) => "the proxy could not connect to this host",
            (Kind::Certificate, _) => describe_certificate(code),
            (Kind::Protocol, _) => self.describe_protocol(),
            (Kind::Oversized, _) => "the response headers are too large",
            (Kind::Transient, None) => describe_code(code),
        }
    }

    /// The status with which a proxy refused a tunnel. undici has it only in its message.
    fn proxy_status(&self) -> Option<u16> {
        let (_, rest) = self.detail.as_deref()?.split_once("Proxy response (")?;
        rest.split_once(')')?.0.parse().ok()
    }

    /// Whether the request failed before it was sent.
    fn was_not_sent(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        self.proxy_status().is_some()
            || matches!(
                code,
                "ECONNREFUSED"
                    | "ENOTFOUND"
                    | "EAI_AGAIN"
                    | "EHOSTUNREACH"
                    | "ENETUNREACH"
                    | "EMFILE"
                    | "ENFILE"
                    | "ERR_TLS_HANDSHAKE_TIMEOUT"
                    | "UND_ERR_CONNECT_TIMEOUT"
            )
    }

    /// Whether the server speaks another protocol, or another version of TLS. Damaged records and internal errors are
    /// transient.
    fn is_wrong_protocol(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        let detail = self
            .detail
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_tls = code == "EPROTO" || code.starts_with("ERR_SSL_");
        let is_transient = [
            "bad_record_mac",
            "decryption_failed",
            "internal_error",
            "unexpected_eof",
        ]
        .iter()
        .any(|name| {
            code.to_ascii_lowercase().contains(name) || detail.contains(&name.replace('_', " "))
        });
        is_tls && !is_transient || matches!(code, "HPE_INVALID_CONSTANT" | "HPE_INVALID_VERSION")
    }

    fn describe_protocol(&self) -> &'static str {
        let code = self.code.as_deref().unwrap_or_default();
        let text = format!("{code} {}", self.detail.as_deref().unwrap_or_default());
        let text = text.to_ascii_lowercase().replace('_', " ");
        let is_no_tls = [
            "wrong version number",
            "packet length too long",
            "http request",
            "unknown protocol",
        ]
        .iter()
        .any(|name| text.contains(name));
        match code {
            _ if is_no_tls => "the server does not speak TLS at this address",
            "HPE_INVALID_CONSTANT" | "HPE_INVALID_VERSION" => {
                "the server does not speak HTTP at this address"
            }
            _ => "the server and petit do not agree on TLS",
        }
    }
}

/// What kind of failure it is. All except the first are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Transient,
    Proxy,
    Certificate,
    Protocol,
    Oversized,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::Transient | Self::Oversized => "network",
            Self::Proxy => "proxy_refused",
            Self::Certificate => "untrusted_certificate",
            Self::Protocol => "wrong_protocol",
        }
    }
}

fn describe_code(code: &str) -> &'static str {
    match code {
        "ECONNREFUSED" => "connection refused",
        "ENOTFOUND" => "unknown host",
        "EAI_AGAIN" => "temporary failure of name resolution",
        "ECONNRESET" | "EPIPE" | "UND_ERR_SOCKET" => "connection lost",
        "ETIMEDOUT" | "UND_ERR_CONNECT_TIMEOUT" | "ERR_TLS_HANDSHAKE_TIMEOUT" => {
            "connection timeout"
        }
        "UND_ERR_HEADERS_TIMEOUT" | "UND_ERR_BODY_TIMEOUT" => "response timeout",
        "EHOSTUNREACH" | "ENETUNREACH" => "host unreachable",
        "EMFILE" | "ENFILE" => {
            "this machine can open no more connections: raise the limit of open files (ulimit -n), or use a lower \
             --table-parallelism or --download-parallelism"
        }
        "ENOMEM" => "this machine has no more memory",
        _ => "no response",
    }
}

fn describe_certificate(code: &str) -> &'static str {
    match code {
        "CERT_HAS_EXPIRED" => "the host's certificate is not trusted, because it has expired",
        "CERT_NOT_YET_VALID" => {
            "the host's certificate is not trusted, because it is not valid yet"
        }
        "ERR_TLS_CERT_ALTNAME_INVALID" | "HOSTNAME_MISMATCH" => {
            "the host's certificate is not trusted, because it is for another host"
        }
        _ => "the host's certificate is not trusted",
    }
}

fn is_oversized(code: &str) -> bool {
    matches!(code, "UND_ERR_HEADERS_OVERFLOW" | "HPE_HEADER_OVERFLOW")
}

/// Whether it is one of Node's codes for a certificate (`X509_V_ERR_…` of OpenSSL).
fn is_certificate_error(code: &str) -> bool {
    code.starts_with("CERT_")
        || code.starts_with("CRL_")
        || code.starts_with("ERROR_IN_C")
        || code.starts_with("ERR_TLS_") && code != "ERR_TLS_HANDSHAKE_TIMEOUT"
        || code.starts_with("UNABLE_TO_")
        || code.contains("SELF_SIGNED_CERT")
        || matches!(
            code,
            "HOSTNAME_MISMATCH" | "INVALID_CA" | "INVALID_PURPOSE" | "PATH_LENGTH_EXCEEDED"
        )
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
            let words = failure("", code, "").reason();
            assert!(!words.starts_with("no response"), "{words}");
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

    #[test]
    fn what_the_next_attempt_would_meet_again_is_final() {
        let cases = [
            (
                "DEPTH_ZERO_SELF_SIGNED_CERT",
                "",
                "untrusted_certificate",
                "is not trusted",
            ),
            (
                "CERT_HAS_EXPIRED",
                "",
                "untrusted_certificate",
                "has expired",
            ),
            (
                "CERT_NOT_YET_VALID",
                "",
                "untrusted_certificate",
                "not valid yet",
            ),
            (
                "HOSTNAME_MISMATCH",
                "",
                "untrusted_certificate",
                "for another host",
            ),
            (
                "ERR_TLS_CERT_ALTNAME_INVALID",
                "",
                "untrusted_certificate",
                "for another host",
            ),
            (
                "ERROR_IN_CERT_NOT_AFTER_FIELD",
                "",
                "untrusted_certificate",
                "is not trusted",
            ),
            (
                "ERR_SSL_WRONG_VERSION_NUMBER",
                "",
                "wrong_protocol",
                "does not speak TLS",
            ),
            (
                "ERR_SSL_PACKET_LENGTH_TOO_LONG",
                "",
                "wrong_protocol",
                "does not speak TLS",
            ),
            (
                "EPROTO",
                "write EPROTO 0A00010B:SSL routines:ssl3_get_record:wrong version number",
                "wrong_protocol",
                "does not speak TLS",
            ),
            (
                "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
                "",
                "wrong_protocol",
                "do not agree on TLS",
            ),
            (
                "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
                "",
                "wrong_protocol",
                "do not agree on TLS",
            ),
            (
                "HPE_INVALID_CONSTANT",
                "Expected HTTP/",
                "wrong_protocol",
                "does not speak HTTP",
            ),
            (
                "UND_ERR_ABORTED",
                "Proxy response (407) !== 200 when HTTP Tunneling",
                "proxy_refused",
                "the proxy requires",
            ),
            (
                "UND_ERR_ABORTED",
                "Proxy response (403) !== 200 when HTTP Tunneling",
                "proxy_refused",
                "the proxy refuses",
            ),
            (
                "UND_ERR_HEADERS_OVERFLOW",
                "",
                "network",
                "headers are too large",
            ),
        ];
        for (code, detail, expected, words) in cases {
            let failure = failure("fetch failed", code, detail);
            let error = failure.error(&Call::ListDatabases);
            assert_eq!(
                (error.code(), error.is_retryable()),
                (expected, false),
                "{code}"
            );
            assert!(error.to_string().contains(words), "{error}");
            assert!(!failure.is_transient());
        }
    }

    #[test]
    fn what_may_pass_is_retried() {
        let cases = [
            ("ERR_TLS_HANDSHAKE_TIMEOUT", ""),
            ("ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", ""),
            ("ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR", ""),
            ("EPROTO", "SSL routines::tlsv1 alert internal error"),
            (
                "UND_ERR_ABORTED",
                "Proxy response (503) !== 200 when HTTP Tunneling",
            ),
        ];
        for (code, detail) in cases {
            let error = failure("fetch failed", code, detail).error(&Call::ListDatabases);
            assert_eq!(
                (error.code(), error.is_retryable()),
                ("network", true),
                "{code}"
            );
        }
        // A proxy that cannot connect has not sent the call.
        let failure = failure(
            "fetch failed",
            "UND_ERR_ABORTED",
            "Proxy response (503) !== 200",
        );
        assert!(failure.error(&commit()).is_retryable());
    }
}
