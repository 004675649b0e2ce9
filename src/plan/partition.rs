//! Partitions a table by time into a folder of files, with the directory layout of Hive.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, Timelike};
use petit_codec::small_result::{CheckedCount, TimeCount};
use petit_td::Column;
use petit_text::bigint;
use serde::{Deserialize, Serialize};

use super::slice::{Slice, Statements, split_range};
use super::staging::hash;
use super::verify::checksum_of_rows;
use crate::{Error, Result};

/// Hive's name for the partition of rows without a value.
const NULL_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// The period of a partition, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum PartitionBy {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// The partitioning of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Partitioning {
    /// The period of a partition.
    pub by: PartitionBy,
    /// The key in the folder names. No column of the table has this name.
    pub key: String,
}

/// A partition, whose rows are in a folder of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Partition {
    /// Its folder in the folder of the table: `day=2026-01-31`.
    pub folder: String,
    /// The value of the key, such as `2026-01-31`; `None` for rows without a time.
    pub value: Option<String>,
    /// Start of the partition (inclusive), in Unix seconds.
    pub start: Option<i64>,
    /// End of the partition (exclusive), in Unix seconds.
    pub end: Option<i64>,
    /// Number of rows at the time of the count.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows: u64,
    /// Checksum of its rows at the time of the count, if the query computed one.
    pub checksum: Option<String>,
    /// The jobs whose results are its rows.
    pub slices: Vec<Slice>,
}

impl PartitionBy {
    /// The default key.
    fn key(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The start of the partition that contains `moment`.
    fn start_of(self, moment: NaiveDateTime) -> Option<NaiveDateTime> {
        let day = moment.date();
        let (day, hour) = match self {
            Self::Hour => (day, moment.hour()),
            Self::Day => (day, 0),
            Self::Month => (day.with_day(1)?, 0),
            Self::Year => (NaiveDate::from_ymd_opt(day.year(), 1, 1)?, 0),
        };
        day.and_hms_opt(hour, 0, 0)
    }

    fn next(self, start: NaiveDateTime) -> Option<NaiveDateTime> {
        match self {
            Self::Hour => start.checked_add_signed(chrono::TimeDelta::hours(1)),
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Month => start.checked_add_months(Months::new(1)),
            Self::Year => start.checked_add_months(Months::new(12)),
        }
    }

    /// The value of the key. Readers parse that of a day as a date.
    fn value(self, start: NaiveDateTime) -> String {
        let (year, month, day) = (start.year(), start.month(), start.day());
        match self {
            Self::Hour => format!("{year:04}-{month:02}-{day:02}T{:02}", start.hour()),
            Self::Day => format!("{year:04}-{month:02}-{day:02}"),
            Self::Month => format!("{year:04}-{month:02}"),
            Self::Year => format!("{year:04}"),
        }
    }
}

impl Partitioning {
    /// The partitioning of a table with these columns. The key gets the prefix `td_` while a column has its name.
    pub fn new<'a>(by: PartitionBy, columns: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut key = by.key().to_owned();
        while columns
            .clone()
            .any(|column| column.eq_ignore_ascii_case(&key))
        {
            key.insert_str(0, "td_");
        }
        Self { by, key }
    }

    /// The query for the row counts by hour or by day, which is the input of [`partitions`]; with columns, also for checksums of
    /// the rows.
    pub fn counts_sql(&self, from: &str, columns: Option<&[Column]>) -> String {
        let seconds = match self.by {
            PartitionBy::Hour => 3_600,
            PartitionBy::Day | PartitionBy::Month | PartitionBy::Year => 86_400,
        };
        // Division truncates toward zero, which would merge the hours before and after 1970-01-01.
        let last = seconds - 1;
        let checksum = columns.map(|columns| format!(", {}", checksum_of_rows(columns)));
        let checksum = checksum.unwrap_or_default();
        format!(
            "SELECT COUNT(1), MIN(time), MAX(time){checksum} FROM {from} \
             GROUP BY CASE WHEN time < 0 THEN (time - {last}) / {seconds} ELSE time / {seconds} END"
        )
    }
}

