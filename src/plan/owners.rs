//! Finds the tables that staging names belong to.

use std::collections::HashMap;
use std::rc::Rc;

use petit_td::TableInfo;

use super::staging::{is_staging_of, staging_name, table_of};

/// The tables of the source by their part of a staging name, so that a name is compared with few of them. A name is looked
/// up for each table of both sides, and a database has thousands.
#[derive(Debug)]
pub(super) struct Owners<'a> {
    database: &'a str,
    tables: HashMap<String, Vec<&'a TableInfo>>,
}

impl<'a> Owners<'a> {
    /// `database`: the destination.
    pub(super) fn new(database: &'a str, tables: &'a [Rc<TableInfo>]) -> Self {
        let mut owners: HashMap<String, Vec<&TableInfo>> = HashMap::new();
        for table in tables {
            let name = staging_name(database, &table.name, 0);
            let part = table_of(&name).unwrap_or_default();
            owners.entry(part.to_owned()).or_default().push(table);
        }
        Self {
            database,
            tables: owners,
        }
    }

    /// The tables that `name` is a staging name of.
    pub(super) fn of(&self, name: &str) -> impl Iterator<Item = &'a TableInfo> {
        self.candidates(name)
            .filter(move |table| is_staging_of(self.database, &table.name, name))
    }

    /// The tables whose staging names end as `name` does.
    fn candidates(&self, name: &str) -> impl Iterator<Item = &'a TableInfo> {
        let tables = table_of(name).and_then(|part| self.tables.get(part));
        tables.into_iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: String) -> Rc<TableInfo> {
        Rc::new(TableInfo {
            name,
            ..TableInfo::default()
        })
    }

    #[test]
    fn a_name_is_compared_with_its_own_table_only() {
        let mut tables: Vec<_> = (0..1000)
            .map(|number| table(format!("t_{number}")))
            .collect();
        let staging: Vec<_> = tables
            .iter()
            .map(|one| table(staging_name("copy", &one.name, 1)))
            .collect();
        tables.extend(staging);
        let owners = Owners::new("copy", &tables);
        let compared: usize = tables
            .iter()
            .map(|one| owners.candidates(&one.name).count())
            .sum();
        assert_eq!(compared, 1000);
        for one in tables.iter().take(1000) {
            let name = staging_name("copy", &one.name, 7);
            let found: Vec<_> = owners.of(&name).map(|owner| &owner.name).collect();
            assert_eq!(found, [&one.name]);
            assert_eq!(owners.of(&one.name).count(), 0);
        }
    }

    #[test]
    fn the_hash_distinguishes_tables_with_the_same_truncated_name() {
        let long = "x".repeat(128);
        let tables = [table(long.clone()), table(format!("{}y", &long[..127]))];
        let owners = Owners::new("copy", &tables);
        for one in &tables {
            let name = staging_name("copy", &one.name, 7);
            assert_eq!(owners.candidates(&name).count(), 2);
            let found: Vec<_> = owners.of(&name).map(|owner| &owner.name).collect();
            assert_eq!(found, [&one.name]);
        }
        let other = staging_name("other", &long, 7);
        assert_eq!(owners.of(&other).count(), 0);
    }
}
