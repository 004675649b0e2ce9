//! Times as the user gives them: before now, and in a time zone. They become instants.

use chrono::DateTime;
use petit_td::time::parse_iso;
use petit_text::quoted;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Maximum period of `since`, in hours: 200 years.
const MAX_SINCE_HOURS: i64 = 200 * 366 * 24;

/// The options of a time range.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimeOptions {
    /// Start of the range (inclusive): a date or an ISO 8601 time.
    #[serde(default)]
    pub start_time: Option<String>,
    /// End of the range (exclusive), in the same format.
    #[serde(default)]
    pub end_time: Option<String>,
    /// A period before now, instead of a start: `36h`, `7d`, `2w`.
    #[serde(default)]
    pub since: Option<String>,
    /// The zone of dates, of times without a zone, and of the days of `since`. Default: UTC.
    #[serde(default)]
    pub timezone: Option<String>,
}

/// A time range, whose start and end do not depend on the time zone and the current time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ResolvedTimes {
    /// Start of the range (inclusive), as [`TimeRange`](crate::time_range::TimeRange) takes it.
    pub start_time: Option<String>,
    /// End of the range (exclusive).
    pub end_time: Option<String>,
    /// Whether one of them is another text than the user's.
    pub times_are_converted: bool,
}

/// Converts the options to instants. `now` is in Unix seconds. `offset_at` is the offset of the zone from UTC at an instant,
/// in seconds; `None` if the platform does not know it.
///
/// A day of `since` is a day of the calendar: the time of the clock is the same, and a change to or from summer time makes
/// the period an hour shorter or longer. An hour is always 3,600 seconds.
///
/// # Errors
/// [`Error::InvalidOption`].
pub fn resolve_times(
    options: &TimeOptions,
    now: i64,
    offset_at: impl Fn(i64) -> Option<i64>,
) -> Result<ResolvedTimes> {
    let invalid = |reason: String| Error::InvalidOption { reason };
    let zone = Zone {
        name: options.timezone.as_deref(),
        offset_at,
    };
    let start: Converted = match (&options.start_time, &options.since) {
        (Some(_), Some(_)) => Err("--since and a start time are mutually exclusive".into()),
        (Some(start), None) => zone.convert("start", start),
        (None, Some(since)) => zone.since(now, since).map(|start| (Some(start), true)),
        (None, None) => Ok((None, false)),
    };
    let end: Converted = match &options.end_time {
        Some(end) => zone.convert("end", end),
        None => Ok((None, false)),
    };
    let (start_time, is_start_converted) = start.map_err(invalid)?;
    let (end_time, is_end_converted) = end.map_err(invalid)?;
    Ok(ResolvedTimes {
        start_time,
        end_time,
        times_are_converted: is_start_converted || is_end_converted,
    })
}

/// A time and whether it is another text than the user's.
type Converted = Result<(Option<String>, bool), String>;

struct Zone<'a, F> {
    /// `None`: UTC.
    name: Option<&'a str>,
    offset_at: F,
}

impl<F: Fn(i64) -> Option<i64>> Zone<'_, F> {
    /// A time of the user as an instant, if it depends on the zone; otherwise the user's text. Also whether it is converted.
    fn convert(&self, which: &str, text: &str) -> Converted {
        let text = text.trim();
        let local = match self.name {
            None => None,
            Some(_) => parse_local(text),
        };
        let Some(local) = local else {
            return Ok((Some(text.into()), false));
        };
        let reason = || format!("the {which} time {} is out of range", quoted(text));
        let instant = iso(self.instant(local)?).ok_or_else(reason)?;
        Ok((Some(instant), true))
    }

    /// The instant at which the period before `now` begins.
    fn since(&self, now: i64, since: &str) -> Result<String, String> {
        let start = match parse_since(since)? {
            Since::Hours(hours) => now - hours * HOUR,
            Since::Days(days) => self.instant(now + self.offset(now)? - days * DAY)?,
        };
        iso(start).ok_or_else(|| format!("the period {} is too long", quoted(since)))
    }

    /// The instant at which clocks show `local`, in seconds since 1970-01-01T00:00 of the clock. The first one, if they show it
    /// twice. If they skip it, the instant that is as long after the change as `local` is after the last time before it.
    fn instant(&self, local: i64) -> Result<i64, String> {
        // A zone changes its offset at most once within two days.
        let (before, after) = (self.offset(local - DAY)?, self.offset(local + DAY)?);
        let mut shown = Vec::new();
        for instant in [local - before, local - after] {
            if instant + self.offset(instant)? == local {
                shown.push(instant);
            }
        }
        Ok(shown.into_iter().min().unwrap_or(local - before))
    }

    fn offset(&self, instant: i64) -> Result<i64, String> {
        let Some(name) = self.name else {
            return Ok(0);
        };
        (self.offset_at)(instant).ok_or_else(|| format!("unknown time zone {}", quoted(name)))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Hours(i64),
    Days(i64),
}

