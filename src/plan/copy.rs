//! The copy of one table.

use std::collections::{HashMap, HashSet};

use petit_codec::mask::{MaskedColumn, Method};
use petit_td::{Column, TableInfo, schema_text};
use petit_text::{REDACTED, bigint, quoted};
use serde::{Deserialize, Serialize};

use super::clone_request::CloneRequest;
use super::mask::{PlannedMask, TIME};
use super::model::Size;
use super::slice::{ENGINE_SLICE_ROWS, FETCH_SLICE_ROWS, counts_by_day, slice_rows};
use super::via::{CopyMethod, Via};
use super::{sql, staging};

/// The copy of one table: create a staging table, load the rows, and rename it. [`CopyStatement`] has what depends on the
/// columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CopyTask {
    /// How the rows are moved.
    pub method: CopyMethod,
    /// Retention of rows in days; `None` for unlimited.
    pub expire_days: Option<u64>,
    /// Whether the column `v` is visible in Hive.
    pub include_v: Option<bool>,
    /// The description of the table.
    pub description: Option<String>,
    /// The staging table.
    pub staging_table: String,
    /// The bulk import session.
    pub session: String,
    /// The query that counts the loaded rows.
    pub count_sql: String,
    /// The query that counts the rows of the source.
    pub source_count_sql: String,
    /// Approximate maximum number of rows per job; `None` if one job moves them all.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub slice_rows: Option<u64>,
    /// The query for the counts by which the table is split, if it is.
    pub slices_sql: String,
    /// Whether the rename replaces an existing table.
    pub overwrite: bool,
    /// The condition of the rows that are copied, with which the statement ends; `None` for all rows.
    pub condition: Option<String>,
    /// Whether the statement ends with a condition.
    pub has_condition: bool,
}

/// What a copy needs to know of the columns. It is made when the table is copied: in a plan of thousands of tables with
/// thousands of columns each, it would take several times as much memory as the listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct CopyStatement {
    /// The statement of the job: all columns by their SQL names, then `time`.
    pub sql: String,
    /// The record keys of the columns of the query, in the same order.
    pub keys: Vec<String>,
    /// The schema of the staging table, as the JSON text of TD; `None` if it has no columns.
    pub schema: Option<String>,
    /// The columns of the query, if some of them are masked.
    pub masked: Option<Vec<MaskedColumn>>,
}

/// The names in a [`CopyStatement`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CopyNames {
    /// The source database.
    pub source_database: String,
    /// The destination database.
    pub destination_database: String,
    /// How the rows are moved.
    pub method: CopyMethod,
    /// The staging table.
    pub staging_table: String,
    /// The condition of the rows that are copied; `None` for all rows.
    #[serde(default)]
    pub condition: Option<String>,
    /// The columns that are masked.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub masks: Vec<PlannedMask>,
}

/// The rows of a table that are copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopiedRows {
    /// The condition that they fulfil; `None` for all rows.
    pub condition: Option<String>,
    /// Their approximate size.
    pub size: Size,
}

impl CopyTask {
    /// Plans the copy of rows of a table. With `overwrite`, it replaces an existing table.
    ///
    /// # Errors
    /// A message, if the schema has columns without a name or with the same name.
    pub fn new(
        request: &CloneRequest,
        table: &TableInfo,
        columns: &[Column],
        method: CopyMethod,
        rows: CopiedRows,
        overwrite: bool,
    ) -> Result<Self, String> {
        let destination_database = &request.destination_database;
        check_columns(columns)?;
        let staging = staging::staging_name(destination_database, &table.name, request.run);
        let CopiedRows { condition, size } = rows;
        let source = sql::table_where(&request.source_database, &table.name, condition.as_deref());
        let auto = match method.via() {
            Via::Client => FETCH_SLICE_ROWS,
            Via::Engine => ENGINE_SLICE_ROWS,
        };
        Ok(Self {
            method,
            source_count_sql: sql::count_rows_of(&source),
            slice_rows: slice_rows(request.split_rows, auto, size.rows, size.bytes),
            slices_sql: counts_by_day(&source),
            expire_days: table.expire_days.filter(|days| *days > 0),
            include_v: table.include_v,
            description: table.description.clone(),
            count_sql: sql::count_rows(destination_database, &staging),
            session: staging.clone(),
            staging_table: staging,
            overwrite,
            has_condition: condition.is_some(),
            condition,
        })
    }
}

