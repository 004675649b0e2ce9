//! Names that TD takes.

use petit_text::quoted;

/// Characters of a database or table name at least.
const NAME_MIN_CHARS: usize = 3;

/// A database of the engine's own; nothing can be loaded into it, and its tables hold no data.
pub const SYSTEM_DATABASE: &str = "information_schema";

/// Why TD would refuse to make a database of this name; none if it would take it.
///
/// How long a name may be is left to the server: its documents differ.
pub fn database_name_trouble(name: &str) -> Option<String> {
    if name == SYSTEM_DATABASE {
        return Some(format!("{} is a system database", quoted(name)));
    }
    name_trouble(name)
}

/// Why TD would refuse to make a table of this name; none if it would take it.
pub fn table_name_trouble(name: &str) -> Option<String> {
    name_trouble(name)
}

fn name_trouble(name: &str) -> Option<String> {
    let is_plain = |char: char| matches!(char, 'a'..='z' | '0'..='9' | '_');
    if !name.chars().all(is_plain) {
        return Some(format!(
            "{}: only lower-case letters, digits and underscores may be in a name",
            quoted(name)
        ));
    }
    (name.len() < NAME_MIN_CHARS).then(|| {
        format!(
            "{}: a name has at least {NAME_MIN_CHARS} characters",
            quoted(name)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_td_takes_have_no_trouble() {
        for name in ["abc", "1_2", "___", &"x".repeat(256)] {
            assert_eq!(table_name_trouble(name), None, "{name}");
            assert_eq!(database_name_trouble(name), None, "{name}");
        }
        assert_eq!(table_name_trouble("information_schema"), None);
    }

    #[test]
    fn names_td_refuses_say_why() {
        let cases = [
            ("", "at least 3"),
            ("ab", "at least 3"),
            ("Abc", "lower-case"),
            ("a-b-c", "lower-case"),
            ("a.b.c", "lower-case"),
            ("../etc", "lower-case"),
            ("a\"; DROP TABLE b; --", "lower-case"),
            ("a\u{202E}bc", "\"abc\": only lower-case"),
            ("日本語", "lower-case"),
            ("a\nbc", "lower-case"),
        ];
        for (name, why) in cases {
            let trouble = table_name_trouble(name).unwrap();
            assert!(trouble.contains(why), "{trouble}");
            assert_eq!(database_name_trouble(name), Some(trouble));
        }
        let system = database_name_trouble("information_schema").unwrap();
        assert_eq!(system, "\"information_schema\" is a system database");
    }
}
