//! From what TD shows of a bulk import session to what is to be done next.

use serde::{Deserialize, Serialize};

use crate::job::{self, JobStep};
use crate::td::text::quoted;
use crate::td::{JobInfo, SessionInfo};
use crate::{Error, ErrorReport};

/// How long after a perform or a commit the session may still look as it did before, in milliseconds.
const SETTLE_MS: u64 = 5000;

/// How often a session is performed or committed before it is given up.
const MOST_TRIES: u32 = 3;

/// What the caller did with a session so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Progress {
    /// Rows in all parts together, once every part is uploaded.
    #[serde(default)]
    pub rows_sent: Option<u64>,
    /// How often perform was called, with or without an answer.
    #[serde(default)]
    pub performs: u32,
    /// How often commit was called, with or without an answer.
    #[serde(default)]
    pub commits: u32,
    /// Milliseconds since the last of these calls.
    #[serde(default)]
    pub since_last_ms: u64,
}

/// What to do with a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SessionStep {
    /// Upload the parts.
    Upload,
    /// Open it for uploads.
    Unfreeze,
    /// All parts are there: close it for uploads.
    Freeze,
    /// Start the job that checks the records.
    Perform,
    /// Look again later.
    Wait,
    /// Every row that was sent is valid: add them to the table.
    Commit,
    /// The rows are in the table: delete the session.
    Done,
    /// It cannot be brought to an end; nothing was added to the table.
    Fail {
        /// Why.
        #[serde(serialize_with = "report")]
        error: Error,
    },
}

/// What to do with this session; `job` is its perform job, and has to be given once the session names one.
///
/// The server keeps the state, so that a call whose answer was lost is settled by looking: a session that was not taken
/// for performing stays `uploading`, and one that was not taken for committing stays `ready`. Both also come about when
/// the perform or the commit failed; a failed perform job is final, anything else is tried again a few times.
pub fn next_step(session: &SessionInfo, job: Option<&JobInfo>, progress: Progress) -> SessionStep {
    match session.status.as_str() {
        "uploading" => while_uploading(session, job, progress),
        "performing" => match perform_failure(session, job) {
            Some(error) => SessionStep::Fail { error },
            None => SessionStep::Wait,
        },
        "ready" => when_ready(session, progress),
        "committed" => SessionStep::Done,
        // "committing", and whatever TD may add on the way.
        _ => SessionStep::Wait,
    }
}

fn while_uploading(
    session: &SessionInfo,
    job: Option<&JobInfo>,
    progress: Progress,
) -> SessionStep {
    let is_frozen = session.upload_frozen.unwrap_or_default();
    match (progress.rows_sent, is_frozen) {
        (None, true) => return SessionStep::Unfreeze,
        (None, false) => return SessionStep::Upload,
        (Some(_), false) => return SessionStep::Freeze,
        (Some(_), true) => {}
    }
    if progress.performs == 0 {
        return SessionStep::Perform;
    }
    if let Some(error) = perform_failure(session, job) {
        return SessionStep::Fail { error };
    }
    let is_running = job.is_some_and(|job| job::next_step(job) == JobStep::Wait);
    if is_running || progress.since_last_ms < SETTLE_MS {
        return SessionStep::Wait;
    }
    if progress.performs < MOST_TRIES {
        return SessionStep::Perform;
    }
    fail(
        "perform_failed",
        session,
        "was not performed: it went back to uploading".into(),
    )
}

fn when_ready(session: &SessionInfo, progress: Progress) -> SessionStep {
    if progress.commits == 0 {
        return match verify(session, progress) {
            None if progress.since_last_ms < SETTLE_MS => SessionStep::Wait,
            None => fail(
                "verification_failed",
                session,
                "does not tell how many records are valid".into(),
            ),
            Some(Ok(())) => SessionStep::Commit,
            Some(Err(reason)) => fail("verification_failed", session, reason),
        };
    }
    if progress.since_last_ms < SETTLE_MS {
        return SessionStep::Wait;
    }
    if progress.commits < MOST_TRIES {
        return SessionStep::Commit;
    }
    fail(
        "commit_failed",
        session,
        "was not committed: it went back to ready".into(),
    )
}

/// Whether all rows that were sent are valid; none if the session does not tell yet.
fn verify(session: &SessionInfo, progress: Progress) -> Option<Result<(), String>> {
    let valid = session.valid_records?;
    let refused = session.error_records.unwrap_or_default();
    let broken = session.error_parts.unwrap_or_default();
    if broken > 0 {
        return Some(Err(format!("has {broken} parts that TD cannot read")));
    }
    if refused > 0 {
        return Some(Err(format!("has {refused} records that TD refused")));
    }
    Some(match progress.rows_sent {
        None => Err("is ready, but it is not known how many rows were sent".into()),
        Some(sent) if sent == valid => Ok(()),
        Some(sent) => Err(format!("has {valid} valid records, but {sent} were sent")),
    })
}

fn perform_failure(session: &SessionInfo, job: Option<&JobInfo>) -> Option<Error> {
    let JobStep::Fail { error } = job::next_step(job?) else {
        return None;
    };
    Some(Error::Job {
        code: "perform_failed",
        job: job.map(|job| job.job_id.clone()),
        reason: format!(
            "bulk import session {} was not performed: {error}",
            quoted(&session.name)
        ),
    })
}

fn fail(code: &'static str, session: &SessionInfo, reason: String) -> SessionStep {
    SessionStep::Fail {
        error: Error::Job {
            code,
            job: session.job_id.clone(),
            reason: format!("bulk import session {} {reason}", quoted(&session.name)),
        },
    }
}

fn report<S: serde::Serializer>(error: &Error, serializer: S) -> Result<S::Ok, S::Error> {
    let report: ErrorReport = error.report();
    report.serialize(serializer)
}
