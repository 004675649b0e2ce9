//! The ranges by which the rows of a table are counted.

use serde::{Deserialize, Serialize};

use super::range::TimeSpan;

/// Seconds of an hour.
const HOUR: i64 = 3_600;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Seconds of the ranges of old rows: 30 days.
const BLOCK: i64 = 30 * DAY;

/// Start of 2100. All later times are one range, because they may have any number of days.
pub(super) const END: i64 = 4_102_444_800;

/// Days before now whose rows are counted by hour.
const HOURLY_DAYS: i64 = 60;

/// Days before now whose rows are counted by day.
const DAILY_DAYS: i64 = 3_650;

/// Days after now whose rows are counted by hour: clocks and time zones differ.
const FUTURE_DAYS: i64 = 2;

/// Ranges of `time` that together have every row: hours, days and longer ones, all rows before 1970, all after 2099, and those
/// without a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RangeGrid {
    /// Start and end of the hours, in Unix seconds.
    #[cfg_attr(feature = "typescript", ts(type = "[number, number]"))]
    hours: (i64, i64),
    /// Start and end of the days. The hours are within.
    #[cfg_attr(feature = "typescript", ts(type = "[number, number]"))]
    days: (i64, i64),
    /// A time at which a range ends and another one starts.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    cut: Option<i64>,
}

impl RangeGrid {
    /// The ranges for the time of now, in Unix seconds.
    pub fn at(now: i64) -> Self {
        let before = |days: i64| now.saturating_sub(days * DAY);
        Self::new(
            (before(HOURLY_DAYS), before(-FUTURE_DAYS)),
            (before(DAILY_DAYS), before(-FUTURE_DAYS)),
        )
    }

    /// The hours of a period, from `start` (inclusive) to `end` (exclusive), in Unix seconds.
    pub fn hours(start: i64, end: i64) -> Self {
        Self::new((start, end), (start, end))
    }

    fn new(hours: (i64, i64), days: (i64, i64)) -> Self {
        Self {
            hours: aligned(hours, DAY),
            days: aligned(days, BLOCK),
            cut: None,
        }
    }

    /// The same ranges, of which the one that has `time` ends after it.
    #[must_use]
    pub fn cut_after(mut self, time: Option<i64>) -> Self {
        self.cut = time
            .and_then(|time| time.checked_add(1))
            .filter(|cut| (0..END).contains(cut));
        self
    }

    /// The range that has this time.
    pub fn range_of(&self, time: Option<i64>) -> TimeSpan {
        let Some(time) = time else {
            return TimeSpan::TIMELESS;
        };
        let (start, end) = self.bounds(time);
        match self.cut.filter(|cut| is_inside(*cut, start, end)) {
            Some(cut) if time < cut => TimeSpan::new(start, Some(cut)),
            Some(cut) => TimeSpan::new(Some(cut), end),
            None => TimeSpan::new(start, end),
        }
    }

    fn bounds(&self, time: i64) -> (Option<i64>, Option<i64>) {
        if time < 0 {
            return (None, Some(0));
        }
        if time >= END {
            return (Some(END), None);
        }
        let length = match time {
            _ if contains(self.hours, time) => HOUR,
            _ if contains(self.days, time) => DAY,
            _ => BLOCK,
        };
        let start = time - time % length;
        (Some(start), Some((start + length).min(END)))
    }

    /// The SQL expressions by which rows are grouped.
    pub(super) fn group_by(&self) -> String {
        let ((hours_start, hours_end), (days_start, days_end)) = (self.hours, self.days);
        let start = format!(
            "CASE WHEN time < 0 THEN -1 WHEN time >= {END} THEN {END} \
             WHEN time >= {hours_start} AND time < {hours_end} THEN time - time % {HOUR} \
             WHEN time >= {days_start} AND time < {days_end} THEN time - time % {DAY} \
             WHEN time >= 0 THEN time - time % {BLOCK} END"
        );
        match self.cut {
            Some(cut) => format!("{start}, CASE WHEN time < {cut} THEN 0 ELSE 1 END"),
            None => start,
        }
    }
}

