//! The HTTP request of each call.

use petit_text::quoted;

use super::call::{Call, CreateTable, Engine, IssueJob};
use super::encode::{form, path_segment};
use super::http::{Body, Method, Request, Service};
use super::workflow::start_body;
use crate::{Error, Result};

impl Call {
    /// The HTTP request of this call.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a name that is invalid in a path, and for a value that TD is known to reject.
    pub fn request(&self) -> Result<Request> {
        self.validate()?;
        let (method, parts) = self.route();
        let service = self.service();
        let mut target = String::from(match service {
            Service::Api => "/v3",
            Service::Workflow => "/api",
        });
        for part in parts {
            target.push('/');
            target.push_str(&path_segment(part).ok_or_else(|| invalid_name(part))?);
        }
        if let Some(query) = self.query() {
            target.push('?');
            target.push_str(&query);
        }
        let parameters = self.parameters();
        let body = match (self, method) {
            (Self::StartAttempt(start), _) => Body::Json(start_body(start)),
            (_, Method::Put) => Body::Raw,
            (_, Method::Get) => Body::None,
            (_, Method::Post) if parameters.is_empty() => Body::None,
            (_, Method::Post) => Body::Form(form(&parameters)),
        };
        Ok(Request {
            service,
            method,
            target,
            body,
            action: self.describe(),
            repeatable: self.is_repeatable(),
        })
    }

    /// Whether a repeat of the call does no harm.
    ///
    /// Reads are safe. A second create returns 409 and a second delete 404, which the caller can distinguish from success. A
    /// part replaces itself. Freezing and killing are idempotent, and so are a job with a domain key and an attempt with a
    /// session time. Performing or committing a session twice, and renaming a table twice, are not.
    pub fn is_repeatable(&self) -> bool {
        !matches!(
            self,
            Self::PerformSession(_) | Self::CommitSession(_) | Self::RenameTable(_)
        )
    }

    fn service(&self) -> Service {
        if matches!(self, Self::StartAttempt(_) | Self::ShowAttempt(_)) {
            Service::Workflow
        } else {
            Service::Api
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only the named calls have any"
    )]
    fn validate(&self) -> Result<()> {
        match self {
            Self::UploadPart(part)
                if part.part.contains('/') || part.part.matches('.').count() > 1 =>
            {
                Err(Error::InvalidOption {
                    reason: format!(
                        "invalid part name {}: it must have no / and at most one .",
                        quoted(&part.part)
                    ),
                })
            }
            Self::IssueJob(job) if job.domain_key.is_empty() => Err(Error::InvalidOption {
                reason: "a job must have a domain key, so that a retry does not start a second job"
                    .into(),
            }),
            Self::IssueJob(job) if job.output.is_some() && job.result.is_none() => {
                Err(Error::InvalidOption {
                    reason: "a job with an output needs the account of the output".into(),
                })
            }
            _ => Ok(()),
        }
    }

