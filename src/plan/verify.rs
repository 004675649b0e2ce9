//! Plans a comparison of two databases.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use petit_codec::mask::MaskedColumn;
use petit_td::{Column, TableInfo};
use petit_text::quoted;
use serde::{Deserialize, Serialize};

use super::copy::{mask_columns, sql_names};
use super::mask::{Rules, TIME};
use super::model::{Problem, sort_largest_first};
use super::sample::{Sample, SampleOptions, TableSample};
use super::schema_differences::differences;
use super::sql;
use super::staging::is_staging_name;
use super::table_choice::TableChoice;
use super::time_range::{PlannedRange, TimeRange};
use super::views::is_listed_as_view;

/// Maximum number of columns per query, and of fields per `ROW`.
const MAX_COLUMNS_PER_QUERY: usize = 100;

/// The options of a comparison, and the listings of both sides.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VerifyRequest {
    /// The source database.
    pub source_database: String,
    /// The destination database.
    pub destination_database: String,
    /// The tables of the source.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub source_tables: Vec<Rc<TableInfo>>,
    /// The tables of the destination; `None` if the database does not exist.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub destination_tables: Option<Vec<Rc<TableInfo>>>,
    /// Names and globs of the tables. Default: all tables of both sides.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub tables: Vec<String>,
    /// Names and globs of tables that are not compared.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub exclude: Vec<String>,
    /// The sample of the rows. Default: all rows.
    #[serde(default)]
    pub sample: Option<SampleOptions>,
    /// Rules of masking that were applied to the destination.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<_>"))]
    pub mask: Vec<String>,
    /// Start of the range of `time` (inclusive), ISO 8601. Default: all rows are compared.
    #[serde(default)]
    pub start_time: Option<String>,
    /// End of the range (exclusive), ISO 8601.
    #[serde(default)]
    pub end_time: Option<String>,
}

/// The plan of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct VerifyPlan {
    /// All tables, the largest first.
    pub tables: Vec<ComparedTable>,
    /// A name or glob that matches no table, or other reasons why nothing is compared.
    pub problems: Vec<Problem>,
    /// Number of tables of either side that are not chosen.
    pub not_chosen: usize,
    /// The range of `time` whose rows are compared; `None` for all rows.
    pub time_range: Option<PlannedRange>,
    /// The SQL condition of these rows.
    pub condition: Option<String>,
}

/// One table, which is on one or both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ComparedTable {
    /// Its name.
    pub table: String,
    /// The sides that have it.
    pub found_in: FoundIn,
    /// Descriptions of the differences between the schemas.
    pub schema_differences: Vec<String>,
    /// The columns, if both sides have the same.
    pub columns: Option<Vec<Column>>,
    /// The queries for the source; `None` if the table is only on one side.
    pub source: Option<SideQueries>,
    /// The queries for the destination.
    pub destination: Option<SideQueries>,
    /// The columns of the query for all rows of the source, if some of them are masked in the destination.
    pub masked: Option<Vec<MaskedColumn>>,
}

/// The sides that have a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FoundIn {
    /// Both.
    Both,
    /// Only the source.
    Source,
    /// Only the destination.
    Destination,
}

/// The queries for the table of one side.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SideQueries {
    /// The query for the number of rows.
    pub count: String,
    /// The query for the number of rows and the checksum of all rows, if both sides have the same columns.
    pub checksum: Option<String>,
    /// The queries for the checksum of each column, at most 100 columns per query.
    pub columns: Vec<ColumnQuery>,
    /// The query for all rows, if both sides have the same columns.
    pub rows: Option<String>,
}

/// A query for the checksums of some columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ColumnQuery {
    /// Their names, in the order of the result.
    pub columns: Vec<String>,
    /// The query.
    pub sql: String,
}

