//! Cuts a job result into steps of whole rows.

use serde::Deserialize;

use crate::{
    Error, Result,
    gzip::Inflater,
    msgpack::{Malformed, RowScanner},
};

/// Compressed bytes inflated before the rows they hold are looked for: few, so that these are still in the cache and
/// little is left over behind a step.
const INFLATE_BYTES: usize = 64 << 10;

/// Least room to inflate into.
const SPARE_BYTES: usize = 128 << 10;

/// Where to cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SplitOptions {
    /// Rows in a step, at most.
    pub step_rows: u32,
    /// Bytes of MessagePack in a step: it ends with the row that reaches this.
    pub step_bytes: u32,
    /// Rows in a row group, at most.
    pub group_rows: u32,
    /// Bytes of MessagePack in a row group: it ends with the row that reaches this.
    pub group_bytes: u32,
}

/// Some whole rows, as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// MessagePack arrays, one per row, laid end to end.
    pub rows: Vec<u8>,
    /// How many rows that is; never 0.
    pub row_count: u32,
    /// Number of the first one within the job result, from 0.
    pub first_row: u64,
    /// Whether a row group ends with this step. The last step of a job result ends one.
    pub ends_group: bool,
}

/// Job result in (gzip of MessagePack arrays, one per row), steps out.
///
/// Bytes are inflated as steps are asked for, so memory is bounded by the bytes pushed and one step, however well the
/// result was compressed. A single row may make a step as large as itself.
#[derive(Debug)]
pub struct Splitter {
    options: SplitOptions,
    input: Vec<u8>,
    /// Bytes of `input` already inflated.
    used: usize,
    finished: bool,
    inflater: Inflater,
    scanner: RowScanner,
    /// Inflated bytes that no step has taken.
    buffer: Vec<u8>,
    /// Where the last whole row in `buffer` ends, and how many rows that makes.
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
    /// [`Error::InvalidOption`] when a bound is 0.
    pub fn try_new(options: SplitOptions) -> Result<Self> {
        let bounds = [
            ("stepRows", options.step_rows),
            ("stepBytes", options.step_bytes),
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

    /// Takes the next bytes, cut anywhere; call [`next`](Self::next) until it has no more before pushing again.
    pub fn push(&mut self, chunk: &[u8]) {
        self.input.drain(..self.used);
        self.used = 0;
        self.input.extend_from_slice(chunk);
    }

    /// Says that no more bytes will come.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// The next step, or `None` when more input is needed, or when all is out after [`finish`](Self::finish).
    ///
    /// # Errors
    /// [`Error::Gzip`] and [`Error::MessagePack`] for input that is something else, [`Error::Truncated`] when the input
    /// was finished inside a gzip member or a row.
    #[expect(
        clippy::should_implement_trait,
        reason = "fallible, and `None` may be followed by more"
    )]
    pub fn next(&mut self) -> Result<Option<Step>> {
        loop {
            self.scan()?;
            // Whether a step is the last one is not known before something follows it.
            if self.group_is_full() || (self.step_is_full() && self.end < self.buffer.len()) {
                return Ok(Some(self.cut(self.group_is_full())));
            }
            if !self.inflate()? {
                return self.drain();
            }
        }
    }

