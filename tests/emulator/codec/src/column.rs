//! Values of one record key, whatever their types, as an Arrow column.
//!
//! TD keeps records as they come and applies the schema when it reads. So a column remembers the kind of each value;
//! values of one kind make a plain Arrow array, values of several kinds a struct with one nullable field per kind.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, MapArray, StringArray,
    StructArray, UInt64Array,
};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields};
use serde::Serialize;

use crate::escape::escape;
use crate::msgpack::{Fault, Reader, Value};

/// Lists and maps within each other beyond this depth read as NULL.
const MAX_DEPTH: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Null,
    Int,
    UInt,
    Float,
    Bool,
    Text,
    List,
    Map,
}

const KINDS: [Kind; 7] = [
    Kind::Int,
    Kind::UInt,
    Kind::Float,
    Kind::Bool,
    Kind::Text,
    Kind::List,
    Kind::Map,
];

/// The shape of stored values, as reported to the emulator's SQL side.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stored {
    /// Nothing but nil.
    Null,
    /// BIGINT
    Int,
    /// UBIGINT: integers above the signed range.
    UInt,
    /// DOUBLE
    Float,
    /// BOOLEAN
    Bool,
    /// VARCHAR, escaped.
    Text,
    /// A list of such values; `nulls` says whether some are nil.
    List {
        /// What the elements are.
        items: Box<Stored>,
        /// Whether an element is nil.
        nulls: bool,
    },
    /// A map.
    Map {
        /// What the keys are.
        keys: Box<Stored>,
        /// What the values are.
        values: Box<Stored>,
    },
    /// A struct with a field for each kind, in this order, named as [`Stored::field`] says.
    Mixed(Vec<Stored>),
}

impl Stored {
    /// The name of the struct field that holds values of this kind.
    fn field(&self) -> &'static str {
        match self {
            Self::Null | Self::Mixed(_) => "null",
            Self::Int => "int",
            Self::UInt => "uint",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Text => "text",
            Self::List { .. } => "list",
            Self::Map { .. } => "map",
        }
    }
}

/// Collects the values of one key.
#[derive(Debug, Default)]
pub struct Column {
    kinds: Vec<Kind>,
    seen: [bool; 8],
    ints: Vec<i64>,
    uints: Vec<u64>,
    floats: Vec<f64>,
    bools: Vec<bool>,
    text: Vec<u8>,
    text_lengths: Vec<usize>,
    list: Option<Box<List>>,
    map: Option<Box<Map>>,
}

#[derive(Debug, Default)]
struct List {
    lengths: Vec<usize>,
    items: Column,
}

#[derive(Debug, Default)]
struct Map {
    lengths: Vec<usize>,
    keys: Column,
    values: Column,
}

impl Column {
    /// A column that begins with `rows` NULLs.
    pub fn with_nulls(rows: usize) -> Self {
        Self {
            kinds: vec![Kind::Null; rows],
            ..Self::default()
        }
    }

    /// Adds NULL.
    #[inline]
    pub fn push_null(&mut self) {
        self.kinds.push(Kind::Null);
    }

    /// Adds the value at the front of `reader`.
    #[inline]
    pub fn push(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        self.push_at(reader, 0)
    }

    fn push_at(&mut self, reader: &mut Reader<'_>, depth: usize) -> Result<(), Fault> {
        let kind = match reader.read()? {
            Value::Nil | Value::Ext => Kind::Null,
            Value::Int(value) => {
                self.ints.push(value);
                Kind::Int
            }
            Value::UInt(value) => {
                self.uints.push(value);
                Kind::UInt
            }
            Value::Float(value) => {
                self.floats.push(value);
                Kind::Float
            }
            Value::Bool(value) => {
                self.bools.push(value);
                Kind::Bool
            }
            Value::Text(bytes) | Value::Binary(bytes) => {
                let before = self.text.len();
                escape(&mut self.text, bytes);
                self.text_lengths.push(self.text.len() - before);
                Kind::Text
            }
            Value::Array(length) if depth < MAX_DEPTH => {
                self.list
                    .get_or_insert_default()
                    .push(reader, length, depth)?;
                Kind::List
            }
            Value::Map(length) if depth < MAX_DEPTH => {
                self.map
                    .get_or_insert_default()
                    .push(reader, length, depth)?;
                Kind::Map
            }
            Value::Array(length) => skip_all(reader, u64::from(length))?,
            Value::Map(length) => skip_all(reader, 2 * u64::from(length))?,
        };
        self.kinds.push(kind);
        if let Some(seen) = self.seen.get_mut(kind as usize) {
            *seen = true;
        }
        Ok(())
    }

