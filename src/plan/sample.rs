//! Samples: a share of the rows, chosen by a hash of a key in SQL, so that every table and every run has the same keys.

use std::fmt;

use petit_td::{Column, TableInfo};
use petit_text::{bigint, quoted, quoted_list};
use serde::{Deserialize, Serialize};

use super::glob::Glob;
use super::model::Size;
use super::nearest::nearest;
use super::sql;
use crate::{Error, Result};

/// Maximum number of columns per `ROW`: Trino cannot compile a row with very many fields.
const MAX_FIELDS: usize = 100;

/// Maximum number of digits after the decimal point of a share.
const MAX_DECIMALS: usize = 6;

/// What happens to a table without a key of the sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SampleOthers {
    /// It is an error.
    #[default]
    Error,
    /// The table is left out.
    Skip,
    /// All of its rows are taken.
    Full,
}

/// The options of a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SampleOptions {
    /// The share of the keys, such as `1%`.
    pub share: String,
    /// The keys: columns, or columns of a table such as `orders.customer_id`. Default: all columns of a row.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub by: Vec<String>,
    /// What happens to tables without a key. Default: an error.
    #[serde(default)]
    pub others: Option<SampleOthers>,
}

/// The sample of a table, for the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct PlannedSample {
    /// The share of the keys.
    pub share: String,
    /// The SQL name of the key; `None` for all columns of a row.
    pub by: Option<String>,
    /// Approximate number of rows of the sample; `None` if the table's rows are not known.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub rows: Option<u64>,
}

impl fmt::Display for PlannedSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.by.as_deref().unwrap_or("all columns");
        write!(f, "{} by {by}", self.share)
    }
}

/// A parsed sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sample {
    share: Share,
    by: Vec<Key>,
    others: SampleOthers,
}

/// What a sample means for a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TableSample {
    /// The rows for which the condition holds.
    Part {
        condition: String,
        planned: PlannedSample,
    },
    /// All rows.
    Full,
    /// The table is left out.
    Skip,
}

/// Checks the options of a sample before anything else is known.
///
/// # Errors
/// [`Error::InvalidOption`]
pub fn check_sample(options: &SampleOptions) -> Result<()> {
    Sample::parse(options).map(|_| ())
}

/// A share: `numerator` of `denominator` parts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Share {
    text: String,
    numerator: u64,
    denominator: u64,
}

/// A column by whose hash rows are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    text: String,
    /// `None`: any table.
    table: Option<Glob>,
    column: String,
}

impl Sample {
    /// Parses the options.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a share that is not between 0% and 100%, for an empty key, and for a choice about tables
    /// without keys if there are none.
    pub(super) fn parse(options: &SampleOptions) -> Result<Self> {
        let invalid = |reason: String| Error::InvalidOption { reason };
        if options.others.is_some() && options.by.is_empty() {
            let reason = "--sample-others requires --by: without a key, every table is sampled";
            return Err(invalid(reason.into()));
        }
        Ok(Self {
            share: Share::parse(&options.share).map_err(invalid)?,
            by: options
                .by
                .iter()
                .map(|text| Key::parse(text).map_err(invalid))
                .collect::<Result<_>>()?,
            others: options.others.unwrap_or_default(),
        })
    }

    /// Checks that each key is a column of one of the tables.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the first one that is not.
    pub(super) fn check<'a>(
        &self,
        tables: impl Iterator<Item = (&'a str, Vec<Column>)>,
    ) -> Result<()> {
        let mut unmatched: Vec<_> = self.by.iter().collect();
        if unmatched.is_empty() {
            return Ok(());
        }
        let mut known = Vec::new();
        for (table, columns) in tables {
            unmatched.retain(|key| !key.is_of(table) || key.find(&columns).is_none());
            known.extend(columns.iter().map(|column| {
                match self.by.iter().all(|key| key.table.is_none()) {
                    true => column.sql_name().to_owned(),
                    false => format!("{table}.{}", column.sql_name()),
                }
            }));
        }
        let Some(key) = unmatched.first() else {
            return Ok(());
        };
        let mut reason = format!(
            "no chosen table has the key {} of the sample",
            quoted(&key.text)
        );
        let suggested = nearest(&key.text, known.iter().map(String::as_str));
        if !suggested.is_empty() {
            let suggested = quoted_list(suggested);
            reason.push_str(&format!("; did you mean {suggested}?"));
        }
        Err(Error::NotFound { reason })
    }