/// The smallest period with whole units that contains another one, within the times that are divided.
fn aligned((start, end): (i64, i64), unit: i64) -> (i64, i64) {
    let (start, end) = (start.clamp(0, END), end.clamp(0, END));
    (start - start % unit, (end + unit - 1) / unit * unit)
}

fn contains((start, end): (i64, i64), time: i64) -> bool {
    (start..end).contains(&time)
}

fn is_inside(cut: i64, start: Option<i64>, end: Option<i64>) -> bool {
    start.is_none_or(|start| start < cut) && end.is_none_or(|end| cut < end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2026-01-31 12:34:56.
    const NOW: i64 = 1_769_862_896;

    #[test]
    fn ranges_are_shorter_for_newer_rows() {
        let grid = RangeGrid::at(NOW);
        let label = |time| grid.range_of(Some(time)).label();
        assert_eq!(label(NOW), "2026-01-31 12:00");
        assert_eq!(label(NOW - 61 * DAY), "2025-12-01");
        assert_eq!(label(NOW - 12 * 365 * DAY), "2014-01-10 to 2014-02-09");
        assert_eq!(label(NOW + 365 * DAY), "2027-01-02 to 2027-02-01");
        assert_eq!(label(-1), "before 1970-01-01");
        assert_eq!(label(END), "from 2100-01-01");
        assert_eq!(label(i64::MAX), "from 2100-01-01");
        assert_eq!(grid.range_of(None), TimeSpan::TIMELESS);
        let hours = RangeGrid::hours(NOW - 61 * DAY, NOW - 60 * DAY);
        assert_eq!(
            hours.range_of(Some(NOW - 61 * DAY)).label(),
            "2025-12-01 12:00"
        );
    }

    #[test]
    fn a_range_can_be_cut_after_a_row() {
        let grid = RangeGrid::at(NOW).cut_after(Some(NOW));
        assert_eq!(
            grid.range_of(Some(NOW)).label(),
            "2026-01-31 12:00 to 2026-01-31 12:34:57"
        );
        assert_eq!(
            grid.range_of(Some(NOW + 1)).label(),
            "2026-01-31 12:34:57 to 2026-01-31 13:00"
        );
        assert_eq!(grid.range_of(Some(NOW + HOUR)).label(), "2026-01-31 13:00");
        for absurd in [i64::MAX, -5, END] {
            assert_eq!(
                RangeGrid::at(NOW).cut_after(Some(absurd)),
                RangeGrid::at(NOW)
            );
        }
    }

    #[test]
    fn there_are_few_ranges_however_long_the_history_is() {
        for now in [NOW, 0, i64::MAX, i64::MIN] {
            let grid = RangeGrid::at(now);
            let (mut time, mut ranges) = (0, 3);
            while let Some(end) = grid.range_of(Some(time)).end {
                (time, ranges) = (end, ranges + 1);
            }
            assert!(ranges < 8_000, "{ranges}");
        }
    }

    proptest! {
        #[test]
        fn every_time_is_in_one_range(
            now in 0..END, cut in proptest::option::of(0..END), time in any::<i64>(), near in 0..END,
        ) {
            let grid = RangeGrid::at(now).cut_after(cut);
            for time in [time, near] {
                let range = grid.range_of(Some(time));
                prop_assert!(range.start.is_none_or(|start| start <= time));
                prop_assert!(range.end.is_none_or(|end| time < end));
                for edge in [range.start, range.end.and_then(|end| end.checked_sub(1))] {
                    prop_assert_eq!(grid.range_of(Some(edge.unwrap_or(time))), range);
                }
                if let Some(end) = range.end {
                    prop_assert_ne!(grid.range_of(Some(end)), range);
                }
            }
        }
    }
}
