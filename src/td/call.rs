//! The calls that petit makes to TD's REST API, as values. Their routes are those of TD's own clients, td-client-python and
//! td-client-ruby.

use serde::Deserialize;

use super::Account;
use super::result_output::ResultUrl;
use crate::Result;

/// A call of TD's API. In JavaScript it is a tagged object: `{ call: 'list_tables', database: 'db' }`.
///
/// [`request`](Call::request) gives its HTTP request, and [`reply`](Call::reply) parses the response.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum Call {
    /// Shows the user that the key belongs to.
    ShowUser,
    /// Lists the databases that the key may see.
    ListDatabases,
    /// Creates a database; 409 if it exists.
    CreateDatabase(DatabaseRef),
    /// Deletes a database with its tables; 404 if it does not exist.
    DeleteDatabase(DatabaseRef),
    /// Lists the tables of a database, with descriptions.
    ListTables(DatabaseRef),
    /// Shows a table.
    ShowTable(TableRef),
    /// Shows the layout of a user-partitioned table; the reply is `None` for other tables.
    TableDistribution(TableRef),
    /// Creates a table; 409 if it exists.
    CreateTable(CreateTable),
    /// Renames a table; 409 if the new name exists. With `overwrite`, the table of that name is replaced atomically.
    RenameTable(RenameTable),
    /// Deletes a table; 404 if it does not exist.
    DeleteTable(TableRef),
    /// Issues a job that runs a query.
    IssueJob(IssueJob),
    /// Shows the status, the row count and the result size of a job.
    JobStatus(JobRef),
    /// The same, by the domain key of the job.
    JobStatusByDomainKey(DomainKeyRef),
    /// Shows all of a job, with the schema of its result and the output of its engine.
    ShowJob(JobRef),
    /// Downloads the result of a job as `msgpack.gz`; 404 if it has none.
    JobResult(JobRef),
    /// Shows the number of rows that an INSERT wrote.
    JobStatistics(JobRef),
    /// Kills a job. TD does so asynchronously.
    KillJob(JobRef),
    /// Lists the newest jobs of the account with a status.
    ListJobs(ListJobs),
    /// Lists all bulk import sessions of the account.
    ListSessions,
    /// Creates a bulk import session for an existing table; 409 if the name exists.
    CreateSession(CreateSession),
    /// Uploads a part to a session. It replaces a part of the same name. The bytes are passed separately.
    UploadPart(PartRef),
    /// Freezes a session, so that it accepts no more parts.
    FreezeSession(SessionRef),
    /// Starts the job that validates and sorts the records of a frozen session.
    PerformSession(PerformSession),
    /// Shows the status and the counts of a session.
    ShowSession(SessionRef),
    /// Downloads the rejected records of a performed session as `msgpack.gz`, which may be empty.
    ErrorRecords(SessionRef),
    /// Adds the records of a ready session to its table. TD does so asynchronously.
    CommitSession(SessionRef),
    /// Deletes a session; 404 if it does not exist.
    DeleteSession(SessionRef),
    /// Starts an attempt of a workflow. The reply is the existing attempt, if one has the same session time.
    StartAttempt(StartAttempt),
    /// Shows an attempt of a workflow.
    ShowAttempt(AttemptRef),
}

impl Call {
    /// For a job with an `output`, sets the account that the output goes to. Other calls are unchanged.
    ///
    /// # Errors
    /// As [`ResultUrl::to`].
    pub fn with_output_to(mut self, account: &Account) -> Result<Self> {
        if let Self::IssueJob(job) = &mut self
            && let Some(table) = &job.output
        {
            job.result = Some(ResultUrl::to(account, &table.database, &table.table)?);
        }
        Ok(self)
    }
}

/// Identifies a database.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatabaseRef {
    /// Its name.
    pub database: String,
}

/// Identifies a table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableRef {
    /// Its database.
    pub database: String,
    /// Its name.
    pub table: String,
}

