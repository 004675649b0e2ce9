//! Columns that look personal and have no rule of masking: by their names, and by the shapes of some of their values.
//!
//! 1. [`personal_columns`] judges the names, and has a query for the values of the other columns of each table.
//! 2. [`judge_values`] judges the answer to such a query. A value is in nothing that it returns.

mod names;
mod shapes;

use petit_codec::mask::Method;
use petit_td::{Column, TableInfo};
use serde::{Deserialize, Serialize};

use super::mask::{Rules, TIME};
use super::sql;
use crate::Result;

/// Maximum number of values of a column that are read.
const MAX_ROWS: usize = 1_000;

/// Maximum number of values of a table that are read, so that the answer stays below 1 MiB in gzip.
const MAX_VALUES: usize = 8_000;

/// Maximum number of columns of a table whose values are read.
const MAX_COLUMNS: usize = 400;

/// Characters of a value that are read.
const MAX_CHARS: usize = 64;

/// What a column seems to be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PersonalKind {
    /// Passwords and other secrets.
    Secret,
    /// E-mail addresses.
    Email,
    /// IP addresses.
    Ip,
    /// Cookies and identifiers of devices and browsers.
    OnlineId,
    /// Telephone numbers.
    Phone,
    /// Numbers of cards and bank accounts.
    Account,
    /// Numbers of passports, licences and the like.
    NationalId,
    /// Dates of birth.
    Birth,
    /// Postal addresses.
    Address,
    /// Geographic positions.
    Location,
    /// Names of people.
    Name,
}

impl PersonalKind {
    /// The method of masking that is proposed.
    fn method(self) -> Method {
        match self {
            Self::Secret => Method::Drop,
            Self::Email => Method::Email,
            Self::Ip | Self::OnlineId => Method::Hash,
            Self::Phone | Self::Account => Method::Partial(4),
            Self::NationalId => Method::Null,
            Self::Birth => Method::Month,
            Self::Location => Method::Zero,
            Self::Address | Self::Name => Method::Redact,
        }
    }
}

/// Why a column looks personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PersonalSign {
    /// Its name.
    Name,
    /// The shapes of its values.
    Values,
}

/// A column that looks personal and has no rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PersonalColumn {
    /// The table.
    pub table: String,
    /// The SQL name of the column.
    pub column: String,
    /// What it seems to be about.
    pub kind: PersonalKind,
    /// Why.
    pub sign: PersonalSign,
    /// The method of masking that is proposed.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub method: Method,
}

/// A query for values of a table: see [`judge_values`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ValuesQuery {
    /// The table.
    pub table: String,
    /// The statement, which returns at most 1,000 rows of the starts of the values as text.
    pub sql: String,
    /// The SQL names of the columns.
    pub columns: Vec<String>,
}

/// Columns that look personal by their names, and what to query about the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PersonalColumns {
    /// The columns, in the order of the tables.
    pub columns: Vec<PersonalColumn>,
    /// One query for each table that has other columns without a rule.
    pub queries: Vec<ValuesQuery>,
}

/// Judges the names of the columns of some tables. Columns that a rule matches are left out.
///
/// # Errors
/// [`Error::InvalidOption`](crate::Error::InvalidOption) for a rule that cannot be read.
pub fn personal_columns<'a>(
    database: &str,
    tables: impl Iterator<Item = &'a TableInfo>,
    rules: &[String],
) -> Result<PersonalColumns> {
    let rules = Rules::parse(rules)?;
    let mut found = PersonalColumns::default();
    for table in tables {
        let columns = unmasked_columns(table, &rules);
        let mut others = Vec::new();
        for column in &columns {
            let names = [column.sql_name(), &column.key];
            match names.into_iter().find_map(names::kind_of) {
                Some(kind) => found.columns.push(PersonalColumn::new(
                    &table.name,
                    column.sql_name(),
                    kind,
                    PersonalSign::Name,
                )),
                None => others.push(column),
            }
        }
        found
            .queries
            .extend(values_query(database, &table.name, &others));
    }
    Ok(found)
}

/// The columns of a table without a rule, and without `time`.
fn unmasked_columns(table: &TableInfo, rules: &Rules) -> Vec<Column> {
    let mut columns = table.schema.columns();
    columns.retain(|column| {
        let names = [column.sql_name(), column.key.as_str()];
        column.key != TIME && rules.method_of(&table.name, names).is_none()
    });
    columns
}

/// The query for the values of columns whose types can hold what is looked for.
fn values_query(database: &str, table: &str, columns: &[&Column]) -> Option<ValuesQuery> {
    let readable = columns.iter().filter_map(|column| {
        let name = column.sql_name();
        Some((name.to_owned(), text_of(name, &column.kind)?))
    });
    let (columns, texts): (Vec<_>, Vec<_>) = readable.take(MAX_COLUMNS).unzip();
    if columns.is_empty() {
        return None;
    }
    let rows = MAX_ROWS.min(MAX_VALUES / columns.len());
    let texts = texts.join(", ");
    let from = sql::table(database, table);
    Some(ValuesQuery {
        table: table.into(),
        sql: format!("SELECT {texts} FROM {from} LIMIT {rows}"),
        columns,
    })
}

