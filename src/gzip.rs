//! Gzip, pushed: bytes in, bytes out.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use zlib_rs::crc32::{crc32, crc32_combine};

use crate::{Error, Result};

/// Window of any gzip stream: 2^15 bytes.
const WINDOW_BITS: u8 = 15;
/// An empty deflate block that is marked as the last.
const LAST_BLOCK: [u8; 2] = [3, 0];
/// Room for output that is always there when the compressor is called.
const OUTPUT_ROOM: usize = 64 << 10;

/// Inflates a stream of gzip members, one after the other.
#[derive(Debug)]
pub struct Inflater {
    state: Decompress,
    place: Place,
    /// Bytes used so far.
    offset: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first byte.
    Start,
    /// Inside a member.
    Member,
    /// Behind a whole member.
    Between,
    /// In the zeros that pad a stream to some block size; nothing else may follow.
    Padding,
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

impl Inflater {
    /// An inflater at the start of a stream.
    pub fn new() -> Self {
        Self {
            state: Decompress::new_gzip(WINDOW_BITS),
            place: Place::Start,
            offset: 0,
        }
    }

    /// Appends to `output` what `input` holds, as far as its spare capacity goes; returns how many bytes of `input` it
    /// used. Nothing used and nothing appended means that it needs more input.
    ///
    /// # Errors
    /// [`Error::Gzip`] for anything but gzip members, a wrong checksum included.
    pub fn inflate(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<usize> {
        let mut used = 0;
        while let Some(rest) = input.get(used..)
            && output.len() < output.capacity()
            && self.enter_member(rest)?
        {
            if self.place == Place::Padding {
                used += rest.len();
                self.offset += rest.len() as u64;
                break;
            }
            let (taken, grown) = self.inflate_member(rest, output)?;
            used += taken;
            if taken == 0 && grown == 0 {
                break;
            }
        }
        Ok(used)
    }

    /// Whether the stream may end here: it holds whole members only, or none.
    pub fn is_complete(&self) -> bool {
        self.place != Place::Member
    }

    /// Whether there is anything to do with `input`; starts the member that it may start with.
    fn enter_member(&mut self, input: &[u8]) -> Result<bool> {
        if self.place == Place::Member {
            return Ok(true);
        }
        let Some(&first) = input.first() else {
            return Ok(false);
        };
        match self.place {
            Place::Between | Place::Padding if first == 0 => {
                if input.iter().any(|&byte| byte != 0) {
                    return Err(self.error("zeros, then other bytes, behind the last member"));
                }
                self.place = Place::Padding;
            }
            Place::Padding => return Err(self.error("other bytes behind the padding")),
            Place::Between => {
                self.state = Decompress::new_gzip(WINDOW_BITS);
                self.place = Place::Member;
            }
            Place::Start | Place::Member => self.place = Place::Member,
        }
        Ok(true)
    }

    fn inflate_member(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<(usize, usize)> {
        let (used, len) = (self.state.total_in(), output.len());
        let status = self
            .state
            .decompress_vec(input, output, FlushDecompress::None);
        let used = self.state.total_in() - used;
        self.offset += used;
        match status {
            Ok(Status::StreamEnd) => self.place = Place::Between,
            Ok(Status::Ok | Status::BufError) => {}
            Err(error) => return Err(self.error(error.message().unwrap_or("damaged data"))),
        }
        let used = usize::try_from(used).unwrap_or(input.len());
        Ok((used, output.len() - len))
    }

    fn error(&self, reason: &str) -> Error {
        Error::Gzip {
            reason: reason.to_owned(),
            offset: self.offset,
        }
    }
}

/// Deflated bytes that end at a byte and refer to nothing before them: a stretch of a gzip member.
///
/// Stretches made side by side are joined to one ordinary member by a [`Joiner`], because a deflate stream may be flushed
/// anywhere (RFC 1951 §3.2.4) and the CRCs of its pieces combine to that of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Whole deflate blocks, none of them marked as the last.
    pub deflated: Vec<u8>,
    /// CRC-32 of the bytes before they were deflated.
    pub crc: u32,
    /// Their number.
    pub byte_length: u64,
}

/// Compresses a stretch.
#[derive(Debug)]
pub struct Deflater {
    state: Compress,
    deflated: Vec<u8>,
    crc: u32,
    byte_length: u64,
}

impl Deflater {
    /// A compressor of `level` 1 (fast) to 9 (small).
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for any other level.
    pub fn try_new(level: u32) -> Result<Self> {
        if !(1..=9).contains(&level) {
            return Err(Error::InvalidOption {
                reason: format!("gzip levels go from 1 to 9, not {level}"),
            });
        }
        Ok(Self {
            state: Compress::new(Compression::new(level), false),
            deflated: Vec::new(),
            crc: 0,
            byte_length: 0,
        })
    }

