//! The next step of a bulk import session, derived from its status.

use petit_text::{bigint, pluralize, quoted};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::job::{self, JobStep};
use crate::publish::Answer;
use crate::{JobInfo, SessionInfo};

/// How long after a perform or a commit the session may still show its previous status, in milliseconds.
const SETTLE_MS: u64 = 5000;

/// Maximum number of accepted performs, and of accepted commits, after which the session falls back to its previous status.
const MAX_ATTEMPTS: u32 = 3;

/// What the caller has done with a session so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(optional_fields, rename = "SessionProgress")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Progress {
    /// Number of rows in all parts, which are all uploaded.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows_sent: u64,
    /// Number of freezes that were sent.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub freezes: u32,
    /// Number of performs that TD accepted.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub performs: u32,
    /// Whether the last perform failed or had no reply. TD may have executed it nevertheless.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub perform_in_doubt: bool,
    /// Number of commits that TD accepted.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub commits: u32,
    /// Whether the last commit failed or had no reply.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub commit_in_doubt: bool,
    /// Time since the last of these calls, in milliseconds.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub since_last_ms: u64,
}

/// A call that changes a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "SessionChange")
)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// See [`SessionStep::Freeze`].
    Freeze,
    /// See [`SessionStep::Perform`].
    Perform,
    /// See [`SessionStep::Commit`].
    Commit,
}

impl Progress {
    /// The progress after a change and its answer; `None` if the answer is final, so that the session fails with its error.
    #[must_use]
    pub fn after(mut self, change: Change, answer: Answer) -> Option<Self> {
        let is_taken = answer == Answer::Done;
        // A conflict may come from the session's state, which the next look shows.
        let is_doubtful = matches!(answer, Answer::Unanswered | Answer::Taken);
        match change {
            Change::Freeze => {
                // Frozen already, by a request whose reply was lost.
                let is_frozen = is_taken || (answer == Answer::Taken && self.freezes == 0);
                self.freezes += 1;
                return is_frozen.then_some(self);
            }
            Change::Perform => {
                self.performs += u32::from(is_taken);
                self.perform_in_doubt = is_doubtful;
            }
            Change::Commit => {
                self.commits += u32::from(is_taken);
                self.commit_in_doubt = is_doubtful;
            }
        }
        (is_taken || is_doubtful).then_some(self)
    }
}

/// The next step of a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SessionStep {
    /// Freeze it: all parts are uploaded.
    Freeze,
    /// Start the job that validates the records.
    Perform,
    /// Look again later.
    Wait,
    /// Every row that was sent is valid: add them to the table.
    Commit,
    /// The rows are in the table: delete the session.
    Done,
    /// It cannot be brought to an end; nothing was added to the table.
    Fail {
        /// The error.
        #[cfg_attr(feature = "typescript", ts(as = "petit_text::ErrorReport"))]
        error: Error,
    },
}

/// The next step of this session. `job` is its perform job, which is required if the session names one.
///
/// TD keeps the state, so that the outcome of a call whose reply was lost follows from the status: a session that was not
/// performed is still `uploading`, and one that was not committed is still `ready`. A session also returns to these states if
/// the perform or the commit failed. A failed perform job is final. Anything else is retried: three times if TD had accepted
/// the call, else within the retry budget of the caller.
pub fn next_step(session: &SessionInfo, job: Option<&JobInfo>, progress: Progress) -> SessionStep {
    match session.status.as_str() {
        "uploading" => while_uploading(session, job, progress),
        "performing" => match perform_failure(session, job) {
            Some(error) => SessionStep::Fail { error },
            None => SessionStep::Wait,
        },
        "ready" => when_ready(session, progress),
        "committed" => SessionStep::Done,
        // "committing", and states that TD may add.
        _ => SessionStep::Wait,
    }
}

fn while_uploading(
    session: &SessionInfo,
    job: Option<&JobInfo>,
    progress: Progress,
) -> SessionStep {
    let is_frozen = session.upload_frozen.unwrap_or_default();
    if !is_frozen {
        return SessionStep::Freeze;
    }
    if progress.performs == 0 && !progress.perform_in_doubt {
        return SessionStep::Perform;
    }
    if let Some(error) = perform_failure(session, job) {
        return SessionStep::Fail { error };
    }
    let is_running = job.is_some_and(|job| job::next_step(job, false) == JobStep::Wait);
    if is_running || progress.since_last_ms < SETTLE_MS {
        return SessionStep::Wait;
    }
    if progress.performs < MAX_ATTEMPTS {
        return SessionStep::Perform;
    }
    fail(
        "perform_failed",
        session,
        "was not performed: it returned to status uploading".into(),
    )
}

