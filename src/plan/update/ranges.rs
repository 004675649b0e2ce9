//! The ranges of an update as SQL.

use super::UpdatedRange;
use crate::range_comparison::{RangeDifference, TimeSpan};
use crate::sql;

/// A range whose rows are updated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MergedRange {
    pub range: TimeSpan,
    pub source_rows: u64,
    pub destination_rows: u64,
}

impl From<&MergedRange> for UpdatedRange {
    fn from(merged: &MergedRange) -> Self {
        Self {
            label: merged.range.label(),
            source_rows: merged.source_rows,
            destination_rows: merged.destination_rows,
        }
    }
}

/// Merges differences between which no equal rows are, and then as many neighbours as it takes for `max` ranges.
pub(super) fn merge(differences: &[(&RangeDifference, bool)], max: usize) -> Vec<MergedRange> {
    let mut merged = joined(differences);
    let timeless = merged.pop_if(|last| last.range.is_timeless);
    let each = merged.len().div_ceil(max).max(1);
    let chunks = merged.chunks(each).filter_map(|chunk| {
        let (first, rest) = chunk.split_first()?;
        Some(rest.iter().fold(first.clone(), extended))
    });
    chunks.chain(timeless).collect()
}

/// Whether [`merge`] would merge ranges between which equal rows are.
pub(super) fn are_cut(differences: &[(&RangeDifference, bool)], max: usize) -> bool {
    joined(differences).len() > max
}

fn joined(differences: &[(&RangeDifference, bool)]) -> Vec<MergedRange> {
    let mut merged: Vec<MergedRange> = Vec::new();
    for (difference, joins) in differences {
        let next = MergedRange {
            range: difference.range,
            source_rows: difference.source_rows,
            destination_rows: difference.destination_rows,
        };
        match merged.last_mut() {
            Some(last) if *joins && !next.range.is_timeless => {
                *last = extended(last.clone(), &next)
            }
            _ => merged.push(next),
        }
    }
    merged
}

fn extended(first: MergedRange, last: &MergedRange) -> MergedRange {
    MergedRange {
        range: TimeSpan::new(first.range.start, last.range.end),
        source_rows: first.source_rows.saturating_add(last.source_rows),
        destination_rows: first.destination_rows.saturating_add(last.destination_rows),
    }
}

/// The condition of the rows of some ranges, which are in the order of time; `None` for no ranges.
pub(super) fn condition(ranges: impl Iterator<Item = TimeSpan>) -> Option<String> {
    let ranges: Vec<_> = ranges.collect();
    let (first, last) = (ranges.first()?, ranges.last()?);
    if ranges.len() == 1 {
        return Some(first.condition());
    }
    let each: Vec<_> = ranges.iter().map(TimeSpan::condition).collect();
    let any = format!("({})", each.join(" OR "));
    let is_open = first.start.is_none() && last.end.is_none();
    if is_open || last.is_timeless {
        return Some(any);
    }
    // TD reads only the partitions of a range, which it may not derive from alternatives.
    let around = sql::time_range(first.start, last.end);
    Some(format!("{around} AND {any}"))
}

/// The ranges with all other rows, in the order of time.
pub(super) fn complement(ranges: impl Iterator<Item = TimeSpan>) -> Vec<TimeSpan> {
    let mut others = Vec::new();
    let (mut is_timeless_other, mut is_open, mut from) = (true, true, None);
    for range in ranges {
        if range.is_timeless {
            is_timeless_other = false;
            continue;
        }
        if range.start.is_some() && range.start != from {
            others.push(TimeSpan::new(from, range.start));
        }
        from = range.end;
        is_open = from.is_some();
    }
    if is_open {
        others.push(TimeSpan::new(from, None));
    }
    if is_timeless_other {
        others.push(TimeSpan::TIMELESS);
    }
    others
}
