//! Gzip, pushed: bytes in, bytes out.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use zlib_rs::crc32::{crc32, crc32_combine};

use crate::{Error, Result, crc::Crc};

/// An empty deflate block that is marked as the last.
const LAST_BLOCK: [u8; 2] = [3, 0];
/// Room for output that is always there when the compressor is called.
const OUTPUT_ROOM: usize = 64 << 10;

/// Inflates a stream of gzip members, one after the other.
#[derive(Debug)]
pub struct Inflater {
    place: Place,
    head: Head,
    body: Decompress,
    /// Of what was inflated of the member.
    crc: Crc,
    tail: [u8; 8],
    /// How many bytes of it there are.
    tail_len: usize,
    /// Bytes used so far.
    offset: u64,
}

/// Where in the stream the next byte belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first byte.
    Start,
    /// In what a member begins with.
    Head,
    /// In the deflate stream of a member.
    Body,
    /// In the checksum and the length behind it.
    Tail,
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
            place: Place::Start,
            head: Head::default(),
            body: Decompress::new(false),
            crc: Crc::default(),
            tail: [0; 8],
            tail_len: 0,
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
        while output.len() < output.capacity() {
            let rest = input.get(used..).unwrap_or_default();
            let (taken, grown) = match (self.place, rest.first()) {
                (Place::Body, _) => self.inflate_body(rest, output)?,
                (_, Some(&byte)) => {
                    self.take(byte).map_err(|reason| self.error(reason))?;
                    self.offset += 1;
                    (1, 0)
                }
                (_, None) => break,
            };
            used += taken;
            if taken == 0 && grown == 0 {
                break;
            }
        }
        Ok(used)
    }

    /// Whether the stream may end here: it holds whole members only, or none.
    pub fn is_complete(&self) -> bool {
        matches!(self.place, Place::Start | Place::Between | Place::Padding)
    }

    /// Takes a byte that is of no deflate stream.
    fn take(&mut self, byte: u8) -> Result<(), &'static str> {
        match self.place {
            Place::Between | Place::Padding if byte == 0 => self.place = Place::Padding,
            Place::Padding => return Err("zeros, then other bytes, behind the last member"),
            Place::Tail => {
                if let Some(place) = self.tail.get_mut(self.tail_len) {
                    *place = byte;
                }
                self.tail_len += 1;
                if self.tail_len == self.tail.len() {
                    self.check()?;
                    self.place = Place::Between;
                }
            }
            // Never in a body, whose bytes are not taken one by one.
            Place::Start | Place::Between | Place::Head | Place::Body => {
                if self.place != Place::Head {
                    self.head = Head::default();
                    self.place = Place::Head;
                }
                if self.head.take(byte)? {
                    self.body.reset(false);
                    self.crc = Crc::default();
                    self.place = Place::Body;
                }
            }
        }
        Ok(())
    }

    fn inflate_body(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<(usize, usize)> {
        let (used, len) = (self.body.total_in(), output.len());
        let status = self
            .body
            .decompress_vec(input, output, FlushDecompress::None);
        let used = self.body.total_in() - used;
        self.offset += used;
        self.crc.push(output.get(len..).unwrap_or_default());
        match status {
            Ok(Status::StreamEnd) => (self.place, self.tail_len) = (Place::Tail, 0),
            Ok(Status::Ok | Status::BufError) => {}
            Err(error) => return Err(self.error(error.message().unwrap_or("damaged data"))),
        }
        let used = usize::try_from(used).unwrap_or(input.len());
        Ok((used, output.len() - len))
    }

    /// Whether the member was what its tail says: a CRC-32, and its length modulo 2^32 (RFC 1952 §2.3.1).
    fn check(&self) -> Result<(), &'static str> {
        let (crc, length) = self.tail.split_at(4);
        if crc != self.crc.value().to_le_bytes() {
            return Err("incorrect data check");
        }
        if !self.body.total_out().to_le_bytes().starts_with(length) {
            return Err("incorrect length check");
        }
        Ok(())
    }

    fn error(&self, reason: &str) -> Error {
        Error::Gzip {
            reason: reason.to_owned(),
            offset: self.offset,
        }
    }
}

/// What a member begins with (RFC 1952 §2.3), taken byte by byte: nothing of it matters but that it is right.
#[derive(Debug, Default)]
struct Head {
    part: HeadPart,
    /// Bytes of the part so far.
    len: u16,
    flags: u8,
    /// Bytes of the extra field that are still to come.
    extra: u16,
    crc: u32,
}

#[derive(Debug, Default, Clone, Copy)]
enum HeadPart {
    #[default]
    Fixed,
    ExtraLength,
    Extra,
    Name,
    Comment,
    Crc,
}

