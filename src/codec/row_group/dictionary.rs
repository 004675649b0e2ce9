//! Whether the dictionary of a column pays.

use parquet::{
    basic::{Encoding, PageType, Type},
    file::metadata::ColumnChunkMetaData,
};

/// Number of entries up to which a dictionary is kept in any case, because it takes little time.
const MAX_SMALL_ENTRIES: u64 = 1000;

/// Whether the dictionary of a column chunk in `file` did not pay: it grew too large and the writer fell back to plain
/// encoding, or the dictionary and its indexes are larger than the plain values, before or after compression.
pub fn failed(column: &ColumnChunkMetaData, file: &[u8]) -> bool {
    let Some(offset) = column.dictionary_page_offset() else {
        return false;
    };
    let page = usize::try_from(offset).ok().and_then(|at| file.get(at..));
    overflowed(column)
        || outweighs_values(column)
        || page
            .and_then(DictionaryPage::read)
            .is_some_and(|page| compresses_worse(column, &page))
}

/// Whether the plain values would be smaller after compression, if each took as much as an entry of the dictionary. Repeated
/// values take less.
fn compresses_worse(column: &ColumnChunkMetaData, page: &DictionaryPage) -> bool {
    let statistics = column.statistics();
    let nulls = statistics.and_then(|statistics| statistics.null_count_opt());
    let values = column.num_values().unsigned_abs() - nulls.unwrap_or(0);
    let plain = u128::from(page.compressed_bytes) * u128::from(values);
    let bytes = u128::from(column.compressed_size().unsigned_abs());
    page.entries > MAX_SMALL_ENTRIES && bytes * u128::from(page.entries) > plain
}

/// The header of a dictionary page.
#[derive(Debug, PartialEq, Eq)]
struct DictionaryPage {
    compressed_bytes: u64,
    entries: u64,
}

impl DictionaryPage {
    /// Reads a header as parquet writes it: Thrift's compact protocol, with all fields in their order (parquet.thrift,
    /// `PageHeader` and `DictionaryPageHeader`).
    fn read(bytes: &[u8]) -> Option<Self> {
        /// A field of 32 bits, whose number is one more than that of the field before.
        const I32: u8 = 0x15;
        /// A structure, whose number is four more: after the checksum and the headers of other pages.
        const DICTIONARY: u8 = 0x4c;
        let mut rest = bytes;
        let mut field = |tag: &[u8]| {
            rest = rest.strip_prefix(tag)?;
            varint(&mut rest)
        };
        let _page_type = field(&[I32])?;
        let _uncompressed_bytes = field(&[I32])?;
        let compressed_bytes = field(&[I32])?;
        let entries = field(&[DICTIONARY, I32])?;
        Some(Self {
            compressed_bytes: compressed_bytes / 2,
            entries: entries / 2,
        })
    }
}

/// A number of at most five bytes with seven bits each. Numbers that are not negative are twice their value (zigzag).
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn overflowed(column: &ColumnChunkMetaData) -> bool {
    let mut pages = column.page_encoding_stats().into_iter().flatten();
    pages.any(|page| {
        matches!(page.page_type, PageType::DATA_PAGE | PageType::DATA_PAGE_V2)
            && !matches!(
                page.encoding,
                Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY
            )
    })
}

fn outweighs_values(column: &ColumnChunkMetaData) -> bool {
    let Some(width) = value_width(column) else {
        return false;
    };
    let text = column.unencoded_byte_array_data_bytes().unwrap_or(0);
    column.uncompressed_size() > column.num_values() * width + text
}

/// The bytes of a plain value; `None` for booleans, which take a bit.
pub fn value_width(column: &ColumnChunkMetaData) -> Option<i64> {
    Some(match column.column_type() {
        Type::INT32 | Type::FLOAT => 4,
        Type::INT64 | Type::DOUBLE => 8,
        Type::INT96 => 12,
        Type::FIXED_LEN_BYTE_ARRAY => i64::from(column.column_descr().type_length()),
        // The length that precedes each value.
        Type::BYTE_ARRAY => 4,
        Type::BOOLEAN => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        parquet_options::EncodeOptions,
        row_group::{EncodedRowGroup, RowGroupEncoder},
        schema::ResultSchema,
        testing::{V, rows, s},
    };

    fn encode(values: impl Iterator<Item = V>) -> EncodedRowGroup {
        let mut values = values.peekable();
        let schema = match values.peek() {
            Some(V::Str(_)) => r#"[["a","varchar"]]"#,
            _ => r#"[["a","bigint"]]"#,
        };
        let schema = ResultSchema::parse(schema).unwrap();
        let options = EncodeOptions::default();
        let mut encoder = RowGroupEncoder::try_new(&schema, &options, 0).unwrap();
        encoder.push(&rows(values.map(|value| [value]))).unwrap();
        encoder.finish().unwrap()
    }

    /// A number below `limit`, in no order.
    fn scattered(row: i64, limit: i64) -> i64 {
        row.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed())
            .rotate_left(23)
            .rem_euclid(limit)
    }

    #[test]
    fn numbers_that_seldom_repeat_take_no_dictionary() {
        let group = encode((0..20_000).map(|row| V::Int(scattered(row, 12_000))));
        assert_eq!(group.overflowed, [0]);
    }

    #[test]
    fn values_that_often_repeat_keep_their_dictionary() {
        let few = encode((0..20_000).map(|row| V::Int(scattered(row, 900))));
        assert!(few.overflowed.is_empty());
        let text = |row| {
            s(&format!(
                "https://shop.example/product/{}",
                scattered(row, 1500)
            ))
        };
        let texts = encode((0..20_000).map(text));
        assert!(texts.overflowed.is_empty());
    }

    #[test]
    fn a_header_has_the_number_of_entries() {
        let group = encode((0..5000).map(|row| V::Int(row % 300)));
        let page = DictionaryPage::read(group.data()).unwrap();
        assert_eq!(page.entries, 300);
        assert!(page.compressed_bytes > 100 && page.compressed_bytes < group.data_length);
        for length in 0..4 {
            assert_eq!(DictionaryPage::read(&group.data()[..length]), None);
        }
        assert_eq!(
            DictionaryPage::read(&[0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
            None
        );
    }
}
