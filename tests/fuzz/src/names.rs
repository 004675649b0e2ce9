//! Foreign names in SQL, paths and messages.

use std::rc::Rc;

use petit_plan::{
    CloneRequest, CopyNames, CopyStatement, CopyTask, ExportRequest, OnExisting, plan_clone,
    plan_export,
};
use petit_td::{Column, Schema, TableInfo};

use crate::check_message;

/// Any text as the names of databases, tables and columns, one name per line.
pub fn plans(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let lines: Vec<&str> = text.split('\n').take(30).collect();
    let [database, rest @ ..] = lines.as_slice() else {
        return;
    };
    let tables: Vec<Rc<TableInfo>> = rest.chunks(4).map(table).collect();
    check_export(database, &tables);
    check_clone(database, &tables);
}

fn table(lines: &[&str]) -> Rc<TableInfo> {
    let line = |at: usize| lines.get(at).map(|line| (*line).to_owned());
    let column = Column {
        key: line(1).unwrap_or_default(),
        kind: "long".into(),
        alias: line(2),
        description: line(3),
    };
    Rc::new(TableInfo {
        name: line(0).unwrap_or_default(),
        schema: Schema::from([column].as_slice()),
        ..TableInfo::default()
    })
}

fn check_export(database: &str, tables: &[Rc<TableInfo>]) {
    let plan = plan_export(&ExportRequest {
        database: database.into(),
        listing: Some(tables.to_vec()),
        output_dir: "out".into(),
        time_column: tables.first().map(|table| table.name.clone()),
        start_time: Some("2026-01-01".into()),
        ..ExportRequest::default()
    });
    for task in &plan.tasks {
        let file = task.output_path.strip_prefix("out/").unwrap_or_default();
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "_-.".contains(char);
        assert!(
            file.ends_with(".parquet") && file.chars().all(is_plain),
            "{file:?}"
        );
        assert!(!file.starts_with('.'), "{file:?}");
        let sql = without_quoted(task.sql.as_deref().unwrap_or_default());
        let is_expected =
            sql.starts_with("SELECT * FROM .") && !sql.contains([';', '-', '"', '\'']);
        assert!(is_expected, "{sql:?}");
    }
    let problems = plan.problems.iter();
    problems.for_each(|problem| check_message(&problem.message));
}

fn check_clone(database: &str, tables: &[Rc<TableInfo>]) {
    let planned = plan_clone(&CloneRequest {
        source_database: database.into(),
        destination_database: "copy".into(),
        source_tables: tables.to_vec(),
        destination_sessions: tables.iter().map(|table| table.name.clone()).collect(),
        on_existing: OnExisting::Overwrite,
        ..CloneRequest::default()
    });
    let plan = match planned {
        Ok(plan) => plan,
        Err(error) => return crate::check_error(&error),
    };
    for table in &plan.tables {
        table.warnings.iter().for_each(|text| check_message(text));
        if let Some(problem) = &table.problem {
            check_message(&problem.message);
        }
        let Some(copy) = &table.copy else { continue };
        let statement = tables
            .iter()
            .find(|source| source.name == table.table)
            .map(|source| copy_statement(database, source, copy));
        for sql in statement
            .iter()
            .chain([&copy.count_sql])
            .map(|sql| without_quoted(sql))
        {
            assert!(
                sql.chars()
                    .all(|char| char.is_ascii_alphanumeric() || " ,.()".contains(char)),
                "{sql:?}"
            );
        }
        for name in [&copy.staging_table, &copy.session] {
            let is_plain =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            assert!(name.bytes().all(is_plain), "{name:?}");
        }
    }
}

fn copy_statement(database: &str, table: &TableInfo, copy: &CopyTask) -> String {
    let names = CopyNames {
        source_database: database.into(),
        destination_database: "copy".into(),
        method: copy.method,
        staging_table: copy.staging_table.clone(),
        condition: None,
        masks: Vec::new(),
    };
    CopyStatement::new(&names, table).sql
}

/// The SQL without quoted text, in which a quote is doubled.
fn without_quoted(sql: &str) -> String {
    let mut left = String::new();
    let mut quote = None;
    for char in sql.chars() {
        match quote {
            Some(open) if char == open => quote = None,
            Some(_) => {}
            None if char == '"' || char == '\'' => quote = Some(char),
            None => left.push(char),
        }
    }
    assert!(quote.is_none(), "a quote is not closed: {sql:?}");
    left
}
