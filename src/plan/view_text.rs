//! Rewrites the database names in the text of a logical view.

use std::collections::HashSet;

use super::sql::identifier;

/// Catalogs of TD's engine, which may precede the name of a database.
const CATALOGS: [&str; 2] = ["td", "td-presto"];

/// A name or a symbol of a text, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    start: usize,
    end: usize,
    /// The name without quotes; `None` for a symbol.
    name: Option<String>,
    is_dot: bool,
}

/// The text with the database `to` in place of `from`, where it qualifies the name of a table.
///
/// `None` if `from` also occurs as another name, such as an alias or a column: then a qualified name may be one of these, and
/// only a parser that knows all tables could tell. Strings and comments stay as they are.
pub(super) fn rewrite_database(text: &str, from: &str, to: &str) -> Option<String> {
    if from == to {
        return Some(text.into());
    }
    let tokens = tokenize(text);
    let mut rewritten = String::new();
    let mut copied = 0;
    for (index, token) in tokens.iter().enumerate() {
        if !is_name(Some(token), from) {
            continue;
        }
        if !qualifies(&tokens, index) {
            return None;
        }
        rewritten.push_str(text.get(copied..token.start)?);
        rewritten.push_str(&identifier(to));
        copied = token.end;
    }
    rewritten.push_str(text.get(copied..)?);
    Some(rewritten)
}

/// The names in a text, in lower case. Those in strings and comments are none.
pub(super) fn names_in(text: &str) -> HashSet<String> {
    let tokens = tokenize(text).into_iter();
    tokens
        .filter_map(|token| Some(token.name?.to_lowercase()))
        .collect()
}

/// Whether the name is followed by a dot, and is the first of its names or stands after a catalog.
fn qualifies(tokens: &[Token], index: usize) -> bool {
    let at = |offset: usize| {
        index
            .checked_sub(offset)
            .and_then(|index| tokens.get(index))
    };
    let is_dot = |token: Option<&Token>| token.is_some_and(|token| token.is_dot);
    let is_first = !is_dot(at(1));
    let is_catalog = CATALOGS.iter().any(|name| is_name(at(2), name));
    let is_after_catalog = is_dot(at(1)) && is_catalog && !is_dot(at(3));
    is_dot(tokens.get(index + 1)) && (is_first || is_after_catalog)
}

/// Whether a token is this name, in any case, as names are to the engine.
fn is_name(token: Option<&Token>, name: &str) -> bool {
    let found = token.and_then(|token| token.name.as_deref());
    found.is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// The names and symbols of a text, without strings and comments.
fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let (length, name) = next_token(rest);
        let is_dot = rest.starts_with('.');
        let is_blank = rest.starts_with(char::is_whitespace)
            || rest.starts_with("--")
            || rest.starts_with("/*");
        if !is_blank {
            tokens.push(Token {
                start,
                end: start + length,
                name,
                is_dot,
            });
        }
        start += length;
    }
    tokens
}

/// The length of the first token of a text, and its name if it is one.
fn next_token(text: &str) -> (usize, Option<String>) {
    let until = |end: &str| text.find(end).map_or(text.len(), |at| at + end.len());
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    let first = text.chars().next().unwrap_or_default();
    match first {
        '\'' => (quoted_length(text, '\''), None),
        '"' => {
            let length = quoted_length(text, '"');
            let inner = text.get(1..length.saturating_sub(1)).unwrap_or_default();
            (length, Some(inner.replace("\"\"", "\"")))
        }
        '-' if text.starts_with("--") => (until("\n"), None),
        '/' if text.starts_with("/*") => (until("*/"), None),
        _ if is_part(first) => {
            let length = text.find(|char| !is_part(char)).unwrap_or(text.len());
            let is_number = first.is_ascii_digit();
            let name = text.get(..length).filter(|_| !is_number);
            (length, name.map(Into::into))
        }
        _ => (first.len_utf8(), None),
    }
}

/// The length of a quoted text, in which a doubled quote stands for one.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if char != quote {
            continue;
        }
        if chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + quote.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_the_database_are_replaced_where_they_qualify_tables() {
        let cases = [
            ("SELECT * FROM shop.orders", "SELECT * FROM \"copy\".orders"),
            (
                "SELECT a FROM \"shop\".\"orders\" o JOIN SHOP.x ON shop.orders.id = x.id",
                "SELECT a FROM \"copy\".\"orders\" o JOIN \"copy\".x ON \"copy\".orders.id = x.id",
            ),
            ("SELECT 1 FROM td.shop.t", "SELECT 1 FROM td.\"copy\".t"),
            (
                "SELECT 1 FROM \"td-presto\" . shop . t",
                "SELECT 1 FROM \"td-presto\" . \"copy\" . t",
            ),
            (
                "SELECT 'shop.orders' FROM other.t",
                "SELECT 'shop.orders' FROM other.t",
            ),
            (
                "SELECT 'it''s shop.a' -- shop.b\nFROM /* shop.c */ shop.d",
                "SELECT 'it''s shop.a' -- shop.b\nFROM /* shop.c */ \"copy\".d",
            ),
            ("SELECT a FROM orders", "SELECT a FROM orders"),
            (
                "SELECT workshop.a FROM workshop.t",
                "SELECT workshop.a FROM workshop.t",
            ),
            ("SELECT 日本 FROM shop.t", "SELECT 日本 FROM \"copy\".t"),
            ("SELECT 'unclosed shop.t", "SELECT 'unclosed shop.t"),
        ];
        for (text, expected) in cases {
            let rewritten = rewrite_database(text, "shop", "copy");
            assert_eq!(rewritten.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_name_with_two_meanings_is_not_replaced() {
        for text in [
            "SELECT shop.id FROM shop.orders shop",
            "SELECT shop.id FROM shop.orders AS \"shop\"",
            "SELECT shop FROM shop.orders",
            "SELECT shop.id FROM shop.shop",
            "SELECT other.shop.id FROM other.shop",
        ] {
            assert_eq!(rewrite_database(text, "shop", "copy"), None, "{text}");
            assert_eq!(
                rewrite_database(text, "shop", "shop").as_deref(),
                Some(text)
            );
        }
    }

    proptest! {
        #[test]
        fn a_text_without_the_name_stays_as_it_is(text in "[a-z \"'.*/\n-]{0,40}") {
            let rewritten = rewrite_database(&text, "zzz_shop", "copy");
            prop_assert_eq!(rewritten, Some(text));
        }

        #[test]
        fn every_qualified_name_is_replaced(names in proptest::collection::vec("[a-r]{1,5}", 1..8)) {
            let from = |database: &str| names.iter().map(|name| format!("{database}.{name}")).collect::<Vec<_>>();
            let text = format!("SELECT 'zz.a' FROM {}", from("zz").join(", "));
            let expected = format!("SELECT 'zz.a' FROM {}", from("\"copy\"").join(", "));
            prop_assert_eq!(rewrite_database(&text, "zz", "copy"), Some(expected));
        }
    }
}
