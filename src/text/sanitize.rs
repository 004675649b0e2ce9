//! Foreign text made fit for a message.

/// Characters of a name that a message shows at most: the longest name TD takes and a little more.
const NAME_CHARS: usize = 260;

/// `text` on one line, at most `most` characters: runs of blanks joined, characters that steer a terminal or turn the
/// writing direction left out.
pub fn printable(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut chars = 0;
    for word in text.split_whitespace() {
        let word = word.chars().filter(|char| !steers(*char));
        let blank = (chars > 0).then_some(' ');
        let start = line.len();
        for char in blank.into_iter().chain(word) {
            if chars == most {
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

/// A name in double quotes, fit for a message.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", printable(name, NAME_CHARS))
}

/// The same, for several names: `"a", "b"`.
pub fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// A number of things: `1 row`, `2 rows`.
pub fn counted(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// Control characters, and marks that change direction or do not show.
fn steers(char: char) -> bool {
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
            assert_eq!(printable(text, 40), line, "{text:?}");
        }
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(printable("日本語テキスト", 3), "日本語…");
        assert_eq!(printable("a b c", 4), "a b …");
        assert_eq!(printable("abcd", 4), "abcd");
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!(
            [0, 1, 2].map(|count| counted(count, "row")),
            ["0 rows", "1 row", "2 rows"]
        );
    }

    #[test]
    fn names_stand_in_quotes() {
        assert_eq!(quoted("a\nb"), "\"a b\"");
        assert_eq!(quoted_list(["a", "b"]), "\"a\", \"b\"");
    }
}
