//! What TD tells, as typed data.
//!
//! Each type reads both TD's `snake_case` and its own `camelCase`, so that what went to JavaScript can come back as an
//! argument. Only names and ids are required; counts that TD left out or does not know yet are none.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::columns::{self, Column};
use super::deserialize::{count, flag, list, small_count, text, text_or_empty, timestamp};
use petit_text::bigint;

/// The user that a key belongs to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserInfo {
    /// The number of the user's account.
    #[serde(default, alias = "account_id", deserialize_with = "text")]
    pub account_id: Option<String>,
    /// The user's name.
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// The user's address.
    #[serde(default, deserialize_with = "text")]
    pub email: Option<String>,
    /// Whether the user administers the account.
    #[serde(default, deserialize_with = "flag")]
    pub administrator: Option<bool>,
}

/// A database of the account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseInfo {
    /// Its name.
    pub name: String,
    /// Its id, if TD sends it.
    #[serde(default, deserialize_with = "text")]
    pub id: Option<String>,
    /// Rows in all its tables, roughly.
    #[serde(default, deserialize_with = "count", serialize_with = "bigint")]
    pub count: Option<u64>,
    /// What the key may do here: `administrator`, `full_access`, `query_only`, `import_only`.
    #[serde(default, deserialize_with = "text")]
    pub permission: Option<String>,
    /// Whether TD refuses to delete it.
    #[serde(default, alias = "delete_protected", deserialize_with = "flag")]
    pub delete_protected: Option<bool>,
    /// When it was made, as TD writes it.
    #[serde(default, alias = "created_at", deserialize_with = "text")]
    pub created_at: Option<String>,
    /// When it was changed last, as TD writes it.
    #[serde(default, alias = "updated_at", deserialize_with = "text")]
    pub updated_at: Option<String>,
}

/// A table of a database.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub id: Option<String>,
    /// `log`; other types are of the past.
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub kind: Option<String>,
    /// Rows; lags behind a commit, so that it is no proof of anything.
    #[serde(default, deserialize_with = "count", serialize_with = "bigint")]
    pub count: Option<u64>,
    /// Compressed bytes, estimated.
    #[serde(
        default,
        alias = "estimated_storage_size",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    pub estimated_storage_size: Option<u64>,
    /// The schema; `time` and `v` are not in it.
    #[serde(default, alias = "schema", deserialize_with = "columns::deserialize")]
    pub columns: Vec<Column>,
    /// Days that rows are kept; none or 0 for ever.
    #[serde(default, alias = "expire_days", deserialize_with = "small_count")]
    pub expire_days: Option<u64>,
    /// Whether Hive sees the column `v`.
    #[serde(default, alias = "include_v", deserialize_with = "flag")]
    pub include_v: Option<bool>,
    /// Whether TD refuses to delete it.
    #[serde(default, alias = "delete_protected", deserialize_with = "flag")]
    pub delete_protected: Option<bool>,
    /// When it was made, as TD writes it.
    #[serde(default, alias = "created_at", deserialize_with = "text")]
    pub created_at: Option<String>,
    /// When it was changed last, as TD writes it.
    #[serde(default, alias = "updated_at", deserialize_with = "text")]
    pub updated_at: Option<String>,
    /// The latest `time` of its rows, in Unix seconds.
    #[serde(default, alias = "last_log_timestamp", deserialize_with = "timestamp")]
    pub last_log_timestamp: Option<i64>,
    /// What the table is, in its owner's words.
    #[serde(default, deserialize_with = "text")]
    pub description: Option<String>,
}

/// How a user-partitioned table is laid out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Distribution {
    /// Number of buckets.
    #[serde(default, alias = "bucket_count", deserialize_with = "small_count")]
    pub bucket_count: Option<u64>,
    /// The function that picks the bucket.
    #[serde(default, alias = "partition_function", deserialize_with = "text")]
    pub partition_function: Option<String>,
}

