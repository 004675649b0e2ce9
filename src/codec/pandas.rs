//! The `pandas` entry of a file's metadata, from which pandas takes the types of its columns.

use arrow_schema::TimeUnit;
use serde::Serialize;

use crate::{
    Error, Result,
    parquet_options::{EncodeOptions, InvalidUtf8},
    schema::{DataType, ResultSchema, TIME_ZONE, time_unit},
};

/// The key of the entry.
pub const KEY: &str = "pandas";

#[derive(Serialize)]
struct Metadata<'a> {
    index_columns: [(); 0],
    column_indexes: [(); 0],
    columns: Vec<Column<'a>>,
    creator: Creator,
    pandas_version: Option<()>,
}

#[derive(Serialize)]
struct Column<'a> {
    name: &'a str,
    field_name: &'a str,
    pandas_type: String,
    numpy_type: &'static str,
    metadata: Option<Details>,
}

/// What a type is made of.
#[derive(Serialize)]
#[serde(untagged)]
enum Details {
    Decimal { precision: u8, scale: u8 },
    Zone { timezone: &'static str },
}

#[derive(Serialize)]
struct Creator {
    library: &'static str,
    version: &'static str,
}

/// The entry for the columns of `schema`. Without it, pandas makes floats of integers with a NULL, which changes integers
/// above 2^53, and does not distinguish NULL from NaN.
///
/// # Errors
/// [`Error::Parquet`] if the entry cannot be written as JSON.
pub fn metadata(schema: &ResultSchema, options: &EncodeOptions) -> Result<String> {
    let columns = schema.columns().iter();
    let columns = columns.map(|column| Column {
        name: &column.name,
        field_name: &column.name,
        pandas_type: match column.is_unix_time {
            true => "datetimetz".into(),
            false => pandas_type(&column.data_type, options.invalid_utf8),
        },
        numpy_type: match column.is_unix_time {
            true => "datetime64[ms]",
            false => numpy_type(&column.data_type, options.invalid_utf8),
        },
        metadata: match column.is_unix_time {
            true => Some(Details::Zone {
                timezone: TIME_ZONE,
            }),
            false => decimal_digits(&column.data_type),
        },
    });
    let metadata = Metadata {
        index_columns: [],
        column_indexes: [],
        columns: columns.collect(),
        creator: Creator {
            library: "petit",
            version: env!("CARGO_PKG_VERSION"),
        },
        pandas_version: None,
    };
    serde_json::to_string(&metadata).map_err(|error| Error::Parquet {
        reason: error.to_string(),
    })
}

/// The logical type, in the words of pandas' specification.
fn pandas_type(data_type: &DataType, text: InvalidUtf8) -> String {
    let name = match data_type {
        DataType::Boolean => "bool",
        DataType::TinyInt => "int8",
        DataType::SmallInt => "int16",
        DataType::Integer => "int32",
        DataType::BigInt => "int64",
        DataType::Real => "float32",
        DataType::Double => "float64",
        DataType::Decimal { .. } => "decimal",
        DataType::Varchar | DataType::Json | DataType::Other(_) => match text {
            InvalidUtf8::Error | InvalidUtf8::Replace => "unicode",
            InvalidUtf8::Binary => "bytes",
        },
        DataType::Varbinary => "bytes",
        DataType::Date => "date",
        DataType::Timestamp { .. } => "datetime",
        DataType::Array(element) => return format!("list[{}]", pandas_type(element, text)),
        DataType::Map(..) | DataType::Row(_) => "object",
    };
    name.to_owned()
}

/// The type of the column in pandas. Types with a capital letter are those that have a NULL.
fn numpy_type(data_type: &DataType, text: InvalidUtf8) -> &'static str {
    match data_type {
        DataType::Boolean => "boolean",
        DataType::TinyInt => "Int8",
        DataType::SmallInt => "Int16",
        DataType::Integer => "Int32",
        DataType::BigInt => "Int64",
        DataType::Real => "Float32",
        DataType::Double => "Float64",
        DataType::Varchar | DataType::Json | DataType::Other(_) => match text {
            InvalidUtf8::Error | InvalidUtf8::Replace => "string",
            InvalidUtf8::Binary => "object",
        },
        DataType::Timestamp { precision } => match time_unit(*precision) {
            TimeUnit::Second | TimeUnit::Millisecond => "datetime64[ms]",
            TimeUnit::Microsecond => "datetime64[us]",
            TimeUnit::Nanosecond => "datetime64[ns]",
        },
        DataType::Decimal { .. }
        | DataType::Varbinary
        | DataType::Date
        | DataType::Array(_)
        | DataType::Map(..)
        | DataType::Row(_) => "object",
    }
}

