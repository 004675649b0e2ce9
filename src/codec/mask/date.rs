//! The methods on times: they keep the day or the month, in UTC.

const SECONDS_PER_DAY: i128 = 86_400;

/// From this magnitude on, an integer is a time in milliseconds; below, in seconds (to the year 5138).
const MILLISECONDS_FROM: u128 = 100_000_000_000;
/// From this magnitude on, in microseconds.
const MICROSECONDS_FROM: u128 = 100_000_000_000_000;

/// A Unix time in seconds, milliseconds or microseconds, at the start of its day or month.
pub(super) fn integer(value: i128, to_month: bool) -> i128 {
    let unit = match value.unsigned_abs() {
        ..MILLISECONDS_FROM => 1,
        MILLISECONDS_FROM..MICROSECONDS_FROM => 1_000,
        MICROSECONDS_FROM.. => 1_000_000,
    };
    let day = value.div_euclid(unit * SECONDS_PER_DAY);
    let day = if to_month { first_of_month(day) } else { day };
    day * unit * SECONDS_PER_DAY
}

/// The first day of the month of a day. Days count from 1970-01-01.
///
/// The calendar repeats every 400 years. Years begin in March, so that the leap day is the last one.
fn first_of_month(day: i128) -> i128 {
    const DAYS_PER_400_YEARS: i128 = 146_097;
    /// Days from 0000-03-01 to 1970-01-01.
    const EPOCH: i128 = 719_468;
    let of_era = (day + EPOCH).rem_euclid(DAYS_PER_400_YEARS);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    day - (of_year - (153 * month + 2) / 5)
}

/// Appends a time that starts with a date such as 2026-05-17: the time of day becomes 0, and of a month only the first day is
/// left. If other text follows the date, only the date is appended. Returns false, and appends nothing, for other text.
pub(super) fn text(text: &[u8], to_month: bool, out: &mut Vec<u8>) -> bool {
    let Some((date, rest)) = text.split_first_chunk::<10>() else {
        return false;
    };
    let is_date = date.iter().enumerate().all(|(index, byte)| match index {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !is_date {
        return false;
    }
    let [year @ .., _, _] = date;
    if to_month {
        out.extend(year);
        out.extend(b"01");
    } else {
        out.extend(date);
    }
    let rest_is_time = rest
        .strip_suffix(b" UTC")
        .unwrap_or(rest)
        .iter()
        .all(|byte| byte.is_ascii_digit() || b":.,+-TZ ".contains(byte));
    if rest_is_time {
        out.extend(rest.iter().map(|byte| match byte {
            b'0'..=b'9' => b'0',
            other => *other,
        }));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_cut_to_the_day_or_month() {
        let noon = 1_747_483_200; // 2025-05-17 12:00:00
        let (day, month) = (1_747_440_000, 1_746_057_600);
        for unit in [1, 1_000, 1_000_000] {
            assert_eq!(integer(noon * unit + unit / 2, false), day * unit, "{unit}");
            assert_eq!(
                integer(noon * unit + unit / 2, true),
                month * unit,
                "{unit}"
            );
        }
        assert_eq!(integer(-1, false), -86_400);
        assert_eq!(integer(-1, true), -31 * 86_400);
    }

    #[test]
    fn every_first_of_a_month_is_its_own() {
        let mut day = 0;
        for year in 1970..2101 {
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for month in 1..=12 {
                let days = match month {
                    2 => 28 + i128::from(is_leap),
                    4 | 6 | 9 | 11 => 30,
                    _ => 31,
                };
                assert_eq!(first_of_month(day), day, "{year}-{month}");
                assert_eq!(first_of_month(day + days - 1), day, "{year}-{month}");
                day += days;
            }
        }
    }

    #[test]
    fn texts_are_cut_to_the_day_or_month() {
        let cut = |value: &str, to_month| {
            let mut out = Vec::new();
            let is_time = text(value.as_bytes(), to_month, &mut out);
            is_time.then(|| String::from_utf8(out).unwrap())
        };
        for (value, day, month) in [
            ("2025-05-17", "2025-05-17", "2025-05-01"),
            (
                "2025-05-17 12:34:56.789",
                "2025-05-17 00:00:00.000",
                "2025-05-01 00:00:00.000",
            ),
            (
                "2025-05-17T12:34:56Z",
                "2025-05-17T00:00:00Z",
                "2025-05-01T00:00:00Z",
            ),
            (
                "2025-05-17 12:34:56 UTC",
                "2025-05-17 00:00:00 UTC",
                "2025-05-01 00:00:00 UTC",
            ),
            ("2025-05-17 born: Alice", "2025-05-17", "2025-05-01"),
        ] {
            assert_eq!(cut(value, false).as_deref(), Some(day));
            assert_eq!(cut(value, true).as_deref(), Some(month));
        }
        for other in ["", "17/05/2025", "2025-5-17", "Alice", "2025/05/17"] {
            assert_eq!(cut(other, false), None, "{other}");
        }
    }
}
