//! Lenient deserialization. In TD's replies numbers may be strings, strings may be numbers, and a missing value may be null, an
//! empty string or a missing field.

use petit_text::MAX_SAFE_INTEGER;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value;

use super::time;

/// A string, or another value as its JSON text; `None` for null, `""` and whitespace.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(to_text(Value::deserialize(from)?))
}

/// As [`text`], with `""` for `None`.
pub fn text_or_empty<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(text(from)?.unwrap_or_default())
}

/// A count of rows or bytes: an integer from 0 to 2^64 - 1, as a number or a string. A negative number is `None`.
pub fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    parse_count(Value::deserialize(from)?, u64::MAX).map_err(D::Error::custom)
}

/// A count of days, seconds or parts: an integer from 0 to 2^53 - 1, because it is a number in JavaScript.
pub fn small_count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    parse_count(Value::deserialize(from)?, MAX_SAFE_INTEGER).map_err(D::Error::custom)
}

fn parse_count(value: Value, max: u64) -> Result<Option<u64>, String> {
    let Some(text) = to_text(value) else {
        return Ok(None);
    };
    let text = text.trim();
    match text.parse::<i128>() {
        Ok(..0) => Ok(None),
        Ok(count) if count <= i128::from(max) => Ok(u64::try_from(count).ok()),
        _ => Err(format!("{text:?} is not a valid count")),
    }
}

/// A boolean, also as a string in any case, or as 1 and 0.
pub fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    let Some(text) = text(from)? else {
        return Ok(None);
    };
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        other => Err(D::Error::custom(format!("{other:?} is not a boolean"))),
    }
}

/// Unix seconds, from a number, a string of it, or an ISO 8601 time. `None` for anything else, because no decision depends on
/// it.
pub fn timestamp<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let Some(text) = text(from)? else {
        return Ok(None);
    };
    let text = text.trim();
    let iso = text.strip_suffix(" UTC").map(|text| format!("{text}Z"));
    let seconds = text
        .parse()
        .ok()
        .or_else(|| time::parse_iso(iso.as_deref().unwrap_or(text)).ok());
    Ok(seconds.filter(|seconds: &i64| seconds.unsigned_abs() <= MAX_SAFE_INTEGER))
}

/// An array; null and a missing field are an empty array.
pub fn list<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

fn to_text(value: Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text,
        Value::Number(number) => match number.as_f64() {
            // JavaScript may pass a count as 12.0. Beyond 2^53 - 1, it would not be exact.
            Some(float) if number.is_f64() && is_exact(float) => format!("{float:.0}"),
            _ => number.to_string(),
        },
        other @ (Value::Bool(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
    };
    (!text.trim().is_empty()).then_some(text)
}

#[expect(clippy::cast_precision_loss, reason = "2^53 - 1 is exact")]
fn is_exact(float: f64) -> bool {
    float.fract() == 0.0 && float.abs() <= MAX_SAFE_INTEGER as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_comes_from_anything() {
        let cases = [
            (json!("a"), Some("a")),
            (json!(""), None),
            (json!("  "), None),
            (json!(null), None),
            (
                json!(18_446_744_073_709_551_615_u64),
                Some("18446744073709551615"),
            ),
            (json!(12.0), Some("12")),
            (json!(1.5), Some("1.5")),
            (json!(true), Some("true")),
            (json!({"a": 1}), Some("{\"a\":1}")),
            (json!([1]), Some("[1]")),
        ];
        for (value, expected) in cases {
            assert_eq!(text(&value).unwrap().as_deref(), expected, "{value}");
        }
        assert_eq!(text_or_empty(&json!(null)).unwrap(), "");
    }

    #[test]
    fn counts_come_as_numbers_or_text() {
        let cases = [
            (json!(7), Some(7)),
            (json!(7.0), Some(7)),
            (json!("7"), Some(7)),
            (json!(" 7 "), Some(7)),
            (json!(""), None),
            (json!(null), None),
            (json!(-1), None),
            (
                json!(9_007_199_254_740_991_u64),
                Some(9_007_199_254_740_991),
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(count(&value).unwrap(), expected, "{value}");
            assert_eq!(small_count(&value).unwrap(), expected, "{value}");
        }
        let too_large = [json!("18446744073709551616"), json!(1e300), json!(2e53)];
        let no_numbers = [json!("many"), json!(1.5), json!({}), json!(true)];
        for value in too_large.into_iter().chain(no_numbers) {
            assert!(count(&value).is_err(), "{value}");
            assert!(small_count(&value).is_err(), "{value}");
        }
    }

    #[test]
    fn counts_are_exact_beyond_what_a_float_holds() {
        for number in [(1_u64 << 53) + 1, u64::MAX - 1, u64::MAX] {
            for value in [json!(number), json!(number.to_string())] {
                assert_eq!(count(&value).unwrap(), Some(number), "{value}");
                assert!(small_count(&value).is_err(), "{value}");
            }
        }
        // A rounded number, whose exact value is unknown.
        assert!(count(&json!(9_007_199_254_740_992.0)).is_err());
    }

    #[test]
    fn flags_come_as_booleans_text_or_bits() {
        for value in [
            json!(true),
            json!("true"),
            json!("True"),
            json!(1),
            json!("1"),
        ] {
            assert_eq!(flag(&value).unwrap(), Some(true), "{value}");
        }
        for value in [json!(false), json!("FALSE"), json!(0)] {
            assert_eq!(flag(&value).unwrap(), Some(false), "{value}");
        }
        assert_eq!(flag(&json!(null)).unwrap(), None);
        assert!(flag(&json!("perhaps")).is_err());
    }

    #[test]
    fn timestamps_come_in_every_form() {
        for value in [
            json!(1_412_385_193),
            json!("1412385193"),
            json!("2014-10-04T01:13:13Z"),
            json!("2014-10-04 01:13:13 UTC"),
        ] {
            assert_eq!(timestamp(&value).unwrap(), Some(1_412_385_193), "{value}");
        }
        for value in [json!(null), json!(""), json!("soon"), json!(i64::MIN)] {
            assert_eq!(timestamp(&value).unwrap(), None, "{value}");
        }
    }
}
