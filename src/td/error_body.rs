//! Messages in the bodies of error responses, of TD or of a proxy.

use petit_text::sanitize;
use serde_json::Value;

use super::time::parse_http_date;

/// Maximum length of a message, in characters.
const MAX_MESSAGE_CHARS: usize = 400;

/// Maximum number of bytes of a body that are searched for a message.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// Maximum `Retry-After` that petit believes, in milliseconds: an hour.
const MAX_RETRY_AFTER_MS: u64 = 3_600_000;

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

/// `Retry-After` (RFC 9110 §10.2.3), which is a number of seconds or a date, in milliseconds from the response.
///
/// A date counts from the `Date` of the same response, because this machine's clock may differ; `now_ms` stands in for a
/// missing one. `None` for a value that no server means: a date in the past, more than an hour, or anything else.
pub fn retry_after_ms(header: &str, date: Option<&str>, now_ms: u64) -> Option<u64> {
    let header = header.trim();
    let is_number = !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit());
    let ms = if is_number {
        header.parse::<u64>().ok()?.checked_mul(1000)?
    } else {
        let sent_ms = date.and_then(parse_http_date).unwrap_or(now_ms);
        parse_http_date(header)?.checked_sub(sent_ms)?
    };
    (ms <= MAX_RETRY_AFTER_MS).then_some(ms)
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
        407 => "the proxy requires a user name and a password",
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
            0, 302, 400, 401, 403, 404, 405, 406, 407, 408, 409, 413, 415, 416, 422, 429, 500, 502,
            503, 504,
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
        let sent = "Wed, 21 Oct 2015 07:27:55 GMT";
        let sent_ms = 1_445_412_475_000;
        let hour_ms = 3_600_000;
        let cases = [
            ("2", Some(2000)),
            (" 120 ", Some(120_000)),
            ("0", Some(0)),
            ("3600", Some(hour_ms)),
            ("3601", None),
            ("18446744073709551615", None),
            ("99999999999999999999", None),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(5000)),
            ("Wed, 21 Oct 2015 07:27:55 GMT", Some(0)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", None),
            ("Wed, 21 Oct 2015 08:27:55 GMT", Some(hour_ms)),
            ("Wed, 21 Oct 2015 08:27:56 GMT", None),
            ("Fri, 31 Dec 9999 23:59:59 GMT", None),
            ("Thu, 01 Jan 1970 00:00:00 GMT", None),
            ("Sat, 01 Jan 1900 00:00:00 GMT", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ];
        for (header, expected) in cases {
            // This machine's clock does not matter, unless the response has no valid date.
            for now_ms in [0, sent_ms - 2 * hour_ms, sent_ms + 2 * hour_ms] {
                assert_eq!(
                    retry_after_ms(header, Some(sent), now_ms),
                    expected,
                    "{header}"
                );
            }
            for date in [None, Some("today")] {
                assert_eq!(retry_after_ms(header, date, sent_ms), expected, "{header}");
            }
        }
    }
}