/// Plans a comparison.
pub fn plan_verify(request: &VerifyRequest) -> VerifyPlan {
    let there = request.destination_tables.iter().flatten();
    let destination: HashMap<&str, &TableInfo> = by_name(there.clone());
    let source = by_name(&request.source_tables);
    let mut all: Vec<&TableInfo> = request
        .source_tables
        .iter()
        .chain(there.filter(|table| !source.contains_key(table.name.as_str())))
        .map(Rc::as_ref)
        .filter(|table| !is_staging_name(&request.destination_database, &table.name))
        .filter(|table| !is_listed_as_view(table))
        .collect();
    let names: HashSet<&str> = all.iter().map(|table| table.name.as_str()).collect();
    let included = (!request.tables.is_empty()).then_some(request.tables.as_slice());
    let choice = TableChoice::new(included, &request.exclude, &names, &place(request));
    let listed = all.len();
    let mut problems = match choice {
        Ok(choice) => {
            all.retain(|table| choice.contains(&table.name));
            Vec::new()
        }
        Err(error) => {
            all.clear();
            let pattern = error.pattern.as_deref();
            vec![Problem::new(error.code, pattern, error.message)]
        }
    };
    let not_chosen = listed - all.len();
    let (start, end) = (request.start_time.as_deref(), request.end_time.as_deref());
    let parsed = TimeRange::parse(None, start, end).and_then(|range| {
        let condition = range.as_ref().map(|range| range.condition(None));
        Ok((range, condition.transpose()?))
    });
    let (range, condition) = parsed.unwrap_or_else(|message| {
        problems.push(Problem::new("invalid_option", None, message));
        (None, None)
    });
    let rules = parse_rules(request, &all, &source, &mut problems);
    let samples = samples_of(request, &all, &source, &mut problems);
    all.retain(|table| samples.get(table.name.as_str()) != Some(&TableSample::Skip));
    sort_largest_first(&mut all);
    let tables = all
        .into_iter()
        .map(|table| {
            let name = table.name.as_str();
            compare(
                request,
                name,
                source.get(name).copied(),
                destination.get(name).copied(),
                (condition.as_deref(), samples.get(name), &rules),
            )
        })
        .collect();
    VerifyPlan {
        tables,
        problems,
        not_chosen,
        time_range: range.as_ref().map(TimeRange::planned),
        condition,
    }
}

/// The rules of masking. Each one must match a column of a table of the source.
fn parse_rules(
    request: &VerifyRequest,
    chosen: &[&TableInfo],
    source: &HashMap<&str, &TableInfo>,
    problems: &mut Vec<Problem>,
) -> Rules {
    let parsed = Rules::parse(&request.mask).and_then(|rules| {
        let tables = chosen
            .iter()
            .filter_map(|table| source.get(table.name.as_str()));
        let tables = tables.map(|table| (table.name.as_str(), table.schema.columns()));
        rules.unmatched(tables, false)?;
        Ok(rules)
    });
    parsed.unwrap_or_else(|error| {
        problems.push(Problem::new(error.code(), None, error.to_string()));
        Rules::default()
    })
}

/// What the sample means for each table of the source.
fn samples_of<'a>(
    request: &VerifyRequest,
    chosen: &[&'a TableInfo],
    source: &HashMap<&str, &'a TableInfo>,
    problems: &mut Vec<Problem>,
) -> HashMap<&'a str, TableSample> {
    let Some(options) = &request.sample else {
        return HashMap::new();
    };
    let tables = || {
        chosen
            .iter()
            .filter_map(|table| source.get(table.name.as_str()))
    };
    let parsed = Sample::parse(options).and_then(|sample| {
        sample.check(tables().map(|table| (table.name.as_str(), table.schema.columns())))?;
        Ok(sample)
    });
    let sample = match parsed {
        Ok(sample) => sample,
        Err(error) => {
            problems.push(Problem::new(error.code(), None, error.to_string()));
            return HashMap::new();
        }
    };
    let mut samples = HashMap::new();
    for table in tables() {
        match sample.of_table(table, Some(&table.schema.columns())) {
            Ok(found) => {
                samples.insert(table.name.as_str(), found);
            }
            Err(message) => {
                problems.push(Problem::new("invalid_option", Some(&table.name), message));
            }
        }
    }
    samples
}

/// Both databases, for a message.
fn place(request: &VerifyRequest) -> String {
    let VerifyRequest {
        source_database: source,
        destination_database: destination,
        ..
    } = request;
    match source == destination {
        true => format!("{} of either side", quoted(source)),
        false => format!("{} or {}", quoted(source), quoted(destination)),
    }
}

/// The query for the number of rows and the checksum of all rows. The result is one row: a number and text, which is NULL if
/// there are no rows.
///
/// Trino's `checksum` does not depend on the order of its input. Computed over whole rows, it also detects values that were
/// moved to another row.
fn checksum_sql(from: &str, columns: &[Column]) -> String {
    format!("SELECT COUNT(1), {} FROM {from}", checksum_of_rows(columns))
}

/// The SQL expression for the checksum of whole rows.
pub(super) fn checksum_of_rows(columns: &[Column]) -> String {
    let names: Vec<_> = sql_names(columns)
        .iter()
        .map(|name| sql::identifier(name))
        .collect();
    // Trino cannot compile a row with very many fields, but it can compile rows of rows.
    let parts: Vec<_> = names.chunks(MAX_COLUMNS_PER_QUERY).map(row_of).collect();
    let whole = match parts.as_slice() {
        [only] => only.clone(),
        parts => row_of(parts),
    };
    checksum_of(&whole)
}

fn by_name<'a>(
    tables: impl IntoIterator<Item = &'a Rc<TableInfo>>,
) -> HashMap<&'a str, &'a TableInfo> {
    tables
        .into_iter()
        .map(|table| (table.name.as_str(), table.as_ref()))
        .collect()
}