    /// The sample of a table. `columns` are `None` if they are not known.
    ///
    /// # Errors
    /// A message, if the table has no key.
    pub(super) fn of_table(
        &self,
        table: &TableInfo,
        columns: Option<&[Column]>,
    ) -> Result<TableSample, String> {
        if self.by.is_empty() {
            let columns =
                columns.ok_or("its columns are not known, so that a sample requires --by")?;
            return Ok(self.part(table, None, &all_columns(columns)));
        }
        let keys = || self.by.iter().filter(|key| key.is_of(&table.name));
        let of_table = keys().filter(|key| key.table.is_some());
        let mut keys = of_table.chain(keys().filter(|key| key.table.is_none()));
        let found = match columns {
            Some(columns) => keys.find_map(|key| key.find(columns)),
            None => keys.next().map(|key| key.column.clone()),
        };
        match (found, self.others) {
            (Some(column), _) => {
                let text = format!("CAST({} AS VARCHAR)", sql::identifier(&column));
                Ok(self.part(table, Some(column), &text))
            }
            (None, SampleOthers::Full) => Ok(TableSample::Full),
            (None, SampleOthers::Skip) => Ok(TableSample::Skip),
            (None, SampleOthers::Error) => Err(format!(
                "it has no key of the sample ({}); name one with --by {}.COLUMN, or use --sample-others skip or full",
                quoted_list(self.by.iter().map(|key| key.text.as_str())),
                table.name
            )),
        }
    }

    /// The rows for which the hash of `text` is in the share. Hashes are compared as hexadecimal digits.
    fn part(&self, table: &TableInfo, by: Option<String>, text: &str) -> TableSample {
        TableSample::Part {
            condition: format!(
                "TO_HEX(XXHASH64(TO_UTF8({text}))) < '{:016X}'",
                self.share.of(1 << 64)
            ),
            planned: PlannedSample {
                share: self.share.text.clone(),
                by,
                rows: table.count.map(|rows| self.share.of_count(rows)),
            },
        }
    }

    /// The approximate size of the sample of a table.
    pub(super) fn size_of(&self, size: Size) -> Size {
        Size {
            rows: self.share.of_count(size.rows),
            bytes: self.share.of_count(size.bytes),
        }
    }
}

impl Share {
    fn parse(text: &str) -> Result<Self, String> {
        let invalid = || {
            format!(
                "the sample {} is not a share; expected a percentage between 0% and 100%, such as 1% or 0.5%",
                quoted(text)
            )
        };
        let digits = text.trim().strip_suffix('%').ok_or_else(invalid)?;
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || !is_digits(whole)
            || !is_digits(decimals)
            || decimals.len() > MAX_DECIMALS
        {
            return Err(invalid());
        }
        let numerator: u64 = format!("{whole}{decimals:0<MAX_DECIMALS$}")
            .parse()
            .map_err(|_| invalid())?;
        let denominator = 100 * 10_u64.pow(6);
        if numerator == 0 || numerator >= denominator {
            return Err(invalid());
        }
        Ok(Self {
            text: text.trim().into(),
            numerator,
            denominator,
        })
    }

    /// This share of a number of at most 2^64.
    fn of(&self, number: u128) -> u128 {
        number * u128::from(self.numerator) / u128::from(self.denominator)
    }

    fn of_count(&self, count: u64) -> u64 {
        u64::try_from(self.of(count.into())).unwrap_or(count)
    }
}

impl Key {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (table, column) = match text.split_once('.') {
            Some((table, column)) => (Some(Glob::new(table)), column),
            None => (None, text),
        };
        if column.is_empty() {
            return Err(format!(
                "the key {} of the sample has no column",
                quoted(text)
            ));
        }
        Ok(Self {
            text: text.into(),
            table,
            column: column.into(),
        })
    }

    fn is_of(&self, table: &str) -> bool {
        self.table.as_ref().is_none_or(|glob| glob.matches(table))
    }

    /// The SQL name of the column. SQL names are case-insensitive.
    fn find(&self, columns: &[Column]) -> Option<String> {
        let wanted = self.column.to_lowercase();
        let found = columns.iter().find(|column| {
            let names = [column.sql_name(), column.key.as_str()];
            names.iter().any(|name| name.to_lowercase() == wanted)
        });
        found.map(|column| column.sql_name().to_owned())
    }
}

/// The text of all columns of a row: those of the schema, and `time`.
fn all_columns(columns: &[Column]) -> String {
    let names: Vec<_> = super::copy::sql_names(columns)
        .iter()
        .map(|name| sql::identifier(name))
        .collect();
    let rows: Vec<_> = names.chunks(MAX_FIELDS).map(row_of).collect();
    let whole = match rows.as_slice() {
        [only] => only.clone(),
        rows => row_of(rows),
    };
    format!("JSON_FORMAT(CAST({whole} AS JSON))")
}

