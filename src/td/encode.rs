//! Percent-encoding of path segments and forms.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything except ASCII letters, digits and `-_~`. The dot is encoded too, because TD's routes read a suffix such as
/// `.json` as a format.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// Everything except the unreserved characters of RFC 3986 §2.3.
const USER_INFO: &AsciiSet = &SEGMENT.remove(b'.');

/// One segment of a path. `None` for an empty segment, and for `.` and `..`: a URL parser (WHATWG URL §4.4) resolves them
/// even when they are encoded, so that the request would go to another route.
pub fn path_segment(segment: &str) -> Option<String> {
    (!matches!(segment, "" | "." | "..")).then(|| utf8_percent_encode(segment, SEGMENT).to_string())
}

/// The user part of a URL.
pub fn user_info(user: &str) -> String {
    utf8_percent_encode(user, USER_INFO).to_string()
}

/// Parameters as `application/x-www-form-urlencoded` (WHATWG URL §5).
pub fn form(parameters: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_parts_hold_nothing_that_means_something_in_a_path() {
        let cases = [
            ("sales_2024", Some("sales_2024")),
            ("a.json", Some("a%2Ejson")),
            ("../x", Some("%2E%2E%2Fx")),
            ("...", Some("%2E%2E%2E")),
            ("a/b\\c", Some("a%2Fb%5Cc")),
            ("a?b#c%d", Some("a%3Fb%23c%25d")),
            ("a b+c", Some("a%20b%2Bc")),
            ("日", Some("%E6%97%A5")),
            ("\u{202E}\r\n", Some("%E2%80%AE%0D%0A")),
            ("", None),
            (".", None),
            ("..", None),
        ];
        for (part, encoded) in cases {
            assert_eq!(path_segment(part).as_deref(), encoded, "{part:?}");
        }
    }

    #[test]
    fn forms_keep_every_byte() {
        let parameters = [
            ("query", "SELECT 'a&b' = \"c\" + 1\n".to_owned()),
            ("q", "é~".to_owned()),
        ];
        assert_eq!(
            form(&parameters),
            "query=SELECT+%27a%26b%27+%3D+%22c%22+%2B+1%0A&q=%C3%A9%7E"
        );
        assert_eq!(form(&[]), "");
    }
}
