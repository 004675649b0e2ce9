//! What became of a staging table that is gone for certain.

use super::identity::{IdRule, is_same_table};
use super::model::{Contents, Doubt, Progress, Reason, RetryState, Seen, Step};

/// How long a listing may lag behind a change, in milliseconds.
pub const LAG_MS: u64 = 5_000;

/// What to do when a change was answered by: there is no table of the staging name. Either a rename has moved it, or
/// somebody has deleted it. The real table tells which, in a listing that no longer lags.
pub(super) fn staging_gone(
    seen: Option<&Seen>,
    progress: &Progress,
    retry: RetryState,
    reason: Reason,
) -> Step {
    if retry.look_failed {
        return unknown(Doubt::Unreachable);
    }
    let Some(seen) = seen.filter(|_| retry.since_answer_ms >= LAG_MS) else {
        return Step::Look;
    };
    if is_same_table(seen.staging.as_ref(), progress.before.staging.as_ref()) == Some(true) {
        return still_there(retry, reason);
    }
    match (&progress.before.target, &seen.target) {
        (None, None) => Step::NotPublished { reason },
        (Some(_), None) => unknown(Doubt::Replaced),
        _ => match progress.id_rule {
            None => Step::LearnIdRule,
            Some(rule) => by_rule(rule, seen, progress, reason),
        },
    }
}

/// A listing that no longer lags shows the staging table: the answer that it is gone was not TD's.
fn still_there(retry: RetryState, reason: Reason) -> Step {
    match reason {
        Reason::StagingLost if !retry.exhausted => Step::Rename,
        Reason::StagingLost => Step::Remove {
            reason: Reason::GivenUp,
        },
        Reason::Taken | Reason::Refused | Reason::GivenUp => Step::Remove { reason },
    }
}

/// A table has the real name, and has not the staging table's id.
fn by_rule(rule: IdRule, seen: &Seen, progress: &Progress, reason: Reason) -> Step {
    let is_old = is_same_table(seen.target.as_ref(), progress.before.target.as_ref());
    match (rule, is_old) {
        (IdRule::Kept | IdRule::New, Some(true)) => Step::NotPublished { reason },
        // Somebody else's: this run's table may have stood there before.
        (IdRule::Kept, _) => unknown(Doubt::Replaced),
        (IdRule::New | IdRule::Target | IdRule::NotKnown, _) => by_contents(rule, seen, progress),
    }
}

/// The id does not tell. The real table is this run's if it holds what the source holds, and what stood there before did
/// not.
fn by_contents(rule: IdRule, seen: &Seen, progress: &Progress) -> Step {
    // A copy of the same source by somebody else has the same contents. So contents count only if ids can tell nothing, and
    // if it was not this run's own delete that made the staging table go.
    let is_rule_known = rule != IdRule::NotKnown || !shows_ids(progress);
    let may_have_deleted = progress.removing.is_some();
    if !is_rule_known || may_have_deleted || !had_other_contents(rule, seen, progress) {
        return unknown(Doubt::Indistinguishable);
    }
    match progress.contents {
        None => Step::Compare,
        Some(Contents::Equal) => Step::Published,
        Some(Contents::Different | Contents::NotCompared) => unknown(Doubt::Indistinguishable),
    }
}

fn shows_ids(progress: &Progress) -> bool {
    let staging = progress.before.staging.as_ref();
    staging.is_some_and(|staging| staging.id.is_some())
}

/// Whether the real table of before is surely not the one that is seen now, or surely held something else.
fn had_other_contents(rule: IdRule, seen: &Seen, progress: &Progress) -> bool {
    let Some(old) = &progress.before.target else {
        return true;
    };
    let is_other = is_same_table(Some(old), seen.target.as_ref()) == Some(false);
    let had_other_rows = matches!((old.rows, progress.rows), (Some(old), Some(new)) if old != new);
    (rule == IdRule::New && is_other) || had_other_rows
}

fn unknown(reason: Doubt) -> Step {
    Step::Unknown { reason }
}
