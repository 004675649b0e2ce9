//! Rows to one Parquet row group, encoded as a file of its own.

mod delta_size;
mod dictionary;
mod writer;

use arrow_array::RecordBatch;
use parquet::{basic::Encoding, file::metadata::ColumnChunkMetaData};
use serde::Serialize;

use self::{delta_size::DeltaSizes, writer::Writer};
use crate::{
    Error, Result,
    batch::BatchDecoder,
    parquet_options::{EncodeOptions, Encodings},
    schema::ResultSchema,
    writer_properties,
};

/// Minimum and maximum of the default size of a row group, in bytes of MessagePack: 8 MiB and 64 MiB.
const DEFAULT_BYTES_RANGE: [usize; 2] = [8 << 20, 64 << 20];

/// Default size of a row group per column, in bytes of MessagePack. Each column chunk takes about a kilobyte of the footer,
/// which is in memory until the file ends, so that small chunks would not pay.
const DEFAULT_BYTES_PER_COLUMN: usize = 8 << 10;

/// The default size of a row group of `columns` columns, in bytes of MessagePack.
pub fn default_bytes(columns: usize) -> u32 {
    let [min, max] = DEFAULT_BYTES_RANGE;
    let bytes = columns.saturating_mul(DEFAULT_BYTES_PER_COLUMN);
    u32::try_from(bytes.clamp(min, max)).unwrap_or(u32::MAX)
}

/// The magic number at the start of a Parquet file.
pub const FILE_MAGIC: [u8; 4] = *b"PAR1";

/// A Parquet file of one row group: [`FILE_MAGIC`], the data, and the footer, which is the input of
/// [`Stitcher::append`](crate::stitch::Stitcher::append).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct EncodedRowGroup {
    /// The whole file.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(feature = "typescript", ts(type = "Uint8Array"))]
    pub file: Vec<u8>,
    /// Size of the data in bytes, which is the sum of the column chunks.
    pub data_length: u64,
    /// Number of rows.
    pub row_count: u64,
    /// Leaf columns whose dictionary grew too large or saves nothing. Pass them as `plain_columns` for the next row group.
    pub overflowed: Vec<usize>,
    /// Leaf columns of integers that `DELTA_BINARY_PACKED` would shorten. Pass them as `delta_columns` for the next row
    /// group.
    pub delta_pays: Vec<usize>,
}

impl EncodedRowGroup {
    /// The column chunks.
    pub fn data(&self) -> &[u8] {
        let end = self.file.len() - self.footer().len();
        self.file.get(FILE_MAGIC.len()..end).unwrap_or_default()
    }

    /// Page indexes, file metadata, their length, and the magic number.
    pub fn footer(&self) -> &[u8] {
        let length = usize::try_from(self.data_length).unwrap_or(usize::MAX);
        let footer = self.file.get(length.saturating_add(FILE_MAGIC.len())..);
        footer.unwrap_or_default()
    }
}

/// Encodes the rows of one row group. Memory is bounded by the encoded row group and one batch.
#[derive(Debug)]
pub struct RowGroupEncoder {
    decoder: BatchDecoder,
    writer: Writer,
    /// Rows that are decoded but not written yet.
    batch: Option<RecordBatch>,
    /// `None` if the options exclude the encoding.
    delta_sizes: Option<DeltaSizes>,
    first_row: u64,
    row_count: u64,
}

impl RowGroupEncoder {
    /// An encoder for rows of `schema`. `first_row` is the number of the first row within the job result.
    ///
    /// # Errors
    /// [`Error::Parquet`] for a schema that Parquet cannot represent.
    pub fn try_new(schema: &ResultSchema, options: &EncodeOptions, first_row: u64) -> Result<Self> {
        let decoder = BatchDecoder::new(schema, options);
        let properties = writer_properties::properties(&decoder.schema(), options)?.build();
        let writer = Writer::try_new(decoder.schema(), properties)?;
        Ok(Self {
            decoder,
            writer,
            batch: None,
            delta_sizes: (options.encodings != Encodings::Compatible).then(DeltaSizes::default),
            first_row,
            row_count: 0,
        })
    }

    /// Takes whole rows, as a [`Step`](crate::splitter::Step) holds them; at most 1 GiB at once.
    ///
    /// # Errors
    /// [`Error::Value`] for a value that does not fit its column, [`Error::MessagePack`] for bytes that are not rows with one
    /// value per column, [`Error::Parquet`] if the encoder fails. The encoder is unusable after an error.
    pub fn push(&mut self, rows: &[u8]) -> Result<()> {
        self.decode(rows)?;
        self.write()
    }

    /// The first half of [`push`](Self::push): decodes rows to a record batch.
    ///
    /// # Errors
    /// Those of [`push`](Self::push).
    pub fn decode(&mut self, rows: &[u8]) -> Result<()> {
        let batch = self.decoder.decode(rows, self.first_row + self.row_count)?;
        self.row_count += batch.num_rows() as u64;
        self.batch = Some(batch);
        Ok(())
    }

