//! Plans the update of a table that both sides have, from their comparison by ranges of time.

mod expired;
mod ranges;

use petit_td::{Column, TableInfo};
use petit_text::{bigint, pluralize, quoted};
use serde::Serialize;

use super::clone_request::{CloneRequest, OnDrift, TableComparison, ViaChoice};
use super::copy::{CopiedRows, CopyTask, mask_columns};
use super::mask::{PlannedMask, TIME};
use super::model::{Action, CloneTable, Problem, Size};
use super::range_comparison::RangeDifference;
use super::sample::TableSample;
use super::schema_differences::differences;
use super::via::{self, CopyMethod};
use super::{copy, sql};
use ranges::MergedRange;

/// Maximum number of ranges in one statement.
const MAX_RANGES: usize = 200;

/// Why an append goes by client.
const ONE_COMMIT: &str = "only a bulk import session adds rows to an existing table in one step";

/// What is updated in a table, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct TableUpdate {
    /// Why the table has its action.
    pub reason: String,
    /// The ranges of time whose rows come from the source, in the order of time.
    pub ranges: Vec<UpdatedRange>,
    /// Differences that are left as they are, and why.
    pub left_alone: Vec<String>,
    /// Number of rows that a rebuild copies from the existing table, about.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint", optional))]
    pub kept_rows: Option<u64>,
    /// The condition of these rows; `None` if none is kept.
    pub kept_condition: Option<String>,
    /// The condition of the rows of the ranges; `None` without ranges.
    pub condition: Option<String>,
    /// The query for the number of rows that the existing table has in the ranges.
    pub count_sql: Option<String>,
    /// The query for the number of all rows of the existing table.
    pub total_sql: Option<String>,
    /// The query for the number of rows that are kept.
    pub kept_count_sql: Option<String>,
}

/// A range of time that is updated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct UpdatedRange {
    /// Its name for people, in UTC.
    pub label: String,
    /// Rows of the source.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub source_rows: u64,
    /// Rows of the destination.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub destination_rows: u64,
}

/// What the planner knows of a table that both sides have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub request: &'a CloneRequest,
    pub table: &'a TableInfo,
    pub columns: &'a [Column],
    pub existing: &'a TableInfo,
    /// Of the time range of the request.
    pub condition: Option<&'a str>,
    /// The columns that are masked. The existing table has their masked values.
    pub masks: &'a [PlannedMask],
    /// The rows of the source that the existing table has.
    pub sample: &'a TableSample,
}

/// What to do about different columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Drift {
    None,
    /// Replace the table, for this reason.
    Replace(String),
    Problem(Problem),
}

/// Compares the columns of both sides: those of the source as masking leaves them.
pub(super) fn drift(pair: &Pair<'_>) -> Drift {
    let problem =
        |code, message: String| Drift::Problem(Problem::new(code, Some(&pair.table.name), message));
    if let Some(reason) = not_comparable(pair) {
        return problem("invalid_option", reason);
    }
    let mut columns = pair.columns.to_vec();
    columns.retain(|column| column.key != TIME);
    mask_columns(&mut columns, pair.masks);
    let sides = ["the source", "the destination"];
    let found = differences(&columns, &pair.existing.schema.columns(), sides);
    if found.is_empty() {
        return Drift::None;
    }
    let reason = format!("the columns differ: {}", found.join("; "));
    match (pair.request.on_drift, pair.condition) {
        (OnDrift::Fail, _) => problem("schema_drift", reason),
        (OnDrift::Rebuild, None) => Drift::Replace(reason),
        (OnDrift::Rebuild, Some(_)) => problem(
            "schema_drift",
            format!("{reason}; a time range of such a table cannot be updated"),
        ),
    }
}

/// Why a masked table cannot be compared with its source, if it cannot.
fn not_comparable(pair: &Pair<'_>) -> Option<String> {
    if pair.masks.is_empty() {
        return None;
    }
    if pair.masks.iter().any(|mask| mask.column == TIME) {
        return Some("the rule for time gives the rows of the copy other times, so that they cannot be compared by time; replace the table with --overwrite".into());
    }
    let is_checked = pair.request.checksum;
    is_checked.then(|| "checksums of masked rows differ from those of the source, and no SQL may have the secret; update with --verify count, or replace the table with --overwrite".into())
}

/// Plans the update of a table with the columns of its source.
///
/// # Errors
/// A problem with the columns of the table.
pub(super) fn plan_update(
    pair: &Pair<'_>,
    compared: &TableComparison,
    mut planned: CloneTable,
) -> Result<CloneTable, Problem> {
    let changed = expired::changed(pair, compared);
    let ranges = ranges::merge(&changed.differences, MAX_RANGES);
    let (action, reason) = action(pair, compared, &changed);
    let left_alone = changed.left_alone;
    planned.action = action;
    planned.warnings = warnings(pair, compared, action);
    let update = TableUpdate {
        reason,
        left_alone,
        ..TableUpdate::default()
    };
    if action == Action::Skip {
        planned.update = Some(update);
        return Ok(planned);
    }
    let rows = ranges.iter().map(|range| range.source_rows).sum();
    let size = Size {
        rows,
        bytes: share(pair.table, compared.comparison.source_rows, rows),
    };
    let is_rebuild = action == Action::Rebuild;
    let (method, via_reason) = if is_rebuild {
        via::choose(pair.request, !pair.masks.is_empty())
    } else {
        (CopyMethod::BulkImport, ONE_COMMIT)
    };
    let in_ranges = ranges::condition(ranges.iter().map(|range| range.range));
    let Pair {
        request,
        table,
        columns,
        ..
    } = pair;
    let rows = CopiedRows {
        condition: sql::all_of([in_ranges, planned.sample_condition.clone()]),
        size,
    };
    let copy = CopyTask::new(request, table, columns, method, rows, is_rebuild);
    let copy = copy.map_err(|message| Problem::new("bad_schema", Some(&table.name), message))?;
    planned.update = Some(if is_rebuild {
        update
            .with_ranges(pair, &ranges)
            .with_kept(pair, &ranges, compared)
    } else {
        update.with_ranges(pair, &ranges)
    });
    (planned.rows, planned.bytes) = (size.rows, size.bytes);
    (planned.via, planned.via_reason) = (Some(method.via()), Some(via_reason));
    planned.copy = Some(copy);
    Ok(planned)
}