/// Identifies a job.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobRef {
    /// Its id.
    pub job_id: String,
}

/// Identifies a job by its domain key.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DomainKeyRef {
    /// The domain key with which it was issued.
    pub domain_key: String,
}

/// Identifies a bulk import session.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionRef {
    /// Its name.
    pub session: String,
}

/// Identifies a part of a bulk import session.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartRef {
    /// Its session.
    pub session: String,
    /// Its name, which has no `/` and at most one `.`.
    pub part: String,
}

/// Arguments of [`Call::StartAttempt`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartAttempt {
    /// Id of the workflow.
    pub workflow_id: String,
    /// Session time of the attempt, ISO 8601. It makes the call idempotent.
    pub session_time: String,
}

/// Identifies an attempt of a workflow.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttemptRef {
    /// Its id.
    pub attempt_id: String,
}

/// Arguments of [`Call::CreateTable`].
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateTable {
    /// Its database.
    pub database: String,
    /// Its name.
    pub table: String,
    /// Its schema, as TD's JSON text.
    #[serde(default)]
    pub schema: Option<String>,
    /// Retention of rows in days. Default: unlimited.
    #[serde(default)]
    pub expire_days: Option<u64>,
    /// Whether the column `v` is visible in Hive. Default: that of TD.
    #[serde(default)]
    pub include_v: Option<bool>,
    /// Its description.
    #[serde(default)]
    pub description: Option<String>,
}

/// Arguments of [`Call::RenameTable`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RenameTable {
    /// The table's database.
    pub database: String,
    /// The current name.
    pub table: String,
    /// The new name.
    pub new_name: String,
    /// Whether to replace a table with the new name. Default: false.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub overwrite: bool,
}

/// Arguments of [`Call::IssueJob`].
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssueJob {
    /// The database that the query runs in. It must exist.
    pub database: String,
    /// The SQL.
    pub query: String,
    /// A unique text of the caller. It makes the call idempotent: TD rejects a second job with this key, and names the first
    /// one (409 with `conflicts_with`).
    pub domain_key: String,
    /// The query engine. Default: Trino.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub engine: Engine,
    /// Priority from -2 (very low) to 2 (very high). Default: 0.
    #[serde(default)]
    pub priority: Option<i8>,
    /// Number of automatic retries by TD. Default: 0, which an INSERT needs to stay exact.
    #[serde(default)]
    pub retry_limit: Option<u8>,
    /// The resource pool. Default: that of the account.
    #[serde(default)]
    pub pool_name: Option<String>,
    /// `stable` or `experimental`.
    #[serde(default)]
    pub engine_version: Option<String>,
    /// The table to which TD appends the rows of the result. [`Call::with_output_to`] sets its account.
    #[serde(default)]
    pub output: Option<TableRef>,
    /// The same as a URL, which contains the key of that account.
    #[serde(skip)]
    pub result: Option<ResultUrl>,
}

/// Arguments of [`Call::ListJobs`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListJobs {
    /// `queued`, `booting`, `running`, `success`, `error` or `killed`.
    pub status: String,
    /// Maximum number of jobs.
    pub limit: u32,
}

/// A query engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Trino, under the name that TD's clients use.
    #[default]
    Presto,
    /// Trino, under its own name.
    Trino,
    /// Hive.
    Hive,
}

/// Arguments of [`Call::CreateSession`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSession {
    /// Its name.
    pub session: String,
    /// The database that it loads into.
    pub database: String,
    /// The table that it loads into. It must exist.
    pub table: String,
}

/// Arguments of [`Call::PerformSession`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerformSession {
    /// Its name.
    pub session: String,
    /// Priority from -2 (very low) to 2 (very high). Default: 0.
    #[serde(default)]
    pub priority: Option<i8>,
    /// The resource pool. Default: that of the account.
    #[serde(default)]
    pub pool_name: Option<String>,
}