impl Head {
    const MAGIC: [u8; 2] = [0x1f, 0x8b];
    const DEFLATE: u8 = 8;
    const FIXED_BYTES: u16 = 10;
    /// Flags that must not be set.
    const RESERVED: u8 = 0b1110_0000;
    /// What may follow the fixed bytes, in order, each if its flag is set.
    const OPTIONAL: [(HeadPart, u8); 4] = [
        (HeadPart::ExtraLength, 1 << 2),
        (HeadPart::Name, 1 << 3),
        (HeadPart::Comment, 1 << 4),
        (HeadPart::Crc, 1 << 1),
    ];

    /// Whether the head ends with this byte.
    fn take(&mut self, byte: u8) -> Result<bool, &'static str> {
        let place = self.len;
        self.len = self.len.saturating_add(1);
        let expected = self.crc.to_le_bytes();
        self.crc = crc32(self.crc, &[byte]);
        let parts_done = match self.part {
            HeadPart::Fixed => {
                match place {
                    0 | 1 if Self::MAGIC.get(usize::from(place)) != Some(&byte) => {
                        return Err("incorrect header check");
                    }
                    2 if byte != Self::DEFLATE => return Err("unknown compression method"),
                    3 if byte & Self::RESERVED != 0 => return Err("unknown header flags set"),
                    3 => self.flags = byte,
                    _ => {}
                }
                (self.len == Self::FIXED_BYTES).then_some(0)
            }
            HeadPart::ExtraLength => {
                self.extra |= u16::from(byte) << (8 * place);
                if self.len == 2 && self.extra > 0 {
                    self.part = HeadPart::Extra;
                }
                (self.len == 2 && self.extra == 0).then_some(1)
            }
            HeadPart::Extra => {
                self.extra -= 1;
                (self.extra == 0).then_some(1)
            }
            HeadPart::Name => (byte == 0).then_some(2),
            HeadPart::Comment => (byte == 0).then_some(3),
            HeadPart::Crc => {
                self.crc = u32::from_le_bytes(expected);
                if expected.get(usize::from(place)) != Some(&byte) {
                    return Err("header crc mismatch");
                }
                (self.len == 2).then_some(4)
            }
        };
        let Some(done) = parts_done else {
            return Ok(false);
        };
        let mut rest = Self::OPTIONAL.iter().skip(done);
        let next = rest.find(|(_, flag)| self.flags & flag != 0);
        if let Some((part, _)) = next {
            (self.part, self.len) = (*part, 0);
        }
        Ok(next.is_none())
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
    crc: Crc,
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
            crc: Crc::default(),
            byte_length: 0,
        })
    }

    /// Compresses `bytes`.
    ///
    /// # Errors
    /// [`Error::Gzip`] when the compressor fails.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.crc.push(bytes);
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
            crc: self.crc.value(),
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

    /// A member whose head has the parts of `flags`, each of some bytes, and its own CRC if that is among them.
    fn member_with(flags: u8) -> Vec<u8> {
        let mut head = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3];
        for (part, flag) in Head::OPTIONAL {
            match part {
                _ if flags & flag == 0 => {}
                HeadPart::ExtraLength => head.extend([3, 0, 0, 1, 0]),
                HeadPart::Name | HeadPart::Comment => head.extend(b"rows\0"),
                HeadPart::Crc | HeadPart::Fixed | HeadPart::Extra => {
                    head.extend(&crc32(0, &head).to_le_bytes()[..2]);
                }
            }
        }
        [&head, &gzip(b"some text")[MEMBER_HEAD.len()..]].concat()
    }

    #[test]
    fn a_head_may_have_any_of_its_parts() {
        for flags in 0..0x20 {
            let stream = [member_with(flags), member_with(flags)].concat();
            for size in CHUNK_SIZES {
                let inflated = inflate(&stream, size, 64);
                assert_eq!(
                    inflated,
                    Ok((b"some textsome text".to_vec(), true)),
                    "{flags}"
                );
            }
        }
        let mut empty_extra = member_with(0);
        empty_extra[3] = 4;
        empty_extra.splice(10..10, [0, 0]);
        assert_eq!(
            inflate(&empty_extra, 7, 64),
            Ok((b"some text".to_vec(), true))
        );
    }

    #[test]
    fn what_a_head_cannot_be_is_refused() {
        let with = |place: usize, byte: u8| {
            let mut stream = member_with(0x1f);
            stream[place] = byte;
            message(&stream)
        };
        let says = |message: String, reason: &str| assert!(message.contains(reason), "{message}");
        says(with(1, 0x8c), "incorrect header check");
        says(with(2, 7), "unknown compression method");
        says(with(3, 0x20), "unknown header flags set");
        // A byte of the name, and one of the CRC.
        says(with(16, b'x'), "header crc mismatch");
        says(with(26, 0xee), "header crc mismatch");
    }

    #[test]
    fn a_length_that_is_another_is_refused() {
        let mut stream = gzip(b"some text");
        let length = stream.len() - 4;
        stream[length] ^= 1;
        assert!(message(&stream).contains("incorrect length check"));
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
