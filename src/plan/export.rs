//! What an export does: a task for each file.

use std::collections::HashMap;

use super::file_name::{base_name, join, parquet_file};
use super::model::{ExportPlan, ExportRequest, ExportTask, Problem};
use super::time_range::TimeRange;
use super::{biggest_first, sql};
use crate::td::text::{quoted, quoted_list};
use crate::td::{TableInfo, schema_text};

/// Names that a message lists at most.
const NAMES_SHOWN: usize = 20;

/// Plans an export.
pub fn plan_export(request: &ExportRequest) -> ExportPlan {
    let mut plan = ExportPlan::default();
    if let Err(message) = check_options(request) {
        plan.problems
            .push(Problem::new("invalid_option", None, message));
    }
    if request.query.is_some() || request.job_id.is_some() {
        plan.tasks.push(result_task(request));
    } else {
        plan_tables(request, &mut plan);
    }
    place_single(request, &mut plan);
    check_files(request, &mut plan);
    plan
}

fn check_options(request: &ExportRequest) -> Result<(), String> {
    let ExportRequest { query, job_id, .. } = request;
    let is_result = query.is_some() || job_id.is_some();
    let has_time = [&request.time_column, &request.start_time, &request.end_time]
        .iter()
        .any(|option| option.is_some());
    if query.is_some() && job_id.is_some() {
        return Err("a query and a job exclude each other".into());
    }
    if query.as_ref().is_some_and(|query| query.trim().is_empty()) {
        return Err("the query is empty".into());
    }
    if is_result && !request.tables.is_empty() {
        return Err("tables cannot be exported together with a query or a job".into());
    }
    if is_result && has_time {
        return Err("a time range is for tables; put it into the query".into());
    }
    Ok(())
}

fn result_task(request: &ExportRequest) -> ExportTask {
    let database = request.database.clone();
    let file = match &request.job_id {
        Some(job_id) => parquet_file(&format!("job_{job_id}")),
        None => parquet_file(&format!("{database}_query")),
    };
    let mut metadata = origin(request);
    if let Some(query) = &request.query {
        metadata.push(("td.query".into(), query.clone()));
    }
    ExportTask {
        table: file.clone(),
        database,
        sql: request.query.clone(),
        job_id: request.job_id.clone(),
        output_path: join(&request.output_dir, &file),
        rows: None,
        bytes: None,
        metadata,
    }
}

fn plan_tables(request: &ExportRequest, plan: &mut ExportPlan) {
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
    let unlisted: Vec<_> = match request.listing {
        Some(_) => Vec::new(),
        None => request
            .tables
            .iter()
            .map(|name| unlisted_table(name))
            .collect(),
    };
    let mut tables: Vec<&TableInfo> = Vec::new();
    let listing = request.listing.as_ref().unwrap_or(&unlisted);
    for name in &request.tables {
        match listing.iter().find(|table| table.name == *name) {
            Some(table) if tables.iter().all(|known| known.name != *name) => tables.push(table),
            Some(_) => {}
            None => plan.problems.push(missing(request, name, listing)),
        }
    }
    if request.tables.is_empty() {
        tables.extend(listing);
    }
    biggest_first(&mut tables);
    for table in tables {
        match table_task(request, table, range.as_ref()) {
            Ok(task) => plan.tasks.push(task),
            Err(message) => {
                plan.problems
                    .push(Problem::new("invalid_option", Some(&table.name), message));
            }
        }
    }
}

fn table_task(
    request: &ExportRequest,
    table: &TableInfo,
    range: Option<&TimeRange>,
) -> Result<ExportTask, String> {
    let database = &request.database;
    let mut query = format!("SELECT * FROM {}", sql::table(database, &table.name));
    let mut metadata = origin(request);
    metadata.push(("td.table".into(), table.name.clone()));
    let columns = request
        .listing
        .is_some()
        .then_some(table.columns.as_slice());
    if let Some(columns) = columns {
        metadata.push(("td.table_schema".into(), schema_text(columns)));
    }
    if let Some(range) = range {
        query.push_str(" WHERE ");
        query.push_str(&range.condition(columns)?);
        metadata.extend(
            range
                .metadata()
                .map(|(key, value)| (key.into(), value.into())),
        );
    }
    let file = parquet_file(&format!("{database}_{}", table.name));
    Ok(ExportTask {
        table: table.name.clone(),
        database: database.clone(),
        sql: Some(query),
        job_id: None,
        output_path: join(&request.output_dir, &file),
        rows: table.count,
        bytes: table.estimated_storage_size,
        metadata,
    })
}

/// Gives a single task the file that was asked for.
fn place_single(request: &ExportRequest, plan: &mut ExportPlan) {
    let Some(output) = &request.output else {
        return;
    };
    if base_name(output).is_empty() {
        let message = format!("the output {} is no file name", quoted(output));
        plan.problems
            .push(Problem::new("invalid_option", None, message));
        return;
    }
    if let [task] = plan.tasks.as_mut_slice() {
        task.output_path.clone_from(output);
        let is_table = task.sql.is_some() && request.query.is_none();
        if !is_table {
            task.table = base_name(output).into();
        }
    } else if plan.tasks.len() > 1 {
        let message = format!("{} tables cannot go into one output file", plan.tasks.len());
        plan.problems
            .push(Problem::new("invalid_option", None, message));
    }
}

fn check_files(request: &ExportRequest, plan: &mut ExportPlan) {
    // Some file systems do not tell upper case from lower case.
    let mut owners: HashMap<String, &str> = HashMap::new();
    for task in &plan.tasks {
        let path = &task.output_path;
        if let Some(owner) = owners.insert(path.to_lowercase(), &task.table) {
            let message = format!(
                "{} and {} would be the same file {}",
                quoted(owner),
                quoted(&task.table),
                quoted(path)
            );
            plan.problems
                .push(Problem::new("file_clash", Some(&task.table), message));
        } else if !request.overwrite && request.existing.contains(path) {
            let message = format!("{} exists already", quoted(path));
            plan.problems
                .push(Problem::new("file_exists", Some(&task.table), message));
        }
    }
}

fn missing(request: &ExportRequest, name: &str, listing: &[TableInfo]) -> Problem {
    let known = listing.iter().map(|table| table.name.as_str());
    let tables = match listing.len() {
        0 => "it has no tables".to_owned(),
        1..=NAMES_SHOWN => format!("its tables are {}", quoted_list(known)),
        more => format!(
            "its tables are {} and {} more",
            quoted_list(known.take(NAMES_SHOWN)),
            more - NAMES_SHOWN
        ),
    };
    let message = format!(
        "there is no table {} in {}; {tables}",
        quoted(name),
        quoted(&request.database)
    );
    Problem::new("not_found", Some(name), message)
}

fn unlisted_table(name: &str) -> TableInfo {
    TableInfo {
        name: name.into(),
        ..TableInfo::default()
    }
}

fn origin(request: &ExportRequest) -> Vec<(String, String)> {
    let site = request
        .site
        .iter()
        .map(|site| ("td.site".into(), site.clone()));
    site.chain([("td.database".into(), request.database.clone())])
        .collect()
}
