//! What goes into a plan and what comes out, as plain data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::copy::CopyTask;
use super::partition::{PartitionBy, Partitioning};
use super::shard::Shard;
use super::via::Via;
use petit_td::TableInfo;
use petit_text::bigint;

/// Why something cannot be done as asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable, `snake_case`.
    pub code: &'static str,
    /// The table it is about, if it is about one.
    pub table: Option<String>,
    /// What is wrong, and what would help.
    pub message: String,
}

impl Problem {
    pub(super) fn new(code: &'static str, table: Option<&str>, message: impl Into<String>) -> Self {
        Self {
            code,
            table: table.map(Into::into),
            message: message.into(),
        }
    }
}

/// What shall be exported, and what is known of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportRequest {
    /// The site's name or the endpoint, to be told in the files.
    #[serde(default)]
    pub site: Option<String>,
    /// The database.
    pub database: String,
    /// The tables wanted; all of the listing if none is named.
    #[serde(default)]
    pub tables: Vec<String>,
    /// The database's tables; left out if the key may not list them, or no table is wanted.
    #[serde(default)]
    pub listing: Option<Vec<TableInfo>>,
    /// SQL whose result is wanted, instead of tables.
    #[serde(default)]
    pub query: Option<String>,
    /// A finished job whose result is wanted, instead of tables.
    #[serde(default)]
    pub job_id: Option<String>,
    /// The file to write, if it is a single one.
    #[serde(default)]
    pub output: Option<String>,
    /// The folder to write to.
    #[serde(default)]
    pub output_dir: String,
    /// The column that the times are about; `time` if left out.
    #[serde(default)]
    pub time_column: Option<String>,
    /// ISO 8601; rows from this time on.
    #[serde(default)]
    pub start_time: Option<String>,
    /// ISO 8601; rows before this time.
    #[serde(default)]
    pub end_time: Option<String>,
    /// Rows from which on a table is cut into several jobs, and rows of each; if left out, large tables are.
    #[serde(default)]
    pub split_rows: Option<u64>,
    /// What the rows of a file have in common, if each table shall become a folder of files.
    #[serde(default)]
    pub partition: Option<PartitionBy>,
    /// Whether existing files are replaced.
    #[serde(default)]
    pub overwrite: bool,
    /// Which of the plan's output paths exist. Plan once without, look, and plan again.
    #[serde(default)]
    pub existing: Vec<String>,
}

/// What an export does.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportPlan {
    /// One for each file, the biggest first.
    pub tasks: Vec<ExportTask>,
    /// What stands against it.
    pub problems: Vec<Problem>,
}

/// A job result that becomes a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportTask {
    /// What it is called: the table, or else the file.
    pub table: String,
    /// The database to run in.
    pub database: String,
    /// The SQL to run; none for a finished job.
    pub sql: Option<String>,
    /// The finished job.
    pub job_id: Option<String>,
    /// The file to write, or of a table in partitions the folder.
    pub output_path: String,
    /// How the table becomes a folder of files; none if it becomes one file.
    pub partitioning: Option<Partitioning>,
    /// Rows of the table, roughly; of a time range they are at most as many.
    #[serde(serialize_with = "bigint")]
    pub rows: Option<u64>,
    /// Compressed bytes of the table at TD, roughly.
    #[serde(serialize_with = "bigint")]
    pub bytes: Option<u64>,
    /// Whether `sql` ends in a condition.
    pub has_condition: bool,
    /// Rows that a job gives at most, roughly; none if one job gives them all.
    #[serde(serialize_with = "bigint")]
    pub slice_rows: Option<u64>,
    /// The query for the counts by which the table is cut or put into partitions, if it is.
    pub slices_sql: Option<String>,
    /// What the file shall tell of where it comes from.
    pub metadata: Vec<(String, String)>,
}

/// What is done about a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is copied.
    Create,
    /// It is copied in place of one that is there.
    Overwrite,
    /// Nothing: one is there.
    Skip,
    /// It cannot be copied as asked.
    Error,
}

/// Rows and bytes of a table, roughly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Size {
    /// Rows, as TD lists them.
    #[serde(serialize_with = "bigint")]
    pub rows: u64,
    /// Compressed bytes, as TD estimates them.
    #[serde(serialize_with = "bigint")]
    pub bytes: u64,
}

/// One table of the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CloneTable {
    /// Its name, on both sides.
    pub table: String,
    /// What is done about it.
    pub action: Action,
    /// Rows in the source, roughly.
    #[serde(serialize_with = "bigint")]
    pub rows: u64,
    /// Compressed bytes in the source, roughly.
    #[serde(serialize_with = "bigint")]
    pub bytes: u64,
    /// Why it cannot be copied; only for [`Action::Error`].
    pub problem: Option<Problem>,
    /// What an overwrite loses; only for [`Action::Overwrite`].
    pub loses: Option<Size>,
    /// What the copy will not have.
    pub warnings: Vec<String>,
    /// How it is copied; only for [`Action::Create`] and [`Action::Overwrite`].
    pub copy: Option<CopyTask>,
    /// What moves its rows, if it is copied.
    pub via: Option<Via>,
    /// Why that moves them, in words.
    pub via_reason: Option<&'static str>,
}

/// What earlier runs left in the destination; to be deleted first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Leftovers {
    /// Bulk import sessions.
    pub sessions: Vec<String>,
    /// Staging tables.
    pub tables: Vec<String>,
    /// Jobs that still write into them.
    pub jobs: Vec<String>,
}

/// How many tables an action is for, and how big they are: of any number of tables a sum that is exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Tables.
    pub tables: usize,
    /// Rows, roughly.
    pub rows: u128,
    /// Compressed bytes, roughly.
    pub bytes: u128,
}

/// What a clone does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClonePlan {
    /// The database to copy.
    pub source_database: String,
    /// The database to copy it to.
    pub destination_database: String,
    /// Whether the destination has to be created.
    pub create_database: bool,
    /// Every table of the source, or of the share, the biggest first.
    pub tables: Vec<CloneTable>,
    /// What earlier runs left behind.
    pub leftovers: Leftovers,
    /// What no copy has.
    pub warnings: Vec<String>,
    /// For each action that occurs.
    pub totals: BTreeMap<Action, Totals>,
    /// Which share of the source's tables these are, if not all.
    pub shard: Option<Shard>,
}

/// Sorts the biggest tables to the front, so that none of them is left to run alone at the end.
pub(super) fn biggest_first(tables: &mut [&TableInfo]) {
    tables.sort_by(|a, b| {
        let size = |table: &TableInfo| (table.estimated_storage_size, table.count);
        size(b).cmp(&size(a)).then_with(|| a.name.cmp(&b.name))
    });
}
