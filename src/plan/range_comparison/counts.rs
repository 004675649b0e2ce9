//! The query for the rows of each range, and its answer.

use petit_codec::small_result::CheckedCount;
use petit_td::Column;
use petit_text::bigint;
use serde::Serialize;

use super::grid::RangeGrid;
use super::range::TimeSpan;
use crate::verify::checksum_of_rows;
use crate::{Error, Result, sql};

/// The rows of a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct RangeCount {
    /// The range.
    pub range: TimeSpan,
    /// Their number.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows: u64,
    /// Their checksum, if the query computes one.
    pub checksum: Option<String>,
}

/// The query for the rows of each range of a table; with columns, also for their checksums. With a condition, it is about the
/// rows for which the condition holds.
pub fn range_counts_sql(
    database: &str,
    table: &str,
    columns: Option<&[Column]>,
    condition: Option<&str>,
    grid: &RangeGrid,
) -> String {
    let from = sql::table_where(database, table, condition);
    let checksum = columns.map(|columns| format!(", {}", checksum_of_rows(columns)));
    format!(
        "SELECT COUNT(1), MIN(time), MAX(time){} FROM {from} GROUP BY {}",
        checksum.unwrap_or_default(),
        grid.group_by()
    )
}

/// The answer to [`range_counts_sql`], in the order of time. Ranges without rows are missing.
///
/// # Errors
/// [`Error::UnexpectedResult`] if a group is not a range of the grid, or a range has two groups.
pub fn read_range_counts(counts: Vec<CheckedCount>, grid: &RangeGrid) -> Result<Vec<RangeCount>> {
    let ranges = counts.into_iter().map(|CheckedCount { count, checksum }| {
        let (first, last) = count.span.unzip();
        let range = grid.range_of(first);
        let is_one = range == grid.range_of(last);
        is_one.then_some(RangeCount {
            range,
            rows: count.rows,
            checksum,
        })
    });
    let unexpected = || Error::UnexpectedResult {
        reason: "a group of rows is not a range of time".into(),
    };
    let mut ranges: Vec<_> = ranges.collect::<Option<_>>().ok_or_else(unexpected)?;
    ranges.sort_by_key(|count| count.range.position());
    let is_twice = |pair: &[RangeCount]| matches!(pair, [one, other] if one.range == other.range);
    match ranges.windows(2).any(is_twice) {
        true => Err(unexpected()),
        false => Ok(ranges),
    }
}

/// The latest time of a row that is before 2100, if there is one.
pub fn latest_time(counts: &[CheckedCount]) -> Option<i64> {
    let spans = counts.iter().filter_map(|counted| counted.count.span);
    let latest = spans.map(|(_, last)| last);
    latest.filter(|last| *last < super::grid::END).max()
}

#[cfg(test)]
mod tests {
    use petit_codec::small_result::TimeCount;

    use super::*;
    use crate::compare_ranges;

    const DAY: i64 = 86_400;

    fn counted(rows: u64, span: Option<(i64, i64)>, checksum: &str) -> CheckedCount {
        CheckedCount {
            count: TimeCount { rows, span },
            checksum: (!checksum.is_empty()).then(|| checksum.into()),
        }
    }

    fn grid() -> RangeGrid {
        RangeGrid::hours(10 * DAY, 12 * DAY)
    }

    fn read(counts: &[CheckedCount]) -> Vec<RangeCount> {
        read_range_counts(counts.to_vec(), &grid()).unwrap()
    }

    /// Label, rows of the source, rows of the destination.
    fn compared(one: &[CheckedCount], other: &[CheckedCount]) -> Vec<(String, u64, u64)> {
        let comparison = compare_ranges(&read(one), &read(other));
        let differences = comparison.differences.into_iter();
        differences
            .map(|it| (it.label, it.source_rows, it.destination_rows))
            .collect()
    }

    #[test]
    fn both_sides_ask_for_the_same_ranges() {
        let column = Column {
            key: "a".into(),
            kind: "long".into(),
            alias: None,
            description: None,
        };
        let grid = RangeGrid::hours(0, DAY);
        let start = "CASE WHEN time < 0 THEN -1 WHEN time >= 4102444800 THEN 4102444800 \
             WHEN time >= 0 AND time < 86400 THEN time - time % 3600 \
             WHEN time >= 0 AND time < 2592000 THEN time - time % 86400 \
             WHEN time >= 0 THEN time - time % 2592000 END";
        assert_eq!(
            range_counts_sql("d", "t", None, None, &grid),
            format!("SELECT COUNT(1), MIN(time), MAX(time) FROM \"d\".\"t\" GROUP BY {start}")
        );
        let grid = grid.cut_after(Some(99));
        assert_eq!(
            range_counts_sql("d", "t", Some(&[column]), Some("x"), &grid),
            format!(
                "SELECT COUNT(1), MIN(time), MAX(time), TO_HEX(CHECKSUM(ROW(\"a\", \"time\"))) \
                 FROM \"d\".\"t\" WHERE x GROUP BY {start}, CASE WHEN time < 100 THEN 0 ELSE 1 END"
            )
        );
    }

    #[test]
    fn ranges_differ_by_count_or_checksum() {
        let same = counted(5, Some((10 * DAY, 10 * DAY + 99)), "aa");
        let source = [
            counted(1, None, ""),
            counted(7, Some((11 * DAY, 11 * DAY)), "bb"),
            counted(u64::MAX / 2, Some((-9, -9)), ""),
            same.clone(),
            counted(2, Some((11 * DAY + 3_600, 11 * DAY + 7_199)), ""),
        ];
        let destination = [
            counted(7, Some((11 * DAY, 11 * DAY)), "cc"),
            counted(u64::MAX / 2 - 1, Some((i64::MIN, -1)), ""),
            same,
            counted(1, Some((i64::MAX, i64::MAX)), ""),
        ];
        let expected = [
            ("before 1970-01-01", u64::MAX / 2, u64::MAX / 2 - 1),
            ("1970-01-12 00:00", 7, 7),
            ("1970-01-12 01:00", 2, 0),
            ("from 2100-01-01", 0, 1),
            ("without a time", 1, 0),
        ];
        let expected = expected.map(|(label, one, other)| (label.to_owned(), one, other));
        assert_eq!(compared(&source, &destination), expected);
        assert_eq!(compared(&source, &source), []);
        let comparison = compare_ranges(&read(&source), &read(&destination));
        assert_eq!(comparison.ranges, 6);
        assert_eq!(comparison.source_rows, u64::MAX / 2 + 15);
        assert_eq!(latest_time(&destination), Some(11 * DAY));
        assert_eq!(latest_time(&[]), None);
    }

    #[test]
    fn groups_that_are_no_ranges_are_an_error() {
        let cases = [
            vec![counted(2, Some((10 * DAY, 11 * DAY)), "")],
            vec![
                counted(1, Some((10 * DAY, 10 * DAY)), ""),
                counted(1, Some((10 * DAY + 1, 10 * DAY + 1)), ""),
            ],
        ];
        for counts in cases {
            let error = read_range_counts(counts, &grid()).unwrap_err();
            assert_eq!(error.code(), "unexpected_reply");
        }
    }
}
