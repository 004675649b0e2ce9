//! Splits a job result into batches of whole rows.

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    gzip::Inflater,
    msgpack::{Malformed, RowScanner},
};

/// Number of compressed bytes that are decompressed before their rows are scanned. Small, so that the rows are still in the
/// cache, and few bytes remain after a batch.
const INFLATE_BYTES: usize = 64 << 10;

/// Minimum spare capacity of the decompression buffer, in bytes.
const SPARE_BYTES: usize = 128 << 10;

/// Bounds of batches and row groups. All are at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SplitOptions {
    /// Maximum number of rows in a batch.
    pub batch_rows: u32,
    /// Bytes of MessagePack in a batch. It ends with the row that reaches this size.
    pub batch_bytes: u32,
    /// Maximum number of rows in a row group.
    pub group_rows: u32,
    /// Bytes of MessagePack in a row group. It ends with the row that reaches this size.
    pub group_bytes: u32,
}

/// Consecutive whole rows of a job result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RowBatch {
    /// Concatenated MessagePack arrays, one per row.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(feature = "typescript", ts(type = "Uint8Array"))]
    pub rows: Vec<u8>,
    /// Number of rows, at least 1.
    pub row_count: u32,
    /// Number of the first row within the job result, from 0.
    pub first_row: u64,
    /// Whether this batch ends a row group. The last batch of a job result does.
    pub ends_group: bool,
}

/// Splits a job result (gzip of MessagePack arrays, one per row) into batches.
///
/// It decompresses bytes only when a batch is requested, so that memory is bounded by the pushed bytes and one batch, whatever
/// the compression ratio. A batch may exceed its bounds by one row.
#[derive(Debug)]
pub struct Splitter {
    options: SplitOptions,
    input: Vec<u8>,
    /// Number of decompressed bytes of `input`.
    used: usize,
    finished: bool,
    inflater: Inflater,
    scanner: RowScanner,
    /// Decompressed bytes that are not in a batch yet.
    buffer: Vec<u8>,
    /// End of the last whole row in `buffer`, and the number of whole rows.
    end: usize,
    rows: u32,
    first_row: u64,
    group_rows: u32,
    group_bytes: usize,
}

impl Splitter {
    /// A splitter at the start of a job result.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] if a bound is 0.
    pub fn try_new(options: SplitOptions) -> Result<Self> {
        let bounds = [
            ("batchRows", options.batch_rows),
            ("batchBytes", options.batch_bytes),
            ("groupRows", options.group_rows),
            ("groupBytes", options.group_bytes),
        ];
        if let Some((name, _)) = bounds.iter().find(|(_, bound)| *bound == 0) {
            return Err(Error::InvalidOption {
                reason: format!("{name} must be at least 1"),
            });
        }
        Ok(Self {
            options,
            input: Vec::new(),
            used: 0,
            finished: false,
            inflater: Inflater::new(),
            scanner: RowScanner::default(),
            buffer: Vec::new(),
            end: 0,
            rows: 0,
            first_row: 0,
            group_rows: 0,
            group_bytes: 0,
        })
    }

    /// Adds the next bytes, split at any position. Call [`next`](Self::next) until it returns `None` before the next push.
    pub fn push(&mut self, chunk: &[u8]) {
        self.input.drain(..self.used);
        self.used = 0;
        self.input.extend_from_slice(chunk);
    }

