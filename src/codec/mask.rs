//! Masks the values of rows, before they are encoded: unmasked values leave the process nowhere.

mod cache;
mod date;
mod key;
mod method;
mod text;
mod types;
mod value;

use serde::{Deserialize, Serialize};

use self::cache::{Cache, Pseudonyms};
use self::value::Rule;
pub use self::{key::Key, method::Method};
use crate::{
    Error, Result,
    batch::row_len,
    msgpack::{Malformed, Reader, write_array_len},
    schema::DataType,
};

/// A column of the rows that are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub struct MaskedColumn {
    /// The type of its values, as TD writes it.
    #[serde(rename = "type")]
    pub kind: String,
    /// What becomes of its values; `None` if they are kept.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string", optional))]
    pub method: Option<Method>,
}

impl MaskedColumn {
    /// The type of the values after masking, as TD writes it.
    ///
    /// # Errors
    /// A message, for a type that cannot be read.
    pub fn masked_type(&self) -> Result<String, String> {
        let Some(method) = self.method else {
            return Ok(self.kind.clone());
        };
        let before = DataType::parse(&self.kind)?;
        let after = types::masked(method, &before);
        Ok(match after == before {
            true => self.kind.clone(),
            false => types::name(&after),
        })
    }
}

/// Masks rows.
#[derive(Debug)]
pub struct Masker {
    columns: Vec<(DataType, Option<Method>, Cache)>,
    /// Number of values of a masked row.
    kept: u32,
    key: Option<Key>,
    row: u64,
    out: Vec<u8>,
}

impl Masker {
    /// A masker of rows of these columns. `first_row` is the number of the first row within the job result, for messages.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a type that cannot be read, for a secret that is too short, and for none if a method needs
    /// one.
    pub fn try_new(columns: &[MaskedColumn], secret: Option<&str>, first_row: u64) -> Result<Self> {
        let invalid = |reason: String| Error::InvalidOption { reason };
        let methods = columns.iter().filter_map(|column| column.method);
        if secret.is_none() && methods.clone().any(Method::needs_key) {
            return Err(invalid(
                "a rule of masking needs a secret, and there is none".into(),
            ));
        }
        let dropped = methods.filter(|method| *method == Method::Drop).count();
        let read = |column: &MaskedColumn| {
            let data_type = DataType::parse(&column.kind).map_err(invalid)?;
            Ok((data_type, column.method, Cache::default()))
        };
        Ok(Self {
            columns: columns.iter().map(read).collect::<Result<_>>()?,
            kept: u32::try_from(columns.len() - dropped)
                .map_err(|_| invalid("too many columns".into()))?,
            key: secret.map(Key::new).transpose()?,
            row: first_row,
            out: Vec::new(),
        })
    }

    /// Masks whole rows, which are concatenated MessagePack arrays. Returns rows without the columns that are dropped.
    ///
    /// # Errors
    /// [`Error::MessagePack`] for bytes that are not rows with one value per column. The masker is unusable after an error.
    pub fn mask(&mut self, rows: &[u8]) -> Result<&[u8]> {
        self.out.clear();
        let mut reader = Reader::new(rows);
        while !reader.is_empty() {
            row_len(&mut reader, self.columns.len(), self.row)?;
            self.append_row(&mut reader)
                .map_err(|malformed| Error::MessagePack {
                    row: self.row,
                    reason: malformed.to_string(),
                })?;
            self.row += 1;
        }
        Ok(&self.out)
    }

    fn append_row(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let out = &mut self.out;
        write_array_len(out, self.kept);
        for (data_type, method, cache) in &self.columns {
            let Some(method) = *method else {
                out.extend(reader.skip()?);
                continue;
            };
            match method {
                Method::Drop => {
                    reader.skip()?;
                }
                Method::Null => {
                    reader.skip()?;
                    out.push(0xc0);
                }
                Method::Hash
                | Method::Email
                | Method::EmailHash
                | Method::Partial(_)
                | Method::Redact
                | Method::Zero
                | Method::Day
                | Method::Month => {
                    let rule = Rule {
                        method,
                        pseudonyms: self.key.as_ref().map(|key| Pseudonyms { key, cache }),
                        depth: 0,
                    };
                    value::write(rule, data_type, reader, out)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
