//! Plans an export: a task for each file.

use std::collections::HashSet;
use std::rc::Rc;

use petit_codec::mask::Method;
use petit_td::{Column, TableInfo};
use petit_text::quoted;
use serde::Serialize;
use serde_json::json;

use super::check_outputs::check_outputs;
use super::columns;
use super::file_name::{folder, parquet_file};
use super::mask::{Rule, Rules};
use super::model::{ExportPlan, ExportRequest, ExportTask, Problem, size_of, sort_largest_first};
use super::partition::Partitioning;
use super::sample::{Sample, TableSample};
use super::slice::{FETCH_SLICE_ROWS, counts_by_day, slice_rows};
use super::sql;
use super::store_url::StoreUrl;
use super::table_choice::{NoTable, TableChoice};
use super::time_range::TimeRange;
use super::views::is_listed_as_view;
use crate::Error;

/// The output path of standard output.
const STDOUT: &str = "-";

/// The end of the name of a single file.
const EXTENSION: &str = ".parquet";

/// The type of a table that is a view.
const VIEW: &str = "view";

/// An output path that must be inspected before the export is planned.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ExportOutput {
    /// The path of the file, or of the folder of files.
    pub output_path: String,
    /// The partitioning of the folder, if it has one.
    pub partitioning: Option<Partitioning>,
    /// Whether a table, or a partition, can have several files. They are replaced together.
    pub is_set: bool,
    /// Whether the text of the manifest is needed.
    pub is_update: bool,
}

/// The output paths of an export; none if one of them cannot be one.
pub fn export_outputs(request: &ExportRequest) -> Vec<ExportOutput> {
    if check_paths(request).is_err() {
        return Vec::new();
    }
    let tasks = plan_tasks(request).tasks.into_iter();
    tasks
        .map(|task| ExportOutput {
            output_path: task.output_path,
            partitioning: task.partitioning,
            is_set: task.file_size.is_some(),
            is_update: task.is_update,
        })
        .collect()
}

/// Plans an export. Errors are the problems of the plan.
pub fn plan_export(request: &ExportRequest) -> ExportPlan {
    let mut plan = plan_tasks(request);
    check_outputs(request, &mut plan);
    plan
}

fn plan_tasks(request: &ExportRequest) -> ExportPlan {
    let mut plan = ExportPlan::default();
    for checked in [check_options(request), check_paths(request)] {
        if let Err(message) = checked {
            plan.problems
                .push(Problem::new("invalid_option", None, message));
        }
    }
    let rules = Rules::parse(&request.mask).unwrap_or_else(|error| {
        let problem = Problem::new(error.code(), None, error.to_string());
        plan.problems.push(problem);
        Rules::default()
    });
    if request.query.is_some() || request.job_id.is_some() {
        plan.tasks.push(result_task(request));
    } else {
        plan_tables(request, &rules, &mut plan);
    }
    set_single_output(request, &mut plan);
    plan
}

fn check_options(request: &ExportRequest) -> Result<(), String> {
    let ExportRequest { query, job_id, .. } = request;
    let is_result = query.is_some() || job_id.is_some();
    let has_time = [&request.time_column, &request.start_time, &request.end_time]
        .iter()
        .any(|option| option.is_some());
    if query.is_some() && job_id.is_some() {
        return Err("a query and a job are mutually exclusive".into());
    }
    if query.as_ref().is_some_and(|query| query.trim().is_empty()) {
        return Err("the query is empty".into());
    }
    if is_result && !(request.tables.is_empty() && request.exclude.is_empty()) {
        return Err("tables and a query or job are mutually exclusive".into());
    }
    if request.file_size == Some(0) {
        return Err("a file size of 0 bytes is too small".into());
    }
    if request.update && request.partition.is_none() {
        return Err("an update requires partitions: it exports those that changed".into());
    }
    if request.update && !(request.mask.is_empty() && request.sample.is_none()) {
        return Err(
            "an update is mutually exclusive with masks and samples, because the files may have others"
                .into(),
        );
    }
    if request.update && request.limit.is_some() {
        return Err(
            "an update and a limit are mutually exclusive: the update compares all rows".into(),
        );
    }
    if request.update && request.overwrite {
        return Err("an update and an overwrite are mutually exclusive".into());
    }
    if request.checksum && !request.update {
        return Err("a check of checksums requires an update".into());
    }
    if is_result && request.partition.is_some() {
        return Err(
            "partitions require tables; the result of a query or job has no time column".into(),
        );
    }
    if is_result && request.sample.is_some() {
        return Err("a sample requires tables; add it to the query instead".into());
    }
    if is_result && !request.columns.is_empty() {
        return Err("--columns requires tables; name the columns in the query instead".into());
    }
    if is_result && request.limit.is_some() {
        return Err("--limit requires tables; add it to the query instead".into());
    }
    columns::check_names("--columns", &request.columns)?;
    columns::check_names("--timestamp-columns", &request.timestamp_columns)?;
    if is_result && has_time {
        return Err("a time range requires tables; add it to the query instead".into());
    }
    Ok(())
}

/// Checks that the output paths are paths or addresses of objects.
fn check_paths(request: &ExportRequest) -> Result<(), String> {
    for path in request.output.iter().chain([&request.output_dir]) {
        if StoreUrl::parse(path)?.is_none() && path.contains('\0') {
            return Err("an output path contains a NUL character".into());
        }
    }
    Ok(())
}

