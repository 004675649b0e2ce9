//! Answers small enough to be read whole: a count, a sample of records.

use petit_text::printable;

use crate::{
    Error, Result,
    batch::json,
    gzip::Inflater,
    msgpack::{Reader, Value},
};

/// Characters of a record that are shown at most.
const RECORD_CHARS: usize = 400;

/// Bytes that a small answer inflates to at most; what lies beyond is not read.
const MOST_BYTES: usize = 1 << 20;

/// The whole number that is the only value of a job result's only row, as a query for COUNT answers.
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
        reason: "the result is not one row of one whole number".into(),
    })
}

/// The values of a job result's only row, each a whole number in decimal, a text, or none for NULL.
///
/// # Errors
/// [`Error::UnexpectedResult`] for any other result, [`Error::Gzip`] for damaged bytes.
pub fn read_row(gzipped: &[u8]) -> Result<Vec<Option<String>>> {
    let rows = inflate(gzipped)?;
    let mut reader = Reader::new(&rows);
    let mut values = || -> Option<Vec<Option<String>>> {
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
        reader.is_empty().then_some(values)
    };
    values().ok_or_else(|| Error::UnexpectedResult {
        action: "compare tables",
        reason: "the result is not one row of numbers and texts".into(),
    })
}

/// Rows that lie together in time, as the query for counts answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeCount {
    /// How many.
    pub rows: u64,
    /// The first and the last `time`, Unix seconds; none for rows without a time.
    pub span: Option<(i64, i64)>,
}

/// Counts of rows with the first and the last of their times, rows of three whole numbers, of which the last two may be
/// NULL. Their sum, and so that of any of them, fits a `u64`.
///
/// # Errors
/// As [`read_count`].
pub fn read_time_counts(gzipped: &[u8]) -> Result<Vec<TimeCount>> {
    let rows = inflate(gzipped)?;
    // Counts beyond are not read; whoever takes these for all of them would lose the rows of the others.
    if rows.len() >= MOST_BYTES {
        return Err(Error::TooLarge {
            reason:
                "the rows lie in too many days or hours to be told apart; take larger partitions"
                    .into(),
        });
    }
    let trouble = |reason: &str| Error::UnexpectedResult {
        action: "count the rows by time",
        reason: reason.into(),
    };
    let mut reader = Reader::new(&rows);
    let mut counts = Vec::new();
    let mut sum = 0_u64;
    while !reader.is_empty() {
        let count = time_count(&mut reader)
            .ok_or_else(|| trouble("the result is not rows of a count and two times"))?;
        sum = sum
            .checked_add(count.rows)
            .ok_or_else(|| trouble("the counts add up to more rows than a table can have"))?;
        counts.push(count);
    }
    Ok(counts)
}

fn time_count(reader: &mut Reader<'_>) -> Option<TimeCount> {
    let mut next = || reader.value().ok();
    let (Value::Array(3), Value::Int(rows)) = (next()?, next()?) else {
        return None;
    };
    let rows = u64::try_from(rows).ok()?;
    let span = match (next()?, next()?) {
        (Value::Int(first), Value::Int(last)) => Some((first, last)),
        (first, last) => (first == Value::Nil && last == Value::Nil).then_some(None)?,
    };
    Some(TimeCount { rows, span })
}

/// The first records of gzipped MessagePack as JSON text, at most `most`. The bytes may end anywhere, as a sample's do;
/// what cannot be shown is left out.
pub fn sample_records(gzipped: &[u8], most: usize) -> Vec<String> {
    let Ok(records) = inflate(gzipped) else {
        return Vec::new();
    };
    let mut reader = Reader::new(&records);
    let mut shown = Vec::new();
    while shown.len() < most
        && !reader.is_empty()
        && let Ok(bytes) = reader.skip()
    {
        let mut record = Reader::new(bytes);
        let mut text = Vec::new();
        if let Ok(value) = record.value()
            && json::write(value, &mut record, &mut text).is_ok()
        {
            shown.push(printable(&String::from_utf8_lossy(&text), RECORD_CHARS));
        }
    }
    shown
}

fn inflate(gzipped: &[u8]) -> Result<Vec<u8>> {
    let mut inflater = Inflater::new();
    let mut bytes = Vec::with_capacity(MOST_BYTES);
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
    fn anything_else_is_no_count() {
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
            MOST_BYTES / 4 + 1,
        ));
        assert_eq!(
            read_time_counts(&gzip(&many)).unwrap_err().code(),
            "refused"
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
        gzipped.truncate(gzipped.len() - 12);
        assert!(sample_records(&gzipped, 9).len() <= 3);
        assert!(sample_records(b"", 9).is_empty());
        assert!(sample_records(b"no gzip", 9).is_empty());
    }
}
