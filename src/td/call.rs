//! The calls that petit makes to TD's REST API, as values.

use serde::Deserialize;

use super::Account;
use super::result_output::ResultUrl;
use crate::Result;

/// One request to TD, in petit's terms: `{ call: 'list_tables', database: 'db' }` in JavaScript.
///
/// [`request`](Call::request) says how it looks on the wire, [`reply`](Call::reply) what the answer means.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum Call {
    /// Whose is the key?
    ShowUser,
    /// Every database the key can see.
    ListDatabases,
    /// A new database; 409 when it is there.
    CreateDatabase(DatabaseRef),
    /// Every table of a database, with descriptions.
    ListTables(DatabaseRef),
    /// One table.
    ShowTable(TableRef),
    /// How a user-partitioned table is laid out; no reply for others.
    TableDistribution(TableRef),
    /// A new table; 409 when it is there.
    CreateTable(CreateTable),
    /// Gives a table another name; 409 when that is taken, unless `overwrite` is set: then the table of that name is
    /// replaced in one step.
    RenameTable(RenameTable),
    /// Deletes a table; 404 when it is gone.
    DeleteTable(TableRef),
    /// Starts a query.
    IssueJob(IssueJob),
    /// A job's status, rows and bytes.
    JobStatus(JobRef),
    /// The same, by the key it was issued under.
    JobStatusByDomainKey(DomainKeyRef),
    /// A job in full, with its result's schema and what its engine wrote.
    ShowJob(JobRef),
    /// A job's result as `msgpack.gz`; 404 when it has none.
    JobResult(JobRef),
    /// Rows that an INSERT wrote.
    JobStatistics(JobRef),
    /// Stops a job, some time later.
    KillJob(JobRef),
    /// The newest jobs of the account that have this status.
    ListJobs(JobsOf),
    /// Every bulk import session of the account.
    ListSessions,
    /// A new bulk import session for a table that is there; 409 when the name is taken.
    CreateSession(CreateSession),
    /// Puts a part into a session, in place of any part of that name. The bytes go beside the call.
    UploadPart(PartRef),
    /// Closes a session for uploads.
    FreezeSession(SessionRef),
    /// Starts the job that checks and sorts a frozen session's records.
    PerformSession(PerformSession),
    /// A session's status and counts.
    ShowSession(SessionRef),
    /// The refused records of a performed session, as gzip of MessagePack; may be empty.
    ErrorRecords(SessionRef),
    /// Adds a ready session's records to its table; runs on after the answer.
    CommitSession(SessionRef),
    /// Deletes a session; 404 when it is gone.
    DeleteSession(SessionRef),
    /// Starts a workflow; answers with the attempt there already, if one has the same session time.
    StartAttempt(StartAttempt),
    /// An attempt of a workflow.
    ShowAttempt(AttemptRef),
}

impl Call {
    /// The same call, where it issues a job with an `output`, with that output in this account.
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

/// A database, by name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatabaseRef {
    /// Its name.
    pub database: String,
}

/// A table, by name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableRef {
    /// Its database.
    pub database: String,
    /// Its name.
    pub table: String,
}

/// A job, by id.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobRef {
    /// Its id.
    pub job_id: String,
}

/// A job, by domain key.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DomainKeyRef {
    /// The key it was issued under.
    pub domain_key: String,
}

/// A bulk import session, by name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionRef {
    /// Its name.
    pub session: String,
}

/// A part of a bulk import session, by name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartRef {
    /// Its session.
    pub session: String,
    /// Its name: no `/` and at most one `.`.
    pub part: String,
}

/// A workflow to be started.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartAttempt {
    /// Its id.
    pub workflow_id: String,
    /// The time that the run is for, ISO 8601. It makes the call safe to repeat.
    pub session_time: String,
}

/// An attempt of a workflow, by id.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttemptRef {
    /// Its id.
    pub attempt_id: String,
}

/// A table to be made.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateTable {
    /// Its database.
    pub database: String,
    /// Its name.
    pub table: String,
    /// Its schema, as TD's JSON text.
    #[serde(default)]
    pub schema: Option<String>,
    /// Days that rows are kept.
    #[serde(default)]
    pub expire_days: Option<u64>,
    /// Whether Hive sees the column `v`.
    #[serde(default)]
    pub include_v: Option<bool>,
    /// What it is.
    #[serde(default)]
    pub description: Option<String>,
}

/// A table to be renamed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RenameTable {
    /// The table's database.
    pub database: String,
    /// The table's name now.
    pub table: String,
    /// The table's name afterwards.
    pub new_name: String,
    /// Whether a table of that name is replaced.
    #[serde(default)]
    pub overwrite: bool,
}

/// A query to be run.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssueJob {
    /// The database it runs in; must be there.
    pub database: String,
    /// The SQL.
    pub query: String,
    /// A text of the caller's that no other job has. It makes the call safe to repeat: TD answers a second one with the
    /// first one's id.
    pub domain_key: String,
    /// What runs it.
    #[serde(default)]
    pub engine: Engine,
    /// -2 to 2, very low to very high.
    #[serde(default)]
    pub priority: Option<i8>,
    /// How often TD runs it again by itself; 0 by default, and best left so for an INSERT.
    #[serde(default)]
    pub retry_limit: Option<u8>,
    /// The resource pool.
    #[serde(default)]
    pub pool_name: Option<String>,
    /// `stable` or `experimental`.
    #[serde(default)]
    pub engine_version: Option<String>,
    /// The table that TD shall add the result's rows to, of the account that [`Call::with_output_to`] names.
    #[serde(default)]
    pub output: Option<TableRef>,
    /// The same as a URL, which holds that account's key.
    #[serde(skip)]
    pub result: Option<ResultUrl>,
}

/// Jobs by their status.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobsOf {
    /// `queued`, `booting`, `running`, `success`, `error` or `killed`.
    pub status: String,
    /// How many at most.
    pub most: u32,
}

/// What runs a query.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Trino, under the name that every client of TD uses.
    #[default]
    Presto,
    /// Trino, under its own name.
    Trino,
    /// Hive.
    Hive,
}

/// A bulk import session to be made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSession {
    /// Its name.
    pub session: String,
    /// The database it loads into.
    pub database: String,
    /// The table it loads into; must be there.
    pub table: String,
}

/// A session to be performed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerformSession {
    /// Its name.
    pub session: String,
    /// -2 to 2, very low to very high.
    #[serde(default)]
    pub priority: Option<i8>,
    /// The resource pool.
    #[serde(default)]
    pub pool_name: Option<String>,
}