    /// What the column holds, and the array of it; no array when it holds nothing but NULL.
    pub fn finish(mut self) -> Result<(Stored, Option<ArrayRef>), ArrowError> {
        let kinds: Vec<Kind> = KINDS.into_iter().filter(|kind| self.has(*kind)).collect();
        if kinds.is_empty() {
            return Ok((Stored::Null, None));
        }
        if let [kind] = kinds.as_slice() {
            let (stored, array) = self.finish_kind(*kind)?;
            return Ok((stored, Some(array)));
        }
        let mut stored = Vec::new();
        let mut fields = Vec::new();
        let mut arrays = Vec::new();
        for kind in kinds {
            let (part, array) = self.finish_kind(kind)?;
            fields.push(Field::new(part.field(), array.data_type().clone(), true));
            stored.push(part);
            arrays.push(array);
        }
        let array = StructArray::try_new(Fields::from(fields), arrays, None)?;
        Ok((Stored::Mixed(stored), Some(Arc::new(array))))
    }

    fn has(&self, kind: Kind) -> bool {
        self.seen.get(kind as usize).copied().unwrap_or(false)
    }

    fn finish_kind(&mut self, kind: Kind) -> Result<(Stored, ArrayRef), ArrowError> {
        let nulls = self.nulls(kind);
        Ok(match kind {
            Kind::Null => return Err(ArrowError::InvalidArgumentError("no such kind".into())),
            Kind::Int => {
                let values = spread(&self.kinds, kind, std::mem::take(&mut self.ints));
                (
                    Stored::Int,
                    Arc::new(Int64Array::try_new(values.into(), nulls)?),
                )
            }
            Kind::UInt => {
                let values = spread(&self.kinds, kind, std::mem::take(&mut self.uints));
                (
                    Stored::UInt,
                    Arc::new(UInt64Array::try_new(values.into(), nulls)?),
                )
            }
            Kind::Float => {
                let values = spread(&self.kinds, kind, std::mem::take(&mut self.floats));
                (
                    Stored::Float,
                    Arc::new(Float64Array::try_new(values.into(), nulls)?),
                )
            }
            Kind::Bool => {
                let values = spread(&self.kinds, kind, std::mem::take(&mut self.bools));
                (
                    Stored::Bool,
                    Arc::new(BooleanArray::new(BooleanBuffer::from(values), nulls)),
                )
            }
            Kind::Text => {
                let lengths = spread(&self.kinds, kind, std::mem::take(&mut self.text_lengths));
                let text = std::mem::take(&mut self.text);
                let array = StringArray::try_new(offsets(lengths), text.into(), nulls)?;
                (Stored::Text, Arc::new(array))
            }
            Kind::List => {
                let List { lengths, items } = *self.list.take().unwrap_or_default();
                let lengths = spread(&self.kinds, kind, lengths);
                let null_items = items.kinds.contains(&Kind::Null);
                let rows = items.kinds.len();
                let (stored, array) = items.finish()?;
                let array = array.unwrap_or_else(|| Arc::new(StringArray::new_null(rows)));
                let field = Arc::new(Field::new("element", array.data_type().clone(), true));
                let items = Box::new(stored);
                let stored = Stored::List {
                    items,
                    nulls: null_items,
                };
                (
                    stored,
                    Arc::new(ListArray::try_new(field, offsets(lengths), array, nulls)?),
                )
            }
            Kind::Map => {
                let map = *self.map.take().unwrap_or_default();
                map.finish(|lengths| spread(&self.kinds, kind, lengths), nulls)?
            }
        })
    }

    /// Where values are of `kind`; none when all are.
    fn nulls(&self, kind: Kind) -> Option<NullBuffer> {
        let valid: BooleanBuffer = self.kinds.iter().map(|one| *one == kind).collect();
        Some(NullBuffer::new(valid)).filter(|nulls| nulls.null_count() > 0)
    }
}

impl List {
    fn push(&mut self, reader: &mut Reader<'_>, length: u32, depth: usize) -> Result<(), Fault> {
        for _ in 0..length {
            self.items.push_at(reader, depth + 1)?;
        }
        self.lengths
            .push(usize::try_from(length).map_err(|_| Fault::Invalid)?);
        Ok(())
    }
}

impl Map {
    /// Entries whose key is nil are left out: a Parquet map has no place for them.
    fn push(&mut self, reader: &mut Reader<'_>, length: u32, depth: usize) -> Result<(), Fault> {
        let before = self.keys.kinds.len();
        for _ in 0..length {
            self.keys.push_at(reader, depth + 1)?;
            if self.keys.kinds.last() == Some(&Kind::Null) {
                self.keys.kinds.pop();
                reader.skip()?;
            } else {
                self.values.push_at(reader, depth + 1)?;
            }
        }
        self.lengths.push(self.keys.kinds.len() - before);
        Ok(())
    }

