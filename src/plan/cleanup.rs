//! What runs that died have left in an account.

use serde::{Deserialize, Serialize};

use super::staging::{PREFIX, is_staging_name};
use petit_td::{JobInfo, SessionInfo, TableInfo};
use petit_text::bigint;

/// What is known of an account.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CleanupRequest {
    /// The databases that were looked into.
    pub databases: Vec<DatabaseTables>,
    /// Every bulk import session of the account.
    pub sessions: Vec<SessionInfo>,
    /// Jobs that have not ended.
    #[serde(default)]
    pub jobs: Vec<JobInfo>,
}

/// A database with its tables.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatabaseTables {
    /// Its name.
    pub database: String,
    /// Its tables.
    pub tables: Vec<TableInfo>,
}

/// What can be removed, in the order in which it should be.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CleanupPlan {
    /// Jobs that write to what is removed.
    pub jobs: Vec<LeftJob>,
    /// Bulk import sessions.
    pub sessions: Vec<LeftSession>,
    /// Staging tables.
    pub tables: Vec<LeftTable>,
}

/// A job that is still running.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftJob {
    /// Its id.
    pub job_id: String,
    /// Its state.
    pub status: String,
    /// Where it runs.
    pub database: Option<String>,
}

/// A bulk import session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftSession {
    /// Its name.
    pub session: String,
    /// The database it loads into.
    pub database: String,
    /// Its state.
    pub status: String,
}

/// A staging table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftTable {
    /// Its database.
    pub database: String,
    /// Its name.
    pub table: String,
    /// Its rows, roughly.
    #[serde(serialize_with = "bigint")]
    pub rows: Option<u64>,
    /// Its bytes, roughly.
    #[serde(serialize_with = "bigint")]
    pub bytes: Option<u64>,
    /// When it was made, as TD writes it.
    pub created: Option<String>,
}

/// Finds what only a clone can have made, by the names, which hold a number made of the database and the table. Jobs that
/// only read have no such name in them; they end by themselves.
pub fn plan_cleanup(request: &CleanupRequest) -> CleanupPlan {
    let is_inside = |database: &str| request.databases.iter().any(|one| one.database == database);
    let sessions = request.sessions.iter().filter_map(|session| {
        let database = session.database.as_deref()?;
        (is_inside(database) && is_staging_name(database, &session.name)).then(|| LeftSession {
            session: session.name.clone(),
            database: database.into(),
            status: session.status.clone(),
        })
    });
    let tables = request.databases.iter().flat_map(|of| {
        let left = of
            .tables
            .iter()
            .filter(|table| is_staging_name(&of.database, &table.name));
        left.map(|table| LeftTable {
            database: of.database.clone(),
            table: table.name.clone(),
            rows: table.count,
            bytes: table.estimated_storage_size,
            created: table.created_at.clone(),
        })
    });
    let (sessions, tables): (Vec<_>, Vec<_>) = (sessions.collect(), tables.collect());
    let names: Vec<&str> = sessions
        .iter()
        .map(|left| left.session.as_str())
        .chain(tables.iter().map(|left| left.table.as_str()))
        .collect();
    let jobs = request.jobs.iter().filter(|job| {
        let query = job.query.as_deref().unwrap_or_default();
        query.contains(PREFIX) && names.iter().any(|name| query.contains(name))
    });
    let jobs = jobs.map(|job| LeftJob {
        job_id: job.job_id.clone(),
        status: job.status.clone(),
        database: job.database.clone(),
    });
    CleanupPlan {
        jobs: jobs.collect(),
        sessions,
        tables,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::staging_name;

    #[test]
    fn only_what_a_clone_made_is_found() {
        let (ours, other) = (
            staging_name("copy", "orders", 1),
            staging_name("copy2", "orders", 1),
        );
        let request = serde_json::from_value(json!({
            "databases": [
                {"database": "copy", "tables": [
                    {"name": ours, "count": 5, "created_at": "2026-01-01 00:00:00 UTC"}, {"name": other},
                    {"name": "orders"}, {"name": "petit_staging_orders"},
                ]},
                {"database": "empty", "tables": []},
            ],
            "sessions": [
                {"name": ours, "database": "copy", "table": ours, "status": "performing"},
                {"name": other, "database": "copy2", "table": other, "status": "uploading"},
                {"name": ours, "table": ours}, {"name": "mine", "database": "copy"},
            ],
            "jobs": [
                {"job_id": "1", "status": "running", "query": format!("LOAD DATA SESSION {ours}")},
                {"job_id": "2", "status": "running", "query": format!("SELECT COUNT(1) FROM \"copy2\".\"{other}\"")},
                {"job_id": "3", "status": "queued", "query": "SELECT 1"}, {"job_id": "4", "status": "queued"},
            ],
        }))
        .unwrap();
        let plan = plan_cleanup(&request);
        let tables: Vec<_> = plan
            .tables
            .iter()
            .map(|left| (left.database.as_str(), left.table.as_str(), left.rows))
            .collect();
        assert_eq!(tables, [("copy", ours.as_str(), Some(5))]);
        let sessions: Vec<_> = plan
            .sessions
            .iter()
            .map(|left| (left.session.as_str(), left.status.as_str()))
            .collect();
        assert_eq!(sessions, [(ours.as_str(), "performing")]);
        let jobs: Vec<_> = plan.jobs.iter().map(|left| left.job_id.as_str()).collect();
        assert_eq!(jobs, ["1"]);
    }
}