fn parse_since(text: &str) -> Result<Since, String> {
    let invalid = || {
        format!(
            "{} is not a period such as 36h, 7d or 2w",
            quoted(text.trim())
        )
    };
    let mut digits = text.trim();
    let unit = digits.chars().last().ok_or_else(invalid)?;
    digits = digits.strip_suffix(unit).unwrap_or_default();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = digits.parse().map_err(|_| invalid())?;
    let hours = match unit {
        'h' => 1,
        'd' => 24,
        'w' => 7 * 24,
        _ => return Err(invalid()),
    };
    let is_in_range = number
        .checked_mul(hours)
        .is_some_and(|hours| (1..=MAX_SINCE_HOURS).contains(&hours));
    if !is_number || !is_in_range {
        return Err(invalid());
    }
    Ok(match unit {
        'h' => Since::Hours(number),
        _ => Since::Days(number * hours / 24),
    })
}

/// The seconds of the clock of a date or of a time without a zone; `None` for other text.
fn parse_local(text: &str) -> Option<i64> {
    let is_date = text.len() == 10;
    match is_date {
        true => parse_iso(text).ok(),
        false if has_zone(text) => None,
        false => parse_iso(&format!("{text}Z")).ok(),
    }
}

/// Whether a time after its date has a zone.
fn has_zone(text: &str) -> bool {
    let clock = text.get(10..).unwrap_or_default();
    clock.contains(['Z', 'z', '+', '-'])
}

