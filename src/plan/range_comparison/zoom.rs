//! A closer look at days and longer ranges that differ: their hours.

use serde::{Deserialize, Serialize};

use super::compare::{RangeComparison, RangeDifference};
use super::grid::RangeGrid;
use super::range::TimeSpan;

const HOUR: i64 = 3_600;

/// Maximum hours of a closer look, so that its answer stays small. Later ranges stay as they are.
const MAX_HOURS: i64 = 5_000;

/// The ranges of a closer look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct RangeZoom {
    /// The ranges whose hours are compared.
    pub ranges: Vec<TimeSpan>,
    /// The SQL condition of their rows.
    pub condition: String,
    /// Their hours.
    pub grid: RangeGrid,
}

/// The closer look at a comparison; `None` if all ranges that differ are hours, or have no start or no end. `condition` is that of
/// the comparison.
pub fn zoom_in(comparison: &RangeComparison, condition: Option<&str>) -> Option<RangeZoom> {
    let mut hours = 0;
    let ranges: Vec<TimeSpan> = comparison
        .differences
        .iter()
        .map(|difference| difference.range)
        .filter(|range| {
            let length = hours_of(range);
            let is_chosen = length > 1 && hours + length <= MAX_HOURS;
            hours += if is_chosen { length } else { 0 };
            is_chosen
        })
        .collect();
    let start = ranges.iter().filter_map(|range| range.start).min()?;
    let end = ranges.iter().filter_map(|range| range.end).max()?;
    let conditions: Vec<_> = ranges.iter().map(TimeSpan::condition).collect();
    let in_ranges = format!("({})", conditions.join(" OR "));
    Some(RangeZoom {
        condition: match condition {
            Some(condition) => format!("{condition} AND {in_ranges}"),
            None => in_ranges,
        },
        grid: RangeGrid::hours(start, end),
        ranges,
    })
}

/// The ranges that differ, with the hours of the closer look in place of the ranges that it divides.
pub fn zoomed_differences(
    comparison: &RangeComparison,
    zoom: &RangeZoom,
    hours: &RangeComparison,
) -> Vec<RangeDifference> {
    let others = comparison
        .differences
        .iter()
        .filter(|difference| !zoom.ranges.contains(&difference.range));
    let mut differences: Vec<_> = others.chain(&hours.differences).cloned().collect();
    differences.sort_by_key(|difference| difference.range.position());
    differences
}

/// The number of hours of a range; 0 if it has no start or no end.
fn hours_of(range: &TimeSpan) -> i64 {
    match (range.start, range.end) {
        (Some(start), Some(end)) => end.saturating_sub(start) / HOUR,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn difference(range: TimeSpan) -> RangeDifference {
        RangeDifference {
            range,
            label: range.label(),
            source_rows: 2,
            destination_rows: 1,
            joins_previous: false,
        }
    }

    fn comparison(ranges: &[TimeSpan]) -> RangeComparison {
        RangeComparison {
            differences: ranges.iter().copied().map(difference).collect(),
            ..RangeComparison::default()
        }
    }

    fn days(first: i64, last: i64) -> TimeSpan {
        TimeSpan::new(Some(first * DAY), Some(last * DAY))
    }

    #[test]
    fn days_are_divided_into_hours() {
        let hour = TimeSpan::new(Some(20 * DAY), Some(20 * DAY + HOUR));
        let found = comparison(&[
            TimeSpan::new(None, Some(0)),
            days(3, 4),
            days(9, 10),
            hour,
            TimeSpan::TIMELESS,
        ]);
        let zoom = zoom_in(&found, Some("x = 1")).unwrap();
        assert_eq!(zoom.ranges, [days(3, 4), days(9, 10)]);
        assert_eq!(
            zoom.condition,
            "x = 1 AND (TD_TIME_RANGE(time, 259200, 345600) OR TD_TIME_RANGE(time, 777600, 864000))"
        );
        let inner = TimeSpan::new(Some(9 * DAY), Some(9 * DAY + HOUR));
        let labels: Vec<_> = zoomed_differences(&found, &zoom, &comparison(&[inner]))
            .into_iter()
            .map(|difference| difference.label)
            .collect();
        assert_eq!(
            labels,
            [
                "before 1970-01-01",
                "1970-01-10 00:00",
                "1970-01-21 00:00",
                "without a time"
            ]
        );
        assert_eq!(
            zoom_in(&comparison(&[hour, TimeSpan::TIMELESS]), None),
            None
        );
    }

    #[test]
    fn a_closer_look_has_a_limit() {
        let months: Vec<_> = (0..10).map(|n| days(n * 30, n * 30 + 30)).collect();
        let zoom = zoom_in(&comparison(&months), None).unwrap();
        assert_eq!(zoom.ranges.len(), 6);
    }
}
