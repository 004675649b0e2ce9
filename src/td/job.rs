//! The next step of a job, derived from its status.

use petit_text::{quoted, sanitize};
use serde::Serialize;

use crate::Error;
use crate::JobInfo;
use crate::row_values;

/// Minimum delay between two polls of a job, in milliseconds. Short, because many queries end at once.
const MIN_POLL_MS: u64 = 5;

/// Maximum delay between two polls of a job, in milliseconds.
const MAX_POLL_MS: u64 = 10_000;

/// The delay is the elapsed time divided by this number, so that a poll is late by at most a fifth of it.
const POLL_DIVISOR: u64 = 5;

/// Maximum length of the engine's output in a message, in characters.
const MAX_OUTPUT_CHARS: usize = 2000;

/// The kinds of jobs that run SQL.
const SQL_ENGINES: [&str; 3] = ["presto", "trino", "hive"];

/// The next step of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum JobStep {
    /// Poll again later.
    Wait,
    /// It succeeded: download its result.
    Fetch,
    /// It failed or was killed. This is final.
    Fail {
        /// The error.
        error: Error,
    },
}

/// The next step of a job. An unknown status is treated as that of a running job.
///
/// Only the full job (`show_job`) has the reason of a failure. The error of a job status has none. The reason has no row
/// values, unless `show_values`.
pub fn next_step(job: &JobInfo, show_values: bool) -> JobStep {
    let (code, ended) = match job.status.as_str() {
        "success" => return JobStep::Fetch,
        "error" => ("job_failed", "failed"),
        "killed" => ("job_killed", "was killed"),
        _ => return JobStep::Wait,
    };
    let ended = ending(job, ended);
    let output = engine_output(job).map(|words| match show_values {
        true => words,
        false => row_values::hide(&words),
    });
    let reason = match output {
        Some(words) => format!("{ended}: {words}"),
        None => ended,
    };
    let job = (!job.job_id.is_empty()).then(|| job.job_id.clone());
    JobStep::Fail {
        error: Error::Job { code, job, reason },
    }
}

/// How the job ended: `query failed (job 7)`, or `job 7 failed` if it ran no SQL.
fn ending(job: &JobInfo, ended: &str) -> String {
    let id = sanitize(&job.job_id, MAX_OUTPUT_CHARS);
    match (job.kind.as_deref(), id.as_str()) {
        (_, "") => format!("the job {ended}"),
        (Some(kind), id) if SQL_ENGINES.contains(&kind) => format!("query {ended} (job {id})"),
        (_, id) => format!("job {id} {ended}"),
    }
}

/// Whether the job has ended, successfully or not.
pub fn has_ended(job: &JobInfo) -> bool {
    next_step(job, false) != JobStep::Wait
}

/// Checks that a job has succeeded.
///
/// # Errors
/// [`Error::Job`] with the output of the engine if it failed; [`Error::Reply`] if it is still running.
pub fn check_succeeded(job: &JobInfo, show_values: bool) -> Result<(), Error> {
    match next_step(job, show_values) {
        JobStep::Fetch => Ok(()),
        JobStep::Fail { error } => Err(error),
        JobStep::Wait => Err(Error::Reply {
            action: format!("wait for job {}", quoted(&job.job_id)),
            reason: format!("it has not ended; its status is {}", quoted(&job.status)),
        }),
    }
}

/// The delay before the next poll of a job that was issued `elapsed_ms` ago, in milliseconds.
pub fn poll_delay(elapsed_ms: u64) -> u64 {
    (elapsed_ms / POLL_DIVISOR).clamp(MIN_POLL_MS, MAX_POLL_MS)
}

/// The end of the engine's output, which has the reason of the failure.
fn engine_output(job: &JobInfo) -> Option<String> {
    let debug = job.debug.as_ref()?;
    let parts = [&debug.stderr, &debug.cmdout].into_iter().flatten();
    let words: Vec<_> = parts
        .map(|text| last_chars(text))
        .filter(|text| !text.is_empty())
        .collect();
    (!words.is_empty()).then(|| without_query_id(&words.join("; ")).to_owned())
}

/// The output without `Query 20260101_000000_00001_abcde failed: ` at its start, which repeats what the message says.
fn without_query_id(output: &str) -> &str {
    output
        .strip_prefix("Query ")
        .and_then(|rest| rest.split_once(" failed: "))
        .filter(|(id, _)| !id.contains(' '))
        .map_or(output, |(_, reason)| reason)
}

fn last_chars(text: &str) -> String {
    let text = sanitize(text, usize::MAX);
    match text.char_indices().nth_back(MAX_OUTPUT_CHARS) {
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
            assert_eq!(next_step(&job, false), JobStep::Wait, "{status}");
            assert!(!has_ended(&job));
            assert!(
                check_succeeded(&job, false)
                    .unwrap_err()
                    .to_string()
                    .contains("has not ended")
            );
        }
        let job = job(json!({"job_id": 1, "status": "success"}));
        assert_eq!(next_step(&job, false), JobStep::Fetch);
        assert!(has_ended(&job));
        assert_eq!(check_succeeded(&job, false), Ok(()));
    }

    #[test]
    fn a_failed_job_has_its_reason() {
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
            (
                json!({"job_id": "7", "type": "presto", "status": "error",
                    "debug": "Query 20260101_1_a failed: line 1:8: Column 'nope' cannot be resolved"}),
                "job_failed",
                "query failed (job 7): line 1:8: Column 'nope' cannot be resolved",
            ),
            (
                json!({"job_id": "7", "type": "trino", "status": "error", "debug": "Query of the user failed: x"}),
                "job_failed",
                "query failed (job 7): Query of the user failed: x",
            ),
            (
                json!({"job_id": "7", "type": "hive", "status": "killed"}),
                "job_killed",
                "query was killed (job 7)",
            ),
        ];
        for (value, code, reason) in cases {
            let job = job(value);
            let error = check_succeeded(&job, false).unwrap_err();
            assert_eq!((error.code(), error.to_string().as_str()), (code, reason));
            assert!(has_ended(&job));
        }
    }

    #[test]
    fn long_output_is_cut_at_its_start() {
        let stderr = format!("{}é the reason", "x".repeat(10_000));
        let job = job(json!({"job_id": "7", "status": "error", "debug": {"stderr": stderr}}));
        let error = check_succeeded(&job, false).unwrap_err().to_string();
        assert!(error.starts_with("job 7 failed: …xxx"), "{error}");
        assert!(error.ends_with("é the reason"));
        assert!(error.chars().count() < MAX_OUTPUT_CHARS + 30);
    }

    #[test]
    fn steps_are_plain_data() {
        let failed = next_step(&job(json!({"job_id": "7", "status": "killed"})), false);
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
