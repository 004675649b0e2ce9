//! Plans a clone: an action for each table.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use petit_td::names::{SYSTEM_DATABASE, validate_database_name, validate_table_name};
use petit_td::{Column, TableInfo};
use petit_text::quoted;

use super::clone_request::{CloneRequest, OnExisting, TableComparison};
use super::copy::{self, CopiedRows, CopyTask};
use super::lease::Leases;
use super::mask::{Rules, check_time};
use super::model::{
    Action, ClonePlan, CloneTable, Orphans, Problem, Totals, size_of, sort_largest_first,
};
use super::owners::Owners;
use super::sample::{Sample, TableSample};
use super::shard::Shard;
use super::sql;
use super::staging::{is_staging_name, staging_names, table_of};
use super::table_choice::TableChoice;
use super::time_range::TimeRange;
use super::update::{self, Drift, Pair, TableUpdate};
use super::via;
use super::views::{is_listed_as_view, plan_views, view_names};
use crate::{Error, Result};

/// Plans a clone.
///
/// # Errors
/// [`Error::KeyInJob`] for a copy by TD's engine between two accounts, unless the request allows it;
/// [`Error::Refused`] for a copy of a database onto itself or of a system database; [`Error::InvalidOption`] for an invalid name
/// of the new database, for an invalid shard, for an invalid mask rule, and if every chosen table is excluded;
/// [`Error::NotFound`] for a name or glob that matches no table, and for a mask rule that matches no column.
pub fn plan_clone(request: &CloneRequest) -> Result<ClonePlan> {
    check_databases(request)?;
    request.shard.map_or(Ok(()), Shard::check)?;
    let range = TimeRange::parse(
        None,
        request.start_time.as_deref(),
        request.end_time.as_deref(),
    );
    let range = range.map_err(|reason| Error::InvalidOption { reason })?;
    let condition = range.as_ref().map(|range| range.condition(None));
    let condition = condition.transpose();
    let condition = condition.map_err(|reason| Error::InvalidOption { reason })?;
    let rules = Rules::parse(&request.mask)?;
    let sample = request.sample.as_ref().map(Sample::parse).transpose()?;
    let existing: HashMap<&str, &TableInfo> = request
        .destination_tables
        .iter()
        .flatten()
        .map(|table| (table.name.as_str(), table.as_ref()))
        .collect();
    let views = view_names(&request.source_views, &request.source_tables);
    let choice = choose(request, &views)?;
    let all = || {
        let listed = request.source_tables.iter().map(Rc::as_ref);
        listed.filter(|table| !views.contains(table.name.as_str()))
    };
    let chosen = || all().filter(|table| choice.contains(&table.name));
    rules.unmatched(
        chosen().map(|table| (table.name.as_str(), table.schema.columns())),
        false,
    )?;
    if let Some(sample) = &sample {
        let tables = chosen().map(|table| (table.name.as_str(), table.schema.columns()));
        sample.check(tables)?;
    }
    let share = request.shard.map(|shard| shard.tables(chosen()));
    let is_in_share = |name: &String| match &share {
        Some(share) => share.contains(name),
        None => choice.contains(name),
    };
    let owners = Owners::new(&request.destination_database, &request.source_tables);
    let mut sources: Vec<_> = chosen().collect();
    sort_largest_first(&mut sources);
    let comparisons = request.comparisons.iter();
    let known = Known {
        request,
        existing,
        owners: &owners,
        condition: condition.as_deref(),
        rules: &rules,
        sample: sample.as_ref(),
        comparisons: comparisons.map(|it| (it.table.as_str(), it)).collect(),
    };
    let tables: Vec<_> = sources
        .into_iter()
        .filter(|table| is_in_share(&table.name))
        .map(|table| plan_table(&known, table))
        .collect();
    Ok(ClonePlan {
        source_database: request.source_database.clone(),
        destination_database: request.destination_database.clone(),
        create_database: request.destination_tables.is_none(),
        orphans: orphans(request, &owners, &choice, is_in_share),
        warnings: general_warnings(request, &tables, range.as_ref()),
        totals: totals(&tables),
        shard: request.shard,
        not_chosen: all().count() - chosen().count(),
        views: plan_views(request, &choice),
        time_range: range.as_ref().map(TimeRange::planned),
        time_condition: condition,
        tables,
    })
}

