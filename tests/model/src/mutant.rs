//! The rules of a publish, each of which can be broken: the search must then find a violation.

use petit_td::publish::{
    Answer, Contents, IdRule, LAG_MS, Progress, Reason, RetryState, Seen, Step, is_same_table,
    naming, next_step,
};

/// A rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// None: the functions as they are shipped.
    None,
    /// The real table is taken for this run's because it exists.
    ExistenceDecides,
    /// A listing is believed at once.
    ListingsNeverLag,
    /// The run ends while a rename may still be on its way.
    NothingIsRemoved,
    /// A table that came meanwhile ends the run while a rename may still be on its way.
    TakenEndsTheRun,
    /// A staging table that is gone counts as lost.
    GoneIsLost,
    /// A staging table that a delete no longer finds counts as deleted.
    GoneIsDeleted,
    /// Equal contents count although a renamed table keeps its id.
    ContentsOutweighTheId,
    /// Equal contents count although the old table had them, too.
    OldContentsAreForgotten,
    /// Equal contents count although this run's own delete may have removed the staging table.
    OwnDeleteIsForgotten,
    /// A table of somebody else counts as proof that this run's was never there.
    ReplacedIsFailure,
    /// Contents that differ count as proof that this run's table was never there.
    DifferentIsFailure,
    /// A delete without an answer counts as done.
    UnansweredDeleteIsDone,
    /// Tables that cannot be seen count as unchanged.
    UnseenIsUnchanged,
    /// An answer "not found" counts although the staging table is there.
    NotFoundIsBelieved,
    /// A name is used although a request for it had no answer.
    DoubtfulNameIsUsed,
    /// A name that is taken is used, as if this run had created it.
    TakenNameIsUsed,
    /// The second attempt uses the name of the first.
    NameIsUsedAgain,
}

impl Mutant {
    /// Every rule that can be broken.
    pub const ALL: [Self; 17] = [
        Self::ExistenceDecides,
        Self::ListingsNeverLag,
        Self::NothingIsRemoved,
        Self::TakenEndsTheRun,
        Self::GoneIsLost,
        Self::GoneIsDeleted,
        Self::ContentsOutweighTheId,
        Self::OldContentsAreForgotten,
        Self::OwnDeleteIsForgotten,
        Self::ReplacedIsFailure,
        Self::DifferentIsFailure,
        Self::UnansweredDeleteIsDone,
        Self::UnseenIsUnchanged,
        Self::NotFoundIsBelieved,
        Self::DoubtfulNameIsUsed,
        Self::TakenNameIsUsed,
        Self::NameIsUsedAgain,
    ];

    /// The next step of a publish, with the rule broken.
    pub fn publish(self, seen: Option<&Seen>, progress: &Progress, retry: RetryState) -> Step {
        let mut progress = progress.clone();
        let mut retry = retry;
        let shipped = next_step(seen, &progress, retry);
        let not_published = Step::NotPublished {
            reason: Reason::StagingLost,
        };
        let is_gone = progress.answer == Answer::Gone;
        match self {
            Self::ExistenceDecides => {
                let is_there =
                    seen.is_some_and(|seen| seen.staging.is_none() && seen.target.is_some());
                return if is_there { Step::Published } else { shipped };
            }
            Self::ListingsNeverLag => retry.since_answer_ms = LAG_MS,
            Self::NothingIsRemoved => {
                let gives_up = matches!(
                    shipped,
                    Step::Remove {
                        reason: Reason::GivenUp
                    }
                );
                return if gives_up { not_published } else { shipped };
            }
            Self::TakenEndsTheRun => {
                let is_taken = matches!(
                    shipped,
                    Step::Remove {
                        reason: Reason::Taken
                    }
                );
                return if is_taken { not_published } else { shipped };
            }
            Self::GoneIsLost if is_gone && progress.removing.is_none() => return not_published,
            Self::GoneIsDeleted if is_gone && progress.removing.is_some() => return not_published,
            Self::ContentsOutweighTheId => {
                if progress.id_rule == Some(IdRule::Kept) {
                    progress.id_rule = Some(IdRule::New);
                }
            }
            Self::OldContentsAreForgotten => progress.rows = Some(u64::MAX),
            Self::OwnDeleteIsForgotten if is_gone => progress.removing = None,
            Self::ReplacedIsFailure => {
                let is_kept = progress.id_rule == Some(IdRule::Kept);
                return if is_kept && matches!(shipped, Step::Unknown { .. }) {
                    not_published
                } else {
                    shipped
                };
            }
            Self::DifferentIsFailure if progress.contents == Some(Contents::Different) => {
                return not_published;
            }
            Self::UnansweredDeleteIsDone => {
                let is_unanswered = progress.answer == Answer::Unanswered;
                if progress.removing.is_some() && is_unanswered {
                    return not_published;
                }
            }
            Self::UnseenIsUnchanged if retry.look_failed && is_gone => return not_published,
            Self::NotFoundIsBelieved if is_gone => {
                let mut believed = seen.cloned();
                let is_there = believed.as_ref().is_some_and(|seen| {
                    is_same_table(seen.staging.as_ref(), progress.before.staging.as_ref())
                        == Some(true)
                });
                if is_there && let Some(seen) = &mut believed {
                    seen.staging = None;
                }
                return next_step(believed.as_ref(), &progress, retry);
            }
            _ => return shipped,
        }
        next_step(seen, &progress, retry)
    }

    /// The next step of a creation, with the rule broken.
    pub fn naming(self, progress: naming::Progress, exhausted: bool) -> naming::Step {
        match (self, progress.answer) {
            (Self::DoubtfulNameIsUsed, Answer::Done) | (Self::TakenNameIsUsed, Answer::Taken) => {
                naming::Step::Ready
            }
            _ => naming::next_step(progress, exhausted),
        }
    }
}
