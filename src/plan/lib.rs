//! Plans: listings and options to plain data. Every decision is made here, before the driver does anything, so that
//! `--dry-run` can print it.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod check_outputs;
mod cleanup;
mod clone;
mod clone_request;
mod columns;
mod conformance;
mod copy;
mod error;
mod export;
mod file_name;
mod folder_update;
mod glob;
mod lease;
mod manifest;
mod mask;
mod model;
mod nearest;
mod output;
mod owners;
mod partition;
mod personal;
mod range_comparison;
mod sample;
mod schema_differences;
mod shard;
mod slice;
mod sql;
mod staging;
mod store_url;
mod table_choice;
mod time_options;
mod time_range;
mod update;
mod verify;
mod via;
mod view_text;
mod views;

pub use cleanup::{
    CleanupPlan, CleanupRequest, DatabaseTables, OrphanJob, OrphanSession, OrphanTable,
    plan_cleanup,
};
pub use clone::plan_clone;
pub use clone_request::{CloneRequest, JobQuery, OnDrift, OnExisting, TableComparison, ViaChoice};
pub use conformance::{Ask, ConformanceAnswer, Observation, Probe, Verdict, judge, probes};
pub use copy::{CopyNames, CopyStatement, CopyTask};
pub use error::{Error, Result};
pub use export::{ExportOutput, export_outputs, plan_export};
pub use file_name::PathStyle;
pub use folder_update::{
    ChangedPartition, FolderState, FolderUpdate, UpdateReason, plan_folder_update,
};
pub use lease::{Leases, lease_name, lease_processes, lease_text};
pub use manifest::ManifestFile;
pub use mask::{MaskedResult, PlannedMask, check_masks, mask_result};
pub use model::{
    Action, ClonePlan, CloneTable, ExportPlan, ExportRequest, ExportTask, Orphans, Problem, Size,
    Totals,
};
pub use nearest::nearest;
pub use output::{ExistingOutput, ListedFiles, OutputKind, OverwriteAction, Overwritten};
pub use partition::{Partition, PartitionBy, Partitioning, partitions};
pub use personal::{
    PersonalColumn, PersonalColumns, PersonalKind, PersonalSign, ValuesQuery, judge_values,
    personal_columns,
};
pub use range_comparison::{
    RangeComparison, RangeCount, RangeDifference, RangeGrid, RangeZoom, TimeSpan, compare_ranges,
    latest_time, range_counts_sql, read_range_counts, zoom_in, zoomed_differences,
};
pub use sample::{PlannedSample, SampleOptions, SampleOthers, check_sample};
pub use schema_differences::staging_differences;
pub use shard::Shard;
pub use slice::{Slice, Statements, split_by_time};
pub use sql::{count_rows, list_views};
pub use staging::{attempt_name, domain_key, is_staging_name, part_name, run_of, staging_name};
pub use store_url::{StoreKind, StoreUrl};
pub use time_options::{ResolvedTimes, TimeOptions, resolve_times};
pub use time_range::PlannedRange;
pub use update::{TableUpdate, UpdatedRange};
pub use verify::{
    ColumnQuery, ComparedTable, FoundIn, SideQueries, VerifyPlan, VerifyRequest, plan_verify,
    side_queries,
};
pub use via::{CopyMethod, Via};
pub use views::{PlannedView, ViewChoice, ViewInfo};
