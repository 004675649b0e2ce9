//! Messages in the bodies of error responses, of TD or of a proxy.

use petit_text::{MAX_SAFE_INTEGER, sanitize};
use serde_json::Value;

use super::time::parse_http_date;

/// Maximum length of a message, in characters.
const MAX_MESSAGE_CHARS: usize = 400;

/// Maximum number of bytes of a body that are searched for a message.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// Fields that may contain the message of an error, in order of preference.
const MESSAGE_FIELDS: [&str; 4] = ["text", "message", "error", "errorMessage"];

/// The message in the body of an error, on one line; the name of the status if there is none.
///
/// TD sends JSON, whose fields differ between its services. A proxy may send HTML, or nothing.
pub fn message(status: u16, body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(value) => find_message(&value).unwrap_or_default(),
        Err(_) => {
            let start = body.get(..MAX_MESSAGE_BYTES).unwrap_or(body);
            plain_text(&String::from_utf8_lossy(start))
        }
    };
    let text = sanitize(&text, MAX_MESSAGE_CHARS);
    if text.is_empty() {
        status_name(status).into()
    } else {
        text
    }
}

/// The job that already has the domain key, from the body of a 409.
pub fn conflicting_job(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let id = value.get("details")?.get("conflicts_with")?;
    let id = match id.as_str() {
        Some(text) => text.trim().to_owned(),
        None => id.as_u64()?.to_string(),
    };
    (!id.is_empty()).then_some(id)
}

/// `Retry-After` (RFC 9110 §10.2.3), which is a number of seconds or a date, in milliseconds from now.
pub fn retry_after_ms(header: &str, now_ms: u64) -> Option<u64> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(seconds.saturating_mul(1000).min(MAX_SAFE_INTEGER));
    }
    parse_http_date(header).map(|at_ms| at_ms.saturating_sub(now_ms).min(MAX_SAFE_INTEGER))
}

fn find_message(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return (!text.trim().is_empty()).then(|| text.to_owned());
    }
    MESSAGE_FIELDS
        .iter()
        .find_map(|name| find_message(value.get(*name)?))
}

/// Text as it is; a sentence in place of an HTML page, which TD never sends.
fn plain_text(text: &str) -> String {
    if text.trim_start().starts_with('<') {
        return "an HTML page instead of JSON; is a proxy in between?".into();
    }
    text.to_owned()
}

fn status_name(status: u16) -> &'static str {
    match status {
        // Browsers hide the status of a redirect that they do not follow.
        0 | 300..=399 => "unexpected redirect",
        400 => "bad request",
        401 => "the API key is invalid here",
        403 => "the API key lacks the permission",
        404 => "not found",
        405 => "method not allowed",
        406 => "unknown format",
        408 => "request timeout",
        409 => "conflict",
        413 => "request too large",
        415 => "unknown media type",
        416 => "range not satisfiable",
        422 => "invalid request",
        429 => "too many requests",
        500 => "internal server error",
        502 => "bad gateway",
        503 => "service unavailable",
        504 => "gateway timeout",
        _ => "no reason given",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_error_body_gives_its_message() {
        let full = r#"{"error":"E","message":"M","text":"T","severity":"error","status_code":404}"#;
        let cases: [(&[u8], &str); 16] = [
            (full.as_bytes(), "T"),
            (br#"{"error":"E","text":"T","severity":"error"}"#, "T"),
            (br#"{"message":"M","error":"E"}"#, "M"),
            (br#"{"text":"","message":null,"error":"E"}"#, "E"),
            (br#"{"errorMessage":"EM"}"#, "EM"),
            (br#"{"errorMessage":"EM","error":"E"}"#, "E"),
            (br#"{"error":{"message":"inner"}}"#, "inner"),
            (br#"{"error":true,"status":400}"#, "not found"),
            (br#"{"message":"two\nlines\u001b[31m"}"#, "two lines[31m"),
            (br#""just text""#, "just text"),
            (b"[]", "not found"),
            (b"", "not found"),
            (b"  \r\n", "not found"),
            (b"plain words\n", "plain words"),
            (b"\xFF\xFEbytes", "\u{FFFD}\u{FFFD}bytes"),
            (
                b"\n<html><title>502 Bad Gateway</title></html>",
                "an HTML page instead of JSON; is a proxy in between?",
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(
                message(404, body),
                expected,
                "{:?}",
                String::from_utf8_lossy(body)
            );
        }
    }

    #[test]
    fn long_bodies_are_cut() {
        let body = "x".repeat(1_000_000);
        assert_eq!(
            message(500, body.as_bytes()).chars().count(),
            MAX_MESSAGE_CHARS + 1
        );
    }

    #[test]
    fn an_empty_body_leaves_the_name_of_the_status() {
        for status in [
            0, 302, 400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 416, 422, 429, 500, 502, 503,
            504,
        ] {
            assert_ne!(message(status, b""), "no reason given", "{status}");
        }
        assert_eq!(message(418, b""), "no reason given");
    }

    #[test]
    fn a_conflict_names_the_job() {
        let cases: [(&[u8], Option<&str>); 7] = [
            (br#"{"details":{"conflicts_with":"12"}}"#, Some("12")),
            (br#"{"details":{"conflicts_with":12}}"#, Some("12")),
            (br#"{"details":{"conflicts_with":""}}"#, None),
            (br#"{"details":{"conflicts_with":null}}"#, None),
            (br#"{"details":{}}"#, None),
            (br#"{"text":"taken"}"#, None),
            (b"<html>", None),
        ];
        for (body, job) in cases {
            assert_eq!(conflicting_job(body).as_deref(), job);
        }
    }

    #[test]
    fn retry_after_comes_in_seconds_or_as_a_date() {
        let now_ms = 1_445_412_475_000;
        let cases = [
            ("2", Some(2000)),
            (" 120 ", Some(120_000)),
            ("0", Some(0)),
            ("18446744073709551615", Some(MAX_SAFE_INTEGER)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(5000)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ];
        for (header, expected) in cases {
            assert_eq!(retry_after_ms(header, now_ms), expected, "{header}");
        }
    }
}