impl TableUpdate {
    fn with_ranges(self, pair: &Pair<'_>, ranges: &[MergedRange]) -> Self {
        let condition = ranges::condition(ranges.iter().map(|range| range.range));
        Self {
            count_sql: Some(count_sql(pair, condition.as_deref())),
            condition,
            ranges: ranges.iter().map(UpdatedRange::from).collect(),
            ..self
        }
    }

    /// Adds what a rebuild keeps: all rows of the existing table outside of the ranges.
    fn with_kept(
        self,
        pair: &Pair<'_>,
        ranges: &[MergedRange],
        compared: &TableComparison,
    ) -> Self {
        let replaced = ranges.iter().map(|range| range.destination_rows);
        let all = compared.comparison.destination_rows;
        // With a time range, the rows outside of it were not counted.
        let is_counted = pair.condition.is_none();
        let kept = ranges::complement(ranges.iter().map(|range| range.range));
        let kept = ranges::condition(kept.into_iter());
        Self {
            kept_rows: is_counted.then(|| all.saturating_sub(replaced.sum())),
            kept_count_sql: kept.as_deref().map(|kept| count_sql(pair, Some(kept))),
            kept_condition: kept,
            total_sql: Some(count_sql(pair, None)),
            ..self
        }
    }
}

/// The query for the number of rows of the existing table for which a condition holds.
fn count_sql(pair: &Pair<'_>, condition: Option<&str>) -> String {
    let database = &pair.request.destination_database;
    sql::count_rows_of(&sql::table_where(database, &pair.table.name, condition))
}

/// The action for a table with these differences, and the reason.
fn action(
    pair: &Pair<'_>,
    compared: &TableComparison,
    changed: &expired::Changed<'_>,
) -> (Action, String) {
    let differing = changed.differences.len();
    if differing == 0 {
        let all = pluralize(to_u64(compared.comparison.ranges), "range");
        let is_all = changed.left_alone.is_empty();
        let except = if is_all {
            ""
        } else {
            ", except what is left as it is"
        };
        return (Action::Skip, format!("equal in {all} of time{except}"));
    }
    let all = pluralize(to_u64(differing), "range");
    let has_rows = |(difference, _): &&(&RangeDifference, bool)| difference.destination_rows > 0;
    let occupied = changed.differences.iter().filter(has_rows).count();
    if occupied > 0 {
        let reason = format!("the destination has other rows in {occupied} of {all} that differ");
        return (Action::Rebuild, reason);
    }
    let reason = format!("the destination has no rows in {all} that differ");
    if pair.request.via == ViaChoice::Engine {
        let reason = format!("{reason}, but {ONE_COMMIT}, and the rows go via engine as requested");
        return (Action::Rebuild, reason);
    }
    if ranges::are_cut(&changed.differences, MAX_RANGES) {
        return (
            Action::Rebuild,
            format!("{reason}, which are too many to add"),
        );
    }
    (Action::Append, reason)
}

fn warnings(pair: &Pair<'_>, compared: &TableComparison, action: Action) -> Vec<String> {
    let Pair {
        request,
        table,
        columns,
        existing,
        ..
    } = pair;
    let is_rebuild = action == Action::Rebuild;
    let mut warnings = if is_rebuild {
        copy::warnings(&request.source_database, table, columns, false)
    } else {
        Vec::new()
    };
    if !pair.masks.is_empty() {
        warnings.push("masked rows are compared by their number only: a row that has changed in place is not noticed".into());
    }
    if matches!(pair.sample, TableSample::Full) && request.sample.is_some() {
        warnings.push("it has no key of the sample: all of its rows are compared".into());
    }
    let days = |table: &TableInfo| match table.expire_days {
        Some(days) if days > 0 => format!("{days} days"),
        _ => "unlimited".into(),
    };
    if days(table) != days(existing) {
        let (source, destination) = (days(table), days(existing));
        warnings.push(format!(
            "rows expire after {source} in the source, {destination} in the destination{}",
            match is_rebuild {
                true => "; the rebuilt table gets the source's setting",
                false => "; this is left as it is",
            }
        ));
    }
    if is_rebuild && compared.is_user_partitioned {
        warnings.push(
            "the existing table is user-partitioned; the rebuilt one will have the default partitions by time"
                .into(),
        );
    }
    if is_rebuild && existing.delete_protected == Some(true) {
        warnings.push(format!(
            "the existing table {} is protected from deletion; TD may reject its replacement",
            quoted(&existing.name)
        ));
    }
    warnings
}

/// The stored size of some rows of a table, in proportion to all.
fn share(table: &TableInfo, counted: u64, rows: u64) -> u64 {
    let all = table.count.unwrap_or_default().max(counted).max(1);
    let bytes = u128::from(table.estimated_storage_size.unwrap_or_default());
    u64::try_from(bytes * u128::from(rows) / u128::from(all)).unwrap_or(u64::MAX)
}

fn to_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