/// The chosen tables and views.
fn choose<'a>(request: &'a CloneRequest, views: &HashSet<&str>) -> Result<TableChoice<'a>> {
    let tables = request.source_tables.iter();
    let tables = tables.map(|table| table.name.as_str());
    let names: HashSet<_> = tables.chain(views.iter().copied()).collect();
    let place = quoted(&request.source_database);
    TableChoice::new(request.tables.as_deref(), &request.exclude, &names, &place).map_err(|error| {
        let reason = error.message;
        match error.code {
            "not_found" => Error::NotFound { reason },
            _ => Error::InvalidOption { reason },
        }
    })
}

fn check_databases(request: &CloneRequest) -> Result<()> {
    let CloneRequest {
        source_database: source,
        destination_database: destination,
        ..
    } = request;
    let is_system = |name: &str| name == SYSTEM_DATABASE;
    if let Some(name) = [source, destination]
        .into_iter()
        .find(|name| is_system(name))
    {
        return Err(Error::Refused {
            reason: format!(
                "{} is a system database of TD and cannot be cloned",
                quoted(name)
            ),
        });
    }
    if request.is_same_account && source == destination {
        return Err(Error::Refused {
            reason: format!(
                "source and destination are the same database {} of the same account; give the copy another name",
                quoted(source)
            ),
        });
    }
    if via::choose(request, false).0 == via::CopyMethod::ResultOutput && !request.allow_key_in_job {
        return Err(Error::KeyInJob);
    }
    match validate_database_name(destination) {
        Err(reason) if request.destination_tables.is_none() => Err(Error::InvalidOption {
            reason: format!("invalid name of the new database: {reason}"),
        }),
        _ => Ok(()),
    }
}

/// What the plan of a table depends on.
struct Known<'a> {
    request: &'a CloneRequest,
    /// The tables of the destination.
    existing: HashMap<&'a str, &'a TableInfo>,
    owners: &'a Owners<'a>,
    /// Of the time range.
    condition: Option<&'a str>,
    sample: Option<&'a Sample>,
    rules: &'a Rules,
    comparisons: HashMap<&'a str, &'a TableComparison>,
}

fn plan_table(known: &Known<'_>, table: &TableInfo) -> CloneTable {
    let request = known.request;
    let existing = known.existing.get(table.name.as_str()).copied();
    let size = size_of(table);
    let mut planned = CloneTable {
        table: table.name.clone(),
        action: Action::Error,
        rows: size.rows,
        bytes: size.bytes,
        problem: None,
        overwrites: None,
        warnings: Vec::new(),
        update: None,
        copy: None,
        via: None,
        via_reason: None,
        masks: Vec::new(),
        sample: None,
        sample_condition: None,
    };
    if existing.is_some() && request.on_existing == OnExisting::Skip {
        planned.action = Action::Skip;
        return planned;
    }
    let columns = table.schema.columns();
    if let Err(problem) = check_table(known, table, existing) {
        planned.problem = Some(problem);
        return planned;
    }
    let sample = match sample_of(known.sample, table, &columns) {
        Ok(TableSample::Skip) => {
            planned.action = Action::Skip;
            return planned;
        }
        Ok(sample) => sample,
        Err(problem) => {
            planned.problem = Some(problem);
            return planned;
        }
    };
    let masks = known.rules.masks_of(&table.name, &columns);
    if let Err(message) = check_time(&masks) {
        planned.problem = Some(Problem::new("invalid_option", Some(&table.name), message));
        return planned;
    }
    if let (Some(existing), OnExisting::Update) = (existing, request.on_existing) {
        let pair = Pair {
            request,
            table,
            columns: &columns,
            existing,
            condition: known.condition,
            masks: &masks,
            sample: &sample,
        };
        match update::drift(&pair) {
            Drift::None => return plan_update(known, &pair, planned),
            Drift::Problem(problem) => {
                planned.problem = Some(problem);
                return planned;
            }
            Drift::Replace(reason) => {
                planned.update = Some(TableUpdate {
                    reason,
                    ..TableUpdate::default()
                });
            }
        }
    }
    let (method, _) = via::choose(request, !masks.is_empty());
    let task = CopyTask::new(
        request,
        table,
        &columns,
        method,
        copied_rows(known, table, &sample),
        existing.is_some(),
    );
    match task {
        Err(message) => {
            planned.problem = Some(Problem::new("bad_schema", Some(&table.name), message));
        }
        Ok(task) => {
            planned.action = match existing {
                Some(_) => Action::Overwrite,
                None => Action::Create,
            };
            planned.via = Some(task.method.via());
            planned.via_reason = Some(via::choose(request, !masks.is_empty()).1);
            planned.masks = masks;
            planned.copy = Some(task);
            planned.overwrites = existing.map(size_of);
            let is_user_partitioned = request.user_partitioned.contains(&table.name);
            planned.warnings = copy::warnings(
                &request.source_database,
                table,
                &columns,
                is_user_partitioned,
            );
            match sample {
                TableSample::Part { planned: part, .. } => planned.sample = Some(part),
                _ if known.sample.is_some() => planned
                    .warnings
                    .push("it has no key of the sample: all of its rows are copied".into()),
                TableSample::Full | TableSample::Skip => {}
            }
            if existing.is_some() && (known.condition.is_some() || planned.sample.is_some()) {
                planned.warnings.push(
                    "the existing table is replaced as a whole: its rows that are not copied are deleted too".into(),
                );
            }
            if existing.is_some_and(|existing| existing.delete_protected == Some(true)) {
                planned.warnings.push(
                    "the existing table is protected from deletion; TD may reject the overwrite"
                        .into(),
                );
            }
        }
    }
    planned
}