/// The partitions with rows, sorted by time; rows without a time are the last one. A table without rows has one empty
/// partition, so that its columns are in a file.
///
/// Rows that arrive after the count are exported only if their partition had rows at the time of the count.
///
/// # Errors
/// [`Error::Refused`] for a time outside of the calendar.
pub fn partitions(
    counts: &[CheckedCount],
    partitioning: &Partitioning,
    slice_rows: Option<u64>,
    statements: &Statements,
) -> Result<Vec<Partition>> {
    let Partitioning { by, key } = partitioning;
    let mut dated = Vec::new();
    for counted in counts {
        if let Some((first, _)) = counted.count.span {
            dated.push((partition_bounds(*by, first)?, counted));
        }
    }
    dated.sort_unstable_by_key(|(bounds, counted)| (bounds.0, counted.count.span));
    let mut partitions: Vec<_> = dated
        .chunk_by(|(one, _), (other, _)| one.0 == other.0)
        .filter_map(|pluralize| {
            let ((start, end, value), _) = pluralize.first()?;
            let counted: Vec<_> = pluralize.iter().map(|(_, counted)| *counted).collect();
            let counts: Vec<TimeCount> = counted.iter().map(|counted| counted.count).collect();
            let max = slice_rows.unwrap_or(u64::MAX);
            Some(Partition {
                folder: format!("{key}={value}"),
                value: Some(value.clone()),
                start: Some(*start),
                end: Some(*end),
                rows: statements.limited(counts.iter().map(|count| count.rows).sum()),
                checksum: checksum_of_all(&counted),
                slices: split_range(&counts, max, statements, Some(*start), Some(*end)),
            })
        })
        .collect();
    let timeless: Vec<_> = counts
        .iter()
        .filter(|counted| counted.count.span.is_none())
        .collect();
    let rows = timeless.iter().map(|counted| counted.count.rows).sum();
    if rows > 0 || partitions.is_empty() {
        partitions.push(Partition {
            folder: format!("{key}={NULL_VALUE}"),
            value: None,
            start: None,
            end: None,
            rows: statements.limited(rows),
            checksum: checksum_of_all(&timeless),
            slices: vec![statements.slice(Some("time IS NULL"), rows)],
        });
    }
    Ok(partitions)
}

/// The checksum of a partition, which may have several counts, in the order of time.
fn checksum_of_all(counts: &[&CheckedCount]) -> Option<String> {
    let sums = counts.iter().map(|counted| counted.checksum.as_deref());
    let sums: Vec<&str> = sums.collect::<Option<_>>()?;
    match sums.as_slice() {
        [] => None,
        [only] => Some((*only).into()),
        several => Some(format!("{:016x}", hash(several.iter().copied()))),
    }
}

