//! A range of `time`, or the rows without a time.

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::sql;

/// Seconds of an hour.
const HOUR: i64 = 3_600;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A range of `time` in Unix seconds, or the rows without a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimeSpan {
    /// Its start (inclusive); `None` if it is open.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub start: Option<i64>,
    /// Its end (exclusive); `None` if it is open.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub end: Option<i64>,
    /// Whether it is the rows without a time. It has no start and no end then.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub is_timeless: bool,
}

impl TimeSpan {
    /// The rows without a time.
    pub const TIMELESS: Self = Self {
        start: None,
        end: None,
        is_timeless: true,
    };

    /// A range.
    pub const fn new(start: Option<i64>, end: Option<i64>) -> Self {
        Self {
            start,
            end,
            is_timeless: false,
        }
    }

    /// The SQL condition of its rows.
    pub fn condition(&self) -> String {
        match self {
            Self {
                is_timeless: true, ..
            } => "time IS NULL".into(),
            Self {
                start: None,
                end: None,
                ..
            } => "time IS NOT NULL".into(),
            Self { start, end, .. } => sql::time_range(*start, *end),
        }
    }

    /// Its name for people: a day `2026-01-31`, an hour `2026-01-31 05:00`, or its start and its end. In UTC.
    pub fn label(&self) -> String {
        match (self.start, self.end) {
            _ if self.is_timeless => "without a time".into(),
            (None, None) => "all times".into(),
            (None, Some(end)) => format!("before {}", moment(end)),
            (Some(start), None) => format!("from {}", moment(start)),
            (Some(start), Some(end)) if is_unit(start, end, DAY) => date(start, "%Y-%m-%d"),
            (Some(start), Some(end)) if is_unit(start, end, HOUR) => date(start, "%Y-%m-%d %H:%M"),
            (Some(start), Some(end)) => format!("{} to {}", moment(start), moment(end)),
        }
    }

    /// Where it is in the order of time; rows without a time are last.
    pub(super) fn position(&self) -> (bool, i64) {
        (self.is_timeless, self.start.unwrap_or(i64::MIN))
    }
}

fn is_unit(start: i64, end: i64, seconds: i64) -> bool {
    start.rem_euclid(seconds) == 0 && end.checked_sub(start) == Some(seconds)
}

fn moment(time: i64) -> String {
    let format = match time.rem_euclid(DAY) {
        0 => "%Y-%m-%d",
        _ if time.rem_euclid(60) == 0 => "%Y-%m-%d %H:%M",
        _ => "%Y-%m-%d %H:%M:%S",
    };
    date(time, format)
}

fn date(time: i64, format: &str) -> String {
    match DateTime::from_timestamp(time, 0) {
        Some(moment) => moment.format(format).to_string(),
        None => time.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_a_condition_and_a_name() {
        let day = 1_769_817_600; // 2026-01-31
        let cases = [
            (TimeSpan::TIMELESS, "time IS NULL", "without a time"),
            (TimeSpan::new(None, None), "time IS NOT NULL", "all times"),
            (
                TimeSpan::new(None, Some(0)),
                "TD_TIME_RANGE(time, NULL, 0)",
                "before 1970-01-01",
            ),
            (
                TimeSpan::new(Some(day), Some(day + DAY)),
                "TD_TIME_RANGE(time, 1769817600, 1769904000)",
                "2026-01-31",
            ),
            (
                TimeSpan::new(Some(day + HOUR), Some(day + 2 * HOUR)),
                "TD_TIME_RANGE(time, 1769821200, 1769824800)",
                "2026-01-31 01:00",
            ),
            (
                TimeSpan::new(Some(day + 61), Some(day + HOUR)),
                "TD_TIME_RANGE(time, 1769817661, 1769821200)",
                "2026-01-31 00:01:01 to 2026-01-31 01:00",
            ),
            (
                TimeSpan::new(Some(i64::MAX), None),
                "TD_TIME_RANGE(time, 9223372036854775807, NULL)",
                "from 9223372036854775807",
            ),
        ];
        for (span, condition, label) in cases {
            assert_eq!(
                (span.condition(), span.label()),
                (condition.into(), label.into())
            );
        }
    }
}