/// What the sample, if there is one, means for a table.
fn sample_of(
    sample: Option<&Sample>,
    table: &TableInfo,
    columns: &[Column],
) -> std::result::Result<TableSample, Problem> {
    let Some(sample) = sample else {
        return Ok(TableSample::Full);
    };
    sample
        .of_table(table, Some(columns))
        .map_err(|message| Problem::new("invalid_option", Some(&table.name), message))
}

/// The rows that are copied of a table.
fn copied_rows(known: &Known<'_>, table: &TableInfo, sample: &TableSample) -> CopiedRows {
    let in_range = known.condition.map(str::to_owned);
    let size = size_of(table);
    let (in_sample, size) = match (sample, known.sample) {
        (TableSample::Part { condition, .. }, Some(all)) => {
            (Some(condition.clone()), all.size_of(size))
        }
        _ => (None, size),
    };
    CopiedRows {
        condition: sql::all_of([in_range, in_sample]),
        size,
    }
}

/// Plans the update of a table that both sides have, if it was compared.
fn plan_update(known: &Known<'_>, pair: &Pair<'_>, mut planned: CloneTable) -> CloneTable {
    planned.masks = pair.masks.to_vec();
    if let TableSample::Part {
        condition,
        planned: part,
    } = pair.sample
    {
        planned.sample = Some(part.clone());
        planned.sample_condition = Some(condition.clone());
    }
    let Some(compared) = known.comparisons.get(pair.table.name.as_str()) else {
        return CloneTable {
            action: Action::Compare,
            ..planned
        };
    };
    update::plan_update(pair, compared, planned.clone()).unwrap_or_else(|problem| CloneTable {
        problem: Some(problem),
        ..planned
    })
}

/// Checks the names of a table and of what the destination has in its place.
fn check_table(
    known: &Known<'_>,
    table: &TableInfo,
    existing: Option<&TableInfo>,
) -> std::result::Result<(), Problem> {
    let Known {
        request, owners, ..
    } = known;
    let problem = |code, message: String| Problem::new(code, Some(&table.name), message);
    validate_table_name(&table.name)
        .map_err(|reason| problem("bad_name", format!("TD does not allow the name {reason}")))?;
    if owners.of(&table.name).next().is_some() {
        let message = "its name is the staging name of another table of this database";
        return Err(problem("bad_name", message.into()));
    }
    let is_view =
        existing.is_some_and(is_listed_as_view) || request.destination_views.contains(&table.name);
    if is_view {
        let message = format!(
            "{} already has a view {}",
            quoted(&request.destination_database),
            quoted(&table.name)
        );
        return Err(problem("already_exists", message));
    }
    if existing.is_some() && request.on_existing == OnExisting::Error {
        let message = format!(
            "{} already has a table {}",
            quoted(&request.destination_database),
            quoted(&table.name)
        );
        return Err(problem("already_exists", message));
    }
    Ok(())
}

