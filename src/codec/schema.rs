//! Result schemas: the columns of a job result, and their types in Arrow and Parquet.

mod types;
mod unique_names;

use std::{collections::HashMap, sync::Arc};

use arrow_schema::{Schema, SchemaRef, TimeUnit};
use petit_text::sanitize;
use serde::Serialize;

pub use self::types::{DataType, Field};
use self::unique_names::unique_names;
use crate::{
    Error, Result,
    msgpack::quote,
    parquet_options::{EncodeOptions, InvalidUtf8},
};

/// Maximum number of leaf columns of a result, because each one takes memory. TD's tables have up to 4,096 columns.
const MAX_COLUMNS: usize = 16_384;

/// Maximum length of a type in a note, in characters.
const MAX_TYPE_CHARS: usize = 60;

/// The time zone of timestamps that are made of Unix seconds.
pub(crate) const TIME_ZONE: &str = "UTC";

/// A column of a job result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in the file: the name in the result, made unique if it repeats.
    pub name: String,
    /// Its type, as TD writes it.
    pub type_name: String,
    /// Its parsed type.
    pub data_type: DataType,
    /// Whether its integers are Unix seconds that become timestamps.
    pub is_unix_time: bool,
}

impl Column {
    /// Its Arrow type in the file.
    pub(crate) fn arrow_type(&self, text: InvalidUtf8) -> arrow_schema::DataType {
        if self.is_unix_time {
            let zone = Some(TIME_ZONE.into());
            return arrow_schema::DataType::Timestamp(TimeUnit::Millisecond, zone);
        }
        arrow_type(&self.data_type, text)
    }
}

/// What the columns of a job result become in a Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SchemaDescription {
    /// The columns, in their order.
    pub columns: Vec<ColumnTypes>,
    /// Columns whose type is not known.
    pub notes: Vec<String>,
}

/// What a column becomes in a Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ColumnTypes {
    /// Its name in the file.
    pub name: String,
    /// TD's type.
    pub td_type: String,
    /// The Arrow type in the Parquet file.
    pub arrow_type: String,
}

/// The columns of a job result. There is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultSchema {
    columns: Vec<Column>,
    notes: Vec<String>,
}

impl ResultSchema {
    /// Parses `hive_result_schema` of a job, a JSON array of names and types: `[["cnt", "bigint"], …]`.
    ///
    /// Names may be any text, and may repeat. Types are those of Presto, Trino or Hive. A column of an unknown type is written
    /// as text, with a [note](Self::notes).
    ///
    /// # Errors
    /// [`Error::Schema`] for another shape, no columns, more than 16,384 leaf columns, or unbalanced brackets in a type.
    pub fn parse(hive_result_schema: &str) -> Result<Self> {
        let pairs = parse_pairs(hive_result_schema)?;
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        let mut notes = Vec::new();
        let mut columns = Vec::with_capacity(pairs.len());
        for ((number, (old, type_name)), name) in (1..).zip(&pairs).zip(unique_names(&names)) {
            let data_type = DataType::parse(type_name).map_err(|reason| Error::Schema {
                reason: format!("column {}: {reason}", quote(old.as_bytes())),
            })?;
            if name != *old {
                let [old, name] = [old, &name].map(|text| quote(text.as_bytes()));
                notes.push(format!("column {number}, {old}, is renamed to {name}"));
            }
            for other in data_type.types_written_as_text() {
                let (name, other) = (quote(name.as_bytes()), sanitize(other, MAX_TYPE_CHARS));
                notes.push(format!("column {name}: {other} is written as text"));
            }
            columns.push(Column {
                name,
                type_name: type_name.clone(),
                data_type,
                is_unix_time: false,
            });
        }
        notes.extend(case_notes(&columns));
        let leaf_count: usize = columns
            .iter()
            .map(|column| column.data_type.leaf_count())
            .sum();
        if leaf_count > MAX_COLUMNS {
            return Err(Error::Schema {
                reason: format!("it has {leaf_count} columns; the maximum is {MAX_COLUMNS}"),
            });
        }
        Ok(Self { columns, notes })
    }

