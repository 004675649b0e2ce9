//! The next step when something is removed that nobody uses any more, or made that may be there already.

use serde::{Deserialize, Serialize};

use crate::{Call, SessionInfo};

/// What is left to remove, in the order in which it must go: jobs could still write into sessions and tables, and sessions
/// load tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Leftovers {
    /// Ids of jobs.
    #[serde(default)]
    pub jobs: Vec<String>,
    /// Names of sessions.
    #[serde(default)]
    pub sessions: Vec<String>,
    /// Names of tables.
    #[serde(default)]
    pub tables: Vec<String>,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "RemovalStep"))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Kill the job and wait until it has ended.
    StopJob {
        /// Its id.
        job: String,
    },
    /// Remove the session: see [`next_session_step`].
    RemoveSession {
        /// Its name.
        session: String,
    },
    /// Delete the table.
    DeleteTable {
        /// Its name.
        table: String,
    },
    /// Nothing is left.
    Done,
}

/// The next step of a removal, and what is left after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Removal {
    /// The step.
    pub next: Step,
    /// What is left after it.
    pub left: Leftovers,
}

/// The next step of a removal, and what is left after it.
pub fn next_step(mut left: Leftovers) -> (Step, Leftovers) {
    let step = if !left.jobs.is_empty() {
        let job = left.jobs.remove(0);
        Step::StopJob { job }
    } else if !left.sessions.is_empty() {
        let session = left.sessions.remove(0);
        Step::RemoveSession { session }
    } else if !left.tables.is_empty() {
        let table = left.tables.remove(0);
        Step::DeleteTable { table }
    } else {
        Step::Done
    };
    (step, left)
}

/// The next step of the removal of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "SessionRemovalStep")
)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SessionStep {
    /// Look at it.
    Look,
    /// Look again later: it is being committed, and what a deletion does then is not known.
    Wait,
    /// Kill the job that performs it.
    KillJob {
        /// Its id.
        job: String,
    },
    /// Delete it.
    Delete,
}

/// How long a session that is being committed is waited for, in milliseconds.
const COMMIT_MS: u64 = 60_000;

/// The next step of the removal of a session; `seen` is none until it was looked at.
pub fn next_session_step(
    seen: Option<&SessionInfo>,
    is_job_killed: bool,
    waited_ms: u64,
) -> SessionStep {
    let Some(session) = seen else {
        return SessionStep::Look;
    };
    if session.status == "committing" && waited_ms < COMMIT_MS {
        return SessionStep::Wait;
    }
    match &session.job_id {
        Some(job) if session.status == "performing" && !is_job_killed => {
            SessionStep::KillJob { job: job.clone() }
        }
        _ => SessionStep::Delete,
    }
}

/// Whether the error with this code says that what the call is for is the case already: by an earlier run, by another run,
/// or by an earlier attempt whose reply was lost. A table that is created like this has a name that only its run uses.
pub fn is_done_already(call: &Call, code: &str) -> bool {
    let creates = matches!(call, Call::CreateDatabase(_) | Call::CreateTable(_));
    let ends = matches!(
        call,
        Call::DeleteDatabase(_)
            | Call::DeleteTable(_)
            | Call::DeleteSession(_)
            | Call::ShowSession(_)
    );
    (creates && code == "conflict") || (ends && code == "not_found")
}

/// Whether the error with this code says that a job has ended, although not as it should.
pub fn has_job_stopped(code: &str) -> bool {
    matches!(code, "job_killed" | "job_failed")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn jobs_go_before_sessions_and_sessions_before_tables() {
        let mut left: Leftovers =
            serde_json::from_value(json!({"tables": ["t"], "jobs": ["1", "2"], "sessions": ["s"]}))
                .unwrap();
        let mut steps = Vec::new();
        loop {
            let (step, rest) = next_step(left);
            if step == Step::Done {
                break;
            }
            steps.push(serde_json::to_value(&step).unwrap());
            left = rest;
        }
        assert_eq!(
            json!(steps),
            json!([
                {"step": "stop_job", "job": "1"},
                {"step": "stop_job", "job": "2"},
                {"step": "remove_session", "session": "s"},
                {"step": "delete_table", "table": "t"},
            ])
        );
    }

    #[test]
    fn a_session_is_deleted_after_its_job_was_killed() {
        let session = |status: &str, job: Option<&str>| -> SessionInfo {
            serde_json::from_value(json!({"name": "s", "status": status, "job_id": job})).unwrap()
        };
        let performing = session("performing", Some("9"));
        assert_eq!(next_session_step(None, false, 0), SessionStep::Look);
        let kill = SessionStep::KillJob { job: "9".into() };
        assert_eq!(next_session_step(Some(&performing), false, 0), kill);
        let committing = session("committing", Some("9"));
        let step = |waited_ms| next_session_step(Some(&committing), false, waited_ms);
        assert_eq!(step(0), SessionStep::Wait);
        assert_eq!(step(COMMIT_MS), SessionStep::Delete);
        assert_eq!(
            next_session_step(Some(&performing), true, 0),
            SessionStep::Delete
        );
        for other in [session("performing", None), session("ready", Some("9"))] {
            let step = next_session_step(Some(&other), false, 0);
            assert_eq!(step, SessionStep::Delete);
        }
    }

    #[test]
    fn what_is_done_already_is_no_failure() {
        let call = |call: serde_json::Value| -> Call { serde_json::from_value(call).unwrap() };
        let table = json!({"call": "delete_table", "database": "d", "table": "t"});
        let cases = [
            (
                json!({"call": "create_database", "database": "d"}),
                "conflict",
                true,
            ),
            (table.clone(), "not_found", true),
            (table, "conflict", false),
            (
                json!({"call": "delete_session", "session": "s"}),
                "not_found",
                true,
            ),
            (
                json!({"call": "rename_table", "database": "d", "table": "t", "newName": "u"}),
                "not_found",
                false,
            ),
        ];
        for (value, code, is_done) in cases {
            assert_eq!(
                is_done_already(&call(value.clone()), code),
                is_done,
                "{value} {code}"
            );
        }
        assert!(has_job_stopped("job_killed") && has_job_stopped("job_failed"));
        assert!(!has_job_stopped("network"));
    }
}
