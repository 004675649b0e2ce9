//! Arrow columns as MessagePack values, one cell at a time.

use arrow_array::{Array, BinaryArray, BooleanArray, OffsetSizeTrait, PrimitiveArray, StringArray};
use arrow_array::{
    cast::AsArray,
    types::{
        ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
        UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::{ArrowError, DataType};

use crate::escape::{has_escapes, unescape};
use crate::msgpack::{
    write_array, write_binary, write_bool, write_float, write_int, write_map, write_nil,
    write_text, write_uint,
};

/// One column of a record batch, ready to write any of its cells.
pub enum Cells<'a> {
    /// Nothing but NULL.
    Null,
    /// BOOLEAN
    Bool(&'a BooleanArray),
    /// TINYINT
    Int8(&'a PrimitiveArray<Int8Type>),
    /// SMALLINT
    Int16(&'a PrimitiveArray<Int16Type>),
    /// INTEGER
    Int32(&'a PrimitiveArray<Int32Type>),
    /// BIGINT
    Int64(&'a PrimitiveArray<Int64Type>),
    /// UTINYINT
    UInt8(&'a PrimitiveArray<UInt8Type>),
    /// USMALLINT
    UInt16(&'a PrimitiveArray<UInt16Type>),
    /// UINTEGER
    UInt32(&'a PrimitiveArray<UInt32Type>),
    /// UBIGINT: written as uint 64, so that tests can send what no bigint holds.
    UInt64(&'a PrimitiveArray<UInt64Type>),
    /// REAL, written as 64-bit float.
    Float32(&'a PrimitiveArray<Float32Type>),
    /// DOUBLE
    Float64(&'a PrimitiveArray<Float64Type>),
    /// VARCHAR and what is shown as text.
    Text {
        /// The strings.
        array: &'a StringArray,
        /// Whether some of them hold escaped bytes.
        escaped: bool,
    },
    /// VARBINARY
    Binary(&'a BinaryArray),
    /// ARRAY
    List {
        /// The lists' bounds.
        array: &'a dyn Lists,
        /// Their elements.
        items: Box<Cells<'a>>,
    },
    /// MAP
    Map {
        /// The maps' bounds.
        array: &'a dyn Lists,
        /// Their keys.
        keys: Box<Cells<'a>>,
        /// Their values.
        values: Box<Cells<'a>>,
    },
    /// ROW, written as an array of its fields.
    Row {
        /// The rows.
        array: &'a dyn Array,
        /// Their fields.
        fields: Vec<Cells<'a>>,
    },
}

/// Where a list or map of a row begins and ends among the elements; none for NULL.
pub trait Lists {
    /// The bounds of `row`.
    fn bounds(&self, row: usize) -> Option<(usize, usize)>;
}

impl<O: OffsetSizeTrait> Lists for arrow_array::GenericListArray<O> {
    fn bounds(&self, row: usize) -> Option<(usize, usize)> {
        bounds(self, self.value_offsets(), row)
    }
}

impl Lists for arrow_array::MapArray {
    fn bounds(&self, row: usize) -> Option<(usize, usize)> {
        bounds(self, self.value_offsets(), row)
    }
}

fn bounds<O: OffsetSizeTrait>(
    array: &dyn Array,
    offsets: &[O],
    row: usize,
) -> Option<(usize, usize)> {
    if array.is_null(row) {
        return None;
    }
    Some((
        offsets.get(row)?.as_usize(),
        offsets.get(row + 1)?.as_usize(),
    ))
}

impl<'a> Cells<'a> {
    /// # Errors
    /// A type that the SQL side should have cast away.
    pub fn try_new(array: &'a dyn Array) -> Result<Self, ArrowError> {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "Arrow has many types that no result has"
        )]
        Ok(match array.data_type() {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Bool(array.as_boolean()),
            DataType::Int8 => Self::Int8(array.as_primitive()),
            DataType::Int16 => Self::Int16(array.as_primitive()),
            DataType::Int32 => Self::Int32(array.as_primitive()),
            DataType::Int64 => Self::Int64(array.as_primitive()),
            DataType::UInt8 => Self::UInt8(array.as_primitive()),
            DataType::UInt16 => Self::UInt16(array.as_primitive()),
            DataType::UInt32 => Self::UInt32(array.as_primitive()),
            DataType::UInt64 => Self::UInt64(array.as_primitive()),
            DataType::Float32 => Self::Float32(array.as_primitive()),
            DataType::Float64 => Self::Float64(array.as_primitive()),
            DataType::Utf8 => {
                let array = array.as_string();
                Self::Text {
                    array,
                    escaped: has_escapes(array.value_data()),
                }
            }
            DataType::Binary => Self::Binary(array.as_binary()),
            DataType::List(_) => {
                let array = array.as_list::<i32>();
                let items = Box::new(Self::try_new(array.values().as_ref())?);
                Self::List { array, items }
            }
            DataType::Map(..) => {
                let array = array.as_map();
                let keys = Box::new(Self::try_new(array.keys().as_ref())?);
                let values = Box::new(Self::try_new(array.values().as_ref())?);
                Self::Map {
                    array,
                    keys,
                    values,
                }
            }
            DataType::Struct(_) => {
                let fields = array.as_struct().columns().iter();
                let fields = fields
                    .map(|field| Self::try_new(field.as_ref()))
                    .collect::<Result<_, _>>()?;
                Self::Row { array, fields }
            }
            other => {
                return Err(ArrowError::NotYetImplemented(format!(
                    "a result column of type {other}"
                )));
            }
        })
    }

    /// Appends the cell of `row`.
    #[inline]
    pub fn write(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Null => write_nil(out),
            Self::Bool(array) => {
                if array.is_null(row) {
                    write_nil(out);
                } else {
                    write_bool(out, array.value(row));
                }
            }
            Self::Int8(array) => integer(array, row, out),
            Self::Int16(array) => integer(array, row, out),
            Self::Int32(array) => integer(array, row, out),
            Self::Int64(array) => integer(array, row, out),
            Self::UInt8(array) => integer(array, row, out),
            Self::UInt16(array) => integer(array, row, out),
            Self::UInt32(array) => integer(array, row, out),
            Self::UInt64(array) => or_nil(array, row, out, write_uint),
            Self::Float32(array) => or_nil(array, row, out, |out, value| {
                write_float(out, f64::from(value))
            }),
            Self::Float64(array) => or_nil(array, row, out, write_float),
            Self::Text { array, escaped } => {
                if array.is_null(row) {
                    write_nil(out);
                } else if *escaped {
                    write_text(out, &unescape(array.value(row).as_bytes()));
                } else {
                    write_text(out, array.value(row).as_bytes());
                }
            }
            Self::Binary(array) => {
                if array.is_null(row) {
                    write_nil(out);
                } else {
                    write_binary(out, array.value(row));
                }
            }
            Self::List { array, items } => match array.bounds(row) {
                None => write_nil(out),
                Some((start, end)) => {
                    write_array(out, end - start);
                    (start..end).for_each(|item| items.write(item, out));
                }
            },
            Self::Map {
                array,
                keys,
                values,
            } => match array.bounds(row) {
                None => write_nil(out),
                Some((start, end)) => {
                    write_map(out, end - start);
                    for entry in start..end {
                        keys.write(entry, out);
                        values.write(entry, out);
                    }
                }
            },
            Self::Row { array, fields } => {
                if array.is_null(row) {
                    write_nil(out);
                } else {
                    write_array(out, fields.len());
                    fields.iter().for_each(|field| field.write(row, out));
                }
            }
        }
    }
}

#[inline]
fn integer<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: usize, out: &mut Vec<u8>)
where
    T::Native: Into<i64>,
{
    or_nil(array, row, out, |out, value| write_int(out, value.into()));
}

#[inline]
fn or_nil<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    row: usize,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>, T::Native),
) {
    if array.is_null(row) {
        write_nil(out);
    } else {
        write(out, array.value(row));
    }
}