/// Start, end and value of the partition that contains `time`.
fn partition_bounds(by: PartitionBy, time: i64) -> Result<(i64, i64, String)> {
    let found = DateTime::from_timestamp(time, 0).and_then(|moment| {
        let start = by.start_of(moment.naive_utc())?;
        let end = by.next(start)?;
        let seconds = |at: NaiveDateTime| at.and_utc().timestamp();
        Some((seconds(start), seconds(end), by.value(start)))
    });
    found.ok_or_else(|| Error::Refused {
        reason: format!("the time {time} of a row is outside of the calendar"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements() -> Statements {
        Statements {
            sql: "SELECT * FROM t".into(),
            count_sql: None,
            limit: None,
            has_condition: false,
        }
    }

    fn counted(rows: u64, span: Option<(i64, i64)>) -> CheckedCount {
        CheckedCount {
            count: TimeCount { rows, span },
            checksum: None,
        }
    }

    fn count(rows: u64, first: i64, last: i64) -> CheckedCount {
        counted(rows, Some((first, last)))
    }

    fn by(by: PartitionBy) -> Partitioning {
        Partitioning::new(by, ["time"].into_iter())
    }

    fn folders(by: &Partitioning, counts: &[CheckedCount]) -> Vec<(String, u64)> {
        let partitions = partitions(counts, by, None, &statements()).unwrap();
        partitions
            .into_iter()
            .map(|partition| (partition.folder, partition.rows))
            .collect()
    }

    #[test]
    fn days_of_a_month_come_together() {
        let counts = [
            count(2, 1_769_904_000, 1_769_990_399), // 2026-02-01
            count(3, 1_769_817_600, 1_769_903_999), // 2026-01-31
            count(5, 1_769_731_200, 1_769_731_200), // 2026-01-30
        ];
        let cases = [
            (
                PartitionBy::Day,
                vec![("2026-01-30", 5), ("2026-01-31", 3), ("2026-02-01", 2)],
            ),
            (PartitionBy::Month, vec![("2026-01", 8), ("2026-02", 2)]),
            (PartitionBy::Year, vec![("2026", 10)]),
        ];
        for (unit, expected) in cases {
            let partitioning = by(unit);
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(value, rows)| (format!("{}={value}", partitioning.key), rows))
                .collect();
            assert_eq!(folders(&partitioning, &counts), expected);
        }
        assert_eq!(
            folders(
                &by(PartitionBy::Hour),
                &[count(1, -1, -1), count(4, 0, 3599)]
            ),
            [
                ("hour=1969-12-31T23".into(), 1),
                ("hour=1970-01-01T00".into(), 4)
            ]
        );
    }

    #[test]
    fn a_limit_is_that_of_each_partition() {
        let counts = [
            count(9, 10, 80_000),
            count(1, 86_400, 86_400),
            counted(7, None),
        ];
        let statements = Statements {
            limit: Some(5),
            ..statements()
        };
        let made = partitions(&counts, &by(PartitionBy::Day), None, &statements).unwrap();
        assert_eq!(
            made.iter().map(|one| one.rows).collect::<Vec<_>>(),
            [5, 1, 5]
        );
        for slice in made.iter().flat_map(|one| &one.slices) {
            assert!(slice.sql.ends_with(" LIMIT 5"), "{}", slice.sql);
        }
    }

    #[test]
    fn each_partition_asks_for_its_own_rows_only() {
        let counts = [count(9, 10, 80_000), count(1, 86_400, 86_400)];
        let sql = |slice_rows| -> Vec<_> {
            let made = partitions(&counts, &by(PartitionBy::Day), slice_rows, &statements());
            let slices = made.unwrap().into_iter().flat_map(|one| one.slices);
            slices.map(|slice| slice.sql).collect()
        };
        assert_eq!(
            sql(None),
            [
                "SELECT * FROM t WHERE TD_TIME_RANGE(time, 0, 86400)",
                "SELECT * FROM t WHERE TD_TIME_RANGE(time, 86400, 172800)"
            ]
        );
        assert_eq!(
            sql(Some(5)),
            [
                "SELECT * FROM t WHERE TD_TIME_RANGE(time, 0, 40005)",
                "SELECT * FROM t WHERE TD_TIME_RANGE(time, 40005, 86400)",
                "SELECT * FROM t WHERE TD_TIME_RANGE(time, 86400, 172800)"
            ]
        );
    }

    #[test]
    fn rows_without_a_time_and_tables_without_rows_have_a_partition_too() {
        let timeless = counted(3, None);
        let partitioning = by(PartitionBy::Year);
        let default = format!("year={NULL_VALUE}");
        assert_eq!(
            folders(&partitioning, &[timeless, count(1, 0, 0)]),
            [("year=1970".into(), 1), (default.clone(), 3)]
        );
        assert_eq!(folders(&partitioning, &[]), [(default, 0)]);
        let [empty] = partitions(&[], &partitioning, None, &statements())
            .unwrap()
            .try_into()
            .unwrap();
        assert_eq!(empty.slices[0].sql, "SELECT * FROM t WHERE time IS NULL");
    }

    #[test]
    fn no_column_has_the_name_of_the_folders() {
        let key =
            |columns: &[&str]| Partitioning::new(PartitionBy::Day, columns.iter().copied()).key;
        assert_eq!(key(&["time", "a"]), "day");
        assert_eq!(key(&["Day", "td_day"]), "td_td_day");
    }

    #[test]
    fn a_time_outside_of_the_calendar_is_an_error() {
        for time in [i64::MIN, i64::MAX, 8_210_266_876_799] {
            let made = partitions(
                &[count(1, time, time)],
                &by(PartitionBy::Year),
                None,
                &statements(),
            );
            assert!(made.unwrap_err().to_string().contains(&time.to_string()));
        }
    }
}