    /// The second half of [`push`](Self::push): encodes the record batch as Parquet.
    ///
    /// # Errors
    /// [`Error::Parquet`] if the encoder fails.
    pub fn write(&mut self) -> Result<()> {
        let Some(batch) = self.batch.take() else {
            return Ok(());
        };
        if let Some(sizes) = &mut self.delta_sizes {
            sizes.push(&batch);
        }
        Ok(self.writer.write(batch)?)
    }

    /// Ends the row group.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] if it has no rows; [`Error::Parquet`] if the encoder fails.
    pub fn finish(self) -> Result<EncodedRowGroup> {
        if self.row_count == 0 {
            return Err(Error::InvalidOption {
                reason: "a row group must have at least one row".into(),
            });
        }
        let (file, metadata) = self.writer.finish()?;
        let columns = || {
            metadata
                .row_groups()
                .iter()
                .flat_map(|group| group.columns())
        };
        let indexes_of = |is_chosen: &mut dyn FnMut(usize, &ColumnChunkMetaData) -> bool| {
            let chosen = columns()
                .enumerate()
                .filter(|&(index, column)| is_chosen(index, column));
            chosen.map(|(index, _)| index).collect()
        };
        let mut sizes = self.delta_sizes.unwrap_or_default();
        Ok(EncodedRowGroup {
            data_length: columns().map(|column| column.byte_range().1).sum(),
            row_count: self.row_count,
            overflowed: indexes_of(&mut |_, column| dictionary::failed(column, &file)),
            delta_pays: indexes_of(&mut |index, column| delta_pays(sizes.bytes(index), column)),
            file,
        })
    }
}