/// A job, by status or in full.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobInfo {
    /// Its id.
    #[serde(default, alias = "job_id", deserialize_with = "text_or_empty")]
    pub job_id: String,
    /// `queued`, `booting`, `running`, then `success`, `error` or `killed`.
    #[serde(default, deserialize_with = "text_or_empty")]
    pub status: String,
    /// `presto`, `hive`, `bulk_import_perform`, …
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub kind: Option<String>,
    /// The database it runs in.
    #[serde(default, deserialize_with = "text")]
    pub database: Option<String>,
    /// The SQL; JSON text for kinds of job that have no SQL.
    #[serde(default, deserialize_with = "text")]
    pub query: Option<String>,
    /// Its page in TD's console.
    #[serde(default, deserialize_with = "text")]
    pub url: Option<String>,
    /// When it was issued, as TD writes it.
    #[serde(default, alias = "created_at", deserialize_with = "text")]
    pub created_at: Option<String>,
    /// When it began to run.
    #[serde(default, alias = "start_at", deserialize_with = "text")]
    pub start_at: Option<String>,
    /// When it ended.
    #[serde(default, alias = "end_at", deserialize_with = "text")]
    pub end_at: Option<String>,
    /// Seconds it ran.
    #[serde(default, deserialize_with = "small_count")]
    pub duration: Option<u64>,
    /// Rows of the result; none until the job is done.
    #[serde(
        default,
        alias = "num_records",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    pub num_records: Option<u64>,
    /// Bytes of the stored result (`msgpack.gz`).
    #[serde(
        default,
        alias = "result_size",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    pub result_size: Option<u64>,
    /// Names and types of the result's columns, as JSON text; only in full.
    #[serde(default, alias = "hive_result_schema", deserialize_with = "text")]
    pub hive_result_schema: Option<String>,
    /// The job that brings its rows to where they shall go, if that is another; only in full.
    #[serde(
        default,
        alias = "linked_result_export_job_id",
        deserialize_with = "text"
    )]
    pub linked_export_job: Option<String>,
    /// What the engine said; only in full.
    #[serde(default, deserialize_with = "debug")]
    pub debug: Option<JobDebug>,
}

/// What the engine of a job wrote while it ran.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JobDebug {
    /// Progress and failures.
    #[serde(default, deserialize_with = "text")]
    pub cmdout: Option<String>,
    /// Failures.
    #[serde(default, deserialize_with = "text")]
    pub stderr: Option<String>,
}

/// A job that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssuedJob {
    /// Its id.
    pub job_id: String,
    /// Whether it was there already, under the same domain key.
    pub adopted: bool,
}

/// What an INSERT or CREATE TABLE AS did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobStatistics {
    /// Rows written.
    #[serde(
        default,
        alias = "records_inserted",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    pub records_inserted: Option<u64>,
}

/// The answer to a kill, which takes effect some time later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KilledJob {
    /// The status the job had, if TD says so.
    #[serde(default, alias = "former_status", deserialize_with = "text")]
    pub former_status: Option<String>,
}

/// A bulk import session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// Its name.
    pub name: String,
    /// The database it loads into.
    #[serde(default, deserialize_with = "text")]
    pub database: Option<String>,
    /// The table it loads into.
    #[serde(default, deserialize_with = "text")]
    pub table: Option<String>,
    /// `uploading`, `performing`, `ready`, `committing` or `committed`.
    #[serde(default, deserialize_with = "text_or_empty")]
    pub status: String,
    /// Whether uploads are closed.
    #[serde(default, alias = "upload_frozen", deserialize_with = "flag")]
    pub upload_frozen: Option<bool>,
    /// The perform job, once there is one.
    #[serde(default, alias = "job_id", deserialize_with = "text")]
    pub job_id: Option<String>,
    /// Good records; none before perform ends.
    #[serde(
        default,
        alias = "valid_records",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    pub valid_records: Option<u64>,
    /// Refused records.
    #[serde(
        default,
        alias = "error_records",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    pub error_records: Option<u64>,
    /// Good parts.
    #[serde(default, alias = "valid_parts", deserialize_with = "small_count")]
    pub valid_parts: Option<u64>,
    /// Unreadable parts.
    #[serde(default, alias = "error_parts", deserialize_with = "small_count")]
    pub error_parts: Option<u64>,
}

/// The answer to a perform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PerformedSession {
    /// The job that does it.
    #[serde(default, alias = "job_id", deserialize_with = "text")]
    pub job_id: Option<String>,
}

/// Bytes as they came; a `Uint8Array` in JavaScript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

#[derive(Deserialize)]
pub(super) struct DatabaseList {
    pub databases: Vec<DatabaseInfo>,
}

#[derive(Deserialize)]
pub(super) struct TableList {
    pub tables: Vec<TableInfo>,
}

#[derive(Deserialize)]
pub(super) struct JobList {
    #[serde(default, deserialize_with = "list")]
    pub jobs: Vec<JobInfo>,
}

#[derive(Deserialize)]
pub(super) struct SessionList {
    pub bulk_imports: Vec<SessionInfo>,
}

#[derive(Deserialize)]
pub(super) struct Issued {
    #[serde(default, deserialize_with = "text")]
    pub job_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub job: Option<String>,
}

fn debug<'de, D: Deserializer<'de>>(from: D) -> Result<Option<JobDebug>, D::Error> {
    let value = Value::deserialize(from)?;
    if let Value::String(stderr) = value {
        return Ok(Some(JobDebug {
            cmdout: None,
            stderr: Some(stderr),
        }));
    }
    // Every field of the object is optional: what cannot be read this way tells nothing.
    Ok(serde_json::from_value(value).unwrap_or_default())
}
