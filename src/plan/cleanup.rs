//! Plans a cleanup: finds the orphans of interrupted clones in an account.

use std::rc::Rc;

use petit_td::{JobInfo, SessionInfo, TableInfo};
use petit_text::bigint;
use serde::{Deserialize, Serialize};

use super::lease::Leases;
use super::staging::{PREFIX, is_staging_name};

/// The listings of an account.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CleanupRequest {
    /// The databases to search.
    pub databases: Vec<DatabaseTables>,
    /// All bulk import sessions of the account.
    pub sessions: Vec<SessionInfo>,
    /// Jobs that have not ended. Default: none.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub jobs: Vec<JobInfo>,
    /// Current time by the clock of the account, in Unix milliseconds. Without it, no lease has lapsed.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | bigint", optional))]
    pub now_ms: Option<u64>,
    /// Processes with a lease that are known to have ended.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub ended_processes: Vec<String>,
    /// Names of staging tables and sessions that are removed although their run is at work.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub force: Vec<String>,
}

/// A database and its tables.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatabaseTables {
    /// Its name.
    pub database: String,
    /// Its tables.
    pub tables: Vec<Rc<TableInfo>>,
}

/// The orphans, in the order in which they must be removed: jobs, sessions, tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CleanupPlan {
    /// Jobs that write to the sessions or tables.
    pub jobs: Vec<OrphanJob>,
    /// Bulk import sessions.
    pub sessions: Vec<OrphanSession>,
    /// Staging tables, and leases that have lapsed.
    pub tables: Vec<OrphanTable>,
    /// Staging tables and sessions of runs whose lease is valid. They are not removed.
    pub in_use: Vec<InUse>,
}

/// A staging table or a session of a run that is at work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct InUse {
    /// The database that it is in, or loads into.
    pub database: String,
    /// Its name.
    pub name: String,
}

/// A job that writes to an orphan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
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
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
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
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct OrphanTable {
    /// Its database.
    pub database: String,
    /// Its name.
    pub table: String,
    /// Its approximate number of rows.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub rows: Option<u64>,
    /// Its approximate size in bytes.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub bytes: Option<u64>,
    /// Time of creation, in the format of TD.
    pub created: Option<String>,
}

/// Finds orphans by their names, which contain a hash of the database and the table, so that only a clone can have created
/// them. Jobs that only read do not contain such a name. They end by themselves.
pub fn plan_cleanup(request: &CleanupRequest) -> CleanupPlan {
    let mut plan = CleanupPlan::default();
    for of in &request.databases {
        find_in(request, of, &mut plan);
    }
    plan.in_use.sort();
    plan.in_use.dedup();
    let names: Vec<&str> = plan
        .sessions
        .iter()
        .map(|left| left.session.as_str())
        .chain(plan.tables.iter().map(|left| left.table.as_str()))
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
    plan.jobs = jobs.collect();
    plan
}

/// Finds the orphans of one database.
fn find_in(request: &CleanupRequest, of: &DatabaseTables, plan: &mut CleanupPlan) {
    let DatabaseTables { database, tables } = of;
    let leases = Leases::read(database, tables, request.now_ms, &request.ended_processes);
    let is_in_use =
        |name: &str| leases.is_live(name) && !request.force.iter().any(|one| one == name);
    let mut keep = |name: &str| {
        let is_kept = is_in_use(name);
        if is_kept {
            plan.in_use.push(InUse {
                database: database.clone(),
                name: name.into(),
            });
        }
        is_kept
    };
    let sessions = request.sessions.iter().filter(|session| {
        session.database.as_ref() == Some(database) && is_staging_name(database, &session.name)
    });
    plan.sessions.extend(
        sessions
            .filter(|session| !keep(&session.name))
            .map(|session| OrphanSession {
                session: session.name.clone(),
                database: database.clone(),
                status: session.status.clone(),
            }),
    );
    let lapsed = leases.lapsed();
    let tables = tables.iter().filter(|table| {
        lapsed.contains(&table.name)
            || (is_staging_name(database, &table.name) && !keep(&table.name))
    });
    plan.tables.extend(tables.map(|table| OrphanTable {
        database: database.clone(),
        table: table.name.clone(),
        rows: table.count,
        bytes: table.estimated_storage_size,
        created: table.created_at.clone(),
    }));
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

    #[test]
    fn the_work_of_a_live_run_is_kept_unless_it_is_named() {
        let (live, dead) = (
            staging_name("copy", "orders", 1),
            staging_name("copy", "orders", 2),
        );
        let lease = |run| json!({"name": crate::lease_name("copy", run, 0), "created_at": "2026-01-01 00:00:00 UTC"});
        let mut request: CleanupRequest = serde_json::from_value(json!({
            "databases": [{"database": "copy", "tables": [{"name": live}, {"name": dead}, lease(1)]}],
            "sessions": [
                {"name": live, "database": "copy", "status": "uploading"},
                {"name": dead, "database": "copy", "status": "uploading"},
            ],
            "jobs": [{"job_id": "1", "status": "running", "query": format!("LOAD {live}")}],
            "nowMs": 1_767_225_600_000_u64,
        }))
        .unwrap();
        let tables = |plan: &CleanupPlan| {
            let names = plan.tables.iter().map(|left| left.table.clone());
            names.collect::<Vec<_>>()
        };
        let plan = plan_cleanup(&request);
        assert_eq!((tables(&plan), plan.jobs.len()), (vec![dead.clone()], 0));
        assert_eq!(plan.sessions.len(), 1);
        let kept: Vec<_> = plan.in_use.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(kept, [live.as_str()]);
        request.force = vec![live.clone()];
        let plan = plan_cleanup(&request);
        assert_eq!(tables(&plan), [live.clone(), dead.clone()]);
        assert_eq!((plan.jobs.len(), plan.in_use.len()), (1, 0));
        request.force.clear();
        request.now_ms = Some(1_767_225_600_000 + petit_td::publish::lease::LEASE_MS);
        let plan = plan_cleanup(&request);
        assert_eq!(tables(&plan), [live, dead, crate::lease_name("copy", 1, 0)]);
    }
}
