//! The next step of a slice whose rows a job moves, and of a table whose attempt has failed.
//!
//! A job that failed may have written rows nevertheless. It is run again only if it wrote none.

use petit_text::bigint;
use serde::{Deserialize, Serialize};

use crate::deserialize::count;

/// How often the job of one of several slices is run.
const MAX_JOBS: u32 = 3;

/// How often a table is copied from the start, each time into a staging table of its own.
const MAX_ATTEMPTS: u32 = 2;

/// The code of the error of a job that failed by itself. Jobs that were killed are not run again.
const JOB_FAILED: &str = "job_failed";

/// The code of the error of a slice that is in the staging table in part.
const PARTIAL_WRITE: &str = "partial_write";

/// What became of a slice so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(optional_fields, rename = "CopyProgress")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Progress {
    /// Number of jobs that were run for it.
    pub jobs: u32,
    /// Whether the last of them succeeded.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub is_done: bool,
    /// The code of the error of the last job.
    #[serde(default)]
    pub failure: Option<String>,
    /// Rows that the failed job has written, once they were counted.
    #[serde(default, deserialize_with = "count")]
    #[cfg_attr(feature = "typescript", ts(type = "number | bigint", optional))]
    pub written: Option<u64>,
}

/// What kind of job moves a slice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "CopyJobKind"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kind {
    /// Whether it is one of several slices. A job that moves a whole table is run once, because it may have taken hours.
    pub is_sliced: bool,
    /// Whether the job writes into the staging table.
    pub writes: bool,
    /// Whether its rows can be counted there.
    pub can_count: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "CopyStep"))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Run a job, under a domain key of its own.
    Run,
    /// Count the rows of the slice in the staging table.
    Count,
    /// The rows are there.
    Done,
    /// The slice fails with the error of its job.
    Fail,
    /// The slice fails because some of its rows are in the staging table.
    FailPartlyWritten {
        /// The number of these rows.
        #[serde(serialize_with = "bigint")]
        #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
        rows: u64,
    },
}

/// The next step of a slice.
pub fn next_step(progress: &Progress, kind: Kind) -> Step {
    if progress.is_done {
        return Step::Done;
    }
    let Some(failure) = &progress.failure else {
        return Step::Run;
    };
    let can_repeat = kind.is_sliced && (kind.can_count || !kind.writes);
    if failure != JOB_FAILED || !can_repeat || progress.jobs >= MAX_JOBS {
        return Step::Fail;
    }
    match progress.written {
        _ if !kind.writes => Step::Run,
        None => Step::Count,
        Some(0) => Step::Run,
        Some(rows) => Step::FailPartlyWritten { rows },
    }
}

/// Whether a table is copied from the start after an attempt failed with this code.
pub fn starts_again(code: &str, attempts: u32) -> bool {
    code == PARTIAL_WRITE && attempts < MAX_ATTEMPTS
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITES: Kind = Kind {
        is_sliced: true,
        writes: true,
        can_count: true,
    };
    const READS: Kind = Kind {
        writes: false,
        can_count: false,
        ..WRITES
    };

    fn failed(jobs: u32, code: &str, written: Option<u64>) -> Progress {
        Progress {
            jobs,
            is_done: false,
            failure: Some(code.into()),
            written,
        }
    }

    #[test]
    fn a_failed_job_is_run_again_only_if_it_wrote_nothing() {
        let whole = Kind {
            is_sliced: false,
            ..WRITES
        };
        let uncounted = Kind {
            can_count: false,
            ..WRITES
        };
        let done = Progress {
            jobs: 1,
            is_done: true,
            ..Progress::default()
        };
        let cases = [
            (Progress::default(), WRITES, Step::Run),
            (done, WRITES, Step::Done),
            (failed(1, "job_failed", None), WRITES, Step::Count),
            (failed(1, "job_failed", Some(0)), WRITES, Step::Run),
            (
                failed(1, "job_failed", Some(7)),
                WRITES,
                Step::FailPartlyWritten { rows: 7 },
            ),
            (failed(3, "job_failed", Some(0)), WRITES, Step::Fail),
            (failed(1, "job_killed", None), WRITES, Step::Fail),
            (failed(1, "network", None), WRITES, Step::Fail),
            (failed(1, "job_failed", None), whole, Step::Fail),
            (failed(1, "job_failed", None), uncounted, Step::Fail),
            (failed(2, "job_failed", None), READS, Step::Run),
            (failed(3, "job_failed", None), READS, Step::Fail),
        ];
        for (progress, kind, step) in cases {
            assert_eq!(next_step(&progress, kind), step, "{progress:?} {kind:?}");
        }
    }

    #[test]
    fn a_table_starts_again_once_after_a_partial_write() {
        assert!(starts_again("partial_write", 1));
        assert!(!starts_again("partial_write", 2));
        assert!(!starts_again("job_failed", 1));
    }
}
