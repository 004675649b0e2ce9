//! Listings and options to tasks and names: everything is decided here, and shown before anything is done.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod cleanup;
mod clone;
mod clone_request;
mod copy;
mod error;
mod export;
mod file_name;
mod lease;
mod model;
mod partition;
mod shard;
mod slice;
mod sql;
mod staging;
mod time_range;
mod verify;
mod via;

pub use cleanup::{
    CleanupPlan, CleanupRequest, DatabaseTables, LeftJob, LeftSession, LeftTable, plan_cleanup,
};
pub use clone::plan_clone;
pub use clone_request::{CloneRequest, JobQuery, OnExisting, ViaChoice};
pub use copy::CopyTask;
pub use error::{Error, Result};
pub use export::plan_export;
pub use model::{
    Action, ClonePlan, CloneTable, ExportPlan, ExportRequest, ExportTask, Leftovers, Problem, Size,
    Totals,
};
pub use partition::{Partition, PartitionBy, Partitioning, partitions};
pub use shard::Shard;
pub use slice::{Slice, Statements, cut};
pub use sql::count_rows;
pub use lease::{LEASE_MS, Leases, RENEW_MS, lease_name, lease_processes, lease_text};
pub use staging::{attempt_name, domain_key, is_staging_name, part_name, run_of, staging_name};
pub use verify::{
    ColumnQuery, ComparedTable, FoundIn, SideQueries, VerifyPlan, VerifyRequest, plan_verify,
    side_queries,
};
pub use via::{Method, Via};