fn result_task(request: &ExportRequest) -> ExportTask {
    let database = request.database.clone();
    let file = output_name(
        request,
        &match &request.job_id {
            Some(job_id) => format!("job_{job_id}"),
            None => format!("{database}_query"),
        },
    );
    let mut metadata = origin_metadata(request);
    metadata.extend(timestamp_metadata(&request.timestamp_columns));
    if let Some(query) = &request.query {
        metadata.push(("td.query".into(), query.clone()));
    }
    ExportTask {
        table: file.clone(),
        database,
        sql: request.query.clone(),
        job_id: request.job_id.clone(),
        required_masks: request.mask.clone(),
        timestamp_columns: request.timestamp_columns.clone(),
        output_path: request.in_output_dir(&file),
        file_size: request.file_size,
        metadata,
        ..ExportTask::default()
    }
}

/// The name of a file, or of a folder of files.
fn output_name(request: &ExportRequest, stem: &str) -> String {
    match is_folder(request) {
        true => folder(stem),
        false => parquet_file(stem),
    }
}

fn is_folder(request: &ExportRequest) -> bool {
    request.partition.is_some() || request.file_size.is_some()
}

fn plan_tables(request: &ExportRequest, rules: &Rules, plan: &mut ExportPlan) {
    let range = TimeRange::parse(
        request.time_column.as_deref(),
        request.start_time.as_deref(),
        request.end_time.as_deref(),
    );
    let range = range.unwrap_or_else(|message| {
        plan.problems
            .push(Problem::new("invalid_option", None, message));
        None
    });
    let range = range.map(|range| range.converted(request.times_are_converted));
    plan.time_range = range.as_ref().map(TimeRange::planned);
    let unlisted: Vec<_> = TableChoice::names_alone(&request.tables, &request.exclude)
        .into_iter()
        .map(|name| unlisted_table(name))
        .collect();
    let views = unlisted_views(request);
    let listing: Option<Vec<&TableInfo>> = request
        .listing
        .as_ref()
        .map(|listing| listing.iter().map(Rc::as_ref).chain(&views).collect());
    let mut tables: Vec<&TableInfo> = match &listing {
        None => unlisted.iter().collect(),
        Some(listing) => {
            let (tables, error) = choose(request, listing);
            if let Some(error) = error {
                plan.needs_views = error.code == "not_found" && request.views.is_none();
                let problem = Problem::new(error.code, error.pattern.as_deref(), error.message);
                plan.problems.push(problem);
            }
            tables
        }
    };
    if request.tables.is_empty() {
        let skipped = tables.extract_if(.., |table| is_listed_as_view(table));
        plan.skipped_views = skipped.map(|view| view.name.clone()).collect();
    }
    let listed = listing.map_or(0, |listing| listing.len());
    plan.not_chosen = listed.saturating_sub(tables.len() + plan.skipped_views.len());
    sort_largest_first(&mut tables);
    let (known, unknown): (Vec<&TableInfo>, Vec<&TableInfo>) = tables
        .iter()
        .partition(|table| has_known_columns(request, table));
    let known = known.iter();
    let unmatched = rules.unmatched(
        known.map(|table| (table.name.as_str(), table.schema.columns())),
        !unknown.is_empty(),
    );
    let unmatched = unmatched.unwrap_or_else(|error| {
        let problem = Problem::new(error.code(), None, error.to_string());
        plan.problems.push(problem);
        Vec::new()
    });
    check_timestamps(request, &tables, plan);
    let sample = parse_sample(request, known_columns(request, &tables), plan);
    for table in tables {
        match table_task(request, table, range.as_ref(), sample.as_ref()) {
            Ok(None) => plan.not_chosen += 1,
            Ok(Some(mut task)) => {
                set_masks(
                    &mut task,
                    table,
                    rules,
                    &unmatched,
                    has_known_columns(request, table),
                );
                plan.problems.extend(masked_timestamp(&task));
                plan.tasks.push(task);
            }
            Err(message) => {
                plan.problems
                    .push(Problem::new("invalid_option", Some(&table.name), message));
            }
        }
    }
}

/// The problem of a timestamp column whose masked values are no times.
fn masked_timestamp(task: &ExportTask) -> Option<Problem> {
    let is_time = |method: Method| method == Method::Null || method.keeps_time();
    let mut masks = task.masks.iter();
    let mask = masks
        .find(|mask| task.timestamp_columns.contains(&mask.column) && !is_time(mask.method))?;
    let message = format!(
        "the rule {}={} leaves no times for --timestamp-columns",
        mask.column, mask.method
    );
    Some(Problem::new("invalid_option", Some(&task.table), message))
}

/// The tables whose columns the listing has, with their columns; `None` if there are others.
fn known_columns<'a>(
    request: &ExportRequest,
    tables: &[&'a TableInfo],
) -> Option<Vec<(&'a str, Vec<Column>)>> {
    let known = tables.iter().map(|table| {
        let columns = has_known_columns(request, table).then(|| table.schema.columns())?;
        Some((table.name.as_str(), columns))
    });
    known.collect()
}

/// A timestamp column that no table exports is a problem, if all columns are known.
fn check_timestamps(request: &ExportRequest, tables: &[&TableInfo], plan: &mut ExportPlan) {
    let Some(known) = known_columns(request, tables) else {
        return;
    };
    if known.is_empty() {
        return;
    }
    let known = known.into_iter().map(|(_, columns)| columns);
    let message = columns::unmatched(&request.timestamp_columns, &known.collect::<Vec<_>>());
    plan.problems
        .extend(message.map(|message| Problem::new("not_found", None, message)));
}

