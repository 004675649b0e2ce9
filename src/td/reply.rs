//! Replies: TD's responses as values.

use std::rc::Rc;

use petit_text::sanitize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::Call;
use super::error_body;
use super::model::{
    Bytes, DatabaseInfo, DatabaseList, Distribution, Issued, IssuedJob, JobInfo, JobList,
    JobStatistics, KilledJob, PerformedSession, SessionInfo, SessionList, TableInfo, UserInfo,
};
use super::table_list::{NotTables, TableListReader};
use super::workflow::AttemptInfo;
use crate::{Error, Result};

/// Maximum length of the excerpt of an unexpected reply, in characters.
const MAX_EXCERPT_CHARS: usize = 120;

/// The reply to a call. In JavaScript it is the inner value without a tag, because the call determines its type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// Success without data.
    Done,
    /// The user of a key.
    User(Box<UserInfo>),
    /// Databases.
    Databases(Vec<DatabaseInfo>),
    /// Tables.
    Tables(Vec<Rc<TableInfo>>),
    /// A table.
    Table(Box<TableInfo>),
    /// The layout of a user-partitioned table; `None` for other tables.
    Distribution(Option<Distribution>),
    /// A job that was issued.
    Issued(IssuedJob),
    /// A job.
    Job(Box<JobInfo>),
    /// Jobs.
    Jobs(Vec<JobInfo>),
    /// The statistics of an INSERT.
    Statistics(JobStatistics),
    /// A job that was killed.
    Killed(KilledJob),
    /// Bulk import sessions.
    Sessions(Vec<SessionInfo>),
    /// A bulk import session.
    Session(Box<SessionInfo>),
    /// A session whose perform job was started.
    Performed(PerformedSession),
    /// An attempt of a workflow.
    Attempt(Box<AttemptInfo>),
    /// The bytes of a body.
    Bytes(Bytes),
}

impl Call {
    /// Parses the response to this call.
    ///
    /// `header` returns a header by its lower-case name. `now_ms` is the current time in Unix milliseconds, for a `Retry-After`
    /// with a date.
    ///
    /// # Errors
    /// [`Error::Http`] for a status other than 2xx, with three exceptions: a 409 with the job that already has the domain
    /// key, a 409 with the attempt that already has the session time, and the 404 of a table that is not user-partitioned.
    /// [`Error::Reply`] for a body of another shape.
    pub fn reply(
        &self,
        status: u16,
        header: impl Fn(&str) -> Option<String>,
        body: &[u8],
        now_ms: u64,
    ) -> Result<Reply> {
        match (self, status) {
            (_, 200..=299) => self.read(body),
            (Self::IssueJob(_), 409) if let Some(job_id) = error_body::conflicting_job(body) => {
                Ok(Reply::Issued(IssuedJob {
                    job_id,
                    adopted: true,
                }))
            }
            (Self::StartAttempt(_), 409) => self.read(body),
            (Self::TableDistribution(_), 404) => Ok(Reply::Distribution(None)),
            _ => Err(self.http_error(status, header, body, now_ms)),
        }
    }

    /// The error of a response with this status.
    pub fn http_error(
        &self,
        status: u16,
        header: impl Fn(&str) -> Option<String>,
        body: &[u8],
        now_ms: u64,
    ) -> Error {
        Error::Http {
            action: self.describe(),
            status,
            message: error_body::message(status, body),
            retry_after_ms: header("retry-after").and_then(|value| {
                error_body::retry_after_ms(&value, header("date").as_deref(), now_ms)
            }),
            // With 429, TD did nothing.
            repeatable: self.is_repeatable() || status == 429,
        }
    }

