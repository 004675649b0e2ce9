//! The differences between the schemas of two tables.

use std::collections::HashMap;

use petit_td::{Column, TableInfo};
use petit_text::quoted;

use crate::{Error, Result};

/// The column that every table has, whether its schema lists it or not.
const TIME: &str = "time";

/// The names of two tables in descriptions, such as "the source".
type Sides<'a> = [&'a str; 2];

/// Descriptions of the differences between the planned schema of a staging table and the table that TD has. A table with a
/// difference must not be published, even if it has all rows: the values of a missing column are lost, and those of a
/// column under another key are NULL.
///
/// `planned`: the schema as the JSON text of TD; `None` for no columns.
///
/// # Errors
/// [`Error::InvalidOption`] if `planned` is not a schema.
pub fn staging_differences(planned: Option<&str>, staging: &TableInfo) -> Result<Vec<String>> {
    let planned = petit_td::parse_schema(planned.unwrap_or_default())
        .map_err(|reason| Error::InvalidOption { reason })?;
    let sides = ["the plan", "the staging table"];
    Ok(differences(&planned, &staging.schema.columns(), sides))
}

/// Descriptions of the differences between the columns of two tables: names, types, keys and order.
pub fn differences(first: &[Column], second: &[Column], sides: Sides<'_>) -> Vec<String> {
    let [first, second] = [first, second].map(described);
    let [in_first, in_second] = [&first, &second].map(|columns| by_name(columns));
    let [of_first, of_second] = sides;
    let mut differences: Vec<String> = Vec::new();
    for (name, kind) in &first {
        match in_second.get(name) {
            None => differences.push(format!("column {} is only in {of_first}", quoted(name))),
            Some(other) if *other != kind => differences.push(format!(
                "column {} is {kind} in {of_first}, {other} in {of_second}",
                quoted(name)
            )),
            Some(_) => {}
        }
    }
    let added = second
        .iter()
        .filter(|(name, _)| !in_first.contains_key(name));
    differences
        .extend(added.map(|(name, _)| format!("column {} is only in {of_second}", quoted(name))));
    if differences.is_empty() && first != second {
        differences.push("the columns are in a different order".into());
    }
    differences
}

/// The columns with their types and keys as text.
fn described(columns: &[Column]) -> Vec<(&str, String)> {
    let listed = columns.iter().filter(|column| column.key != TIME);
    listed
        .map(|column| (column.sql_name(), describe(column)))
        .collect()
}

fn by_name<'a>(columns: &'a [(&'a str, String)]) -> HashMap<&'a str, &'a String> {
    let columns = columns.iter().map(|(name, kind)| (*name, kind));
    columns.collect()
}

fn describe(column: &Column) -> String {
    let kind = column.kind.replace(' ', "").to_lowercase();
    if column.sql_name() == column.key {
        kind
    } else {
        format!("{kind} with the key {}", quoted(&column.key))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn staging(planned: Value, listed: Value) -> Vec<String> {
        let table = serde_json::from_value(json!({"name": "t", "schema": listed})).unwrap();
        let planned = (!planned.is_null()).then(|| planned.to_string());
        staging_differences(planned.as_deref(), &table).unwrap()
    }

    #[test]
    fn a_staging_table_with_the_planned_schema_has_no_difference() {
        let none = Vec::<String>::new();
        assert_eq!(staging(Value::Null, Value::Null), none);
        assert_eq!(staging(Value::Null, json!([["time", "long"]])), none);
        let schema = json!([["a", "long"], ["Key", "map<string,long>", "k"]]);
        assert_eq!(staging(schema.clone(), schema), none);
        let spaced = json!([["m", "map<string, long>", "m"]]);
        assert_eq!(staging(spaced, json!([["m", "map<string,long>"]])), none);
    }

    #[test]
    fn every_change_of_a_staging_table_is_found() {
        let planned = || json!([["a", "long"], ["Key", "string", "k"]]);
        let only_planned = "column \"a\" is only in the plan";
        let cases = [
            (
                json!([["a", "double"], ["Key", "string", "k"]]),
                "column \"a\" is long in the plan, double in the staging table",
            ),
            (json!([["Key", "string", "k"]]), only_planned),
            (
                json!([["a", "long"], ["Key", "string", "k"], ["more", "long"]]),
                "column \"more\" is only in the staging table",
            ),
            // A result that was written by the names in SQL, not by the keys.
            (
                json!([["a", "long"], ["k", "string"]]),
                "column \"k\" is string with the key \"Key\" in the plan, string in the staging table",
            ),
            (
                json!([["Key", "string", "k"], ["a", "long"]]),
                "the columns are in a different order",
            ),
            (
                json!([["a", "long"], ["Key", "string", "other"]]),
                "column \"k\" is only in the plan",
            ),
            (Value::Null, only_planned),
        ];
        for (listed, expected) in cases {
            assert_eq!(staging(planned(), listed)[0], expected);
        }
        assert_eq!(
            staging(Value::Null, json!([["a", "long"]])),
            ["column \"a\" is only in the staging table"]
        );
    }

    #[test]
    fn a_plan_that_is_no_schema_is_an_error() {
        let refused = staging_differences(Some("{"), &TableInfo::default());
        assert!(matches!(refused, Err(Error::InvalidOption { .. })));
    }
}
