//! Every decision of a publish, checked in every order of events.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

use petit_model::mutant::Mutant;
use petit_model::publish::Config;
use petit_model::search::search;
use petit_td::publish::IdRule;

/// Each configuration that the guarantee is about, with this many faults.
fn configs(faults: u8, mutant: Mutant) -> Vec<Config> {
    let mut configs = Vec::new();
    for id_rule in [IdRule::Kept, IdRule::New, IdRule::Target] {
        for (has_old, is_old_equal) in [(false, false), (true, false), (true, true)] {
            for (overwrite, checks_target_first) in [(true, false), (false, false), (false, true)] {
                for clients in [1, 2] {
                    // Where the id tells nothing, two copies of one source look alike: see docs/guarantees.md.
                    let has_people = clients == 1 || id_rule == IdRule::Kept;
                    configs.push(Config {
                        clients,
                        id_rule,
                        has_old,
                        is_old_equal,
                        overwrite,
                        checks_target_first,
                        has_people,
                        // Two clients with as many faults are for the full run, but for the most likely TD.
                        faults: match clients {
                            2 if !(id_rule == IdRule::Kept && has_old && !is_old_equal) => {
                                faults - 1
                            }
                            _ => faults,
                        },
                        mutant,
                    });
                }
            }
        }
    }
    configs
}

/// Searches every configuration, some at a time.
fn check(faults: u8) {
    let configs = configs(faults, Mutant::None);
    let next = AtomicUsize::new(0);
    let states = AtomicUsize::new(0);
    let work = || {
        while let Some(config) = configs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = search(config);
            states.fetch_add(found.states, Ordering::Relaxed);
            assert_eq!(found.violation, None, "{config:?}");
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(work);
        }
    });
    println!(
        "{} configurations, {} states, no violation",
        configs.len(),
        states.into_inner()
    );
}

/// The full run allows one more fault.
fn faults() -> u8 {
    let is_full = std::env::var_os("PETIT_TEST").is_some_and(|test| test == "full");
    if is_full { 4 } else { 3 }
}

#[test]
fn no_order_of_events_makes_a_report_untrue() {
    check(faults());
}

/// The configurations of a broken rule, the smallest first: most rules are noticed with one client and few faults.
fn smallest_first(mutant: Mutant) -> impl Iterator<Item = Config> {
    let bounds = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)];
    bounds.into_iter().flat_map(move |(clients, faults)| {
        let configs = configs(3, mutant).into_iter();
        configs
            .filter(move |config| config.clients == clients)
            .map(move |config| Config { faults, ..config })
    })
}

#[test]
fn every_broken_rule_is_noticed() {
    for mutant in Mutant::ALL {
        let found =
            smallest_first(mutant).find_map(|config| Some((config, search(&config).violation?)));
        let (config, (what, events)) =
            found.unwrap_or_else(|| panic!("nothing noticed that {mutant:?}"));
        println!(
            "{mutant:?}: {what} ({} events, {} clients, {} faults)",
            events.len(),
            config.clients,
            config.faults
        );
    }
}
