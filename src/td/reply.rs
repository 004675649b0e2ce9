//! What TD's answers mean.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::Call;
use super::model::{
    Bytes, DatabaseInfo, DatabaseList, Distribution, Issued, IssuedJob, JobInfo, JobStatistics,
    KilledJob, PartList, PerformedSession, ServerStatus, SessionInfo, SessionList, TableInfo,
    TableList,
};
use super::refusal;
use super::text::printable;
use crate::{Error, Result};

/// Characters of an unexpected answer that a message shows at most.
const EXCERPT_CHARS: usize = 120;

/// The answer to a call. In JavaScript it is the value inside, with no tag: the call says which.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// Done, and nothing more to say.
    Done,
    /// Whether the server is up.
    ServerStatus(ServerStatus),
    /// Databases.
    Databases(Vec<DatabaseInfo>),
    /// A database.
    Database(Box<DatabaseInfo>),
    /// Tables.
    Tables(Vec<TableInfo>),
    /// A table.
    Table(Box<TableInfo>),
    /// A user-partitioned table's layout; none for other tables.
    Distribution(Option<Distribution>),
    /// A job that was issued.
    Issued(IssuedJob),
    /// A job.
    Job(Box<JobInfo>),
    /// Rows an INSERT wrote.
    Statistics(JobStatistics),
    /// A job that was told to stop.
    Killed(KilledJob),
    /// Bulk import sessions.
    Sessions(Vec<SessionInfo>),
    /// A bulk import session.
    Session(Box<SessionInfo>),
    /// Names of parts.
    Parts(Vec<String>),
    /// A session that is being performed.
    Performed(PerformedSession),
    /// A body as it came.
    Bytes(Bytes),
}

impl Call {
    /// What the answer to this call means.
    ///
    /// `header` looks a header up by its lower-case name; `now_ms` is the time now in Unix milliseconds, for a
    /// `Retry-After` that is a date. Every status but 2xx is an [`Error::Http`], with two exceptions: a 409 that names the
    /// job which has the domain key already, and the 404 of a table that is not user-partitioned.
    pub fn reply(
        &self,
        status: u16,
        header: impl Fn(&str) -> Option<String>,
        body: &[u8],
        now_ms: u64,
    ) -> Result<Reply> {
        match (self, status) {
            (_, 200..=299) => self.read(body),
            (Self::IssueJob(_), 409) if let Some(job_id) = refusal::conflicting_job(body) => {
                Ok(Reply::Issued(IssuedJob {
                    job_id,
                    adopted: true,
                }))
            }
            (Self::TableDistribution(_), 404) => Ok(Reply::Distribution(None)),
            _ => Err(self.refused(status, header, body, now_ms)),
        }
    }

    /// The error for an answer with this status, whatever the status.
    pub fn refused(
        &self,
        status: u16,
        header: impl Fn(&str) -> Option<String>,
        body: &[u8],
        now_ms: u64,
    ) -> Error {
        Error::Http {
            action: self.action(),
            status,
            message: refusal::message(status, body),
            retry_after_ms: header("retry-after")
                .and_then(|value| refusal::retry_after_ms(&value, now_ms)),
            // 429 says that nothing was done.
            repeatable: self.is_repeatable() || status == 429,
        }
    }

    fn read(&self, body: &[u8]) -> Result<Reply> {
        match self {
            Self::ServerStatus => self.parse(body).map(Reply::ServerStatus),
            Self::ListDatabases => {
                let list: DatabaseList = self.parse(body)?;
                Ok(Reply::Databases(list.databases))
            }
            Self::ShowDatabase(_) => self.parse(body).map(Box::new).map(Reply::Database),
            Self::ListTables(_) => {
                let list: TableList = self.parse(body)?;
                Ok(Reply::Tables(list.tables))
            }
            Self::ShowTable(_) => self.parse(body).map(Box::new).map(Reply::Table),
            Self::TableDistribution(_) => self.parse(body).map(Some).map(Reply::Distribution),
            Self::IssueJob(_) => self.read_issued(body),
            Self::JobStatus(_) | Self::JobStatusByDomainKey(_) | Self::ShowJob(_) => {
                self.read_job(body)
            }
            Self::JobStatistics(_) => self.parse(body).map(Reply::Statistics),
            Self::KillJob(_) => self.parse_or_default(body).map(Reply::Killed),
            Self::ListSessions => {
                let list: SessionList = self.parse(body)?;
                Ok(Reply::Sessions(list.bulk_imports))
            }
            Self::ListParts(_) => {
                let list: PartList = self.parse(body)?;
                Ok(Reply::Parts(list.parts))
            }
            Self::PerformSession(_) => self.parse_or_default(body).map(Reply::Performed),
            Self::ShowSession(_) => self.parse(body).map(Box::new).map(Reply::Session),
            Self::JobResult(_) | Self::ErrorRecords(_) => Ok(Reply::Bytes(Bytes(body.to_vec()))),
            Self::ValidateApikey
            | Self::CreateDatabase(_)
            | Self::DeleteDatabase(_)
            | Self::CreateTable(_)
            | Self::UpdateSchema(_)
            | Self::UpdateTable(_)
            | Self::RenameTable(_)
            | Self::SwapTables(_)
            | Self::DeleteTable(_)
            | Self::CreateSession(_)
            | Self::UploadPart(_)
            | Self::DeletePart(_)
            | Self::FreezeSession(_)
            | Self::UnfreezeSession(_)
            | Self::CommitSession(_)
            | Self::DeleteSession(_) => {
                // A page from a proxy with status 200 is not TD's word that it is done.
                self.parse_or_default::<serde_json::Value>(body)?;
                Ok(Reply::Done)
            }
        }
    }

    fn read_issued(&self, body: &[u8]) -> Result<Reply> {
        let issued: Issued = self.parse(body)?;
        let job_id = issued.job_id.or(issued.job);
        let job_id = job_id.ok_or_else(|| self.unexpected("no job id".into()))?;
        Ok(Reply::Issued(IssuedJob {
            job_id,
            adopted: false,
        }))
    }

    fn read_job(&self, body: &[u8]) -> Result<Reply> {
        let mut job: JobInfo = self.parse(body)?;
        if job.status.is_empty() {
            return Err(self.unexpected("no job status".into()));
        }
        if let Self::JobStatus(of) | Self::ShowJob(of) = self
            && job.job_id.is_empty()
        {
            job.job_id.clone_from(&of.job_id);
        }
        Ok(Reply::Job(Box::new(job)))
    }

    fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T> {
        serde_json::from_slice(body).map_err(|error| {
            let start = body.get(..EXCERPT_CHARS * 4).unwrap_or(body);
            let excerpt = printable(&String::from_utf8_lossy(start), EXCERPT_CHARS);
            self.unexpected(match excerpt.as_str() {
                "" => "an empty body".into(),
                _ => format!("{error}: {excerpt}"),
            })
        })
    }

    fn parse_or_default<T: DeserializeOwned + Default>(&self, body: &[u8]) -> Result<T> {
        if body.trim_ascii().is_empty() {
            return Ok(T::default());
        }
        self.parse(body)
    }

    fn unexpected(&self, reason: String) -> Error {
        Error::Reply {
            action: self.action(),
            reason,
        }
    }
}
