//! Splits a table by time into slices, one job each.

use petit_codec::small_result::TimeCount;
use petit_text::bigint;
use serde::{Deserialize, Serialize};

use super::sql;

/// Default maximum number of rows per slice, for jobs whose results petit downloads.
pub const FETCH_SLICE_ROWS: u64 = 50_000_000;

/// Default maximum number of rows per slice, for jobs that write the rows inside TD.
pub const ENGINE_SLICE_ROWS: u64 = 200_000_000;

/// Approximate maximum stored size of a slice, in bytes: 4 GiB. TD limits a result to 16 GB.
const MAX_SLICE_BYTES: u64 = 4 << 30;

/// Maximum number of slices of a table, because each is a job.
const MAX_SLICES: u64 = 10_000;

/// The statements of a table that is split.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Statements {
    /// The statement of the job. A condition can be appended to it.
    pub sql: String,
    /// The statement that counts the rows that the job has written, if there is one.
    #[serde(default)]
    pub count_sql: Option<String>,
    /// Maximum number of rows of each job. Default: all.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | bigint", optional))]
    pub limit: Option<u64>,
    /// Whether `sql` already ends with a condition. Default: false.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub has_condition: bool,
}

/// A slice of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Slice {
    /// The statement of its job.
    pub sql: String,
    /// The statement that counts the written rows.
    pub count_sql: Option<String>,
    /// Number of rows at the time of the count.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows: u64,
}

/// The query for the row counts by day, which is the input of [`split_by_time`]. Times before 1970 and after 2099 are two groups,
/// because they may have any number of days.
pub fn counts_by_day(from: &str) -> String {
    let day = "CASE WHEN time < 0 THEN -1 WHEN time < 4102444800 THEN time / 86400 \
               WHEN time >= 4102444800 THEN 47482 END";
    format!("SELECT COUNT(1), MIN(time), MAX(time) FROM {from} GROUP BY {day}")
}

/// The maximum number of rows per slice; `None` for a table that is not split. `wanted` is the option of the user, `auto` the
/// default.
pub fn slice_rows(wanted: Option<u64>, auto: u64, rows: u64, bytes: u64) -> Option<u64> {
    let max_rows = match wanted {
        Some(wanted) => wanted.max(1),
        None => {
            let by_bytes =
                u128::from(rows) * u128::from(MAX_SLICE_BYTES) / u128::from(bytes.max(1));
            auto.min(u64::try_from(by_bytes).unwrap_or(u64::MAX)).max(1)
        }
    };
    (rows > max_rows).then(|| max_rows.max(rows.div_ceil(MAX_SLICES)))
}

/// Splits a table into slices of about `slice_rows` rows.
///
/// Each row is in exactly one slice, including rows that arrived after the count: the slices are contiguous, the first has no
/// start, and the last has no end. If the counts have rows without a time, which are in no range, these are a slice of their
/// own. The sum of the counts must fit a `u64`, see [`read_time_counts`](petit_codec::small_result::read_time_counts).
pub fn split_by_time(counts: &[TimeCount], slice_rows: u64, statements: &Statements) -> Vec<Slice> {
    let mut slices = Vec::new();
    let ranges = ranges(counts, slice_rows, None, None);
    let is_whole = ranges.len() == 1 && counts.iter().all(|count| count.span.is_some());
    for (start, end, rows) in ranges {
        let condition = match (start, end) {
            (None, None) if is_whole => None,
            (None, None) => Some("time IS NOT NULL".to_owned()),
            _ => Some(sql::time_range(start, end)),
        };
        slices.push(statements.slice(condition.as_deref(), rows));
    }
    let timeless = counts.iter().filter(|count| count.span.is_none());
    let timeless: u64 = timeless.map(|count| count.rows).sum();
    if timeless > 0 {
        slices.push(statements.slice(Some("time IS NULL"), timeless));
    }
    slices
}

/// Splits the rows from `start` (inclusive) to `end` (exclusive), all of which have a time.
pub(super) fn split_range(
    counts: &[TimeCount],
    slice_rows: u64,
    statements: &Statements,
    start: Option<i64>,
    end: Option<i64>,
) -> Vec<Slice> {
    ranges(counts, slice_rows, start, end)
        .into_iter()
        .map(|(start, end, rows)| statements.slice(Some(&sql::time_range(start, end)), rows))
        .collect()
}

impl Statements {
    /// The rows that a job returns of so many.
    pub(super) fn limited(&self, rows: u64) -> u64 {
        self.limit.map_or(rows, |limit| rows.min(limit))
    }

