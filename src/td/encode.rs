//! Percent-encoding of paths and forms.

/// One part of a path, with everything encoded but ASCII letters, digits and `-_~`.
///
/// The dot is encoded as well: TD's routes take an ending such as `.json` for a format. None for an empty part, and for
/// `.` and `..`: URL parsers read these as steps within the path even when encoded, and another call would be made.
pub fn path_part(part: &str) -> Option<String> {
    (!matches!(part, "" | "." | ".."))
        .then(|| encode(part, |byte| matches!(byte, b'-' | b'_' | b'~')))
}

/// Parameters as `application/x-www-form-urlencoded`.
pub fn form_text(parameters: &[(&str, String)]) -> String {
    let form = |text: &str| encode(text, |byte| matches!(byte, b'-' | b'_' | b'.' | b'*'));
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", form(name), form(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The text with everything percent-encoded but ASCII letters, digits and what `is_plain` says.
pub fn encode(text: &str, is_plain: impl Fn(u8) -> bool) -> String {
    use std::fmt::Write as _;

    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
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
            assert_eq!(path_part(part).as_deref(), encoded, "{part:?}");
        }
    }

    #[test]
    fn forms_keep_every_byte() {
        let parameters = [
            ("query", "SELECT 'a&b' = \"c\" + 1\n".to_owned()),
            ("q", "é~".to_owned()),
        ];
        assert_eq!(
            form_text(&parameters),
            "query=SELECT%20%27a%26b%27%20%3D%20%22c%22%20%2B%201%0A&q=%C3%A9%7E"
        );
        assert_eq!(form_text(&[]), "");
    }
}
