//! A push decoder and encoder for gzip.
//!
//! Hand-written, because flate2's decoders of multiple members cannot bound the output of a call, and accept no zero padding.

mod header;
mod member;

use self::header::Header;
pub use self::member::{DeflateSegment, Deflater, MEMBER_HEADER, MemberAssembler};
use crate::{Error, Result, crc::Crc, inflate::Inflate};

/// Decompresses a sequence of gzip members. MessagePack rows without gzip pass unchanged.
#[derive(Debug)]
pub struct Inflater {
    state: State,
    header: Header,
    body: Inflate,
    /// Of the decompressed bytes of the member.
    crc: Crc,
    /// Number of decompressed bytes of the member.
    byte_length: u64,
    trailer: [u8; 8],
    /// Number of bytes of the trailer so far.
    trailer_len: usize,
    /// Number of compressed bytes consumed so far.
    offset: u64,
    /// Number of whole members so far.
    members: u64,
}

/// The part of the stream that the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte.
    Start,
    /// In the header of a member.
    Header,
    /// In the deflate stream of a member.
    Body,
    /// In the checksum and the length that end a member.
    Trailer,
    /// After a whole member.
    Between,
    /// In the zeros that pad a stream to a block size. Only zeros may follow.
    Padding,
    /// In MessagePack without gzip: a proxy or `fetch` has undone the gzip on the way.
    Plain,
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
            state: State::Start,
            header: Header::default(),
            body: Inflate::new(),
            crc: Crc::default(),
            byte_length: 0,
            trailer: [0; 8],
            trailer_len: 0,
            offset: 0,
            members: 0,
        }
    }

    /// Decompresses `input` into the spare capacity of `output`, and returns the number of consumed bytes of `input`. If it
    /// consumes and appends nothing, it needs more input.
    ///
    /// # Errors
    /// [`Error::Gzip`] for bytes that are not gzip members, and for a wrong checksum or length.
    pub fn inflate(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<usize> {
        let mut used = 0;
        while output.len() < output.capacity() {
            let rest = input.get(used..).unwrap_or_default();
            let (taken, grown) = match (self.state, rest.first()) {
                (State::Body, _) => self.inflate_body(rest, output)?,
                (State::Start, Some(&byte)) if is_row_header(byte) => {
                    self.state = State::Plain;
                    continue;
                }
                (State::Plain, _) => {
                    let room = output.capacity() - output.len();
                    let part = rest.get(..room).unwrap_or(rest);
                    output.extend_from_slice(part);
                    self.offset += part.len() as u64;
                    (part.len(), part.len())
                }
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

    /// Whether the stream may end here: after a whole member, or before the first one.
    pub fn is_complete(&self) -> bool {
        matches!(
            self.state,
            State::Start | State::Between | State::Padding | State::Plain
        )
    }

    /// Number of whole members so far.
    pub fn members(&self) -> u64 {
        self.members
    }

    /// Consumes a byte outside of the deflate streams.
    fn take(&mut self, byte: u8) -> Result<(), &'static str> {
        match self.state {
            State::Between | State::Padding if byte == 0 => self.state = State::Padding,
            State::Padding => {
                return Err("other bytes follow the zero padding after the last member");
            }
            State::Trailer => {
                if let Some(slot) = self.trailer.get_mut(self.trailer_len) {
                    *slot = byte;
                }
                self.trailer_len += 1;
                if self.trailer_len == self.trailer.len() {
                    self.check()?;
                    self.members += 1;
                    self.state = State::Between;
                }
            }
            // Never in a body or in plain rows, whose bytes are consumed elsewhere.
            State::Start | State::Between | State::Header | State::Body | State::Plain => {
                if self.state != State::Header {
                    self.header = Header::default();
                    self.state = State::Header;
                }
                if self.header.push(byte)? {
                    self.body.reset();
                    (self.crc, self.byte_length) = (Crc::default(), 0);
                    self.state = State::Body;
                }
            }
        }
        Ok(())
    }

    fn inflate_body(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<(usize, usize)> {
        let (mut rest, len) = (input, output.len());
        let ended = self.body.inflate(&mut rest, output);
        let used = input.len() - rest.len();
        self.offset += used as u64;
        let grown = output.get(len..).unwrap_or_default();
        self.crc.push(grown);
        self.byte_length += grown.len() as u64;
        match ended {
            Ok(true) => (self.state, self.trailer_len) = (State::Trailer, 0),
            Ok(false) => {}
            Err(damage) => {
                self.offset -= self.body.unused_bytes();
                return Err(self.error(damage));
            }
        }
        Ok((used, grown.len()))
    }

    /// Compares the member with its trailer: CRC-32, and length modulo 2^32 (RFC 1952 §2.3.1).
    fn check(&self) -> Result<(), &'static str> {
        let (crc, length) = self.trailer.split_at(4);
        if crc != self.crc.value().to_le_bytes() {
            return Err("incorrect data check");
        }
        if !self.byte_length.to_le_bytes().starts_with(length) {
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

/// Whether a byte starts a MessagePack array or map. No gzip member starts with such a byte.
fn is_row_header(byte: u8) -> bool {
    matches!(byte, 0x80..=0x9f | 0xdc..=0xdf)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use flate2::Compression;
    use zlib_rs::crc32::crc32;

    use super::{header::HeaderField, *};
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
    fn members_are_joined_for_any_chunk_size() {
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

    /// A member whose header has the fields of `flags`, each of some bytes, and its own CRC if that is among them.
    fn member_with(flags: u8) -> Vec<u8> {
        let mut header = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3];
        for (field, flag) in Header::OPTIONAL {
            match field {
                _ if flags & flag == 0 => {}
                HeaderField::ExtraLength => header.extend([3, 0, 0, 1, 0]),
                HeaderField::Name | HeaderField::Comment => header.extend(b"rows\0"),
                HeaderField::Crc | HeaderField::Fixed | HeaderField::Extra => {
                    header.extend(&crc32(0, &header).to_le_bytes()[..2]);
                }
            }
        }
        [&header, &gzip(b"some text")[MEMBER_HEADER.len()..]].concat()
    }

    #[test]
    fn a_header_may_have_any_of_its_parts() {
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
    fn invalid_headers_are_rejected() {
        let with = |index: usize, byte: u8| {
            let mut stream = member_with(0x1f);
            stream[index] = byte;
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
    fn a_wrong_length_is_rejected() {
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
    fn rows_whose_gzip_was_undone_on_the_way_pass_unchanged() {
        let plain = [[0x93, 1, 2, 3].repeat(100), gzip(b"x")].concat();
        for size in CHUNK_SIZES {
            for room in [1, 64, 1000] {
                assert_eq!(inflate(&plain, size, room), Ok((plain.clone(), true)));
            }
        }
    }

    #[test]
    fn nothing_but_zeros_may_pad_a_stream() {
        let stream = [gzip(b"x"), vec![0, 0], gzip(b"y")].concat();
        for size in CHUNK_SIZES {
            let Err(Error::Gzip { reason, .. }) = inflate(&stream, size, 64) else {
                panic!("taken");
            };
            assert!(reason.contains("padding"), "{reason}");
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
            segment_bytes in 1_usize..3000,
        ) {
            let mut assembler = MemberAssembler::default();
            let mut stream = MEMBER_HEADER.to_vec();
            for segment in bytes.chunks(segment_bytes) {
                let mut deflater = Deflater::try_new(level).unwrap();
                for chunk in segment.chunks(777) {
                    deflater.push(chunk).unwrap();
                }
                let segment = deflater.finish().unwrap();
                assembler.append(segment.crc, segment.byte_length);
                stream.extend(segment.deflated);
            }
            stream.extend(assembler.trailer());
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