    pub(super) fn slice(&self, condition: Option<&str>, rows: u64) -> Slice {
        let with = |sql: &str, has_condition: bool| match condition {
            None => sql.to_owned(),
            Some(condition) if has_condition => format!("{sql} AND {condition}"),
            Some(condition) => format!("{sql} WHERE {condition}"),
        };
        Slice {
            sql: sql::limited(with(&self.sql, self.has_condition), self.limit),
            count_sql: self.count_sql.as_deref().map(|sql| with(sql, false)),
            rows: self.limited(rows),
        }
    }
}

/// Start, end and rows of contiguous ranges. The first begins at `start`, and the last ends at `end`.
fn ranges(
    counts: &[TimeCount],
    slice_rows: u64,
    start: Option<i64>,
    end: Option<i64>,
) -> Vec<(Option<i64>, Option<i64>, u64)> {
    let slice_rows = slice_rows.max(1);
    let mut subranges: Vec<_> = counts
        .iter()
        .flat_map(|count| subranges(*count, slice_rows))
        .collect();
    subranges.sort_unstable();
    let mut ranges = vec![(start, None, 0)];
    for (start, rows) in subranges {
        if let Some((_, end, sum)) = ranges.last_mut() {
            let fits = *sum == 0 || u64::saturating_add(*sum, rows) <= slice_rows;
            if fits {
                *sum += rows;
                continue;
            }
            *end = Some(start);
        }
        ranges.push((Some(start), None, rows));
    }
    if let Some((_, last, _)) = ranges.last_mut() {
        *last = end;
    }
    ranges
}