impl CopyStatement {
    /// The statement that copies a table.
    pub fn new(names: &CopyNames, table: &TableInfo) -> Self {
        // Some schemas list `time`.
        let mut columns = table.schema.columns();
        columns.retain(|column| column.key != TIME);
        let masked = mask_columns(&mut columns, &names.masks);
        let condition = names.condition.as_deref();
        let source = sql::table_where(&names.source_database, &table.name, condition);
        let staging = &names.staging_table;
        Self {
            sql: match names.method {
                CopyMethod::BulkImport => format!("SELECT {} FROM {source}", by_name(&columns)),
                CopyMethod::InsertSelect => sql::insert(
                    &sql::table(&names.destination_database, staging),
                    &by_name(&columns),
                    &source,
                ),
                CopyMethod::ResultOutput => sql::with_comment(
                    staging,
                    &format!("SELECT {} FROM {source}", by_key(&columns)),
                ),
            },
            schema: (!columns.is_empty()).then(|| schema_text(&columns)),
            keys: columns
                .into_iter()
                .map(|column| column.key)
                .chain([TIME.into()])
                .collect(),
            masked,
        }
    }
}

/// Removes the columns that are dropped, and gives the others the types of their masked values. Returns the columns of the
/// query, which end with `time`, as they are before masking.
pub(super) fn mask_columns(
    columns: &mut Vec<Column>,
    masks: &[PlannedMask],
) -> Option<Vec<MaskedColumn>> {
    if masks.is_empty() {
        return None;
    }
    let methods: HashMap<&str, Method> = masks
        .iter()
        .map(|mask| (mask.column.as_str(), mask.method))
        .collect();
    let method_of = |name: &str| methods.get(name).copied();
    columns.retain(|column| method_of(column.sql_name()) != Some(Method::Drop));
    let mut masked = Vec::with_capacity(columns.len() + 1);
    for column in columns {
        let before = MaskedColumn {
            kind: column.kind.clone(),
            method: method_of(column.sql_name()),
        };
        // A type that cannot be read has no other form.
        if let Ok(kind) = before.masked_type() {
            column.kind = kind;
        }
        masked.push(before);
    }
    masked.push(MaskedColumn {
        kind: "long".into(),
        method: method_of(TIME),
    });
    Some(masked)
}

/// The SQL names of the columns of a table: those of its schema without `time`, then `time`.
pub(super) fn sql_names(columns: &[Column]) -> Vec<String> {
    let listed = columns.iter().filter(|column| column.key != TIME);
    let names = listed.map(Column::sql_name).chain([TIME]);
    names.map(str::to_owned).collect()
}

/// The column list of a statement.
fn by_name(columns: &[Column]) -> String {
    let names: Vec<_> = sql_names(columns)
        .iter()
        .map(|name| sql::identifier(name))
        .collect();
    names.join(", ")
}

/// The column list of a statement, in which each column is named by its key. Result output matches columns by key.
fn by_key(columns: &[Column]) -> String {
    let named = columns.iter().map(|column| {
        let name = sql::identifier(column.sql_name());
        if column.sql_name() == column.key {
            return name;
        }
        format!("{name} AS {}", sql::identifier(&column.key))
    });
    named
        .chain([sql::identifier(TIME)])
        .collect::<Vec<_>>()
        .join(", ")
}

/// Warnings about properties that the copy will not have.
pub fn warnings(
    source_database: &str,
    table: &TableInfo,
    columns: &[Column],
    is_user_partitioned: bool,
) -> Vec<String> {
    let has_rows = table.count.is_some_and(|count| count > 0);
    let kind = table.kind.as_deref().unwrap_or("log");
    let cases = [
        (
            columns.is_empty() && has_rows,
            "its schema has no columns: only time is visible in SQL, and only time is copied"
                .into(),
        ),
        (
            is_user_partitioned,
            "it is user-partitioned; the copy will have the default partitions by time".into(),
        ),
        (
            table.delete_protected == Some(true),
            "it is protected from deletion; the copy will not be".into(),
        ),
        (
            kind != "log",
            format!(
                "it is of type {}; the copy will be of type \"log\"",
                quoted(kind)
            ),
        ),
        (
            columns.iter().any(|column| column.key == "v"),
            "it has a column v, which TD may reject in a new table".into(),
        ),
        (
            staging::is_staging_name(source_database, &table.name),
            "it is an orphan of an interrupted clone in the source".into(),
        ),
    ];
    let true_ones = cases.into_iter().filter(|(is_true, _)| *is_true);
    true_ones.map(|(_, warning)| warning).collect()
}

