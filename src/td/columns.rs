//! Columns of a table, and the JSON text in which TD stores them.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

/// A column of a table. The column `time`, which every table has, is usually not listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// The key of the field in the stored records. It may be any text.
    pub key: String,
    /// The TD type: `long`, `string`, `array<double>`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The name in SQL, if it differs from the key.
    #[serde(default)]
    pub alias: Option<String>,
    /// The description of the column.
    #[serde(default)]
    pub description: Option<String>,
}

impl Column {
    /// The name of the column in SQL.
    pub fn sql_name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.key)
    }
}

/// The schema in the format of TD: a JSON array with two to four texts per column (key, type, alias, description).
pub fn schema_text(columns: &[Column]) -> String {
    let rows = columns.iter().map(|column| {
        let Column {
            key,
            kind,
            alias,
            description,
        } = column;
        match (alias, description) {
            (None, None) => json!([key, kind]),
            (Some(alias), None) => json!([key, kind, alias]),
            (alias, Some(description)) => json!([key, kind, alias, description]),
        }
    });
    Value::from_iter(rows).to_string()
}

/// Parses the schema in the format of TD. Empty text is a schema without columns.
///
/// # Errors
/// The reason, for text that is not a schema.
pub fn parse_schema(text: &str) -> Result<Vec<Column>, String> {
    deserialize(Value::from(text)).map_err(|error| error.to_string())
}

/// Deserializes the schema of a table: JSON inside a string, the JSON array itself, or an array of [`Column`].
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Column>, D::Error> {
    let mut value = Value::deserialize(from)?;
    if let Value::String(text) = &value {
        value = match text.trim() {
            "" => Value::Null,
            text => serde_json::from_str(text)
                .map_err(|error| D::Error::custom(format!("the schema is not JSON: {error}")))?,
        };
    }
    let columns: Option<Vec<Value>> = serde_json::from_value(value)
        .map_err(|error| D::Error::custom(format!("the schema is not an array: {error}")))?;
    columns
        .unwrap_or_default()
        .into_iter()
        .map(|column| read_column(column).map_err(D::Error::custom))
        .collect()
}

fn read_column(value: Value) -> Result<Column, String> {
    let refuse =
        |value: &Value| format!("the schema has a column that is not [key, type]: {value}");
    let Value::Array(parts) = &value else {
        return serde_json::from_value(value.clone()).map_err(|_| refuse(&value));
    };
    let part = |at: usize| Some(parts.get(at)?.as_str()?.to_owned());
    let (Some(key), Some(kind)) = (part(0), part(1)) else {
        return Err(refuse(&value));
    };
    let present = |text: &String| !text.is_empty();
    Ok(Column {
        key,
        kind,
        alias: part(2).filter(present),
        description: part(3).filter(present),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(key: &str, kind: &str, alias: Option<&str>, description: Option<&str>) -> Column {
        Column {
            key: key.into(),
            kind: kind.into(),
            alias: alias.map(Into::into),
            description: description.map(Into::into),
        }
    }

    #[test]
    fn schemas_have_two_three_or_four_parts() {
        let schema = json!(
            r#"[["a","long"],["B c","string","b_c"],["d","array<map<string,long>>",null,"why"],["e","int","",""]]"#
        );
        let columns = deserialize(&schema).unwrap();
        let expected = [
            column("a", "long", None, None),
            column("B c", "string", Some("b_c"), None),
            column("d", "array<map<string,long>>", None, Some("why")),
            column("e", "int", None, None),
        ];
        assert_eq!(columns, expected);
        assert_eq!(columns[1].sql_name(), "b_c");
        assert_eq!(columns[0].sql_name(), "a");
    }

    #[test]
    fn the_text_written_is_the_text_read() {
        let columns = [
            column("a", "long", None, None),
            column("quote\"\\", "string", Some("q"), None),
            column("d", "double", None, Some("why")),
            column("e", "double", Some("f"), Some("日本")),
        ];
        let text = schema_text(&columns);
        assert_eq!(
            text,
            r#"[["a","long"],["quote\"\\","string","q"],["d","double",null,"why"],["e","double","f","日本"]]"#
        );
        assert_eq!(deserialize(&json!(text)).unwrap(), columns);
    }

    #[test]
    fn empty_and_missing_schemas_have_no_columns() {
        for value in [json!(null), json!(""), json!("[]"), json!([])] {
            assert!(deserialize(&value).unwrap().is_empty(), "{value}");
        }
        assert_eq!(schema_text(&[]), "[]");
    }

    #[test]
    fn arrays_and_our_own_columns_are_read_too() {
        let own = json!([["a", "long"], {"key": "b", "type": "string", "alias": "c"}]);
        let expected = [
            column("a", "long", None, None),
            column("b", "string", Some("c"), None),
        ];
        assert_eq!(deserialize(&own).unwrap(), expected);
    }

    #[test]
    fn invalid_schemas_are_errors() {
        for value in [
            json!("["),
            json!("{}"),
            json!(7),
            json!([["a"]]),
            json!([[1, 2]]),
            json!([{}]),
        ] {
            assert!(deserialize(&value).is_err(), "{value}");
        }
    }
}
