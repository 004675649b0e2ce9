//! Job result rows in, a bulk import part out.

use serde::Deserialize;

use crate::{
    Error, Result,
    batch::row_len,
    gzip::Deflater,
    msgpack::{Reader, write_map_len, write_str},
};

/// Re-framed bytes gathered before they are compressed.
const BLOCK_BYTES: usize = 64 << 10;

/// How to write a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartOptions {
    /// Gzip level, 1 to 9.
    pub level: u32,
    /// Number of the part's first row within the job result, for messages.
    #[serde(default)]
    pub first_row: u64,
}

/// A bulk import part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Gzip of MessagePack maps laid end to end, one per row.
    pub bytes: Vec<u8>,
    /// Rows in it.
    pub row_count: u64,
}

/// Re-frames row arrays as maps by record key, copying the values' bytes, and compresses them.
#[derive(Debug)]
pub struct PartWriter {
    /// The head of a row's map.
    head: Vec<u8>,
    keys: Vec<Vec<u8>>,
    block: Vec<u8>,
    deflater: Deflater,
    first_row: u64,
    row_count: u64,
}

impl PartWriter {
    /// A writer of an empty part; `keys` are the record keys, in the order of the row's values.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a level out of range, or more or longer keys than MessagePack can count.
    pub fn try_new(keys: Vec<String>, options: PartOptions) -> Result<Self> {
        let too_many = |_| Error::InvalidOption {
            reason: "more keys, or longer ones, than MessagePack can hold".into(),
        };
        let mut head = Vec::new();
        write_map_len(&mut head, u32::try_from(keys.len()).map_err(too_many)?);
        let keys = keys.iter().map(|key| {
            let mut bytes = Vec::with_capacity(key.len() + 5);
            write_str(&mut bytes, key).map_err(too_many)?;
            Ok(bytes)
        });
        Ok(Self {
            head,
            keys: keys.collect::<Result<_>>()?,
            block: Vec::with_capacity(2 * BLOCK_BYTES),
            deflater: Deflater::try_new(options.level)?,
            first_row: options.first_row,
            row_count: 0,
        })
    }

    /// Takes whole rows, as a [`Step`](crate::splitter::Step) holds them.
    ///
    /// # Errors
    /// [`Error::MessagePack`] for anything that is no row of as many values as there are keys. After an error the writer
    /// is of no more use.
    pub fn push(&mut self, rows: &[u8]) -> Result<()> {
        let mut reader = Reader::new(rows);
        while !reader.is_empty() {
            self.append_row(&mut reader)?;
            self.row_count += 1;
            if self.block.len() >= BLOCK_BYTES {
                self.compress()?;
            }
        }
        Ok(())
    }

    /// Compressed bytes so far. What is still inside the compressor, some ten thousand bytes, is not counted.
    pub fn compressed_len(&self) -> usize {
        self.deflater.compressed_len()
    }

    /// Ends the part.
    pub fn finish(mut self) -> Result<Part> {
        self.compress()?;
        Ok(Part {
            bytes: self.deflater.finish()?,
            row_count: self.row_count,
        })
    }

    fn append_row(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let row = self.first_row + self.row_count;
        row_len(reader, self.keys.len(), row)?;
        self.block.extend_from_slice(&self.head);
        for key in &self.keys {
            let value = reader.skip().map_err(|malformed| Error::MessagePack {
                row,
                reason: malformed.to_string(),
            })?;
            self.block.extend_from_slice(key);
            self.block.extend_from_slice(value);
        }
        Ok(())
    }

    fn compress(&mut self) -> Result<()> {
        self.deflater.push(&self.block)?;
        self.block.clear();
        Ok(())
    }
}
