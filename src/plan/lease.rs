//! Leases: how one run knows that another one is running.
//!
//! A run keeps an empty table in the destination as its lease, and replaces it again and again by a new one. TD writes the
//! time of its creation, by its own clock. A run that finds staging tables, sessions or jobs of a run leaves them alone until
//! that run's newest lease is too old by the same clock. A lease is created before anything else of its run, and deleted
//! after everything else, so that no listing ever shows work without it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::staging::{self, PREFIX, run_of};
use petit_td::TableInfo;
use petit_td::publish::lease::is_valid;

/// What the name of a lease ends with.
const SUFFIX: &str = "lease";

/// What stands for a table in the digits of a lease. No table has such a name.
const NO_TABLE: &str = "lease of a run";

/// What a lease's description begins with.
const TEXT: &str = "A petit clone is running; it deletes this table when it ends. Process: ";

/// The name of a run's lease; `renewal` counts its renewals.
pub fn lease_name(database: &str, run: u32, renewal: u32) -> String {
    let first = staging::named(&staging::digits([database, NO_TABLE], run), SUFFIX);
    let [.., low] = renewal.to_be_bytes();
    staging::attempt_name(&first, low)
}

/// The description of a lease; `process` stands for the process that keeps it, if the platform can tell it from others.
pub fn lease_text(process: &str) -> String {
    format!("{TEXT}{process}")
}

/// The processes that keep leases among these tables.
pub fn lease_processes(database: &str, tables: &[Rc<TableInfo>]) -> Vec<String> {
    let leases = tables
        .iter()
        .filter(|table| lease_run(database, &table.name).is_some());
    leases
        .filter_map(|lease| process_of(lease))
        .map(str::to_owned)
        .collect()
}

fn process_of(lease: &TableInfo) -> Option<&str> {
    let process = lease.description.as_deref()?.strip_prefix(TEXT)?.trim();
    (!process.is_empty()).then_some(process)
}

/// The run of a lease.
fn lease_run(database: &str, name: &str) -> Option<u32> {
    let run = run_of(name)?;
    let attempt = name.get(PREFIX.len() + 14..PREFIX.len() + 16)?;
    let renewal = u32::from_str_radix(attempt, 16).ok()?;
    (lease_name(database, run, renewal) == name).then_some(run)
}

/// The leases of a database, as one listing shows them.
#[derive(Debug, Clone, Default)]
pub struct Leases {
    /// Of each run that has leases, the tables that they are.
    tables: HashMap<u32, Vec<String>>,
    live: HashSet<u32>,
}

impl Leases {
    /// Reads the leases among these tables. `now_ms` is the time by TD's clock, in Unix milliseconds; without it no lease
    /// has lapsed. `ended` are processes that are known to have ended.
    pub fn read(
        database: &str,
        tables: &[Rc<TableInfo>],
        now_ms: Option<u64>,
        ended: &[String],
    ) -> Self {
        let mut leases = Self::default();
        for table in tables {
            let Some(run) = lease_run(database, &table.name) else {
                continue;
            };
            leases
                .tables
                .entry(run)
                .or_default()
                .push(table.name.clone());
            let has_ended =
                process_of(table).is_some_and(|process| ended.iter().any(|one| one == process));
            if !has_ended && is_valid(table.created_at.as_deref(), now_ms) {
                leases.live.insert(run);
            }
        }
        leases
    }

    /// Whether the run that made this staging table, session or lease is at work.
    pub fn is_live(&self, name: &str) -> bool {
        run_of(name).is_some_and(|run| self.live.contains(&run))
    }

    /// Which of these names belong to the work of other runs at a table: staging tables and sessions of runs that are not
    /// `run`, and are at work.
    pub fn others_at_work<'a>(
        &self,
        database: &str,
        table: &str,
        run: u32,
        names: impl Iterator<Item = &'a str>,
    ) -> Vec<String> {
        let others = names
            .filter(|name| staging::is_staging_of(database, table, name))
            .filter(|name| run_of(name) != Some(run) && self.is_live(name));
        others.map(str::to_owned).collect()
    }

    /// The lease tables of runs that are no longer at work.
    pub fn lapsed(&self) -> Vec<String> {
        let runs = self
            .tables
            .iter()
            .filter(|(run, _)| !self.live.contains(run));
        let mut names: Vec<_> = runs.flat_map(|(_, names)| names.clone()).collect();
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::staging_name;
    use petit_td::publish::lease::LEASE_MS;

    const CREATED: &str = "2026-01-01 00:00:00 UTC";
    const CREATED_MS: u64 = 1_767_225_600_000;

    fn leases(now_ms: Option<u64>, created_at: &str, ended: &[&str]) -> Leases {
        let name = lease_name("copy", 7, 3);
        let table =
            json!({"name": name, "created_at": created_at, "description": lease_text("p1")});
        let tables = [serde_json::from_value(table).unwrap()];
        assert_eq!(lease_processes("copy", &tables), ["p1"]);
        let ended: Vec<_> = ended.iter().map(|&one| one.to_owned()).collect();
        Leases::read("copy", &tables, now_ms, &ended)
    }

    #[test]
    fn a_run_is_live_until_its_lease_has_lapsed_by_the_servers_clock() {
        let (ours, other) = (
            staging_name("copy", "orders", 7),
            staging_name("copy", "orders", 8),
        );
        let cases = [
            (Some(CREATED_MS), CREATED, vec![], true),
            (Some(CREATED_MS + LEASE_MS - 1), CREATED, vec![], true),
            (Some(CREATED_MS + LEASE_MS), CREATED, vec![], false),
            (Some(0), CREATED, vec![], true),
            (None, CREATED, vec![], true),
            (Some(u64::MAX), "some day", vec![], true),
            (Some(CREATED_MS), CREATED, vec!["p1"], false),
            (Some(CREATED_MS), CREATED, vec!["p2"], true),
        ];
        for (now_ms, created_at, ended, is_live) in cases {
            let leases = leases(now_ms, created_at, &ended);
            assert_eq!(leases.is_live(&ours), is_live, "{now_ms:?} {created_at}");
            assert_eq!(leases.lapsed().is_empty(), is_live);
            assert!(!leases.is_live(&other));
        }
    }

    #[test]
    fn only_the_work_of_other_live_runs_at_a_table_is_in_the_way() {
        let leases = leases(Some(CREATED_MS), CREATED, &[]);
        let names = [
            staging_name("copy", "orders", 7),
            staging_name("copy", "orders", 8),
            staging_name("copy", "events", 7),
        ];
        let others = |run| {
            let names = names.iter().map(String::as_str);
            leases.others_at_work("copy", "orders", run, names)
        };
        assert_eq!(others(9), names[..1]);
        assert_eq!(others(7), Vec::<String>::new());
    }

    #[test]
    fn a_lease_belongs_to_one_database_and_is_no_staging_table() {
        let name = lease_name("copy", 7, 255);
        assert_eq!(lease_run("copy", &name), Some(7));
        assert_eq!(lease_run("other", &name), None);
        assert_eq!(lease_run("copy", &staging_name("copy", "lease", 7)), None);
        assert!(!staging::is_staging_name("copy", &name));
        assert_eq!(lease_name("copy", 7, 256), lease_name("copy", 7, 0));
        assert_ne!(lease_name("copy", 7, 1), lease_name("copy", 7, 0));
    }
}
