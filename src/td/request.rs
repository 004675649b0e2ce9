//! How each call looks on the wire.

use super::call::{Call, CreateTable, Engine, IssueJob, UpdateTable};
use super::encode::{form_text, path_part};
use super::text::quoted;
use crate::{Error, Result};

/// An HTTP request to TD, without host and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, percent-encoded, from `/v3`.
    pub target: String,
    /// The body.
    pub body: Body,
    /// What is asked for, in words: `list the tables of "db"`.
    pub action: String,
    /// Whether sending it a second time does no harm.
    pub repeatable: bool,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes something.
    Post,
    /// Uploads.
    Put,
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// Parameters, form-urlencoded.
    Form(String),
    /// Bytes that the caller hands over beside the call.
    Raw,
}

impl Body {
    /// The media type to send it as.
    pub fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Raw => Some("application/octet-stream"),
        }
    }
}

impl Call {
    /// The request that makes this call.
    ///
    /// Fails if a name in it cannot stand in a path, or a value is against TD's rules so plainly that asking is no use.
    pub fn request(&self) -> Result<Request> {
        self.check()?;
        let (method, parts) = self.route();
        let mut target = String::from("/v3");
        for part in parts {
            target.push('/');
            target.push_str(&path_part(part).ok_or_else(|| unusable(part))?);
        }
        if let Some(query) = self.query() {
            target.push('?');
            target.push_str(query);
        }
        let parameters = self.parameters();
        let body = match method {
            Method::Put => Body::Raw,
            Method::Get => Body::None,
            Method::Post if parameters.is_empty() => Body::None,
            Method::Post => Body::Form(form_text(&parameters)),
        };
        Ok(Request {
            method,
            target,
            body,
            action: self.action(),
            repeatable: self.is_repeatable(),
        })
    }

    /// Whether sending the call a second time does no harm.
    ///
    /// Reading is safe. A second create answers 409 and a second delete 404, which the caller can tell from success;
    /// the same part replaces itself; freezing, setting a value and killing end in the same state; a job is known by its
    /// domain key. But a session performed or committed twice, and a table renamed twice, are not what was asked for, and
    /// a second swap undoes the first.
    pub fn is_repeatable(&self) -> bool {
        !matches!(
            self,
            Self::PerformSession(_)
                | Self::CommitSession(_)
                | Self::RenameTable(_)
                | Self::SwapTables(_)
        )
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "most calls have none, and a new one has none unless it is named here"
    )]
    fn check(&self) -> Result<()> {
        match self {
            Self::UploadPart(part)
                if part.part.contains('/') || part.part.matches('.').count() > 1 =>
            {
                Err(Error::InvalidOption {
                    reason: format!(
                        "part name {}: no / and at most one . may be in it",
                        quoted(&part.part)
                    ),
                })
            }
            Self::IssueJob(job) if job.domain_key.is_empty() => Err(Error::InvalidOption {
                reason: "a job needs a domain key, so that it can be asked for twice".into(),
            }),
            _ => Ok(()),
        }
    }

    fn route(&self) -> (Method, Vec<&str>) {
        use Method::{Get, Post, Put};
        match self {
            Self::ServerStatus => (Get, vec!["system", "server_status"]),
            Self::ValidateApikey => (Get, vec!["user", "apikey", "validate"]),
            Self::ListDatabases => (Get, vec!["database", "list"]),
            Self::ShowDatabase(of) => (Get, vec!["database", "show", &of.database]),
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
            Self::UpdateSchema(of) => (
                Post,
                vec!["table", "update-schema", &of.database, &of.table],
            ),
            Self::UpdateTable(of) => (Post, vec!["table", "update", &of.database, &of.table]),
            Self::RenameTable(of) => (
                Post,
                vec!["table", "rename", &of.database, &of.table, &of.new_name],
            ),
            Self::SwapTables(of) => (
                Post,
                vec!["table", "swap", &of.database, &of.table, &of.other_table],
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
            Self::ListParts(of) => (Get, vec!["bulk_import", "list_parts", &of.session]),
            Self::DeletePart(of) => (
                Post,
                vec!["bulk_import", "delete_part", &of.session, &of.part],
            ),
            Self::FreezeSession(of) => (Post, vec!["bulk_import", "freeze", &of.session]),
            Self::UnfreezeSession(of) => (Post, vec!["bulk_import", "unfreeze", &of.session]),
            Self::PerformSession(of) => (Post, vec!["bulk_import", "perform", &of.session]),
            Self::ShowSession(of) => (Get, vec!["bulk_import", "show", &of.session]),
            Self::ErrorRecords(of) => (Get, vec!["bulk_import", "error_records", &of.session]),
            Self::CommitSession(of) => (Post, vec!["bulk_import", "commit", &of.session]),
            Self::DeleteSession(of) => (Post, vec!["bulk_import", "delete", &of.session]),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "most calls have none, and a new one has none unless it is named here"
    )]
    fn query(&self) -> Option<&'static str> {
        match self {
            Self::ListTables(_) => Some("include_descriptions=true"),
            Self::JobResult(_) => Some("format=msgpack.gz"),
            _ => None,
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "most calls have none, and a new one has none unless it is named here"
    )]
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::CreateTable(table) => create_parameters(table),
            Self::UpdateSchema(table) => vec![("schema", table.schema.clone())],
            Self::UpdateTable(table) => update_parameters(table),
            Self::RenameTable(table) => vec![("overwrite", table.overwrite.to_string())],
            Self::IssueJob(job) => job_parameters(job),
            Self::PerformSession(session) => present([
                ("priority", session.priority.map(|it| it.to_string())),
                ("pool_name", session.pool_name.clone()),
            ]),
            _ => Vec::new(),
        }
    }
}

fn create_parameters(table: &CreateTable) -> Vec<(&'static str, String)> {
    present([
        ("schema", table.schema.clone()),
        ("expire_days", table.expire_days.map(|it| it.to_string())),
        ("include_v", table.include_v.map(|it| it.to_string())),
        ("description", table.description.clone()),
    ])
}

fn update_parameters(table: &UpdateTable) -> Vec<(&'static str, String)> {
    present([
        ("expire_days", table.expire_days.map(|it| it.to_string())),
        ("include_v", table.include_v.map(|it| it.to_string())),
        ("description", table.description.clone()),
    ])
}

fn job_parameters(job: &IssueJob) -> Vec<(&'static str, String)> {
    present([
        ("query", Some(job.query.clone())),
        ("domain_key", Some(job.domain_key.clone())),
        ("priority", job.priority.map(|it| it.to_string())),
        ("retry_limit", job.retry_limit.map(|it| it.to_string())),
        ("pool_name", job.pool_name.clone()),
        ("engine_version", job.engine_version.clone()),
    ])
}

fn present<const N: usize>(
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

fn unusable(part: &str) -> Error {
    Error::InvalidOption {
        reason: format!("{} cannot be a name at TD", quoted(part)),
    }
}