fn when_ready(session: &SessionInfo, progress: Progress) -> SessionStep {
    if progress.commits == 0 && !progress.commit_in_doubt {
        return match verify(session, progress) {
            None if progress.since_last_ms < SETTLE_MS => SessionStep::Wait,
            None => fail(
                "verification_failed",
                session,
                "has no count of valid records".into(),
            ),
            Some(Ok(())) => SessionStep::Commit,
            Some(Err(reason)) => fail("verification_failed", session, reason),
        };
    }
    if progress.since_last_ms < SETTLE_MS {
        return SessionStep::Wait;
    }
    if progress.commits < MAX_ATTEMPTS {
        return SessionStep::Commit;
    }
    fail(
        "commit_failed",
        session,
        "was not committed: it returned to status ready".into(),
    )
}

/// Checks that all sent rows are valid; `None` if the session has no counts yet.
fn verify(session: &SessionInfo, progress: Progress) -> Option<Result<(), String>> {
    let valid = session.valid_records?;
    let rejected = session.error_records.unwrap_or_default();
    let unreadable = session.error_parts.unwrap_or_default();
    if unreadable > 0 {
        return Some(Err(format!("has parts that TD cannot read: {unreadable}")));
    }
    if rejected > 0 {
        return Some(Err(format!("has records that TD rejected: {rejected}")));
    }
    let sent = progress.rows_sent;
    if sent != valid {
        let valid = pluralize(valid, "valid record");
        return Some(Err(format!("has {valid}, but {sent} were sent")));
    }
    Some(Ok(()))
}

fn perform_failure(session: &SessionInfo, job: Option<&JobInfo>) -> Option<Error> {
    let JobStep::Fail { error } = job::next_step(job?, false) else {
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
            ("uploading", json!({}), None, sent.clone(), "freeze"),
            ("uploading", open.clone(), None, sent.clone(), "freeze"),
            ("uploading", frozen.clone(), None, sent.clone(), "perform"),
            // Performed: the status changes after a moment, or TD did not accept it.
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
                json!({"rowsSent": 10, "performs": MAX_ATTEMPTS, "sinceLastMs": SETTLE_MS}),
                "fail perform_failed",
            ),
            // A failed job leaves the session uploading.
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
            // Committed: the same.
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
                committed(MAX_ATTEMPTS, SETTLE_MS),
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
    fn a_change_without_an_answer_leaves_a_doubt_and_a_refused_one_fails() {
        let sent = Progress {
            rows_sent: 10,
            ..Progress::default()
        };
        let taken = sent.after(Change::Perform, Answer::Done).unwrap();
        assert_eq!((taken.performs, taken.perform_in_doubt), (1, false));
        for answer in [Answer::Unanswered, Answer::Taken] {
            let doubtful = taken.after(Change::Commit, answer).unwrap();
            assert_eq!((doubtful.commits, doubtful.commit_in_doubt), (0, true));
        }
        for change in [Change::Freeze, Change::Perform, Change::Commit] {
            assert_eq!(sent.after(change, Answer::Refused), None);
            assert_eq!(sent.after(change, Answer::Gone), None);
        }
        let frozen = sent.after(Change::Freeze, Answer::Taken).unwrap();
        assert_eq!(frozen.after(Change::Freeze, Answer::Taken), None);
        assert_eq!(sent.after(Change::Freeze, Answer::Unanswered), None);
    }

    #[test]
    fn only_what_was_sent_is_committed() {
        let step = |counts: Value, rows: u64, ms: u64| {
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
            (json!({"valid_records": 10}), 10, 0, "commit"),
            (json!({"valid_records": 0}), 0, 0, "commit"),
            (
                json!({"valid_records": 9, "error_records": 0}),
                10,
                0,
                "verification_failed: bulk import session \"s\" has 9 valid records, but 10 were sent",
            ),
            (
                json!({"valid_records": 11}),
                10,
                0,
                "verification_failed: bulk import session \"s\" has 11 valid records, but 10 were sent",
            ),
            (
                json!({"valid_records": 10, "error_records": 2}),
                10,
                0,
                "verification_failed: bulk import session \"s\" has records that TD rejected: 2",
            ),
            (
                json!({"valid_records": 10, "error_parts": 1, "error_records": 2}),
                10,
                0,
                "verification_failed: bulk import session \"s\" has parts that TD cannot read: 1",
            ),
            (json!({"valid_records": null}), 10, 0, "wait"),
            (
                json!({}),
                10,
                SETTLE_MS,
                "verification_failed: bulk import session \"s\" has no count of valid records",
            ),
        ];
        for (counts, rows, ms, expected) in cases {
            assert_eq!(step(counts.clone(), rows, ms), expected, "{counts}");
        }
    }

    #[test]
    fn a_failed_perform_has_the_reason_of_its_job() {
        let progress = Progress {
            rows_sent: 1,
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
