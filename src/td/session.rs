//! From what TD shows of a bulk import session to what is to be done next.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::job::{self, JobStep};
use crate::{JobInfo, SessionInfo};
use petit_text::{counted, quoted};

/// How long after a perform or a commit the session may still look as it did before, in milliseconds.
const SETTLE_MS: u64 = 5000;

/// How often a session that TD agreed to perform or to commit may be found as it was before it is given up.
const MOST_TRIES: u32 = 3;

/// What the caller did with a session so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Progress {
    /// Rows in all parts together, once every part is uploaded.
    #[serde(default)]
    pub rows_sent: Option<u64>,
    /// How often TD agreed to perform.
    #[serde(default)]
    pub performs: u32,
    /// Whether the last perform was refused or had no answer: it may have been carried out nevertheless.
    #[serde(default)]
    pub perform_in_doubt: bool,
    /// How often TD agreed to commit.
    #[serde(default)]
    pub commits: u32,
    /// Whether the last commit was refused or had no answer.
    #[serde(default)]
    pub commit_in_doubt: bool,
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
        error: Error,
    },
}

/// What to do with this session; `job` is its perform job, and has to be given once the session names one.
///
/// The server keeps the state, so that a call whose answer was lost is settled by looking: a session that was not taken
/// for performing stays `uploading`, and one that was not taken for committing stays `ready`. Both also come about when
/// the perform or the commit failed; a failed perform job is final, anything else is tried again: a few times if TD had
/// agreed, else for as long as the caller has patience with the calls that fail.
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
    if progress.performs == 0 && !progress.perform_in_doubt {
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
    if progress.commits == 0 && !progress.commit_in_doubt {
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
        return Some(Err(format!("has parts that TD cannot read: {broken}")));
    }
    if refused > 0 {
        return Some(Err(format!("has records that TD refused: {refused}")));
    }
    Some(match progress.rows_sent {
        None => Err("is ready, but it is not known how many rows were sent".into()),
        Some(sent) if sent == valid => Ok(()),
        Some(sent) => Err(format!(
            "has {}, but {sent} were sent",
            counted(valid, "valid record")
        )),
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn session(status: &str, more: Value) -> SessionInfo {
        let mut session = json!({"name": "s", "status": status});
        session
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        serde_json::from_value(session).unwrap()
    }

    fn job(status: &str) -> JobInfo {
        let debug = json!({"stderr": "disk full"});
        serde_json::from_value(json!({"job_id": "9", "status": status, "debug": debug})).unwrap()
    }

    fn progress(value: Value) -> Progress {
        serde_json::from_value(value).unwrap()
    }

    fn name(step: &SessionStep) -> String {
        let step = serde_json::to_value(step).unwrap();
        let code = step["error"]["code"]
            .as_str()
            .map(|code| format!(" {code}"));
        format!(
            "{}{}",
            step["step"].as_str().unwrap(),
            code.unwrap_or_default()
        )
    }

    #[test]
    fn each_state_has_its_next_step() {
        let open = json!({"upload_frozen": false});
        let frozen = json!({"upload_frozen": true});
        let good =
            json!({"valid_records": 10, "error_records": 0, "valid_parts": 1, "error_parts": 0});
        let sent = json!({"rowsSent": 10});
        let performed = |ms: u64| json!({"rowsSent": 10, "performs": 1, "sinceLastMs": ms});
        let committed = |commits: u32, ms: u64| json!({"rowsSent": 10, "performs": 1, "commits": commits, "sinceLastMs": ms});
        let doubted = |call: &str, ms: u64| {
            let field = format!("{call}InDoubt");
            json!({"rowsSent": 10, field: true, "sinceLastMs": ms})
        };
        let running = Some("running");
        let failed = Some("error");
        let cases = [
            ("uploading", json!({}), None, json!({}), "upload"),
            ("uploading", open.clone(), None, json!({}), "upload"),
            ("uploading", frozen.clone(), None, json!({}), "unfreeze"),
            ("uploading", open.clone(), None, sent.clone(), "freeze"),
            ("uploading", frozen.clone(), None, sent.clone(), "perform"),
            // Performed: it takes a moment to show, or was not taken at all.
            ("uploading", frozen.clone(), None, performed(0), "wait"),
            (
                "uploading",
                frozen.clone(),
                running,
                performed(60_000),
                "wait",
            ),
            (
                "uploading",
                frozen.clone(),
                None,
                performed(SETTLE_MS),
                "perform",
            ),
            (
                "uploading",
                frozen.clone(),
                None,
                doubted("perform", 0),
                "wait",
            ),
            (
                "uploading",
                frozen.clone(),
                None,
                doubted("perform", SETTLE_MS),
                "perform",
            ),
            (
                "uploading",
                frozen.clone(),
                Some("success"),
                json!({"rowsSent": 10, "performs": MOST_TRIES, "sinceLastMs": SETTLE_MS}),
                "fail perform_failed",
            ),
            // The way back: a failed job leaves the session uploading.
            (
                "uploading",
                frozen.clone(),
                failed,
                performed(0),
                "fail perform_failed",
            ),
            ("performing", frozen.clone(), None, performed(0), "wait"),
            ("performing", frozen.clone(), running, performed(0), "wait"),
            (
                "performing",
                frozen.clone(),
                Some("killed"),
                performed(0),
                "fail perform_failed",
            ),
            (
                "ready",
                good.clone(),
                Some("success"),
                performed(0),
                "commit",
            ),
            // Committed: likewise.
            ("ready", good.clone(), None, committed(1, 0), "wait"),
            (
                "ready",
                good.clone(),
                None,
                committed(1, SETTLE_MS),
                "commit",
            ),
            (
                "ready",
                good.clone(),
                None,
                committed(MOST_TRIES, SETTLE_MS),
                "fail commit_failed",
            ),
            ("ready", good.clone(), None, doubted("perform", 0), "commit"),
            ("ready", good.clone(), None, doubted("commit", 0), "wait"),
            (
                "ready",
                good.clone(),
                None,
                doubted("commit", SETTLE_MS),
                "commit",
            ),
            ("committing", good.clone(), None, committed(1, 0), "wait"),
            ("committed", good, None, committed(1, 0), "done"),
            ("validating", json!({}), None, performed(0), "wait"),
        ];
        for (status, more, job_status, done, expected) in cases {
            let job = job_status.map(job);
            let step = next_step(
                &session(status, more.clone()),
                job.as_ref(),
                progress(done.clone()),
            );
            assert_eq!(
                name(&step),
                expected,
                "{status} {more} {job_status:?} {done}"
            );
        }
    }

    #[test]
    fn only_what_was_sent_is_committed() {
        let step = |counts: Value, rows: Option<u64>, ms: u64| {
            let progress = Progress {
                rows_sent: rows,
                performs: 1,
                since_last_ms: ms,
                ..Progress::default()
            };
            let step = next_step(&session("ready", counts), None, progress);
            if let SessionStep::Fail { error } = step {
                return format!("{}: {error}", error.code());
            }
            name(&step)
        };
        let cases = [
            (json!({"valid_records": 10}), Some(10), 0, "commit"),
            (json!({"valid_records": 0}), Some(0), 0, "commit"),
            (
                json!({"valid_records": 9, "error_records": 0}),
                Some(10),
                0,
                "verification_failed: bulk import session \"s\" has 9 valid records, but 10 were sent",
            ),
            (
                json!({"valid_records": 11}),
                Some(10),
                0,
                "verification_failed: bulk import session \"s\" has 11 valid records, but 10 were sent",
            ),
            (
                json!({"valid_records": 10, "error_records": 2}),
                Some(10),
                0,
                "verification_failed: bulk import session \"s\" has records that TD refused: 2",
            ),
            (
                json!({"valid_records": 10, "error_parts": 1, "error_records": 2}),
                Some(10),
                0,
                "verification_failed: bulk import session \"s\" has parts that TD cannot read: 1",
            ),
            (
                json!({"valid_records": 10}),
                None,
                0,
                "verification_failed: bulk import session \"s\" is ready, but it is not known how many rows were sent",
            ),
            (json!({"valid_records": null}), Some(10), 0, "wait"),
            (
                json!({}),
                Some(10),
                SETTLE_MS,
                "verification_failed: bulk import session \"s\" does not tell how many records are valid",
            ),
        ];
        for (counts, rows, ms, expected) in cases {
            assert_eq!(step(counts.clone(), rows, ms), expected, "{counts}");
        }
    }

    #[test]
    fn a_failed_perform_tells_the_jobs_reason() {
        let progress = Progress {
            rows_sent: Some(1),
            performs: 1,
            ..Progress::default()
        };
        let step = next_step(
            &session("performing", json!({})),
            Some(&job("error")),
            progress,
        );
        let SessionStep::Fail { error } = step else {
            panic!("{step:?}");
        };
        assert_eq!(
            error.to_string(),
            "bulk import session \"s\" was not performed: job 9 failed: disk full"
        );
        assert_eq!(error.report().job.as_deref(), Some("9"));
    }
}
