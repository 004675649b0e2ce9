//! Cuts a job result into steps of whole rows.

use serde::Deserialize;

use crate::Result;

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
    /// How many rows that is.
    pub row_count: u32,
    /// Number of the first one within the job result, from 0.
    pub first_row: u64,
    /// Whether a row group ends with this step.
    pub ends_group: bool,
}

/// Job result in, steps out.
#[derive(Debug)]
pub struct Splitter {
    options: SplitOptions,
}

impl Splitter {
    /// A splitter at the start of a job result.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) when a bound is 0.
    pub fn try_new(options: SplitOptions) -> Result<Self> {
        Ok(Self { options })
    }

    /// Takes the next bytes of the gzip stream; call [`next`](Self::next) until it has no more before pushing again.
    pub fn push(&mut self, _chunk: &[u8]) {}

    /// Says that no more bytes will come.
    pub fn finish(&mut self) {}

    /// The next step, or `None` when more input is needed, or when all is out after [`finish`](Self::finish).
    #[expect(
        clippy::should_implement_trait,
        reason = "fallible, and `None` is not the end"
    )]
    pub fn next(&mut self) -> Result<Option<Step>> {
        let _ = self.options;
        Ok(None)
    }
}