    fn route(&self) -> (Method, Vec<&str>) {
        use Method::{Get, Post, Put};
        match self {
            Self::ShowUser => (Get, vec!["user", "show"]),
            Self::ListDatabases => (Get, vec!["database", "list"]),
            Self::CreateDatabase(of) => (Post, vec!["database", "create", &of.database]),
            Self::DeleteDatabase(of) => (Post, vec!["database", "delete", &of.database]),
            Self::ListTables(of) => (Get, vec!["table", "list", &of.database]),
            Self::ShowTable(of) => (Get, vec!["table", "show", &of.database, &of.table]),
            Self::TableDistribution(of) => {
                (Get, vec!["table", "distribution", &of.database, &of.table])
            }
            Self::CreateTable(of) => (
                Post,
                vec!["table", "create", &of.database, &of.table, "log"],
            ),
            Self::RenameTable(of) => (
                Post,
                vec!["table", "rename", &of.database, &of.table, &of.new_name],
            ),
            Self::DeleteTable(of) => (Post, vec!["table", "delete", &of.database, &of.table]),
            Self::IssueJob(of) => (
                Post,
                vec!["job", "issue", engine_name(of.engine), &of.database],
            ),
            Self::JobStatus(of) => (Get, vec!["job", "status", &of.job_id]),
            Self::JobStatusByDomainKey(of) => {
                (Get, vec!["job", "status_by_domain_key", &of.domain_key])
            }
            Self::ShowJob(of) => (Get, vec!["job", "show", &of.job_id]),
            Self::JobResult(of) => (Get, vec!["job", "result", &of.job_id]),
            Self::JobStatistics(of) => (Get, vec!["job", "statistics", &of.job_id]),
            Self::ListJobs(_) => (Get, vec!["job", "list"]),
            Self::KillJob(of) => (Post, vec!["job", "kill", &of.job_id]),
            Self::ListSessions => (Get, vec!["bulk_import", "list"]),
            Self::CreateSession(of) => (
                Post,
                vec![
                    "bulk_import",
                    "create",
                    &of.session,
                    &of.database,
                    &of.table,
                ],
            ),
            Self::UploadPart(of) => (
                Put,
                vec!["bulk_import", "upload_part", &of.session, &of.part],
            ),
            Self::FreezeSession(of) => (Post, vec!["bulk_import", "freeze", &of.session]),
            Self::PerformSession(of) => (Post, vec!["bulk_import", "perform", &of.session]),
            Self::ShowSession(of) => (Get, vec!["bulk_import", "show", &of.session]),
            Self::ErrorRecords(of) => (Get, vec!["bulk_import", "error_records", &of.session]),
            Self::CommitSession(of) => (Post, vec!["bulk_import", "commit", &of.session]),
            Self::DeleteSession(of) => (Post, vec!["bulk_import", "delete", &of.session]),
            Self::StartAttempt(_) => (Put, vec!["attempts"]),
            Self::ShowAttempt(of) => (Get, vec!["attempts", &of.attempt_id]),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only the named calls have any"
    )]
    fn query(&self) -> Option<String> {
        match self {
            Self::ListTables(_) => Some("include_descriptions=true".into()),
            Self::JobResult(_) => Some("format=msgpack.gz".into()),
            // Both bounds are inclusive.
            Self::ListJobs(of) => Some(form(&[
                ("from", "0".into()),
                ("to", of.limit.saturating_sub(1).to_string()),
                ("status", of.status.clone()),
            ])),
            _ => None,
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only the named calls have any"
    )]
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::CreateTable(table) => create_parameters(table),
            Self::RenameTable(table) => vec![("overwrite", table.overwrite.to_string())],
            Self::IssueJob(job) => job_parameters(job),
            Self::PerformSession(session) => omit_none([
                ("priority", session.priority.map(|it| it.to_string())),
                ("pool_name", session.pool_name.clone()),
            ]),
            _ => Vec::new(),
        }
    }
}

fn create_parameters(table: &CreateTable) -> Vec<(&'static str, String)> {
    omit_none([
        ("schema", table.schema.clone()),
        ("expire_days", table.expire_days.map(|it| it.to_string())),
        ("include_v", table.include_v.map(|it| it.to_string())),
        ("description", table.description.clone()),
    ])
}

fn job_parameters(job: &IssueJob) -> Vec<(&'static str, String)> {
    omit_none([
        ("query", Some(job.query.clone())),
        ("domain_key", Some(job.domain_key.clone())),
        ("priority", job.priority.map(|it| it.to_string())),
        ("retry_limit", job.retry_limit.map(|it| it.to_string())),
        ("pool_name", job.pool_name.clone()),
        ("engine_version", job.engine_version.clone()),
        (
            "result",
            job.result.as_ref().map(|url| url.reveal().to_owned()),
        ),
    ])
}

