//! What became of an append whose commit went wrong: rows that one bulk import session adds to a table that is in use.
//!
//! TD keeps the state of the session. One that is no longer there is settled by the rows of the ranges, which had none before:
//! petit has checked that before the commit. A session that can still be committed is removed first, so that no commit that is
//! still on its way can find it.

use petit_text::bigint;
use serde::{Deserialize, Serialize};

use crate::deserialize::count;

/// How long a count may lag behind a commit, in milliseconds.
const LAG_MS: u64 = 10_000;

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(optional_fields, rename = "AppendProgress")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Progress {
    /// Number of rows in the session.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows: u64,
    /// The status of the session, in the last look at it.
    #[serde(default)]
    pub status: Option<String>,
    /// Whether the session is gone.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub is_gone: bool,
    /// Rows of the ranges, once they were counted.
    #[serde(default, deserialize_with = "count", serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub counted: Option<u64>,
    /// Milliseconds between the end of the session and the last count.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub since_gone_ms: u64,
    /// Whether TD no longer answers.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub is_unreachable: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "AppendStep"))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Look at the session, after a wait if it was looked at before.
    Look,
    /// Delete the session.
    Remove,
    /// Count the rows of the ranges, after a wait if they were counted before.
    Count,
    /// The rows are in the table.
    Added,
    /// They are not, and will not be.
    NotAdded,
    /// Nothing that TD shows tells.
    Unknown,
}

/// The next step.
pub fn next_step(progress: &Progress) -> Step {
    if progress.is_unreachable {
        return Step::Unknown;
    }
    if progress.is_gone {
        return when_gone(progress);
    }
    match progress.status.as_deref() {
        Some("committed") => Step::Added,
        Some("ready" | "uploading") => Step::Remove,
        _ => Step::Look,
    }
}

fn when_gone(progress: &Progress) -> Step {
    match progress.counted {
        Some(counted) if counted == progress.rows => Step::Added,
        Some(counted) if progress.since_gone_ms >= LAG_MS => match counted {
            0 => Step::NotAdded,
            _ => Step::Unknown,
        },
        _ => Step::Count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_settled_by_the_session_or_by_the_rows() {
        let seen = |status: &str| Progress {
            rows: 9,
            status: Some(status.into()),
            ..Progress::default()
        };
        let gone = |counted: Option<u64>, since_gone_ms| Progress {
            is_gone: true,
            counted,
            since_gone_ms,
            ..seen("ready")
        };
        let cases = [
            (Progress::default(), Step::Look),
            (seen("committing"), Step::Look),
            (seen("committed"), Step::Added),
            (seen("ready"), Step::Remove),
            (gone(None, 0), Step::Count),
            (gone(Some(0), 0), Step::Count),
            (gone(Some(9), 0), Step::Added),
            (gone(Some(0), LAG_MS), Step::NotAdded),
            (gone(Some(5), LAG_MS), Step::Unknown),
            (
                Progress {
                    is_unreachable: true,
                    ..seen("ready")
                },
                Step::Unknown,
            ),
        ];
        for (progress, expected) in cases {
            assert_eq!(next_step(&progress), expected, "{progress:?}");
        }
    }
}
