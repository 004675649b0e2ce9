//! The data in TD's replies.
//!
//! Each type deserializes both TD's `snake_case` and its own `camelCase`, so that JavaScript can pass a reply back as an
//! argument. Only names and ids are required. A count that TD omits, or does not know yet, is `None`.

use petit_text::bigint;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::columns::Schema;
use super::deserialize::{count, flag, list, small_count, text, text_or_empty, timestamp};

/// The user that a key belongs to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct UserInfo {
    /// The account number of the user.
    #[serde(default, alias = "account_id", deserialize_with = "text")]
    pub account_id: Option<String>,
    /// The user's name.
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// The user's email address.
    #[serde(default, deserialize_with = "text")]
    pub email: Option<String>,
    /// Whether the user is an administrator of the account.
    #[serde(default, deserialize_with = "flag")]
    pub administrator: Option<bool>,
}

/// A database of the account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct DatabaseInfo {
    /// Its name.
    pub name: String,
    /// Its id, if TD sends it.
    #[serde(default, deserialize_with = "text")]
    pub id: Option<String>,
    /// Approximate number of rows in all its tables.
    #[serde(default, deserialize_with = "count", serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub count: Option<u64>,
    /// The permission of the key: `administrator`, `full_access`, `query_only` or `import_only`.
    #[serde(default, deserialize_with = "text")]
    pub permission: Option<String>,
    /// Whether it is protected from deletion.
    #[serde(default, alias = "delete_protected", deserialize_with = "flag")]
    pub delete_protected: Option<bool>,
    /// Time of creation, in the format of TD (`2020-12-31 11:22:33 UTC`).
    #[serde(default, alias = "created_at", deserialize_with = "text")]
    pub created_at: Option<String>,
    /// Time of the last change, in the format of TD.
    #[serde(default, alias = "updated_at", deserialize_with = "text")]
    pub updated_at: Option<String>,
}

/// A table of a database.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub id: Option<String>,
    /// The type of the table: `log`. Other types are obsolete.
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub kind: Option<String>,
    /// Number of rows. It is updated some time after a commit, so that it proves nothing.
    #[serde(default, deserialize_with = "count", serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub count: Option<u64>,
    /// Estimated compressed size in bytes.
    #[serde(
        default,
        alias = "estimated_storage_size",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub estimated_storage_size: Option<u64>,
    /// The schema, usually without `time` and `v`.
    #[serde(default, rename(serialize = "columns"), alias = "columns")]
    #[cfg_attr(
        feature = "typescript",
        ts(rename = "columns", as = "Vec<super::columns::Column>")
    )]
    pub schema: Schema,
    /// Retention of rows in days; `None` or 0 for unlimited.
    #[serde(default, alias = "expire_days", deserialize_with = "small_count")]
    pub expire_days: Option<u64>,
    /// Whether the column `v` is visible in Hive.
    #[serde(default, alias = "include_v", deserialize_with = "flag")]
    pub include_v: Option<bool>,
    /// Whether it is protected from deletion.
    #[serde(default, alias = "delete_protected", deserialize_with = "flag")]
    pub delete_protected: Option<bool>,
    /// Time of creation, in the format of TD (`2020-12-31 11:22:33 UTC`).
    #[serde(default, alias = "created_at", deserialize_with = "text")]
    pub created_at: Option<String>,
    /// Time of the last change, in the format of TD.
    #[serde(default, alias = "updated_at", deserialize_with = "text")]
    pub updated_at: Option<String>,
    /// The latest `time` of its rows, in Unix seconds.
    #[serde(default, alias = "last_log_timestamp", deserialize_with = "timestamp")]
    pub last_log_timestamp: Option<i64>,
    /// The description of the table.
    #[serde(default, deserialize_with = "text")]
    pub description: Option<String>,
}

/// The layout of a user-partitioned table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Distribution {
    /// Number of buckets.
    #[serde(default, alias = "bucket_count", deserialize_with = "small_count")]
    pub bucket_count: Option<u64>,
    /// The partition function, which selects the bucket.
    #[serde(default, alias = "partition_function", deserialize_with = "text")]
    pub partition_function: Option<String>,
}

