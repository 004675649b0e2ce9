//! Names that TD accepts.

use petit_text::quoted;

/// Minimum length of a database or table name, in characters.
const MIN_NAME_CHARS: usize = 3;

/// A database of the query engine. It accepts no data, and its tables hold none.
pub const SYSTEM_DATABASE: &str = "information_schema";

/// Checks that TD would create a database of this name. The maximum length is left to the server, because TD's documents
/// give different ones.
///
/// # Errors
/// The name and the rule that it breaks, for a message.
pub fn validate_database_name(name: &str) -> Result<(), String> {
    if name == SYSTEM_DATABASE {
        return Err(format!("{} is a system database", quoted(name)));
    }
    validate_table_name(name)
}

/// Checks that TD would create a table of this name.
///
/// # Errors
/// As [`validate_database_name`].
pub fn validate_table_name(name: &str) -> Result<(), String> {
    let is_allowed = |char: char| matches!(char, 'a'..='z' | '0'..='9' | '_');
    if !name.chars().all(is_allowed) {
        return Err(format!(
            "{}: only lower-case letters, digits and underscores may be in a name",
            quoted(name)
        ));
    }
    if name.len() < MIN_NAME_CHARS {
        return Err(format!(
            "{}: a name has at least {MIN_NAME_CHARS} characters",
            quoted(name)
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_names_pass() {
        for name in ["abc", "1_2", "___", &"x".repeat(256)] {
            assert_eq!(validate_table_name(name), Ok(()), "{name}");
            assert_eq!(validate_database_name(name), Ok(()), "{name}");
        }
        assert_eq!(validate_table_name("information_schema"), Ok(()));
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
            let reason = validate_table_name(name).unwrap_err();
            assert!(reason.contains(why), "{reason}");
            assert_eq!(validate_database_name(name), Err(reason));
        }
        let system = validate_database_name("information_schema").unwrap_err();
        assert_eq!(system, "\"information_schema\" is a system database");
    }
}
