//! The rows of a session are in the table once.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

use petit_model::search::search;
use petit_model::session::{Config, Mutant};

#[test]
fn no_order_of_events_adds_rows_twice_or_loses_them() {
    let found = search(&Config {
        faults: 3,
        mutant: Mutant::None,
    });
    println!("{} states", found.states);
    assert_eq!(found.violation, None);
}

#[test]
fn every_broken_rule_is_noticed() {
    for mutant in Mutant::ALL {
        let found = search(&Config { faults: 3, mutant });
        let (what, _) = found
            .violation
            .unwrap_or_else(|| panic!("nothing noticed {mutant:?}"));
        println!("{mutant:?}: {what}");
    }
}