/// The sample. A key that no table has is a problem, if all columns are known.
fn parse_sample(
    request: &ExportRequest,
    known: Option<Vec<(&str, Vec<Column>)>>,
    plan: &mut ExportPlan,
) -> Option<Sample> {
    let parsed = Sample::parse(request.sample.as_ref()?).and_then(|sample| {
        if let Some(known) = known {
            sample.check(known.into_iter())?;
        }
        Ok(sample)
    });
    let report = |error: Error| {
        let problem = Problem::new(error.code(), None, error.to_string());
        plan.problems.push(problem);
    };
    parsed.map_err(report).ok()
}

/// Whether the listing has the columns of a table. Those of a view are known only to its query.
fn has_known_columns(request: &ExportRequest, table: &TableInfo) -> bool {
    request.listing.is_some() && !is_listed_as_view(table)
}

/// Sets the columns that are masked, or the rules that have to match a column of the result.
fn set_masks(
    task: &mut ExportTask,
    table: &TableInfo,
    rules: &Rules,
    unmatched: &[&Rule],
    is_known: bool,
) {
    if rules.is_empty() {
        return;
    }
    if is_known {
        let mut masks = rules.masks_of(&table.name, &table.schema.columns());
        masks.retain(|mask| {
            let chosen = task.columns.as_ref();
            chosen.is_none_or(|chosen| chosen.contains(&mask.column))
        });
        task.masks = masks;
        return;
    }
    let of_table = unmatched.iter().filter(|rule| rule.may_match(&table.name));
    task.required_masks = of_table.map(|rule| rule.text.clone()).collect();
}

fn table_task(
    request: &ExportRequest,
    table: &TableInfo,
    range: Option<&TimeRange>,
    sample: Option<&Sample>,
) -> Result<Option<ExportTask>, String> {
    let database = &request.database;
    let mut from = sql::table(database, &table.name);
    let mut metadata = origin_metadata(request);
    let is_view = is_listed_as_view(table);
    let name_key = if is_view { "td.view" } else { "td.table" };
    metadata.push((name_key.into(), table.name.clone()));
    let columns = has_known_columns(request, table).then(|| table.schema.columns());
    let columns = columns.as_deref();
    let chosen = columns::chosen(&request.columns, columns)?;
    let timestamps = columns::timestamps(&request.timestamp_columns, columns, chosen.as_deref())?;
    let (mut size, mut in_sample, mut planned) = (size_of(table), None, None);
    match sample
        .map(|sample| sample.of_table(table, columns))
        .transpose()?
    {
        Some(TableSample::Skip) => return Ok(None),
        Some(TableSample::Part {
            condition,
            planned: part,
        }) => {
            size = sample.map_or(size, |sample| sample.size_of(size));
            metadata.push(("petit.sample".into(), part.to_string()));
            (in_sample, planned) = (Some(condition), Some(part));
        }
        Some(TableSample::Full) | None => {}
    }
    let in_range = range.map(|range| range.condition(columns)).transpose()?;
    let condition = sql::all_of([in_range, in_sample]);
    if let Some(condition) = &condition {
        from.push_str(" WHERE ");
        from.push_str(condition);
    }
    if let Some(range) = range {
        metadata.extend(
            range
                .metadata()
                .map(|(key, value)| (key.into(), value.into())),
        );
    }
    metadata.extend(
        chosen
            .as_ref()
            .map(|names| ("petit.columns".into(), json!(names).to_string())),
    );
    metadata.extend(
        request
            .limit
            .map(|limit| ("petit.limit".into(), limit.to_string())),
    );
    metadata.extend(timestamp_metadata(&timestamps));
    let partitioning = request.partition.map(|by| {
        let columns = table.schema.columns();
        Partitioning::new(by, columns.iter().map(Column::sql_name))
    });
    let output = output_name(request, &format!("{database}_{}", table.name));
    // The columns of a view are known only to its query.
    let checked_columns =
        (request.checksum && request.listing.is_some() && !is_view).then(|| table.schema.columns());
    let checked_columns =
        checked_columns.map(|columns| columns::only_chosen(columns, chosen.as_deref()));
    // Which rows a limit returns is not defined, so that it cannot be met by several jobs.
    let slice_rows = match request.limit {
        Some(_) => None,
        None => slice_rows(request.split_rows, FETCH_SLICE_ROWS, size.rows, size.bytes),
    };
    let select = format!(
        "SELECT {} FROM {from}",
        columns::select_list(chosen.as_deref())
    );
    // The limit of a partition is that of each of its jobs.
    let limit = request.limit.filter(|_| partitioning.is_none());
    Ok(Some(ExportTask {
        table: table.name.clone(),
        database: database.clone(),
        sql: Some(sql::limited(select, limit)),
        has_condition: condition.is_some(),
        sample: planned,
        is_view,
        is_update: request.update,
        slice_rows,
        slices_sql: match &partitioning {
            Some(partitioning) => Some(partitioning.counts_sql(&from, checked_columns.as_deref())),
            None => slice_rows.map(|_| counts_by_day(&from)),
        },
        partitioning,
        file_size: request.file_size,
        output_path: request.in_output_dir(&output),
        rows: table
            .count
            .map(|rows| limit.map_or(rows, |limit| rows.min(limit))),
        columns: chosen,
        limit: request.limit,
        timestamp_columns: timestamps,
        bytes: table.estimated_storage_size,
        metadata,
        ..ExportTask::default()
    }))
}

