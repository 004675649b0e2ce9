//! The declaration in TypeScript of which reply each call has.

use ts_rs::TS;

use super::model::{
    Bytes, DatabaseInfo, Distribution, IssuedJob, JobInfo, JobStatistics, KilledJob,
    PerformedSession, SessionInfo, TableInfo, UserInfo,
};
use super::workflow::AttemptInfo;

/// The type of the reply to each call, by the call's name in JavaScript.
#[derive(Debug, TS)]
#[ts(optional_fields)]
#[expect(missing_docs, reason = "the fields are the names of the calls")]
pub struct Replies {
    pub show_user: UserInfo,
    pub list_databases: Vec<DatabaseInfo>,
    #[ts(type = "undefined")]
    pub create_database: (),
    #[ts(type = "undefined")]
    pub delete_database: (),
    pub list_tables: Vec<TableInfo>,
    pub show_table: TableInfo,
    pub table_distribution: Option<Distribution>,
    #[ts(type = "undefined")]
    pub create_table: (),
    #[ts(type = "undefined")]
    pub rename_table: (),
    #[ts(type = "undefined")]
    pub delete_table: (),
    pub issue_job: IssuedJob,
    pub job_status: JobInfo,
    pub job_status_by_domain_key: JobInfo,
    pub show_job: JobInfo,
    pub job_result: Bytes,
    pub job_statistics: JobStatistics,
    pub kill_job: KilledJob,
    pub list_jobs: Vec<JobInfo>,
    pub list_sessions: Vec<SessionInfo>,
    #[ts(type = "undefined")]
    pub create_session: (),
    #[ts(type = "undefined")]
    pub upload_part: (),
    #[ts(type = "undefined")]
    pub freeze_session: (),
    pub perform_session: PerformedSession,
    pub show_session: SessionInfo,
    pub error_records: Bytes,
    #[ts(type = "undefined")]
    pub commit_session: (),
    #[ts(type = "undefined")]
    pub delete_session: (),
    pub start_attempt: AttemptInfo,
    pub show_attempt: AttemptInfo,
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::Value;
    use ts_rs::Config;

    use super::*;
    use crate::Reply;

    /// Asserts that this reply to the call has the declared type.
    pub fn assert_declared(call: &Value, reply: &Reply) {
        let config = Config::new();
        let declared = Replies::inline(&config);
        let call = call.as_str().unwrap();
        let name = type_name(reply, &config);
        assert!(
            [": ", "?: "]
                .iter()
                .any(|colon| declared.contains(&format!(" {call}{colon}{name},"))),
            "{call}: {name} is not in {declared}"
        );
    }

    fn type_name(reply: &Reply, config: &Config) -> String {
        fn name_of<T: TS>(_: &T, config: &Config) -> String {
            T::name(config)
        }
        match reply {
            Reply::Done => "undefined".into(),
            Reply::User(reply) => name_of(reply, config),
            Reply::Databases(reply) => name_of(reply, config),
            Reply::Tables(reply) => name_of(reply, config),
            Reply::Table(reply) => name_of(reply, config),
            Reply::Distribution(_) => Distribution::name(config),
            Reply::Issued(reply) => name_of(reply, config),
            Reply::Job(reply) => name_of(reply, config),
            Reply::Jobs(reply) => name_of(reply, config),
            Reply::Statistics(reply) => name_of(reply, config),
            Reply::Killed(reply) => name_of(reply, config),
            Reply::Sessions(reply) => name_of(reply, config),
            Reply::Session(reply) => name_of(reply, config),
            Reply::Performed(reply) => name_of(reply, config),
            Reply::Attempt(reply) => name_of(reply, config),
            Reply::Bytes(reply) => name_of(reply, config),
        }
    }
}
