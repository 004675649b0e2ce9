//! The next step when something is created under a name of its own: a staging table, a bulk import session, a lease.
//!
//! A name is used only if the single request that asked for it was answered with success. After any doubt the next name
//! is taken: under the old one a late create could bring back what was deleted, or a late delete could take away what is
//! in use.

use serde::{Deserialize, Serialize};

use super::Answer;

/// Names that are tried at most.
pub const MAX_NAMES: u32 = 8;

/// How the creation went so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(optional_fields, rename = "NamingProgress")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Progress {
    /// Names that were tried, the current one included.
    pub names: u32,
    /// The answer to the last create.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub answer: Answer,
    /// Whether a create of the current name has had no answer.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub in_doubt: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "NamingStep"))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Send the create, under the name it has.
    Create,
    /// Give the name up and send the create under the next one. What the old one may have made is removed at the end.
    NextName,
    /// It is there, and it is this attempt's.
    Ready,
    /// TD does not want to: the caller has its error.
    Fail,
}

impl Progress {
    /// The progress after a step and its answer.
    #[must_use]
    pub fn after(mut self, step: Step, answer: Answer) -> Self {
        if self.names == 0 || step == Step::NextName {
            self.names += 1;
            self.in_doubt = false;
        }
        self.in_doubt |= answer == Answer::Unanswered;
        self.answer = answer;
        self
    }
}

/// The next step; `exhausted` is whether the time for repeats is used up.
pub fn next_step(progress: Progress, exhausted: bool) -> Step {
    match progress.answer {
        Answer::None => Step::Create,
        Answer::Done if !progress.in_doubt => Step::Ready,
        Answer::Refused | Answer::Gone => Step::Fail,
        Answer::Unanswered if exhausted => Step::Fail,
        // Until an answer comes, other names would only leave more behind.
        Answer::Unanswered => Step::Create,
        Answer::Done | Answer::Taken if progress.names < MAX_NAMES => Step::NextName,
        Answer::Done | Answer::Taken => Step::Fail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_used_only_when_nothing_about_it_is_in_doubt() {
        let cases: [(&[Answer], Step); 7] = [
            (&[], Step::Create),
            (&[Answer::Done], Step::Ready),
            (&[Answer::Taken], Step::NextName),
            (&[Answer::Unanswered], Step::Create),
            (&[Answer::Unanswered, Answer::Done], Step::NextName),
            (&[Answer::Unanswered, Answer::Taken], Step::NextName),
            (
                &[Answer::Unanswered, Answer::Taken, Answer::Done],
                Step::Ready,
            ),
        ];
        for (answers, expected) in cases {
            let progress = answers
                .iter()
                .fold(Progress::default(), |progress, answer| {
                    progress.after(next_step(progress, false), *answer)
                });
            assert_eq!(next_step(progress, false), expected, "{answers:?}");
        }
    }

    #[test]
    fn it_ends_when_names_or_time_run_out() {
        let mut progress = Progress::default();
        while next_step(progress, false) != Step::Fail {
            progress = progress.after(next_step(progress, false), Answer::Taken);
        }
        assert_eq!(progress.names, MAX_NAMES);
        let waiting = Progress::default().after(Step::Create, Answer::Unanswered);
        assert_eq!(next_step(waiting, true), Step::Fail);
        let refused = Progress::default().after(Step::Create, Answer::Refused);
        assert_eq!(next_step(refused, false), Step::Fail);
    }
}
