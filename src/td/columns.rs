//! Columns of a table, and the JSON text in which TD stores them.

use std::fmt;

use serde::de::{
    Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// A column of a table. The column `time`, which every table has, is usually not listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// The key of the field in the stored records. It may be any text.
    pub key: String,
    /// The TD type: `long`, `string`, `array<double>`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The name in SQL, if it differs from the key.
    pub alias: Option<String>,
    /// The description of the column.
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
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let columns: Option<Vec<Column>> = serde_json::from_str(text).map_err(|error| {
        let expected = if error.is_data() {
            "an array of columns"
        } else {
            "JSON"
        };
        format!("the schema is not {expected}: {error}")
    })?;
    Ok(columns.unwrap_or_default())
}

/// The schema of a table, as valid text. It is parsed when its columns are needed: the schemas of one listing may take
/// 100 MB, and their columns several times as much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema(String);

impl Schema {
    fn parse(text: impl Into<String>) -> Result<Self, String> {
        let text = text.into();
        parse_schema(&text)?;
        Ok(Self(text))
    }

    /// The columns.
    pub fn columns(&self) -> Vec<Column> {
        // The text was parsed before.
        parse_schema(&self.0).unwrap_or_default()
    }
}

impl From<&[Column]> for Schema {
    fn from(columns: &[Column]) -> Self {
        Self(schema_text(columns))
    }
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.columns().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Schema {
    /// Takes JSON inside a string, the JSON array itself, or an array of [`Column`].
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SchemaVisitor)
    }
}

struct SchemaVisitor;

impl<'de> Visitor<'de> for SchemaVisitor {
    type Value = Schema;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a schema")
    }

    fn visit_unit<E>(self) -> Result<Schema, E> {
        Ok(Schema::default())
    }

    fn visit_none<E>(self) -> Result<Schema, E> {
        Ok(Schema::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Schema, D::Error> {
        Schema::deserialize(from)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Schema, E> {
        Schema::parse(text).map_err(E::custom)
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Schema, E> {
        Schema::parse(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Schema, A::Error> {
        let mut columns = Vec::new();
        while let Some(column) = items.next_element::<Column>()? {
            columns.push(column);
        }
        Ok(Schema::from(columns.as_slice()))
    }
}

impl<'de> Deserialize<'de> for Column {
    /// Takes an array as TD writes it, or an object.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ColumnVisitor)
    }
}

struct ColumnVisitor;

impl<'de> Visitor<'de> for ColumnVisitor {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key, type]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Column, A::Error> {
        let mut next = || -> Result<_, A::Error> {
            Ok(match parts.next_element()? {
                Some(Part::Text(text)) => Some(text),
                Some(Part::Other(_)) | None => None,
            })
        };
        let (Some(key), Some(kind)) = (next()?, next()?) else {
            return Err(A::Error::custom("a column is not [key, type]"));
        };
        let present = |text: &String| !text.is_empty();
        let column = Column {
            key,
            kind,
            alias: next()?.filter(present),
            description: next()?.filter(present),
        };
        while parts.next_element::<IgnoredAny>()?.is_some() {}
        Ok(column)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Column, A::Error> {
        #[derive(Deserialize)]
        struct Fields {
            key: String,
            #[serde(rename = "type")]
            kind: String,
            #[serde(default)]
            alias: Option<String>,
            #[serde(default)]
            description: Option<String>,
        }
        let fields = Fields::deserialize(MapAccessDeserializer::new(fields))?;
        Ok(Column {
            key: fields.key,
            kind: fields.kind,
            alias: fields.alias,
            description: fields.description,
        })
    }
}

/// A part of a column.
#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Text(String),
    Other(IgnoredAny),
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

    fn columns_of(value: Value) -> serde_json::Result<Vec<Column>> {
        serde_json::from_value(value).map(|schema: Schema| schema.columns())
    }

    #[test]
    fn schemas_have_two_three_or_four_parts() {
        let schema = json!(
            r#"[["a","long"],["B c","string","b_c"],["d","array<map<string,long>>",null,"why"],["e","int","",""]]"#
        );
        let columns = columns_of(schema).unwrap();
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
        assert_eq!(columns_of(json!(text)).unwrap(), columns);
    }

    #[test]
    fn empty_and_missing_schemas_have_no_columns() {
        for value in [json!(null), json!(""), json!("[]"), json!([])] {
            assert!(columns_of(value.clone()).unwrap().is_empty(), "{value}");
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
        assert_eq!(columns_of(own).unwrap(), expected);
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
            assert!(columns_of(value.clone()).is_err(), "{value}");
        }
    }
}
