//! Gzip members that are compressed in parallel segments.

use flate2::{Compress, Compression, FlushCompress};
use zlib_rs::crc32::crc32_combine;

use crate::{Error, Result, crc::Crc};

/// An empty deflate block that is marked as final.
const FINAL_BLOCK: [u8; 2] = [3, 0];
/// Minimum spare capacity of the output when the compressor is called, in bytes.
const MIN_OUTPUT_BYTES: usize = 64 << 10;

/// A segment of the deflate stream of a gzip member. It ends at a byte boundary and refers to no byte before it.
///
/// A [`MemberAssembler`] joins segments that were compressed in parallel to one ordinary member: a deflate stream may be
/// flushed anywhere (RFC 1951 §3.2.4), and the CRCs of its segments combine to that of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeflateSegment {
    /// Whole deflate blocks, none of which is marked as final.
    pub deflated: Vec<u8>,
    /// CRC-32 of the uncompressed bytes.
    pub crc: u32,
    /// Number of uncompressed bytes.
    pub byte_length: u64,
}

/// Compresses a segment.
#[derive(Debug)]
pub struct Deflater {
    state: Compress,
    deflated: Vec<u8>,
    crc: Crc,
    byte_length: u64,
}

impl Deflater {
    /// A compressor of `level` 1 (fastest) to 9 (smallest).
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for any other level.
    pub fn try_new(level: u32) -> Result<Self> {
        if !(1..=9).contains(&level) {
            return Err(Error::InvalidOption {
                reason: format!("invalid gzip level {level}: expected 1 to 9"),
            });
        }
        Ok(Self {
            state: Compress::new(Compression::new(level), false),
            deflated: Vec::new(),
            crc: Crc::default(),
            byte_length: 0,
        })
    }

    /// Compresses `bytes`.
    ///
    /// # Errors
    /// [`Error::Gzip`] if the compressor fails.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.crc.push(bytes);
        self.byte_length += bytes.len() as u64;
        self.compress(bytes, FlushCompress::None)
    }

    /// Ends the segment at a byte boundary.
    ///
    /// # Errors
    /// [`Error::Gzip`] if the compressor fails.
    pub fn finish(mut self) -> Result<DeflateSegment> {
        self.compress(&[], FlushCompress::Sync)?;
        Ok(DeflateSegment {
            deflated: self.deflated,
            crc: self.crc.value(),
            byte_length: self.byte_length,
        })
    }

    fn compress(&mut self, mut bytes: &[u8], flush: FlushCompress) -> Result<()> {
        loop {
            self.deflated.reserve(MIN_OUTPUT_BYTES);
            let before = self.state.total_in();
            self.state
                .compress_vec(bytes, &mut self.deflated, flush)
                .map_err(|error| Error::Gzip {
                    reason: error.to_string(),
                    offset: before,
                })?;
            let used = usize::try_from(self.state.total_in() - before).unwrap_or(bytes.len());
            bytes = bytes.get(used..).unwrap_or_default();
            // Spare capacity means that the compressor has no pending output.
            if bytes.is_empty() && self.deflated.len() < self.deflated.capacity() {
                return Ok(());
            }
        }
    }
}

/// The header of a gzip member (RFC 1952 §2.3): magic, deflate, no flags, no time, no extra flags, unknown operating
/// system.
pub const MEMBER_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Joins segments to one gzip member. Its bytes are [`MEMBER_HEADER`], the segments in order, and the result of
/// [`trailer`](MemberAssembler::trailer).
#[derive(Debug, Default)]
pub struct MemberAssembler {
    crc: u32,
    byte_length: u64,
}

impl MemberAssembler {
    /// Appends a segment: the CRC-32 and the number of its uncompressed bytes.
    pub fn append(&mut self, crc: u32, byte_length: u64) {
        self.crc = crc32_combine(self.crc, crc, byte_length);
        self.byte_length += byte_length;
    }

    /// The final block and the trailer, which follow the segments.
    pub fn trailer(self) -> Vec<u8> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the trailer has the length modulo 2^32 (RFC 1952 §2.3.1)"
        )]
        let length = self.byte_length as u32;
        [
            &FINAL_BLOCK[..],
            &self.crc.to_le_bytes(),
            &length.to_le_bytes(),
        ]
        .concat()
    }
}
