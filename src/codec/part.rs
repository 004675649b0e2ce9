//! Rows of a job result to bulk import parts.
//!
//! A part is one gzip member of MessagePack maps, one map per row (TD's `msgpack.gz` format). Workers encode its segments in
//! parallel, and the segments are joined in order.

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    batch::row_len,
    byte_copy::{self, PackedBytes},
    deflate::RowDeflater,
    gzip::{DeflateSegment, Deflater, MEMBER_HEADER, MemberAssembler},
    msgpack::{Reader, write_map_len, write_str},
};

/// Options of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SegmentOptions {
    /// Deflate level, from 1 (fastest) to 9 (smallest).
    pub level: u32,
    /// Number of the first row of the segment within the job result, for messages. Default: 0.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub first_row: u64,
}

/// Consecutive records of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// Deflated MessagePack maps, one per row, up to a byte boundary.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(feature = "typescript", ts(type = "Uint8Array"))]
    pub deflated: Vec<u8>,
    /// CRC-32 of the maps.
    pub crc: u32,
    /// Size of the maps in bytes.
    pub byte_length: u64,
    /// Number of rows.
    pub row_count: u64,
}

/// Bytes that are copied for each row, padded for a fast copy.
#[derive(Debug)]
struct Key {
    padded: Vec<u8>,
    len: usize,
}

impl Key {
    fn new(bytes: &[u8]) -> Self {
        Self {
            padded: byte_copy::with_padding(bytes),
            len: bytes.len(),
        }
    }
}

/// Bytes of maps below which they wait for more, because no match refers to maps that were compressed before.
const MIN_DEFLATE_BYTES: usize = 256 << 10;
/// Bytes of maps from which on they are compressed at once, so that their positions have 32 bits.
const MAX_MAP_BYTES: usize = 64 << 20;

/// The level of [`RowDeflater`].
const ROW_LEVEL: u32 = 1;

/// The compressor of a segment.
#[derive(Debug)]
enum SegmentDeflater {
    /// For level 1: as small as zlib's level 1 makes it, and faster.
    Rows(Box<RowDeflater>),
    /// For other levels, and for rows without columns.
    Any(Box<Deflater>),
}

/// Converts row arrays to maps by record key, and compresses them. The bytes of the values are copied without decoding.
#[derive(Debug)]
pub struct SegmentWriter {
    /// The header of the map of a row.
    map_header: Key,
    keys: Vec<Key>,
    /// Maps that are not compressed yet.
    maps: PackedBytes,
    /// The starts of the keys in `maps`. The first key of a row includes the header of the map.
    starts: Vec<u32>,
    deflater: SegmentDeflater,
    first_row: u64,
    row_count: u64,
}

impl SegmentWriter {
    /// A writer of an empty segment. `keys` are the record keys, in the order of the values of a row.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a level out of range, and for more or longer keys than 32-bit lengths allow.
    pub fn try_new(keys: Vec<String>, options: SegmentOptions) -> Result<Self> {
        let too_many = |_| Error::InvalidOption {
            reason: "too many keys, or a key too long, for MessagePack".into(),
        };
        let mut map_header = Vec::new();
        write_map_len(
            &mut map_header,
            u32::try_from(keys.len()).map_err(too_many)?,
        );
        let keys = keys.iter().map(|key| {
            let mut bytes = Vec::with_capacity(key.len() + 5);
            write_str(&mut bytes, key).map_err(too_many)?;
            Ok(Key::new(&bytes))
        });
        let keys = keys.collect::<Result<Vec<_>>>()?;
        Ok(Self {
            deflater: deflater(&keys, map_header.len(), options.level)?,
            map_header: Key::new(&map_header),
            keys,
            maps: PackedBytes::default(),
            starts: Vec::new(),
            first_row: options.first_row,
            row_count: 0,
        })
    }

    /// Adds whole rows in the format of [`RowBatch::rows`](crate::splitter::RowBatch::rows).
    ///
    /// # Errors
    /// [`Error::MessagePack`] for bytes that are not rows with one value per key. The writer is unusable after an error.
    pub fn push(&mut self, rows: &[u8]) -> Result<()> {
        self.reframe(rows)?;
        self.deflate()
    }