/// Splits an interval evenly by time if it has too many rows for a slice. Returns the start and the rows of each subrange.
fn subranges(count: TimeCount, slice_rows: u64) -> Vec<(i64, u64)> {
    let Some((first, last)) = count.span else {
        return Vec::new();
    };
    let seconds = (i128::from(last) - i128::from(first) + 1).max(1);
    let wanted = i128::from(count.rows.div_ceil(slice_rows)).clamp(1, i128::from(MAX_SLICES));
    let number = wanted.min(seconds);
    let fraction = |index: i128, of: i128| of * index / number;
    let all = i128::from(count.rows);
    (0..number)
        .map(|index| {
            let start = i128::from(first) + fraction(index, seconds);
            let rows = fraction(index + 1, all) - fraction(index, all);
            (
                i64::try_from(start).unwrap_or(last),
                u64::try_from(rows).unwrap_or_default(),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn statements() -> Statements {
        Statements {
            sql: "SELECT a FROM t".into(),
            count_sql: Some("SELECT COUNT(1) FROM s".into()),
            limit: None,
            has_condition: false,
        }
    }

    fn day(day: i64, rows: u64) -> TimeCount {
        TimeCount {
            rows,
            span: Some((day * 86_400, day * 86_400 + 86_399)),
        }
    }

    fn conditions(counts: &[TimeCount], slice_rows: u64) -> Vec<(String, u64)> {
        split_by_time(counts, slice_rows, &statements())
            .into_iter()
            .map(|slice| {
                let condition = slice
                    .sql
                    .strip_prefix("SELECT a FROM t")
                    .unwrap()
                    .to_owned();
                let pluralize = slice.count_sql.unwrap();
                assert_eq!(pluralize, format!("SELECT COUNT(1) FROM s{condition}"));
                (condition, slice.rows)
            })
            .collect()
    }

    #[test]
    fn days_are_put_together_up_to_the_size() {
        let counts = [day(2, 40), day(0, 30), day(1, 30), day(9, 200)];
        assert_eq!(
            conditions(&counts, 100),
            [
                (" WHERE TD_TIME_RANGE(time, NULL, 777600)".into(), 100),
                (" WHERE TD_TIME_RANGE(time, 777600, 820800)".into(), 100),
                (" WHERE TD_TIME_RANGE(time, 820800, NULL)".into(), 100),
            ]
        );
    }

    #[test]
    fn counts_of_any_size_are_cut() {
        let counts = [
            day(0, u64::MAX - 1),
            TimeCount {
                rows: 1,
                span: None,
            },
        ];
        let slices = split_by_time(&counts, u64::MAX.div_ceil(MAX_SLICES), &statements());
        let rows: u64 = slices.iter().map(|slice| slice.rows).sum();
        assert_eq!((slices.len(), rows), (10_001, u64::MAX));
    }

    #[test]
    fn what_cannot_be_cut_is_one_slice() {
        let one_second = TimeCount {
            rows: 1_000_000,
            span: Some((5, 5)),
        };
        assert_eq!(conditions(&[one_second], 10), [(String::new(), 1_000_000)]);
        assert_eq!(conditions(&[], 10), [(String::new(), 0)]);
    }

    #[test]
    fn rows_without_a_time_are_a_slice_of_their_own() {
        let timeless = TimeCount {
            rows: 3,
            span: None,
        };
        assert_eq!(
            conditions(&[timeless, day(0, 5)], 100),
            [
                (" WHERE time IS NOT NULL".into(), 5),
                (" WHERE time IS NULL".into(), 3)
            ]
        );
    }

    #[test]
    fn a_condition_is_added_to_the_one_there_is() {
        let statements = Statements {
            sql: "SELECT a FROM t WHERE x".into(),
            count_sql: None,
            limit: None,
            has_condition: true,
        };
        let slices = split_by_time(&[day(0, 5), day(1, 5)], 5, &statements);
        assert_eq!(
            slices[0].sql,
            "SELECT a FROM t WHERE x AND TD_TIME_RANGE(time, NULL, 86400)"
        );
        assert_eq!(slices[0].count_sql, None);
    }

    #[test]
    fn tables_are_cut_by_wish_or_when_they_are_large() {
        let auto = FETCH_SLICE_ROWS;
        assert_eq!(slice_rows(None, auto, auto, 1 << 30), None);
        assert_eq!(slice_rows(None, auto, auto + 1, 1 << 30), Some(auto));
        assert_eq!(
            slice_rows(None, auto, 1000, 64 << 30),
            Some(62),
            "wide rows"
        );
        assert_eq!(slice_rows(None, auto, 0, 0), None);
        assert_eq!(slice_rows(Some(10), auto, 10, 1), None);
        assert_eq!(slice_rows(Some(10), auto, 11, 1), Some(10));
        assert_eq!(slice_rows(Some(0), auto, 5, 1), Some(1));
        assert_eq!(
            slice_rows(Some(1), auto, 1 << 40, 1),
            Some((1_u64 << 40).div_ceil(MAX_SLICES))
        );
        assert_eq!(
            slice_rows(None, auto, u64::MAX, u64::MAX),
            Some(u64::MAX.div_ceil(MAX_SLICES))
        );
    }

    /// What the slices' conditions say about a time, by the meaning of `TD_TIME_RANGE`.
    fn holds(range: (Option<i64>, Option<i64>, u64), time: i64) -> bool {
        range.0.is_none_or(|start| time >= start) && range.1.is_none_or(|end| time < end)
    }

    fn counts() -> impl Strategy<Value = Vec<TimeCount>> {
        let times = prop_oneof![any::<i64>(), -200_000..200_000_i64];
        let count = (1..5000_u64, proptest::option::of((times, 0..90_000_i64)));
        proptest::collection::vec(
            count.prop_map(|(rows, span)| TimeCount {
                rows,
                span: span.map(|(first, more)| (first, first.saturating_add(more))),
            }),
            0..40,
        )
    }

    proptest! {
        #[test]
        fn every_time_is_in_one_slice(
            counts in counts(),
            slice_rows in 1..3000_u64,
            others in proptest::collection::vec(any::<i64>(), 0..20),
        ) {
            let ranges = ranges(&counts, slice_rows, None, None);
            let edges = counts.iter().filter_map(|count| count.span).flat_map(|(first, last)| [first, last]);
            let partition_bounds = ranges.iter().filter_map(|range| range.0);
            let partition_bounds: Vec<_> = partition_bounds.flat_map(|at| [at.saturating_sub(1), at]).collect();
            for time in edges.chain(partition_bounds).chain(others).chain([i64::MIN, i64::MAX]) {
                let within = ranges.iter().filter(|range| holds(**range, time)).count();
                prop_assert_eq!(within, 1, "time {}", time);
            }
            let all: u64 = counts.iter().filter(|count| count.span.is_some()).map(|count| count.rows).sum();
            prop_assert_eq!(ranges.iter().map(|range| range.2).sum::<u64>(), all);
        }

        #[test]
        fn slices_are_as_small_as_wanted_where_seconds_allow(
            days in proptest::collection::btree_map(-5000..5000_i64, 1..5000_u64, 1..40),
            slice_rows in 1..3000_u64,
        ) {
            let counts: Vec<_> = days.into_iter().map(|(number, rows)| day(number, rows)).collect();
            for (_, _, rows) in ranges(&counts, slice_rows, None, None) {
                prop_assert!(rows <= slice_rows, "{rows}");
            }
        }
    }
}
