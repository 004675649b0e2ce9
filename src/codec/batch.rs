//! Rows to Arrow record batches: one builder per column, which reads its values directly from the MessagePack.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "all other types are rejected the same way, and the set of MessagePack types is closed"
)]

mod bytes;
mod column_builder;
mod decimal;
pub mod json;
mod nested;
mod offsets;
mod primitive;
mod time;
mod value_error;

use arrow_array::{
    RecordBatch,
    types::{
        Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
        Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    },
};
use arrow_schema::{SchemaRef, TimeUnit};

use self::{
    bytes::{Binary, BytesColumn, Json, Text},
    column_builder::ColumnBuilder,
    decimal::Decimal,
    nested::{ListColumn, MapColumn, RowColumn},
    primitive::{BooleanColumn, Double, Int, PrimitiveColumn, Real},
    time::{Date, Timestamp, UnixTime},
    value_error::ValueError,
};
use crate::{
    Error, Result,
    msgpack::{Reader, Value},
    parquet_options::{EncodeOptions, InvalidUtf8},
    schema::{
        DataType, ResultSchema, arrow_type, element_field, entry_field, row_fields, time_unit,
    },
};

/// Maximum bytes of rows in one batch: the offsets of Arrow's text arrays have 31 bits.
const MAX_BATCH_BYTES: usize = 1 << 30;

/// Decodes the rows of one schema to record batches.
#[derive(Debug)]
pub struct BatchDecoder {
    schema: SchemaRef,
    columns: Vec<Box<dyn ColumnBuilder>>,
    show_values: bool,
}

impl BatchDecoder {
    /// A decoder of rows of `schema`.
    pub fn new(schema: &ResultSchema, options: &EncodeOptions) -> Self {
        let text = options.invalid_utf8;
        let columns = schema.columns().iter();
        Self {
            schema: schema.arrow_schema(options),
            columns: columns
                .map(|column| match column.is_unix_time {
                    true => Box::new(PrimitiveColumn::<TimestampMillisecondType, _>::new(
                        UnixTime,
                        column.arrow_type(text),
                    )),
                    false => column_builder(&column.data_type, text),
                })
                .collect(),
            show_values: options.show_values,
        }
    }

    /// The schema of the batches.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Decodes all rows in `rows`, which are concatenated MessagePack arrays, to one batch. `first_row` is the number of the
    /// first row, for errors.
    ///
    /// # Errors
    /// [`Error::Value`] for a value that does not fit its column, [`Error::MessagePack`] for bytes that are not rows with one
    /// value per column, [`Error::InvalidOption`] for more than 1 GiB of rows. The decoder is unusable after an error.
    pub fn decode(&mut self, rows: &[u8], first_row: u64) -> Result<RecordBatch> {
        if rows.len() > MAX_BATCH_BYTES {
            let reason = format!("a batch has more than {MAX_BATCH_BYTES} bytes of rows");
            return Err(Error::InvalidOption { reason });
        }
        let mut reader = Reader::new(rows);
        let mut row = first_row;
        while !reader.is_empty() {
            self.append_row(&mut reader, row)?;
            row += 1;
        }
        self.finish(first_row)
    }

    fn append_row(&mut self, reader: &mut Reader<'_>, row: u64) -> Result<()> {
        row_len(reader, self.columns.len(), row)?;
        for (index, column) in self.columns.iter_mut().enumerate() {
            if let Err(error) = column.append(reader) {
                return Err(self.error(*error, index, row));
            }
        }
        Ok(())
    }

    fn finish(&mut self, first_row: u64) -> Result<RecordBatch> {
        let mut arrays = Vec::with_capacity(self.columns.len());
        for (index, column) in self.columns.iter_mut().enumerate() {
            match column.finish() {
                Ok(array) => arrays.push(array),
                Err(error) => {
                    let row = first_row + error.index as u64;
                    return Err(self.error(*error, index, row));
                }
            }
        }
        RecordBatch::try_new(self.schema(), arrays).map_err(|error| Error::Parquet {
            reason: error.to_string(),
        })
    }

