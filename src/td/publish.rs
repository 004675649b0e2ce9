//! From what TD shows of two names to the next step of a publish: the rename that gives a staging table its real name.
//!
//! A rename names tables, not identities, so that a lost answer leaves a doubt. Four facts decide it:
//!
//! 1. The name of a staging table belongs to one attempt of one run. No other request ever makes a table of that name.
//! 2. The answer to a change is authoritative; a listing may lag behind. That a rename or a delete finds no staging table
//!    is proof; that a listing shows none is not.
//! 3. A delete that finds the staging table proves that no rename has moved it, and that none will.
//! 4. Once the staging table is gone, the real table is this run's only if its identity, or else its contents, say so.

mod identity;
pub mod lease;
pub mod naming;
mod settle;

use serde::{Deserialize, Serialize};

use crate::TableInfo;
use crate::deserialize::count;
use petit_text::bigint;

pub use identity::{IdRule, id_rule, is_same_table};

/// How long a listing may lag behind a change, in milliseconds.
pub const LAG_MS: u64 = 5_000;

/// The two tables of a publish, as one listing shows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Seen {
    /// The table under the staging name.
    #[serde(default)]
    pub staging: Option<Identity>,
    /// The table under the real name.
    #[serde(default)]
    pub target: Option<Identity>,
}

/// What tells a table from another one of the same name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// Its id, if TD shows one.
    #[serde(default)]
    pub id: Option<String>,
    /// When it was created, as TD writes it.
    #[serde(default)]
    pub created_at: Option<String>,
    /// Its rows, roughly: the count of a listing lags.
    #[serde(default, deserialize_with = "count", serialize_with = "bigint")]
    pub rows: Option<u64>,
    /// The keys and types of its columns.
    #[serde(default)]
    pub schema: String,
}

impl From<&TableInfo> for Identity {
    fn from(table: &TableInfo) -> Self {
        Self {
            id: table.id.clone(),
            created_at: table.created_at.clone(),
            rows: table.count,
            schema: crate::schema_text(&table.schema.columns()),
        }
    }
}

/// What the caller did so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Progress {
    /// Both tables before the first rename.
    pub before: Seen,
    /// Rows that the staging table holds, if they were counted.
    #[serde(default, deserialize_with = "count", serialize_with = "bigint")]
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryState {
    /// Milliseconds between the last answer and the moment at which the tables were asked for.
    pub since_answer_ms: u64,
    /// Whether the time for repeats is used up, or the run is to stop.
    pub exhausted: bool,
    /// Whether the last try to look at the tables has failed for good.
    #[serde(default)]
    pub look_failed: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Find out what TD does with the id of a renamed table: see [`id_rule`].
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

/// The next step of a publish; `seen` is none until the tables were looked at since the last answer.
pub fn next_step(seen: Option<&Seen>, progress: &Progress, retry: RetryState) -> Step {
    if is_published(seen, progress) {
        return Step::Published;
    }
    match progress.removing {
        None => while_renaming(seen, progress, retry),
        Some(reason) => while_removing(seen, progress, retry, reason),
    }
}

/// A rename that is answered with success, or a real table with the staging table's id, is proof. Any TD whatsoever gives
/// an id to one table only.
fn is_published(seen: Option<&Seen>, progress: &Progress) -> bool {
    let was_renamed = progress.removing.is_none() && progress.answer == Answer::Done;
    let target = seen.and_then(|seen| seen.target.as_ref());
    was_renamed || is_same_table(target, progress.before.staging.as_ref()) == Some(true)
}

fn while_renaming(seen: Option<&Seen>, progress: &Progress, retry: RetryState) -> Step {
    match progress.answer {
        Answer::None if retry.exhausted => Step::Remove {
            reason: Reason::GivenUp,
        },
        Answer::None => Step::Rename,
        Answer::Done => Step::Published,
        Answer::Gone => settle::staging_gone(seen, progress, retry, Reason::StagingLost),
        // If an earlier rename was carried out, the delete finds no staging table.
        Answer::Taken => remove(Reason::Taken),
        Answer::Refused => remove(Reason::Refused),
        Answer::Unanswered if retry.exhausted || retry.look_failed => remove(Reason::GivenUp),
        Answer::Unanswered => seen.map_or(Step::Look, |_| Step::Rename),
    }
}

fn while_removing(
    seen: Option<&Seen>,
    progress: &Progress,
    retry: RetryState,
    reason: Reason,
) -> Step {
    match progress.answer {
        Answer::Done => Step::NotPublished { reason },
        Answer::Gone => settle::staging_gone(seen, progress, retry, reason),
        Answer::Refused => Step::Unknown {
            reason: Doubt::Unreachable,
        },
        Answer::None | Answer::Taken | Answer::Unanswered if retry.exhausted => Step::Unknown {
            reason: Doubt::Unreachable,
        },
        Answer::None | Answer::Taken | Answer::Unanswered => remove(reason),
    }
}

fn remove(reason: Reason) -> Step {
    Step::Remove { reason }
}
