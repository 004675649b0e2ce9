//! Statements that make a table of Parquet files.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "Parquet has no other types; those of Arrow that remain are refused the same way"
)]

use std::fmt::Write as _;

use arrow_schema::{DataType, Field, Schema};
use serde::Deserialize;

use crate::{Error, Result, msgpack::quote};

/// Whose statement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Amazon Athena, and Hive.
    Athena,
    /// Snowflake.
    Snowflake,
    /// Google BigQuery.
    Bigquery,
}

/// The name of the table, and the place of its files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableName {
    /// The name of the table.
    pub name: String,
    /// The folder of its files, with a slash at its end.
    pub location: String,
    /// The key of the partitions in the names of the folders, if there are any.
    #[serde(default)]
    pub partition: Option<String>,
}

/// The statements, each with a semicolon and a line break at its end.
///
/// # Errors
/// [`Error::InvalidOption`] for a column whose type the dialect does not have.
pub(super) fn statement(schema: &Schema, dialect: Dialect, table: &TableName) -> Result<String> {
    match dialect {
        Dialect::Athena => athena(schema, table),
        Dialect::Snowflake => snowflake(schema, table),
        Dialect::Bigquery => Ok(bigquery(table)),
    }
}

fn athena(schema: &Schema, table: &TableName) -> Result<String> {
    let name = quoted(&table.name, '`');
    let columns = columns(schema, '`', hive_type)?;
    let partitioned = table.partition.as_ref().map(|key| {
        let key = quoted(key, '`');
        format!("PARTITIONED BY ({key} string)\n")
    });
    // Athena knows the partitions of a table only after this.
    let repair = partitioned
        .as_ref()
        .map(|_| format!("MSCK REPAIR TABLE {name};\n"));
    Ok(format!(
        "CREATE EXTERNAL TABLE {name} (\n{columns}\n)\n{}STORED AS PARQUET\nLOCATION {};\n{}",
        partitioned.unwrap_or_default(),
        literal(&table.location),
        repair.unwrap_or_default()
    ))
}

fn snowflake(schema: &Schema, table: &TableName) -> Result<String> {
    let name = quoted(&table.name, '"');
    let columns = columns(schema, '"', |data_type| Some(snowflake_type(data_type)))?;
    Ok(format!(
        "CREATE TABLE {name} (\n{columns}\n);\nCOPY INTO {name} FROM {}\n  PATTERN = '.*[.]parquet'\n  \
         FILE_FORMAT = (TYPE = PARQUET, USE_LOGICAL_TYPE = TRUE)\n  MATCH_BY_COLUMN_NAME = CASE_SENSITIVE;\n",
        literal(&table.location)
    ))
}

/// BigQuery takes the columns from the files.
fn bigquery(table: &TableName) -> String {
    let mut text = format!("CREATE EXTERNAL TABLE {}\n", quoted(&table.name, '`'));
    if let Some(key) = &table.partition {
        let _ = writeln!(text, "WITH PARTITION COLUMNS ({} STRING)", quoted(key, '`'));
    }
    let files = literal(&format!("{}*.parquet", table.location));
    let _ = write!(
        text,
        "OPTIONS (format = 'PARQUET', enable_list_inference = TRUE, uris = [{files}]"
    );
    if table.partition.is_some() {
        let _ = write!(
            text,
            ",\n  hive_partition_uri_prefix = {}",
            literal(&table.location)
        );
    }
    text.push_str(");\n");
    text
}

fn columns(
    schema: &Schema,
    quote_mark: char,
    type_of: impl Fn(&DataType) -> Option<String>,
) -> Result<String> {
    let columns = schema.fields().iter().map(|field| {
        let kind = type_of(field.data_type()).ok_or_else(|| Error::InvalidOption {
            reason: format!(
                "the column {} is of type {}, for which there is no type",
                quote(field.name().as_bytes()),
                field.data_type()
            ),
        })?;
        Ok(format!("  {} {kind}", quoted(field.name(), quote_mark)))
    });
    Ok(columns.collect::<Result<Vec<_>>>()?.join(",\n"))
}

fn hive_type(data_type: &DataType) -> Option<String> {
    let nested = |field: &Field| hive_type(field.data_type());
    Some(match data_type {
        DataType::Boolean => "boolean".into(),
        DataType::Int8 => "tinyint".into(),
        DataType::Int16 | DataType::UInt8 => "smallint".into(),
        DataType::Int32 | DataType::UInt16 => "int".into(),
        DataType::Int64 | DataType::UInt32 => "bigint".into(),
        DataType::Float16 | DataType::Float32 => "float".into(),
        DataType::Float64 => "double".into(),
        DataType::Utf8 | DataType::LargeUtf8 => "string".into(),
        DataType::Binary | DataType::LargeBinary | DataType::FixedSizeBinary(_) => "binary".into(),
        DataType::Date32 => "date".into(),
        DataType::Timestamp(..) => "timestamp".into(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::List(element) => format!("array<{}>", nested(element)?),
        DataType::Map(entries, _) => {
            let DataType::Struct(fields) = entries.data_type() else {
                return None;
            };
            let [key, value] = fields.as_ref() else {
                return None;
            };
            format!("map<{},{}>", nested(key)?, nested(value)?)
        }
        DataType::Struct(fields) => {
            let fields = fields
                .iter()
                .map(|field| Some(format!("{}:{}", quoted(field.name(), '`'), nested(field)?)));
            format!("struct<{}>", fields.collect::<Option<Vec<_>>>()?.join(","))
        }
        _ => return None,
    })
}

fn snowflake_type(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "BOOLEAN".into(),
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            "NUMBER(19, 0)".into()
        }
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => {
            "NUMBER(20, 0)".into()
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "FLOAT".into(),
        DataType::Utf8 | DataType::LargeUtf8 => "VARCHAR".into(),
        DataType::Binary | DataType::LargeBinary | DataType::FixedSizeBinary(_) => "BINARY".into(),
        DataType::Date32 => "DATE".into(),
        DataType::Timestamp(_, None) => "TIMESTAMP_NTZ".into(),
        DataType::Timestamp(_, Some(_)) => "TIMESTAMP_TZ".into(),
        DataType::Time32(_) | DataType::Time64(_) => "TIME".into(),
        DataType::Decimal128(precision, scale) => format!("NUMBER({precision}, {scale})"),
        // Lists, maps and rows.
        _ => "VARIANT".into(),
    }
}

fn quoted(name: &str, mark: char) -> String {
    let doubled = format!("{mark}{mark}");
    format!("{mark}{}{mark}", name.replace(mark, &doubled))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
