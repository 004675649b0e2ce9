//! Rows to record batches: one builder per column, fed straight from the MessagePack.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what a column does not take is refused alike, and MessagePack gets no more kinds of value"
)]

mod bytes;
mod decimal;
pub mod json;
mod nested;
mod offsets;
mod primitive;
mod time;
mod value_error;

use std::fmt::Debug;

use arrow::{
    array::{ArrayRef, RecordBatch},
    datatypes::{
        Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
        Int64Type, SchemaRef, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampNanosecondType,
    },
};

use self::{
    bytes::{Binary, BytesColumn, Json, Text},
    decimal::Decimal,
    nested::{ListColumn, MapColumn, RowColumn},
    primitive::{BooleanColumn, Double, Int, PrimitiveColumn, Real},
    time::{Date, Timestamp},
    value_error::ValueError,
};
use crate::{
    Error, Result,
    msgpack::{Malformed, Reader, Value},
    parquet_options::{EncodeOptions, InvalidUtf8},
    schema::{DataType, ResultSchema, arrow_type, time_unit},
};

/// Most bytes of rows in one batch: Arrow counts text with 31 bits.
const MAX_BATCH_BYTES: usize = 1 << 30;

/// The values of one column on their way into an array.
trait ColumnBuilder: Debug + Send {
    /// Appends the next value, a NULL too.
    fn append(&mut self, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>>;

    /// Appends a NULL that stands nowhere in the input: what a NULL row's fields hold.
    fn append_null(&mut self);

    /// The values so far as an array; the builder is empty then.
    ///
    /// Faults found only now carry the index of their value.
    fn finish(&mut self) -> Result<ArrayRef, Box<ValueError>>;
}

/// Decodes rows of one schema to record batches.
#[derive(Debug)]
pub struct BatchDecoder {
    schema: SchemaRef,
    columns: Vec<Box<dyn ColumnBuilder>>,
}

impl BatchDecoder {
    /// A decoder of rows of `schema`.
    pub fn new(schema: &ResultSchema, options: &EncodeOptions) -> Self {
        let text = options.invalid_utf8;
        let columns = schema.columns().iter();
        Self {
            schema: schema.arrow_schema(options),
            columns: columns
                .map(|column| column_builder(&column.data_type, text))
                .collect(),
        }
    }

    /// What the batches' columns are.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// A batch of all rows in `rows`, MessagePack arrays laid end to end; `first_row` is the number of the first one.
    ///
    /// # Errors
    /// [`Error::Value`] for a value that does not fit its column, [`Error::MessagePack`] for anything that is no row of
    /// as many values as there are columns. After an error the decoder is of no more use.
    pub fn decode(&mut self, rows: &[u8], first_row: u64) -> Result<RecordBatch> {
        if rows.len() > MAX_BATCH_BYTES {
            let reason = format!("more than {MAX_BATCH_BYTES} bytes of rows at once");
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
            if let Err(fault) = column.append(reader) {
                return Err(self.error(*fault, index, row));
            }
        }
        Ok(())
    }

    fn finish(&mut self, first_row: u64) -> Result<RecordBatch> {
        let mut arrays = Vec::with_capacity(self.columns.len());
        for (index, column) in self.columns.iter_mut().enumerate() {
            match column.finish() {
                Ok(array) => arrays.push(array),
                Err(fault) => {
                    let row = first_row + fault.index as u64;
                    return Err(self.error(*fault, index, row));
                }
            }
        }
        RecordBatch::try_new(self.schema(), arrays).map_err(|error| Error::Parquet {
            reason: error.to_string(),
        })
    }

    fn error(&self, fault: ValueError, column: usize, row: u64) -> Error {
        let name = self.schema.fields().get(column).map(|field| field.name());
        fault.into_error(name.map_or("", String::as_str), row)
    }
}

/// Reads a row's head: an array of `columns` values.
///
/// # Errors
/// [`Error::MessagePack`] when it is another value, or has another length.
pub(crate) fn row_len(reader: &mut Reader<'_>, columns: usize, row: u64) -> Result<()> {
    let reason = match reader.value() {
        Ok(Value::Array(len)) if len as usize == columns => return Ok(()),
        Ok(Value::Array(len)) => format!("it has {len} values, and there are {columns} columns"),
        Ok(other) => format!("a row is an array, not {}", other.describe()),
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
        DataType::Array(element) => Box::new(ListColumn::new(element, text)),
        DataType::Map(key, value) => Box::new(MapColumn::new(key, value, text)),
        DataType::Row(fields) => Box::new(RowColumn::new(fields, text)),
    }
}

impl From<Malformed> for Box<ValueError> {
    fn from(malformed: Malformed) -> Self {
        Box::new(ValueError::malformed(malformed))
    }
}

#[cfg(test)]
mod tests;