    /// Compresses `bytes`.
    ///
    /// # Errors
    /// [`Error::Gzip`] when the compressor fails.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.crc = crc32(self.crc, bytes);
        self.byte_length += bytes.len() as u64;
        self.compress(bytes, FlushCompress::None)
    }

    /// Ends the stretch at a byte.
    ///
    /// # Errors
    /// [`Error::Gzip`] when the compressor fails.
    pub fn finish(mut self) -> Result<Stretch> {
        self.compress(&[], FlushCompress::Sync)?;
        Ok(Stretch {
            deflated: self.deflated,
            crc: self.crc,
            byte_length: self.byte_length,
        })
    }

    fn compress(&mut self, mut bytes: &[u8], flush: FlushCompress) -> Result<()> {
        loop {
            self.deflated.reserve(OUTPUT_ROOM);
            let before = self.state.total_in();
            self.state
                .compress_vec(bytes, &mut self.deflated, flush)
                .map_err(|error| Error::Gzip {
                    reason: error.to_string(),
                    offset: before,
                })?;
            let used = usize::try_from(self.state.total_in() - before).unwrap_or(bytes.len());
            bytes = bytes.get(used..).unwrap_or_default();
            // Room left in the output means that nothing more is waiting to be written.
            if bytes.is_empty() && self.deflated.len() < self.deflated.capacity() {
                return Ok(());
            }
        }
    }
}

/// What stands before the stretches of a gzip member: magic, deflate, no flags, no time, no hint, operating system unknown
/// (RFC 1952 §2.3).
pub const MEMBER_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Makes one gzip member of stretches: its bytes are [`MEMBER_HEAD`], the stretches in order, and what
/// [`tail`](Joiner::tail) gives.
#[derive(Debug, Default)]
pub struct Joiner {
    crc: u32,
    byte_length: u64,
}

impl Joiner {
    /// Takes note of a stretch behind those before it: the CRC-32 and number of its bytes before they were deflated.
    pub fn append(&mut self, crc: u32, byte_length: u64) {
        self.crc = crc32_combine(self.crc, crc, byte_length);
        self.byte_length += byte_length;
    }