/// Sessions, tables and jobs with the staging name of a chosen table, whether the table is still in the source or not. With
/// shards, only those of this shard, because other machines may be processing theirs.
fn orphans(
    request: &CloneRequest,
    owners: &Owners<'_>,
    choice: &TableChoice<'_>,
    is_in_share: impl Fn(&String) -> bool,
) -> Orphans {
    let database = &request.destination_database;
    let is_ours = |name: &str| {
        let mut owners = owners.of(name).peekable();
        if owners.peek().is_some() {
            return owners.any(|table| is_in_share(&table.name));
        }
        // The table is no longer in the source, so that its shard is unknown.
        let is_chosen = table_of(name).is_some_and(|table| choice.contains(table));
        is_chosen
            && is_staging_name(database, name)
            && request.shard.is_none_or(|shard| shard.contains(name))
    };
    // Where the tables are not known, no lease is: a gateway may have answered that the database does not exist.
    let Some(destination) = request.destination_tables.as_deref() else {
        return Orphans::default();
    };
    let leases = Leases::read(
        database,
        destination,
        request.now_ms,
        &request.ended_processes,
    );
    let is_live = |name: &&String| leases.is_live(name);
    let tables = destination.iter().map(|table| &table.name);
    let (tables_in_use, tables): (Vec<_>, Vec<_>) =
        tables.filter(|name| is_ours(name)).partition(is_live);
    let sessions = request.destination_sessions.iter();
    let (sessions_in_use, sessions): (Vec<_>, Vec<_>) =
        sessions.filter(|name| is_ours(name)).partition(is_live);
    let jobs = request.running_jobs.iter();
    let is_orphan = |name: &str| is_ours(name) && !leases.is_live(name);
    let mut in_use: Vec<_> = [tables_in_use, sessions_in_use]
        .concat()
        .into_iter()
        .cloned()
        .collect();
    in_use.sort();
    in_use.dedup();
    Orphans {
        sessions: sessions.into_iter().cloned().collect(),
        tables: tables.into_iter().cloned().chain(leases.lapsed()).collect(),
        jobs: jobs
            .filter(|job| staging_names(&job.query).any(is_orphan))
            .map(|job| job.job_id.clone())
            .collect(),
        in_use,
    }
}

fn general_warnings(
    request: &CloneRequest,
    tables: &[CloneTable],
    range: Option<&TimeRange>,
) -> Vec<String> {
    if tables.iter().all(|table| table.copy.is_none()) {
        return Vec::new();
    }
    let is_part = range.map(|range| {
        let updates = match request.on_existing {
            OnExisting::Update => "; existing tables are compared and changed only there",
            OnExisting::Error | OnExisting::Skip | OnExisting::Overwrite => "",
        };
        format!(
            "a copy has only the rows with a time {}: no others, and none without a time{updates}",
            range.description()
        )
    });
    let is_update = tables.iter().any(|table| table.update.is_some()).then(|| {
        "rows that reach the source after the comparison are copied only into ranges that are updated; the next update copies the others".to_owned()
    });
    let is_sample = request.sample.as_ref().map(|sample| {
        format!(
            "a copy of a sampled table has only about {} of its rows",
            sample.share.trim()
        )
    });
    let is_unknown = request.views_unknown.as_ref().map(|reason| {
        format!("the views of the source are not known, and a view that TD lists as a table is copied as one: {reason}")
    });
    let mut warnings: Vec<String> = is_part
        .into_iter()
        .chain(is_sample)
        .chain(is_unknown)
        .chain(is_update)
        .collect();
    warnings.extend([
        "ids, creation and update times, and permissions are not copied".into(),
        "each table is copied as of the time of its query: rows that arrive during the clone may be in one table's copy and missing in another's".into(),
    ]);
    if request.partitioning_unchecked > 0 {
        warnings.push(format!(
            "{} smaller tables were not checked for user-defined partitioning, which a copy does not get",
            request.partitioning_unchecked
        ));
    }
    warnings
}

