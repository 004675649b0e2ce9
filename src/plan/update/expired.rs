//! Rows that TD has removed because of `expire_days`: they are not copied back.

use petit_text::pluralize;

use super::{Pair, to_u64};
use crate::clone_request::TableComparison;
use crate::range_comparison::RangeDifference;

/// Milliseconds of a second.
const SECOND_MS: u64 = 1_000;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// The differences that an update changes, and those that it leaves alone.
#[derive(Debug)]
pub(super) struct Changed<'a> {
    /// Each with whether no equal range and no range that is left alone is between it and the one before.
    pub differences: Vec<(&'a RangeDifference, bool)>,
    pub left_alone: Vec<String>,
}

/// Separates the differences that come from `expire_days`. TD removes old rows some time after they expire, so that a range
/// that began a day after that point counts as well.
pub(super) fn changed<'a>(pair: &Pair<'_>, compared: &'a TableComparison) -> Changed<'a> {
    let limit = |days: Option<u64>| {
        let days = i64::try_from(days.filter(|days| *days > 0)?).ok()?;
        let now = i64::try_from(pair.request.now_ms? / SECOND_MS).ok()?;
        Some(now.saturating_sub(days.saturating_sub(1).saturating_mul(DAY)))
    };
    let (in_source, in_destination) = (
        limit(pair.table.expire_days),
        limit(pair.existing.expire_days),
    );
    let is_old = |it: &RangeDifference, limit: Option<i64>| {
        !it.range.is_timeless
            && limit.is_some_and(|limit| it.range.start.is_none_or(|start| start < limit))
    };
    let (mut not_copied_back, mut kept) = (Vec::new(), Vec::new());
    let mut differences = Vec::new();
    let mut is_after_change = false;
    for it in &compared.comparison.differences {
        let joins = is_after_change && it.joins_previous;
        is_after_change = false;
        if it.source_rows > it.destination_rows && is_old(it, in_destination) {
            not_copied_back.push(it);
        } else if it.source_rows < it.destination_rows && is_old(it, in_source) {
            kept.push(it);
        } else {
            is_after_change = true;
            differences.push((it, joins));
        }
    }
    let left_alone = [
        (
            not_copied_back,
            "expire_days of the destination removed rows; they are not copied back",
        ),
        (
            kept,
            "expire_days of the source removed rows; the destination keeps them",
        ),
    ];
    Changed {
        differences,
        left_alone: left_alone
            .into_iter()
            .filter_map(|(ranges, text)| {
                let count = pluralize(to_u64(ranges.len()), "range");
                Some(format!("{count} up to {}: {text}", ranges.last()?.label))
            })
            .collect(),
    }
}