    /// What stands behind the stretches.
    pub fn tail(self) -> Vec<u8> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the length is kept modulo 2^32 (RFC 1952 §2.3.1)"
        )]
        let length = self.byte_length as u32;
        [
            &LAST_BLOCK[..],
            &self.crc.to_le_bytes(),
            &length.to_le_bytes(),
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::testing::{CHUNK_SIZES, gzip};

    /// Inflates `stream` in chunks of `size` into pieces of at most `room`; whether it is complete then.
    fn inflate(stream: &[u8], size: usize, room: usize) -> Result<(Vec<u8>, bool)> {
        let mut inflater = Inflater::new();
        let mut all = Vec::new();
        for chunk in stream.chunks(size.min(stream.len().max(1))) {
            let mut rest = chunk;
            loop {
                let mut piece = Vec::with_capacity(room);
                let used = inflater.inflate(rest, &mut piece)?;
                rest = &rest[used..];
                all.extend_from_slice(&piece);
                if used == 0 && piece.is_empty() {
                    break;
                }
            }
            assert!(rest.is_empty());
        }
        Ok((all, inflater.is_complete()))
    }

    fn message(stream: &[u8]) -> String {
        let messages = CHUNK_SIZES.map(|size| inflate(stream, size, 64).unwrap_err().to_string());
        assert!(
            messages.iter().all(|message| *message == messages[0]),
            "{messages:?}"
        );
        messages[0].clone()
    }

    #[test]
    fn members_are_joined_whatever_the_chunks() {
        let text = "MessagePack ".repeat(3000);
        let stream = [gzip(text.as_bytes()), gzip(b""), gzip(b"tail"), vec![0; 9]].concat();
        let whole = [text.as_bytes(), b"tail"].concat();
        for size in CHUNK_SIZES {
            for room in [1, 7, 100_000] {
                assert_eq!(inflate(&stream, size, room), Ok((whole.clone(), true)));
            }
        }
    }

    #[test]
    fn a_header_may_hold_a_name_and_a_comment() {
        let mut encoder = flate2::GzBuilder::new()
            .filename("rows")
            .comment("none")
            .extra(vec![1, 2, 3])
            .write(Vec::new(), Compression::new(1));
        encoder.write_all(b"x").unwrap();
        let stream = encoder.finish().unwrap();
        for size in CHUNK_SIZES {
            assert_eq!(inflate(&stream, size, 64), Ok((b"x".to_vec(), true)));
        }
    }

    #[test]
    fn no_bytes_are_no_members() {
        assert_eq!(inflate(b"", 1, 64), Ok((vec![], true)));
    }

    #[test]
    fn a_cut_stream_is_not_complete() {
        let stream = [gzip(b"first"), gzip(b"second")].concat();
        let boundary = gzip(b"first").len();
        for len in 1..stream.len() {
            let (_, complete) = inflate(&stream[..len], 3, 64).unwrap();
            assert_eq!(complete, len == boundary, "{len}");
        }
    }

    #[test]
    fn damage_is_found() {
        let mut stream = gzip(b"some text, some text, some text");
        let checksum = stream.len() - 8;
        stream[checksum] ^= 1;
        assert!(
            message(&stream).contains("incorrect data check"),
            "{}",
            message(&stream)
        );
        assert!(message(b"<html>").contains("incorrect header check"));
        assert!(message(&[gzip(b"x"), b"garbage".to_vec()].concat()).contains("header"));
    }

    #[test]
    fn nothing_but_zeros_may_pad_a_stream() {
        let stream = [gzip(b"x"), vec![0, 0], gzip(b"y")].concat();
        for size in CHUNK_SIZES {
            let Err(Error::Gzip { reason, .. }) = inflate(&stream, size, 64) else {
                panic!("taken");
            };
            assert!(reason.contains("behind"), "{reason}");
        }
    }

    #[test]
    fn levels_are_checked() {
        assert!(Deflater::try_new(0).is_err());
        assert!(Deflater::try_new(10).is_err());
    }

    proptest! {
        #[test]
        fn what_is_deflated_is_inflated(
            bytes in prop::collection::vec(any::<u8>(), 0..5000),
            level in 1_u32..=9,
            stretch in 1_usize..3000,
        ) {
            let mut joiner = Joiner::default();
            let mut stream = MEMBER_HEAD.to_vec();
            for stretch in bytes.chunks(stretch) {
                let mut deflater = Deflater::try_new(level).unwrap();
                for chunk in stretch.chunks(777) {
                    deflater.push(chunk).unwrap();
                }
                let stretch = deflater.finish().unwrap();
                joiner.append(stretch.crc, stretch.byte_length);
                stream.extend(stretch.deflated);
            }
            stream.extend(joiner.tail());
            prop_assert_eq!(inflate(&stream, 100, 333), Ok((bytes, true)));
        }

        #[test]
        fn arbitrary_bytes_never_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..100),
            at in 0_usize..40,
        ) {
            let _ = inflate(&bytes, 7, 64);
            let mut stream = gzip(b"some text, some text, some text");
            if let Some(byte) = stream.get_mut(at) {
                *byte = bytes.first().copied().unwrap_or(0);
            }
            let _ = inflate(&stream, 7, 64);
        }
    }
}