fn decimal_digits(data_type: &DataType) -> Option<Details> {
    let DataType::Decimal { precision, scale } = *data_type else {
        return None;
    };
    Some(Details::Decimal { precision, scale })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(types: &[&str], invalid_utf8: InvalidUtf8) -> Vec<[String; 2]> {
        let pairs: Vec<_> = types.iter().map(|name| ("c", name)).collect();
        let schema = ResultSchema::parse(&serde_json::to_string(&pairs).unwrap()).unwrap();
        let options = EncodeOptions {
            invalid_utf8,
            ..EncodeOptions::default()
        };
        let metadata: serde_json::Value =
            serde_json::from_str(&metadata(&schema, &options).unwrap()).unwrap();
        let columns = metadata["columns"].as_array().unwrap();
        let text = |column: &serde_json::Value, key| column[key].as_str().unwrap().to_owned();
        columns
            .iter()
            .map(|column| [text(column, "pandas_type"), text(column, "numpy_type")])
            .collect()
    }

    #[test]
    fn every_type_has_its_pandas_types() {
        let types = [
            ("boolean", ["bool", "boolean"]),
            ("tinyint", ["int8", "Int8"]),
            ("smallint", ["int16", "Int16"]),
            ("integer", ["int32", "Int32"]),
            ("bigint", ["int64", "Int64"]),
            ("real", ["float32", "Float32"]),
            ("double", ["float64", "Float64"]),
            ("decimal(9,2)", ["decimal", "object"]),
            ("varchar", ["unicode", "string"]),
            ("json", ["unicode", "string"]),
            ("uuid", ["unicode", "string"]),
            ("varbinary", ["bytes", "object"]),
            ("date", ["date", "object"]),
            ("timestamp", ["datetime", "datetime64[ms]"]),
            ("timestamp(6)", ["datetime", "datetime64[us]"]),
            ("timestamp(9)", ["datetime", "datetime64[ns]"]),
            ("array(array(bigint))", ["list[list[int64]]", "object"]),
            ("map(varchar, bigint)", ["object", "object"]),
            ("row(a bigint)", ["object", "object"]),
        ];
        let names = types.map(|(name, _)| name);
        let expected = types.map(|(_, pair)| pair.map(str::to_owned));
        assert_eq!(columns(&names, InvalidUtf8::Error), expected);
        let binary = columns(&["varchar", "array(json)"], InvalidUtf8::Binary);
        assert_eq!(
            binary,
            [["bytes", "object"], ["list[bytes]", "object"]].map(|pair| pair.map(str::to_owned))
        );
    }

    #[test]
    fn the_entry_has_unique_names_no_index_and_the_digits_of_decimals() {
        let schema =
            ResultSchema::parse(r#"[["a","decimal(9,2)"],["a","bigint"],["é\"","bigint"]]"#)
                .unwrap();
        let text = metadata(&schema, &EncodeOptions::default()).unwrap();
        let metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(metadata["index_columns"], serde_json::json!([]));
        assert_eq!(metadata["column_indexes"], serde_json::json!([]));
        let columns = metadata["columns"].as_array().unwrap();
        let names: Vec<_> = columns.iter().map(|column| &column["name"]).collect();
        assert_eq!(names, ["a", "a_2", "é\""]);
        assert_eq!(
            columns[0]["metadata"],
            serde_json::json!({"precision": 9, "scale": 2})
        );
        assert_eq!(columns[1]["metadata"], serde_json::Value::Null);
    }
}
