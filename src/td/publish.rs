//! From what TD shows of two names to the next step of a publish: the rename that gives a staging table its real name.
//!
//! A rename names tables, not identities, so that a lost answer leaves a doubt. Four facts decide it:
//!
//! 1. The name of a staging table belongs to one attempt of one run. No other request ever makes a table of that name.
//! 2. The answer to a change is authoritative; a listing may lag behind. That a rename or a delete finds no staging table
//!    is proof; that a listing shows none is not.
//! 3. A delete that finds the staging table proves that no rename has moved it, and that none will.
//! 4. Once the staging table is gone, the real table is this run's only if its identity, or else its contents, say so.

mod identity;
pub mod lease;
mod model;
pub mod naming;
mod settle;

pub use identity::{IdRule, Identity, id_rule, is_same_table};
pub use model::{Answer, Contents, Doubt, ListedTables, Progress, Reason, RetryState, Seen, Step};
pub use settle::LAG_MS;

/// The next step of a publish; `seen` is none until the tables were looked at since the last answer.
pub fn next_step(seen: Option<&Seen>, progress: &Progress, retry: RetryState) -> Step {
    if is_published(seen, progress) {
        return Step::Published;
    }
    match progress.removing {
        None => while_renaming(seen, progress, retry),
        Some(reason) => while_removing(seen, progress, retry, reason),
    }
}

/// A rename that is answered with success, or a real table with the staging table's id, is proof. Any TD whatsoever gives
/// an id to one table only.
fn is_published(seen: Option<&Seen>, progress: &Progress) -> bool {
    let was_renamed = progress.removing.is_none() && progress.answer == Answer::Done;
    let target = seen.and_then(|seen| seen.target.as_ref());
    was_renamed || is_same_table(target, progress.before.staging.as_ref()) == Some(true)
}

fn while_renaming(seen: Option<&Seen>, progress: &Progress, retry: RetryState) -> Step {
    match progress.answer {
        Answer::None if retry.exhausted => Step::Remove {
            reason: Reason::GivenUp,
        },
        // The listing lags behind the creation of the staging table. Without its id the outcome may stay unknown.
        Answer::None if lacks_staging(progress) && retry.since_answer_ms < LAG_MS => Step::Look,
        Answer::None => Step::Rename,
        Answer::Done => Step::Published,
        Answer::Gone => settle::staging_gone(seen, progress, retry, Reason::StagingLost),
        // If an earlier rename was carried out, the delete finds no staging table.
        Answer::Taken => remove(Reason::Taken),
        Answer::Refused => remove(Reason::Refused),
        Answer::Unanswered if retry.exhausted || retry.look_failed => remove(Reason::GivenUp),
        Answer::Unanswered => seen.map_or(Step::Look, |_| Step::Rename),
    }
}

fn lacks_staging(progress: &Progress) -> bool {
    progress.before.staging.is_none()
}

fn while_removing(
    seen: Option<&Seen>,
    progress: &Progress,
    retry: RetryState,
    reason: Reason,
) -> Step {
    match progress.answer {
        Answer::Done => Step::NotPublished { reason },
        Answer::Gone => settle::staging_gone(seen, progress, retry, reason),
        Answer::Refused => Step::Unknown {
            reason: Doubt::Unreachable,
        },
        Answer::None | Answer::Taken | Answer::Unanswered if retry.exhausted => Step::Unknown {
            reason: Doubt::Unreachable,
        },
        Answer::None | Answer::Taken | Answer::Unanswered => remove(reason),
    }
}

fn remove(reason: Reason) -> Step {
    Step::Remove { reason }
}