    /// Marks the end of the bytes.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// Returns the next batch, or `None` if it needs more input or, after [`finish`](Self::finish), if there are no more
    /// batches.
    ///
    /// # Errors
    /// [`Error::Gzip`] and [`Error::MessagePack`] for invalid input, [`Error::Truncated`] if the input ends inside a gzip
    /// member or a row.
    #[expect(
        clippy::should_implement_trait,
        reason = "it can fail, and a batch may follow `None`"
    )]
    pub fn next(&mut self) -> Result<Option<RowBatch>> {
        loop {
            self.scan()?;
            // A batch is known not to be the last one only if bytes follow it.
            if self.group_is_full() || (self.batch_is_full() && self.end < self.buffer.len()) {
                return Ok(Some(self.take_batch(self.group_is_full())));
            }
            if !self.inflate()? {
                return self.finish_input();
            }
        }
    }

    /// Scans for the ends of rows until the batch is full.
    fn scan(&mut self) -> Result<()> {
        while !self.batch_is_full() && !self.group_is_full() {
            match self.scanner.next_row(&self.buffer) {
                Ok(Some(end)) => {
                    self.end = end;
                    self.rows += 1;
                }
                Ok(None) => break,
                Err(malformed) => return Err(self.malformed(malformed)),
            }
        }
        Ok(())
    }

    fn batch_is_full(&self) -> bool {
        self.rows >= self.options.batch_rows || self.end >= self.options.batch_bytes as usize
    }

    fn group_is_full(&self) -> bool {
        let bytes = self.group_bytes.saturating_add(self.end);
        self.rows > 0
            && (self.group_rows + self.rows >= self.options.group_rows
                || bytes >= self.options.group_bytes as usize)
    }

    /// Decompresses the next bytes; returns whether there were any.
    fn inflate(&mut self) -> Result<bool> {
        if self.buffer.capacity() - self.buffer.len() < SPARE_BYTES {
            self.buffer.reserve(SPARE_BYTES);
        }
        let rest = self.input.get(self.used..).unwrap_or_default();
        let next = rest.get(..INFLATE_BYTES).unwrap_or(rest);
        let len = self.buffer.len();
        let used = self.inflater.inflate(next, &mut self.buffer)?;
        self.used += used;
        Ok(used > 0 || self.buffer.len() > len)
    }

    /// The result of [`next`](Self::next) when the input is consumed.
    fn finish_input(&mut self) -> Result<Option<RowBatch>> {
        if !self.finished {
            return Ok(None);
        }
        if !self.inflater.is_complete() {
            return Err(self.truncated("inside a gzip member"));
        }
        if self.end < self.buffer.len() {
            return Err(self.truncated("inside a row"));
        }
        Ok((self.rows > 0).then(|| self.take_batch(true)))
    }

    fn take_batch(&mut self, ends_group: bool) -> RowBatch {
        let left = self.buffer.get(self.end..).unwrap_or_default();
        // The next batch is likely to have a similar size.
        let mut buffer = Vec::with_capacity(self.end.max(left.len()) + SPARE_BYTES);
        buffer.extend_from_slice(left);
        let mut rows = std::mem::replace(&mut self.buffer, buffer);
        rows.truncate(self.end);
        // Free the unused capacity of a short batch.
        if rows.len() < rows.capacity() / 2 {
            rows.shrink_to_fit();
        }
        self.scanner.discard(self.end);
        let batch = RowBatch {
            rows,
            row_count: self.rows,
            first_row: self.first_row,
            ends_group,
        };
        self.first_row += u64::from(self.rows);
        if ends_group {
            (self.group_rows, self.group_bytes) = (0, 0);
        } else {
            self.group_rows += self.rows;
            self.group_bytes = self.group_bytes.saturating_add(self.end);
        }
        (self.rows, self.end) = (0, 0);
        batch
    }

    fn malformed(&self, malformed: Malformed) -> Error {
        Error::MessagePack {
            row: self.first_row + u64::from(self.rows),
            reason: malformed.to_string(),
        }
    }

    fn truncated(&self, place: &str) -> Error {
        Error::Truncated {
            reason: place.to_owned(),
            rows: self.first_row + u64::from(self.rows),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{CHUNK_SIZES, V, a, any_value, gzip, s};

    const ROOMY: SplitOptions = SplitOptions {
        batch_rows: u32::MAX,
        batch_bytes: u32::MAX,
        group_rows: u32::MAX,
        group_bytes: u32::MAX,
    };

    fn split(stream: &[u8], size: usize, options: SplitOptions) -> Result<Vec<RowBatch>> {
        let mut splitter = Splitter::try_new(options)?;
        let mut batches = Vec::new();
        for chunk in stream.chunks(size.min(stream.len().max(1))) {
            splitter.push(chunk);
            while let Some(batch) = splitter.next()? {
                batches.push(batch);
            }
        }
        splitter.finish();
        while let Some(batch) = splitter.next()? {
            batches.push(batch);
        }
        assert_eq!(splitter.next(), Ok(None));
        Ok(batches)
    }

    /// The batches, which must be the same for all chunk sizes.
    fn batches(stream: &[u8], options: SplitOptions) -> Result<Vec<RowBatch>> {
        let whole = split(stream, usize::MAX, options);
        for size in CHUNK_SIZES {
            assert_eq!(split(stream, size, options), whole, "{size}");
        }
        whole
    }

    fn numbers(count: i64) -> Vec<u8> {
        (0..count)
            .flat_map(|number| a([V::Int(number)]).bytes())
            .collect()
    }

    /// Row count and end of row group of each batch.
    fn shape(batches: &[RowBatch]) -> Vec<(u32, bool)> {
        batches
            .iter()
            .map(|batch| (batch.row_count, batch.ends_group))
            .collect()
    }

    #[test]
    fn an_empty_result_has_no_steps() {
        assert_eq!(batches(b"", ROOMY), Ok(vec![]));
        assert_eq!(batches(&gzip(b""), ROOMY), Ok(vec![]));
    }

    #[test]
    fn a_short_step_holds_little_more_than_its_rows() {
        let one_row = SplitOptions {
            batch_rows: 1,
            ..ROOMY
        };
        for batch in batches(&gzip(&numbers(100)), one_row).unwrap() {
            assert_eq!(batch.rows.capacity(), batch.rows.len());
        }
    }

    #[test]
    fn steps_are_bounded_by_rows() {
        let options = SplitOptions {
            batch_rows: 3,
            ..ROOMY
        };
        let batches = batches(&gzip(&numbers(8)), options).unwrap();
        assert_eq!(shape(&batches), [(3, false), (3, false), (2, true)]);
        let first: Vec<u64> = batches.iter().map(|batch| batch.first_row).collect();
        assert_eq!(first, [0, 3, 6]);
        assert_eq!(batches[1].rows, [0x91, 3, 0x91, 4, 0x91, 5]);
    }

    #[test]
    fn the_last_step_ends_a_row_group_though_it_is_full() {
        let options = SplitOptions {
            batch_rows: 4,
            ..ROOMY
        };
        let batches = batches(&gzip(&numbers(8)), options).unwrap();
        assert_eq!(shape(&batches), [(4, false), (4, true)]);
    }

    #[test]
    fn steps_and_row_groups_end_with_the_row_that_reaches_their_bytes() {
        let options = SplitOptions {
            batch_bytes: 3,
            ..ROOMY
        };
        let cut = batches(&gzip(&numbers(5)), options).unwrap();
        assert_eq!(shape(&cut), [(2, false), (2, false), (1, true)]);
        let options = SplitOptions {
            batch_rows: 2,
            group_bytes: 5,
            ..ROOMY
        };
        let cut = batches(&gzip(&numbers(7)), options).unwrap();
        assert_eq!(
            shape(&cut),
            [(2, false), (1, true), (2, false), (1, true), (1, true)]
        );
    }

    #[test]
    fn row_groups_are_bounded_by_rows() {
        let options = SplitOptions {
            batch_rows: 2,
            group_rows: 3,
            ..ROOMY
        };
        let cut = batches(&gzip(&numbers(6)), options).unwrap();
        assert_eq!(shape(&cut), [(2, false), (1, true), (2, false), (1, true)]);
        let options = SplitOptions {
            batch_rows: 1,
            group_rows: 1,
            ..ROOMY
        };
        let cut = batches(&gzip(&numbers(2)), options).unwrap();
        assert_eq!(shape(&cut), [(1, true), (1, true)]);
    }

    #[test]
    fn a_row_may_be_larger_than_a_step_and_torn_between_members() {
        let row = a([s(&"x".repeat(200_000))]).bytes();
        let bytes = [numbers(1), row.clone(), numbers(1)].concat();
        let stream = [gzip(&bytes[..70_000]), gzip(&bytes[70_000..])].concat();
        let options = SplitOptions {
            batch_bytes: 2,
            ..ROOMY
        };
        let cut = split(&stream, usize::MAX, options).unwrap();
        assert_eq!(shape(&cut), [(1, false), (1, false), (1, true)]);
        assert_eq!(cut[1].rows, row);
    }

    #[test]
    fn well_compressed_input_is_decompressed_on_demand() {
        let bytes = vec![0x90; 30 << 20];
        let options = SplitOptions {
            batch_bytes: 1 << 20,
            ..ROOMY
        };
        let mut splitter = Splitter::try_new(options).unwrap();
        splitter.push(&gzip(&bytes));
        let batch = splitter.next().unwrap().unwrap();
        assert_eq!(batch.row_count, 1 << 20);
        assert!(
            splitter.buffer.capacity() < 4 << 20,
            "{}",
            splitter.buffer.capacity()
        );
    }

    #[test]
    fn torn_input_says_where_it_ends() {
        let stream = gzip(&numbers(8));
        let cut = |len: usize| batches(&stream[..len], ROOMY).unwrap_err();
        for len in 1..stream.len() {
            assert!(matches!(cut(len), Error::Truncated { .. }), "{len}");
        }
        assert_eq!(
            cut(stream.len() - 1).to_string(),
            "the job result is truncated inside a gzip member, after 8 whole rows"
        );
        let mut torn = numbers(8);
        torn.push(0x91);
        assert_eq!(
            batches(&gzip(&torn), ROOMY).unwrap_err().to_string(),
            "the job result is truncated inside a row, after 8 whole rows"
        );
    }

    #[test]
    fn invalid_rows_are_rejected_with_their_number() {
        let bytes = [numbers(2), vec![0x80]].concat();
        let options = SplitOptions {
            batch_rows: 1,
            ..ROOMY
        };
        assert_eq!(
            batches(&gzip(&bytes), options).unwrap_err().to_string(),
            "row 2: invalid MessagePack: a row must be an array, but starts with 0x80"
        );
    }

    #[test]
    fn damaged_gzip_is_rejected() {
        assert_eq!(
            batches(b"<html>", ROOMY).unwrap_err().code(),
            "corrupt_gzip"
        );
    }

    #[test]
    fn bounds_of_0_are_rejected() {
        let refused = [
            SplitOptions {
                batch_rows: 0,
                ..ROOMY
            },
            SplitOptions {
                batch_bytes: 0,
                ..ROOMY
            },
            SplitOptions {
                group_rows: 0,
                ..ROOMY
            },
            SplitOptions {
                group_bytes: 0,
                ..ROOMY
            },
        ];
        let reasons = refused.map(|options| Splitter::try_new(options).unwrap_err().to_string());
        assert_eq!(
            reasons,
            ["batchRows", "batchBytes", "groupRows", "groupBytes"]
                .map(|name| format!("{name} must be at least 1"))
        );
    }

    proptest! {
        #[test]
        fn steps_hold_all_rows_in_order(
            values in prop::collection::vec(any_value(), 0..20),
            bounds in prop::array::uniform4(1_u32..200),
            member in 1_usize..500,
        ) {
            let bytes: Vec<u8> = values.iter().flat_map(|value| a([value.clone()]).bytes()).collect();
            let stream: Vec<u8> = bytes.chunks(member).flat_map(gzip).collect();
            let [batch_rows, batch_bytes, group_rows, group_bytes] = bounds;
            let options = SplitOptions { batch_rows, batch_bytes, group_rows, group_bytes };
            let batches = batches(&stream, options).unwrap();
            prop_assert_eq!(batches.iter().flat_map(|batch| batch.rows.clone()).collect::<Vec<_>>(), bytes);
            let mut row = 0;
            for batch in &batches {
                prop_assert!((1..=batch_rows.min(group_rows)).contains(&batch.row_count));
                prop_assert_eq!(batch.first_row, row);
                row += u64::from(batch.row_count);
            }
            prop_assert_eq!(row, values.len() as u64);
            prop_assert!(batches.last().is_none_or(|batch| batch.ends_group));
        }

        #[test]
        fn arbitrary_rows_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let options = SplitOptions { batch_rows: 2, ..ROOMY };
            let _ = batches(&gzip(&bytes), options);
        }
    }
}
