//! A time range as an SQL condition.

use petit_td::Column;
use petit_td::time::parse_iso;
use petit_text::{quoted, sanitize};
use serde::Serialize;

use super::sql::{identifier, literal, time_range};

/// The column that every table has, and by which TD partitions rows.
const TIME: &str = "time";

/// A time range with a start, an end, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeRange {
    column: String,
    start: Option<Moment>,
    end: Option<Moment>,
    are_converted: bool,
}

/// A time range, for a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct PlannedRange {
    /// The column that it applies to.
    pub column: String,
    /// Its start (inclusive); `None` if it is open.
    pub start_time: Option<String>,
    /// Its end (exclusive); `None` if it is open.
    pub end_time: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Moment {
    text: String,
    seconds: i64,
}

impl TimeRange {
    /// Parses the options; `None` if there is neither a start nor an end. The start is inclusive, the end exclusive.
    ///
    /// # Errors
    /// A message.
    pub fn parse(
        column: Option<&str>,
        start: Option<&str>,
        end: Option<&str>,
    ) -> Result<Option<Self>, String> {
        let start = start.map(|text| Moment::parse("start", text)).transpose()?;
        let end = end.map(|text| Moment::parse("end", text)).transpose()?;
        match (&start, &end) {
            (None, None) if column.is_some() => {
                return Err("a time column requires a start time or an end time".into());
            }
            (None, None) => return Ok(None),
            (Some(start), Some(end)) if start.seconds >= end.seconds => {
                return Err("the start time is not before the end time".into());
            }
            _ => {}
        }
        let column = column.unwrap_or(TIME).into();
        Ok(Some(Self {
            column,
            start,
            end,
            are_converted: false,
        }))
    }

    /// The same range, whose times may not have the user's format; see [`ResolvedTimes`](crate::ResolvedTimes).
    pub fn converted(self, are_converted: bool) -> Self {
        Self {
            are_converted,
            ..self
        }
    }

    /// The range as a plan shows it.
    pub fn planned(&self) -> PlannedRange {
        let text = |moment: &Option<Moment>| moment.as_ref().map(|it| it.text.clone());
        PlannedRange {
            column: self.column.clone(),
            start_time: text(&self.start),
            end_time: text(&self.end),
        }
    }

    /// A description of the range: `from 2026-01-01 (inclusive) to 2026-02-01 (exclusive)`.
    pub fn description(&self) -> String {
        let text = |moment: &Option<Moment>, word: &str, kind: &str| {
            let moment = moment.as_ref()?;
            Some(format!("{word} {} ({kind})", sanitize(&moment.text, 40)))
        };
        let start = text(&self.start, "from", "inclusive");
        let end = text(&self.end, "to", "exclusive");
        let both: Vec<_> = start.into_iter().chain(end).collect();
        both.join(" ")
    }

    /// The SQL condition for a table with these columns; pass `None` if they are unknown.
    ///
    /// For `time`, it is `TD_TIME_RANGE`, with which TD reads only the partitions of the range. A number is compared with Unix
    /// seconds. A string is compared with the text of the option, which is correct for ISO 8601 strings in the same zone and
    /// format as the option, and for dates.
    ///
    /// # Errors
    /// A message, for an unknown column or a column of another type.
    pub fn condition(&self, columns: Option<&[Column]>) -> Result<String, String> {
        if self.column == TIME {
            let seconds = |moment: &Option<Moment>| moment.as_ref().map(|it| it.seconds);
            return Ok(time_range(seconds(&self.start), seconds(&self.end)));
        }
        let name = quoted(&self.column);
        let columns =
            columns.ok_or_else(|| format!("the type of the time column {name} is unknown"))?;
        let column =
            find(columns, &self.column).ok_or_else(|| format!("it has no column {name}"))?;
        let kind = column.kind.trim();
        if self.are_converted && kind == "string" {
            return Err(format!(
                "the time column {name} is a string, whose format petit does not know: give a start and an end time in that format, without --since and --timezone"
            ));
        }
        let bound: fn(&Moment) -> String = match kind {
            "int" | "long" | "float" | "double" => |moment| moment.seconds.to_string(),
            "string" => |moment| literal(&moment.text),
            other => {
                return Err(format!(
                    "the time column {name} has type {}; expected a number (Unix seconds) or a string (ISO 8601)",
                    quoted(other)
                ));
            }
        };
        let column = identifier(column.sql_name());
        let start = self
            .start
            .as_ref()
            .map(|it| format!("{column} >= {}", bound(it)));
        let end = self
            .end
            .as_ref()
            .map(|it| format!("{column} < {}", bound(it)));
        Ok(start
            .into_iter()
            .chain(end)
            .collect::<Vec<_>>()
            .join(" AND "))
    }

    /// The key-value metadata of the range.
    pub fn metadata(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let start = self
            .start
            .as_ref()
            .map(|it| ("td.start_time", it.text.as_str()));
        let end = self
            .end
            .as_ref()
            .map(|it| ("td.end_time", it.text.as_str()));
        [("td.time_column", self.column.as_str())]
            .into_iter()
            .chain(start)
            .chain(end)
    }
}

