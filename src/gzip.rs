//! Gzip, pushed: bytes in, bytes out.

use std::io::Write;

use flate2::{Compression, Decompress, FlushDecompress, Status, write::GzEncoder};

use crate::{Error, Result};

/// Window of any gzip stream: 2^15 bytes.
const WINDOW_BITS: u8 = 15;

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

/// Deflates to one gzip member.
#[derive(Debug)]
pub struct Deflater {
    encoder: GzEncoder<Vec<u8>>,
}

impl Deflater {
    /// A deflater at a level of 1 to 9.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for another level.
    pub fn try_new(level: u32) -> Result<Self> {
        if !(1..=9).contains(&level) {
            return Err(Error::InvalidOption {
                reason: format!("gzip levels go from 1 to 9, not {level}"),
            });
        }
        Ok(Self {
            encoder: GzEncoder::new(Vec::new(), Compression::new(level)),
        })
    }

    /// Compresses more bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.encoder.write_all(bytes).map_err(deflate_error)
    }

    /// Compressed bytes that are out; up to a window's worth of input is still inside.
    pub fn compressed_len(&self) -> usize {
        self.encoder.get_ref().len()
    }

    /// Ends the member and returns it.
    pub fn finish(self) -> Result<Vec<u8>> {
        self.encoder.finish().map_err(deflate_error)
    }
}

fn deflate_error(error: std::io::Error) -> Error {
    Error::Gzip {
        reason: error.to_string(),
        offset: 0,
    }
}
