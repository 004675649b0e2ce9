//! A checksum of rows that does not depend on their order.

use twox_hash::XxHash3_128;

use crate::{
    Error, Result, canonical,
    msgpack::{Malformed, Reader, RowScanner},
};

/// The sum of a hash of each row (XXH3, 128 bits). It is equal for the same rows in any order, and different if a row is
/// missing, changed or duplicated.
///
/// The hash is that of the values, not of their bytes: two servers may encode the same value differently (see
/// [`canonical`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digest {
    sum: u128,
    rows: u64,
    /// The current row in its canonical form.
    row: Vec<u8>,
}

impl Digest {
    /// Adds whole rows, which are concatenated MessagePack arrays.
    ///
    /// # Errors
    /// [`Error::MessagePack`] for bytes that are not rows, [`Error::Truncated`] for bytes that end inside a row.
    pub fn push(&mut self, rows: &[u8]) -> Result<()> {
        let mut scanner = RowScanner::default();
        let mut start = 0;
        loop {
            let next = scanner.next_row(rows);
            let end = next.map_err(|malformed| self.malformed(malformed))?;
            let Some(row) = end.and_then(|end| rows.get(start..end)) else {
                break;
            };
            self.row.clear();
            let written = canonical::write(&mut Reader::new(row), &mut self.row);
            written.map_err(|malformed| self.malformed(malformed))?;
            // With XOR, a duplicated row would cancel itself out.
            self.sum = self.sum.wrapping_add(XxHash3_128::oneshot(&self.row));
            self.rows += 1;
            start += row.len();
        }
        if start < rows.len() {
            return Err(Error::Truncated {
                reason: "inside a row".into(),
                rows: self.rows,
            });
        }
        Ok(())
    }

    fn malformed(&self, malformed: Malformed) -> Error {
        Error::MessagePack {
            row: self.rows,
            reason: malformed.to_string(),
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The checksum as 32 hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:032x}", self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{V, rows, s};

    fn digest(chunks: &[Vec<u8>]) -> (u64, String) {
        let mut digest = Digest::default();
        for chunk in chunks {
            digest.push(chunk).unwrap();
        }
        (digest.rows(), digest.hex())
    }

    #[test]
    fn order_and_cuts_do_not_matter() {
        let row = |n: i64| rows([[V::Int(n), s("x"), V::Nil]]);
        let whole = digest(&[[row(1), row(2), row(3)].concat()]);
        assert_eq!(whole.0, 3);
        assert_eq!(digest(&[row(3), [row(1), row(2)].concat()]), whole);
        assert_eq!(digest(&[row(2), vec![], row(3), row(1)]), whole);
    }

    #[test]
    fn the_encoding_of_a_value_does_not_matter() {
        let short = digest(&[vec![0x92, 5, 0xa1, b'x']]);
        let long = vec![0xdc, 0, 2, 0xd1, 0, 5, 0xda, 0, 1, b'x'];
        assert_eq!(digest(&[long]), short);
    }

    #[test]
    fn any_other_rows_have_another_sum() {
        let row = |n: i64| rows([[V::Int(n)]]);
        let sums = [
            digest(&[]),
            digest(&[row(1)]),
            digest(&[row(2)]),
            digest(&[row(1), row(1)]),
            digest(&[row(2), row(2)]),
            digest(&[row(1), row(2)]),
            digest(&[rows([[V::Int(1), V::Int(2)]])]),
            digest(&[rows([[V::Nil]])]),
            digest(&[rows([[s("1")]])]),
        ]
        .map(|(_, text)| text);
        for (at, sum) in sums.iter().enumerate() {
            assert!(!sums[..at].contains(sum), "{at}");
        }
    }

    #[test]
    fn incomplete_rows_are_rejected() {
        let row = rows([[s("abc")]]);
        let push = |bytes: &[u8]| Digest::default().push(bytes).unwrap_err().code();
        assert_eq!(push(&row[..row.len() - 1]), "truncated_result");
        assert_eq!(push(&[0xc0]), "malformed_msgpack");
    }
}
