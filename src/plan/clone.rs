//! What a clone does: an action for each table.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::biggest_first;
use super::copy::{self, CopyTask};
use super::model::{
    Action, ClonePlan, CloneRequest, CloneTable, Leftovers, OnExisting, Problem, Size, Totals,
};
use super::staging::{is_staging_name, staging_name};
use crate::td::TableInfo;
use crate::td::names::{SYSTEM_DATABASE, database_name_trouble, table_name_trouble};
use crate::td::text::quoted;
use crate::{Error, Result};

/// Plans a clone.
///
/// # Errors
/// [`Error::Refused`] if it would copy a database onto itself, or a system database; [`Error::InvalidOption`] if TD would
/// not make a database of the new name.
pub fn plan_clone(request: &CloneRequest) -> Result<ClonePlan> {
    check_databases(request)?;
    let existing: HashMap<&str, &TableInfo> = request
        .destination_tables
        .iter()
        .flatten()
        .map(|table| (table.name.as_str(), table))
        .collect();
    let mut sources: Vec<_> = request.source_tables.iter().collect();
    biggest_first(&mut sources);
    let staging_names: HashSet<_> = sources
        .iter()
        .map(|table| staging_name(&request.destination_database, &table.name))
        .collect();
    let tables: Vec<_> = sources
        .into_iter()
        .map(|table| {
            let is_staging = staging_names.contains(&table.name);
            plan_table(
                request,
                table,
                existing.get(table.name.as_str()).copied(),
                is_staging,
            )
        })
        .collect();
    Ok(ClonePlan {
        source_database: request.source_database.clone(),
        destination_database: request.destination_database.clone(),
        create_database: request.destination_tables.is_none(),
        leftovers: leftovers(request, &staging_names),
        warnings: general_warnings(&tables),
        totals: totals(&tables),
        tables,
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
                "{} is a system database of TD, and cannot be cloned",
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
    match database_name_trouble(destination) {
        Some(trouble) if request.destination_tables.is_none() => Err(Error::InvalidOption {
            reason: format!("the new database cannot be called {trouble}"),
        }),
        _ => Ok(()),
    }
}

fn plan_table(
    request: &CloneRequest,
    table: &TableInfo,
    existing: Option<&TableInfo>,
    is_staging: bool,
) -> CloneTable {
    let size = size_of(table);
    let mut planned = CloneTable {
        table: table.name.clone(),
        action: Action::Error,
        rows: size.rows,
        bytes: size.bytes,
        problem: None,
        loses: None,
        warnings: Vec::new(),
        copy: None,
    };
    if existing.is_some() && request.on_existing == OnExisting::Skip {
        planned.action = Action::Skip;
        return planned;
    }
    match copy_task(request, table, existing, is_staging) {
        Err(problem) => planned.problem = Some(problem),
        Ok(task) => {
            planned.action = match existing {
                Some(_) => Action::Overwrite,
                None => Action::Create,
            };
            planned.copy = Some(task);
            planned.loses = existing.map(size_of);
            let is_user_partitioned = request.user_partitioned.contains(&table.name);
            planned.warnings = copy::warnings(&request.source_database, table, is_user_partitioned);
            if existing.is_some_and(|existing| existing.delete_protected == Some(true)) {
                planned.warnings.push(
                    "the table in its place is protected from deletion; TD may refuse to replace it".into(),
                );
            }
        }
    }
    planned
}

fn copy_task(
    request: &CloneRequest,
    table: &TableInfo,
    existing: Option<&TableInfo>,
    is_staging: bool,
) -> std::result::Result<CopyTask, Problem> {
    let problem = |code, message: String| Problem::new(code, Some(&table.name), message);
    if let Some(trouble) = table_name_trouble(&table.name) {
        return Err(problem(
            "bad_name",
            format!("TD would refuse the name {trouble}"),
        ));
    }
    if is_staging {
        let message = "its name is the one that another table of this database is loaded under";
        return Err(problem("bad_name", message.into()));
    }
    if existing.is_some() && request.on_existing == OnExisting::Error {
        let message = format!(
            "{} has a table {} already",
            quoted(&request.destination_database),
            quoted(&table.name)
        );
        return Err(problem("already_exists", message));
    }
    let (source, destination) = (&request.source_database, &request.destination_database);
    CopyTask::new(source, destination, table, existing.is_some())
        .map_err(|message| problem("bad_schema", message))
}

/// Sessions and tables that bear the name of a table's staging, whether that table is still in the source or not.
fn leftovers(request: &CloneRequest, staging_names: &HashSet<String>) -> Leftovers {
    let database = &request.destination_database;
    let is_ours = |name: &&String| staging_names.contains(*name) || is_staging_name(database, name);
    let tables = request.destination_tables.iter().flatten();
    Leftovers {
        sessions: request
            .destination_sessions
            .iter()
            .filter(is_ours)
            .cloned()
            .collect(),
        tables: tables
            .map(|table| &table.name)
            .filter(is_ours)
            .cloned()
            .collect(),
    }
}

fn general_warnings(tables: &[CloneTable]) -> Vec<String> {
    if tables.iter().all(|table| table.copy.is_none()) {
        return Vec::new();
    }
    vec![
        "ids, times of creation and change, and permissions are the copy's own".into(),
        "each table is copied as it is when its query runs: rows that arrive meanwhile may be in one table's copy and not in another's".into(),
    ]
}

fn totals(tables: &[CloneTable]) -> BTreeMap<Action, Totals> {
    let mut totals: BTreeMap<Action, Totals> = BTreeMap::new();
    for table in tables {
        let total = totals.entry(table.action).or_default();
        total.tables += 1;
        total.rows = total.rows.saturating_add(table.rows);
        total.bytes = total.bytes.saturating_add(table.bytes);
    }
    totals
}

fn size_of(table: &TableInfo) -> Size {
    Size {
        rows: table.count.unwrap_or_default(),
        bytes: table.estimated_storage_size.unwrap_or_default(),
    }
}
