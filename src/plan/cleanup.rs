//! Plans a cleanup: finds the orphans of interrupted clones in an account.

use petit_td::{JobInfo, SessionInfo, TableInfo};
use petit_text::bigint;
use serde::{Deserialize, Serialize};

use super::staging::{PREFIX, is_staging_name};

/// The listings of an account.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CleanupRequest {
    /// The databases to search.
    pub databases: Vec<DatabaseTables>,
    /// All bulk import sessions of the account.
    pub sessions: Vec<SessionInfo>,
    /// Jobs that have not ended. Default: none.
    #[serde(default)]
    pub jobs: Vec<JobInfo>,
}

/// A database and its tables.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatabaseTables {
    /// Its name.
    pub database: String,
    /// Its tables.
    pub tables: Vec<TableInfo>,
}

/// The orphans, in the order in which they must be removed: jobs, sessions, tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CleanupPlan {
    /// Jobs that write to the sessions or tables.
    pub jobs: Vec<OrphanJob>,
    /// Bulk import sessions.
    pub sessions: Vec<OrphanSession>,
    /// Staging tables.
    pub tables: Vec<OrphanTable>,
}

/// A job that writes to an orphan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrphanJob {
    /// Its id.
    pub job_id: String,
    /// Its status.
    pub status: String,
    /// The database that it runs in.
    pub database: Option<String>,
}

/// An orphaned bulk import session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrphanSession {
    /// Its name.
    pub session: String,
    /// The database that it loads into.
    pub database: String,
    /// Its status.
    pub status: String,
}

/// An orphaned staging table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrphanTable {
    /// Its database.
    pub database: String,
    /// Its name.
    pub table: String,
    /// Its approximate number of rows.
    #[serde(serialize_with = "bigint")]
    pub rows: Option<u64>,
    /// Its approximate size in bytes.
    #[serde(serialize_with = "bigint")]
    pub bytes: Option<u64>,
    /// Time of creation, in the format of TD.
    pub created: Option<String>,
}

/// Finds orphans by their names, which contain a hash of the database and the table, so that only a clone can have created
/// them. Jobs that only read do not contain such a name. They end by themselves.
pub fn plan_cleanup(request: &CleanupRequest) -> CleanupPlan {
    let is_inside = |database: &str| request.databases.iter().any(|one| one.database == database);
    let sessions = request.sessions.iter().filter_map(|session| {
        let database = session.database.as_deref()?;
        (is_inside(database) && is_staging_name(database, &session.name)).then(|| OrphanSession {
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
        left.map(|table| OrphanTable {
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
    let jobs = jobs.map(|job| OrphanJob {
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
