//! gzip in and out.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

const READ_BYTES: usize = 256 * 1024;

/// Reads all members of a gzip file.
pub fn open(path: &Path) -> io::Result<impl Read> {
    Ok(MultiGzDecoder::new(BufReader::with_capacity(
        READ_BYTES,
        File::open(path)?,
    )))
}

/// `bytes` as one gzip member.
pub fn member(bytes: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let capacity = bytes.len() / 2 + 64;
    let mut encoder = GzEncoder::new(Vec::with_capacity(capacity), Compression::new(level));
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Feeds a gzip file to `take`, which gets what is not used yet and says how much of it it used.
///
/// # Errors
/// Reading and decompressing; bytes that are left over at the end; what `take` refuses.
pub fn feed(path: &Path, mut take: impl FnMut(&[u8]) -> io::Result<usize>) -> io::Result<()> {
    let mut input = open(path)?;
    let mut pending = Vec::with_capacity(2 * READ_BYTES);
    loop {
        let before = pending.len();
        let wanted = READ_BYTES.max(before) as u64;
        input.by_ref().take(wanted).read_to_end(&mut pending)?;
        let used = take(&pending)?;
        if pending.len() == before {
            let left = pending.len() - used;
            return if left == 0 {
                Ok(())
            } else {
                Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the last record is torn",
                ))
            };
        }
        pending.drain(..used);
    }
}