/// Whether an output is a whole bucket. An invalid address has its own problem.
fn is_bucket(path: &str) -> bool {
    matches!(StoreUrl::parse(path), Ok(Some(url)) if url.key.is_empty())
}

/// Sets the requested output, which requires a single task.
fn set_single_output(request: &ExportRequest, plan: &mut ExportPlan) {
    let Some(output) = &request.output else {
        return;
    };
    let is_folder = is_folder(request);
    let path = match is_folder {
        true => request.style_of(output).trim_folder(output),
        false => output,
    };
    if request.style_of(path).base_name(path).is_empty() || is_bucket(path) {
        let message = format!("the output {} is not a file name", quoted(output));
        plan.problems
            .push(Problem::new("invalid_option", None, message));
        return;
    }
    if let Err(message) = check_single_output(request, path) {
        plan.problems
            .push(Problem::new("invalid_option", None, message));
        return;
    }
    if let [task] = plan.tasks.as_mut_slice() {
        task.output_path = path.into();
        let is_table = task.sql.is_some() && request.query.is_none();
        if !is_table && path != STDOUT {
            task.table = request.style_of(path).base_name(path).into();
        }
    } else if plan.tasks.len() > 1 {
        let message = format!("{} tables cannot go into one output file", plan.tasks.len());
        plan.problems
            .push(Problem::new("invalid_option", None, message));
    }
}

/// Checks that the path of a folder is not that of a single file.
fn check_single_output(request: &ExportRequest, path: &str) -> Result<(), String> {
    let is_set = request.file_size.is_some();
    if path == STDOUT && is_folder(request) {
        let files = if is_set {
            "several files"
        } else {
            "partitions"
        };
        return Err(format!(
            "{files} are in a folder, and cannot go to standard output"
        ));
    }
    if is_set && path.ends_with(EXTENSION) {
        return Err(format!(
            "a file size writes a folder of files, but the output {} is the name of a single file; name a folder",
            quoted(path)
        ));
    }
    Ok(())
}

/// The chosen tables of the listing, each once, and what is wrong with the choice. A plan has every problem, so that it has the
/// other tables as well.
fn choose<'a>(
    request: &'a ExportRequest,
    listing: &[&'a TableInfo],
) -> (Vec<&'a TableInfo>, Option<NoTable>) {
    let mut names = HashSet::new();
    let listing: Vec<_> = listing
        .iter()
        .copied()
        .filter(|table| names.insert(table.name.as_str()))
        .collect();
    let included = (!request.tables.is_empty()).then_some(request.tables.as_slice());
    let excluded = request.exclude.as_slice();
    let place = quoted(&request.database);
    let (choice, error) = match TableChoice::new(included, excluded, &names, &place) {
        Ok(choice) => (choice, None),
        Err(error) => {
            let choice = TableChoice::unchecked(included, excluded, &names);
            (choice, Some(error))
        }
    };
    let chosen = listing
        .into_iter()
        .filter(|table| choice.contains(&table.name));
    (chosen.collect(), error)
}

/// The views of the catalog that the listing does not have.
fn unlisted_views(request: &ExportRequest) -> Vec<TableInfo> {
    let listed: HashSet<&str> = request
        .listing
        .iter()
        .flatten()
        .map(|table| table.name.as_str())
        .collect();
    let views = request.views.iter().flatten();
    views
        .filter(|name| !listed.contains(name.as_str()))
        .map(|name| TableInfo {
            kind: Some(VIEW.into()),
            ..unlisted_table(name)
        })
        .collect()
}

fn unlisted_table(name: &str) -> TableInfo {
    TableInfo {
        name: name.into(),
        ..TableInfo::default()
    }
}

fn timestamp_metadata(names: &[String]) -> Option<(String, String)> {
    (!names.is_empty()).then(|| ("petit.timestamp_columns".into(), json!(names).to_string()))
}

