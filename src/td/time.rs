//! Points in time, as text and as Unix seconds.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

/// Unix seconds of an ISO 8601 date (midnight UTC) or date-time with its zone.
///
/// A fraction of a second counts as the next whole one, so that "at or after" and "before" stay true of whole seconds.
/// The error is the reason, for a message.
pub fn parse_iso(text: &str) -> Result<i64, &'static str> {
    let date = text.get(..10).ok_or("not a date such as 2024-12-31")?;
    let date = parse_date(date).ok_or("not a date such as 2024-12-31")?;
    let rest = text.get(10..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(date.and_time(NaiveTime::MIN).and_utc().timestamp());
    }
    let clock = rest
        .strip_prefix(['T', 't', ' '])
        .ok_or("a T must stand between date and time")?;
    let zone_at = clock
        .find(['Z', 'z', '+', '-'])
        .ok_or("a time needs its zone, such as Z or +09:00")?;
    let (clock, zone) = clock.split_at(zone_at);
    let (time, fraction) = parse_clock(clock).ok_or("not a time such as 23:59:59")?;
    let zone = parse_zone(zone).ok_or("not a zone such as Z or +09:00")?;
    let seconds = zone
        .from_local_datetime(&NaiveDateTime::new(date, time))
        .single()
        .ok_or("out of range")?
        .timestamp();
    Ok(seconds + i64::from(fraction))
}

/// Unix milliseconds of an HTTP date: `Wed, 21 Oct 2015 07:28:00 GMT`.
pub fn parse_http_date(text: &str) -> Option<u64> {
    let date = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    u64::try_from(date.timestamp_millis()).ok()
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    let day = digits(parts.next()?, 2)?;
    parts.next().is_none().then_some(())?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// `23:59`, `23:59:59` or `23:59:59.5`, and whether there is a fraction beyond the second.
fn parse_clock(text: &str) -> Option<(NaiveTime, bool)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut parts = whole.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let second = match parts.next() {
        Some(second) => digits(second, 2)?,
        None if text.contains('.') => return None,
        None => 0,
    };
    parts.next().is_none().then_some(())?;
    let time = NaiveTime::from_hms_opt(hour, minute, second)?;
    Some((time, fraction.bytes().any(|byte| byte != b'0')))
}

/// `Z`, `+09:00`, `+0900` or `+09`.
fn parse_zone(text: &str) -> Option<FixedOffset> {
    if text.eq_ignore_ascii_case("z") {
        return FixedOffset::east_opt(0);
    }
    let (sign, offset) = text.split_at_checked(1)?;
    let (hours, minutes) = match offset.split_once(':') {
        Some(parts) => parts,
        None if offset.len() == 4 => offset.split_at_checked(2)?,
        None => (offset, "00"),
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    FixedOffset::east_opt(if sign == "-" { -seconds } else { seconds })
}

fn digits(text: &str, width: usize) -> Option<u32> {
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (text.len() == width && all_digits).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_times_give_unix_seconds() {
        let cases = [
            ("1970-01-01", 0),
            ("2024-02-29", 1_709_164_800),
            ("2024-01-01T00:00:00Z", 1_704_067_200),
            ("2024-01-01t00:00z", 1_704_067_200),
            ("2024-01-01 00:00:00Z", 1_704_067_200),
            ("2024-01-01T09:00:00+09:00", 1_704_067_200),
            ("2024-01-01T09:00+0900", 1_704_067_200),
            ("2024-01-01T09:00:00+09", 1_704_067_200),
            ("2023-12-31T18:30:00-05:30", 1_704_067_200),
            ("2024-01-01T00:00:00.000Z", 1_704_067_200),
            ("2024-01-01T00:00:00.001Z", 1_704_067_201),
            ("1969-12-31T23:59:59Z", -1),
            ("0001-01-01", -62_135_596_800),
        ];
        for (text, seconds) in cases {
            assert_eq!(parse_iso(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_iso_time_is_refused_with_a_reason() {
        let cases = [
            ("", "not a date such as 2024-12-31"),
            ("yesterday", "not a date such as 2024-12-31"),
            ("2024-1-1", "not a date such as 2024-12-31"),
            ("2024-13-01", "not a date such as 2024-12-31"),
            ("2023-02-29", "not a date such as 2024-12-31"),
            ("20240101T0", "not a date such as 2024-12-31"),
            ("2024-01-0é", "not a date such as 2024-12-31"),
            ("+024-01-01", "not a date such as 2024-12-31"),
            ("2024-01--1", "not a date such as 2024-12-31"),
            ("2024-01-01x", "a T must stand between date and time"),
            (
                "2024-01-01T00:00:00",
                "a time needs its zone, such as Z or +09:00",
            ),
            ("2024-01-01T24:00:00Z", "not a time such as 23:59:59"),
            ("2024-01-01T00:00:60Z", "not a time such as 23:59:59"),
            ("2024-01-01T00Z", "not a time such as 23:59:59"),
            ("2024-01-01T00:00.5Z", "not a time such as 23:59:59"),
            ("2024-01-01T00:00:00.Z", "not a time such as 23:59:59"),
            ("2024-01-01T00:00:00:00Z", "not a time such as 23:59:59"),
            ("2024-01-01T00:00:00+9", "not a zone such as Z or +09:00"),
            (
                "2024-01-01T00:00:00+24:00",
                "not a zone such as Z or +09:00",
            ),
            (
                "2024-01-01T00:00:00+09:60",
                "not a zone such as Z or +09:00",
            ),
            ("2024-01-01T00:00:00Zulu", "not a zone such as Z or +09:00"),
            (
                "2024-01-01T00:00:00+09:00' OR 1=1",
                "not a zone such as Z or +09:00",
            ),
        ];
        for (text, reason) in cases {
            assert_eq!(parse_iso(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn http_dates_give_unix_milliseconds() {
        let cases = [
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(1_445_412_480_000)),
            (" Thu, 01 Jan 1970 00:00:01 GMT ", Some(1000)),
            ("Wed, 31 Dec 1969 23:59:59 GMT", None),
            ("tomorrow", None),
        ];
        for (text, millis) in cases {
            assert_eq!(parse_http_date(text), millis, "{text}");
        }
    }
}