fn compare(
    request: &VerifyRequest,
    name: &str,
    source: Option<&TableInfo>,
    destination: Option<&TableInfo>,
    (condition, sample, rules): (Option<&str>, Option<&TableSample>, &Rules),
) -> ComparedTable {
    let mut compared = ComparedTable {
        table: name.into(),
        found_in: FoundIn::Both,
        schema_differences: Vec::new(),
        columns: None,
        source: None,
        destination: None,
        masked: None,
    };
    match (source, destination) {
        (Some(source), Some(destination)) => {
            let sides = ["the source", "the destination"];
            let mut columns = source.schema.columns();
            let masks = rules.masks_of(name, &columns);
            columns.retain(|column| masks.is_empty() || column.key != TIME);
            compared.masked = mask_columns(&mut columns, &masks);
            compared.schema_differences =
                differences(&columns, &destination.schema.columns(), sides);
            // With different columns, the checksums cannot be equal.
            let columns = compared
                .schema_differences
                .is_empty()
                .then_some(columns.as_slice());
            let queries = |database: &str, condition: Option<&str>| {
                Some(side_queries(database, name, columns, condition))
            };
            // The destination has only the sample, and its keys may be masked.
            let in_sample = match sample {
                Some(TableSample::Part { condition, .. }) => Some(condition.clone()),
                _ => None,
            };
            let of_source = sql::all_of([condition.map(str::to_owned), in_sample]);
            compared.columns = columns.map(<[Column]>::to_vec);
            compared.source = queries(&request.source_database, of_source.as_deref());
            compared.destination = queries(&request.destination_database, condition);
        }
        (Some(_), None) => compared.found_in = FoundIn::Source,
        (None, _) => compared.found_in = FoundIn::Destination,
    }
    compared
}

/// The queries for a table, including those for its contents if its columns are given. With a condition, they are about its
/// rows for which the condition holds.
pub fn side_queries(
    database: &str,
    name: &str,
    columns: Option<&[Column]>,
    condition: Option<&str>,
) -> SideQueries {
    let table = sql::table_where(database, name, condition);
    let names = columns.map(sql_names).unwrap_or_default();
    let identifiers = |names: &[String]| -> Vec<String> {
        names.iter().map(|name| sql::identifier(name)).collect()
    };
    SideQueries {
        count: sql::count_rows_of(&table),
        checksum: columns.map(|columns| checksum_sql(&table, columns)),
        columns: names
            .chunks(MAX_COLUMNS_PER_QUERY)
            .map(|some| {
                let sums: Vec<_> = identifiers(some)
                    .iter()
                    .map(|name| checksum_of(name))
                    .collect();
                ColumnQuery {
                    columns: some.to_vec(),
                    sql: format!("SELECT {} FROM {table}", sums.join(", ")),
                }
            })
            .collect(),
        rows: columns.map(|_| {
            let names = identifiers(&names).join(", ");
            format!("SELECT {names} FROM {table}")
        }),
    }
}

fn row_of(fields: &[String]) -> String {
    format!("ROW({})", fields.join(", "))
}

