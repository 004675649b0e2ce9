//! Sanitizes foreign text for messages.

/// Maximum length of a quoted name, in characters: a little more than the maximum of TD.
const MAX_NAME_CHARS: usize = 260;

/// Sanitizes `text`: one line of at most `max` characters, with whitespace collapsed, and without characters that control a
/// terminal or the writing direction.
pub fn sanitize(text: &str, max: usize) -> String {
    let mut line = String::new();
    let mut chars = 0;
    for word in text.split_whitespace() {
        let word = word.chars().filter(|char| !is_control(*char));
        let blank = (chars > 0).then_some(' ');
        let start = line.len();
        for char in blank.into_iter().chain(word) {
            if chars == max {
                line.push('…');
                return line;
            }
            line.push(char);
            chars += 1;
        }
        if line.get(start..) == Some(" ") {
            line.pop();
            chars -= 1;
        }
    }
    line
}

/// A sanitized name in double quotes.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", sanitize(name, MAX_NAME_CHARS))
}

/// Several sanitized names in double quotes: `"a", "b"`.
pub fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// A count with its noun in singular or plural: `1 row`, `2 rows`.
pub fn pluralize(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// Whether a character is a control character, changes the writing direction, or is invisible.
pub(crate) fn is_control(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steering_characters_go_and_blanks_join() {
        let cases = [
            ("plain", "plain"),
            ("  two\r\n\twords ", "two words"),
            ("\u{1b}[31mred\u{7}", "[31mred"),
            ("a\u{202E}cod.exe", "acod.exe"),
            ("a \u{200F} b", "a b"),
            ("\u{200F}", ""),
            ("a\u{2028}b", "a b"),
            ("日本 \u{1F600}", "日本 \u{1F600}"),
            ("", ""),
        ];
        for (text, line) in cases {
            assert_eq!(sanitize(text, 40), line, "{text:?}");
        }
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(sanitize("日本語テキスト", 3), "日本語…");
        assert_eq!(sanitize("a b c", 4), "a b …");
        assert_eq!(sanitize("abcd", 4), "abcd");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(
            [0, 1, 2].map(|count| pluralize(count, "row")),
            ["0 rows", "1 row", "2 rows"]
        );
    }

    #[test]
    fn names_stand_in_quotes() {
        assert_eq!(quoted("a\nb"), "\"a b\"");
        assert_eq!(quoted_list(["a", "b"]), "\"a\", \"b\"");
    }
}