    /// The first half of [`push`](Self::push): converts row arrays to maps.
    ///
    /// # Errors
    /// Those of [`push`](Self::push).
    pub fn reframe(&mut self, rows: &[u8]) -> Result<()> {
        let mut reader = Reader::new(rows);
        while !reader.is_empty() {
            self.append_row(&mut reader)?;
            self.row_count += 1;
            if self.maps.bytes().len() >= MAX_MAP_BYTES {
                self.deflate_all()?;
            }
        }
        Ok(())
    }

    /// The second half of [`push`](Self::push): compresses the maps, unless they are too few.
    ///
    /// # Errors
    /// [`Error::Gzip`] if the compressor fails.
    pub fn deflate(&mut self) -> Result<()> {
        if self.maps.bytes().len() < MIN_DEFLATE_BYTES {
            return Ok(());
        }
        self.deflate_all()
    }

    fn deflate_all(&mut self) -> Result<()> {
        match &mut self.deflater {
            SegmentDeflater::Rows(deflater) => deflater.push(self.maps.bytes(), &self.starts),
            SegmentDeflater::Any(deflater) => deflater.push(self.maps.bytes())?,
        }
        self.maps.clear();
        self.starts.clear();
        Ok(())
    }

    /// Ends the segment.
    ///
    /// # Errors
    /// [`Error::Gzip`] if the compressor fails.
    pub fn finish(mut self) -> Result<Segment> {
        self.deflate_all()?;
        let DeflateSegment {
            deflated,
            crc,
            byte_length,
        } = match self.deflater {
            SegmentDeflater::Rows(deflater) => deflater.finish(),
            SegmentDeflater::Any(deflater) => deflater.finish()?,
        };
        Ok(Segment {
            deflated,
            crc,
            byte_length,
            row_count: self.row_count,
        })
    }

    fn append_row(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let row = self.first_row + self.row_count;
        row_len(reader, self.keys.len(), row)?;
        let mut start = self.maps.bytes().len();
        self.maps
            .append(&self.map_header.padded, self.map_header.len);
        for key in &self.keys {
            self.starts.push(u32::try_from(start).unwrap_or(u32::MAX));
            let from = reader.rest();
            let value = reader.skip().map_err(|malformed| Error::MessagePack {
                row,
                reason: malformed.to_string(),
            })?;
            self.maps.append(&key.padded, key.len);
            self.maps.append(from, value.len());
            start = self.maps.bytes().len();
        }
        Ok(())
    }
}

fn deflater(keys: &[Key], map_header_len: usize, level: u32) -> Result<SegmentDeflater> {
    if level != ROW_LEVEL || keys.is_empty() {
        return Ok(SegmentDeflater::Any(Box::new(Deflater::try_new(level)?)));
    }
    let mut key_lens: Vec<_> = keys.iter().map(|key| key.len).collect();
    if let Some(first) = key_lens.first_mut() {
        *first += map_header_len;
    }
    Ok(SegmentDeflater::Rows(Box::new(RowDeflater::new(&key_lens))))
}

/// The bytes that precede the segments of a part.
pub const PART_HEADER: [u8; 10] = MEMBER_HEADER;

/// Joins segments to a part. Its bytes are [`PART_HEADER`], the `deflated` bytes of each segment in order, and the result of
/// [`finish`](Part::finish). The caller concatenates them, so that no segment is copied here.
#[derive(Debug, Default)]
pub struct Part {
    assembler: MemberAssembler,
}

impl Part {
    /// Appends a segment by its `crc` and `byte_length`.
    pub fn append(&mut self, crc: u32, byte_length: u64) {
        self.assembler.append(crc, byte_length);
    }