    /// Parses `hive_result_schema` for a file, of which some columns become timestamps.
    ///
    /// # Errors
    /// Those of [`parse`](Self::parse); [`Error::InvalidOption`] for a timestamp column that the result does not have, or that
    /// has no integers.
    pub fn of_file(hive_result_schema: &str, options: &EncodeOptions) -> Result<Self> {
        let mut schema = Self::parse(hive_result_schema)?;
        for name in &options.timestamp_columns {
            schema.set_unix_time(name)?;
        }
        Ok(schema)
    }

    fn set_unix_time(&mut self, wanted: &str) -> Result<()> {
        let invalid = |reason: String| Err(Error::InvalidOption { reason });
        let lower = wanted.to_lowercase();
        let has_name = |column: &&mut Column| column.name.to_lowercase() == lower;
        let mut found = false;
        for column in self.columns.iter_mut().filter(has_name) {
            if !column.data_type.is_integer() {
                return invalid(format!(
                    "the column {} of the result is of type {}, but timestamps are made of integers, in Unix seconds",
                    quote(column.name.as_bytes()),
                    sanitize(&column.type_name, MAX_TYPE_CHARS)
                ));
            }
            column.is_unix_time = true;
            found = true;
        }
        match found {
            true => Ok(()),
            false => invalid(format!(
                "the result has no column {}, which is to become a timestamp",
                quote(wanted.as_bytes())
            )),
        }
    }

