//! Job results that are small enough to be read whole: counts, checksums, a sample of records.

use petit_text::{quoted, sanitize};

use crate::{
    Error, Result,
    batch::json,
    gzip::Inflater,
    msgpack::{Reader, Value},
};

/// Maximum length of a record in a sample, in characters.
const MAX_RECORD_CHARS: usize = 400;

/// Maximum decompressed size of a small result, in bytes. Bytes beyond it are not read.
const MAX_INFLATED_BYTES: usize = 1 << 20;

/// The result of a query for a count: one row with one integer.
///
/// # Errors
/// [`Error::UnexpectedResult`] for any other result, [`Error::Gzip`] for damaged bytes.
pub fn read_count(gzipped: &[u8]) -> Result<u64> {
    let rows = inflate(gzipped)?;
    let mut reader = Reader::new(&rows);
    let mut next = || reader.value().ok();
    if let (Some(Value::Array(1)), Some(Value::Int(count))) = (next(), next())
        && reader.is_empty()
        && let Ok(count) = u64::try_from(count)
    {
        return Ok(count);
    }
    Err(Error::UnexpectedResult {
        action: "count the rows",
        reason: "the result is not one row with one integer".into(),
    })
}

/// The values of a result of one row: an integer in decimal, text, or `None` for NULL.
///
/// # Errors
/// [`Error::UnexpectedResult`] for any other result, [`Error::Gzip`] for damaged bytes.
pub fn read_row(gzipped: &[u8]) -> Result<Vec<Option<String>>> {
    let rows = inflate(gzipped)?;
    let mut reader = Reader::new(&rows);
    let values = text_row(&mut reader).filter(|_| reader.is_empty());
    values.ok_or_else(|| Error::UnexpectedResult {
        action: "compare tables",
        reason: "the result is not one row of integers and texts".into(),
    })
}

/// The rows of a small result, each as in [`read_row`].
///
/// # Errors
/// As [`read_row`], and [`Error::TooLarge`] for more than 1 MiB.
pub fn read_rows(gzipped: &[u8]) -> Result<Vec<Vec<Option<String>>>> {
    let bytes = inflate(gzipped)?;
    if bytes.len() >= MAX_INFLATED_BYTES {
        return Err(Error::TooLarge {
            reason: "the result exceeds 1 MiB".into(),
        });
    }
    let mut reader = Reader::new(&bytes);
    let mut rows = Vec::new();
    while !reader.is_empty() {
        let row = text_row(&mut reader).ok_or_else(|| Error::UnexpectedResult {
            action: "read the catalog",
            reason: "a row is not integers and texts".into(),
        });
        rows.push(row?);
    }
    Ok(rows)
}

/// The rows of a result, each as in [`read_row`], as far as they are whole: the bytes may be truncated anywhere. What is after
/// 1 MiB, or after a value that is neither an integer nor text, is not read.
///
/// # Errors
/// [`Error::Gzip`] for damaged bytes.
pub fn read_whole_rows(gzipped: &[u8]) -> Result<Vec<Vec<Option<String>>>> {
    let bytes = inflate(gzipped)?;
    let mut reader = Reader::new(&bytes);
    Ok(std::iter::from_fn(|| text_row(&mut reader)).collect())
}

fn text_row(reader: &mut Reader<'_>) -> Option<Vec<Option<String>>> {
    let Ok(Value::Array(length)) = reader.value() else {
        return None;
    };
    let mut values = Vec::new();
    for _ in 0..length {
        values.push(match reader.value().ok()? {
            Value::Nil => None,
            Value::Int(number) => Some(number.to_string()),
            Value::Str(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Value::Bool(_)
            | Value::BigInt(_)
            | Value::F32(_)
            | Value::F64(_)
            | Value::Bin(_)
            | Value::Array(_)
            | Value::Map(_)
            | Value::Ext(..) => return None,
        });
    }
    Some(values)
}

/// The number of rows in an interval of time, which is one row of the query for counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeCount {
    /// The number of rows.
    pub rows: u64,
    /// The first and the last `time`, in Unix seconds; `None` for rows without a time.
    pub span: Option<(i64, i64)>,
}

/// The result of a query for counts by time. Each row has three integers: a count, and the first and the last time, which may
/// be NULL. The sum of all counts fits a `u64`.
///
/// # Errors
/// As [`read_count`], and [`Error::TooLarge`] for more counts than 1 MiB.
pub fn read_time_counts(gzipped: &[u8]) -> Result<Vec<TimeCount>> {
    let counts = read_counts(gzipped, 3)?;
    Ok(counts.into_iter().map(|counted| counted.count).collect())
}

/// The number of rows in an interval of time, and their checksum if the query computes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedCount {
    /// The number, and the times.
    pub count: TimeCount,
    /// The checksum.
    pub checksum: Option<String>,
}

