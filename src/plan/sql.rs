//! The SQL statements of petit.

/// A quoted SQL identifier.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// An SQL string literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The qualified name of a table.
pub fn table(database: &str, table: &str) -> String {
    format!("{}.{}", identifier(database), identifier(table))
}

/// The table of a query, with the condition of its rows.
pub fn table_where(database: &str, name: &str, condition: Option<&str>) -> String {
    let table = table(database, name);
    match condition {
        Some(condition) => format!("{table} WHERE {condition}"),
        None => table,
    }
}

/// The conditions as one; `None` if there is none.
pub fn all_of(conditions: [Option<String>; 2]) -> Option<String> {
    let conditions: Vec<_> = conditions.into_iter().flatten().collect();
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}

/// A query for at most so many rows. Which rows these are is not defined.
pub fn limited(sql: String, limit: Option<u64>) -> String {
    match limit {
        Some(limit) => format!("{sql} LIMIT {limit}"),
        None => sql,
    }
}

/// An `INSERT … SELECT` from one table to another. `columns` is a list of columns that both have.
pub fn insert(into: &str, columns: &str, from: &str) -> String {
    format!("INSERT INTO {into} ({columns}) SELECT {columns} FROM {from}")
}

/// A statement with a comment, by which its job can be found. The comment must have no line breaks.
pub fn with_comment(comment: &str, statement: &str) -> String {
    format!("-- {comment}\n{statement}")
}

/// The query that counts the rows of a table.
pub fn count_rows(database: &str, name: &str) -> String {
    count_rows_of(&table(database, name))
}

/// The query that counts the rows of a table, or of a part of it: see [`table_where`].
pub fn count_rows_of(from: &str) -> String {
    format!("SELECT COUNT(1) FROM {from}")
}

/// The query for the logical views of a database: names and texts.
pub fn list_views(database: &str) -> String {
    format!(
        "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = {}",
        literal(database)
    )
}

/// The condition that `time` is in a range of Unix seconds, from `start` (inclusive) to `end` (exclusive). `None` is open. With
/// `TD_TIME_RANGE`, TD reads only the partitions of the range.
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