fn omit_none<const N: usize>(
    parameters: [(&'static str, Option<String>); N],
) -> Vec<(&'static str, String)> {
    let set = parameters.into_iter();
    set.filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Presto => "presto",
        Engine::Trino => "trino",
        Engine::Hive => "hive",
    }
}

fn invalid_name(part: &str) -> Error {
    Error::InvalidOption {
        reason: format!("{} is not a valid name at TD", quoted(part)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn request(call: Value) -> Request {
        serde_json::from_value::<Call>(call)
            .unwrap()
            .request()
            .unwrap()
    }

    fn on_the_wire(call: Value) -> String {
        let request = request(call);
        let method = format!("{:?}", request.method).to_uppercase();
        let body = match request.body {
            Body::None => String::new(),
            Body::Form(form) => format!(" [{form}]"),
            Body::Json(json) => format!(" {json}"),
            Body::Raw => " [raw]".into(),
        };
        format!("{method} {}{body}", request.target)
    }

    #[test]
    fn every_call_has_its_request() {
        let cases = [
            (
                json!({"call": "list_jobs", "status": "running", "limit": 100}),
                "GET /v3/job/list?from=0&to=99&status=running",
            ),
            (
                json!({"call": "start_attempt", "workflowId": "7", "sessionTime": "2026-01-01T00:00:00Z"}),
                r#"PUT /api/attempts {"params":{},"sessionTime":"2026-01-01T00:00:00Z","workflowId":"7"}"#,
            ),
            (
                json!({"call": "show_attempt", "attemptId": "8"}),
                "GET /api/attempts/8",
            ),
            (json!({"call": "list_databases"}), "GET /v3/database/list"),
            (
                json!({"call": "create_database", "database": "db"}),
                "POST /v3/database/create/db",
            ),
            (
                json!({"call": "delete_database", "database": "db"}),
                "POST /v3/database/delete/db",
            ),
            (
                json!({"call": "list_tables", "database": "db"}),
                "GET /v3/table/list/db?include_descriptions=true",
            ),
            (
                json!({"call": "show_table", "database": "db", "table": "t"}),
                "GET /v3/table/show/db/t",
            ),
            (
                json!({"call": "table_distribution", "database": "db", "table": "t"}),
                "GET /v3/table/distribution/db/t",
            ),
            (
                json!({"call": "create_table", "database": "db", "table": "t"}),
                "POST /v3/table/create/db/t/log",
            ),
            (
                json!({
                    "call": "create_table", "database": "db", "table": "t", "schema": "[[\"a\",\"long\"]]",
                    "expireDays": 30, "includeV": false, "description": "what & why",
                }),
                "POST /v3/table/create/db/t/log [schema=%5B%5B%22a%22%2C%22long%22%5D%5D&expire_days=30&include_v=false&description=what+%26+why]",
            ),
            (
                json!({"call": "rename_table", "database": "db", "table": "t", "newName": "u"}),
                "POST /v3/table/rename/db/t/u [overwrite=false]",
            ),
            (
                json!({"call": "rename_table", "database": "db", "table": "t", "newName": "u", "overwrite": true}),
                "POST /v3/table/rename/db/t/u [overwrite=true]",
            ),
            (
                json!({"call": "delete_table", "database": "db", "table": "t"}),
                "POST /v3/table/delete/db/t",
            ),
            (
                json!({"call": "issue_job", "database": "db", "query": "SELECT 1", "domainKey": "k"}),
                "POST /v3/job/issue/presto/db [query=SELECT+1&domain_key=k]",
            ),
            (
                json!({
                    "call": "issue_job", "engine": "trino", "database": "db", "query": "q", "domainKey": "k",
                    "priority": -2, "retryLimit": 0, "poolName": "p", "engineVersion": "stable",
                }),
                "POST /v3/job/issue/trino/db [query=q&domain_key=k&priority=-2&retry_limit=0&pool_name=p&engine_version=stable]",
            ),
            (
                json!({"call": "issue_job", "engine": "hive", "database": "db", "query": "q", "domainKey": "k"}),
                "POST /v3/job/issue/hive/db [query=q&domain_key=k]",
            ),
            (
                json!({"call": "job_status", "jobId": "12"}),
                "GET /v3/job/status/12",
            ),
            (
                json!({"call": "job_status_by_domain_key", "domainKey": "a-b"}),
                "GET /v3/job/status_by_domain_key/a-b",
            ),
            (
                json!({"call": "show_job", "jobId": "12"}),
                "GET /v3/job/show/12",
            ),
            (
                json!({"call": "job_result", "jobId": "12"}),
                "GET /v3/job/result/12?format=msgpack.gz",
            ),
            (
                json!({"call": "job_statistics", "jobId": "12"}),
                "GET /v3/job/statistics/12",
            ),
            (
                json!({"call": "kill_job", "jobId": "12"}),
                "POST /v3/job/kill/12",
            ),
            (
                json!({"call": "list_jobs", "status": "running", "limit": 100}),
                "GET /v3/job/list?from=0&to=99&status=running",
            ),
            (json!({"call": "list_sessions"}), "GET /v3/bulk_import/list"),
            (
                json!({"call": "create_session", "session": "s", "database": "db", "table": "t"}),
                "POST /v3/bulk_import/create/s/db/t",
            ),
            (
                json!({"call": "upload_part", "session": "s", "part": "part_1.gz"}),
                "PUT /v3/bulk_import/upload_part/s/part_1%2Egz [raw]",
            ),
            (
                json!({"call": "freeze_session", "session": "s"}),
                "POST /v3/bulk_import/freeze/s",
            ),
            (
                json!({"call": "perform_session", "session": "s"}),
                "POST /v3/bulk_import/perform/s",
            ),
            (
                json!({"call": "perform_session", "session": "s", "priority": 1, "poolName": "p q"}),
                "POST /v3/bulk_import/perform/s [priority=1&pool_name=p+q]",
            ),
            (
                json!({"call": "show_session", "session": "s"}),
                "GET /v3/bulk_import/show/s",
            ),
            (
                json!({"call": "error_records", "session": "s"}),
                "GET /v3/bulk_import/error_records/s",
            ),
            (
                json!({"call": "commit_session", "session": "s"}),
                "POST /v3/bulk_import/commit/s",
            ),
            (
                json!({"call": "delete_session", "session": "s"}),
                "POST /v3/bulk_import/delete/s",
            ),
        ];
        let mut actions = std::collections::HashSet::new();
        for (call, expected) in cases {
            let action = request(call.clone()).action;
            assert!(!action.is_empty() && !action.ends_with('.'), "{action}");
            actions.insert((call["call"].to_string(), action));
            assert_eq!(on_the_wire(call), expected);
        }
        // Each call has a different description.
        let words: std::collections::HashSet<_> =
            actions.iter().map(|(_, action)| action).collect();
        assert_eq!(words.len(), actions.len());
    }

    #[test]
    fn only_calls_that_do_harm_twice_are_not_repeatable() {
        let not_repeatable = [
            json!({"call": "perform_session", "session": "s"}),
            json!({"call": "commit_session", "session": "s"}),
            json!({"call": "rename_table", "database": "db", "table": "t", "newName": "u"}),
        ];
        for call in not_repeatable {
            assert!(!request(call).repeatable);
        }
        let repeatable = [
            json!({"call": "list_databases"}),
            json!({"call": "create_database", "database": "db"}),
            json!({"call": "delete_table", "database": "db", "table": "t"}),
            json!({"call": "issue_job", "database": "db", "query": "q", "domainKey": "k"}),
            json!({"call": "upload_part", "session": "s", "part": "p"}),
            json!({"call": "freeze_session", "session": "s"}),
            json!({"call": "kill_job", "jobId": "1"}),
        ];
        for call in repeatable {
            assert!(request(call).repeatable);
        }
    }

    #[test]
    fn names_stay_within_their_part_of_the_path() {
        let target = |name: &str| request(json!({"call": "list_tables", "database": name})).target;
        for (name, part) in [
            ("a/../b", "a%2F%2E%2E%2Fb"),
            ("a?x=1#y", "a%3Fx%3D1%23y"),
            ("a\r\nHost: b", "a%0D%0AHost%3A%20b"),
            ("a\u{202E}b", "a%E2%80%AEb"),
            ("a'; DROP TABLE b", "a%27%3B%20DROP%20TABLE%20b"),
            ("%2e%2e", "%252e%252e"),
        ] {
            let expected = format!("/v3/table/list/{part}?include_descriptions=true");
            assert_eq!(target(name), expected);
        }
        for name in ["", ".", ".."] {
            let call: Call = serde_json::from_value(
                json!({"call": "delete_table", "database": "db", "table": name}),
            )
            .unwrap();
            let error = call.request().unwrap_err();
            assert_eq!(error.code(), "invalid_option", "{name:?}");
        }
    }

    #[test]
    fn actions_show_names_harmlessly() {
        let action =
            |database: &str| request(json!({"call": "list_tables", "database": database})).action;
        assert_eq!(action("db"), "list the tables of \"db\"");
        assert_eq!(
            action("a\u{1b}[2J\nb\u{202E}"),
            "list the tables of \"a[2J b\""
        );
    }

    #[test]
    fn calls_against_the_rules_are_not_sent() {
        let refused = |call: Value| {
            let call: Call = serde_json::from_value(call).unwrap();
            call.request().unwrap_err().to_string()
        };
        for part in ["a/b", "a.b.c"] {
            let message = refused(json!({"call": "upload_part", "session": "s", "part": part}));
            assert!(
                message.starts_with(&format!("invalid part name \"{part}\"")),
                "{message}"
            );
        }
        let message =
            refused(json!({"call": "issue_job", "database": "d", "query": "q", "domainKey": ""}));
        assert!(message.contains("domain key"), "{message}");
    }

    #[test]
    fn invalid_calls_are_rejected() {
        for call in [
            json!({"call": "drop_everything"}),
            json!({"database": "db"}),
            json!({"call": "list_tables"}),
            json!({"call": "list_tables", "database": "db", "tabel": "typo"}),
            json!({"call": "issue_job", "database": "d", "query": "q"}),
        ] {
            assert!(
                serde_json::from_value::<Call>(call.clone()).is_err(),
                "{call}"
            );
        }
    }

    #[test]
    fn bodies_say_what_they_are() {
        let kinds = [
            Body::None,
            Body::Form(String::new()),
            Body::Json(String::new()),
            Body::Raw,
        ]
        .map(|body| body.content_type());
        assert_eq!(
            kinds,
            [
                None,
                Some("application/x-www-form-urlencoded"),
                Some("application/json"),
                Some("application/octet-stream")
            ]
        );
    }
}
