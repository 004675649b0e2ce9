//! Columns of text and of binary values.

use std::{fmt::Debug, sync::Arc};

use arrow_array::{ArrayRef, BinaryArray, StringArray};
use arrow_buffer::{Buffer, NullBuffer, NullBufferBuilder, OffsetBuffer};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    column_builder::ColumnBuilder,
    json,
    offsets::{Offsets, too_large},
    value_error::ValueError,
};
use crate::{
    byte_copy,
    msgpack::{Reader, Value},
    parquet_options::InvalidUtf8,
};

/// Converts a value that is not NULL to the bytes of a column.
pub trait ToBytes: Debug + Send {
    /// Appends the bytes to `out`, and reads nested values from `reader`.
    fn write(
        &self,
        value: Value<'_>,
        reader: &mut Reader<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Box<ValueError>>;
}

/// A column of byte strings. UTF-8 is validated once for the whole array, which is faster than per value.
#[derive(Debug)]
pub struct BytesColumn<S> {
    source: S,
    invalid_utf8: InvalidUtf8,
    values: Vec<u8>,
    offsets: Offsets,
    nulls: NullBufferBuilder,
}

impl<S: ToBytes> BytesColumn<S> {
    /// A column of text.
    pub fn text(source: S, invalid_utf8: InvalidUtf8) -> Self {
        Self {
            source,
            invalid_utf8,
            values: Vec::new(),
            offsets: Offsets::new(),
            nulls: NullBufferBuilder::new(0),
        }
    }

    /// A column of binary values.
    pub fn binary(source: S) -> Self {
        Self::text(source, InvalidUtf8::Binary)
    }
}

impl<S: ToBytes> ColumnBuilder for BytesColumn<S> {
    fn append(&mut self, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>> {
        let value = match reader.short_text() {
            Some(text) => Value::Str(text),
            None => match reader.value()? {
                Value::Nil => {
                    self.append_null();
                    return Ok(());
                }
                value => value,
            },
        };
        self.source.write(value, reader, &mut self.values)?;
        self.offsets.push_end(self.values.len())?;
        self.nulls.append_non_null();
        Ok(())
    }

    fn append_null(&mut self) {
        self.offsets.push_empty();
        self.nulls.append_null();
    }

    fn finish(&mut self) -> Result<ArrayRef, Box<ValueError>> {
        let offsets = self.offsets.take();
        let next = Vec::with_capacity(self.values.len());
        let values = Buffer::from(std::mem::replace(&mut self.values, next));
        let nulls = self.nulls.finish();
        Ok(match self.invalid_utf8 {
            InvalidUtf8::Binary => Arc::new(BinaryArray::new(offsets, values, nulls)),
            InvalidUtf8::Error => Arc::new(valid_text(offsets, values, nulls)?),
            InvalidUtf8::Replace => Arc::new(replaced_text(offsets, values, nulls)?),
        })
    }
}

fn valid_text(
    offsets: OffsetBuffer<i32>,
    values: Buffer,
    nulls: Option<NullBuffer>,
) -> Result<StringArray, Box<ValueError>> {
    let checked = StringArray::try_new(offsets.clone(), values.clone(), nulls);
    checked.map_err(|error| {
        let bytes = BinaryArray::new(offsets, values, None);
        let mut texts = bytes.iter().flatten().enumerate();
        match texts.find(|(_, text)| std::str::from_utf8(text).is_err()) {
            Some((index, text)) => ValueError::invalid_utf8(text, index),
            None => ValueError::mismatch(error.to_string()),
        }
    })
}

fn replaced_text(
    offsets: OffsetBuffer<i32>,
    values: Buffer,
    nulls: Option<NullBuffer>,
) -> Result<StringArray, Box<ValueError>> {
    if let Ok(array) = StringArray::try_new(offsets.clone(), values.clone(), nulls.clone()) {
        return Ok(array);
    }
    let bytes = BinaryArray::new(offsets, values, nulls);
    let texts: Vec<_> = bytes
        .iter()
        .map(|text| text.map(String::from_utf8_lossy))
        .collect();
    let len: usize = texts.iter().flatten().map(|text| text.len()).sum();
    if len > i32::MAX as usize {
        return Err(too_large());
    }
    Ok(texts.into_iter().collect())
}

/// `varchar`: text, unchanged.
#[derive(Debug)]
pub struct Text;

impl ToBytes for Text {
    #[inline]
    fn write(
        &self,
        value: Value<'_>,
        _reader: &mut Reader<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Box<ValueError>> {
        match value {
            Value::Str(text) => {
                byte_copy::append(out, text);
                Ok(())
            }
            other => Err(ValueError::type_mismatch(&other, "text")),
        }
    }
}

/// `json`: text unchanged, any other value as JSON text.
#[derive(Debug)]
pub struct Json;

impl ToBytes for Json {
    fn write(
        &self,
        value: Value<'_>,
        reader: &mut Reader<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Box<ValueError>> {
        match value {
            Value::Str(text) => {
                out.extend_from_slice(text);
                Ok(())
            }
            other => json::write(other, reader, out),
        }
    }
}

/// `varbinary`: binary values unchanged, text decoded from base64, which Trino's client protocol uses for binary values.
#[derive(Debug)]
pub struct Binary;

impl ToBytes for Binary {
    fn write(
        &self,
        value: Value<'_>,
        _reader: &mut Reader<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Box<ValueError>> {
        match value {
            Value::Bin(bytes) => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            Value::Str(text) => STANDARD.decode_vec(text, out).map_err(|_| {
                ValueError::mismatch_of(&value, |value| format!("{value} is not base64"))
            }),
            other => Err(ValueError::type_mismatch(&other, "varbinary")),
        }
    }
}