/// A job. A reply about its status has only some of the fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
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
    /// The database that it runs in.
    #[serde(default, deserialize_with = "text")]
    pub database: Option<String>,
    /// The SQL. Jobs without SQL have JSON text here.
    #[serde(default, deserialize_with = "text")]
    pub query: Option<String>,
    /// The URL of its page in TD's console.
    #[serde(default, deserialize_with = "text")]
    pub url: Option<String>,
    /// Time of creation, in the format of TD.
    #[serde(default, alias = "created_at", deserialize_with = "text")]
    pub created_at: Option<String>,
    /// Start time, in the format of TD.
    #[serde(default, alias = "start_at", deserialize_with = "text")]
    pub start_at: Option<String>,
    /// End time, in the format of TD.
    #[serde(default, alias = "end_at", deserialize_with = "text")]
    pub end_at: Option<String>,
    /// Duration in seconds.
    #[serde(default, deserialize_with = "small_count")]
    pub duration: Option<u64>,
    /// Number of rows of the result; `None` until the job ends.
    #[serde(
        default,
        alias = "num_records",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub num_records: Option<u64>,
    /// Size of the stored result (`msgpack.gz`) in bytes.
    #[serde(
        default,
        alias = "result_size",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub result_size: Option<u64>,
    /// Names and types of the columns of the result, as JSON text; only in `show_job`.
    #[serde(default, alias = "hive_result_schema", deserialize_with = "text")]
    pub hive_result_schema: Option<String>,
    /// The job that writes the rows to the output, if that is another job; only in `show_job`.
    #[serde(
        default,
        alias = "linked_result_export_job_id",
        deserialize_with = "text"
    )]
    pub linked_export_job: Option<String>,
    /// The output of the engine; only in `show_job`.
    #[serde(default, deserialize_with = "debug")]
    pub debug: Option<JobDebug>,
}

/// The output of the engine of a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct JobDebug {
    /// Progress and errors.
    #[serde(default, deserialize_with = "text")]
    pub cmdout: Option<String>,
    /// Errors.
    #[serde(default, deserialize_with = "text")]
    pub stderr: Option<String>,
}

/// A job that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct IssuedJob {
    /// Its id.
    pub job_id: String,
    /// Whether it already existed with the same domain key.
    pub adopted: bool,
}

/// The statistics of an INSERT or CREATE TABLE AS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct JobStatistics {
    /// Number of rows written.
    #[serde(
        default,
        alias = "records_inserted",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub records_inserted: Option<u64>,
}

/// The reply to a kill, which TD executes asynchronously.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct KilledJob {
    /// The status before the kill, if TD sends it.
    #[serde(default, alias = "former_status", deserialize_with = "text")]
    pub former_status: Option<String>,
}

/// A bulk import session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// Its name.
    pub name: String,
    /// The database that it loads into.
    #[serde(default, deserialize_with = "text")]
    pub database: Option<String>,
    /// The table that it loads into.
    #[serde(default, deserialize_with = "text")]
    pub table: Option<String>,
    /// `uploading`, `performing`, `ready`, `committing` or `committed`.
    #[serde(default, deserialize_with = "text_or_empty")]
    pub status: String,
    /// Whether it is frozen, so that it accepts no more parts.
    #[serde(default, alias = "upload_frozen", deserialize_with = "flag")]
    pub upload_frozen: Option<bool>,
    /// The perform job, if it was started.
    #[serde(default, alias = "job_id", deserialize_with = "text")]
    pub job_id: Option<String>,
    /// Number of valid records; `None` until the perform job ends.
    #[serde(
        default,
        alias = "valid_records",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub valid_records: Option<u64>,
    /// Number of rejected records.
    #[serde(
        default,
        alias = "error_records",
        deserialize_with = "count",
        serialize_with = "bigint"
    )]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub error_records: Option<u64>,
    /// Number of valid parts.
    #[serde(default, alias = "valid_parts", deserialize_with = "small_count")]
    pub valid_parts: Option<u64>,
    /// Number of unreadable parts.
    #[serde(default, alias = "error_parts", deserialize_with = "small_count")]
    pub error_parts: Option<u64>,
}

/// The reply to a perform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct PerformedSession {
    /// The perform job.
    #[serde(default, alias = "job_id", deserialize_with = "text")]
    pub job_id: Option<String>,
}

/// The bytes of a body, which become a `Uint8Array` in JavaScript.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "Uint8Array"))]
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
    // Every field of the object is optional, so that another value has no information.
    Ok(serde_json::from_value(value).unwrap_or_default())
}
