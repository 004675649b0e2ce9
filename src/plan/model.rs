//! Plans, and the request for an export, as plain data.

use std::collections::BTreeMap;
use std::rc::Rc;

use petit_td::TableInfo;
use petit_text::bigint;
use serde::{Deserialize, Serialize};

use super::check_outputs::scheme;
use super::copy::CopyTask;
use super::file_name::PathStyle;
use super::mask::PlannedMask;
use super::output::{ExistingOutput, Overwritten};
use super::partition::{PartitionBy, Partitioning};
use super::sample::{PlannedSample, SampleOptions};
use super::shard::Shard;
use super::time_range::PlannedRange;
use super::update::TableUpdate;
use super::via::Via;
use super::views::PlannedView;

/// A reason why a request, or one of its tables, cannot be processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Problem {
    /// Stable code in `snake_case`.
    pub code: &'static str,
    /// The table, if the problem is specific to one.
    pub table: Option<String>,
    /// What is wrong, and a remedy.
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

/// The options of an export, and the listing of the database.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportRequest {
    /// Name of the site, or the endpoint, for the metadata of the files.
    #[serde(default)]
    pub site: Option<String>,
    /// The database.
    pub database: String,
    /// Names and globs of the tables. Default: all of the listing.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub tables: Vec<String>,
    /// Names and globs of tables that are not exported.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub exclude: Vec<String>,
    /// The tables of the database; `None` if the key may not list them, or no table is exported.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub listing: Option<Vec<Rc<TableInfo>>>,
    /// Names of the logical views of the database; `None` if they are not known.
    #[serde(default)]
    pub views: Option<Vec<String>>,
    /// A query to export, instead of tables.
    #[serde(default)]
    pub query: Option<String>,
    /// A finished job whose result to export, instead of tables.
    #[serde(default)]
    pub job_id: Option<String>,
    /// The path of the file, if there is a single one.
    #[serde(default)]
    pub output: Option<String>,
    /// The output folder. Default: the current folder.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub output_dir: String,
    /// How the platform writes paths. Default: POSIX.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub path_style: PathStyle,
    /// The column of the time range. Default: `time`.
    #[serde(default)]
    pub time_column: Option<String>,
    /// The sample of the rows. Default: all rows.
    #[serde(default)]
    pub sample: Option<SampleOptions>,
    /// Rules of masking, such as `users.email=hash`. Of several rules for a column, the last one counts.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub mask: Vec<String>,
    /// Start of the time range (inclusive), ISO 8601.
    #[serde(default)]
    pub start_time: Option<String>,
    /// End of the time range (exclusive), ISO 8601.
    #[serde(default)]
    pub end_time: Option<String>,
    /// Whether one of the times is not in the user's format. Default: false.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub times_are_converted: bool,
    /// Maximum number of rows per job. A larger table is split into several jobs. Default: chosen by size.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | bigint", optional))]
    pub split_rows: Option<u64>,
    /// The period of a partition, to write each table as a folder of partitions. Default: one file per table.
    #[serde(default)]
    pub partition: Option<PartitionBy>,
    /// Approximate maximum size of a file in bytes, to write each table, or each partition, as several files. Default: one file.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | bigint", optional))]
    pub file_size: Option<u64>,
    /// Names of the columns that are exported, in this order. Default: all.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub columns: Vec<String>,
    /// Maximum number of rows of a table, or of each partition. Default: all.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | bigint", optional))]
    pub limit: Option<u64>,
    /// Names of columns whose integers, in Unix seconds, become timestamps.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub timestamp_columns: Vec<String>,
    /// Whether to export only the partitions that differ from those of the manifest. Default: false.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub update: bool,
    /// Whether an update compares checksums of the rows too. Default: false.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub checksum: bool,
    /// What is done about text that is not UTF-8, which decides types of the files' columns.
    #[serde(default)]
    pub invalid_utf8: Option<String>,
    /// Whether to replace existing files. Default: false.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub overwrite: bool,
    /// What is at the output paths of the plan. The caller plans without it, inspects the paths, and plans again.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub existing: Vec<ExistingOutput>,
}

impl ExportRequest {
    /// How a path is written. An address has slashes on every platform.
    pub(super) fn style_of(&self, path: &str) -> PathStyle {
        scheme(path).map_or(self.path_style, |_| PathStyle::Posix)
    }

    /// The path of a file in the output folder.
    pub(super) fn in_output_dir(&self, file: &str) -> String {
        self.style_of(&self.output_dir).join(&self.output_dir, file)
    }
}

/// The plan of an export.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ExportPlan {
    /// One task per file or folder, the largest first.
    pub tasks: Vec<ExportTask>,
    /// Reasons why the export cannot run.
    pub problems: Vec<Problem>,
    /// Number of tables of the listing that are not chosen.
    pub not_chosen: usize,
    /// The time range; `None` for all rows.
    pub time_range: Option<PlannedRange>,
    /// Names of listed views that are not exported, because they are not named.
    pub skipped_views: Vec<String>,
    /// Whether the plan is to be made again with the views of the database: one of them may be what is missing.
    pub needs_views: bool,
}

