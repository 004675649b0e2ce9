//! The ranges in which two tables differ.

use std::collections::BTreeMap;

use petit_text::bigint;
use serde::{Deserialize, Serialize};

use super::counts::RangeCount;
use super::range::TimeSpan;

/// The rows of two tables, by range.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RangeComparison {
    /// Rows of the source.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub source_rows: u64,
    /// Rows of the destination.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub destination_rows: u64,
    /// Number of ranges with rows.
    pub ranges: usize,
    /// The ranges that differ, in the order of time.
    pub differences: Vec<RangeDifference>,
}

/// A range in which two tables differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RangeDifference {
    /// The range.
    pub range: TimeSpan,
    /// Its name for people, in UTC.
    pub label: String,
    /// Rows of the source.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub source_rows: u64,
    /// Rows of the destination. If they are as many as those of the source, their contents differ.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub destination_rows: u64,
    /// Whether no range with equal rows is between it and the difference before it.
    pub joins_previous: bool,
}

/// Compares the counts of both sides, which have the same grid.
pub fn compare_ranges(source: &[RangeCount], destination: &[RangeCount]) -> RangeComparison {
    let mut ranges: BTreeMap<_, [Option<&RangeCount>; 2]> = BTreeMap::new();
    for (side, counts) in [source, destination].into_iter().enumerate() {
        for count in counts {
            let both = ranges.entry(count.range.position()).or_default();
            if let Some(place) = both.get_mut(side) {
                *place = Some(count);
            }
        }
    }
    let mut differences: Vec<RangeDifference> = Vec::new();
    let mut is_after_difference = false;
    for both in ranges.values().copied() {
        let difference = difference(both, is_after_difference);
        is_after_difference = difference.is_some();
        differences.extend(difference);
    }
    RangeComparison {
        source_rows: sum(source),
        destination_rows: sum(destination),
        ranges: ranges.len(),
        differences,
    }
}

fn difference(
    [source, destination]: [Option<&RangeCount>; 2],
    joins_previous: bool,
) -> Option<RangeDifference> {
    let content = |count: &RangeCount| (count.rows, count.checksum.clone());
    if source.map(content) == destination.map(content) {
        return None;
    }
    let range = source.or(destination)?.range;
    let rows = |count: Option<&RangeCount>| count.map_or(0, |count| count.rows);
    Some(RangeDifference {
        range,
        label: range.label(),
        source_rows: rows(source),
        destination_rows: rows(destination),
        joins_previous,
    })
}

fn sum(counts: &[RangeCount]) -> u64 {
    let rows = counts.iter().map(|count| count.rows);
    rows.fold(0, u64::saturating_add)
}