    fn read(&self, body: &[u8]) -> Result<Reply> {
        match self {
            Self::ShowUser => self.parse(body).map(Box::new).map(Reply::User),
            Self::ListDatabases => {
                let list: DatabaseList = self.parse(body)?;
                Ok(Reply::Databases(list.databases))
            }
            Self::ListTables(_) => {
                let mut reader = TableListReader::default();
                reader.push(body);
                self.read_tables(reader).map(Reply::Tables)
            }
            Self::ShowTable(_) => self.parse(body).map(Box::new).map(Reply::Table),
            Self::TableDistribution(_) => self.parse(body).map(Some).map(Reply::Distribution),
            Self::IssueJob(_) => self.read_issued(body),
            Self::JobStatus(_) | Self::JobStatusByDomainKey(_) | Self::ShowJob(_) => {
                self.read_job(body)
            }
            Self::ListJobs(_) => {
                let list: JobList = self.parse(body)?;
                Ok(Reply::Jobs(list.jobs))
            }
            Self::JobStatistics(_) => self.parse(body).map(Reply::Statistics),
            Self::KillJob(_) => self.parse_or_default(body).map(Reply::Killed),
            Self::ListSessions => {
                let list: SessionList = self.parse(body)?;
                Ok(Reply::Sessions(list.bulk_imports))
            }
            Self::PerformSession(_) => self.parse_or_default(body).map(Reply::Performed),
            Self::ShowSession(_) => self.parse(body).map(Box::new).map(Reply::Session),
            Self::StartAttempt(_) | Self::ShowAttempt(_) => {
                self.parse(body).map(Box::new).map(Reply::Attempt)
            }
            Self::JobResult(_) | Self::ErrorRecords(_) => Ok(Reply::Bytes(Bytes(body.to_vec()))),
            Self::CreateDatabase(_)
            | Self::DeleteDatabase(_)
            | Self::CreateTable(_)
            | Self::RenameTable(_)
            | Self::DeleteTable(_)
            | Self::CreateSession(_)
            | Self::UploadPart(_)
            | Self::FreezeSession(_)
            | Self::CommitSession(_)
            | Self::DeleteSession(_) => {
                // The page of a proxy with status 200 does not mean that TD did anything.
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

    /// The tables of a reply to [`Call::ListTables`] that was read in chunks.
    ///
    /// # Errors
    /// [`Error::Reply`] for a reply of another shape.
    pub fn read_tables(&self, reader: TableListReader) -> Result<Vec<Rc<TableInfo>>> {
        let tables = reader.finish();
        tables.map_err(|NotTables { reason, start }| self.not_parsed(&reason, &start))
    }

    fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T> {
        serde_json::from_slice(body).map_err(|reason| {
            let start = body.get(..MAX_EXCERPT_CHARS * 4).unwrap_or(body);
            self.not_parsed(&reason, start)
        })
    }

    fn not_parsed(&self, reason: &serde_json::Error, start: &[u8]) -> Error {
        let excerpt = sanitize(&String::from_utf8_lossy(start), MAX_EXCERPT_CHARS);
        self.unexpected(match excerpt.as_str() {
            "" => "an empty body".into(),
            _ => format!("{reason}: {excerpt}"),
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
            action: self.describe(),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn call(value: Value) -> Call {
        serde_json::from_value(value).unwrap()
    }

    fn answer(of: Value, status: u16, body: &str) -> Result<Reply> {
        let reply = call(of.clone()).reply(status, |_| None, body.as_bytes(), 0);
        #[cfg(feature = "typescript")]
        if let Ok(reply) = &reply {
            crate::replies::tests::assert_declared(&of["call"], reply);
        }
        reply
    }

    /// The reply as JavaScript gets it, without what is null.
    fn reply(of: Value, body: &str) -> Value {
        without_nulls(serde_json::to_value(answer(of, 200, body).unwrap()).unwrap())
    }

    fn without_nulls(mut value: Value) -> Value {
        if let Value::Object(fields) = &mut value {
            fields.retain(|_, value| !value.is_null());
            fields
                .values_mut()
                .for_each(|value| *value = without_nulls(value.take()));
        } else if let Value::Array(items) = &mut value {
            items
                .iter_mut()
                .for_each(|item| *item = without_nulls(item.take()));
        }
        value
    }

    #[test]
    fn the_user_has_the_known_fields() {
        let show = || json!({"call": "show_user"});
        assert_eq!(
            reply(
                show(),
                r#"{"id": 5, "account_id": 7, "name": "Ann", "email": "a@b", "administrator": true}"#
            ),
            json!({"accountId": "7", "name": "Ann", "email": "a@b", "administrator": true})
        );
        assert_eq!(reply(show(), "{}"), json!({}));
    }

    #[test]
    fn every_call_has_its_reply() {
        let table = r#"{"id":7,"name":"t","type":"log","count":"12","estimated_storage_size":345,
            "schema":"[[\"a\",\"long\"],[\"B\",\"string\",\"b\"],[\"c\",\"double\",null,\"why\"]]","expire_days":null,
            "include_v":true,"delete_protected":false,"created_at":"2020-12-31 11:22:33 UTC","updated_at":"",
            "counter_updated_at":null,"last_log_timestamp":"2014-10-04T01:13:13Z","description":"","new_field":[1]}"#;
        let table_reply = json!({
            "id": "7", "name": "t", "type": "log", "count": 12, "estimatedStorageSize": 345,
            "columns": [
                {"key": "a", "type": "long"},
                {"key": "B", "type": "string", "alias": "b"},
                {"key": "c", "type": "double", "description": "why"},
            ],
            "includeV": true, "deleteProtected": false, "createdAt": "2020-12-31 11:22:33 UTC",
            "lastLogTimestamp": 1_412_385_193,
        });
        let job = r#"{"job_id":12,"status":"success","type":"presto","database":"db","query":"SELECT 1","url":"u",
            "created_at":"2020-12-31 11:22:33 UTC","start_at":"","end_at":"","duration":"3","cpu_time":null,
            "result_size":20,"num_records":"1","hive_result_schema":"[[\"cnt\", \"bigint\"]]","priority":0,
            "debug":{"cmdout":"out","stderr":null}}"#;
        let job_reply = json!({
            "jobId": "12", "status": "success", "type": "presto", "database": "db", "query": "SELECT 1", "url": "u",
            "createdAt": "2020-12-31 11:22:33 UTC", "duration": 3, "resultSize": 20, "numRecords": 1,
            "hiveResultSchema": "[[\"cnt\", \"bigint\"]]", "debug": {"cmdout": "out"},
        });
        let session = r#"{"name":"s","database":"db","table":"t","status":"ready","upload_frozen":true,"job_id":99,
            "valid_records":"20","error_records":2,"valid_parts":2,"error_parts":null}"#;
        let session_reply = json!({
            "name": "s", "database": "db", "table": "t", "status": "ready", "uploadFrozen": true, "jobId": "99",
            "validRecords": 20, "errorRecords": 2, "validParts": 2,
        });
        let database = r#"{"name":"db","id":"5","count":3,"created_at":"x","updated_at":"y","organization":null,
            "permission":"administrator","delete_protected":true,"datatank":false}"#;
        let database_reply = json!({
            "name": "db", "id": "5", "count": 3, "createdAt": "x", "updatedAt": "y", "permission": "administrator",
            "deleteProtected": true,
        });
        let of_job = |name: &str| json!({"call": name, "jobId": "12"});
        let of_session = |name: &str| json!({"call": name, "session": "s"});
        let cases = [
            (json!({"call": "list_databases"}), format!(r#"{{"databases":[{database}]}}"#), json!([database_reply.clone()])),
            (
                json!({"call": "list_tables", "database": "db"}),
                format!(r#"{{"database":"db","tables":[{table}]}}"#),
                json!([table_reply.clone()]),
            ),
            (json!({"call": "show_table", "database": "db", "table": "t"}), table.into(), table_reply),
            (
                json!({"call": "table_distribution", "database": "db", "table": "t"}),
                r#"{"bucket_count":512,"partition_function":"hash","columns":[],"user_table_id":7}"#.into(),
                json!({"bucketCount": 512, "partitionFunction": "hash"}),
            ),
            (of_job("job_status"), job.into(), job_reply.clone()),
            (json!({"call": "job_status_by_domain_key", "domainKey": "k"}), job.into(), job_reply.clone()),
            (of_job("show_job"), job.into(), job_reply),
            (of_job("job_status"), r#"{"status":"running"}"#.into(), json!({"jobId": "12", "status": "running"})),
            (of_job("job_statistics"), r#"{"records_inserted":"28345"}"#.into(), json!({"recordsInserted": 28345})),
            (of_job("kill_job"), r#"{"job_id":"12","former_status":"running"}"#.into(), json!({"formerStatus": "running"})),
            (of_job("kill_job"), "{}".into(), json!({})),
            (of_job("kill_job"), String::new(), json!({})),
            (of_job("job_result"), "ab".into(), json!([97, 98])),
            (json!({"call": "list_sessions"}), format!(r#"{{"bulk_imports":[{session}]}}"#), json!([session_reply.clone()])),
            (of_session("show_session"), session.into(), session_reply),
            (of_session("perform_session"), r#"{"name":"s","job_id":123}"#.into(), json!({"jobId": "123"})),
            (of_session("perform_session"), r#"{"name":"s"}"#.into(), json!({})),
            (of_session("error_records"), String::new(), json!([])),
        ];
        for (of, body, expected) in cases {
            assert_eq!(reply(of.clone(), &body), expected, "{of}");
        }
    }

    #[test]
    fn calls_that_only_do_something_reply_nothing() {
        let table = |name: &str| json!({"call": name, "database": "db", "table": "t"});
        let session = |name: &str| json!({"call": name, "session": "s"});
        let calls = [
            json!({"call": "create_database", "database": "db"}),
            table("create_table"),
            table("delete_table"),
            json!({"call": "rename_table", "database": "db", "table": "t", "newName": "u"}),
            json!({"call": "create_session", "session": "s", "database": "db", "table": "t"}),
            json!({"call": "upload_part", "session": "s", "part": "p"}),
            session("freeze_session"),
            session("commit_session"),
            session("delete_session"),
        ];
        for of in calls {
            for (status, body) in [(200, r#"{"name":"s"}"#), (204, ""), (202, " \n")] {
                assert_eq!(answer(of.clone(), status, body), Ok(Reply::Done), "{of}");
            }
            // A login page of the network one is in.
            let error = answer(of.clone(), 200, "<html>Welcome</html>").unwrap_err();
            assert_eq!(error.code(), "unexpected_reply", "{of}");
        }
    }

    #[test]
    fn a_query_is_issued_once() {
        let issue =
            || json!({"call": "issue_job", "database": "db", "query": "q", "domainKey": "k"});
        let issued = |job_id: &str, adopted| {
            Ok(Reply::Issued(IssuedJob {
                job_id: job_id.into(),
                adopted,
            }))
        };
        assert_eq!(
            answer(issue(), 200, r#"{"job":"1","job_id":2,"database":"db"}"#),
            issued("2", false)
        );
        assert_eq!(answer(issue(), 200, r#"{"job":"1"}"#), issued("1", false));
        let taken = r#"{"error":"x","details":{"conflicts_with":"7"}}"#;
        assert_eq!(answer(issue(), 409, taken), issued("7", true));
        assert_eq!(answer(issue(), 409, "{}").unwrap_err().code(), "conflict");
        assert_eq!(
            answer(issue(), 200, "{}").unwrap_err().code(),
            "unexpected_reply"
        );
        let other = json!({"call": "create_database", "database": "db"});
        assert_eq!(answer(other, 409, taken).unwrap_err().code(), "conflict");
    }

    #[test]
    fn a_table_of_the_usual_layout_has_no_distribution() {
        let of = json!({"call": "table_distribution", "database": "db", "table": "t"});
        let none = answer(of.clone(), 404, "{}").unwrap();
        assert_eq!(serde_json::to_value(none).unwrap(), Value::Null);
        assert_eq!(answer(of, 403, "{}").unwrap_err().code(), "forbidden");
    }

    #[test]
    fn http_errors_have_the_call_and_the_message_of_td() {
        let list = call(json!({"call": "list_tables", "database": "db"}));
        let header = |name: &str| (name == "retry-after").then(|| "2".to_owned());
        let error = list
            .reply(404, header, br#"{"text":"Couldn't find it"}"#, 0)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "list the tables of \"db\": Couldn't find it (HTTP 404)"
        );
        assert_eq!(error.report().retry_after_ms, Some(2000));
        assert!(!error.is_retryable());
        for status in [301, 400, 416, 500] {
            assert!(list.reply(status, |_| None, b"", 0).is_err(), "{status}");
        }
    }

    #[test]
    fn a_refusal_by_rate_may_always_be_repeated() {
        let of = json!({"call": "commit_session", "session": "s"});
        assert!(answer(of.clone(), 429, "").unwrap_err().is_retryable());
        assert!(!answer(of, 503, "").unwrap_err().is_retryable());
        assert!(
            answer(json!({"call": "list_sessions"}), 503, "")
                .unwrap_err()
                .is_retryable()
        );
    }

    #[test]
    fn unexpected_replies_have_a_reason() {
        let list = || json!({"call": "list_tables", "database": "db"});
        let cases = [
            ("", "an empty body"),
            (
                "<html>\n<b>Login",
                "expected value at line 1 column 1: <html> <b>Login",
            ),
            (r#"{"databases":[]}"#, "missing field `tables`"),
            (r#"{"tables":[{"count":1}]}"#, "missing field `name`"),
            (
                r#"{"tables":[{"name":"t","count":"many"}]}"#,
                "\"many\" is not a valid count",
            ),
            (
                r#"{"tables":[{"name":"t","schema":"["}]}"#,
                "the schema is not JSON",
            ),
        ];
        for (body, reason) in cases {
            let message = answer(list(), 200, body).unwrap_err().to_string();
            let expected = format!("list the tables of \"db\": unexpected reply: {reason}");
            assert!(message.starts_with(&expected), "{message}");
        }
        let status = json!({"call": "job_status", "jobId": "1"});
        let message = answer(status, 200, "{}").unwrap_err().to_string();
        assert!(message.ends_with("no job status"), "{message}");
        let long = "x".repeat(100_000);
        let message = answer(list(), 200, &long).unwrap_err().to_string();
        assert!(message.len() < 400, "{}", message.len());
    }

    #[test]
    fn replies_come_back_as_arguments() {
        let body = r#"{"tables":[{"name":"t","count":1,"schema":"[[\"a\",\"long\",\"b\"]]","last_log_timestamp":5}]}"#;
        let Reply::Tables(tables) =
            answer(json!({"call": "list_tables", "database": "db"}), 200, body).unwrap()
        else {
            panic!("not tables");
        };
        let there = serde_json::to_value(&tables).unwrap();
        let back: Vec<Rc<TableInfo>> = serde_json::from_value(there).unwrap();
        assert_eq!(back, tables);
    }
}