fn iso(seconds: i64) -> Option<String> {
    let time = DateTime::from_timestamp(seconds, 0)?;
    let text = time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    (parse_iso(&text) == Ok(seconds)).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> i64 {
        parse_iso(text).unwrap()
    }

    /// Central Europe in 2026: summer time from March 29 to October 25, at 01:00 UTC.
    fn berlin(instant: i64) -> Option<i64> {
        let is_summer = (at("2026-03-29T01:00:00Z")..at("2026-10-25T01:00:00Z")).contains(&instant);
        Some(if is_summer { 2 * HOUR } else { HOUR })
    }

    fn options(since: Option<&str>, start: Option<&str>, zone: Option<&str>) -> TimeOptions {
        TimeOptions {
            start_time: start.map(Into::into),
            end_time: None,
            since: since.map(Into::into),
            timezone: zone.map(Into::into),
        }
    }

    fn start_of(since: &str, now: &str, zone: Option<&str>) -> String {
        let resolved = resolve_times(&options(Some(since), None, zone), at(now), berlin);
        resolved.unwrap().start_time.unwrap()
    }

    #[test]
    fn a_period_ends_now() {
        let berlin = Some("Europe/Berlin");
        let cases = [
            ("36h", "2026-03-01T12:00:00Z", None, "2026-02-28T00:00:00Z"),
            ("1d", "2024-03-01T12:30:05Z", None, "2024-02-29T12:30:05Z"),
            ("31d", "2026-03-31T00:00:00Z", None, "2026-02-28T00:00:00Z"),
            ("2w", "2026-01-10T06:00:00Z", None, "2025-12-27T06:00:00Z"),
            // Clocks show 12:00 on both days; the day between them has 23 hours.
            ("1d", "2026-03-29T10:00:00Z", berlin, "2026-03-28T11:00:00Z"),
            (
                "24h",
                "2026-03-29T10:00:00Z",
                berlin,
                "2026-03-28T10:00:00Z",
            ),
            // A day of 25 hours.
            ("1d", "2026-10-25T11:00:00Z", berlin, "2026-10-24T10:00:00Z"),
            // Clocks skip 02:30.
            ("1d", "2026-03-30T00:30:00Z", berlin, "2026-03-29T01:30:00Z"),
            // Clocks show 02:30 twice; the first is meant.
            ("1d", "2026-10-26T01:30:00Z", berlin, "2026-10-25T00:30:00Z"),
        ];
        for (since, now, zone, expected) in cases {
            assert_eq!(
                start_of(since, now, zone),
                expected,
                "{since} {now} {zone:?}"
            );
        }
    }

    #[test]
    fn dates_and_times_without_a_zone_are_in_the_zone() {
        let converted = |text: &str, zone: Option<&str>| {
            let resolved = resolve_times(&options(None, Some(text), zone), 0, berlin).unwrap();
            (resolved.start_time.unwrap(), resolved.times_are_converted)
        };
        let berlin = Some("Europe/Berlin");
        let cases = [
            ("2026-07-01", berlin, "2026-06-30T22:00:00Z", true),
            ("2026-01-01", berlin, "2025-12-31T23:00:00Z", true),
            ("2026-07-01T12:00", berlin, "2026-07-01T10:00:00Z", true),
            ("2026-07-01T12:00:00", berlin, "2026-07-01T10:00:00Z", true),
            (
                "2026-07-01T12:00:00+09:00",
                berlin,
                "2026-07-01T12:00:00+09:00",
                false,
            ),
            ("2026-07-01", None, "2026-07-01", false),
            // Parsed, and refused, with the range.
            ("soon", berlin, "soon", false),
            ("2026-07-01T12:00", None, "2026-07-01T12:00", false),
        ];
        for (text, zone, expected, is_converted) in cases {
            assert_eq!(
                converted(text, zone),
                (expected.to_owned(), is_converted),
                "{text}"
            );
        }
    }

    #[test]
    fn invalid_options_have_a_message() {
        let message = |options: TimeOptions, offset: Option<i64>| {
            let error = resolve_times(&options, 0, |_| offset).unwrap_err();
            assert_eq!(error.code(), "invalid_option");
            error.to_string()
        };
        for since in [
            "", "7", "d", "0d", "-1d", "+1d", "1.5d", "7 d", "7m", "7D", "9999999h", "é",
        ] {
            let text = message(options(Some(since), None, None), Some(0));
            assert!(
                text.ends_with("is not a period such as 36h, 7d or 2w"),
                "{text}"
            );
        }
        let both = options(Some("1d"), Some("2026-01-01"), None);
        assert_eq!(
            message(both, Some(0)),
            "--since and a start time are mutually exclusive"
        );
        let unknown = options(Some("1d"), None, Some("Mars/Base"));
        assert_eq!(message(unknown, None), "unknown time zone \"Mars/Base\"");
    }

    proptest! {
        /// A zone with one change of its offset, near the time or far from it.
        #[test]
        fn clocks_show_the_same_time_some_days_ago(
            now in 0..4_000_000_000_i64,
            days in 1..400_i64,
            change_days in 0..400_i64,
            change_seconds in -DAY..DAY,
            before in -14..15_i64,
            shift in -4..5_i64,
        ) {
            let change = now - change_days * DAY + change_seconds;
            let (before, after) = (before * HOUR, before * HOUR + shift * HOUR / 2);
            let offset = |instant: i64| if instant < change { before } else { after };
            let options = options(Some(&format!("{days}d")), None, Some("Some/Zone"));
            let resolved = resolve_times(&options, now, |instant| Some(offset(instant))).unwrap();
            let start = at(&resolved.start_time.unwrap());
            let wanted = now + offset(now) - days * DAY;
            let shown = start + offset(start);
            let is_skipped = (change + before..change + after).contains(&wanted);
            if is_skipped {
                prop_assert_eq!(shown, wanted + after - before);
            } else {
                prop_assert_eq!(shown, wanted);
                prop_assert!(start <= wanted - after || start <= wanted - before);
            }
        }

        #[test]
        fn an_hour_is_3600_seconds(now in 0..4_000_000_000_i64, hours in 1..20_000_i64) {
            let options = options(Some(&format!("{hours}h")), None, Some("Some/Zone"));
            let resolved = resolve_times(&options, now, berlin).unwrap();
            prop_assert_eq!(at(&resolved.start_time.unwrap()), now - hours * HOUR);
        }

        #[test]
        fn every_day_of_the_calendar_begins_at_its_midnight(day in 0..20_000_i64) {
            let date = iso(day * DAY).unwrap()[..10].to_owned();
            let resolved = resolve_times(&options(None, Some(&date), Some("Some/Zone")), 0, berlin);
            let start = at(&resolved.unwrap().start_time.unwrap());
            prop_assert_eq!(start + berlin(start).unwrap(), day * DAY);
        }
    }
}
