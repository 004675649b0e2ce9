//! From what TD shows of a job to what is to be done next.

use serde::Serialize;

use crate::Error;
use crate::JobInfo;
use petit_text::{printable, quoted};

/// The first wait between two looks at a job, in milliseconds: many queries are done at once.
const SHORTEST_POLL_MS: u64 = 5;

/// The longest wait between two looks at a job, in milliseconds.
const LONGEST_POLL_MS: u64 = 10_000;

/// The wait is this part of the time that has passed, so that a look comes late by no more than that part.
const POLL_DIVISOR: u64 = 5;

/// Characters of an engine's last words that a message shows at most.
const LAST_WORDS_CHARS: usize = 2000;

/// What to do about a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum JobStep {
    /// Look again later.
    Wait,
    /// It succeeded: fetch its result.
    Fetch,
    /// It ended otherwise, and will not go on.
    Fail {
        /// Why.
        error: Error,
    },
}

/// What to do about this job. A status that is not known is taken for one of a job that has not ended.
///
/// Why a job failed stands only in the full job (`show_job`): the error that is made from a mere status cannot tell.
pub fn next_step(job: &JobInfo) -> JobStep {
    let (code, ended) = match job.status.as_str() {
        "success" => return JobStep::Fetch,
        "error" => ("job_failed", "failed"),
        "killed" => ("job_killed", "was killed"),
        _ => return JobStep::Wait,
    };
    let subject = match job.job_id.as_str() {
        "" => "the job".into(),
        id => format!("job {}", printable(id, LAST_WORDS_CHARS)),
    };
    let reason = match last_words(job) {
        Some(words) => format!("{subject} {ended}: {words}"),
        None => format!("{subject} {ended}"),
    };
    let job = (!job.job_id.is_empty()).then(|| job.job_id.clone());
    JobStep::Fail {
        error: Error::Job { code, job, reason },
    }
}

/// Whether the job has ended, well or not.
pub fn has_ended(job: &JobInfo) -> bool {
    next_step(job) != JobStep::Wait
}

/// The error of a job that has ended in failure, or has not ended.
///
/// # Errors
/// [`Error::Job`] with TD's own account of the failure; [`Error::Reply`] if the job still runs.
pub fn check_succeeded(job: &JobInfo) -> Result<(), Error> {
    match next_step(job) {
        JobStep::Fetch => Ok(()),
        JobStep::Fail { error } => Err(error),
        JobStep::Wait => Err(Error::Reply {
            action: format!("wait for job {}", quoted(&job.job_id)),
            reason: format!("it has not ended, its status is {}", quoted(&job.status)),
        }),
    }
}

/// How long to wait before the next look at a job that was issued so long ago, both in milliseconds.
pub fn poll_delay(elapsed_ms: u64) -> u64 {
    (elapsed_ms / POLL_DIVISOR).clamp(SHORTEST_POLL_MS, LONGEST_POLL_MS)
}

/// What the engine wrote about the failure: the end of it, where the reason stands.
fn last_words(job: &JobInfo) -> Option<String> {
    let debug = job.debug.as_ref()?;
    let parts = [&debug.stderr, &debug.cmdout].into_iter().flatten();
    let words: Vec<_> = parts
        .map(|text| end_of(text))
        .filter(|text| !text.is_empty())
        .collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn end_of(text: &str) -> String {
    let text = printable(text, usize::MAX);
    match text.char_indices().nth_back(LAST_WORDS_CHARS) {
        Some((cut, _)) => format!("…{}", text.get(cut..).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn job(value: serde_json::Value) -> JobInfo {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn only_final_states_end_the_wait() {
        for status in ["queued", "booting", "running", "finishing", ""] {
            let job = job(json!({"job_id": 1, "status": status}));
            assert_eq!(next_step(&job), JobStep::Wait, "{status}");
            assert!(!has_ended(&job));
            assert!(
                check_succeeded(&job)
                    .unwrap_err()
                    .to_string()
                    .contains("has not ended")
            );
        }
        let job = job(json!({"job_id": 1, "status": "success"}));
        assert_eq!(next_step(&job), JobStep::Fetch);
        assert!(has_ended(&job));
        assert_eq!(check_succeeded(&job), Ok(()));
    }

    #[test]
    fn a_failed_job_tells_its_reason() {
        let cases = [
            (
                json!({"job_id": 7, "status": "error"}),
                "job_failed",
                "job 7 failed",
            ),
            (
                json!({"job_id": "7", "status": "killed", "debug": null}),
                "job_killed",
                "job 7 was killed",
            ),
            (
                json!({"status": "error", "debug": {"cmdout": "", "stderr": null}}),
                "job_failed",
                "the job failed",
            ),
            (
                json!({"job_id": "7", "status": "error", "debug": {"cmdout": "started\nline 1:8:\tno \"x\"\u{1b}\n", "stderr": ""}}),
                "job_failed",
                "job 7 failed: started line 1:8: no \"x\"",
            ),
            (
                json!({"job_id": "7", "status": "error", "debug": {"cmdout": "out", "stderr": "err"}}),
                "job_failed",
                "job 7 failed: err; out",
            ),
            (
                json!({"job_id": "7", "status": "error", "debug": "bare"}),
                "job_failed",
                "job 7 failed: bare",
            ),
        ];
        for (value, code, reason) in cases {
            let job = job(value);
            let error = check_succeeded(&job).unwrap_err();
            assert_eq!((error.code(), error.to_string().as_str()), (code, reason));
            assert!(has_ended(&job));
        }
    }

    #[test]
    fn long_output_is_cut_at_its_start() {
        let stderr = format!("{}é the reason", "x".repeat(10_000));
        let job = job(json!({"job_id": "7", "status": "error", "debug": {"stderr": stderr}}));
        let error = check_succeeded(&job).unwrap_err().to_string();
        assert!(error.starts_with("job 7 failed: …xxx"), "{error}");
        assert!(error.ends_with("é the reason"));
        assert!(error.chars().count() < LAST_WORDS_CHARS + 30);
    }

    #[test]
    fn steps_are_plain_data() {
        let failed = next_step(&job(json!({"job_id": "7", "status": "killed"})));
        let value = serde_json::to_value(failed).unwrap();
        assert_eq!(value["step"], "fail");
        assert_eq!(value["error"]["code"], "job_killed");
        assert_eq!(value["error"]["job"], "7");
        assert_eq!(
            serde_json::to_value(JobStep::Wait).unwrap(),
            json!({"step": "wait"})
        );
    }

    #[test]
    fn looks_come_quickly_at_first() {
        let cases = [
            (0, 5),
            (400, 80),
            (1000, 200),
            (10_000, 2000),
            (60_000, 10_000),
            (u64::MAX, 10_000),
        ];
        for (elapsed_ms, wait_ms) in cases {
            assert_eq!(poll_delay(elapsed_ms), wait_ms, "{elapsed_ms}");
        }
    }
}
