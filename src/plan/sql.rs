//! The SQL that petit runs.

/// A name as an SQL identifier: in double quotes, those inside doubled.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as an SQL literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A table's full name.
pub fn table(database: &str, table: &str) -> String {
    format!("{}.{}", identifier(database), identifier(table))
}

/// The query that counts a table's rows.
pub fn count_rows(database: &str, name: &str) -> String {
    format!("SELECT COUNT(1) FROM {}", table(database, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_quotes() {
        let cases = [
            ("a", "\"a\""),
            ("A b", "\"A b\""),
            ("a\"; DROP TABLE b; --", "\"a\"\"; DROP TABLE b; --\""),
            ("\"", "\"\"\"\""),
            ("select", "\"select\""),
        ];
        for (name, sql) in cases {
            assert_eq!(identifier(name), sql);
        }
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(
            count_rows("d", "t\""),
            "SELECT COUNT(1) FROM \"d\".\"t\"\"\""
        );
    }
}
