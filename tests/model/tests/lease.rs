//! No live run's work is deleted, and what killed runs left is.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

use petit_model::lease::{Config, Mutant};
use petit_model::search::search;

fn config(end: u64, mutant: Mutant) -> Config {
    Config {
        runs: 2,
        failures: 1,
        end,
        mutant,
    }
}

#[test]
fn no_order_of_events_deletes_the_work_of_a_live_run() {
    let found = search(&config(6, Mutant::None));
    println!("{} states", found.states);
    assert_eq!(found.violation, None);
}

#[test]
fn every_broken_rule_is_noticed() {
    for mutant in Mutant::ALL {
        let found = search(&config(6, mutant));
        let (what, _) = found
            .violation
            .unwrap_or_else(|| panic!("nothing noticed {mutant:?}"));
        println!("{mutant:?}: {what}");
    }
}
