//! Hides row values in the messages of TD's engine, such as `Cannot cast 'Ann' to integer`.

/// The replacement of a value.
const HIDDEN: &str = "…";

/// Words before a quoted name, which is no value.
const NAME_WORDS: [&str; 12] = [
    "catalog", "column", "columns", "database", "field", "function", "property", "schema",
    "session", "table", "type", "view",
];

/// What precedes a value that is not quoted, in lower case. The value ends the message.
const BEFORE_VALUES: [&str; 13] = [
    "out of range for integer:",
    "out of range for bigint:",
    "overflow:",
    "not present in map:",
    "invalid format:",
    "invalid json value:",
    "invalid value:",
    "invalid argument:",
    "for input string:",
    "cannot cast value",
    "cannot cast",
    "duplicate map keys",
    "division by zero:",
];

/// The message of a job without row values.
///
/// A message with a position in the query (`line 1:8:`) is about the query, before any row is read, and stays as it is. In
/// others, quoted text is a value, unless it follows a word such as `column`.
pub fn hide(message: &str) -> String {
    if has_position(message) {
        return message.to_owned();
    }
    hide_quoted(&hide_unquoted(message))
}

/// Whether the message contains `line 1:8`.
fn has_position(message: &str) -> bool {
    message.split("line ").skip(1).any(|rest| {
        let rest = rest.trim_start_matches(|char: char| char.is_ascii_digit());
        rest.strip_prefix(':')
            .is_some_and(|column| column.starts_with(|char: char| char.is_ascii_digit()))
    })
}

fn hide_unquoted(message: &str) -> String {
    let lower = message.to_ascii_lowercase();
    let found = BEFORE_VALUES
        .iter()
        .filter_map(|words| Some((lower.find(words)? + words.len(), *words)))
        .min();
    let Some((start, words)) = found else {
        return message.to_owned();
    };
    let (before, value) = message.split_at(start);
    // A cast says what it casts to, after the value.
    let after = match words {
        "cannot cast" | "cannot cast value" => value.rfind(" to ").map(|at| value.get(at..)),
        _ => None,
    };
    format!("{before} {HIDDEN}{}", after.flatten().unwrap_or_default())
}

/// Hides the text in quotes, except names.
fn hide_quoted(message: &str) -> String {
    let mut hidden = String::new();
    let mut rest = message;
    while let Some(start) = rest.find(['\'', '"', '`']) {
        let (before, quoted) = rest.split_at(start);
        let mut chars = quoted.chars();
        let quote = chars.next().unwrap_or_default();
        hidden.push_str(before);
        hidden.push(quote);
        rest = chars.as_str();
        // An apostrophe within a word quotes nothing.
        let is_apostrophe = quote == '\'' && before.ends_with(char::is_alphanumeric);
        let Some(end) = closing(rest, quote).filter(|_| !is_apostrophe) else {
            continue;
        };
        let (value, after) = rest.split_at(end);
        hidden.push_str(if is_name_next(before) { value } else { HIDDEN });
        hidden.push(quote);
        rest = after.get(1..).unwrap_or_default();
    }
    hidden + rest
}

/// The end of quoted text: the last such quote before a blank, punctuation or the end, because a value may contain quotes.
fn closing(text: &str, quote: char) -> Option<usize> {
    let is_end = |at: usize| {
        let next = text.get(at + 1..).and_then(|rest| rest.chars().next());
        next.is_none_or(|char| !char.is_alphanumeric() && char != quote)
    };
    text.match_indices(quote)
        .map(|(at, _)| at)
        .find(|at| is_end(*at))
}

/// Whether the word before a quote says that a name follows.
fn is_name_next(before: &str) -> bool {
    let word = before
        .trim_end()
        .rsplit(|char: char| !char.is_alphanumeric())
        .next();
    word.is_some_and(|word| NAME_WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::hide;

    #[test]
    fn values_are_hidden_and_names_stay() {
        let cases = [
            (
                "INVALID_CAST_ARGUMENT: Cannot cast 'Ann O'Neil' to INTEGER",
                "INVALID_CAST_ARGUMENT: Cannot cast … to INTEGER",
            ),
            (
                "Value cannot be cast to date: 'Ann'",
                "Value cannot be cast to date: '…'",
            ),
            (
                "Out of range for integer: 3000000000",
                "Out of range for integer: …",
            ),
            (
                "bigint addition overflow: 9223372036854775807 + 1",
                "bigint addition overflow: …",
            ),
            ("Key not present in map: Ann", "Key not present in map: …"),
            ("Invalid format: \"Ann\" is too short", "Invalid format: …"),
            (
                "NumberFormatException: For input string: \"Ann\"",
                "NumberFormatException: For input string: …",
            ),
            (
                "Duplicate map keys (Ann) are not allowed",
                "Duplicate map keys …",
            ),
            ("Cannot unnest 'Ann' and `Bob`", "Cannot unnest '…' and `…`"),
            (
                "Column 'price' of table \"shop\".orders",
                "Column 'price' of table \"shop\".orders",
            ),
            (
                "line 1:8: Column 'x' cannot be resolved",
                "line 1:8: Column 'x' cannot be resolved",
            ),
            (
                "the user's query isn't allowed",
                "the user's query isn't allowed",
            ),
            ("disk full", "disk full"),
            ("", ""),
        ];
        for (message, hidden) in cases {
            assert_eq!(hide(message), hidden);
        }
    }
}