    /// Looks for the ends of rows until the step is full.
    fn scan(&mut self) -> Result<()> {
        while !self.step_is_full() && !self.group_is_full() {
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

    fn step_is_full(&self) -> bool {
        self.rows >= self.options.step_rows || self.end >= self.options.step_bytes as usize
    }

    fn group_is_full(&self) -> bool {
        let bytes = self.group_bytes.saturating_add(self.end);
        self.rows > 0
            && (self.group_rows + self.rows >= self.options.group_rows
                || bytes >= self.options.group_bytes as usize)
    }

    /// Whether there were bytes to inflate.
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

    /// What to give when the input is used up.
    fn drain(&mut self) -> Result<Option<Step>> {
        if !self.finished {
            return Ok(None);
        }
        if !self.inflater.is_complete() {
            return Err(self.truncated("inside a gzip member"));
        }
        if self.end < self.buffer.len() {
            return Err(self.truncated("inside a row"));
        }
        Ok((self.rows > 0).then(|| self.cut(true)))
    }

    fn cut(&mut self, ends_group: bool) -> Step {
        let left = self.buffer.get(self.end..).unwrap_or_default();
        // The next step will be about as large.
        let mut buffer = Vec::with_capacity(self.end.max(left.len()) + SPARE_BYTES);
        buffer.extend_from_slice(left);
        let mut rows = std::mem::replace(&mut self.buffer, buffer);
        rows.truncate(self.end);
        // A short step gives back the room that was there for inflating.
        if rows.len() < rows.capacity() / 2 {
            rows.shrink_to_fit();
        }
        self.scanner.discard(self.end);
        let step = Step {
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
        step
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
        step_rows: u32::MAX,
        step_bytes: u32::MAX,
        group_rows: u32::MAX,
        group_bytes: u32::MAX,
    };

    fn split(stream: &[u8], size: usize, options: SplitOptions) -> Result<Vec<Step>> {
        let mut splitter = Splitter::try_new(options)?;
        let mut steps = Vec::new();
        for chunk in stream.chunks(size.min(stream.len().max(1))) {
            splitter.push(chunk);
            while let Some(step) = splitter.next()? {
                steps.push(step);
            }
        }
        splitter.finish();
        while let Some(step) = splitter.next()? {
            steps.push(step);
        }
        assert_eq!(splitter.next(), Ok(None));
        Ok(steps)
    }

    /// The steps, which must be the same for all chunk sizes.
    fn steps(stream: &[u8], options: SplitOptions) -> Result<Vec<Step>> {
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

    /// Row count and end of row group of each step.
    fn shape(steps: &[Step]) -> Vec<(u32, bool)> {
        steps
            .iter()
            .map(|step| (step.row_count, step.ends_group))
            .collect()
    }

    #[test]
    fn an_empty_result_has_no_steps() {
        assert_eq!(steps(b"", ROOMY), Ok(vec![]));
        assert_eq!(steps(&gzip(b""), ROOMY), Ok(vec![]));
    }

    #[test]
    fn a_short_step_holds_little_more_than_its_rows() {
        let one_row = SplitOptions {
            step_rows: 1,
            ..ROOMY
        };
        for step in steps(&gzip(&numbers(100)), one_row).unwrap() {
            assert_eq!(step.rows.capacity(), step.rows.len());
        }
    }

    #[test]
    fn steps_are_bounded_by_rows() {
        let options = SplitOptions {
            step_rows: 3,
            ..ROOMY
        };
        let steps = steps(&gzip(&numbers(8)), options).unwrap();
        assert_eq!(shape(&steps), [(3, false), (3, false), (2, true)]);
        let first: Vec<u64> = steps.iter().map(|step| step.first_row).collect();
        assert_eq!(first, [0, 3, 6]);
        assert_eq!(steps[1].rows, [0x91, 3, 0x91, 4, 0x91, 5]);
    }

    #[test]
    fn the_last_step_ends_a_row_group_though_it_is_full() {
        let options = SplitOptions {
            step_rows: 4,
            ..ROOMY
        };
        let steps = steps(&gzip(&numbers(8)), options).unwrap();
        assert_eq!(shape(&steps), [(4, false), (4, true)]);
    }

    #[test]
    fn steps_and_row_groups_end_with_the_row_that_reaches_their_bytes() {
        let options = SplitOptions {
            step_bytes: 3,
            ..ROOMY
        };
        let cut = steps(&gzip(&numbers(5)), options).unwrap();
        assert_eq!(shape(&cut), [(2, false), (2, false), (1, true)]);
        let options = SplitOptions {
            step_rows: 2,
            group_bytes: 5,
            ..ROOMY
        };
        let cut = steps(&gzip(&numbers(7)), options).unwrap();
        assert_eq!(
            shape(&cut),
            [(2, false), (1, true), (2, false), (1, true), (1, true)]
        );
    }

    #[test]
    fn row_groups_are_bounded_by_rows() {
        let options = SplitOptions {
            step_rows: 2,
            group_rows: 3,
            ..ROOMY
        };
        let cut = steps(&gzip(&numbers(6)), options).unwrap();
        assert_eq!(shape(&cut), [(2, false), (1, true), (2, false), (1, true)]);
        let options = SplitOptions {
            step_rows: 1,
            group_rows: 1,
            ..ROOMY
        };
        let cut = steps(&gzip(&numbers(2)), options).unwrap();
        assert_eq!(shape(&cut), [(1, true), (1, true)]);
    }

    #[test]
    fn a_row_may_be_larger_than_a_step_and_torn_between_members() {
        let row = a([s(&"x".repeat(200_000))]).bytes();
        let bytes = [numbers(1), row.clone(), numbers(1)].concat();
        let stream = [gzip(&bytes[..70_000]), gzip(&bytes[70_000..])].concat();
        let options = SplitOptions {
            step_bytes: 2,
            ..ROOMY
        };
        let cut = split(&stream, usize::MAX, options).unwrap();
        assert_eq!(shape(&cut), [(1, false), (1, false), (1, true)]);
        assert_eq!(cut[1].rows, row);
    }

    #[test]
    fn well_compressed_input_is_inflated_as_it_is_asked_for() {
        let bytes = vec![0x90; 30 << 20];
        let options = SplitOptions {
            step_bytes: 1 << 20,
            ..ROOMY
        };
        let mut splitter = Splitter::try_new(options).unwrap();
        splitter.push(&gzip(&bytes));
        let step = splitter.next().unwrap().unwrap();
        assert_eq!(step.row_count, 1 << 20);
        assert!(
            splitter.buffer.capacity() < 4 << 20,
            "{}",
            splitter.buffer.capacity()
        );
    }

    #[test]
    fn torn_input_says_where_it_ends() {
        let stream = gzip(&numbers(8));
        let cut = |len: usize| steps(&stream[..len], ROOMY).unwrap_err();
        for len in 1..stream.len() {
            assert!(matches!(cut(len), Error::Truncated { .. }), "{len}");
        }
        assert_eq!(
            cut(stream.len() - 1).to_string(),
            "the job result ends too early: inside a gzip member, after 8 whole rows"
        );
        let mut torn = numbers(8);
        torn.push(0x91);
        assert_eq!(
            steps(&gzip(&torn), ROOMY).unwrap_err().to_string(),
            "the job result ends too early: inside a row, after 8 whole rows"
        );
    }

    #[test]
    fn what_is_no_row_is_refused_by_its_number() {
        let bytes = [numbers(2), vec![0x80]].concat();
        let options = SplitOptions {
            step_rows: 1,
            ..ROOMY
        };
        assert_eq!(
            steps(&gzip(&bytes), options).unwrap_err().to_string(),
            "row 2: not the MessagePack of a job result: a row is an array, and 0x80 does not start one"
        );
    }

    #[test]
    fn damaged_gzip_is_refused() {
        assert_eq!(steps(b"<html>", ROOMY).unwrap_err().code(), "corrupt_gzip");
    }

    #[test]
    fn bounds_of_0_are_refused() {
        let refused = [
            SplitOptions {
                step_rows: 0,
                ..ROOMY
            },
            SplitOptions {
                step_bytes: 0,
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
            ["stepRows", "stepBytes", "groupRows", "groupBytes"]
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
            let [step_rows, step_bytes, group_rows, group_bytes] = bounds;
            let options = SplitOptions { step_rows, step_bytes, group_rows, group_bytes };
            let steps = steps(&stream, options).unwrap();
            prop_assert_eq!(steps.iter().flat_map(|step| step.rows.clone()).collect::<Vec<_>>(), bytes);
            let mut row = 0;
            for step in &steps {
                prop_assert!((1..=step_rows.min(group_rows)).contains(&step.row_count));
                prop_assert_eq!(step.first_row, row);
                row += u64::from(step.row_count);
            }
            prop_assert_eq!(row, values.len() as u64);
            prop_assert!(steps.last().is_none_or(|step| step.ends_group));
        }

        #[test]
        fn arbitrary_rows_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let options = SplitOptions { step_rows: 2, ..ROOMY };
            let _ = steps(&gzip(&bytes), options);
        }
    }
}
