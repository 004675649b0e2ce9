//! The request for a clone: its options, and the listings of both sides.

use std::collections::HashSet;

use petit_td::TableInfo;
use serde::Deserialize;

use super::shard::Shard;

/// What shall be cloned, and what is known of both sides.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloneRequest {
    /// The database to copy.
    pub source_database: String,
    /// The database to copy it to.
    pub destination_database: String,
    /// Whether both sides are one account.
    #[serde(default)]
    pub is_same_account: bool,
    /// The source's tables.
    pub source_tables: Vec<TableInfo>,
    /// The destination's tables; none if the database is not there.
    #[serde(default)]
    pub destination_tables: Option<Vec<TableInfo>>,
    /// The names of all bulk import sessions of the destination's account.
    #[serde(default)]
    pub destination_sessions: Vec<String>,
    /// The source's tables that are user-partitioned, as far as that is known.
    #[serde(default)]
    pub user_partitioned: HashSet<String>,
    /// What to do about tables that the destination has already.
    #[serde(default)]
    pub on_existing: OnExisting,
    /// A number that no other run has at this time; its low 24 bits count.
    #[serde(default)]
    pub run: u32,
    /// What shall move the rows.
    #[serde(default)]
    pub via: ViaChoice,
    /// Whether the destination's key may read the source's database.
    #[serde(default)]
    pub destination_reads_source: bool,
    /// Rows from which on a table is cut into several jobs, and rows of each; if left out, large tables are.
    #[serde(default)]
    pub split_rows: Option<u64>,
    /// The share of the tables to clone; all if left out.
    #[serde(default)]
    pub shard: Option<Shard>,
    /// Jobs of both accounts that have not ended, as far as the keys may see them.
    #[serde(default)]
    pub running_jobs: Vec<JobQuery>,
}

/// A job, and the SQL that it runs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobQuery {
    /// Its id.
    pub job_id: String,
    /// The SQL.
    pub query: String,
}

/// What to do about a table that the destination has already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExisting {
    /// Do not run.
    #[default]
    Error,
    /// Leave it.
    Skip,
    /// Replace it.
    Overwrite,
}

/// What the caller wants to move the rows; [`Via`](super::via::Via) is what does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViaChoice {
    /// The engine within one account, petit otherwise.
    #[default]
    Auto,
    /// petit.
    Client,
    /// TD's engine.
    Engine,
}