    fn finish(
        self,
        spread: impl FnOnce(Vec<usize>) -> Vec<usize>,
        nulls: Option<NullBuffer>,
    ) -> Result<(Stored, ArrayRef), ArrowError> {
        let entries = self.keys.kinds.len();
        let all_null = || -> ArrayRef { Arc::new(StringArray::new_null(entries)) };
        let (keys, key_array) = self.keys.finish()?;
        let (values, value_array) = self.values.finish()?;
        // Without entries there are no keys to have a type; text will do, and may not be null.
        let key_array = key_array.unwrap_or_else(|| Arc::new(StringArray::from(vec![""; entries])));
        let value_array = value_array.unwrap_or_else(all_null);
        let fields = Fields::from(vec![
            Field::new("key", key_array.data_type().clone(), false),
            Field::new("value", value_array.data_type().clone(), true),
        ]);
        let pairs = StructArray::try_new(fields.clone(), vec![key_array, value_array], None)?;
        let field = Arc::new(Field::new("entries", DataType::Struct(fields), false));
        let array = MapArray::try_new(field, offsets(spread(self.lengths)), pairs, nulls, false)?;
        let stored = Stored::Map {
            keys: Box::new(keys),
            values: Box::new(values),
        };
        Ok((stored, Arc::new(array)))
    }
}

/// The dense values of `kind` laid out over all rows.
fn spread<T: Copy + Default>(kinds: &[Kind], kind: Kind, dense: Vec<T>) -> Vec<T> {
    if dense.len() == kinds.len() {
        return dense;
    }
    let mut dense = dense.into_iter();
    let place = |one: &Kind| {
        if *one == kind {
            dense.next().unwrap_or_default()
        } else {
            T::default()
        }
    };
    kinds.iter().map(place).collect()
}

fn offsets(lengths: Vec<usize>) -> OffsetBuffer<i32> {
    OffsetBuffer::from_lengths(lengths)
}

fn skip_all(reader: &mut Reader<'_>, values: u64) -> Result<Kind, Fault> {
    for _ in 0..values {
        reader.skip()?;
    }
    Ok(Kind::Null)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use arrow_array::types::Int64Type;
    use arrow_array::{Array, cast::AsArray};

    use super::*;

    fn column(values: &[&[u8]]) -> (Stored, Option<ArrayRef>) {
        let mut column = Column::default();
        for value in values {
            column.push(&mut Reader::new(value)).unwrap();
        }
        column.finish().unwrap()
    }

    #[test]
    fn values_of_one_kind_make_a_plain_array_with_nulls() {
        let (stored, array) = column(&[&[1], &[0xc0], &[0xff]]);
        assert_eq!(stored, Stored::Int);
        let array = array.unwrap();
        let ints = array.as_primitive::<Int64Type>();
        assert_eq!(
            (ints.value(0), ints.is_null(1), ints.value(2)),
            (1, true, -1)
        );
    }

    #[test]
    fn nothing_but_nil_has_no_type() {
        assert_eq!(column(&[&[0xc0], &[0xc0]]).0, Stored::Null);
    }

    #[test]
    fn mixed_kinds_keep_each_value_as_it_came() {
        let (stored, array) = column(&[&[7], &[0xa1, b'x'], &[0xc3]]);
        assert_eq!(
            stored,
            Stored::Mixed(vec![Stored::Int, Stored::Bool, Stored::Text])
        );
        let array = array.unwrap();
        let fields = array.as_struct();
        assert_eq!(fields.column(0).as_primitive::<Int64Type>().value(0), 7);
        assert!(fields.column(0).is_null(1));
        assert_eq!(fields.column(2).as_string::<i32>().value(1), "x");
    }

    #[test]
    fn lists_nest_and_say_whether_they_hold_nil() {
        let (stored, array) = column(&[&[0x92, 0x91, 1, 0xc0], &[0x90]]);
        let inner = Stored::List {
            items: Box::new(Stored::Int),
            nulls: false,
        };
        assert_eq!(
            stored,
            Stored::List {
                items: Box::new(inner),
                nulls: true
            }
        );
        assert_eq!(array.unwrap().as_list::<i32>().value_length(1), 0);
    }

    #[test]
    fn maps_leave_out_nil_keys_and_stay_in_step() {
        let (stored, array) = column(&[&[0x82, 0xc0, 1, 0xa1, b'k', 2], &[0x80]]);
        let (keys, values) = (Box::new(Stored::Text), Box::new(Stored::Int));
        assert_eq!(stored, Stored::Map { keys, values });
        let array = array.unwrap();
        assert_eq!(array.as_map().value_length(0), 1);
        assert_eq!(
            array.as_map().values().as_primitive::<Int64Type>().value(0),
            2
        );
    }

    #[test]
    fn deep_nesting_reads_as_null_and_does_not_overflow_the_stack() {
        let mut bytes = vec![0x91; 100_000];
        bytes.push(1);
        let (stored, _) = column(&[&bytes]);
        assert!(matches!(stored, Stored::List { .. }));
    }
}
