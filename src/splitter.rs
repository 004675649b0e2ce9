//! Cuts a job result into steps of whole rows.

use serde::Deserialize;

use crate::{
    Error, Result,
    gzip::Inflater,
    msgpack::{Malformed, RowScanner},
};

/// Compressed bytes inflated before the rows they hold are looked for: few, so that these are still in the cache and
/// little is left over behind a step.
const INFLATE_BYTES: usize = 16 << 10;

/// Least room to inflate into.
const SPARE_BYTES: usize = 32 << 10;

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