fn checksum_of(expression: &str) -> String {
    format!("TO_HEX(CHECKSUM({expression}))")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn plan(source: Value, destination: Value, tables: &[&str]) -> VerifyPlan {
        let request = serde_json::from_value(json!({
            "sourceDatabase": "a", "destinationDatabase": "b", "sourceTables": source,
            "destinationTables": destination, "tables": tables,
        }));
        plan_verify(&request.unwrap())
    }

    fn words(source: Value, destination: Value) -> Vec<String> {
        let table = |schema: Value| json!([{"name": "t", "schema": schema}]);
        let planned = plan(table(source), table(destination), &[]);
        planned.tables[0].schema_differences.clone()
    }

    #[test]
    fn both_sides_query_the_same_columns() {
        let table = |count: u32| json!({"name": "t", "count": count, "schema": [["First Name", "string", "first_name"], ["q\"", "long"]]});
        let planned = plan(json!([table(1)]), json!([table(2)]), &[]);
        let [compared] = planned.tables.as_slice() else {
            panic!("{planned:?}")
        };
        assert_eq!(compared.found_in, FoundIn::Both);
        let there = compared.destination.as_ref().unwrap();
        assert_eq!(there.count, "SELECT COUNT(1) FROM \"b\".\"t\"");
        assert_eq!(
            there.checksum.as_deref(),
            Some(
                "SELECT COUNT(1), TO_HEX(CHECKSUM(ROW(\"first_name\", \"q\"\"\", \"time\"))) FROM \"b\".\"t\""
            )
        );
        assert_eq!(
            there.rows.as_deref(),
            Some("SELECT \"first_name\", \"q\"\"\", \"time\" FROM \"b\".\"t\"")
        );
        assert_eq!(there.columns[0].columns, ["first_name", "q\"", "time"]);
        assert!(
            there.columns[0]
                .sql
                .starts_with("SELECT TO_HEX(CHECKSUM(\"first_name\")), TO_HEX(")
        );
    }

    #[test]
    fn tables_of_one_side_are_listed_and_staging_tables_are_not() {
        let staging = crate::staging_name("b", "t", 1);
        let planned = plan(
            json!([{"name": "here"}, {"name": "both"}]),
            json!([{"name": "there"}, {"name": "both"}, {"name": staging}]),
            &[],
        );
        let found: Vec<_> = planned
            .tables
            .iter()
            .map(|one| (one.table.as_str(), one.found_in))
            .collect();
        assert_eq!(
            found,
            [
                ("both", FoundIn::Both),
                ("here", FoundIn::Source),
                ("there", FoundIn::Destination)
            ]
        );
        let none = plan(json!([{"name": "here"}]), Value::Null, &[]);
        assert_eq!(none.tables[0].found_in, FoundIn::Source);
        let named = plan(
            json!([{"name": "here"}, {"name": "both"}]),
            json!([{"name": "both"}]),
            &["both", "nowhere"],
        );
        assert_eq!(named.tables, []);
        assert_eq!(named.problems[0].table.as_deref(), Some("nowhere"));
        assert_eq!(
            named.problems[0].message,
            "there is no table \"nowhere\" in \"a\" or \"b\"; its tables are \"both\", \"here\""
        );
        let globs = plan(
            json!([{"name": "here"}, {"name": "both"}]),
            json!([{"name": "both"}, {"name": "there"}]),
            &["*here"],
        );
        assert_eq!((globs.tables.len(), globs.not_chosen), (2, 1));
    }

    #[test]
    fn different_schemas_are_described_and_have_no_checksum() {
        let long = json!([["a", "long"]]);
        assert_eq!(words(long.clone(), long.clone()), Vec::<String>::new());
        // A space in a type, an alias that is the key, the column that every table has: no difference.
        assert_eq!(
            words(
                json!([["m", "map<string, long>", "m"], ["time", "long"]]),
                json!([["m", "map<string,long>"]])
            ),
            Vec::<String>::new()
        );
        assert_eq!(
            words(
                json!([["a", "long"], ["b", "string"], ["k", "string", "c"]]),
                json!([["a", "double"], ["c", "string"], ["d", "long"]])
            ),
            [
                "column \"a\" is long in the source, double in the destination",
                "column \"b\" is only in the source",
                "column \"c\" is string with the key \"k\" in the source, string in the destination",
                "column \"d\" is only in the destination",
            ]
        );
        let ab = json!([["a", "long"], ["b", "long"]]);
        let ba = json!([["b", "long"], ["a", "long"]]);
        assert_eq!(words(ab, ba), ["the columns are in a different order"]);
        let other = plan(
            json!([{"name": "t", "schema": long}]),
            json!([{"name": "t"}]),
            &[],
        );
        let source = other.tables[0].source.as_ref().unwrap();
        assert_eq!((&source.checksum, &source.rows), (&None, &None));
    }

    #[test]
    fn every_query_about_a_range_has_its_condition() {
        let table = json!([{"name": "t", "schema": [["a", "long"]]}]);
        let request = json!({
            "sourceDatabase": "a", "destinationDatabase": "b", "sourceTables": table, "destinationTables": table,
            "startTime": "1970-01-02",
        });
        let planned = plan_verify(&serde_json::from_value(request).unwrap());
        assert_eq!(
            planned.time_range.unwrap().start_time.as_deref(),
            Some("1970-01-02")
        );
        let compared = &planned.tables[0];
        for side in [&compared.source, &compared.destination] {
            let queries = side.as_ref().unwrap();
            let column = queries.columns.first().map(|query| &query.sql);
            let all = [
                Some(&queries.count),
                queries.checksum.as_ref(),
                queries.rows.as_ref(),
                column,
            ];
            for sql in all {
                let sql = sql.unwrap();
                assert!(
                    sql.ends_with("\"t\" WHERE TD_TIME_RANGE(time, 86400, NULL)"),
                    "{sql}"
                );
            }
        }
    }

    #[test]
    fn wide_tables_are_rows_of_rows() {
        let columns: Vec<Column> = (0..250)
            .map(|n| Column {
                key: format!("c{n}"),
                kind: "long".into(),
                ..Column::default()
            })
            .collect();
        let sql = checksum_sql("\"a\".\"t\"", &columns);
        assert_eq!(sql.matches("ROW(").count(), 4, "{sql}");
        assert!(sql.contains("\"c249\", \"time\")))) FROM"), "{sql}");
    }
}
