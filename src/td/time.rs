//! Points in time: text to Unix time.

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike};

/// A date-time after its date. `%.f` is an optional fraction; `%#z` is `Z`, `+09:00`, `+0900` or `+09`.
const TIME_FORMATS: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"];

/// Unix seconds of an ISO 8601 date (midnight UTC), or of a date-time with its zone.
///
/// A fraction of a second counts as the next whole second, so that "at or after" and "before" hold for whole seconds. The
/// error is a reason for a message.
pub fn parse_iso(text: &str) -> Result<i64, &'static str> {
    let date = text
        .get(..10)
        .filter(|date| date.starts_with(|first: char| first.is_ascii_digit()))
        .and_then(|date| date.parse::<NaiveDate>().ok())
        .ok_or("not a date such as 2024-12-31")?;
    let rest = text.get(10..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(date.and_time(NaiveTime::MIN).and_utc().timestamp());
    }
    let clock = rest
        .strip_prefix(['T', 't', ' '])
        .ok_or("expected a T between the date and the time")?;
    if !clock.contains(['Z', 'z', '+', '-']) {
        return Err("a time needs a time zone, such as Z or +09:00");
    }
    let text = format!("{date}T{clock}");
    let time = TIME_FORMATS
        .iter()
        .find_map(|format| DateTime::parse_from_str(&text, format).ok())
        .filter(|time| time.nanosecond() < NANOSECONDS)
        .ok_or("not a time such as 23:59:59Z or 23:59:59+09:00")?;
    Ok(time.timestamp() + i64::from(time.nanosecond() > 0))
}

/// Nanoseconds of a second. chrono gives a leap second, which Unix time does not have, more than that.
const NANOSECONDS: u32 = 1_000_000_000;

/// Unix milliseconds of an HTTP date (RFC 9110 §5.6.7): `Wed, 21 Oct 2015 07:28:00 GMT`.
pub fn parse_http_date(text: &str) -> Option<u64> {
    let date = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    u64::try_from(date.timestamp_millis()).ok()
}

/// Unix milliseconds of a time as TD writes it: `2020-12-31 11:22:33 UTC`, with an offset such as `-0500`, or ISO 8601.
pub fn parse_td(text: &str) -> Option<u64> {
    let text = text.trim();
    let text = text
        .strip_suffix(" UTC")
        .map_or_else(|| text.into(), |text| format!("{text}Z"));
    let text = match text.rsplit_once(' ') {
        Some((rest, zone)) if zone.starts_with(['+', '-']) => format!("{rest}{zone}"),
        _ => text,
    };
    u64::try_from(parse_iso(&text).ok()?.checked_mul(1000)?).ok()
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
    fn invalid_iso_times_have_a_reason() {
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
            ("2024-01-01x", "expected a T between the date and the time"),
            (
                "2024-01-01T00:00:00",
                "a time needs a time zone, such as Z or +09:00",
            ),
            (
                "2024-01-01T24:00:00Z",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
            (
                "2024-01-01T00:00:60Z",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
            (
                "2024-01-01T00Z",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
            (
                "2024-01-01T00:00.5Z",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
            (
                "2024-01-01T00:00:00.Z",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
            (
                "2024-01-01T00:00:00:00Z",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
            (
                "2024-01-01T00:00:00+9",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
            (
                "2024-01-01T00:00:00+24:00",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
            (
                "2024-01-01T00:00:00+09:60",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
            (
                "2024-01-01T00:00:00Zulu",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
            (
                "2024-01-01T00:00:00+09:00' OR 1=1",
                "not a time such as 23:59:59Z or 23:59:59+09:00",
            ),
        ];
        for (text, reason) in cases {
            assert_eq!(parse_iso(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn times_of_td_give_unix_milliseconds() {
        for text in [
            "2020-12-31 11:22:33 UTC",
            "2020-12-31 06:22:33 -0500",
            "2020-12-31T11:22:33Z",
            "2020-12-31 20:22:33+09:00",
        ] {
            assert_eq!(parse_td(text), Some(1_609_413_753_000), "{text}");
        }
        for text in ["", "2020-12-31 11:22:33", "1969-12-31 00:00:00 UTC"] {
            assert_eq!(parse_td(text), None, "{text}");
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
