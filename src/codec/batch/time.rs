//! Dates and timestamps, parsed from text.

use std::ops::RangeInclusive;

use arrow_schema::TimeUnit;

use super::{primitive::Parse, value_error::ValueError};
use crate::msgpack::Value;

/// Maximum number of digits of a year. Ten thousand times the range of every unit is still far from an overflow.
const MAX_YEAR_DIGITS: usize = 9;

/// `yyyy-MM-dd` as days since 1970-01-01. A year may have a sign and more than four digits.
#[derive(Debug)]
pub struct Date;

impl Parse<i32> for Date {
    fn parse(&self, value: Value<'_>) -> Result<i32, Box<ValueError>> {
        let Value::Str(text) = value else {
            return Err(ValueError::type_mismatch(&value, "date"));
        };
        match parse_date(text) {
            Some((days, [])) => {
                i32::try_from(days).map_err(|_| ValueError::out_of_range(&value, "date"))
            }
            _ => Err(ValueError::type_mismatch(&value, "a date as yyyy-MM-dd")),
        }
    }
}

/// `yyyy-MM-dd HH:mm:ss.SSS` as a number of units since 1970-01-01, without a time zone.
#[derive(Debug)]
pub struct Timestamp {
    /// Number of digits that the unit has for the fraction of a second.
    digits: usize,
}

impl Timestamp {
    /// Timestamps in units of `unit`.
    pub fn new(unit: TimeUnit) -> Self {
        let digits = match unit {
            TimeUnit::Second => 0,
            TimeUnit::Millisecond => 3,
            TimeUnit::Microsecond => 6,
            TimeUnit::Nanosecond => 9,
        };
        Self { digits }
    }
}

impl Parse<i64> for Timestamp {
    fn parse(&self, value: Value<'_>) -> Result<i64, Box<ValueError>> {
        let Value::Str(text) = value else {
            return Err(ValueError::type_mismatch(&value, "timestamp"));
        };
        let Some((seconds, fraction)) = parse_timestamp(text) else {
            let expected = "a timestamp as yyyy-MM-dd HH:mm:ss.SSS";
            return Err(ValueError::type_mismatch(&value, expected));
        };
        self.count(seconds, fraction)
            .ok_or_else(|| ValueError::out_of_range(&value, &format!("timestamp({})", self.digits)))
    }
}

impl Timestamp {
    fn count(&self, seconds: i64, fraction: &[u8]) -> Option<i64> {
        let (kept, lost) = fraction
            .split_at_checked(self.digits)
            .unwrap_or((fraction, &[]));
        if lost.iter().any(|&digit| digit != b'0') {
            return None;
        }
        let mut count = i128::from(seconds);
        for index in 0..self.digits {
            let digit = kept.get(index).map_or(0, |digit| digit - b'0');
            count = count * 10 + i128::from(digit);
        }
        i64::try_from(count).ok()
    }
}

/// The Unix seconds of the years 1 to 9999, which every reader has. Milliseconds that are taken for seconds are outside of it.
const UNIX_TIMES: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Integers in Unix seconds, as milliseconds since 1970-01-01 in UTC.
#[derive(Debug)]
pub struct UnixTime;

impl Parse<i64> for UnixTime {
    #[inline]
    fn parse(&self, value: Value<'_>) -> Result<i64, Box<ValueError>> {
        match value {
            Value::Int(seconds) if UNIX_TIMES.contains(&seconds) => Ok(seconds * 1000),
            Value::Int(_) | Value::BigInt(_) => Err(ValueError::out_of_range(
                &value,
                "a timestamp of the years 1 to 9999 in Unix seconds",
            )),
            _ => Err(ValueError::type_mismatch(
                &value,
                "an integer of Unix seconds",
            )),
        }
    }
}

/// Seconds since 1970-01-01, and the digits of the fraction.
fn parse_timestamp(text: &[u8]) -> Option<(i64, &[u8])> {
    let (days, rest) = parse_date(text)?;
    let [b' ' | b'T', rest @ ..] = rest else {
        return None;
    };
    let (hour, rest) = two_digits(rest)?;
    let (minute, rest) = two_digits(rest.strip_prefix(b":")?)?;
    let (second, rest) = two_digits(rest.strip_prefix(b":")?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = match rest {
        [] => rest,
        [b'.', fraction @ ..] if !fraction.is_empty() => fraction,
        _ => return None,
    };
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    let all_digits = fraction.iter().all(u8::is_ascii_digit);
    all_digits.then_some((seconds, fraction))
}

/// Days since 1970-01-01, and the rest of the text.
fn parse_date(text: &[u8]) -> Option<(i64, &[u8])> {
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(4..=MAX_YEAR_DIGITS).contains(&len) {
        return None;
    }
    let (year, rest) = rest.split_at_checked(len)?;
    let year = year
        .iter()
        .fold(0, |year, digit| year * 10 + i64::from(digit - b'0'));
    let year = if negative { -year } else { year };
    let (month, rest) = two_digits(rest.strip_prefix(b"-")?)?;
    let (day, rest) = two_digits(rest.strip_prefix(b"-")?)?;
    if !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    Some((days_since_epoch(year, month, day), rest))
}

fn two_digits(text: &[u8]) -> Option<(i64, &[u8])> {
    match text {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => {
            Some((i64::from((tens - b'0') * 10 + ones - b'0'), rest))
        }
        _ => None,
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. Years start in March, so that the leap day is the last day of a
/// year; an era has 400 years.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}
