//! The columns that an export takes of its tables, and those whose integers become timestamps.

use std::collections::HashSet;

use petit_codec::schema::DataType;
use petit_td::Column;
use petit_text::{quoted, quoted_list};

use super::mask::TIME;
use super::nearest::nearest;
use super::sql;

/// The name and the TD type of a column.
type Named = (String, String);

/// Checks the names of an option before the columns of any table are known.
///
/// # Errors
/// A message, for an empty name and for a name that repeats. SQL names are case-insensitive.
pub(super) fn check_names(option: &str, names: &[String]) -> Result<(), String> {
    let mut seen = HashSet::new();
    for name in names {
        if name.trim().is_empty() {
            return Err(format!("a column of {option} has no name"));
        }
        if !seen.insert(name.to_lowercase()) {
            return Err(format!("{option} names {} twice", quoted(name)));
        }
    }
    Ok(())
}

/// The columns that a table exports, by their SQL names. Names of a table whose columns are not known stay as they are.
///
/// # Errors
/// A message for the first name that is no column, with what may be meant.
pub(super) fn chosen(
    names: &[String],
    columns: Option<&[Column]>,
) -> Result<Option<Vec<String>>, String> {
    if names.is_empty() {
        return Ok(None);
    }
    let Some(columns) = columns else {
        return Ok(Some(names.to_vec()));
    };
    let chosen = names.iter().map(|name| {
        let found = find(name, columns).map(|(name, _)| name);
        found.ok_or_else(|| {
            let known = all(columns).into_iter().map(|(name, _)| name);
            not_found("it has no column", name, &known.collect::<Vec<_>>())
        })
    });
    let chosen: Vec<_> = chosen.collect::<Result<_, _>>()?;
    // A key and an alias may be two names of one column.
    check_names("--columns", &chosen)?;
    Ok(Some(chosen))
}

/// The list of columns of a `SELECT`; `None`: all.
pub(super) fn select_list(chosen: Option<&[String]>) -> String {
    let Some(names) = chosen else {
        return "*".into();
    };
    let names: Vec<_> = names.iter().map(|name| sql::identifier(name)).collect();
    names.join(", ")
}

/// The columns of a table that are exported.
pub(super) fn only_chosen(columns: Vec<Column>, chosen: Option<&[String]>) -> Vec<Column> {
    let Some(chosen) = chosen else {
        return columns;
    };
    let is_chosen = |column: &Column| chosen.iter().any(|name| name == column.sql_name());
    columns.into_iter().filter(is_chosen).collect()
}

/// The columns of a table whose integers become timestamps. Not every table has all of them: see [`unmatched`].
///
/// # Errors
/// A message for a column that has no integers.
pub(super) fn timestamps(
    names: &[String],
    columns: Option<&[Column]>,
    chosen: Option<&[String]>,
) -> Result<Vec<String>, String> {
    let Some(columns) = columns else {
        return Ok(names.to_vec());
    };
    let found = names.iter().filter_map(|name| find(name, columns));
    let exported = found.filter(|(name, _)| chosen.is_none_or(|chosen| chosen.contains(name)));
    let checked = exported.map(|(name, kind)| match DataType::parse(&kind) {
        Ok(data_type) if data_type.is_integer() => Ok(name),
        Ok(_) | Err(_) => Err(format!(
            "the column {} is of type {}, but timestamps are made of integers, in Unix seconds",
            quoted(&name),
            quoted(&kind)
        )),
    });
    checked.collect()
}

/// The error of the first name that is an exported column of none of the tables.
pub(super) fn unmatched(names: &[String], tables: &[Vec<Column>]) -> Option<String> {
    let is_column = |name: &&String| tables.iter().any(|columns| find(name, columns).is_some());
    let name = names.iter().find(|name| !is_column(name))?;
    let known = tables.iter().flat_map(|columns| all(columns));
    let known: Vec<_> = known.map(|(name, _)| name).collect();
    Some(not_found(
        "no chosen table has the timestamp column",
        name,
        &known,
    ))
}

fn not_found(what: &str, name: &str, known: &[String]) -> String {
    let suggested = nearest(name, known.iter().map(String::as_str));
    let mut message = format!("{what} {}", quoted(name));
    if !suggested.is_empty() {
        message.push_str(&format!("; did you mean {}?", quoted_list(suggested)));
    }
    message
}

/// A column by its SQL name or its key. SQL names are case-insensitive.
fn find(name: &str, columns: &[Column]) -> Option<Named> {
    let wanted = name.to_lowercase();
    let is_named = |other: &str| other.to_lowercase() == wanted;
    let by_name = all(columns).into_iter().find(|(name, _)| is_named(name));
    by_name.or_else(|| {
        let column = columns.iter().find(|column| is_named(&column.key))?;
        Some(named(column))
    })
}

/// All columns: those of the schema, and `time`.
fn all(columns: &[Column]) -> Vec<Named> {
    let listed = columns.iter().filter(|column| column.key != TIME);
    let time = (TIME.to_owned(), "long".to_owned());
    listed.map(named).chain([time]).collect()
}

fn named(column: &Column) -> Named {
    (column.sql_name().to_owned(), column.kind.clone())
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
            column("id", "long", None),
            column("Created At", "int", Some("created_at")),
            column("price", "double", None),
        ]
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn columns_are_in_the_order_of_the_option_by_their_sql_names() {
        let wanted = names(&["PRICE", "Created At", "time"]);
        let found = chosen(&wanted, Some(&columns())).unwrap();
        assert_eq!(found, Some(names(&["price", "created_at", "time"])));
        assert_eq!(
            select_list(found.as_deref()),
            "\"price\", \"created_at\", \"time\""
        );
        assert_eq!(
            select_list(chosen(&[], Some(&columns())).unwrap().as_deref()),
            "*"
        );
        let unknown = chosen(&names(&["a\"b"]), None).unwrap();
        assert_eq!(select_list(unknown.as_deref()), "\"a\"\"b\"");
    }

    #[test]
    fn a_name_that_is_no_column_suggests_one() {
        let error = chosen(&names(&["id", "prise"]), Some(&columns())).unwrap_err();
        assert_eq!(error, "it has no column \"prise\"; did you mean \"price\"?");
        let twice = chosen(&names(&["created_at", "Created At"]), Some(&columns()));
        assert_eq!(twice.unwrap_err(), "--columns names \"created_at\" twice");
        assert!(check_names("--columns", &names(&["a", "A"])).is_err());
        assert!(check_names("--columns", &names(&[" "])).is_err());
    }

    #[test]
    fn timestamps_are_exported_columns_of_integers() {
        let columns = columns();
        let of = |wanted: &[&str], chosen: Option<&[String]>| {
            timestamps(&names(wanted), Some(&columns), chosen)
        };
        assert_eq!(
            of(&["Time", "created_at", "other"], None),
            Ok(names(&["time", "created_at"]))
        );
        assert_eq!(
            of(&["time", "created_at"], Some(&names(&["time"]))),
            Ok(names(&["time"]))
        );
        assert_eq!(
            of(&["price"], None).unwrap_err(),
            "the column \"price\" is of type \"double\", but timestamps are made of integers, in Unix seconds"
        );
        let only = only_chosen(columns.clone(), Some(&names(&["created_at"])));
        assert_eq!(only.len(), 1);
        assert_eq!(
            unmatched(&names(&["time", "id"]), std::slice::from_ref(&columns)),
            None
        );
        assert_eq!(
            unmatched(&names(&["create_at"]), &[columns]).unwrap(),
            "no chosen table has the timestamp column \"create_at\"; did you mean \"created_at\"?"
        );
    }
}