/// The start of a value as text; `None` for types without personal values of a shape.
fn text_of(name: &str, kind: &str) -> Option<String> {
    let name = sql::identifier(name);
    let kind = kind.to_lowercase();
    let text = match kind.as_str() {
        "string" => name,
        "int" | "long" => format!("CAST({name} AS VARCHAR)"),
        _ if kind.starts_with("array") || kind.starts_with("map") => {
            format!("JSON_FORMAT(CAST({name} AS JSON))")
        }
        _ => return None,
    };
    Some(format!("SUBSTR({text}, 1, {MAX_CHARS})"))
}

/// Judges the values of the columns of a table, in the order of the columns. Each row has a value for each column.
pub fn judge_values(
    table: &str,
    columns: &[String],
    rows: &[Vec<Option<String>>],
) -> Vec<PersonalColumn> {
    let judged = columns.iter().enumerate().filter_map(|(index, column)| {
        let values = rows.iter().filter_map(|row| row.get(index)?.as_deref());
        let kind = shapes::kind_of_all(values)?;
        Some(PersonalColumn::new(
            table,
            column,
            kind,
            PersonalSign::Values,
        ))
    });
    judged.collect()
}

impl PersonalColumn {
    fn new(table: &str, column: &str, kind: PersonalKind, sign: PersonalSign) -> Self {
        Self {
            table: table.into(),
            column: column.into(),
            kind,
            sign,
            method: kind.method(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn table(columns: &[[&str; 2]]) -> TableInfo {
        let columns = json!(columns).to_string();
        serde_json::from_value(json!({ "name": "users", "schema": columns })).unwrap()
    }

    fn found(rules: &[&str]) -> PersonalColumns {
        let table = table(&[
            ["email", "string"],
            ["plan", "string"],
            ["score", "double"],
            ["age", "long"],
            ["tags", "array<string>"],
            ["time", "long"],
        ]);
        let rules: Vec<_> = rules.iter().map(|rule| (*rule).to_owned()).collect();
        personal_columns("shop", [&table].into_iter(), &rules).unwrap()
    }

    #[test]
    fn columns_without_a_rule_are_judged_by_name_and_the_others_queried() {
        let PersonalColumns { columns, queries } = found(&[]);
        assert_eq!(
            columns,
            [PersonalColumn {
                table: "users".into(),
                column: "email".into(),
                kind: PersonalKind::Email,
                sign: PersonalSign::Name,
                method: Method::Email,
            }]
        );
        let [query] = queries.as_slice() else {
            panic!("{queries:?}")
        };
        assert_eq!(query.columns, ["plan", "age", "tags"]);
        assert_eq!(
            query.sql,
            "SELECT SUBSTR(\"plan\", 1, 64), SUBSTR(CAST(\"age\" AS VARCHAR), 1, 64), \
             SUBSTR(JSON_FORMAT(CAST(\"tags\" AS JSON)), 1, 64) FROM \"shop\".\"users\" LIMIT 1000"
        );
    }

    #[test]
    fn a_rule_of_any_method_answers_for_its_column() {
        assert_eq!(found(&["*=null"]), PersonalColumns::default());
        assert_eq!(found(&["users.email=partial"]).columns, []);
        assert_eq!(found(&["orders.email=partial"]).columns.len(), 1);
    }

    #[test]
    fn wide_tables_are_read_with_fewer_rows() {
        let names: Vec<_> = (0..900).map(|index| format!("c{index}")).collect();
        let columns: Vec<_> = names.iter().map(|name| [name.as_str(), "string"]).collect();
        let found = personal_columns("d", [&table(&columns)].into_iter(), &[]).unwrap();
        let [query] = found.queries.as_slice() else {
            panic!("one query")
        };
        assert_eq!(query.columns.len(), MAX_COLUMNS);
        assert!(query.sql.ends_with(" LIMIT 20"), "{}", query.sql);
    }

    #[test]
    fn values_are_judged_by_column() {
        let row = |values: [Option<&str>; 2]| values.map(|value| value.map(str::to_owned)).to_vec();
        let rows = [
            row([Some("a@example.com"), Some("x")]),
            row([None, Some("y")]),
        ];
        let columns = ["contact".to_owned(), "other".to_owned()];
        let judged = judge_values("users", &columns, &rows);
        assert_eq!(judged.len(), 1);
        assert_eq!(
            (judged[0].column.as_str(), judged[0].sign),
            ("contact", PersonalSign::Values)
        );
    }

    proptest! {
        #[test]
        fn no_value_is_in_what_is_said_about_it(
            values in prop::collection::vec(
                prop::option::of(prop_oneof![
                    any::<String>(),
                    "qz[0-9]{3}@[a-z]{1,9}\\.(com|jp)",
                    "0[789]0-[0-9]{4}-[0-9]{4}",
                    "[0-9]{1,20}",
                    "〒?[0-9]{3}-[0-9]{4} 東京都.{0,9}",
                ]),
                0..20,
            ),
        ) {
            let rows: Vec<_> = values.iter().map(|value| vec![value.clone()]).collect();
            let said = serde_json::to_string(&judge_values("t", &["c".into()], &rows)).unwrap();
            for value in values.iter().flatten().filter(|value| value.chars().count() > 5) {
                prop_assert!(!said.contains(value.as_str()));
            }
        }

        #[test]
        fn any_name_and_any_value_can_be_judged(text in any::<String>()) {
            names::kind_of(&text);
            shapes::kind_of_all([text.as_str()].into_iter());
        }
    }
}