fn row_of(fields: &[String]) -> String {
    format!("ROW({})", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(share: &str, by: &[&str], others: Option<SampleOthers>) -> SampleOptions {
        SampleOptions {
            share: share.into(),
            by: by.iter().map(|key| (*key).to_owned()).collect(),
            others,
        }
    }

    fn sample(by: &[&str], others: Option<SampleOthers>) -> Sample {
        Sample::parse(&options("1%", by, others)).unwrap()
    }

    fn columns(names: &[&str]) -> Vec<Column> {
        let column = |name: &&str| Column {
            key: (*name).into(),
            kind: "long".into(),
            ..Column::default()
        };
        names.iter().map(column).collect()
    }

    fn table(name: &str) -> TableInfo {
        TableInfo {
            name: name.into(),
            count: Some(5_000),
            ..TableInfo::default()
        }
    }

    fn part(
        sample: &Sample,
        name: &str,
        columns: &[Column],
    ) -> (String, Option<String>, Option<u64>) {
        match sample.of_table(&table(name), Some(columns)).unwrap() {
            TableSample::Part { condition, planned } => (condition, planned.by, planned.rows),
            other @ (TableSample::Full | TableSample::Skip) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_share_is_a_part_of_all_hashes() {
        for (share, threshold) in [
            ("50%", "8000000000000000"),
            ("1%", "028F5C28F5C28F5C"),
            ("0.5%", "0147AE147AE147AE"),
            ("0.000001%", "0000002AF31DC461"),
            ("99.999999%", "FFFFFFD50CE23B9E"),
        ] {
            let sample = Sample::parse(&options(share, &["id"], None)).unwrap();
            let (condition, by, _) = part(&sample, "users", &columns(&["id"]));
            let hash = "TO_HEX(XXHASH64(TO_UTF8(CAST(\"id\" AS VARCHAR))))";
            assert_eq!(condition, format!("{hash} < '{threshold}'"));
            assert_eq!(by.as_deref(), Some("id"));
        }
    }

    #[test]
    fn other_shares_are_refused() {
        for share in [
            "",
            "1",
            "0%",
            "100%",
            "101%",
            "-1%",
            "1.%x",
            "%",
            ".5%",
            "0.0000001%",
            "1e1%",
        ] {
            let error = Sample::parse(&options(share, &[], None)).unwrap_err();
            assert_eq!(error.code(), "invalid_option", "{share}");
        }
        let others = options("1%", &[], Some(SampleOthers::Full));
        assert!(
            Sample::parse(&others)
                .unwrap_err()
                .to_string()
                .contains("--by")
        );
        assert!(Sample::parse(&options("1%", &["orders."], None)).is_err());
    }

    #[test]
    fn a_key_of_the_table_precedes_a_key_of_all_tables() {
        let sample = sample(&["user_id", "orders.customer_id", "id"], None);
        let all = columns(&["id", "User_Id", "customer_id"]);
        assert_eq!(
            part(&sample, "orders", &all).1.as_deref(),
            Some("customer_id")
        );
        assert_eq!(part(&sample, "users", &all).1.as_deref(), Some("User_Id"));
        assert_eq!(part(&sample, "users", &all[..1]).1.as_deref(), Some("id"));
    }

    #[test]
    fn a_table_without_a_key_is_an_error_or_what_is_asked() {
        let of =
            |others| sample(&["user_id"], others).of_table(&table("logs"), Some(&columns(&["a"])));
        assert_eq!(
            of(None).unwrap_err(),
            "it has no key of the sample (\"user_id\"); name one with --by logs.COLUMN, or use --sample-others skip or full"
        );
        assert_eq!(of(Some(SampleOthers::Full)), Ok(TableSample::Full));
        assert_eq!(of(Some(SampleOthers::Skip)), Ok(TableSample::Skip));
    }

    #[test]
    fn without_a_key_all_columns_are_hashed() {
        let sample = sample(&[], None);
        let (condition, by, rows) = part(&sample, "logs", &columns(&["a", "b"]));
        assert!(condition.contains("JSON_FORMAT(CAST(ROW(\"a\", \"b\", \"time\") AS JSON))"));
        assert_eq!((by, rows), (None, Some(50)));
        let names: Vec<_> = (0..150).map(|number| format!("c{number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let (condition, ..) = part(&sample, "logs", &columns(&names));
        assert_eq!(condition.matches("ROW(").count(), 3);
        assert!(sample.of_table(&table("a_view"), None).is_err());
    }

    #[test]
    fn a_key_that_no_table_has_is_an_error() {
        let tables = [
            ("users", columns(&["user_id"])),
            ("orders", columns(&["customer_id"])),
        ];
        let check = |by: &[&str]| {
            let checked = sample(by, None).check(tables.clone().into_iter());
            checked.map_err(|error| error.to_string())
        };
        assert_eq!(check(&["user_id", "orders.customer_id"]), Ok(()));
        assert_eq!(
            check(&["userid"]).unwrap_err(),
            "no chosen table has the key \"userid\" of the sample; did you mean \"user_id\"?"
        );
        assert_eq!(
            check(&["orders.user_id"]).unwrap_err(),
            "no chosen table has the key \"orders.user_id\" of the sample; did you mean \"users.user_id\", \"orders.customer_id\"?"
        );
    }
}