fn origin_metadata(request: &ExportRequest) -> Vec<(String, String)> {
    let site = request
        .site
        .iter()
        .map(|site| ("td.site".into(), site.clone()));
    site.chain([("td.database".into(), request.database.clone())])
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn request(value: Value) -> ExportRequest {
        serde_json::from_value(value).unwrap()
    }

    fn plan(value: Value) -> ExportPlan {
        plan_export(&request(value))
    }

    fn listing() -> Value {
        json!([
            {"name": "small", "count": 1, "estimatedStorageSize": 10, "columns": [{"key": "at", "type": "string"}]},
            {"name": "big", "count": 9, "estimatedStorageSize": 900, "schema": "[[\"at\",\"long\"]]"},
            {"name": "middle", "count": 5, "estimatedStorageSize": 10},
        ])
    }

    fn problems(plan: &ExportPlan) -> Vec<(&str, Option<&str>, &str)> {
        let problems = plan.problems.iter();
        problems
            .map(|it| (it.code, it.table.as_deref(), it.message.as_str()))
            .collect()
    }

    #[test]
    fn all_tables_of_a_database_the_biggest_first() {
        let plan = plan(json!({"database": "db", "listing": listing(), "outputDir": "out"}));
        assert_eq!(plan.problems, []);
        let shown: Vec<_> = plan
            .tasks
            .iter()
            .map(|task| {
                (
                    task.table.as_str(),
                    task.output_path.as_str(),
                    task.rows,
                    task.bytes,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("big", "out/db_big.parquet", Some(9), Some(900)),
                ("middle", "out/db_middle.parquet", Some(5), Some(10)),
                ("small", "out/db_small.parquet", Some(1), Some(10)),
            ]
        );
        assert_eq!(
            plan.tasks[0].sql.as_deref(),
            Some("SELECT * FROM \"db\".\"big\"")
        );
    }

    #[test]
    fn masks_are_planned_for_known_columns_and_required_of_others() {
        let masks = |value: Value| {
            let plan = plan(value);
            let problems = problems(&plan)
                .into_iter()
                .map(|(code, ..)| code.to_owned());
            let of_tasks = plan.tasks.iter().map(|task| {
                let columns = task.masks.iter().map(|mask| mask.column.clone());
                (columns.collect::<Vec<_>>(), task.required_masks.clone())
            });
            (of_tasks.collect::<Vec<_>>(), problems.collect::<Vec<_>>())
        };
        let at = |column: &str| (vec![column.to_owned()], vec![]);
        let none = || (vec![], vec![]);
        let of_all = |mask: &str| json!({"database": "db", "listing": listing(), "mask": [mask]});
        assert_eq!(masks(of_all("at=null")).0, [at("at"), none(), at("at")]);
        assert_eq!(masks(of_all("att=null")).1, ["not_found"]);
        assert_eq!(masks(of_all("at")).1, ["invalid_option"]);
        let required = (vec![], vec!["x=null".to_owned()]);
        let of_query = json!({"database": "db", "query": "SELECT 1", "mask": ["x=null"]});
        assert_eq!(masks(of_query), (vec![required.clone()], vec![]));
        let unlisted = json!({"database": "db", "tables": ["t"], "mask": ["x=null", "u.y=null"]});
        assert_eq!(masks(unlisted), (vec![required], vec![]));
    }

    #[test]
    fn a_sample_is_a_condition() {
        let sampled = plan(json!({
            "database": "db", "listing": listing(), "startTime": "1970-01-02",
            "sample": {"share": "50%", "by": ["at"], "others": "skip"},
        }));
        let tables: Vec<_> = sampled
            .tasks
            .iter()
            .map(|task| task.table.as_str())
            .collect();
        assert_eq!((tables, sampled.not_chosen), (vec!["big", "small"], 1));
        let task = &sampled.tasks[0];
        assert_eq!(
            task.sql.as_deref(),
            Some(
                "SELECT * FROM \"db\".\"big\" WHERE TD_TIME_RANGE(time, 86400, NULL) AND \
                 TO_HEX(XXHASH64(TO_UTF8(CAST(\"at\" AS VARCHAR)))) < '8000000000000000'"
            )
        );
        assert_eq!(task.sample.as_ref().and_then(|sample| sample.rows), Some(4));
        let metadata = ("petit.sample".to_owned(), "50% by at".to_owned());
        assert!(task.metadata.contains(&metadata));
        let codes = |value: Value| {
            let plan = plan(value);
            problems(&plan)
                .iter()
                .map(|(code, ..)| (*code).to_owned())
                .collect::<Vec<_>>()
        };
        let of_query = json!({"database": "db", "query": "SELECT 1", "sample": {"share": "1%"}});
        assert_eq!(codes(of_query), ["invalid_option"]);
        let unknown = json!({"database": "db", "listing": listing(), "sample": {"share": "1%", "by": ["att"]}});
        assert!(codes(unknown).contains(&"not_found".to_owned()));
    }

    #[test]
    fn columns_and_a_limit_are_in_the_query_and_in_the_metadata() {
        let listing = json!([{"name": "t", "count": 90, "estimatedStorageSize": 9,
            "columns": [{"key": "id", "type": "long"}, {"key": "email", "type": "string"}]}]);
        let of = |options: Value| {
            let mut request = json!({"database": "d", "tables": ["t"], "listing": listing});
            request
                .as_object_mut()
                .unwrap()
                .extend(options.as_object().unwrap().clone());
            plan(request)
        };
        let options = json!({"columns": ["Email", "time"], "limit": 5, "mask": ["email=redact", "id=hash"],
            "timestampColumns": ["time"], "splitRows": 10});
        let planned = of(options);
        assert_eq!(planned.problems, []);
        let [task] = planned.tasks.as_slice() else {
            panic!()
        };
        assert_eq!(
            task.sql.as_deref(),
            Some("SELECT \"email\", \"time\" FROM \"d\".\"t\" LIMIT 5")
        );
        assert_eq!((task.rows, task.slice_rows), (Some(5), None));
        assert_eq!(task.masks.len(), 1);
        assert_eq!(task.timestamp_columns, ["time"]);
        for entry in [
            ("petit.columns", "[\"email\",\"time\"]"),
            ("petit.limit", "5"),
            ("petit.timestamp_columns", "[\"time\"]"),
        ] {
            let entry = (entry.0.to_owned(), entry.1.to_owned());
            assert!(task.metadata.contains(&entry), "{entry:?}");
        }
        let planned = of(json!({"partition": "day", "limit": 5, "columns": ["id"]}));
        let [task] = planned.tasks.as_slice() else {
            panic!()
        };
        assert_eq!(task.sql.as_deref(), Some("SELECT \"id\" FROM \"d\".\"t\""));
        assert_eq!((task.rows, task.limit), (Some(90), Some(5)));
    }

    #[test]
    fn wrong_columns_are_problems_before_a_query_runs() {
        let listing = json!([{"name": "t", "columns": [{"key": "id", "type": "long"}, {"key": "email", "type": "string"}]}]);
        let message = |options: Value| {
            let mut request = json!({"database": "d", "listing": listing});
            request
                .as_object_mut()
                .unwrap()
                .extend(options.as_object().unwrap().clone());
            let plan = plan(request);
            let problem = plan.problems.first().unwrap();
            (problem.code, problem.message.clone())
        };
        for (options, code, end) in [
            (
                json!({"columns": ["emial"]}),
                "invalid_option",
                "did you mean \"email\"?",
            ),
            (
                json!({"columns": ["id", "ID"]}),
                "invalid_option",
                "--columns names \"ID\" twice",
            ),
            (
                json!({"timestampColumns": ["tmie"]}),
                "not_found",
                "did you mean \"time\"?",
            ),
            (
                json!({"timestampColumns": ["email"]}),
                "invalid_option",
                "in Unix seconds",
            ),
            (
                json!({"timestampColumns": ["id"], "mask": ["id=drop"]}),
                "invalid_option",
                "the rule id=drop leaves no times for --timestamp-columns",
            ),
            (
                json!({"limit": 1, "update": true, "partition": "day"}),
                "invalid_option",
                "an update and a limit are mutually exclusive: the update compares all rows",
            ),
            (
                json!({"limit": 1, "query": "SELECT 1"}),
                "invalid_option",
                "--limit requires tables; add it to the query instead",
            ),
            (
                json!({"columns": ["a"], "jobId": "1"}),
                "invalid_option",
                "--columns requires tables; name the columns in the query instead",
            ),
        ] {
            let (found, message) = message(options.clone());
            assert_eq!(found, code, "{options}");
            assert!(message.ends_with(end), "{message}");
        }
    }

    #[test]
    fn large_tables_are_cut() {
        let large = json!([{"name": "large", "count": 100_000_000, "estimatedStorageSize": 1}]);
        let cut = |more: Value| {
            let mut request = json!({"database": "db", "listing": large});
            for (name, value) in more.as_object().unwrap() {
                request[name] = value.clone();
            }
            plan(request).tasks.remove(0)
        };
        let by_size = cut(json!({}));
        assert_eq!(by_size.slice_rows, Some(FETCH_SLICE_ROWS));
        assert!(!by_size.has_condition);
        let ranged = cut(json!({"startTime": "1970-01-02", "splitRows": 1000}));
        assert_eq!(ranged.slice_rows, Some(10_000), "no more than so many jobs");
        assert!(ranged.has_condition);
        assert_eq!(
            ranged.slices_sql.as_deref(),
            Some(
                "SELECT COUNT(1), MIN(time), MAX(time) FROM \"db\".\"large\" \
                 WHERE TD_TIME_RANGE(time, 86400, NULL) GROUP BY CASE WHEN time < 0 THEN -1 WHEN time < 4102444800 THEN time / 86400 WHEN time >= 4102444800 THEN 47482 END"
            )
        );
        assert_eq!(cut(json!({"splitRows": 100_000_000})).slices_sql, None);
    }

    #[test]
    fn named_tables_once_each() {
        let wanted = plan(
            json!({"database": "db", "listing": listing(), "tables": ["small", "big", "small"]}),
        );
        let names: Vec<_> = wanted
            .tasks
            .iter()
            .map(|task| task.table.as_str())
            .collect();
        assert_eq!(names, ["big", "small"]);
        assert_eq!(wanted.tasks[0].output_path, "db_big.parquet");

        let unlisted = plan(json!({"database": "db", "tables": ["a", "b"]}));
        assert_eq!(unlisted.problems, []);
        assert_eq!((unlisted.tasks.len(), unlisted.tasks[0].rows), (2, None));
    }

    #[test]
    fn a_missing_table_is_reported_with_what_may_be_meant() {
        let table_not_found =
            plan(json!({"database": "db", "listing": listing(), "tables": ["bigg", "big"]}));
        assert_eq!(table_not_found.tasks.len(), 1);
        assert_eq!(
            problems(&table_not_found),
            [(
                "not_found",
                Some("bigg"),
                "there is no table \"bigg\" in \"db\"; did you mean \"big\"?"
            )]
        );
        let empty = plan(json!({"database": "db", "listing": [], "tables": ["a"]}));
        assert_eq!(
            empty.problems[0].message,
            "there is no table \"a\" in \"db\"; it has no tables"
        );
        let many: Vec<_> = (0..25).map(|n| json!({"name": format!("t{n}")})).collect();
        let many = plan(json!({"database": "db", "listing": many, "tables": ["a"]}));
        assert!(
            many.problems[0].message.ends_with(" and 15 more"),
            "{:?}",
            many.problems
        );
    }

    #[test]
    fn globs_choose_and_exclude_tables() {
        let chosen = plan(json!({
            "database": "db", "listing": listing(), "tables": ["*i*"], "exclude": ["mid*"],
        }));
        let names: Vec<_> = chosen
            .tasks
            .iter()
            .map(|task| task.table.as_str())
            .collect();
        assert_eq!((names, chosen.not_chosen), (vec!["big"], 2));
        let before_listing = plan(json!({"database": "db", "tables": ["*i*", "small"]}));
        assert_eq!(before_listing.tasks.len(), 1);
        let excluded = plan(json!({"database": "db", "query": "SELECT 1", "exclude": ["a"]}));
        assert_eq!(
            excluded.problems[0].message,
            "tables and a query or job are mutually exclusive"
        );
    }

    #[test]
    fn a_view_is_exported_only_if_it_is_named() {
        let views = |tables: Value, views: Value| {
            let listing = json!([{"name": "orders"}, {"name": "listed_view", "type": "view"}]);
            plan(json!({"database": "db", "listing": listing, "tables": tables, "views": views}))
        };
        let names = |plan: &ExportPlan| -> Vec<(String, bool)> {
            let tasks = plan.tasks.iter();
            tasks
                .map(|task| (task.table.clone(), task.is_view))
                .collect()
        };
        let all = views(json!([]), json!(null));
        assert_eq!(names(&all), [("orders".into(), false)]);
        assert_eq!((all.skipped_views.len(), all.not_chosen), (1, 0));
        let listed = views(json!(["listed_*"]), json!(null));
        assert_eq!(names(&listed), [("listed_view".into(), true)]);

        let unknown = views(json!(["unlisted_view"]), json!(null));
        assert!(unknown.needs_views);
        let known = views(json!(["unlisted_view"]), json!(["unlisted_view", "orders"]));
        assert_eq!(names(&known), [("unlisted_view".into(), true)]);
        assert_eq!(
            known.tasks[0].sql.as_deref(),
            Some("SELECT * FROM \"db\".\"unlisted_view\"")
        );
        let metadata = ("td.view".to_owned(), "unlisted_view".to_owned());
        assert!(known.tasks[0].metadata.contains(&metadata));
        let missing = views(json!(["nothing"]), json!([]));
        assert!(!missing.needs_views);
        assert_eq!(missing.problems[0].code, "not_found");
    }

    #[test]
    fn a_time_range_becomes_a_condition() {
        let plan = plan(json!({
            "database": "db", "listing": listing(), "tables": ["big", "small"], "site": "aws",
            "timeColumn": "at", "startTime": "2024-01-01", "endTime": "2024-01-02",
        }));
        let conditions: Vec<_> = plan
            .tasks
            .iter()
            .map(|task| {
                task.sql
                    .as_deref()
                    .unwrap()
                    .split_once(" WHERE ")
                    .unwrap()
                    .1
            })
            .collect();
        assert_eq!(
            conditions,
            [
                "\"at\" >= 1704067200 AND \"at\" < 1704153600",
                "\"at\" >= '2024-01-01' AND \"at\" < '2024-01-02'",
            ]
        );
        let metadata: Vec<_> = plan.tasks[0]
            .metadata
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            metadata,
            [
                ("td.site", "aws"),
                ("td.database", "db"),
                ("td.table", "big"),
                ("td.time_column", "at"),
                ("td.start_time", "2024-01-01"),
                ("td.end_time", "2024-01-02"),
            ]
        );
    }

    #[test]
    fn a_table_without_the_time_column_is_reported() {
        let plan = plan(json!({
            "database": "db", "listing": listing(), "timeColumn": "at", "startTime": "2024-01-01",
        }));
        assert_eq!(plan.tasks.len(), 2);
        assert_eq!(
            problems(&plan),
            [("invalid_option", Some("middle"), "it has no column \"at\"")]
        );
    }

    #[test]
    fn a_query_or_a_job_is_a_single_task() {
        let query = plan(json!({"database": "db", "query": "SELECT 1", "outputDir": "out"}));
        assert_eq!(query.problems, []);
        let task = &query.tasks[0];
        assert_eq!(
            (
                task.table.as_str(),
                task.output_path.as_str(),
                task.sql.as_deref()
            ),
            ("db_query.parquet", "out/db_query.parquet", Some("SELECT 1"))
        );
        assert!(
            task.metadata
                .contains(&("td.query".into(), "SELECT 1".into()))
        );

        let job = plan(json!({"database": "db", "jobId": "../7", "output": "x/y.parquet"}));
        assert_eq!(job.problems, []);
        let task = &job.tasks[0];
        assert_eq!(
            (
                task.table.as_str(),
                task.output_path.as_str(),
                task.job_id.as_deref(),
                &task.sql
            ),
            ("y.parquet", "x/y.parquet", Some("../7"), &None)
        );
        let job = plan(json!({"database": "db", "jobId": "../7"}));
        assert_eq!(job.tasks[0].output_path, "job_.._7.parquet");
    }

    #[test]
    fn conflicting_options_are_reported() {
        let cases = [
            (
                json!({"query": "q", "jobId": "1"}),
                "a query and a job are mutually exclusive",
            ),
            (json!({"query": " "}), "the query is empty"),
            (
                json!({"query": "q", "tables": ["t"]}),
                "tables and a query or job are mutually exclusive",
            ),
            (
                json!({"jobId": "1", "startTime": "2024-01-01"}),
                "a time range requires tables; add it to the query instead",
            ),
            (
                json!({"listing": listing(), "output": "f"}),
                "3 tables cannot go into one output file",
            ),
            (
                json!({"tables": ["t"], "output": "dir/"}),
                "the output \"dir/\" is not a file name",
            ),
            (
                json!({"tables": ["t"], "output": "ftp://key:secret@host/x"}),
                "petit writes to files and folders of this computer and to s3://…, gs://… and az://…, not to \"ftp://…\"",
            ),
            (
                json!({"tables": ["t"], "outputDir": "gcs://bucket"}),
                "petit writes to files and folders of this computer and to s3://…, gs://… and az://…, not to \"gcs://…\"",
            ),
            (
                json!({"tables": ["t"], "output": "a\u{0}b"}),
                "an output path contains a NUL character",
            ),
            (
                json!({"tables": ["t"], "output": "-", "partition": "day"}),
                "partitions are in a folder, and cannot go to standard output",
            ),
            (
                json!({"tables": ["t"], "output": "-", "fileSize": 1000}),
                "several files are in a folder, and cannot go to standard output",
            ),
            (
                json!({"tables": ["t"], "output": "x/t.parquet", "fileSize": 1000}),
                "a file size writes a folder of files, but the output \"x/t.parquet\" is the name of a single file; name a folder",
            ),
            (
                json!({"tables": ["t"], "update": true}),
                "an update requires partitions: it exports those that changed",
            ),
            (
                json!({"tables": ["t"], "partition": "day", "update": true, "overwrite": true}),
                "an update and an overwrite are mutually exclusive",
            ),
            (
                json!({"tables": ["t"], "partition": "day", "checksum": true}),
                "a check of checksums requires an update",
            ),
            (
                json!({"tables": ["t"], "fileSize": 0}),
                "a file size of 0 bytes is too small",
            ),
            (
                json!({"tables": ["t"], "output": ""}),
                "the output \"\" is not a file name",
            ),
            (
                json!({"tables": ["t"], "startTime": "x"}),
                "the start time \"x\": not a date such as 2024-12-31",
            ),
            (
                json!({"tables": ["t"], "startTime": "2024-01-02", "endTime": "2024-01-01"}),
                "the start time is not before the end time",
            ),
        ];
        for (mut options, message) in cases {
            options["database"] = json!("db");
            let plan = plan(options);
            assert_eq!(problems(&plan), [("invalid_option", None, message)]);
        }
        assert!(
            serde_json::from_value::<ExportRequest>(json!({"database": "db", "tabels": []}))
                .is_err()
        );
    }

    #[test]
    fn one_table_may_have_its_own_file() {
        let plan = plan(
            json!({"database": "db", "tables": ["t"], "output": "../f.parquet", "outputDir": "out"}),
        );
        assert_eq!(plan.problems, []);
        let task = &plan.tasks[0];
        assert_eq!(
            (task.table.as_str(), task.output_path.as_str()),
            ("t", "../f.parquet")
        );
    }

    #[test]
    fn standard_output_is_no_name_of_a_query() {
        let query = plan(json!({"database": "db", "query": "SELECT 1", "output": "-"}));
        assert_eq!(query.problems, []);
        assert_eq!(
            (
                query.tasks[0].table.as_str(),
                query.tasks[0].output_path.as_str()
            ),
            ("db_query.parquet", "-")
        );
    }

    #[test]
    fn a_folder_of_partitions_may_end_with_a_slash() {
        let day =
            plan(json!({"database": "db", "tables": ["t"], "output": "out//", "partition": "day"}));
        assert_eq!(day.problems, []);
        assert_eq!(day.tasks[0].output_path, "out");
    }

    #[test]
    fn several_files_are_in_a_folder() {
        for (options, path) in [
            (json!({"tables": ["t"]}), "out/db_t"),
            (json!({"tables": ["t"], "partition": "day"}), "out/db_t"),
            (json!({"query": "SELECT 1"}), "out/db_query"),
            (json!({"jobId": "7"}), "out/job_7"),
            (json!({"tables": ["t"], "output": "x/"}), "x"),
        ] {
            let mut request =
                json!({"database": "db", "outputDir": "out", "fileSize": 268_435_456});
            for (name, value) in options.as_object().unwrap() {
                request[name] = value.clone();
            }
            let plan = plan(request);
            assert_eq!(plan.problems, []);
            assert_eq!(plan.tasks[0].output_path, path);
            assert_eq!(plan.tasks[0].file_size, Some(268_435_456));
        }
    }

    #[test]
    fn files_are_replaced_only_on_request() {
        let options = |overwrite: bool| {
            json!({
                "database": "db", "tables": ["a", "b"], "outputDir": "out", "overwrite": overwrite,
                "existing": [{"path": "out/db_b.parquet", "kind": "file"}, {"path": "out/other.parquet", "kind": "file"}],
            })
        };
        let refused = plan(options(false));
        assert_eq!(
            problems(&refused),
            [(
                "file_exists",
                Some("b"),
                "\"out/db_b.parquet\" already exists"
            )]
        );
        assert_eq!(plan(options(true)).problems, []);
    }

    #[test]
    fn odd_names_stay_in_their_quotes_and_in_the_folder() {
        let name = "../x\"; DROP TABLE y; --\u{202E}\n";
        let plan = plan(json!({"database": "d\"b", "tables": [name], "outputDir": "out"}));
        let task = &plan.tasks[0];
        assert_eq!(
            task.sql.as_deref(),
            Some("SELECT * FROM \"d\"\"b\".\"../x\"\"; DROP TABLE y; --\u{202E}\n\"")
        );
        assert_eq!(
            task.output_path,
            "out/d_b_.._x___DROP_TABLE_y__--__.parquet"
        );
    }

    #[test]
    fn two_tables_never_share_a_file() {
        for tables in [["a/b", "a_b"], ["a?b", "a*b"], ["Ab", "aB"]] {
            let listing = tables.map(|name| json!({"name": name}));
            let plan = plan(json!({"database": "db", "listing": listing}));
            assert_eq!(plan.problems.len(), 1, "{tables:?}");
            assert_eq!(plan.problems[0].code, "file_clash");
        }
    }
}
