//! What a publish knows, and its steps, as plain data.

use serde::{Deserialize, Serialize};

use super::identity::{IdRule, Identity};
use crate::TableInfo;
use crate::deserialize::count;
use petit_text::bigint;

/// The two tables of a publish, as one listing shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(optional_fields, rename = "SeenTables")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Seen {
    /// The table under the staging name.
    #[serde(default)]
    pub staging: Option<Identity>,
    /// The table under the real name.
    #[serde(default)]
    pub target: Option<Identity>,
}

/// The two tables of a publish, as `list_tables` shows them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct ListedTables {
    /// The table under the staging name.
    #[serde(default)]
    pub staging: Option<TableInfo>,
    /// The table under the real name.
    #[serde(default)]
    pub target: Option<TableInfo>,
}

impl From<&ListedTables> for Seen {
    fn from(tables: &ListedTables) -> Self {
        Self {
            staging: tables.staging.as_ref().map(Identity::from),
            target: tables.target.as_ref().map(Identity::from),
        }
    }
}

/// What the caller did so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(optional_fields, rename = "PublishProgress")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Progress {
    /// Both tables before the first rename.
    pub before: Seen,
    /// Rows that the staging table holds, if they were counted.
    #[serde(default, deserialize_with = "count", serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub rows: Option<u64>,
    /// The last answer.
    #[serde(default)]
    pub answer: Answer,
    /// Why the staging table is being removed, once it is.
    #[serde(default)]
    pub removing: Option<Reason>,
    /// What TD does with the id of a renamed table, once that was asked.
    #[serde(default)]
    pub id_rule: Option<IdRule>,
    /// What the comparison of the real table with the source said, once it was made.
    #[serde(default)]
    pub contents: Option<Contents>,
}

/// The answer to the last rename or delete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing was sent yet.
    #[default]
    None,
    /// It was carried out.
    Done,
    /// There is no table of the staging name.
    Gone,
    /// The real name is taken.
    Taken,
    /// TD does not want to, and will not.
    Refused,
    /// None came, or one that does not tell whether it was carried out.
    Unanswered,
}

impl Answer {
    /// The answer that an error with this code stands for; none stands for success.
    pub fn from_code(code: Option<&str>) -> Self {
        match code {
            None => Self::Done,
            Some("not_found") => Self::Gone,
            Some("conflict") => Self::Taken,
            // A reply that cannot be read may come from a proxy: the request may have passed it.
            Some("network" | "server_error" | "too_many_requests" | "unexpected_reply") => {
                Self::Unanswered
            }
            Some(_) => Self::Refused,
        }
    }
}

/// Whether the real table holds what the source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "ComparedContents")
)]
#[serde(rename_all = "snake_case")]
pub enum Contents {
    /// It does.
    Equal,
    /// It does not: it is another table, or the source has moved on.
    Different,
    /// They could not be compared.
    NotCompared,
}

/// What the caller knows beside the tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryState {
    /// Milliseconds between the last answer and the moment at which the tables were asked for.
    pub since_answer_ms: u64,
    /// Whether the time for repeats is used up, or the run is to stop.
    pub exhausted: bool,
    /// Whether the last try to look at the tables has failed for good.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub look_failed: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "PublishStep"))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Send the rename.
    Rename,
    /// Look at both tables, after a wait if the last look was this step as well.
    Look,
    /// Delete the staging table, so that no rename that is still on its way can find it.
    Remove {
        /// Why.
        reason: Reason,
    },
    /// Find out what TD does with the id of a renamed table: see [`id_rule`](super::id_rule).
    LearnIdRule,
    /// Compare the real table with the source.
    Compare,
    /// This run's publish took place.
    Published,
    /// It did not, and will not.
    NotPublished {
        /// Why.
        reason: Reason,
    },
    /// Nothing that TD shows tells whether it did.
    Unknown {
        /// Why.
        reason: Doubt,
    },
}

/// Why a table was not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "NotPublishedReason")
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A table of the real name came meanwhile, and must not be replaced.
    Taken,
    /// The staging table has gone, without this run's doing.
    StagingLost,
    /// TD refused the rename: the caller has its error.
    Refused,
    /// No answer came in time: the caller has the last error.
    GivenUp,
}

/// Why it is not known whether a table was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "PublishDoubt"))]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// TD no longer answers.
    Unreachable,
    /// The staging table is gone, and another table has the real name, or none has it.
    Replaced,
    /// The table that has the real name cannot be distinguished from a table of another client.
    Indistinguishable,
}

impl Progress {
    /// The progress of a publish that begins: `before` is a listing from before the first rename.
    pub fn new(before: Seen, rows: Option<u64>) -> Self {
        Self {
            before,
            rows,
            ..Self::default()
        }
    }

    /// The progress after a step that changes something.
    #[must_use]
    pub fn after(mut self, step: Step, answer: Answer) -> Self {
        if let Step::Remove { reason } = step {
            self.removing = Some(reason);
        }
        self.answer = answer;
        self
    }
}