/// As [`read_time_counts`]. A fourth value of each row is text: a checksum.
///
/// # Errors
/// As [`read_time_counts`].
pub fn read_checked_counts(gzipped: &[u8]) -> Result<Vec<CheckedCount>> {
    read_counts(gzipped, 4)
}

fn read_counts(gzipped: &[u8], max_values: u32) -> Result<Vec<CheckedCount>> {
    let rows = inflate(gzipped)?;
    // Counts beyond the limit are not read, and their rows would be lost.
    if rows.len() >= MAX_INFLATED_BYTES {
        return Err(Error::TooLarge {
            reason: "the rows are in too many days or hours; use larger partitions".into(),
        });
    }
    let unexpected = |reason: &str| Error::UnexpectedResult {
        action: "count the rows by time",
        reason: reason.into(),
    };
    let mut reader = Reader::new(&rows);
    let mut counts = Vec::new();
    let mut sum = 0_u64;
    while !reader.is_empty() {
        let counted = checked_count(&mut reader, max_values)
            .ok_or_else(|| unexpected("a row is not a count and two times"))?;
        sum = sum
            .checked_add(counted.count.rows)
            .ok_or_else(|| unexpected("the sum of the counts exceeds 2^64"))?;
        counts.push(counted);
    }
    Ok(counts)
}

fn checked_count(reader: &mut Reader<'_>, max_values: u32) -> Option<CheckedCount> {
    let Value::Array(values) = reader.value().ok()? else {
        return None;
    };
    if !(3..=max_values).contains(&values) {
        return None;
    }
    let count = time_count(reader)?;
    let checksum = match (values == 4).then(|| reader.value()) {
        None => None,
        Some(Ok(Value::Str(text))) => Some(String::from_utf8_lossy(text).into_owned()),
        Some(_) => return None,
    };
    Some(CheckedCount { count, checksum })
}

fn time_count(reader: &mut Reader<'_>) -> Option<TimeCount> {
    let mut next = || reader.value().ok();
    let Value::Int(rows) = next()? else {
        return None;
    };
    let rows = u64::try_from(rows).ok()?;
    let span = match (next()?, next()?) {
        (Value::Int(first), Value::Int(last)) => Some((first, last)),
        (first, last) => (first == Value::Nil && last == Value::Nil).then_some(None)?,
    };
    Some(TimeCount { rows, span })
}

/// The first records of gzipped MessagePack as JSON text, at most `max`. The bytes may be truncated anywhere. Records that JSON
/// cannot represent are omitted.
pub fn sample_records(gzipped: &[u8], max: usize) -> Vec<String> {
    sample(gzipped, max, |value, record| {
        let mut text = Vec::new();
        json::write(value, record, &mut text).ok()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    })
}

/// The first records of gzipped MessagePack, at most `max`, with the types of their values in place of the values:
/// `"id" an integer, "name" text`. What is no map is its type.
pub fn describe_records(gzipped: &[u8], max: usize) -> Vec<String> {
    sample(gzipped, max, |value, record| {
        let Value::Map(len) = value else {
            return Some(value.type_name());
        };
        let mut columns = Vec::new();
        for _ in 0..len {
            let key = record.value().ok()?;
            let name = if let Value::Str(name) = key {
                quoted(&String::from_utf8_lossy(name))
            } else {
                key.type_name()
            };
            let bytes = record.skip().ok()?;
            let kind = Reader::new(bytes).value().ok()?.type_name();
            columns.push(format!("{name} {kind}"));
        }
        Some(columns.join(", "))
    })
}

/// The text of the first records, at most `max`.
fn sample(
    gzipped: &[u8],
    max: usize,
    describe: impl Fn(Value<'_>, &mut Reader<'_>) -> Option<String>,
) -> Vec<String> {
    let Ok(records) = inflate(gzipped) else {
        return Vec::new();
    };
    let mut reader = Reader::new(&records);
    let mut shown = Vec::new();
    while shown.len() < max
        && !reader.is_empty()
        && let Ok(bytes) = reader.skip()
    {
        let mut record = Reader::new(bytes);
        let text = record.value().ok();
        if let Some(text) = text.and_then(|value| describe(value, &mut record)) {
            shown.push(sanitize(&text, MAX_RECORD_CHARS));
        }
    }
    shown
}

