//! Result schemas: what a job says its columns are, and how Parquet shows them.

mod types;

use std::{collections::HashSet, sync::Arc};

use arrow::datatypes::{self as arrow_types, Schema, SchemaRef, TimeUnit};

pub use self::types::{DataType, Field};
use crate::{
    Error, Result,
    row_group::{EncodeOptions, InvalidUtf8},
};

/// A column of a job result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in the file: as in the result, made unique where names repeat.
    pub name: String,
    /// Its type as TD wrote it.
    pub type_name: String,
    /// The type understood.
    pub data_type: DataType,
}

/// The columns of a job result; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultSchema {
    columns: Vec<Column>,
    notes: Vec<String>,
}

impl ResultSchema {
    /// Reads the text of `hive_result_schema`, a JSON array of name and type: `[["cnt", "bigint"], …]`.
    ///
    /// Names may be anything, and may repeat. Types are Presto's, Trino's or Hive's; one that is not known is taken for
    /// text, with a [note](Self::notes).
    ///
    /// # Errors
    /// [`Error::Schema`] when it is something else, has no columns, or a type's brackets do not close.
    pub fn parse(hive_result_schema: &str) -> Result<Self> {
        let pairs = parse_pairs(hive_result_schema)?;
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        let mut notes = Vec::new();
        let mut columns = Vec::with_capacity(pairs.len());
        for ((number, (old, type_name)), name) in (1..).zip(&pairs).zip(unique_names(&names)) {
            let data_type = DataType::parse(type_name).map_err(|reason| Error::Schema {
                reason: format!("column {old:?}: {reason}"),
            })?;
            if name != *old {
                notes.push(format!("column {number}, {old:?}, is named {name:?}"));
            }
            for other in data_type.written_as_text() {
                notes.push(format!("column {name:?}: {other} is written as text"));
            }
            columns.push(Column {
                name,
                type_name: type_name.clone(),
                data_type,
            });
        }
        Ok(Self { columns, notes })
    }

    /// The columns, in the order of a row's values.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// What the file shows otherwise than the result does, one sentence each: columns renamed, types written as text.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The columns as Arrow fields. All may be NULL.
    pub fn arrow_schema(&self, options: &EncodeOptions) -> SchemaRef {
        let fields = self.columns.iter().map(|column| {
            let data_type = arrow_type(&column.data_type, options.invalid_utf8);
            arrow_types::Field::new(&column.name, data_type, true)
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

fn parse_pairs(text: &str) -> Result<Vec<(String, String)>> {
    let bad = |reason: String| Error::Schema { reason };
    let columns: Vec<Vec<serde_json::Value>> = serde_json::from_str(text)
        .map_err(|error| bad(format!("{error}, in {}", shortened(text))))?;
    if columns.is_empty() {
        return Err(bad("the result has no columns".into()));
    }
    let pairs = columns.iter().map(|column| {
        let string = |index: usize| column.get(index).and_then(|value| value.as_str());
        match (string(0), string(1)) {
            (Some(name), Some(type_name)) => Ok((name.to_owned(), type_name.to_owned())),
            _ => Err(bad(format!(
                "a column without a name or a type, in {}",
                shortened(text)
            ))),
        }
    });
    pairs.collect()
}

fn shortened(text: &str) -> String {
    crate::msgpack::quote(text.as_bytes())
}

/// The names, the second `a` as `a_2` and so on, never one that is taken.
fn unique_names(names: &[&str]) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut seen = HashSet::new();
    let unique = names.iter().map(|&name| {
        if seen.insert(name) {
            return name.to_owned();
        }
        let mut number = 2_u32;
        loop {
            let candidate = format!("{name}_{number}");
            if taken.insert(candidate.clone()) {
                return candidate;
            }
            number += 1;
        }
    });
    unique.collect()
}

/// The Arrow type that a column of `data_type` is written as.
pub(crate) fn arrow_type(data_type: &DataType, text: InvalidUtf8) -> arrow_types::DataType {
    use arrow_types::DataType as Arrow;
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

/// Unit of a timestamp with `precision` digits; Parquet has none coarser than milliseconds.
pub(crate) fn time_unit(precision: u8) -> TimeUnit {
    match precision {
        0..=3 => TimeUnit::Millisecond,
        4..=6 => TimeUnit::Microsecond,
        _ => TimeUnit::Nanosecond,
    }
}

/// The field of a list, named as Parquet's specification asks.
pub(crate) fn element_field(element: &DataType, text: InvalidUtf8) -> arrow_types::Field {
    arrow_types::Field::new("element", arrow_type(element, text), true)
}

/// The fields of a row.
pub(crate) fn row_fields(fields: &[Field], text: InvalidUtf8) -> arrow_types::Fields {
    let fields = fields.iter().map(|field| {
        arrow_types::Field::new(&field.name, arrow_type(&field.data_type, text), true)
    });
    fields.collect()
}

/// The field of a map's entries, named as Parquet's specification asks, and the fields inside it.
pub(crate) fn entry_field(
    key: &DataType,
    value: &DataType,
    text: InvalidUtf8,
) -> (arrow_types::Field, arrow_types::Fields) {
    let entries = arrow_types::Fields::from(vec![
        arrow_types::Field::new("key", arrow_type(key, text), false),
        arrow_types::Field::new("value", arrow_type(value, text), true),
    ]);
    let data_type = arrow_types::DataType::Struct(entries.clone());
    (
        arrow_types::Field::new("key_value", data_type, false),
        entries,
    )
}
