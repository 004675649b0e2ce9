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

/// The statement that adds the rows of one table to another; `columns` is a list of names that both have.
pub fn insert(into: &str, columns: &str, from: &str) -> String {
    format!("INSERT INTO {into} ({columns}) SELECT {columns} FROM {from}")
}

/// A statement whose text tells what it is for. The mark must be a name, without line breaks.
pub fn marked(mark: &str, statement: &str) -> String {
    format!("-- {mark}\n{statement}")
}

/// The query that counts a table's rows.
pub fn count_rows(database: &str, name: &str) -> String {
    format!("SELECT COUNT(1) FROM {}", table(database, name))
}

/// The condition that `time` is at or after the start and before the end, in Unix seconds; an end that is none is open.
/// It lets TD read only the partitions in question.
pub fn time_range(start: Option<i64>, end: Option<i64>) -> String {
    let bound = |at: Option<i64>| at.map_or_else(|| "NULL".into(), |at| at.to_string());
    format!("TD_TIME_RANGE(time, {}, {})", bound(start), bound(end))
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