/// Whether the encoding DELTA_BINARY_PACKED, even without compression, would take a tenth less than the column takes, and
/// than plain values.
fn delta_pays(delta_bytes: Option<u64>, column: &ColumnChunkMetaData) -> bool {
    let Some(delta_bytes) = delta_bytes else {
        return false;
    };
    let mut encodings = column.encodings();
    if encodings.any(|encoding| encoding == Encoding::DELTA_BINARY_PACKED) {
        return false;
    }
    let plain = column.num_values() * dictionary::value_width(column).unwrap_or(0);
    let bytes = column.compressed_size().min(plain);
    delta_bytes * 10 < bytes.unsigned_abs() * 9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet_options::Compression;
    use crate::testing::{V, a, rows, s};

    fn schema(text: &str) -> ResultSchema {
        ResultSchema::parse(text).unwrap()
    }

    fn encode(text: &str, options: &EncodeOptions, steps: &[Vec<u8>]) -> Result<EncodedRowGroup> {
        let mut encoder = RowGroupEncoder::try_new(&schema(text), options, 0)?;
        for step in steps {
            encoder.push(step)?;
        }
        encoder.finish()
    }

    #[test]
    fn wide_tables_have_larger_row_groups() {
        assert_eq!(default_bytes(0), 8 << 20);
        assert_eq!(default_bytes(1024), 8 << 20);
        assert_eq!(default_bytes(4096), 32 << 20);
        assert_eq!(default_bytes(usize::MAX), 64 << 20);
    }

    #[test]
    fn dictionaries_that_do_not_pay_are_reported_and_then_left_out() {
        let text = r#"[["tags","array(varchar)"],["id","bigint"],["large","varchar"],["few","varchar"],["flag","boolean"]]"#;
        let steps: Vec<_> = (0..4_i64)
            .map(|step| {
                rows((0..5000).map(|row| {
                    let number = step * 5000 + row;
                    [
                        a([s("x"), s("y")]),
                        V::Int(number),
                        s(&format!("{number:0100}")),
                        s(["a", "b"][usize::try_from(number % 2).unwrap()]),
                        V::Bool(true),
                    ]
                }))
            })
            .collect();
        let first = encode(text, &EncodeOptions::default(), &steps).unwrap();
        assert_eq!((first.row_count, &*first.overflowed), (20_000, &[1, 2][..]));

        let options = EncodeOptions {
            plain_columns: first.overflowed,
            compression: Compression::None,
            ..EncodeOptions::default()
        };
        let second = encode(text, &options, &steps).unwrap();
        assert!(second.overflowed.is_empty());
        let with_dictionary = EncodeOptions {
            compression: Compression::None,
            ..EncodeOptions::default()
        };
        let third = encode(text, &with_dictionary, &steps).unwrap();
        assert!(second.file.len() < third.file.len());
    }

    const INTEGERS: &str = r#"[["id","bigint"],["noise","bigint"],["few","bigint"],["second","bigint"],
        ["day","date"],["list","array(bigint)"],["text","varchar"]]"#;

    /// A sequence, noise, an enumeration, a time, a date, a nested sequence, and text.
    fn integers(count: i64) -> Vec<u8> {
        rows((0..count).map(|row| {
            let noise = mixed(row);
            let day = s(&format!("2024-01-{:02}", 1 + row % 28));
            let time = V::Int(1_700_000_000 + row / 3);
            let few = V::Int([200, 404, 500][usize::try_from(noise & 1).unwrap()]);
            [
                V::Int(row),
                V::Int(noise),
                few,
                time,
                day,
                a([V::Int(row), V::Nil]),
                s("x"),
            ]
        }))
    }

    /// SplitMix64's mixing function.
    fn mixed(value: i64) -> i64 {
        let mixed = value.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).cast_signed()
    }

    #[test]
    fn integers_get_deltas_where_those_pay() {
        let steps = [integers(20_000)];
        let delta = || EncodeOptions {
            encodings: Encodings::Delta,
            ..EncodeOptions::default()
        };
        let first = encode(INTEGERS, &delta(), &steps).unwrap();
        assert_eq!(first.delta_pays, [0, 3, 5]);
        let options = EncodeOptions {
            plain_columns: first.overflowed.clone(),
            delta_columns: first.delta_pays.clone(),
            ..delta()
        };
        let second = encode(INTEGERS, &options, &steps).unwrap();
        assert!(second.delta_pays.is_empty());
        assert!(second.file.len() * 2 < first.file.len());
    }

    #[test]
    fn the_size_of_deltas_is_estimated_well() {
        let steps = [integers(20_000)];
        let options = EncodeOptions {
            encodings: Encodings::Delta,
            delta_columns: vec![0, 1, 2, 3, 4, 5],
            compression: Compression::None,
            ..EncodeOptions::default()
        };
        let mut encoder = RowGroupEncoder::try_new(&schema(INTEGERS), &options, 0).unwrap();
        encoder.push(&steps[0]).unwrap();
        let mut sizes = encoder.delta_sizes.take().unwrap();
        let (_, metadata) = encoder.writer.finish().unwrap();
        for (index, column) in metadata.row_group(0).columns().iter().enumerate().take(5) {
            let encoded = column.compressed_size().unsigned_abs();
            let estimated = sizes.bytes(index).unwrap();
            let difference = estimated.abs_diff(encoded);
            assert!(
                difference < 500 + encoded / 20,
                "{index}: {estimated}, {encoded}"
            );
        }
    }

    #[test]
    fn encodings_are_those_of_the_options() {
        let text = r#"[["id","bigint"],["text","varchar"],["double","double"]]"#;
        let step = rows((0..1000_i64).map(|row| {
            let float = f64::from(u32::try_from(row).unwrap()).sqrt();
            [V::Int(row), s(&row.to_string()), V::F64(float)]
        }));
        let encodings = |encodings: Encodings| {
            let options = EncodeOptions {
                encodings,
                plain_columns: vec![1, 2],
                delta_columns: vec![0],
                ..EncodeOptions::default()
            };
            let mut encoder = RowGroupEncoder::try_new(&schema(text), &options, 0).unwrap();
            encoder.push(&step).unwrap();
            let (_, metadata) = encoder.writer.finish().unwrap();
            let columns = metadata.row_group(0).columns().iter();
            let data = columns.map(|column| column.page_encoding_stats().unwrap()[0].encoding);
            data.collect::<Vec<_>>()
        };
        let plain = Encoding::PLAIN;
        let delta = Encoding::DELTA_BINARY_PACKED;
        assert_eq!(encodings(Encodings::Compatible), [plain, plain, plain]);
        assert_eq!(encodings(Encodings::Delta), [delta, plain, plain]);
        assert_eq!(
            encodings(Encodings::Modern),
            [
                delta,
                Encoding::DELTA_LENGTH_BYTE_ARRAY,
                Encoding::BYTE_STREAM_SPLIT
            ]
        );
        assert!(
            encode(text, &EncodeOptions::default(), std::slice::from_ref(&step))
                .unwrap()
                .delta_pays
                .is_empty()
        );
    }

    #[test]
    fn errors_name_the_row_of_the_job_result() {
        let mut encoder = RowGroupEncoder::try_new(
            &schema(r#"[["id","integer"]]"#),
            &EncodeOptions::default(),
            1000,
        )
        .unwrap();
        encoder.push(&rows([[V::Int(1)], [V::Int(2)]])).unwrap();
        let error = encoder
            .push(&rows([[V::Int(3)], [V::Int(1 << 40)]]))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "column \"id\", row 1003: an integer does not fit integer"
        );
    }

    #[test]
    fn a_row_group_has_rows() {
        let error = encode(r#"[["id","integer"]]"#, &EncodeOptions::default(), &[]).unwrap_err();
        assert_eq!(error.code(), "invalid_option");
    }
}