    /// The columns, in the order of the values of a row.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Notes for the user, one sentence each: renamed columns, types written as text, and names that differ in case only.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The columns as Arrow fields. All are nullable.
    pub fn arrow_schema(&self, options: &EncodeOptions) -> SchemaRef {
        let fields = self.columns.iter().map(|column| {
            let data_type = column.arrow_type(options.invalid_utf8);
            arrow_schema::Field::new(&column.name, data_type, true)
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// What the columns become in a Parquet file.
    pub fn describe(&self, options: &EncodeOptions) -> SchemaDescription {
        let schema = self.arrow_schema(options);
        let columns = self.columns.iter().zip(schema.fields());
        let columns = columns.map(|(column, field)| ColumnTypes {
            name: column.name.clone(),
            td_type: column.type_name.clone(),
            arrow_type: field.data_type().to_string(),
        });
        SchemaDescription {
            columns: columns.collect(),
            notes: self.notes.clone(),
        }
    }
}

fn parse_pairs(text: &str) -> Result<Vec<(String, String)>> {
    let bad = |reason: String| Error::Schema { reason };
    let columns: Vec<Vec<serde_json::Value>> = serde_json::from_str(text)
        .map_err(|error| bad(format!("{error}, in {}", quote(text.as_bytes()))))?;
    if columns.is_empty() {
        return Err(bad("the result has no columns".into()));
    }
    let pairs = columns.iter().map(|column| {
        let string = |index: usize| column.get(index).and_then(|value| value.as_str());
        match (string(0), string(1)) {
            (Some(name), Some(type_name)) => Ok((name.to_owned(), type_name.to_owned())),
            _ => Err(bad(format!(
                "a column has no name or no type, in {}",
                quote(text.as_bytes())
            ))),
        }
    });
    pairs.collect()
}

/// A note for each group of names that differ in case only, of columns and of the fields of a row.
fn case_notes(columns: &[Column]) -> Vec<String> {
    let names = columns.iter().map(|column| column.name.as_str());
    let mut notes: Vec<_> = same_but_for_case(names)
        .into_iter()
        .map(|names| format!("the columns {names} differ in case only, which some readers ignore"))
        .collect();
    for Column {
        name, data_type, ..
    } in columns
    {
        for fields in data_type.rows() {
            let names = fields.iter().map(|field| field.name.as_str());
            let name = quote(name.as_bytes());
            notes.extend(same_but_for_case(names).into_iter().map(|names| {
                format!("column {name}: the fields {names} differ in case only, which some readers ignore")
            }));
        }
    }
    notes
}

/// The groups of names that are equal in lower case, each as text.
fn same_but_for_case<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for name in names {
        let place = *places.entry(name.to_lowercase()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(name),
            None => groups.push(vec![name]),
        }
    }
    groups.retain(|group| group.len() > 1);
    let quoted = |group: Vec<&str>| {
        let names = group.into_iter().map(|name| quote(name.as_bytes()));
        names.collect::<Vec<_>>().join(", ")
    };
    groups.into_iter().map(quoted).collect()
}

/// The Arrow type of a column of `data_type`.
pub(crate) fn arrow_type(data_type: &DataType, text: InvalidUtf8) -> arrow_schema::DataType {
    use arrow_schema::DataType as Arrow;
    match data_type {
        DataType::Boolean => Arrow::Boolean,
        DataType::TinyInt => Arrow::Int8,
        DataType::SmallInt => Arrow::Int16,
        DataType::Integer => Arrow::Int32,
        DataType::BigInt => Arrow::Int64,
        DataType::Real => Arrow::Float32,
        DataType::Double => Arrow::Float64,
        DataType::Decimal { precision, scale } => {
            Arrow::Decimal128(*precision, scale.cast_signed())
        }
        DataType::Varchar | DataType::Json | DataType::Other(_) => match text {
            InvalidUtf8::Error | InvalidUtf8::Replace => Arrow::Utf8,
            InvalidUtf8::Binary => Arrow::Binary,
        },
        DataType::Varbinary => Arrow::Binary,
        DataType::Date => Arrow::Date32,
        DataType::Timestamp { precision } => Arrow::Timestamp(time_unit(*precision), None),
        DataType::Array(element) => Arrow::List(Arc::new(element_field(element, text))),
        DataType::Map(key, value) => Arrow::Map(Arc::new(entry_field(key, value, text).0), false),
        DataType::Row(fields) => Arrow::Struct(row_fields(fields, text)),
    }
}

/// The unit of a timestamp with `precision` digits. The coarsest unit of Parquet is the millisecond.
pub(crate) fn time_unit(precision: u8) -> TimeUnit {
    match precision {
        0..=3 => TimeUnit::Millisecond,
        4..=6 => TimeUnit::Microsecond,
        _ => TimeUnit::Nanosecond,
    }
}

/// The element field of a list, with the name of the Parquet specification (LogicalTypes.md, "Lists").
pub(crate) fn element_field(element: &DataType, text: InvalidUtf8) -> arrow_schema::Field {
    arrow_schema::Field::new("element", arrow_type(element, text), true)
}

/// The fields of a row.
pub(crate) fn row_fields(fields: &[Field], text: InvalidUtf8) -> arrow_schema::Fields {
    let fields = fields.iter().map(|field| {
        arrow_schema::Field::new(&field.name, arrow_type(&field.data_type, text), true)
    });
    fields.collect()
}

/// The entry field of a map, with the names of the Parquet specification (LogicalTypes.md, "Maps"), and its fields.
pub(crate) fn entry_field(
    key: &DataType,
    value: &DataType,
    text: InvalidUtf8,
) -> (arrow_schema::Field, arrow_schema::Fields) {
    let entries = arrow_schema::Fields::from(vec![
        arrow_schema::Field::new("key", arrow_type(key, text), false),
        arrow_schema::Field::new("value", arrow_type(value, text), true),
    ]);
    let data_type = arrow_schema::DataType::Struct(entries.clone());
    (
        arrow_schema::Field::new("key_value", data_type, false),
        entries,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(schema: &ResultSchema) -> Vec<&str> {
        schema
            .columns()
            .iter()
            .map(|column| column.name.as_str())
            .collect()
    }

    #[test]
    fn columns_are_read_in_order() {
        let schema = ResultSchema::parse(
            r#"[["cnt", "bigint"], ["_col1","varchar(3)"], ["a \"b\"", "array<int>", null]]"#,
        )
        .unwrap();
        assert_eq!(names(&schema), ["cnt", "_col1", "a \"b\""]);
        assert_eq!(schema.columns()[1].type_name, "varchar(3)");
        assert_eq!(schema.columns()[1].data_type, DataType::Varchar);
        assert!(schema.notes().is_empty());
    }

    #[test]
    fn repeated_names_become_unique() {
        let schema = ResultSchema::parse(
            r#"[["a","bigint"],["a","bigint"],["a_2","bigint"],["a","bigint"],["","bigint"],["","bigint"]]"#,
        )
        .unwrap();
        assert_eq!(names(&schema), ["a", "a_3", "a_2", "a_4", "", "_2"]);
        assert_eq!(schema.notes()[0], r#"column 2, "a", is renamed to "a_3""#);
        assert_eq!(schema.notes().len(), 3);
    }

    #[test]
    fn types_written_as_text_are_noted() {
        let schema = ResultSchema::parse(r#"[["t","time(3)"],["m","map(uuid, bigint)"]]"#).unwrap();
        assert_eq!(
            schema.notes(),
            [
                "column \"t\": time(3) is written as text",
                "column \"m\": uuid is written as text"
            ]
        );
    }

    #[test]
    fn names_that_differ_in_case_only_are_noted() {
        let schema = ResultSchema::parse(
            r#"[["Id","bigint"],["x","array(row(a bigint, \"A\" bigint))"],["ID","bigint"],["é","int"],["É","int"]]"#,
        )
        .unwrap();
        assert_eq!(names(&schema), ["Id", "x", "ID", "é", "É"]);
        let ending = "differ in case only, which some readers ignore";
        assert_eq!(
            schema.notes(),
            [
                format!(r#"the columns "Id", "ID" {ending}"#),
                format!(r#"the columns "é", "É" {ending}"#),
                format!(r#"column "x": the fields "a", "A" {ending}"#),
            ]
        );
    }

    #[test]
    fn other_text_is_rejected() {
        for text in [
            "",
            "null",
            "{}",
            "[]",
            "[[]]",
            r#"[["a"]]"#,
            "[[1,2]]",
            r#"[["a","array("]]"#,
        ] {
            assert_eq!(
                ResultSchema::parse(text).unwrap_err().code(),
                "bad_schema",
                "{text}"
            );
        }
        assert_eq!(
            ResultSchema::parse(r#"[["a","array("]]"#)
                .unwrap_err()
                .to_string(),
            "cannot read the schema: column \"a\": the type \"array(\": a type is missing"
        );
    }

    fn arrow_types(types: &[&str], invalid_utf8: InvalidUtf8) -> Vec<String> {
        let pairs: Vec<_> = types.iter().map(|name| ("c", name)).collect();
        let schema = ResultSchema::parse(&serde_json::to_string(&pairs).unwrap()).unwrap();
        let options = EncodeOptions {
            invalid_utf8,
            ..EncodeOptions::default()
        };
        let schema = schema.arrow_schema(&options);
        schema
            .fields()
            .iter()
            .map(|field| field.data_type().to_string())
            .collect()
    }

    #[test]
    fn every_type_has_an_arrow_type() {
        let types = [
            "boolean",
            "tinyint",
            "smallint",
            "integer",
            "bigint",
            "real",
            "double",
            "decimal(10,2)",
            "varchar",
            "json",
            "uuid",
            "varbinary",
            "date",
            "timestamp(0)",
            "timestamp",
            "timestamp(6)",
            "timestamp(9)",
        ];
        assert_eq!(
            arrow_types(&types, InvalidUtf8::Error),
            [
                "Boolean",
                "Int8",
                "Int16",
                "Int32",
                "Int64",
                "Float32",
                "Float64",
                "Decimal128(10, 2)",
                "Utf8",
                "Utf8",
                "Utf8",
                "Binary",
                "Date32",
                "Timestamp(ms)",
                "Timestamp(ms)",
                "Timestamp(µs)",
                "Timestamp(ns)",
            ]
        );
    }

    #[test]
    fn text_may_be_binary_at_any_depth() {
        let types = [
            "varchar",
            "json",
            "uuid",
            "map(varchar, array(row(x varchar)))",
        ];
        let names = arrow_types(&types, InvalidUtf8::Binary);
        assert_eq!(names[..3], ["Binary"; 3]);
        assert_eq!(names[3].matches("Binary").count(), 2, "{}", names[3]);
        assert!(!names[3].contains("Utf8"));
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in any::<String>()) {
            let _ = ResultSchema::parse(&text);
        }
    }

    #[test]
    fn columns_are_taken_up_to_a_number_those_inside_counted_too() {
        let flat = |len: usize| format!("[{}]", vec![r#"["a","int"]"#; len].join(","));
        assert_eq!(
            ResultSchema::parse(&flat(MAX_COLUMNS))
                .unwrap()
                .columns()
                .len(),
            MAX_COLUMNS
        );
        let nested = format!(
            r#"[["a","int"],["r","array(row({}))"]]"#,
            vec!["int"; MAX_COLUMNS].join(",")
        );
        for schema in [flat(MAX_COLUMNS + 1), nested] {
            let error = ResultSchema::parse(&schema).unwrap_err();
            assert_eq!(
                error.to_string(),
                "cannot read the schema: it has 16385 columns; the maximum is 16384"
            );
        }
    }
}
