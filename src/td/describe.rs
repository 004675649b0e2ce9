//! Descriptions of calls, for messages: `list the tables of "db"`.

use petit_text::quoted;

use super::call::Call;

impl Call {
    /// A description of the call in the imperative.
    pub fn describe(&self) -> String {
        match self {
            Self::ShowUser => "look up the user of the API key".into(),
            Self::ListDatabases => "list the databases".into(),
            Self::CreateDatabase(of) => format!("create database {}", quoted(&of.database)),
            Self::DeleteDatabase(of) => format!("delete database {}", quoted(&of.database)),
            Self::ListTables(of) => format!("list the tables of {}", quoted(&of.database)),
            Self::ShowTable(of) => format!("show table {}", table(&of.database, &of.table)),
            Self::TableDistribution(of) => {
                format!(
                    "look up the layout of table {}",
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
            Self::JobStatus(of) => format!("look up the status of job {}", quoted(&of.job_id)),
            Self::JobStatusByDomainKey(of) => {
                format!("look up the job with domain key {}", quoted(&of.domain_key))
            }
            Self::ShowJob(of) => format!("show job {}", quoted(&of.job_id)),
            Self::JobResult(of) => format!("download the result of job {}", quoted(&of.job_id)),
            Self::JobStatistics(of) => {
                format!("look up how many rows job {} wrote", quoted(&of.job_id))
            }
            Self::ListJobs(of) => format!("list the jobs with status {}", quoted(&of.status)),
            Self::KillJob(of) => format!("kill job {}", quoted(&of.job_id)),
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
            Self::ShowSession(of) => format!("show bulk import session {}", quoted(&of.session)),
            Self::ErrorRecords(of) => {
                format!(
                    "download the rejected records of bulk import session {}",
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
            Self::ShowAttempt(of) => format!("show attempt {}", quoted(&of.attempt_id)),
        }
    }
}

fn table(database: &str, table: &str) -> String {
    format!("{}.{}", quoted(database), quoted(table))
}
