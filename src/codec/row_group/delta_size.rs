//! The size that integers would have in the encoding DELTA_BINARY_PACKED.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "all other types are leaves without this encoding"
)]

use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray};
use arrow_schema::DataType;

/// Values of a block and of a miniblock, as the parquet crate writes 64-bit integers. A miniblock has one bit width.
const BLOCK: usize = 256;
const MINIBLOCK: usize = 64;
/// Bytes of the header of a block: its minimum (5 on average) and four bit widths.
const BLOCK_HEADER: u64 = 9;

/// The sizes of all leaf columns of a row group.
#[derive(Debug, Default)]
pub struct DeltaSizes {
    /// By leaf column. Columns that have no integers stay empty.
    leaves: Vec<DeltaSize>,
}

impl DeltaSizes {
    /// Adds rows.
    pub fn push(&mut self, batch: &RecordBatch) {
        let mut leaf = 0;
        for column in batch.columns() {
            self.push_array(column, &mut leaf);
        }
    }

    /// The size of a leaf column in bytes, without compression. `None` for a column without integers.
    pub fn bytes(&mut self, leaf: usize) -> Option<u64> {
        let size = self.leaves.get_mut(leaf)?;
        size.end_block();
        (size.bytes > 0).then_some(size.bytes)
    }

    fn push_array(&mut self, array: &ArrayRef, leaf: &mut usize) {
        match array.data_type() {
            DataType::Struct(_) => {
                for column in array.as_struct().columns() {
                    self.push_array(column, leaf);
                }
            }
            DataType::List(_) => self.push_array(array.as_list::<i32>().values(), leaf),
            DataType::Map(..) => {
                for column in array.as_map().entries().columns() {
                    self.push_array(column, leaf);
                }
            }
            data_type => {
                let width = integer_width(data_type);
                self.push_leaf(array, width, *leaf);
                *leaf += 1;
            }
        }
    }

    fn push_leaf(&mut self, array: &ArrayRef, width: Option<usize>, leaf: usize) {
        if self.leaves.len() <= leaf {
            self.leaves.resize_with(leaf + 1, DeltaSize::default);
        }
        let (Some(size), Some(width)) = (self.leaves.get_mut(leaf), width) else {
            return;
        };
        let data = array.to_data();
        let valid = |row: usize| array.is_valid(row);
        if width == 4 {
            let values = data.buffer::<i32>(0).iter().take(array.len());
            let values = values.map(|&value| i64::from(value)).enumerate();
            size.extend(
                values
                    .filter(|&(row, _)| valid(row))
                    .map(|(_, value)| value),
            );
        } else {
            let values = data
                .buffer::<i64>(0)
                .iter()
                .take(array.len())
                .copied()
                .enumerate();
            size.extend(
                values
                    .filter(|&(row, _)| valid(row))
                    .map(|(_, value)| value),
            );
        }
    }
}

/// The width in bytes of the integers that Parquet stores, for types that the encoding takes.
fn integer_width(data_type: &DataType) -> Option<usize> {
    match data_type {
        DataType::Int64 | DataType::Timestamp(..) => Some(8),
        DataType::Int32 | DataType::Date32 => Some(4),
        _ => None,
    }
}

#[derive(Debug, Default)]
struct DeltaSize {
    previous: i64,
    deltas: Vec<i64>,
    bytes: u64,
}

impl DeltaSize {
    fn extend(&mut self, values: impl Iterator<Item = i64>) {
        for value in values {
            self.deltas.push(value.wrapping_sub(self.previous));
            self.previous = value;
            if self.deltas.len() == BLOCK {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        let Some(&min) = self.deltas.iter().min() else {
            return;
        };
        let miniblocks = self.deltas.chunks(MINIBLOCK).map(|deltas| {
            let max = deltas.iter().max().copied().unwrap_or(min);
            let bits = i64::BITS - max.wrapping_sub(min).leading_zeros();
            u64::from(bits) * MINIBLOCK as u64 / 8
        });
        self.bytes += BLOCK_HEADER + miniblocks.sum::<u64>();
        self.deltas.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        batch::BatchDecoder,
        parquet_options::EncodeOptions,
        schema::ResultSchema,
        testing::{V, a, m, rows, s},
    };

    #[test]
    fn leaves_of_nested_columns_are_counted_apart() {
        let schema = r#"[["id","bigint"],["name","varchar"],["tags","array(bigint)"],
            ["map","map(varchar, bigint)"],["row","row(a bigint, b timestamp, c integer)"],["real","real"]]"#;
        let schema = ResultSchema::parse(schema).unwrap();
        let mut decoder = BatchDecoder::new(&schema, &EncodeOptions::default());
        let row = |row: i64| {
            let nested = a([V::Nil, s("2024-01-01 00:00:00.000"), V::Int(row % 2)]);
            let map = m([(s("k"), V::Int(row << 32))]);
            let tags = a([V::Int(1), V::Int(2)]);
            [V::Int(row), s("x"), tags, map, nested, V::F32(1.0)]
        };
        let batch = decoder.decode(&rows((0..1000).map(row)), 0).unwrap();
        let mut sizes = DeltaSizes::default();
        sizes.push(&batch);
        let sizes: Vec<_> = (0..9).map(|leaf| sizes.bytes(leaf)).collect();
        // Leaves: id, name, tags, key, value, a (all NULL), b, c, real.
        let integers = [true, false, true, false, true, false, true, true, false];
        assert_eq!(
            sizes.iter().map(Option::is_some).collect::<Vec<_>>(),
            integers
        );
        assert!(sizes[0] < sizes[7], "{sizes:?}");
        assert!(sizes[7] < sizes[2], "{sizes:?}");
    }
}