fn inflate(gzipped: &[u8]) -> Result<Vec<u8>> {
    let mut inflater = Inflater::new();
    let mut bytes = Vec::with_capacity(MAX_INFLATED_BYTES);
    inflater.inflate(gzipped, &mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{V, gzip, m, rows, s};

    #[test]
    fn a_count_is_one_whole_number() {
        for count in [0, 1, 9_007_199_254_740_993, i64::MAX] {
            let result = gzip(&rows([[V::Int(count)]]));
            assert_eq!(read_count(&result), Ok(u64::try_from(count).unwrap()));
        }
    }

    #[test]
    fn other_results_are_not_a_count() {
        let results = [
            vec![],
            rows([[s("1")]]),
            rows([[V::Int(-1)]]),
            rows([[V::Nil]]),
            rows([[V::Int(1), V::Int(2)]]),
            rows([[V::Int(1)], [V::Int(2)]]),
        ];
        for result in results {
            assert_eq!(
                read_count(&gzip(&result)).unwrap_err().code(),
                "unexpected_reply"
            );
        }
        assert_eq!(
            read_count(b"no gzip at all").unwrap_err().code(),
            "corrupt_gzip"
        );
    }

    #[test]
    fn a_row_is_numbers_and_texts() {
        let text = |text: &str| Some(text.to_owned());
        let read = |result: &[u8]| read_row(&gzip(result)).map_err(|error| error.code());
        assert_eq!(
            read(&rows([[V::Int(9_007_199_254_740_993), s("0aF"), V::Nil]])),
            Ok(vec![text("9007199254740993"), text("0aF"), None])
        );
        for other in [
            vec![],
            rows([[V::Int(1)], [V::Int(2)]]),
            rows([[V::F64(1.0)]]),
        ] {
            assert_eq!(read(&other), Err("unexpected_reply"));
        }
    }

    #[test]
    fn counts_by_time_may_lack_the_time() {
        let result = gzip(&rows([
            [V::Int(3), V::Int(-5), V::Int(9)],
            [V::Int(1), V::Nil, V::Nil],
        ]));
        let expected = [(3, Some((-5, 9))), (1, None)].map(|(rows, span)| TimeCount { rows, span });
        assert_eq!(read_time_counts(&result).unwrap(), expected);
        assert_eq!(read_time_counts(&gzip(&[])).unwrap(), []);
        let many = rows(std::iter::repeat_n(
            [V::Int(1), V::Nil, V::Nil],
            MAX_INFLATED_BYTES / 4 + 1,
        ));
        assert_eq!(
            read_time_counts(&gzip(&many)).unwrap_err().code(),
            "not_allowed"
        );
        for bad in [
            rows([[V::Int(-1), V::Int(1), V::Int(1)]]),
            rows([[V::Int(1), V::Nil, V::Int(1)]]),
            rows(std::iter::repeat_n([V::Int(i64::MAX), V::Nil, V::Nil], 3)),
            rows([[s("1"), V::Int(1), V::Int(1)]]),
            rows([[V::Int(1)]]),
        ] {
            let error = read_time_counts(&gzip(&bad)).unwrap_err();
            assert_eq!(error.code(), "unexpected_reply");
        }
    }

    #[test]
    fn a_count_may_have_a_checksum() {
        let result = gzip(&rows([[V::Int(3), V::Int(1), V::Int(2), s("0aF")]]));
        let count = TimeCount {
            rows: 3,
            span: Some((1, 2)),
        };
        let checksum = Some("0aF".to_owned());
        assert_eq!(
            read_checked_counts(&result).unwrap(),
            [CheckedCount { count, checksum }]
        );
        let plain = gzip(&rows([[V::Int(3), V::Int(1), V::Int(2)]]));
        let checksum = None;
        assert_eq!(
            read_checked_counts(&plain).unwrap(),
            [CheckedCount { count, checksum }]
        );
        for bad in [V::Nil, V::Int(1)] {
            let result = gzip(&rows([[V::Int(3), V::Int(1), V::Int(2), bad]]));
            let error = read_checked_counts(&result).unwrap_err();
            assert_eq!(error.code(), "unexpected_reply");
        }
        assert!(read_time_counts(&result).is_err());
    }

    #[test]
    fn records_are_shown_as_json() {
        let records = [
            m([(s("a"), V::Int(1))]).bytes(),
            m([(s("b"), V::F64(f64::NAN))]).bytes(),
            m([(V::Int(7), s("x"))]).bytes(),
            m([(s("c"), V::Nil)]).bytes(),
        ];
        let mut gzipped = gzip(&records.concat());
        assert_eq!(sample_records(&gzipped, 2), [r#"{"a":1}"#, r#"{"7":"x"}"#]);
        assert_eq!(sample_records(&gzipped, 9).len(), 3);
        assert_eq!(
            describe_records(&gzipped, 9),
            [
                "\"a\" an integer",
                "\"b\" a float",
                "an integer text",
                "\"c\" NULL"
            ]
        );
        gzipped.truncate(gzipped.len() - 12);
        assert!(sample_records(&gzipped, 9).len() <= 3);
        assert!(sample_records(b"", 9).is_empty());
        assert!(sample_records(b"no gzip", 9).is_empty());
    }
}