    /// The bytes that follow the segments.
    pub fn finish(self) -> Vec<u8> {
        self.assembler.trailer()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{V, a, any_value, m, rows, s};

    const OPTIONS: SegmentOptions = SegmentOptions {
        level: 1,
        first_row: 0,
    };

    fn inflated(segment: &Segment) -> Vec<u8> {
        joined(std::slice::from_ref(segment))
    }

    fn joined(segments: &[Segment]) -> Vec<u8> {
        let mut part = Part::default();
        let mut bytes = PART_HEADER.to_vec();
        for segment in segments {
            part.append(segment.crc, segment.byte_length);
            bytes.extend(&segment.deflated);
        }
        bytes.extend(part.finish());
        maps_of(&bytes)
    }

    fn maps_of(part: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        GzDecoder::new(part).read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn keys(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("k{number}")).collect()
    }

    #[test]
    fn rows_become_maps_by_key() {
        let mut writer =
            SegmentWriter::try_new(vec!["time".into(), "größe".into()], OPTIONS).unwrap();
        writer
            .push(&rows([[V::Int(1), a([V::Nil, s("x")])]]))
            .unwrap();
        writer.push(&rows([[V::Int(2), V::Nil]])).unwrap();
        let part = writer.finish().unwrap();
        let expected = [
            m([(s("time"), V::Int(1)), (s("größe"), a([V::Nil, s("x")]))]).bytes(),
            m([(s("time"), V::Int(2)), (s("größe"), V::Nil)]).bytes(),
        ];
        assert_eq!((part.row_count, inflated(&part)), (2, expected.concat()));
    }

    #[test]
    fn maps_may_have_any_number_of_keys() {
        for count in [0, 1, 15, 16, 300, 65_535, 65_536] {
            let keys = keys(count);
            let row: Vec<V> = (0..count).map(|_| V::Bool(true)).collect();
            let pairs = keys.iter().map(|key| (s(key), V::Bool(true)));
            let expected = m(pairs).bytes();
            let mut writer = SegmentWriter::try_new(keys, OPTIONS).unwrap();
            writer.push(&a(row).bytes()).unwrap();
            assert_eq!(inflated(&writer.finish().unwrap()), expected, "{count}");
        }
    }

    #[test]
    fn no_rows_are_an_empty_part() {
        let part = SegmentWriter::try_new(keys(1), OPTIONS)
            .unwrap()
            .finish()
            .unwrap();
        assert_eq!((part.row_count, inflated(&part)), (0, vec![]));
    }

    #[test]
    fn segments_join_to_one_gzip_member() {
        let mut segments = Vec::new();
        let mut expected = Vec::new();
        for first_row in [0_u32, 3, 6] {
            let options = SegmentOptions {
                level: 1,
                first_row: first_row.into(),
            };
            let mut writer = SegmentWriter::try_new(vec!["time".into()], options).unwrap();
            for row in first_row..first_row + 3 {
                writer.push(&rows([[V::Int(row.into())]])).unwrap();
                expected.extend(m([(s("time"), V::Int(row.into()))]).bytes());
            }
            segments.push(writer.finish().unwrap());
        }
        // GzDecoder stops after one member.
        assert_eq!(joined(&segments), expected);
    }

    #[test]
    fn invalid_rows_are_rejected_with_their_number() {
        let refused = |row: &[u8]| {
            let options = SegmentOptions {
                level: 6,
                first_row: 70,
            };
            let mut writer = SegmentWriter::try_new(keys(2), options).unwrap();
            writer.push(&rows([[V::Nil, V::Nil]])).unwrap();
            writer.push(row).unwrap_err().to_string()
        };
        let start = "row 71: invalid MessagePack: ";
        for (row, reason) in [
            (vec![0x91, 1], "it has 1 values, but there are 2 columns"),
            (vec![0x80], "a row must be an array, not a map of 0"),
            (vec![0x92, 1], "the bytes end inside a value"),
            (vec![0x92, 1, 0xc1], "0xc1 is not a MessagePack type"),
        ] {
            assert_eq!(refused(&row), format!("{start}{reason}"));
        }
    }

    #[test]
    fn levels_are_checked() {
        let options = SegmentOptions {
            level: 0,
            first_row: 0,
        };
        assert_eq!(
            SegmentWriter::try_new(keys(1), options).unwrap_err().code(),
            "invalid_option"
        );
    }

    proptest! {
        #[test]
        fn values_keep_their_bytes(values in prop::collection::vec(any_value(), 1..8), cut in 1..4_usize) {
            let keys = keys(1);
            let mut writer = SegmentWriter::try_new(keys, OPTIONS).unwrap();
            for step in values.chunks(cut) {
                writer.push(&rows(step.iter().map(|value| [value.clone()]))).unwrap();
            }
            let maps = values.iter().map(|value| m([(s("k0"), value.clone())]).bytes());
            let expected: Vec<u8> = maps.flatten().collect();
            prop_assert_eq!(inflated(&writer.finish().unwrap()), expected);
        }
    }
}