    fn error(&self, error: ValueError, column: usize, row: u64) -> Error {
        let name = self.schema.fields().get(column).map(|field| field.name());
        let error = error.into_error(name.map_or("", String::as_str), row);
        if self.show_values {
            error.with_value()
        } else {
            error
        }
    }
}

/// Reads the header of a row, which is an array of `columns` values.
///
/// # Errors
/// [`Error::MessagePack`] for another type or another length.
pub(crate) fn row_len(reader: &mut Reader<'_>, columns: usize, row: u64) -> Result<()> {
    let reason = match reader.value() {
        Ok(Value::Array(len)) if len as usize == columns => return Ok(()),
        Ok(Value::Array(len)) => format!("it has {len} values, but there are {columns} columns"),
        Ok(other) => format!("a row must be an array, not {}", other.type_name()),
        Err(malformed) => malformed.to_string(),
    };
    Err(Error::MessagePack { row, reason })
}

fn column_builder(data_type: &DataType, text: InvalidUtf8) -> Box<dyn ColumnBuilder> {
    let arrow = arrow_type(data_type, text);
    match data_type {
        DataType::Boolean => Box::new(BooleanColumn::default()),
        DataType::TinyInt => Box::new(PrimitiveColumn::<Int8Type, _>::new(Int("tinyint"), arrow)),
        DataType::SmallInt => {
            Box::new(PrimitiveColumn::<Int16Type, _>::new(Int("smallint"), arrow))
        }
        DataType::Integer => Box::new(PrimitiveColumn::<Int32Type, _>::new(Int("integer"), arrow)),
        DataType::BigInt => Box::new(PrimitiveColumn::<Int64Type, _>::new(Int("bigint"), arrow)),
        DataType::Real => Box::new(PrimitiveColumn::<Float32Type, _>::new(Real, arrow)),
        DataType::Double => Box::new(PrimitiveColumn::<Float64Type, _>::new(Double, arrow)),
        DataType::Decimal { precision, scale } => {
            let decimal = Decimal {
                precision: *precision,
                scale: *scale,
            };
            Box::new(PrimitiveColumn::<Decimal128Type, _>::new(decimal, arrow))
        }
        DataType::Date => Box::new(PrimitiveColumn::<Date32Type, _>::new(Date, arrow)),
        DataType::Timestamp { precision } => {
            let unit = time_unit(*precision);
            let timestamp = Timestamp::new(unit);
            match unit {
                TimeUnit::Second | TimeUnit::Millisecond => {
                    Box::new(PrimitiveColumn::<TimestampMillisecondType, _>::new(
                        timestamp, arrow,
                    ))
                }
                TimeUnit::Microsecond => Box::new(
                    PrimitiveColumn::<TimestampMicrosecondType, _>::new(timestamp, arrow),
                ),
                TimeUnit::Nanosecond => Box::new(
                    PrimitiveColumn::<TimestampNanosecondType, _>::new(timestamp, arrow),
                ),
            }
        }
        DataType::Varchar => Box::new(BytesColumn::text(Text, text)),
        DataType::Json | DataType::Other(_) => Box::new(BytesColumn::text(Json, text)),
        DataType::Varbinary => Box::new(BytesColumn::binary(Binary)),
        DataType::Array(element) => Box::new(ListColumn::new(
            element_field(element, text),
            column_builder(element, text),
        )),
        DataType::Map(key, value) => Box::new(MapColumn::new(
            entry_field(key, value, text),
            column_builder(key, text),
            column_builder(value, text),
        )),
        DataType::Row(fields) => {
            let columns = fields
                .iter()
                .map(|field| column_builder(&field.data_type, text));
            Box::new(RowColumn::new(row_fields(fields, text), columns.collect()))
        }
    }
}

#[cfg(test)]
mod tests;
