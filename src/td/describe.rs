//! Calls in words, for messages: "list the tables of "db"".

use super::call::Call;
use petit_text::quoted;

impl Call {
    /// What the call is for, as it would follow "could not".
    pub fn action(&self) -> String {
        match self {
            Self::ShowUser => "ask whose the API key is".into(),
            Self::ListDatabases => "list the databases".into(),
            Self::CreateDatabase(of) => format!("create database {}", quoted(&of.database)),
            Self::ListTables(of) => format!("list the tables of {}", quoted(&of.database)),
            Self::ShowTable(of) => format!("look at table {}", table(&of.database, &of.table)),
            Self::TableDistribution(of) => {
                format!(
                    "look at the layout of table {}",
                    table(&of.database, &of.table)
                )
            }
            Self::CreateTable(of) => format!("create table {}", table(&of.database, &of.table)),
            Self::RenameTable(of) => format!(
                "rename table {} to {}",
                table(&of.database, &of.table),
                quoted(&of.new_name)
            ),
            Self::DeleteTable(of) => format!("delete table {}", table(&of.database, &of.table)),
            Self::IssueJob(of) => format!("start a query in {}", quoted(&of.database)),
            Self::JobStatus(of) => format!("ask for the status of job {}", quoted(&of.job_id)),
            Self::JobStatusByDomainKey(of) => {
                format!("ask for the job with domain key {}", quoted(&of.domain_key))
            }
            Self::ShowJob(of) => format!("look at job {}", quoted(&of.job_id)),
            Self::JobResult(of) => format!("fetch the result of job {}", quoted(&of.job_id)),
            Self::JobStatistics(of) => {
                format!("ask how many rows job {} wrote", quoted(&of.job_id))
            }
            Self::ListJobs(of) => format!("list the jobs that are {}", quoted(&of.status)),
            Self::KillJob(of) => format!("stop job {}", quoted(&of.job_id)),
            Self::ListSessions => "list the bulk import sessions".into(),
            Self::CreateSession(of) => format!(
                "create bulk import session {} for table {}",
                quoted(&of.session),
                table(&of.database, &of.table)
            ),
            Self::UploadPart(of) => format!(
                "upload part {} of bulk import session {}",
                quoted(&of.part),
                quoted(&of.session)
            ),
            Self::FreezeSession(of) => {
                format!("freeze bulk import session {}", quoted(&of.session))
            }
            Self::PerformSession(of) => {
                format!("perform bulk import session {}", quoted(&of.session))
            }
            Self::ShowSession(of) => format!("look at bulk import session {}", quoted(&of.session)),
            Self::ErrorRecords(of) => {
                format!(
                    "fetch the refused records of bulk import session {}",
                    quoted(&of.session)
                )
            }
            Self::CommitSession(of) => {
                format!("commit bulk import session {}", quoted(&of.session))
            }
            Self::DeleteSession(of) => {
                format!("delete bulk import session {}", quoted(&of.session))
            }
            Self::StartAttempt(of) => format!("start workflow {}", quoted(&of.workflow_id)),
            Self::ShowAttempt(of) => format!("look at attempt {}", quoted(&of.attempt_id)),
        }
    }
}

fn table(database: &str, table: &str) -> String {
    format!("{}.{}", quoted(database), quoted(table))
}
