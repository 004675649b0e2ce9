//! Columns of numbers and booleans.

use std::{fmt::Debug, sync::Arc};

use arrow_array::{ArrayRef, ArrowPrimitiveType, PrimitiveArray, builder::BooleanBuilder};
use arrow_buffer::{NullBufferBuilder, ScalarBuffer};
use arrow_schema::DataType as ArrowType;

use super::{column_builder::ColumnBuilder, value_error::ValueError};
use crate::msgpack::{Reader, Value};

/// Converts a value that is not NULL to a number.
pub trait Parse<N>: Debug + Send {
    /// Converts a value.
    fn parse(&self, value: Value<'_>) -> Result<N, Box<ValueError>>;

    /// Reads the next value if it has the most common form. Reads nothing otherwise.
    #[inline(always)]
    fn read_common(_reader: &mut Reader<'_>) -> Option<N> {
        None
    }
}

/// A column of numbers of the Arrow type `T`.
#[derive(Debug)]
pub struct PrimitiveColumn<T: ArrowPrimitiveType, P> {
    parse: P,
    data_type: ArrowType,
    values: Vec<T::Native>,
    nulls: NullBufferBuilder,
}

impl<T: ArrowPrimitiveType + Debug, P: Parse<T::Native>> PrimitiveColumn<T, P> {
    /// An empty column of `data_type`, which is a form of `T`.
    pub fn new(parse: P, data_type: ArrowType) -> Self {
        Self {
            parse,
            data_type,
            values: Vec::new(),
            nulls: NullBufferBuilder::new(0),
        }
    }
}

impl<T: ArrowPrimitiveType + Debug, P: Parse<T::Native>> ColumnBuilder for PrimitiveColumn<T, P> {
    fn append(&mut self, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>> {
        if let Some(value) = P::read_common(reader) {
            self.values.push(value);
            self.nulls.append_non_null();
        } else if reader.take_nil() {
            self.append_null();
        } else {
            let value = reader.value()?;
            self.values.push(self.parse.parse(value)?);
            self.nulls.append_non_null();
        }
        Ok(())
    }

    fn append_null(&mut self) {
        self.values.push(T::Native::default());
        self.nulls.append_null();
    }

    fn finish(&mut self) -> Result<ArrayRef, Box<ValueError>> {
        let next = Vec::with_capacity(self.values.len());
        let values = ScalarBuffer::from(std::mem::replace(&mut self.values, next));
        let array = PrimitiveArray::<T>::new(values, self.nulls.finish());
        Ok(Arc::new(array.with_data_type(self.data_type.clone())))
    }
}

/// Integers that fit `N`, with the name of the type for messages.
#[derive(Debug)]
pub struct Int(pub &'static str);

impl<N: TryFrom<i64>> Parse<N> for Int {
    #[inline]
    fn parse(&self, value: Value<'_>) -> Result<N, Box<ValueError>> {
        match value {
            Value::Int(int) => {
                N::try_from(int).map_err(|_| ValueError::out_of_range(&value, self.0))
            }
            Value::BigInt(_) => Err(ValueError::out_of_range(&value, self.0)),
            _ => Err(ValueError::type_mismatch(&value, self.0)),
        }
    }

    #[inline(always)]
    fn read_common(reader: &mut Reader<'_>) -> Option<N> {
        reader.short_integer()
    }
}

/// 64-bit floats, and integers that they represent exactly.
#[derive(Debug)]
pub struct Double;

impl Parse<f64> for Double {
    #[inline]
    fn parse(&self, value: Value<'_>) -> Result<f64, Box<ValueError>> {
        match value {
            Value::F64(float) => Ok(float),
            Value::F32(float) => Ok(float.into()),
            _ => exact_float(&value, f64::MANTISSA_DIGITS, "double"),
        }
    }

    #[inline(always)]
    fn read_common(reader: &mut Reader<'_>) -> Option<f64> {
        reader.short_float()
    }
}

/// 32-bit floats, and numbers that they represent exactly. NaN is valid.
#[derive(Debug)]
pub struct Real;

impl Parse<f32> for Real {
    #[inline]
    fn parse(&self, value: Value<'_>) -> Result<f32, Box<ValueError>> {
        let double = match value {
            Value::F32(float) => return Ok(float),
            Value::F64(float) => float,
            _ => exact_float(&value, f32::MANTISSA_DIGITS, "real")?,
        };
        #[expect(clippy::cast_possible_truncation, reason = "compared below")]
        let single = double as f32;
        if f64::from(single) == double || double.is_nan() {
            return Ok(single);
        }
        Err(ValueError::out_of_range(&value, "real"))
    }
}

/// Converts an integer to a float whose mantissa has `bits` bits, if the conversion is exact.
fn exact_float(value: &Value<'_>, bits: u32, expected: &str) -> Result<f64, Box<ValueError>> {
    let (float, magnitude) = match *value {
        #[expect(
            clippy::cast_precision_loss,
            reason = "rejected below if it is not exact"
        )]
        Value::Int(int) => (int as f64, int.unsigned_abs()),
        #[expect(
            clippy::cast_precision_loss,
            reason = "rejected below if it is not exact"
        )]
        Value::BigInt(int) => (int as f64, int),
        _ => return Err(ValueError::type_mismatch(value, expected)),
    };
    let used = u64::BITS - magnitude.leading_zeros();
    if used.saturating_sub(magnitude.trailing_zeros()) > bits {
        return Err(ValueError::out_of_range(value, expected));
    }
    Ok(float)
}

/// A column of booleans.
#[derive(Debug)]
pub struct BooleanColumn {
    values: BooleanBuilder,
}

impl Default for BooleanColumn {
    fn default() -> Self {
        Self {
            values: BooleanBuilder::new(),
        }
    }
}

impl ColumnBuilder for BooleanColumn {
    fn append(&mut self, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>> {
        match reader.value()? {
            Value::Nil => self.values.append_null(),
            Value::Bool(value) => self.values.append_value(value),
            other => return Err(ValueError::type_mismatch(&other, "boolean")),
        }
        Ok(())
    }

    fn append_null(&mut self) {
        self.values.append_null();
    }

    fn finish(&mut self) -> Result<ArrayRef, Box<ValueError>> {
        Ok(Arc::new(self.values.finish()))
    }
}
