//! The request for a clone: its options, and the listings of both sides.

use std::collections::HashSet;
use std::rc::Rc;

use petit_td::TableInfo;
use serde::Deserialize;

use super::range_comparison::RangeComparison;
use super::sample::SampleOptions;
use super::shard::Shard;
use super::views::{ViewChoice, ViewInfo};

/// The options of a clone, and the listings of both sides.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloneRequest {
    /// The source database.
    pub source_database: String,
    /// The destination database.
    pub destination_database: String,
    /// Whether both sides are the same account. Default: false.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub is_same_account: bool,
    /// The tables of the source.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub source_tables: Vec<Rc<TableInfo>>,
    /// Names and globs of the tables to clone. Default: all tables of the source.
    #[serde(default)]
    pub tables: Option<Vec<String>>,
    /// Names and globs of tables that are not cloned.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub exclude: Vec<String>,
    /// The logical views of the source, as its catalog shows them.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub source_views: Vec<ViewInfo>,
    /// Why the views of the source are not known, if they are not.
    #[serde(default)]
    pub views_unknown: Option<String>,
    /// Names of the logical views of the destination.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub destination_views: Vec<String>,
    /// Handling of the views of the source. Default: they are not copied.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub views: ViewChoice,
    /// The tables of the destination; `None` if the database does not exist.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub destination_tables: Option<Vec<Rc<TableInfo>>>,
    /// Names of all bulk import sessions of the destination account.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub destination_sessions: Vec<String>,
    /// Start of the range of `time` (inclusive), ISO 8601. Default: all rows.
    #[serde(default)]
    pub start_time: Option<String>,
    /// End of the range (exclusive), ISO 8601.
    #[serde(default)]
    pub end_time: Option<String>,
    /// The sample of the rows. Default: all rows.
    #[serde(default)]
    pub sample: Option<SampleOptions>,
    /// Rules of masking, such as `users.email=hash`. Of several rules for a column, the last one counts.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub mask: Vec<String>,
    /// Tables of the source that are known to be user-partitioned.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub user_partitioned: HashSet<String>,
    /// Number of tables of the source whose partitioning is not known.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub partitioning_unchecked: usize,
    /// Handling of tables that exist in the destination. Default: an error.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub on_existing: OnExisting,
    /// Handling of a table whose columns differ from those of the table that it updates. Default: an error.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub on_drift: OnDrift,
    /// Whether these comparisons have checksums of the contents. Default: false.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub checksum: bool,
    /// The comparisons of the tables that both sides have, as far as they were made, to update them.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub comparisons: Vec<TableComparison>,
    /// A number that no concurrent run has.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub run: u32,
    /// What moves the rows. Default: the choice of petit.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub via: ViaChoice,
    /// Whether TD may store the destination's key in the jobs of the source account. Default: false.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub allow_key_in_job: bool,
    /// Whether the destination's key may read the source database. Default: false.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub destination_reads_source: bool,
    /// Maximum number of rows per job. A larger table is split into several jobs. Default: chosen by size.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | bigint", optional))]
    pub split_rows: Option<u64>,
    /// The shard to clone. Default: all tables.
    #[serde(default)]
    pub shard: Option<Shard>,
    /// Running jobs of both accounts that the keys may see.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub running_jobs: Vec<JobQuery>,
    /// Current time by the clock of the destination, in Unix milliseconds. Without it, no lease has lapsed.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | bigint", optional))]
    pub now_ms: Option<u64>,
    /// Processes with a lease that are known to have ended.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub ended_processes: Vec<String>,
}

/// A job and its SQL.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobQuery {
    /// Its id.
    pub job_id: String,
    /// The SQL.
    pub query: String,
}

/// The handling of a table that exists in the destination.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum OnExisting {
    /// Fail before anything is done.
    #[default]
    Error,
    /// Skip the table.
    Skip,
    /// Replace the table.
    Overwrite,
    /// Move the rows of the ranges of time that differ.
    Update,
}

/// The handling of a table whose columns differ from those of the table that it updates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum OnDrift {
    /// Fail before anything is done.
    #[default]
    Fail,
    /// Replace the table.
    Rebuild,
}

/// The comparison of a table that both sides have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableComparison {
    /// The name of the table.
    pub table: String,
    /// What differs.
    pub comparison: RangeComparison,
    /// Whether the table of the destination is user-partitioned.
    pub is_user_partitioned: bool,
}

/// The requested way to move the rows. [`Via`](super::via::Via) is the chosen one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ViaChoice {
    /// The engine within one account, otherwise petit.
    #[default]
    Auto,
    /// petit.
    Client,
    /// TD's engine.
    Engine,
}