/// Checks that the SQL names and the keys of the columns are unique.
fn check_columns(columns: &[Column]) -> Result<(), String> {
    // SQL names are case-insensitive.
    let mut names = HashSet::from([TIME.to_owned()]);
    let mut keys = HashSet::new();
    // Some schemas list `time`.
    for (index, column) in columns.iter().enumerate() {
        if column.key == TIME {
            continue;
        }
        let name = column.sql_name();
        if name.contains(REDACTED) || column.key.contains(REDACTED) {
            return Err(format!(
                "column {} has a part of an API key in its name, which petit does not write",
                index + 1
            ));
        }
        if name.is_empty() {
            return Err("it has a column without a name".into());
        }
        if !names.insert(name.to_lowercase()) {
            return Err(format!(
                "it has two columns with the SQL name {}",
                quoted(name)
            ));
        }
        if !keys.insert(&column.key) {
            return Err(format!(
                "it has two columns with the key {}",
                quoted(&column.key)
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::size_of;

    fn table(value: Value) -> TableInfo {
        serde_json::from_value(value).unwrap()
    }

    fn copy(value: Value) -> Result<CopyTask, String> {
        copy_by(CopyMethod::BulkImport, value)
    }

    fn copy_by(method: CopyMethod, value: Value) -> Result<CopyTask, String> {
        let request = CloneRequest {
            source_database: "src".into(),
            destination_database: "dst".into(),
            ..CloneRequest::default()
        };
        let table = table(value);
        let columns = table.schema.columns();
        CopyTask::new(&request, &table, &columns, method, rows(&table), false)
    }

    fn statement(value: Value) -> CopyStatement {
        statement_by(CopyMethod::BulkImport, value)
    }

    fn statement_by(method: CopyMethod, value: Value) -> CopyStatement {
        CopyStatement::new(&names(method), &table(value))
    }

    fn rows(table: &TableInfo) -> CopiedRows {
        CopiedRows {
            condition: None,
            size: size_of(table),
        }
    }

    fn names(method: CopyMethod) -> CopyNames {
        CopyNames {
            source_database: "src".into(),
            destination_database: "dst".into(),
            method,
            staging_table: staging::staging_name("dst", "t", 0),
            condition: None,
            masks: Vec::new(),
        }
    }

    #[test]
    fn the_engine_gets_statements_that_name_every_column() {
        let schema = json!([["id", "long"], ["First Name", "string", "first_name"]]);
        let value = json!({"name": "t", "schema": schema, "count": 1_000_000_000_u64});
        let staging = staging::staging_name("dst", "t", 0);
        let insert = copy_by(CopyMethod::InsertSelect, value.clone()).unwrap();
        assert_eq!(
            statement_by(CopyMethod::InsertSelect, value.clone()).sql,
            format!(
                "INSERT INTO \"dst\".\"{staging}\" (\"id\", \"first_name\", \"time\") \
                 SELECT \"id\", \"first_name\", \"time\" FROM \"src\".\"t\""
            )
        );
        assert_eq!(insert.slice_rows, Some(ENGINE_SLICE_ROWS));
        assert_eq!(
            insert.slices_sql,
            "SELECT COUNT(1), MIN(time), MAX(time) FROM \"src\".\"t\" GROUP BY CASE WHEN time < 0 THEN -1 WHEN time < 4102444800 THEN time / 86400 WHEN time >= 4102444800 THEN 47482 END"
        );
        assert_eq!(
            statement_by(CopyMethod::ResultOutput, value.clone()).sql,
            format!(
                "-- {staging}\nSELECT \"id\", \"first_name\" AS \"First Name\", \"time\" FROM \"src\".\"t\""
            )
        );
        let fetched = copy(value).unwrap();
        assert_eq!(fetched.slice_rows, Some(FETCH_SLICE_ROWS));
        assert_eq!(
            fetched.source_count_sql,
            "SELECT COUNT(1) FROM \"src\".\"t\""
        );
    }

    #[test]
    fn a_range_is_a_condition_of_every_statement_about_the_source() {
        let request = CloneRequest {
            source_database: "src".into(),
            destination_database: "dst".into(),
            ..CloneRequest::default()
        };
        let table = table(json!({"name": "t", "schema": [["id", "long"]]}));
        for method in [
            CopyMethod::BulkImport,
            CopyMethod::InsertSelect,
            CopyMethod::ResultOutput,
        ] {
            let columns = table.schema.columns();
            let condition = "TD_TIME_RANGE(time, 86400, NULL)";
            let rows = CopiedRows {
                condition: Some(condition.into()),
                ..rows(&table)
            };
            let task = CopyTask::new(&request, &table, &columns, method, rows, false);
            let task = task.unwrap();
            assert_eq!(task.condition.as_deref(), Some(condition));
            assert!(task.has_condition);
            let from = format!("FROM \"src\".\"t\" WHERE {condition}");
            let names = CopyNames {
                condition: task.condition,
                ..names(method)
            };
            let statement = CopyStatement::new(&names, &table);
            assert!(statement.sql.ends_with(&from), "{}", statement.sql);
            assert_eq!(task.source_count_sql, format!("SELECT COUNT(1) {from}"));
            assert!(task.slices_sql.contains(&format!("{from} GROUP BY")));
            // The staging table has no other rows.
            assert!(!task.count_sql.contains("WHERE"));
        }
    }

    #[test]
    fn columns_are_selected_by_name_and_stored_by_key() {
        let value = json!({
            "name": "t", "expire_days": 30, "include_v": true, "description": "what",
            "schema": [["id", "long"], ["First Name", "string", "first_name"], ["q\"", "array<long>", null, "why"]],
        });
        let text = statement(value.clone());
        assert_eq!(
            text.sql,
            "SELECT \"id\", \"first_name\", \"q\"\"\", \"time\" FROM \"src\".\"t\""
        );
        assert_eq!(text.keys, ["id", "First Name", "q\"", "time"]);
        assert_eq!(
            text.schema.as_deref(),
            Some(
                r#"[["id","long"],["First Name","string","first_name"],["q\"","array<long>",null,"why"]]"#
            )
        );
        let task = copy(value).unwrap();
        assert_eq!((task.expire_days, task.include_v), (Some(30), Some(true)));
        assert_eq!(task.description.as_deref(), Some("what"));
    }

    #[test]
    fn the_schema_follows_the_masks() {
        let mask = |column: &str, method: &str| PlannedMask {
            column: column.into(),
            method: method.parse().unwrap(),
        };
        let names = CopyNames {
            masks: vec![
                mask("id", "hash"),
                mask("name", "drop"),
                mask("first_name", "redact"),
            ],
            ..names(CopyMethod::BulkImport)
        };
        let table = table(json!({
            "name": "t",
            "schema": [["id", "int"], ["name", "string"], ["First Name", "string", "first_name"]],
        }));
        let statement = CopyStatement::new(&names, &table);
        assert_eq!(
            statement.sql,
            "SELECT \"id\", \"first_name\", \"time\" FROM \"src\".\"t\""
        );
        assert_eq!(statement.keys, ["id", "First Name", "time"]);
        assert_eq!(
            statement.schema.as_deref(),
            Some(r#"[["id","long"],["First Name","string","first_name"]]"#)
        );
        let masked = statement.masked.unwrap();
        let kinds: Vec<_> = masked.iter().map(|column| column.kind.as_str()).collect();
        assert_eq!(kinds, ["int", "string", "long"]);
    }

    #[test]
    fn a_table_may_have_nothing_but_time() {
        for schema in [json!([]), json!([["time", "long"]])] {
            let value = json!({"name": "t", "schema": schema, "expire_days": 0});
            let text = statement(value.clone());
            assert_eq!(text.sql, "SELECT \"time\" FROM \"src\".\"t\"");
            assert_eq!((text.keys, text.schema), (vec!["time".to_owned()], None));
            assert_eq!(copy(value).unwrap().expire_days, None);
        }
    }

    #[test]
    fn ambiguous_columns_are_rejected() {
        let cases = [
            (
                json!([["a", "long"], ["b", "long", "A"]]),
                "it has two columns with the SQL name \"A\"",
            ),
            (
                json!([["ts", "long", "Time"]]),
                "it has two columns with the SQL name \"Time\"",
            ),
            (
                json!([["a", "long", "x"], ["a", "long", "y"]]),
                "it has two columns with the key \"a\"",
            ),
            (json!([["", "long"]]), "it has a column without a name"),
            (
                json!([["a", "long"], ["x [API key]", "long"]]),
                "column 2 has a part of an API key in its name, which petit does not write",
            ),
        ];
        for (schema, message) in cases {
            assert_eq!(
                copy(json!({"name": "t", "schema": schema})),
                Err(message.into())
            );
        }
    }

    #[test]
    fn lost_properties_have_a_warning() {
        let warnings_of = |value: Value, is_user_partitioned| {
            let table = table(value);
            warnings("src", &table, &table.schema.columns(), is_user_partitioned)
        };
        let warnings = |value: Value| warnings_of(value, false).join("\n");
        let schema = json!([["a", "long"]]);
        let cases = [
            (
                json!({"name": "t", "schema": schema, "count": 5, "type": "log"}),
                "",
            ),
            (json!({"name": "t", "count": 0}), ""),
            (json!({"name": "t", "count": 5}), "only time is copied"),
            (
                json!({"name": "t", "delete_protected": true}),
                "protected from deletion",
            ),
            (json!({"name": "t", "type": "item"}), "of type \"item\""),
            (json!({"name": "t", "schema": [["v", "long"]]}), "column v"),
            (
                json!({"name": staging::staging_name("src", "t", 1)}),
                "interrupted clone",
            ),
        ];
        for (value, part) in cases {
            let text = warnings(value.clone());
            assert_eq!(
                text.lines().count(),
                usize::from(!part.is_empty()),
                "{value}: {text}"
            );
            assert!(text.contains(part), "{text}");
        }
        let plain = table(json!({"name": "t"}));
        assert_eq!(
            super::warnings("src", &plain, &plain.schema.columns(), true).len(),
            1
        );
    }
}