impl Moment {
    fn parse(which: &str, text: &str) -> Result<Self, String> {
        let text = text.trim();
        let seconds = parse_iso(text)
            .map_err(|reason| format!("the {which} time {}: {reason}", quoted(text)))?;
        Ok(Self {
            text: text.into(),
            seconds,
        })
    }
}

/// The column with this SQL name, or else with this key.
fn find<'a>(columns: &'a [Column], name: &str) -> Option<&'a Column> {
    let by_sql_name = columns.iter().find(|column| column.sql_name() == name);
    by_sql_name.or_else(|| columns.iter().find(|column| column.key == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        let column = |key: &str, kind: &str, alias: Option<&str>| Column {
            key: key.into(),
            kind: kind.into(),
            alias: alias.map(Into::into),
            description: None,
        };
        vec![
            column("at", "long", None),
            column("Seen At", "string", Some("seen_at")),
            column("ratio", "double", None),
            column("quote\"d", "int", None),
            column("tags", "array<string>", None),
        ]
    }

    fn condition(
        column: Option<&str>,
        start: Option<&str>,
        end: Option<&str>,
    ) -> Result<String, String> {
        let range = TimeRange::parse(column, start, end)?;
        range.unwrap().condition(Some(&columns()))
    }

    #[test]
    fn the_condition_fits_the_columns_type() {
        let day = Some("2024-01-01");
        let next = Some("2024-01-02T00:00:00+09:00");
        let cases = [
            (
                None,
                day,
                next,
                "TD_TIME_RANGE(time, 1704067200, 1704121200)",
            ),
            (None, day, None, "TD_TIME_RANGE(time, 1704067200, NULL)"),
            (
                Some("time"),
                None,
                next,
                "TD_TIME_RANGE(time, NULL, 1704121200)",
            ),
            (
                Some("at"),
                day,
                next,
                "\"at\" >= 1704067200 AND \"at\" < 1704121200",
            ),
            (Some("ratio"), None, day, "\"ratio\" < 1704067200"),
            (Some("quote\"d"), day, None, "\"quote\"\"d\" >= 1704067200"),
            (
                Some("seen_at"),
                Some(" 2024-01-01 "),
                next,
                "\"seen_at\" >= '2024-01-01' AND \"seen_at\" < '2024-01-02T00:00:00+09:00'",
            ),
            (Some("Seen At"), day, None, "\"seen_at\" >= '2024-01-01'"),
        ];
        for (column, start, end, expected) in cases {
            assert_eq!(condition(column, start, end).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn invalid_ranges_have_a_message() {
        let day = Some("2024-01-01");
        let cases = [
            (
                None,
                Some("soon"),
                None,
                "the start time \"soon\": not a date such as 2024-12-31",
            ),
            (
                None,
                None,
                Some("2024-01-01T00:00:00"),
                "the end time \"2024-01-01T00:00:00\": a time needs a time zone",
            ),
            (None, day, day, "the start time is not before the end time"),
            (
                None,
                day,
                Some("2023-01-01"),
                "the start time is not before the end time",
            ),
            (
                Some("at"),
                None,
                None,
                "a time column requires a start time or an end time",
            ),
            (Some("gone"), day, None, "it has no column \"gone\""),
            (
                Some("tags"),
                day,
                None,
                "the time column \"tags\" has type \"array<string>\"",
            ),
            (None, Some("2024-01-01' OR 1=1 --"), None, "the start time"),
        ];
        for (column, start, end, expected) in cases {
            let message = condition(column, start, end).unwrap_err();
            assert!(message.starts_with(expected), "{message}");
        }
        assert_eq!(TimeRange::parse(None, None, None), Ok(None));
    }

    #[test]
    fn a_string_is_not_compared_with_a_converted_time() {
        let range = TimeRange::parse(Some("seen_at"), Some("2026-01-01T00:00:00Z"), None);
        let range = range.unwrap().unwrap();
        assert!(range.condition(Some(&columns())).is_ok());
        let message = range
            .converted(true)
            .condition(Some(&columns()))
            .unwrap_err();
        assert!(message.contains("is a string"), "{message}");
        let range = TimeRange::parse(Some("at"), Some("2026-01-01T00:00:00Z"), None);
        let range = range.unwrap().unwrap().converted(true);
        assert!(range.condition(Some(&columns())).is_ok());
    }

    #[test]
    fn a_range_is_described() {
        let range = |start, end| {
            let range = TimeRange::parse(None, start, end).unwrap().unwrap();
            range.description()
        };
        let (start, end) = (Some("2026-01-01"), Some("2026-02-01"));
        assert_eq!(
            range(start, end),
            "from 2026-01-01 (inclusive) to 2026-02-01 (exclusive)"
        );
        assert_eq!(range(start, None), "from 2026-01-01 (inclusive)");
        assert_eq!(range(None, end), "to 2026-02-01 (exclusive)");
    }

    #[test]
    fn only_time_needs_no_schema() {
        let range = |column| {
            TimeRange::parse(column, Some("2024-01-01"), None)
                .unwrap()
                .unwrap()
        };
        assert!(range(None).condition(None).is_ok());
        let message = range(Some("at")).condition(None).unwrap_err();
        assert_eq!(message, "the type of the time column \"at\" is unknown");
    }
}