fn totals(tables: &[CloneTable]) -> BTreeMap<Action, Totals> {
    let mut totals: BTreeMap<Action, Totals> = BTreeMap::new();
    for table in tables {
        let total = totals.entry(table.action).or_default();
        total.tables += 1;
        total.rows += u128::from(table.rows);
        total.bytes += u128::from(table.bytes);
    }
    totals
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{staging::is_staging_of, staging_name};

    fn plan_value(value: Value) -> Result<Value> {
        let request: CloneRequest = serde_json::from_value(value).unwrap();
        plan_clone(&request).map(|plan| serde_json::to_value(plan).unwrap())
    }

    fn plan(mut options: Value) -> Value {
        let defaults = json!({"sourceDatabase": "src", "destinationDatabase": "copy", "sourceTables": tables(), "run": 5});
        for (name, value) in defaults.as_object().unwrap() {
            options
                .as_object_mut()
                .unwrap()
                .entry(name)
                .or_insert(value.clone());
        }
        plan_value(options).unwrap()
    }

    fn tables() -> Value {
        json!([
            {"name": "orders", "type": "log", "count": 10, "estimatedStorageSize": 100, "schema": "[[\"id\",\"long\"]]"},
            {"name": "events", "type": "log", "count": 50, "estimatedStorageSize": 900, "schema": "[[\"id\",\"long\"]]"},
        ])
    }

    fn actions(plan: &Value) -> Vec<(&str, &str)> {
        let tables = plan["tables"].as_array().unwrap().iter();
        tables
            .map(|it| {
                (
                    it["table"].as_str().unwrap(),
                    it["action"].as_str().unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn only_tables_without_a_mask_are_copied_by_the_engine() {
        let masked = plan(json!({
            "mask": ["orders.id=hash"], "via": "engine", "isSameAccount": true, "destinationReadsSource": true,
        }));
        let [events, orders] = [0, 1].map(|index| &masked["tables"][index]);
        assert_eq!(
            (&events["via"], &orders["via"]),
            (&json!("engine"), &json!("client"))
        );
        assert_eq!(orders["masks"], json!([{"column": "id", "method": "hash"}]));
        assert_eq!(events["masks"], json!([]));
        assert!(
            orders["viaReason"]
                .as_str()
                .unwrap()
                .starts_with("petit masks its columns")
        );
    }

    #[test]
    fn masks_are_checked() {
        let error = |mask: &str| {
            let request = json!({
                "sourceDatabase": "src", "destinationDatabase": "copy", "sourceTables": tables(), "mask": [mask],
            });
            plan_value(request).unwrap_err().code()
        };
        assert_eq!(error("id"), "invalid_option");
        assert_eq!(error("email=hash"), "not_found");
        let problem = &plan(json!({"mask": ["time=null"]}))["tables"][0]["problem"];
        assert_eq!(problem["code"], "invalid_option");
    }

    #[test]
    fn into_nothing_everything_is_created() {
        let plan = plan(json!({}));
        assert_eq!(plan["createDatabase"], true);
        assert_eq!(actions(&plan), [("events", "create"), ("orders", "create")]);
        assert_eq!(
            plan["orphans"],
            json!({"sessions": [], "tables": [], "jobs": [], "inUse": []})
        );
        assert_eq!(
            plan["totals"],
            json!({"create": {"tables": 2, "rows": 60, "bytes": 1000}})
        );
        assert_eq!(plan["warnings"].as_array().unwrap().len(), 2);
        let staging = staging_name("copy", "orders", 5);
        assert_eq!(
            plan["tables"][1]["copy"],
            json!({
                "method": "bulk-import", "expireDays": null, "includeV": null,
                "description": null, "stagingTable": staging, "session": staging,
                "countSql": format!("SELECT COUNT(1) FROM \"copy\".\"{staging}\""), "overwrite": false,
                "condition": null, "hasCondition": false,
                "sourceCountSql": "SELECT COUNT(1) FROM \"src\".\"orders\"", "sliceRows": null,
                "slicesSql": "SELECT COUNT(1), MIN(time), MAX(time) FROM \"src\".\"orders\" GROUP BY CASE WHEN time < 0 THEN -1 WHEN time < 4102444800 THEN time / 86400 WHEN time >= 4102444800 THEN 47482 END",
            })
        );
    }

    #[test]
    fn a_copy_of_a_range_says_so() {
        let there = json!([{"name": "orders", "count": 3}]);
        let plan = plan(json!({
            "startTime": "2026-01-01", "endTime": "2026-02-01", "destinationTables": there, "onExisting": "overwrite",
        }));
        assert_eq!(
            plan["timeRange"],
            json!({"column": "time", "startTime": "2026-01-01", "endTime": "2026-02-01"})
        );
        assert_eq!(
            plan["warnings"][0],
            "a copy has only the rows with a time from 2026-01-01 (inclusive) to 2026-02-01 (exclusive): no others, and none without a time"
        );
        let [events, orders] = plan["tables"].as_array().unwrap().as_slice() else {
            panic!("{plan}")
        };
        assert_eq!(events["warnings"], json!([]));
        assert_eq!(
            orders["warnings"],
            json!([
                "the existing table is replaced as a whole: its rows that are not copied are deleted too"
            ])
        );
        let refused = plan_value(json!({
            "sourceDatabase": "src", "destinationDatabase": "copy", "sourceTables": [], "startTime": "soon",
        }));
        assert_eq!(refused.unwrap_err().code(), "invalid_option");
    }

    #[test]
    fn sums_are_exact_beyond_every_count() {
        let request = json!({
            "sourceDatabase": "src", "destinationDatabase": "copy",
            "sourceTables": [
                {"name": "orders", "count": u64::MAX, "estimatedStorageSize": u64::MAX},
                {"name": "events", "count": "9007199254740993", "estimatedStorageSize": 1},
            ],
        });
        let request: CloneRequest = serde_json::from_value(request).unwrap();
        let plan = plan_clone(&request).unwrap();
        let most = u128::from(u64::MAX);
        let (rows, bytes) = (most + 9_007_199_254_740_993, most + 1);
        let expected = Totals {
            tables: 2,
            rows,
            bytes,
        };
        assert_eq!(plan.totals[&Action::Create], expected);
        assert_eq!(plan.tables[1].rows, 9_007_199_254_740_993);
    }

    #[test]
    fn existing_tables_are_handled_as_requested() {
        let there = json!([
            {"name": "orders", "count": 3, "estimatedStorageSize": 30, "deleteProtected": true},
            {"name": "others", "count": 4},
        ]);
        let with = |on_existing: &str| {
            plan(json!({"destinationTables": there, "onExisting": on_existing}))
        };

        let refused = with("error");
        assert_eq!(refused["createDatabase"], false);
        assert_eq!(
            actions(&refused),
            [("events", "create"), ("orders", "error")]
        );
        let orders = &refused["tables"][1];
        assert_eq!(
            orders["problem"],
            json!({"code": "already_exists", "table": "orders", "message": "\"copy\" already has a table \"orders\""})
        );
        assert_eq!(
            (&orders["copy"], &orders["overwrites"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(
            refused["totals"]["error"],
            json!({"tables": 1, "rows": 10, "bytes": 100})
        );

        let skipped = with("skip");
        assert_eq!(
            actions(&skipped),
            [("events", "create"), ("orders", "skip")]
        );
        assert_eq!(skipped["tables"][1]["copy"], Value::Null);

        let replaced = with("overwrite");
        assert_eq!(
            actions(&replaced),
            [("events", "create"), ("orders", "overwrite")]
        );
        let orders = &replaced["tables"][1];
        assert_eq!(orders["overwrites"], json!({"rows": 3, "bytes": 30}));
        assert_eq!(orders["copy"]["overwrite"], true);
        assert_eq!(
            orders["warnings"],
            json!(["the existing table is protected from deletion; TD may reject the overwrite"])
        );
    }

    #[test]
    fn tables_whose_partitioning_is_not_known_are_counted() {
        let plan = plan(json!({"partitioningUnchecked": 9_800}));
        assert_eq!(
            plan["warnings"][2],
            "9800 smaller tables were not checked for user-defined partitioning, which a copy does not get"
        );
    }

    #[test]
    fn nothing_to_copy_needs_no_warnings() {
        let there = json!([{"name": "orders"}, {"name": "events"}]);
        let plan = plan(json!({"destinationTables": there, "onExisting": "skip"}));
        assert_eq!(plan["warnings"], json!([]));
    }

    #[test]
    fn what_earlier_runs_left_is_known_by_its_exact_name() {
        let orders = staging_name("copy", "orders", 5);
        let gone = staging_name("copy", "dropped_since", 6);
        let long = "x".repeat(128);
        let cut = staging_name("copy", &long, 7);
        let foreign = staging_name("other", "orders", 5);
        let names = [
            "orders",
            &orders,
            &gone,
            &cut,
            &foreign,
            "petit_staging_mine",
        ];
        let there: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
        let mut sources = tables();
        sources.as_array_mut().unwrap().push(json!({"name": long}));
        let plan = plan(json!({
            "sourceTables": sources, "destinationTables": there, "destinationSessions": names, "onExisting": "skip",
        }));
        let ours = json!([orders, gone, cut]);
        assert_eq!(
            plan["orphans"],
            json!({"sessions": ours, "tables": ours, "jobs": [], "inUse": []})
        );
    }

    #[test]
    fn only_chosen_tables_are_planned() {
        let chosen = plan(json!({"tables": ["ord*"]}));
        assert_eq!(actions(&chosen), [("orders", "create")]);
        assert_eq!(chosen["notChosen"], 1);
        let excluded = plan(json!({"exclude": ["ord*"]}));
        assert_eq!(actions(&excluded), [("events", "create")]);
        let nothing = plan(json!({"tables": []}));
        assert_eq!(
            (actions(&nothing), &nothing["notChosen"]),
            (vec![], &json!(2))
        );
        let refused = plan_value(json!({
            "sourceDatabase": "src", "destinationDatabase": "copy", "sourceTables": tables(), "tables": ["order"],
        }));
        let refused = refused.unwrap_err();
        assert_eq!(refused.report().code, "not_found");
        assert_eq!(
            refused.to_string(),
            "there is no table \"order\" in \"src\"; did you mean \"orders\"?"
        );
    }

    #[test]
    fn nothing_of_a_table_that_is_not_chosen_is_an_orphan() {
        let orders = staging_name("copy", "orders", 5);
        let events = staging_name("copy", "events", 5);
        let gone = staging_name("copy", "dropped_since", 6);
        let names = [&orders, &events, &gone];
        let there: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
        let jobs: Vec<_> = names
            .iter()
            .map(|name| json!({"jobId": name, "query": format!("INSERT INTO \"copy\".\"{name}\"")}))
            .collect();
        let cases = [
            (json!(["orders"]), json!([]), json!([orders])),
            (json!(["orders", "dropped_since*"]), json!([]), json!([])),
            (json!(["*"]), json!(["events"]), json!([orders, gone])),
            (json!(["*s*"]), json!(["orders"]), json!([events, gone])),
        ];
        for (tables, exclude, expected) in cases {
            let request = json!({
                "sourceDatabase": "src", "destinationDatabase": "copy", "sourceTables": self::tables(),
                "destinationTables": there, "destinationSessions": names, "runningJobs": jobs,
                "tables": tables, "exclude": exclude,
            });
            // A glob for a table that is gone matches nothing, and is an error as every other.
            let orphans = plan_value(request).map_or(json!([]), |plan| {
                assert_eq!(plan["orphans"]["tables"], plan["orphans"]["sessions"]);
                assert_eq!(plan["orphans"]["tables"], plan["orphans"]["jobs"]);
                plan["orphans"]["tables"].clone()
            });
            assert_eq!(orphans, expected, "{tables} {exclude}");
        }
    }

    #[test]
    fn jobs_that_still_write_into_staging_tables_are_left_over() {
        let jobs = json!([
            {"jobId": "1", "query": format!("INSERT INTO \"copy\".\"{}\" (a) SELECT a", staging_name("copy", "orders", 9))},
            {"jobId": "2", "query": format!("INSERT INTO \"x\".\"{}\" (a) SELECT a", staging_name("x", "orders", 9))},
            {"jobId": "3", "query": "SELECT 1"},
        ]);
        let plan = plan(json!({"destinationTables": [], "runningJobs": jobs}));
        assert_eq!(plan["orphans"]["jobs"], json!(["1"]));
    }

    #[test]
    fn nothing_is_left_over_where_no_lease_can_be_seen() {
        let name = staging_name("copy", "orders", 9);
        let jobs = json!([{"jobId": "1", "query": format!("INSERT INTO \"copy\".\"{name}\" (a) SELECT a")}]);
        let request =
            json!({"destinationTables": null, "destinationSessions": [name], "runningJobs": jobs});
        let none = json!({"sessions": [], "tables": [], "jobs": [], "inUse": []});
        assert_eq!(plan(request)["orphans"], none);
    }

    #[test]
    fn a_share_has_its_tables_and_what_they_left() {
        let names: Vec<_> = (0..30).map(|number| format!("table_{number}")).collect();
        let sources: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
        let left: Vec<_> = names
            .iter()
            .map(|name| staging_name("copy", name, 3))
            .chain([staging_name("copy", "gone", 3)])
            .collect();
        let there: Vec<_> = left.iter().map(|name| json!({"name": name})).collect();
        let (mut tables, mut leftovers) = (Vec::new(), Vec::new());
        for index in 1..=3 {
            let shard = json!({"index": index, "count": 3});
            let plan = plan(json!({
                "sourceTables": sources, "destinationTables": there, "shard": shard,
            }));
            assert_eq!(plan["shard"], shard);
            let own: Vec<_> = actions(&plan)
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect();
            for name in plan["orphans"]["tables"].as_array().unwrap() {
                let name = name.as_str().unwrap();
                let is_own = own.iter().any(|table| is_staging_of("copy", table, name));
                assert!(is_own || name.ends_with("_gone"), "{name}");
                leftovers.push(name.to_owned());
            }
            tables.extend(own);
        }
        tables.sort();
        leftovers.sort();
        let (mut names, mut left) = (names, left);
        names.sort();
        left.sort();
        assert_eq!((tables, leftovers), (names, left));
        let refused = plan_value(json!({
            "sourceDatabase": "a", "destinationDatabase": "bcd", "sourceTables": [], "shard": {"index": 4, "count": 3},
        }));
        assert_eq!(refused.unwrap_err().code(), "invalid_option");
    }

    #[test]
    fn forbidden_clones_are_rejected() {
        let refused = |options: Value| plan_value(options).unwrap_err();
        let onto_itself = refused(json!({
            "sourceDatabase": "db1", "destinationDatabase": "db1", "isSameAccount": true, "sourceTables": [],
        }));
        assert_eq!(
            (onto_itself.code(), onto_itself.to_string().as_str()),
            (
                "not_allowed",
                "source and destination are the same database \"db1\" of the same account; give the copy another name"
            )
        );
        for (source, destination) in [("information_schema", "db1"), ("db1", "information_schema")]
        {
            let system = refused(json!({
                "sourceDatabase": source, "destinationDatabase": destination, "sourceTables": [],
            }));
            assert_eq!(system.code(), "not_allowed");
            assert_eq!(system.report().code, "not_allowed");
        }
        for name in ["ab", "New-DB", "a\"b; DROP", "../x"] {
            let bad = refused(
                json!({"sourceDatabase": "db1", "destinationDatabase": name, "sourceTables": []}),
            );
            assert_eq!(bad.code(), "invalid_option", "{name}");
            assert!(
                bad.to_string()
                    .starts_with("invalid name of the new database: \""),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_clone_within_an_account_or_between_two_is_fine() {
        for (source, destination, is_same_account) in [("db1", "db2", true), ("db1", "db1", false)]
        {
            let plan = plan_value(json!({
                "sourceDatabase": source, "destinationDatabase": destination, "isSameAccount": is_same_account,
                "sourceTables": [],
            }));
            assert_eq!(plan.unwrap()["tables"], json!([]));
        }
        // The name of an existing database is valid.
        let odd = plan_value(json!({
            "sourceDatabase": "db1", "destinationDatabase": "Odd-Name", "sourceTables": [], "destinationTables": [],
        }));
        assert!(odd.is_ok());
    }

    #[test]
    fn tables_that_cannot_be_copied_do_not_stop_the_others() {
        let staging = staging_name("copy", "orders", 5);
        let two_names = json!([["a", "long", "x"], ["b", "long", "X"]]);
        let cases = [
            (
                json!({"name": "Bad Name"}),
                "bad_name",
                "TD does not allow the name \"Bad Name\"",
            ),
            (
                json!({"name": staging}),
                "bad_name",
                "its name is the staging name of another table",
            ),
            (
                json!({"name": "two_names", "schema": two_names}),
                "bad_schema",
                "it has two columns with the SQL name \"X\"",
            ),
        ];
        for (table, code, message) in cases {
            let mut sources = tables();
            sources.as_array_mut().unwrap().push(table.clone());
            let plan = plan(json!({"sourceTables": sources}));
            assert_eq!(
                actions(&plan)[..2],
                [("events", "create"), ("orders", "create")]
            );
            let refused = &plan["tables"][2];
            assert_eq!(
                (&refused["action"], &refused["problem"]["code"]),
                (&json!("error"), &json!(code))
            );
            let message_text = refused["problem"]["message"].as_str().unwrap();
            assert!(message_text.starts_with(message), "{message_text}");
        }
    }

    #[test]
    fn user_partitioned_tables_have_a_warning() {
        let plan = plan(json!({"userPartitioned": ["orders"]}));
        assert_eq!(plan["tables"][0]["warnings"], json!([]));
        assert_eq!(plan["tables"][1]["warnings"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_key_is_stored_with_a_job_only_if_that_is_allowed() {
        let plan = |via: &str, allowed: bool, is_same_account: bool| {
            let request = json!({
                "sourceDatabase": "db1", "destinationDatabase": "db2", "isSameAccount": is_same_account,
                "sourceTables": [], "destinationReadsSource": is_same_account, "via": via, "allowKeyInJob": allowed,
            });
            plan_clone(&serde_json::from_value(request).unwrap()).map_err(|error| error.code())
        };
        assert_eq!(plan("engine", false, false).unwrap_err(), "key_in_job");
        assert!(plan("engine", true, false).is_ok());
        assert!(plan("engine", false, true).is_ok());
        assert!(plan("auto", false, false).is_ok());
    }
}