/// A job result and its file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ExportTask {
    /// Name of the task: the table, or else the file.
    pub table: String,
    /// The database that the query runs in.
    pub database: String,
    /// The SQL; `None` for a finished job.
    pub sql: Option<String>,
    /// The finished job.
    pub job_id: Option<String>,
    /// The path of the file, or of the folder of files.
    pub output_path: String,
    /// The partitioning of the folder, if it has one.
    pub partitioning: Option<Partitioning>,
    /// Approximate maximum size of a file of the folder, in bytes; `None` for one file, or one per partition.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub file_size: Option<u64>,
    /// Approximate number of rows of the table, which is the maximum for a time range.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub rows: Option<u64>,
    /// Approximate compressed size of the table at TD, in bytes.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub bytes: Option<u64>,
    /// Whether `sql` ends with a condition.
    pub has_condition: bool,
    /// Whether the rows are those of a logical view.
    pub is_view: bool,
    /// Whether only the partitions are exported that differ from those of the manifest.
    pub is_update: bool,
    /// Approximate maximum number of rows per job; `None` if one job returns them all.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub slice_rows: Option<u64>,
    /// The query for the counts by which the table is split or partitioned, if it is.
    pub slices_sql: Option<String>,
    /// Key-value metadata of the file: its origin. The table's schema is added when the file is written, because a plan
    /// with all schemas may be very long.
    pub metadata: Vec<(String, String)>,
    /// Files that the task replaces or deletes.
    pub overwrites: Vec<Overwritten>,
    /// Files at paths of partitions that petit's manifest does not list. The task fails if it has rows for one of them.
    pub unlisted: Vec<String>,
    /// The sample of its rows; `None` for all rows.
    pub sample: Option<PlannedSample>,
    /// The columns that are exported, by their SQL names; `None` for all.
    pub columns: Option<Vec<String>>,
    /// Maximum number of rows, or of the rows of each partition; `None` for all.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub limit: Option<u64>,
    /// The columns whose integers, in Unix seconds, become timestamps.
    pub timestamp_columns: Vec<String>,
    /// The columns that are masked, as far as the columns are known.
    pub masks: Vec<PlannedMask>,
    /// Rules of masking that must match a column of the result, because its columns are not known before.
    pub required_masks: Vec<String>,
}

/// The action for a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Copy it.
    Create,
    /// Copy it, and replace the existing table.
    Overwrite,
    /// Add rows to the existing table, in ranges of time of which it has none.
    Append,
    /// Replace the existing table by one with its own rows, except in the ranges of time that differ.
    Rebuild,
    /// Compare it with the existing table, to decide what is to be updated.
    Compare,
    /// Skip it, because the table exists, or because it is up to date.
    Skip,
    /// It cannot be copied.
    Error,
}

/// The approximate size of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Size {
    /// Number of rows, as listed by TD.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows: u64,
    /// Compressed size in bytes, as estimated by TD.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub bytes: u64,
}

/// One table of the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CloneTable {
    /// Its name on both sides.
    pub table: String,
    /// Its action.
    pub action: Action,
    /// Approximate number of rows in the source; of an update, those that are moved.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows: u64,
    /// Approximate compressed size of these rows in the source, in bytes.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub bytes: u64,
    /// Why it cannot be copied; only for [`Action::Error`].
    pub problem: Option<Problem>,
    /// Size of the table that is replaced; only for [`Action::Overwrite`].
    pub overwrites: Option<Size>,
    /// Properties that the copy will not have.
    pub warnings: Vec<String>,
    /// What is updated, and why; only for tables that were compared.
    pub update: Option<TableUpdate>,
    /// The copy, if rows are moved.
    pub copy: Option<CopyTask>,
    /// What moves its rows, if it is copied.
    pub via: Option<Via>,
    /// The reason for `via`.
    pub via_reason: Option<&'static str>,
    /// The columns that are masked.
    pub masks: Vec<PlannedMask>,
    /// The sample of its rows; `None` for all rows.
    pub sample: Option<PlannedSample>,
    /// SQL condition of the rows of the source that are in the sample; only for tables that are updated.
    pub sample_condition: Option<String>,
}

/// Objects of interrupted runs in the destination, which are deleted first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Orphans {
    /// Bulk import sessions.
    pub sessions: Vec<String>,
    /// Staging tables.
    pub tables: Vec<String>,
    /// Jobs that still write to them.
    pub jobs: Vec<String>,
    /// Staging tables and sessions of other runs whose lease is valid. They are not removed.
    pub in_use: Vec<String>,
}

/// The number and the total size of the tables of an action. 128 bits keep the sum of any number of tables exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Totals {
    /// Number of tables.
    pub tables: usize,
    /// Approximate number of rows.
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows: u128,
    /// Approximate compressed size in bytes.
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub bytes: u128,
}

/// The plan of a clone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ClonePlan {
    /// The source database.
    pub source_database: String,
    /// The destination database.
    pub destination_database: String,
    /// Whether the destination database must be created.
    pub create_database: bool,
    /// The chosen tables of the source, or of the shard, the largest first.
    pub tables: Vec<CloneTable>,
    /// Number of tables of the source that are not chosen. They are neither read nor written.
    pub not_chosen: usize,
    /// The range of `time` that is copied; `None` for all rows.
    pub time_range: Option<PlannedRange>,
    /// The SQL condition of this range.
    pub time_condition: Option<String>,
    /// The chosen logical views of the source, in the order in which they are created.
    pub views: Vec<PlannedView>,
    /// Objects of interrupted runs.
    pub orphans: Orphans,
    /// Warnings that apply to all tables.
    pub warnings: Vec<String>,
    /// Totals by action.
    pub totals: BTreeMap<Action, Totals>,
    /// The shard, if the plan is for one.
    pub shard: Option<Shard>,
}

/// The size of a table as TD lists it.
pub(super) fn size_of(table: &TableInfo) -> Size {
    Size {
        rows: table.count.unwrap_or_default(),
        bytes: table.estimated_storage_size.unwrap_or_default(),
    }
}

/// Sorts tables by size, the largest first, so that no large table runs alone at the end.
pub(super) fn sort_largest_first(tables: &mut [&TableInfo]) {
    tables.sort_by(|a, b| {
        let size = |table: &TableInfo| (table.estimated_storage_size, table.count);
        size(b).cmp(&size(a)).then_with(|| a.name.cmp(&b.name))
    });
}
